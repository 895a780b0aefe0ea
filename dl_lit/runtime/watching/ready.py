"""Finished files on their way to whoever takes them: in groups, again and again until they are taken."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import structlog

from dl_lit.core.clock import Clock
from dl_lit.core.shortage import said_of
from dl_lit.runtime.watching.settling import Look
from dl_lit.runtime.watching.taking import FinishedFile, Taker, Verdict

GROUP_FILES = 64
GROUP_BYTES = 64 << 20
"""A group is read and written down together: so many files, or so many bytes."""

AGAIN_S = 1.0
AGAIN_MOST_S = 15.0
"""After how long files that could not be given away are offered again: at first, and after many times in vain."""

IDLE_S = 3_600.0

log = structlog.get_logger(__name__)


class Ready:
    """Thread-safe; `give_once` is called by one thread."""

    def __init__(
        self, taker: Taker, on_taken: Callable[[FinishedFile, Verdict], None], clock: Clock, folder: str
    ) -> None:
        self._taker = taker
        self._on_taken = on_taken
        self._clock = clock
        self._folder = folder
        self._lock = threading.Lock()
        self._waiting: dict[Path, FinishedFile] = {}
        self._in_hand: dict[Path, Look] = {}
        self._gone: list[Path] = []
        self._not_before = float("-inf")
        self._tries = 0
        self.wake = threading.Event()
        self.taken = 0
        self.trouble: str | None = None
        """Why files cannot be given away at present."""

    def __len__(self) -> int:
        return len(self._waiting) + len(self._in_hand)

    def put(self, file: FinishedFile) -> None:
        """The file is finished."""
        with self._lock:
            self._waiting[file.path] = file
        self.wake.set()

    def take_back(self, path: Path) -> None:
        """The file is not finished, or gone."""
        with self._lock:
            self._waiting.pop(path, None)

    def has(self, path: Path, look: Look) -> bool:
        """Whether the file is here already, with this look."""
        with self._lock:
            waiting = self._waiting.get(path)
            return self._in_hand.get(path) == look or (waiting is not None and waiting.look == look)

    def forget(self, paths: Sequence[Path]) -> None:
        """These files are no longer there: say so when there is time."""
        if paths:
            with self._lock:
                self._gone.extend(paths)
            self.wake.set()

    def give_once(self) -> float:
        """Give a group away; seconds after which the next may be given."""
        now = self._clock.monotonic()
        if now < self._not_before:
            return self._not_before - now
        group = self._group()
        if not group:
            return self._forget()
        try:
            verdicts = self._taker.take(group)
        except Exception as error:
            if self.trouble is None and (said := said_of(error)) is not None:
                log.warning("files_not_taken", folder=self._folder, files=len(group), error=said)
            elif self.trouble is None:
                log.exception("files_not_taken", folder=self._folder, files=len(group))
            return self._failed(group, error, now)
        if self.trouble is not None:
            log.info("files_taken_again", folder=self._folder)
        self.trouble, self._tries = None, 0
        for file, verdict in zip(group, verdicts, strict=True):
            self.taken += verdict is Verdict.TAKEN
            self._on_taken(file, verdict)
        with self._lock:
            self._in_hand.clear()
        return 0.0

    def _group(self) -> list[FinishedFile]:
        with self._lock:
            group: list[FinishedFile] = []
            size = 0
            for file in self._waiting.values():
                size += file.look.size
                if group and (len(group) >= GROUP_FILES or size > GROUP_BYTES):
                    break
                group.append(file)
            for file in group:
                del self._waiting[file.path]
                self._in_hand[file.path] = file.look
            return group

    def _failed(self, group: Sequence[FinishedFile], error: Exception, now: float) -> float:
        """None may be forgotten: all are offered again, unless something newer is known of them."""
        self.trouble = (str(error) or type(error).__name__).splitlines()[0]
        wait_s = min(AGAIN_S * 2.0**self._tries, AGAIN_MOST_S)
        self._tries = min(self._tries + 1, 10)
        self._not_before = now + wait_s
        with self._lock:
            self._in_hand.clear()
            self._waiting = {file.path: file for file in group} | self._waiting
        return wait_s

    def _forget(self) -> float:
        with self._lock:
            gone, self._gone = self._gone, []
        if gone:
            try:
                self._taker.forget(gone)
            except Exception as error:  # found again they are read again: no harm
                if (said := said_of(error)) is not None:
                    log.warning("files_not_forgotten", folder=self._folder, error=said)
                else:
                    log.exception("files_not_forgotten", folder=self._folder)
        return IDLE_S
