"""The watched folder of a torture, and the book that is kept of what was put there and what was taken."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from db.connect import open_database
from dl_lit.app.intake.taking import SourceTaker
from dl_lit.core.clock import SystemClock
from dl_lit.runtime.watching.folder import FolderWatcher, Habits
from dl_lit.runtime.watching.taking import FinishedFile, Verdict
from dl_lit.runtime.watching.wanted import Wanted

PATIENCE_S = 90.0
"""How long is waited for files before they count as missed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How hard the torture is; seconds."""

    slow_s: float
    slow_mb: int
    many: int
    stable_s: float
    poll_s: float
    may_mount: bool


class _Watched(SourceTaker):
    """The real taker; notes which files it took."""

    def __init__(self, book: Book, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._book = book

    def take(self, files: Sequence[FinishedFile]) -> list[Verdict]:
        """See `SourceTaker`."""
        verdicts = super().take(files)
        self._book.taken([file for file, one in zip(files, verdicts, strict=True) if one is Verdict.TAKEN])
        return verdicts


class Book:
    """What was finished when, and what was taken. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.finished: dict[str, float] = {}  # by content
        self.files: Counter[str] = Counter()  # by scene
        self.scenes: dict[str, str] = {}  # by content
        self.takes: Counter[tuple[str, int, int]] = Counter()  # by file: path, inode and time of change
        self.untimed: set[str] = set()  # finished while nobody could see them

    def finish(self, sha256: str, scene: str, at: float | None = None) -> None:
        """A file of this content is finished."""
        with self._lock:
            self.finished.setdefault(sha256, time.monotonic() if at is None else at)
            self.scenes.setdefault(sha256, scene)
            self.files[scene] += 1

    def taken(self, files: Sequence[FinishedFile]) -> None:
        """These files have their rows."""
        with self._lock:
            for file in files:
                self.takes[(str(file.path), file.look.inode, file.look.changed_ns)] += 1


class Desk:
    """A folder, its database, and the watcher that is at work while entered `watched`."""

    def __init__(self, base: Path, observe: str, terms: Terms) -> None:
        """`base` is made, with all that is needed."""
        self.observe = observe
        self.terms = terms
        self.folder = base / "in box"
        self.outside = base / "elsewhere"
        self.database = base / "dl-lit.db"
        for folder in (self.folder, self.outside):
            folder.mkdir(parents=True, exist_ok=True)
        self.book = Book()
        self.scene = ""
        self.watcher: FolderWatcher | None = None
        self._number = 0

    @contextmanager
    def watched(self) -> Iterator[FolderWatcher]:
        """The real watcher at work, with the real intake."""
        clock = SystemClock()
        habits = Habits(
            observe="events" if self.observe == "events" else "polling",
            stable_s=self.terms.stable_s,
            poll_s=self.terms.poll_s,
        )
        with ExitStack() as stack:
            engine = open_database(self.database)
            stack.callback(engine.dispose)
            taker = _Watched(self.book, engine, self.folder, clock, lambda: None)
            self.watcher = stack.enter_context(FolderWatcher(Wanted(self.folder), taker, clock=clock, habits=habits))
            self._engine = engine
            yield self.watcher

    def pdf(self, size: int = 20_000) -> bytes:
        """A content that there is only once."""
        self._number += 1
        return (
            b"%PDF-1.7\n" + f"{self.observe} {self._number}\n".encode() + os.urandom(64).hex().encode() * (size // 128)
        )

    def note(self, content: bytes, at: float | None = None) -> None:
        """A file of this content has just been finished."""
        self.book.finish(hashlib.sha256(content).hexdigest(), self.scene, at)

    def write(self, path: Path, content: bytes | None = None) -> bytes:
        """Write a file at one go."""
        content = content if content is not None else self.pdf()
        path.write_bytes(content)
        self.note(content)
        return content

    def write_many(self, paths: list[Path]) -> None:
        """Have another process write files as fast as it can."""
        command = [sys.executable, "-m", "benchmarks.watch_writer"]
        done = subprocess.run(
            command, input=json.dumps([str(path) for path in paths]), capture_output=True, text=True, check=True
        )
        for sha256, at in json.loads(done.stdout):
            self.book.finish(sha256, self.scene, at)

    def rows(self) -> dict[str, str]:
        """Sources by content."""
        with self._engine.connect() as connection:
            return {row[0]: row[1] for row in connection.exec_driver_sql("SELECT sha256, path FROM sources")}

    def settled(self, patience_s: float = PATIENCE_S) -> bool:
        """Wait until everything that was finished has its row; whether that came about."""
        return until(lambda: self.book.finished.keys() <= self.rows().keys(), patience_s)


class Stamps(threading.Thread):
    """Looks at the database all the time, as another process would, and notes when it sees which row."""

    def __init__(self, database: Path) -> None:
        super().__init__(daemon=True)
        self._database = database
        self._done = threading.Event()
        self.seen: dict[str, float] = {}

    def run(self) -> None:
        """Look a hundred times a second."""
        engine = open_database(self._database)
        last = 0
        try:
            while not self._done.wait(0.01):
                with engine.connect() as connection:
                    found = connection.exec_driver_sql("SELECT id, sha256 FROM sources WHERE id > ?", (last,)).all()
                now = time.monotonic()
                for id_, sha256 in found:
                    self.seen[sha256] = now
                    last = max(last, id_)
        finally:
            engine.dispose()

    def stop(self) -> None:
        """Look no more."""
        self._done.set()
        self.join()


def until(holds: Callable[[], bool], patience_s: float) -> bool:
    """Wait until `holds`; whether it did in time."""
    end = time.monotonic() + patience_s
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


@contextmanager
def workplace() -> Iterator[Path]:
    """A folder that goes away afterwards; the log is silenced meanwhile."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    base = Path(tempfile.mkdtemp(prefix="dl-lit-watch-"))
    try:
        yield base
    finally:
        structlog.configure(**before)
        shutil.rmtree(base, ignore_errors=True)
