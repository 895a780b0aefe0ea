"""The real program serving: `dl-lit serve` and the watching daemon, each with a folder of its own."""

from __future__ import annotations

import hashlib
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import click
from proofs.surface.wire import Door

from tests.fakes.scenario import Scenario, typical

T = TypeVar("T")

CHECKOUT = Path(__file__).resolve().parents[3]
TOKEN = "a-right-token-of-the-proof"  # noqa: S105 - guards nothing
_START_S = 60.0
_STOP_S = 30.0

_STATE = (
    "SELECT id, path, sha256, priority FROM sources ORDER BY id",
    "SELECT stage, by FROM pauses ORDER BY stage",
    "SELECT count(*) FROM failed_extractions",
    "SELECT count(*) FROM failed_enrichments",
    "SELECT count(*) FROM failed_downloads",
)
_OF_ORDERS = _STATE[:2]


@dataclass(frozen=True, slots=True)
class Served:
    """A control surface under attack, with all that it can change."""

    name: str
    door: Door
    folder: Path
    pids: tuple[int, ...] = ()
    is_still: bool = True  # nothing works on the database beside

    @property
    def database(self) -> Path:
        """Its database."""
        return self.folder / "dl-lit.db"

    @property
    def inbox(self) -> Path:
        """The folder in which PDFs may be named."""
        return self.folder / "inbox"

    def state(self) -> str:
        """A digest of all that a request can change: another one, another state."""
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=30)) as connection:
            told = [connection.execute(query).fetchall() for query in (_STATE if self.is_still else _OF_ORDERS)]
        files = sorted(str(path) for path in (self.folder / "uploads").glob("*/*")) if self.is_still else []
        return hashlib.sha256(repr((told, files)).encode()).hexdigest()

    def contents(self) -> dict[str, int]:
        """The sources' numbers by their contents."""
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=30)) as connection:
            return dict(connection.execute("SELECT sha256, id FROM sources").fetchall())

    def drafts(self) -> list[Path]:
        """What is being received, or was left."""
        return list((self.folder / "uploads").glob(".*.part"))

    def written(self) -> str:
        """What it has said."""
        files = (self.folder / name for name in ("said", "log.jsonl"))
        return "".join(one.read_text("utf-8", "replace") for one in files if one.exists())

    def shown_as(self, token: str | None) -> Served:
        """The same, for a client with another token."""
        return replace(self, door=replace(self.door, token=token))


def prepared(folder: Path, *, with_work: bool = True) -> Path:
    """A folder with a database in which there is something of every kind, and an inbox."""
    for name in ("inbox", "watched"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    with Scenario(folder) as scenario:
        if with_work:
            typical(scenario)
    return folder


def environment(folder: Path, also: Mapping[str, str] | None = None) -> dict[str, str]:
    """Everything in the folder, and nothing of the machine's own settings."""
    kept = {"PATH", "LANG", "LC_ALL", "TZ"}
    return {
        **{name: value for name, value in os.environ.items() if name in kept},
        "PYTHONPATH": str(CHECKOUT),
        "PYTHONSAFEPATH": "1",
        "HOME": str(folder),
        "DL_LIT_DB": str(folder / "dl-lit.db"),
        "DL_LIT_LIBRARY": str(folder / "library"),
        "DL_LIT_STATE_FOLDER": str(folder / "state"),
        "DL_LIT_CACHE_FOLDER": str(folder / "cache"),
        "DL_LIT_LOG_FILE": str(folder / "log.jsonl"),
        "DL_LIT_LOG_LEVEL": "debug",
        "DL_LIT_SERVE_TOKEN": TOKEN,
        "DL_LIT_SERVE_FOLDERS": str(folder / "inbox"),
        "DL_LIT_SERVE_UPLOADS_PER_MINUTE": "1000000",
        "DL_LIT_SERVE_MAX_UPLOAD_MB": "2",
        "DL_LIT_OFFLINE": "true",
        "DL_LIT_CONTACT_EMAIL": "proof@library-of-shores.org",
        **(also or {}),
    }


@contextmanager
def started(command: Sequence[str], folder: Path, env: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """The program with this command, which is stopped when this is left; what it says is in `said`."""
    with (folder / "said").open("ab") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "dl_lit", *command],
            env=dict(env),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
    try:
        yield process
        if process.poll() is not None:
            raise click.ClickException(f"{command[0]} has ended with {process.returncode}: see {folder / 'said'}")
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def serve(folder: Path, *, unix: bool = False, also: Mapping[str, str] | None = None) -> Iterator[Served]:
    """`dl-lit serve` beside a database that nobody works on."""
    prepared(folder)
    where = ["--unix", str(folder / "c.sock")] if unix else ["--port", "0"]
    with started(["serve", *where], folder, environment(folder, also)) as process:
        found = _told(folder, process, lambda: re.search(r"serving (\S+)", (folder / "said").read_text("utf-8")))
        name = "serve on its socket" if unix else "serve on TCP"
        yield Served(name, _door(found[1]), folder, (process.pid,))


@contextmanager
def daemon(folder: Path, *, unix: bool, also: Mapping[str, str] | None = None) -> Iterator[Served]:
    """The watching daemon with its own surface."""
    prepared(folder, with_work=False)
    address = f"unix:{folder / 'c.sock'}" if unix else "127.0.0.1:0"
    env = environment(folder, {"DL_LIT_SERVE_ADDRESS": address, **(also or {})})
    with started(["watch-folder-concurrent", str(folder / "watched")], folder, env) as process:
        where = _told(folder, process, lambda: _of_pulse(folder))
        name = "the daemon on its socket" if unix else "the daemon on TCP"
        yield Served(name, _door(where), folder, (process.pid,), is_still=False)


def _told(folder: Path, process: subprocess.Popen[bytes], ask: Callable[[], T | None]) -> T:
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline and process.poll() is None:
        if found := ask():
            return found
        time.sleep(0.05)
    raise click.ClickException(f"nothing listens: see {folder / 'said'}")


def _of_pulse(folder: Path) -> str | None:
    try:
        return str(json.loads((folder / "dl-lit.db.pulse").read_bytes())["control"] or "") or None
    except (OSError, ValueError, KeyError):
        return None


def _door(where: str) -> Door:
    if where.startswith("unix:"):
        return Door(Path(where.removeprefix("unix:")))
    parts = urlsplit(where)
    return Door((parts.hostname or "", parts.port or 0), TOKEN)
