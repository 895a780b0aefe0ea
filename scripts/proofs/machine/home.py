"""One user's folders, each of which may lie on a disk of its own, and the real program at work in them."""

from __future__ import annotations

import json
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from proofs.picture import Picture, broken_promises, picture
from proofs.scene import FINISHED, Scene

_START_S = 180.0
_WORK_S = 400.0  # a run of these papers takes 7 seconds; put-off downloads rest for a minute
_STOP_S = 120.0
_LOOK_S = 0.1
_TRACEBACK = "Traceback (most recent call last)"
_ROOMS = ("no_metadata", "with_metadata", "to_download_references", "sources WHERE state = 'pending'")
_PATH = re.compile(r"/\S+/(?=\S)")
_ONE_LINE = re.compile(r"^dl-lit: .+$")


class Unmet(Exception):
    """Something did not come in time; the message is what."""


def await_(is_so: Callable[[], object], what: str, seconds: float) -> None:
    """Wait for what another process does; raises `Unmet`."""
    end = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > end:
            raise Unmet(f"in vain waited {seconds:.0f} s for {what}")
        time.sleep(_LOOK_S)


@dataclass(slots=True)
class Home:
    """Where one trial lives; nothing is made before `made`."""

    folder: Path
    scene: Scene
    changes: Mapping[str, str] = field(default_factory=dict)  # of the environment
    daemon: subprocess.Popen[bytes] | None = None

    @property
    def data(self) -> Path:
        """The folder of the database, which has nothing else."""
        return self.folder / "data"

    @property
    def database(self) -> Path:
        """The database."""
        return self.data / "dl-lit.db"

    @property
    def library(self) -> Path:
        """The library."""
        return self.folder / "library"

    @property
    def state(self) -> Path:
        """What all processes of a machine share."""
        return self.folder / "state"

    @property
    def cache(self) -> Path:
        """What may be deleted at any time."""
        return self.folder / "cache"

    @property
    def inbox(self) -> Path:
        """The watched folder."""
        return self.folder / "inbox"

    @property
    def logs(self) -> Path:
        """The folder of the log."""
        return self.folder / "logs"

    @property
    def places(self) -> dict[str, Path]:
        """All of these folders, by what the faults' rows call them."""
        return {
            "database": self.data,
            "library": self.library,
            "state": self.state,
            "cache": self.cache,
            "watched folder": self.inbox,
            "log": self.logs,
        }

    @property
    def log(self) -> Path:
        """The log file."""
        return self.logs / "log.jsonl"

    @property
    def stderr(self) -> Path:
        """What all commands of this home told."""
        return self.folder / "stderr"

    def made(self) -> Home:
        """The same, with its folders."""
        for place in self.places.values():
            place.mkdir(parents=True, exist_ok=True)
        return self

    def environment(self, **changes: str) -> dict[str, str]:
        """The variables of every command in this home; `changes` are settings by their names without DL_LIT_."""
        return {
            **self.scene.environment(self.folder),
            "HOME": str(self.folder),
            "DL_LIT_DB": str(self.database),
            "DL_LIT_LIBRARY": str(self.library),
            "DL_LIT_STATE_FOLDER": str(self.state),
            "DL_LIT_CACHE_FOLDER": str(self.cache),
            "DL_LIT_LOG_FILE": str(self.log),
            "DL_LIT_SERVE_ADDRESS": f"unix:{self.folder / 'c.sock'}",
            "DL_LIT_WATCH_STABLE_S": "0.3",
            "DL_LIT_WATCH_POLL_S": "1",
            "DL_LIT_WATCH_RESCAN_S": "5",
            "DL_LIT_DISK_DOWNLOADS_PAUSE_BELOW_MB": "2",
            "DL_LIT_DISK_EVERYTHING_BELOW_MB": "1",
            **self.changes,
            **{f"DL_LIT_{name}": value for name, value in changes.items()},
        }

    # --- papers

    @property
    def papers(self) -> list[Path]:
        """The papers of the scene."""
        return sorted(self.scene.pdfs.glob("*.pdf"))

    def put(self, *numbers: int) -> None:
        """Let these papers (0 is the first) appear in the watched folder, each at one stroke."""
        for number in numbers:
            paper = self.papers[number]
            beside = self.folder / f"{paper.name}.part"
            shutil.copyfile(paper, beside)
            try:
                beside.rename(self.inbox / paper.name)
            except OSError:  # the watched folder is on a disk of its own
                shutil.copyfile(beside, self.inbox / f".{paper.name}")
                (self.inbox / f".{paper.name}").rename(self.inbox / paper.name)
                beside.unlink()

    # --- the program

    def popen(self, *words: str, **changes: str) -> subprocess.Popen[bytes]:
        """A command; its standard error is added to the home's."""
        with self.stderr.open("ab") as errors:
            return subprocess.Popen(
                [sys.executable, "-m", "dl_lit", *words],
                env=self.environment(**changes),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                start_new_session=True,
            )

    def run(self, *words: str, **changes: str) -> Ended:
        """A command to its end."""
        done = subprocess.run(
            [sys.executable, "-m", "dl_lit", *words],
            env=self.environment(**changes),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=600.0,
        )
        with self.stderr.open("ab") as errors:
            errors.write(done.stderr)
        return Ended(done.returncode, done.stdout.decode(), done.stderr.decode(errors="replace"))

    def process(self, **changes: str) -> Ended:
        """A one-off run on all papers."""
        return self.run(
            "process-folder-concurrent", str(self.scene.pdfs), "--json", "--quiet", "--no-report", **changes
        )

    def start(self, *words: str, **changes: str) -> None:
        """Start the watching daemon; raises `Unmet` where it does not come to look at its folder."""
        command = ("watch-folder-concurrent", str(self.inbox), "--json", *words)
        self.daemon = daemon = self.popen(*command, **changes)
        await_(lambda: self.health() is not None or daemon.poll() is not None, "the daemon's /health", _START_S)

    def stop(self) -> int | None:
        """SIGTERM to the daemon, and its exit code; None where it had to be killed."""
        daemon, self.daemon = self.daemon, None
        if daemon is None:
            return None
        if daemon.poll() is None:
            daemon.send_signal(signal.SIGTERM)
        try:
            return daemon.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            daemon.kill()
            daemon.wait()
            return None

    def kill(self) -> None:
        """`kill -9` for the daemon."""
        if self.daemon is not None:
            self.daemon.kill()
            self.daemon.wait()
            self.daemon = None

    @property
    def is_alive(self) -> bool:
        """Whether the daemon runs."""
        return self.daemon is not None and self.daemon.poll() is None

    # --- what the user sees

    def health(self) -> dict[str, Any] | None:
        """The answer of /health; None where nobody answers."""
        connection = _Local(self.folder / "c.sock")
        with closing(connection), suppress(OSError, HTTPException, ValueError):
            connection.request("GET", "/health")
            found: dict[str, Any] = json.loads(connection.getresponse().read())
            return found
        return None

    def conditions(self) -> dict[str, str]:
        """The conditions that /health tells, with what each says."""
        told = self.health() or {}
        return {one["ailment"]: one["says"] for one in told.get("reasons", ())}

    def await_conditions(self, wanted: Collection[str], seconds: float) -> dict[str, str]:
        """Wait until all these are told; what was told at last. Raises `Unmet`."""
        told: dict[str, str] = {}

        def all_told() -> bool:
            told.update(self.conditions())
            return set(wanted) <= set(told)

        await_(all_told, f"{', '.join(sorted(set(wanted) - set(told)))} in /health", seconds)
        return told

    # --- what is left

    def items(self) -> int:
        """How many outcomes the log has."""
        with suppress(OSError):
            return self.log.read_bytes().count(b'"event":"item"')
        return 0

    def waiting(self) -> int:
        """How much is still to be done: files of the watched folder that are not known, and rows of all rooms."""
        with closing(self.reader()) as connection:
            known = connection.execute("SELECT count(*) FROM sources").fetchone()[0]
            rooms = sum(
                connection.execute(f"SELECT count(*) FROM {room}").fetchone()[0]  # noqa: S608 - names of ours
                for room in _ROOMS
            )
        return int(rooms + max(0, len(self.papers) - known))

    def is_done(self) -> bool:
        """Whether all papers have been read and nothing is left to do."""
        with suppress(sqlite3.Error):
            return self.waiting() == 0
        return False

    def reader(self) -> sqlite3.Connection:
        """The database, to look into."""
        return sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=10.0)

    def await_done(self, seconds: float = _WORK_S) -> None:
        """Wait until the daemon has done all; raises `Unmet`."""
        await_(lambda: self.is_done() or not self.is_alive, "the rest of the work", seconds)
        if not self.is_done():
            raise Unmet("the daemon ended before its work was done")

    def finish(self) -> None:
        """Whatever is left, by a run that nothing disturbs; raises `Unmet`."""
        ended = self.process()
        if ended.code not in FINISHED or not self.is_done():
            raise Unmet(f"an undisturbed run ended with {ended.code}, {self.waiting()} still wait: {ended.line}")

    def picture(self) -> Picture:
        """What is there."""
        return picture(self.database, self.library)

    def broken(self) -> list[str]:
        """The promises that do not hold, and what `dl-lit doctor` says of database and library."""
        found = broken_promises(self.database)
        told = self.run("doctor", "--files", "--json")
        with suppress(ValueError):
            document = json.loads(told.out)
            found += [one["says"] for one in document["invariants"] if not one["holds"] and not one["heals"]]
            return found
        return [*found, f"doctor ended with {told.code}: {told.line}"]

    def untyped(self) -> list[str]:
        """Tracebacks, and endings of items without a word of ours."""
        found = []
        for file in (self.stderr, *sorted(self.logs.glob("log.jsonl*"))):
            text = file.read_text(errors="replace") if file.exists() else ""
            found += [f"a traceback in {file.name}: {_last_words(text, at)}" for at in _all(text, _TRACEBACK)]
        with suppress(sqlite3.Error), closing(self.reader()) as connection:
            query = "SELECT stage, detail FROM attempts WHERE reason = 'internal-error' LIMIT 20"
            found += [f"internal-error in {stage}: {detail}" for stage, detail in connection.execute(query)]
        return found


