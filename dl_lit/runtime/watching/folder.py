"""Watching one folder: two threads, one that notices finished files and one that gives them away."""

from __future__ import annotations

import stat
import threading
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Literal, Self

import structlog

from dl_lit.core.clock import Clock
from dl_lit.core.pulse import FolderPulse
from dl_lit.core.shortage import said_of
from dl_lit.core.values import dataclass
from dl_lit.runtime.watching.memory import Memory
from dl_lit.runtime.watching.ready import Ready
from dl_lit.runtime.watching.root import Away, Root
from dl_lit.runtime.watching.settling import Hint, Look, Settling, regular_look
from dl_lit.runtime.watching.sight import Observing, Sight
from dl_lit.runtime.watching.taking import FinishedFile, Taker, Verdict
from dl_lit.runtime.watching.wanted import Wanted
from dl_lit.runtime.watching.writers import is_being_written

CHECK_S = 5.0
"""How often it is made sure that the folder is there."""

SCAN_AT_ONCE = 500
"""Files looked at before news are attended to again."""

SCANNED_SHARE = 100
"""A folder without events is looked through for at most one hundredth of the time while nothing comes."""

HUNG_S = 30.0
"""A look that takes longer hangs: a server that does not answer."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """How a folder is watched; seconds."""

    observe: Observing = "auto"
    stable_s: float = 2.0
    poll_s: float = 5.0
    rescan_s: float = 300.0


class FolderWatcher:
    """Finds finished files in one folder. `look_once` and `take_once` do the work, threads repeat them."""

    def __init__(
        self,
        wanted: Wanted,
        taker: Taker,
        *,
        clock: Clock,
        habits: Habits | None = None,
        use: Literal["sources", "hand-in"] = "sources",
    ) -> None:
        """Nothing is looked at or started before entering."""
        self._wanted = wanted
        self._folder = wanted.folder
        self._taker = taker
        self._clock = clock
        self._habits = habits or Habits()
        self._use = use
        self._root = Root(self._folder)
        self._lock = threading.Lock()
        self._hints: dict[Path, Hint] = {}
        self._new_folders: dict[Path, Hint] = {}
        self._wake = threading.Event()
        self._sight = Sight(
            self._wanted, self._habits.observe, on_file=self._hint, on_folder=self._hint_folder, on_lost=self._lost
        )
        self._settling = self._new_settling()
        self._memory = Memory()
        self._has_recalled = False
        self._has_begun = False  # to see the folder as it is now
        self._next_scan = float("-inf")
        self._next_full = float("-inf")
        self._scan: _Scan | None = None
        self._is_lost = False
        self._blind: str | None = None
        self._looking_since: float | None = None
        self._has_looked = False
        self._unreadable: str | None = None  # a folder below
        self._trouble: str | None = None  # what keeps it from looking, where that is not the folder
        self._ready = Ready(taker, self._taken, clock, str(self._folder))
        self._stopped = threading.Event()
        self._threads = (
            threading.Thread(target=self._look_loop, name="watch", daemon=True),
            threading.Thread(target=self._take_loop, name="take", daemon=True),
        )

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._wake.set()
        self._ready.wake.set()
        for thread in self._threads:
            thread.join(10.0)
        self._sight.stop()

    def pulse(self) -> FolderPulse:
        """How the folder is doing. May be called from any thread, even while a look hangs."""
        since = self._looking_since
        blind = self._blind
        if blind is None and since is not None and self._clock.monotonic() - since > HUNG_S:
            blind = "its file system does not answer"
        return FolderPulse(
            path=str(self._folder),
            use=self._use,
            how="events" if self._sight.has_events else "polling",
            blind=blind,
            unfinished=len(self._settling) + len(self._ready),
            taken=self._ready.taken,
            looked=self._has_looked,
            polls_because=self._sight.polls_because,
            not_taken=self._ready.trouble or self._trouble or self._unreadable,
        )

    def look_once(self) -> float:
        """Look at every file that may be new; seconds after which looking again makes sense."""
        now = self._clock.monotonic()
        self._looking_since = now
        try:
            return self._look(now)
        finally:
            self._looking_since = None

    def take_once(self) -> float:
        """Give some finished files away; seconds after which to do so again."""
        return self._ready.give_once()

    # noticing

    def _look(self, now: float) -> float:
        there = self._root.look()
        if isinstance(there, Away):
            self._go_blind(there.why)
            return min(CHECK_S, self._habits.poll_s)
        self._has_begun = self._has_begun and not there.is_another
        if not self._has_recalled:
            self._recall()
        if not self._has_begun:
            self._begin()
        if self._sight.mend(now):
            self._attune()
            self._next_scan = now
        with self._lock:
            hints, self._hints = self._hints, {}
            folders, self._new_folders = self._new_folders, {}
            if self._is_lost:
                self._is_lost = False
                self._next_scan, self._scan = now, None
        for path, hint in hints.items():
            self._judge(path, hint, now)
        for folder, hint in folders.items():
            if self._wanted.enters(folder):
                for entry in self._wanted.walk(folder, lambda _error: None):
                    self._judge(Path(entry.path), hint, now)
        self._scan_some(now)
        for path in self._settling.due(now):
            self._judge(path, Hint.SEEN, now)
        return self._rest_s(now)

    def _rest_s(self, now: float) -> float:
        if self._scan is not None:
            return 0.0
        due = self._settling.next_due()
        until = min(self._next_scan, now + CHECK_S, now + CHECK_S if due is None else due)
        return max(0.01, until - now)

    def _begin(self) -> None:
        """See the folder for the first time, or again."""
        if self._blind is not None:
            log.info("watcher_sees", folder=str(self._folder))
        self._blind = None
        self._sight.start(self._clock.monotonic())
        self._attune()
        self._next_scan, self._scan = float("-inf"), None
        self._has_begun = True

    def _go_blind(self, why: str) -> None:
        if self._blind is None:
            log.warning("watcher_blind", folder=str(self._folder), why=why)
            self._sight.stop()
            self._settling = self._new_settling()
            self._scan = None
        self._blind, self._has_begun = why, False

    def _recall(self) -> None:
        """What was taken in earlier lives. As long as the database cannot tell, nothing is looked at."""
        for path, size, changed_ns in self._taker.known():
            self._memory.recall(str(path), size, changed_ns)
        self._has_recalled = True

    def _new_settling(self) -> Settling:
        return Settling(is_being_written=lambda path: None if self._sight.is_remote else is_being_written(path))

    def _attune(self) -> None:
        """Wait as long as what is seen needs: other machines tell of sizes and times some seconds late."""
        habits, settling = self._habits, self._settling
        settling.trusts_times = self._sight.trusts_times
        settling.stable_s = max(habits.stable_s, habits.poll_s) if self._sight.is_remote else habits.stable_s

    def _scan_some(self, now: float) -> None:
        """Look through a part of the folder, if it is time to."""
        if self._scan is None:
            if now < self._next_scan:
                return
            if now >= self._next_full:
                self._next_full = now + self._habits.rescan_s
                self._memory.drop_refused()
            self._scan = _Scan(self._wanted, self._memory, now)
        scan = self._scan
        for path, look in scan.some(SCAN_AT_ONCE):
            self._judge(path, Hint.SEEN, now, look)
        if not scan.is_over:
            return
        self._scan, self._has_looked = None, True
        took_s = self._clock.monotonic() - scan.began
        often_s = self._habits.rescan_s
        if not self._sight.has_events:
            often_s = self._habits.poll_s if scan.has_news else max(self._habits.poll_s, SCANNED_SHARE * took_s)
        self._next_scan = self._clock.monotonic() + often_s
        self._drop(scan)

    def _drop(self, scan: _Scan) -> None:
        """Forget what is gone; not where some of the folder could not be seen."""
        there = self._root.look()
        if isinstance(there, Away):
            self._go_blind(there.why)
            return
        if there.is_another:
            self._has_begun = False
            self._next_scan = float("-inf")
            return
        self._unreadable = scan.trouble
        if scan.trouble is not None:
            return
        self._ready.forget([Path(path) for path in self._memory.drop(scan.unseen)])

    def _judge(self, path: Path, hint: Hint, now: float, look: Look | None = None) -> None:
        """Take the file, have it looked at again later, or leave it, being known."""
        seen = look if look is not None and not self._sight.is_remote else None
        seen = seen or regular_look(path, afresh=self._sight.is_remote)
        if seen is None:
            self._settling.forget(path)
            self._ready.take_back(path)
            return
        if self._memory.knows(str(path), seen, exactly=hint is not Hint.SEEN):
            self._settling.forget(path)
            return
        if self._ready.has(path, seen):
            return
        if self._settling.is_finished(path, seen, hint, now=now, wall_s=self._clock.time()):
            self._ready.put(FinishedFile(path, seen))
        else:
            self._ready.take_back(path)

    def _taken(self, file: FinishedFile, verdict: Verdict) -> None:
        """Called by the thread that gives away."""
        if verdict in {Verdict.TAKEN, Verdict.REFUSED}:
            self._memory.note(str(file.path), file.look, is_refused=verdict is Verdict.REFUSED)
        elif verdict is Verdict.CHANGED:
            self._put_hint(file.path, Hint.TOUCHED)

    # news, from the observer's threads

    def _hint(self, path: Path, came_from: Path | None, is_move: bool) -> None:  # noqa: FBT001 - the observer's form
        if self._wanted.takes_file(path):
            hint = Hint.TOUCHED
            if is_move:
                is_published = came_from is not None and self._wanted.is_draft(came_from)
                hint = Hint.PUBLISHED if is_published else Hint.MOVED
            self._put_hint(path, hint)

    def _put_hint(self, path: Path, hint: Hint) -> None:
        with self._lock:
            self._hints[path] = hint
        self._wake.set()

    def _hint_folder(self, path: Path, is_move: bool) -> None:  # noqa: FBT001 - as above
        with self._lock:
            self._new_folders[path] = Hint.MOVED if is_move else Hint.SEEN
        self._wake.set()

    def _lost(self) -> None:
        with self._lock:
            self._is_lost = True
        self._wake.set()

    # loops

    def _look_loop(self) -> None:
        while not self._stopped.is_set():
            self._wake.clear()
            try:
                wait_s = self.look_once()
            except Exception as error:
                if self._trouble is None and (said := said_of(error)) is not None:
                    log.warning("look_failed", folder=str(self._folder), error=said)
                elif self._trouble is None:
                    log.exception("look_failed", folder=str(self._folder))
                self._trouble = str(error) or type(error).__name__
                self._scan, self._next_scan = None, float("-inf")  # half a passage says nothing of what is gone
                wait_s = CHECK_S
            else:
                self._trouble = None
            if wait_s and not self._stopped.is_set():
                self._wake.wait(wait_s)

    def _take_loop(self) -> None:
        while not self._stopped.is_set():
            self._ready.wake.clear()
            wait_s = self.take_once()
            if wait_s and not self._stopped.is_set():
                self._ready.wake.wait(wait_s)


class _Scan:
    """One passage through the folder, in parts."""

    def __init__(self, wanted: Wanted, memory: Memory, began: float) -> None:
        self.began = began
        self.unseen = memory.paths()
        self.trouble: str | None = None  # a folder below that could not be read
        self.has_news = False
        self.is_over = False
        self._memory = memory
        self._entries = wanted.walk(on_trouble=self._trouble)

    def some(self, most: int) -> Iterator[tuple[Path, Look]]:
        """Of the next files those that may be new; nothing about those that look as they did when they were taken."""
        count = 0
        for entry in islice(self._entries, most):
            count += 1
            try:
                status = entry.stat()
            except OSError:
                continue  # gone again, or a link to nowhere
            if not stat.S_ISREG(status.st_mode):
                continue
            self.unseen.discard(entry.path)
            look = Look.of(status)
            if not self._memory.knows(entry.path, look, exactly=False):
                self.has_news = True
                yield Path(entry.path), look
        self.is_over = count < most

    def _trouble(self, error: OSError) -> None:
        if not isinstance(error, FileNotFoundError | NotADirectoryError):  # gone since it was seen
            self.trouble = f"{error.filename} cannot be read ({error.strerror})"
