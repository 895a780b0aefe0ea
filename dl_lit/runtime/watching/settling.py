"""When a file is finished: size and times have stayed the same for long enough, and nobody has it open for writing."""

from __future__ import annotations

import heapq
import os
import stat
from collections.abc import Callable
from enum import Enum, auto
from pathlib import Path

from dl_lit.core.values import dataclass

EMPTY_S = 60.0
"""An empty file is somebody's promise; after so long it is taken as it is, so that somebody hears of it."""

WRITER_S = 600.0
"""Who keeps a file open for writing for so long without writing has finished it, whatever it says."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a file looked like at a moment: with the same look it has the same content."""

    size: int
    changed_ns: int  # mtime
    touched_ns: int  # ctime: nobody can set it
    inode: int

    @classmethod
    def of(cls, status: os.stat_result) -> Look:
        """As the file system tells it."""
        return cls(status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)


class Hint(Enum):
    """What is known of how a file came to be where it is; later ones say more than earlier ones."""

    SEEN = auto()  # found by looking
    TOUCHED = auto()  # made, linked or closed
    MOVED = auto()  # renamed into place, nobody knows from where
    PUBLISHED = auto()  # renamed into place from a writer's temporary name


@dataclass(slots=True)
class _Waiting:
    look: Look
    since: float  # monotonic; how long it has looked so
    due: float  # when to look again


class Settling:
    """The files that are not finished yet. Not thread-safe."""

    def __init__(self, is_being_written: Callable[[Path], bool | None] = lambda _path: None) -> None:
        self.stable_s = 2.0
        self.trusts_times = False
        """Whether the files' times are of this machine's clock, and every write is told by one of them."""
        self._is_being_written = is_being_written
        self._waiting: dict[Path, _Waiting] = {}
        self._order: list[tuple[float, str]] = []  # a heap: when which file is due, or was meant to be

    def __len__(self) -> int:
        return len(self._waiting)

    def due(self, now: float) -> list[Path]:
        """The files that it is time to look at again."""
        return [] if self._is_quiet(now) else [path for path, waiting in self._waiting.items() if waiting.due <= now]

    def next_due(self) -> float | None:
        """When (monotonic) to look again; None when nothing waits."""
        while self._order and self._is_stale(*self._order[0]):
            heapq.heappop(self._order)
        return self._order[0][0] if self._order else None

    def forget(self, path: Path) -> None:
        """The file is gone, or needs no waiting."""
        self._waiting.pop(path, None)

    def is_finished(self, path: Path, look: Look, hint: Hint, *, now: float, wall_s: float) -> bool:
        """Whether the file may be taken as it looks; it is forgotten then, otherwise looked at again when due."""
        before = self._waiting.pop(path, None)
        is_same = before is not None and before.look == look
        # An event about a file means that somebody was at it, whatever it looks like.
        if before is not None and is_same and hint is Hint.SEEN:
            since = before.since
        else:
            since = now - self._known_to_rest_s(look, hint, wall_s)
        rested_s = now - since
        least_s = self.stable_s if look.size else max(EMPTY_S, self.stable_s)
        is_renamed = hint in {Hint.MOVED, Hint.PUBLISHED} and look.size > 0
        is_rested = rested_s >= least_s
        if is_renamed or is_rested:
            is_written = rested_s < WRITER_S and self._is_being_written(path)
            # Whoever renames a file that nobody writes to has finished it.
            if not is_written and (is_rested or is_written is not None or hint is Hint.PUBLISHED):
                return True
        wait_s = self.stable_s if is_rested else min(least_s - rested_s, self.stable_s)
        self._put(path, _Waiting(look, since, now + max(wait_s, 0.01)))
        return False

    def _put(self, path: Path, waiting: _Waiting) -> None:
        self._waiting[path] = waiting
        heapq.heappush(self._order, (waiting.due, str(path)))

    def _is_quiet(self, now: float) -> bool:
        due = self.next_due()
        return due is None or due > now

    def _is_stale(self, due: float, path: str) -> bool:
        waiting = self._waiting.get(Path(path))
        return waiting is None or waiting.due != due

    def _known_to_rest_s(self, look: Look, hint: Hint, wall_s: float) -> float:
        """For how long nobody can have written to a file that is seen for the first time, or anew."""
        if not self.trusts_times or hint is Hint.TOUCHED:
            return 0.0
        last_ns = look.changed_ns if hint is Hint.MOVED else max(look.changed_ns, look.touched_ns)
        return min(max(0.0, wall_s - last_ns / 1e9), self.stable_s)


def regular_look(path: Path, *, afresh: bool = False) -> Look | None:
    """How the file looks, behind symbolic links; None where there is none that could be read.

    `afresh` opens it, which makes network file systems ask their server instead of answering from memory.
    """
    try:
        status = path.stat()
    except (OSError, ValueError):
        return None
    if afresh and stat.S_ISREG(status.st_mode):
        try:
            file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            pass  # it may not be read: whoever takes it will say so
        else:
            status = os.fstat(file)
            os.close(file)
    return Look.of(status) if stat.S_ISREG(status.st_mode) else None
