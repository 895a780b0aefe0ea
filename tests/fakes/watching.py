"""A watched folder with the real intake and database, moved along by hand."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

from db.connect import connect
from dl_lit.app.intake.taking import SourceTaker
from dl_lit.runtime.watching.folder import FolderWatcher, Habits
from dl_lit.runtime.watching.taking import FinishedFile, Verdict
from dl_lit.runtime.watching.wanted import Wanted
from tests.fakes.databases import database_in
from tests.fakes.engine import ManualClock

STABLE_S = 2.0


class StubbornTaker(SourceTaker):
    """The real one, unless told to fail; keeps what it was offered."""

    def __init__(self, *arguments) -> None:
        super().__init__(*arguments)
        self.offered: list[list[str]] = []
        self.refuses: Exception | None = None

    def take(self, files: Sequence[FinishedFile]) -> list[Verdict]:
        self.offered.append([file.path.name for file in files])
        if self.refuses is not None:
            raise self.refuses
        return super().take(files)


class WatchedFolder:
    """One folder, one database, and a watcher that can be started anew."""

    def __init__(self, base: Path, *, observe: str = "polling", ignore: tuple[str, ...] = ()) -> None:
        self.folder = base / "inbox"
        self.elsewhere = base / "elsewhere"
        for folder in (self.folder, self.elsewhere):
            folder.mkdir(exist_ok=True)
        self.clock = ManualClock()
        self.database = database_in(base, has_tables=True)
        self.engine = connect(self.database, synchronous="NORMAL")
        self._observe = observe
        self._ignore = ignore
        self.restart()

    def restart(self) -> None:
        """As if the process had ended, however suddenly, and begun anew."""
        self.taker = StubbornTaker(self.engine, self.folder, self.clock, lambda: None)
        habits = Habits(observe=self._observe, stable_s=STABLE_S, poll_s=1.0, rescan_s=300.0)
        self.watcher = FolderWatcher(Wanted(self.folder, self._ignore), self.taker, clock=self.clock, habits=habits)

    def close(self) -> None:
        self.engine.dispose()

    def look(self) -> None:
        """Look until there is nothing to be done at this moment, and give away what is finished."""
        while self.watcher.look_once() == 0.0:
            pass
        while self.watcher.take_once() == 0.0:
            pass

    def pass_time(self, seconds: float = STABLE_S, *, steps: int = 4) -> None:
        """Look again and again while `seconds` go by."""
        for _ in range(steps):
            self.clock.advance(seconds / steps)
            self.look()

    def settle(self) -> None:
        """Give everything time to be found and taken."""
        self.look()
        self.pass_time(3 * STABLE_S, steps=6)

    def write(self, name: str, content: bytes = b"") -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content or b"%PDF " + os.fsencode(name))
        return path

    def query(self, statement: str, *values: object) -> list[tuple]:
        with self.engine.begin() as connection:
            found = connection.exec_driver_sql(statement, values)
            return [tuple(row) for row in found] if found.returns_rows else []

    def hashes(self) -> set[str]:
        return {row[0] for row in self.query("SELECT sha256 FROM sources")}

    def names(self) -> list[str]:
        """The sources' file names, in the order in which they came."""
        return [Path(row[0]).name for row in self.query("SELECT path FROM sources ORDER BY id")]


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
