"""The ways in which papers come in: a run over a folder, a daemon that watches one, and one that is handed them."""

from __future__ import annotations

import hashlib
import shutil
import socket
import sqlite3
import time
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Self

from proofs.crash.database import Unreadable
from proofs.crash.home import Home
from proofs.crash.life import Life
from proofs.crash.phases import Phase, has_to_file
from proofs.picture import Picture, picture
from proofs.scene import FINISHED, Scene

import db
from db.connect import migrate
from db.tables import SCHEMA_VERSION

INTERRUPTED = 130
GAVE_UP = 1
OLDER = tuple(
    sorted(
        path.name[:4]
        for path in Path(db.__file__).with_name("migrations").glob("versions/0*.py")
        if path.name[:4] < SCHEMA_VERSION
    )
)
"""The schemas of earlier releases."""
_PATIENCE_S = 120.0
_WAITING = """
SELECT (SELECT count(*) FROM sources WHERE state = 'pending'), (SELECT count(*) FROM no_metadata),
       (SELECT count(*) FROM with_metadata), (SELECT count(*) FROM to_download_references),
       (SELECT count(*) FROM sources)
"""
_ROOMS_BEFORE: Mapping[Phase | None, int] = {
    Phase.EXTRACTION: 1,
    Phase.ENRICHMENT: 2,
    Phase.QUEUEING: 3,
}  # of those above; else all


class Way(StrEnum):
    """How the papers come in."""

    FOLDER = "folder"  # process-folder-concurrent, with reports
    WATCH = "watch"  # watch-folder-concurrent, which moves what has been read to completed/
    UPLOAD = "upload"  # the same daemon, handed half of the papers by POST /process


@dataclass
class Household:
    """A home, and how the program is run in it."""

    home: Home
    way: Way
    scene: Scene
    older: str | None = None  # the schema that its database begins with; None: there is none yet
    accepted: set[str] = field(default_factory=set)  # uploads that were answered with 202

    def furnish(self) -> None:
        """Make the folder: what is watched has its papers, an older database its sources."""
        self.home.path.mkdir()
        if self.way is not Way.FOLDER:
            self.home.inbox.mkdir()
            for pdf in self.papers()[: None if self.way is Way.WATCH else -len(self.uploads)]:
                shutil.copyfile(pdf, self.home.inbox / pdf.name)
        if self.older is not None:
            older_database(self.home.database.path, self.older, self.papers())

    def papers(self) -> list[Path]:
        """All papers."""
        return sorted(self.scene.pdfs.glob("*.pdf"))

    @property
    def uploads(self) -> list[Path]:
        """Those that are handed in."""
        papers = self.papers()
        return papers[(len(papers) + 1) // 2 :] if self.way is Way.UPLOAD else []

    @property
    def words(self) -> Sequence[str]:
        """The command line."""
        if self.way is Way.FOLDER:
            return ("process-folder-concurrent", str(self.scene.pdfs), "--json", "--quiet")
        return ("watch-folder-concurrent", str(self.home.inbox), "--afterwards", "move", "--json")

    @property
    def settings(self) -> Mapping[str, str]:
        """What quickens a daemon: files here are whole as soon as they are there."""
        return {} if self.way is Way.FOLDER else {"DL_LIT_WATCH_STABLE_S": "0.05", "DL_LIT_WATCH_POLL_S": "0.1"}

    def may_end_with(self, life: Life) -> frozenset[int]:
        """The exit codes with which it may end by itself."""
        if self.way is Way.FOLDER:
            codes = FINISHED | {INTERRUPTED} if life.is_told_to_end else FINISHED
        else:
            codes = frozenset({0, INTERRUPTED}) if life.is_told_to_end else frozenset()
        return codes | {GAVE_UP} if self.may_give_up(life) else codes

    @staticmethod
    def may_give_up(life: Life) -> bool:
        """Whether it may end with an error: its database's server was lost while it ended or began."""
        return life.has_lost_server and (life.is_told_to_end or life.was_starting)

    def picture(self) -> Picture:
        """What has come of it so far."""
        return picture(self.home.database.path, self.home.library)

    def is_done(self) -> bool:
        """Whether nothing is left to do; not known by rows alone, a watched folder has to be empty."""
        return not self.may_come(None)

    def may_come(self, phase: Phase | None) -> bool:
        """Whether a phase of work may still come; with None, whether any may."""
        is_to_file = self.way is not Way.FOLDER and (any(self.home.inbox.glob("*.pdf")) or has_to_file(self.home))
        if phase is Phase.FILING or (phase is None and is_to_file):
            return is_to_file
        if any(pdf.name not in self.accepted for pdf in self.uploads):
            return True
        with suppress(Unreadable), self.home.database.reading() as ask:
            *waiting, sources = ask(_WAITING)[0]
            return sources < len(self.papers()) or any(waiting[: _ROOMS_BEFORE.get(phase, len(waiting))])
        return True

    def hand_in(self) -> bool:
        """Hand in what was not accepted yet; always False, since that is no end."""
        for pdf in self.uploads:
            if pdf.name not in self.accepted and upload(self.home, pdf):
                self.accepted.add(pdf.name)
        return False

    def finish(self, life: Life) -> int | None:
        """Let it come to its end, undisturbed; the exit code, None where it comes to none."""
        deadline = time.monotonic() + _PATIENCE_S
        while life.look() and time.monotonic() < deadline:
            self.hand_in()
            if self.way is not Way.FOLDER and life.was_up and not life.is_told_to_end and self.is_done():
                life.end()
            time.sleep(0.02)
        return life.process.poll()


def older_database(path: Path, version: str, papers: Sequence[Path]) -> None:
    """A database as an older release left it, with these papers still to be read."""
    migrate(path, version)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA journal_mode=WAL")
        for number, paper in enumerate(papers, start=1):
            content = paper.read_bytes()
            connection.execute(
                "INSERT INTO sources (id, path, sha256, size_bytes, added_at, state) VALUES (?, ?, ?, ?, ?, 'pending')",
                (number, str(paper), hashlib.sha256(content).hexdigest(), len(content), "2026-11-01T00:00:00+00:00"),
            )


class Upload:
    """A paper that is handed to the daemon, as far as one likes; the connection stays open meanwhile."""

    def __init__(self, home: Home, paper: Path) -> None:
        """Nothing is sent yet."""
        self.is_heard = False  # whether the daemon took, or will take, all that was sent
        content = paper.read_bytes()
        self._home = home
        self._message = (
            f"POST /process HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/pdf\r\nConnection: close\r\n"
            f"Content-Disposition: attachment; filename={paper.name}\r\nContent-Length: {len(content)}\r\n\r\n"
        ).encode() + content
        self._caller = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._caller.settimeout(10.0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._caller.close()

    def connects(self) -> bool:
        """Whether somebody listens, who is connected with then."""
        with suppress(OSError):  # nobody listens on a socket that a killed one has left
            self._caller.connect(str(self._home.socket))
            return True
        return False

    def send(self, share: float = 1.0) -> None:
        """Send so much of it, and no more."""
        with suppress(OSError):
            self._caller.sendall(self._message[: int(len(self._message) * share)])
            self.is_heard = True

    def is_accepted(self) -> bool:
        """Wait for the answer; whether it was 202."""
        with suppress(OSError):
            answer: bytes = self._caller.recv(64)
            return answer.startswith(b"HTTP/1.1 202")
        return False


def upload(home: Home, paper: Path) -> bool:
    """Hand a paper in; whether it was accepted."""
    with Upload(home, paper) as one:
        if one.connects():
            one.send()
            return one.is_accepted()
    return False
