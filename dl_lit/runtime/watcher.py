"""Watching a folder: events are hints, a file is taken when it has stopped changing, a rescan catches the rest."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import structlog
from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer
from watchdog.observers.polling import PollingObserver

from dl_lit.core.clock import Clock

STABLE_S = 2.0
"""A file is finished when size and time of change have stayed the same for so long."""

RESCAN_S = 300.0
"""How often the whole folder is looked through; events get lost (https://github.com/gorakhargosh/watchdog/issues/654)."""


AGAIN_S = 10.0
"""After how long files that could not be given away are offered again."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Look:
    """What a file looked like, and since when it has looked so."""

    size: int
    changed_ns: int
    since: float  # monotonic


class _Hints(FileSystemEventHandler):
    """Puts the paths that events name on the list; does nothing else, since it runs in the observer's thread."""

    def __init__(self, hint: Callable[[Path], None]) -> None:
        self._hint = hint

    def on_any_event(self, event: FileSystemEvent) -> None:
        if event.event_type in {"created", "modified", "moved", "closed"} and not event.is_directory:
            self._hint(Path(str(event.dest_path or event.src_path)))


class FolderWatcher:
    """Finds finished files in one folder, each change once. `look_once` does the work, a thread repeats it."""

    def __init__(
        self,
        folder: Path,
        scan: Callable[[Path], Iterable[Path]],
        is_wanted: Callable[[Path], bool],
        take: Callable[[list[Path]], None],
        *,
        clock: Clock,
        stable_s: float = STABLE_S,
        rescan_s: float = RESCAN_S,
        polling: bool = False,
    ) -> None:
        """`scan` lists files, `is_wanted` judges a path, `take` gets finished ones. Nothing starts before entering."""
        self._folder = folder
        self._scan = scan
        self._is_wanted = is_wanted
        self._take = take
        self._clock = clock
        self._stable_s = stable_s
        self._rescan_s = rescan_s
        self._observer = PollingObserver(timeout=5.0) if polling else Observer()
        self._lock = threading.Lock()
        self._hinted: set[Path] = set()
        self._looks: dict[Path, _Look] = {}
        self._taken: dict[Path, tuple[int, int]] = {}
        self._next_scan = float("-inf")
        self._wake = threading.Event()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="watcher", daemon=True)
        self._told = False  # that files could not be given away
        self.blind: str | None = None  # why the folder cannot be seen

    def __enter__(self) -> Self:
        try:
            self._observer.schedule(_Hints(self._hint), str(self._folder), recursive=True)
            self._observer.start()
        except OSError as error:
            # Without events the rescan still finds everything, later.
            self.blind = f"no events from {self._folder}: {error.strerror}"
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._wake.set()
        if self._observer.is_alive():
            self._observer.stop()
            self._observer.join(5.0)
        self._thread.join(5.0)

    def _hint(self, path: Path) -> None:
        if self._is_wanted(path):
            with self._lock:
                self._hinted.add(path)
            self._wake.set()

    def look_once(self) -> float:
        """Look at every file that may be new; seconds after which looking again makes sense."""
        now = self._clock.monotonic()
        with self._lock:
            paths, self._hinted = self._hinted, set()
        if now >= self._next_scan:
            self._next_scan = now + self._rescan_s
            paths |= self._rescan()
        paths |= self._looks.keys()
        finished = [path for path in sorted(paths) if self._is_finished(path, now)]
        if finished:
            self._hand_over(finished, now)
        return min(self._stable_s / 2, self._rescan_s) if self._looks else max(0.0, self._next_scan - now)

    def _hand_over(self, finished: list[Path], now: float) -> None:
        """Give files away; where that fails, whyever, they are offered again soon: none may be forgotten."""
        try:
            self._take(finished)
        except Exception:
            if not self._told:
                log.exception("files_not_taken", folder=str(self._folder), files=len(finished))
            self._told = True
            for path in finished:
                self._taken.pop(path, None)
            self._next_scan = min(self._next_scan, now + AGAIN_S)
        else:
            self._told = False

    def _rescan(self) -> set[Path]:
        try:
            found = set(self._scan(self._folder))
        except Exception as error:  # noqa: BLE001 - whatever hides the folder, it may come back
            self.blind = str(error)
            return set()
        self.blind = None
        self._taken = {path: look for path, look in self._taken.items() if path in found}
        return found

    def _is_finished(self, path: Path, now: float) -> bool:
        try:
            status = path.stat()
        except OSError:
            self._looks.pop(path, None)
            return False
        state = (status.st_size, status.st_mtime_ns)
        if self._taken.get(path) == state:
            return False
        before = self._looks.get(path)
        if before is None or (before.size, before.changed_ns) != state:
            # A file moved in, old already, needs no waiting.
            age_s = self._clock.time() - status.st_mtime
            self._looks[path] = _Look(*state, since=now - max(0.0, min(age_s, self._stable_s)))
        if now - self._looks[path].since < self._stable_s or (
            status.st_size == 0 and now - self._looks[path].since < 10
        ):
            return False
        del self._looks[path]
        self._taken[path] = state
        return True

    def _loop(self) -> None:
        while not self._stopped.is_set():
            self._wake.clear()
            wait_s = self.look_once()
            if not self._stopped.is_set():
                self._wake.wait(wait_s)
