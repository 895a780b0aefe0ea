"""Three daemons of the real program on one PostgreSQL database, each in a place of its own with a state of its own."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
from benchmarks.fleet_places import Places
from postgres_server import Pooler, Server
from proofs.fleet.claims import Watch
from proofs.scene import FINISHED, Scene

_PATIENCE_S = 120.0
_LOOK_S = 0.05
_WAITING = """
SELECT (SELECT count(*) FROM dl_lit.no_metadata) + (SELECT count(*) FROM dl_lit.with_metadata)
     + (SELECT count(*) FROM dl_lit.to_download_references)
"""


@dataclass(frozen=True, slots=True)
class Ground:
    """What all batches of a call have in common."""

    scene: Scene
    places: Places
    server: Server
    daemons: int
    lease_s: float
    pooler: Pooler | None = None  # through which the daemons reach the server


@dataclass
class Daemon:
    """One daemon and its place; it may be ended and begun again."""

    number: int
    home: Path
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    ended: list[int] = field(default_factory=list)  # how it ended, where nobody ended it

    @property
    def runs(self) -> bool:
        """Whether it runs; how it ended is noted."""
        if self.process is not None and (code := self.process.poll()) is not None:
            self.ended.append(code)
            self.process = None
        return self.process is not None

    @property
    def pid(self) -> int:
        """Of a running one."""
        if self.process is None:
            raise click.ClickException(f"daemon {self.number} does not run: see {self.home / 'stderr'}")
        return self.process.pid  # `ip netns exec` becomes what it starts

    def kill(self) -> None:
        """`kill -9`; children that read PDFs are left to see that themselves."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def end(self) -> int | None:
        """Ask it to end; with what it did. None: it did not run."""
        if self.process is None:
            return None
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(60.0)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait()
        self.process = None
        return code


class Fleet:
    """The daemons at work on one batch. The first brings the papers and ends when nothing is left; others only work."""

    def __init__(self, ground: Ground, folder: Path, database: str) -> None:
        """Nothing runs before `begin`; `database` is a new one."""
        self.ground = ground
        self.folder = folder
        self.library = folder / "library"
        self._database = database
        self.address = (ground.pooler or ground.server).url(database, host=ground.places.database_host)
        first = ("process-folder-concurrent", str(ground.scene.pdfs), "--quiet", "--no-report", "--json")
        self.daemons = [
            Daemon(number, folder / f"host-{number}", ("work",) if number else first)
            for number in range(ground.daemons)
        ]
        self.watch = Watch(ground.server.admin_url(database))

    @property
    def feeder(self) -> Daemon:
        """Who brings the papers."""
        return self.daemons[0]

    def environment(self, number: int) -> dict[str, str]:
        """What a daemon is told: the database and the library are everybody's, all else is its own."""
        home = self.daemons[number].home
        own = self.ground.scene.environment(home)
        return own | {
            "DL_LIT_DB": self.address,
            "DL_LIT_LIBRARY": str(self.library),
            "DL_LIT_ENGINE_LEASE_S": str(self.ground.lease_s),
            "DL_LIT_ENGINE_QUEUE_SIZE": "2",  # no daemon takes all of so small a batch
            "XDG_STATE_HOME": str(home / "xdg"),
        }

    def begin(self, number: int) -> None:
        """Start one."""
        daemon = self.daemons[number]
        daemon.home.mkdir(exist_ok=True)
        words = [*self.ground.places.within(number), sys.executable, "-m", "dl_lit", *daemon.command]
        with (daemon.home / "stderr").open("ab") as log:
            daemon.process = subprocess.Popen(
                words,
                env=self.environment(number),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
                start_new_session=True,
            )

    def begin_all(self) -> None:
        """The database is made by the first; the others follow as soon as it is there."""
        self.begin(0)
        self.wait(lambda: self.asked("SELECT 1 FROM pg_tables WHERE tablename = 'lots'"), "the database to be made")
        for daemon in self.daemons[1:]:
            self.begin(daemon.number)

    def wait(self, holds: Callable[[], Any], what: str, patience_s: float = _PATIENCE_S) -> float:
        """Until it holds; how long that took."""
        began = time.monotonic()
        while not holds():
            if time.monotonic() - began > patience_s:
                raise click.ClickException(f"waited {patience_s:.0f} s for {what}: see {self.folder}")
            time.sleep(_LOOK_S)
        return time.monotonic() - began

    def asked(self, statement: str) -> list[tuple[Any, ...]]:
        """The rows of a statement; none where the database does not answer or knows no such table."""
        return self.watch.asked(statement)

    def wait_busy(self, number: int) -> None:
        """Until this daemon has something in hand, and another one is there to take it over."""

        def busy() -> bool:
            known = self.watch.hands()
            if not self.daemons[number].runs:
                raise click.ClickException(f"daemon {number} ended by itself: see {self.daemons[number].home}")
            return bool(known.get(self.daemons[number].pid)) and len(known) > 1

        self.wait(busy, f"daemon {number} to have something in hand", 60.0)

    def finish(self) -> list[str]:
        """Work until nothing is left; what of the daemons' ends must not be. The first is begun anew where it ended."""
        amiss: list[str] = []
        deadline = time.monotonic() + _PATIENCE_S
        for _ in range(4):
            self.wait(lambda: not self.feeder.runs, "the batch to be done", max(1.0, deadline - time.monotonic()))
            if not (waiting := self.waiting()):
                break
            click.echo(f"   {waiting} left after a run that ended with {self.feeder.ended[-1]}: begun anew", err=True)
            self.begin(0)
        else:
            amiss.append(f"{self.waiting()} rows are left in rooms after four runs")
        amiss += [f"daemon 0 ended with {code}" for code in self.feeder.ended[-1:] if code not in FINISHED]
        for daemon in self.daemons[1:]:
            daemon.runs  # noqa: B018 - notes how it ended
            amiss += [f"daemon {daemon.number} ended by itself with {code}" for code in daemon.ended]
            if (code := daemon.end()) not in {0, None}:
                amiss.append(f"daemon {daemon.number} ended with {code} when it was asked to")
        return amiss

    def waiting(self) -> int:
        """Entries and works that are still to be worked on."""
        rows = self.asked(_WAITING)
        return int(rows[0][0]) if rows else -1

    def close(self) -> None:
        """End what is left."""
        for daemon in self.daemons:
            daemon.kill()
        self.watch.close()


@contextmanager
def fleet(ground: Ground, folder: Path, name: str) -> Iterator[Fleet]:
    """A fleet at work on the papers, in a folder and a database of its own."""
    folder.mkdir()
    ground.server.new_database(name)
    crew = Fleet(ground, folder, name)
    try:
        crew.begin_all()
        yield crew
    finally:
        crew.close()