@dataclass(frozen=True, slots=True)
class Ended:
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def line(self) -> str:
        """The last line it told on standard error; "" where it told none."""
        lines = [line for line in self.err.splitlines() if line.strip()]
        return lines[-1] if lines else ""

    @property
    def said(self) -> str:
        """The last line without the paths of this one trial."""
        return _PATH.sub("…/", self.line)

    def amiss(self) -> list[str]:
        """What of its end is none of ours: a traceback, more than a line, or a failure without any."""
        lines = [line for line in self.err.splitlines() if line.strip()]
        if self.code in FINISHED:
            return ["a traceback"] if _TRACEBACK in self.err else []
        if self.code < 0:
            return [f"ended by signal {-self.code}"]
        return [] if lines and _ONE_LINE.match(lines[-1]) and _TRACEBACK not in self.err else [f"told {self.err!r}"]


class _Local(HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=10.0)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(10.0)
        self.sock.connect(str(self._path))


def _all(text: str, what: str) -> Iterator[int]:
    at = text.find(what)
    while at >= 0:
        yield at
        at = text.find(what, at + 1)


def _last_words(text: str, at: int) -> str:
    """The error that a traceback ends in."""
    block = text[at : at + 6_000].replace("\\n", "\n").split("\n")
    for line in block[1:]:
        if line and not line.startswith((" ", "\t")):
            return line[:200]
    return "?"
