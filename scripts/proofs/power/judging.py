"""What must hold of a disk after a power cut, before anything has been started again."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path

from proofs.power.recorded import PAPERS, Recorded, done
from proofs.shim.journal import Call

_FILES = "SELECT work_id, file_path, checksum_pdf FROM downloaded_references"


def at_once(recorded: Recorded, cut: int) -> tuple[int, list[str]]:
    """What is lost on the disk as it was found, and what is wrong with it; the folder itself is not touched."""
    gone = papers_gone(recorded)
    broken: list[str] = []
    reported = reported_by(recorded, cut)
    with tempfile.TemporaryDirectory(dir=recorded.root.parent) as temporary:
        copy = _copied(recorded.scene.database(recorded.root), Path(temporary))
        if copy is None:
            undone = sorted(reported)
        else:
            with closing(sqlite3.connect(copy)) as connection:
                broken += database_amiss(connection)
                undone = [] if broken else sorted(reported - done(copy))
                if not broken:
                    broken += files_amiss(connection, recorded.scene.library(recorded.root))
                    broken += recorded.way.amiss(recorded.root, connection)
    lost = [f"lost: paper {name}" for name in gone]
    lost += [f"lost: {stage} {item} was reported done before the cut and is not" for stage, item in undone]
    return len(lost), lost + broken


def papers_gone(recorded: Recorded) -> list[str]:
    """The papers that are nowhere in the watched folder as they were."""
    folder = recorded.root / PAPERS
    there = {hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.rglob("*") if path.is_file()}
    return sorted(name for sha256, name in recorded.papers.items() if sha256 not in there)


def reported_by(recorded: Recorded, cut: int) -> frozenset[tuple[str, int]]:
    """Stage and number of what had been reported done when the power went."""
    return recorded.before | reported_done(recorded.calls[:cut], recorded.root / "log.jsonl")


def reported_done(calls: Iterable[Call], log: Path) -> set[tuple[str, int]]:
    """Stage and number of the items that the log has called done by the last of these calls."""
    text = b"".join(call.data for call in calls if call.path == str(log) and not call.failed)
    found = set()
    for line in text.splitlines():
        try:
            told = json.loads(line)
        except ValueError:  # half of it was written
            continue
        if told.get("event") == "item" and told.get("outcome") == "done":
            found.add((told["stage"], told["job"]))
    return found


def files_amiss(connection: sqlite3.Connection, library: Path) -> list[str]:
    """Rows whose file is not in the library with the content that they name."""
    return [
        f"row of w{work} without its file: {path}"
        for work, path, sha256 in _rows(connection, _FILES)
        if not (file := library / path).is_file() or hashlib.sha256(file.read_bytes()).hexdigest() != sha256
    ]


def database_amiss(connection: sqlite3.Connection) -> list[str]:
    """What SQLite finds wrong with the database itself."""
    try:
        found = [str(row[0]) for row in connection.execute("PRAGMA integrity_check")]
    except sqlite3.Error as error:
        found = [str(error)]
    return [] if found == ["ok"] else [f"the database is damaged: {'; '.join(found[:3])}"]


def _rows(connection: sqlite3.Connection, query: str) -> Sequence[tuple]:  # type: ignore[type-arg]
    """The rows; none where there are no tables yet."""
    try:
        return connection.execute(query).fetchall()
    except sqlite3.OperationalError as error:
        if "no such table" not in str(error):
            raise
        return []


def _copied(database: Path, folder: Path) -> Path | None:
    """The database with its journals at another place, since to open it changes it; None where there is none."""
    if not database.exists():
        return None
    for path in database.parent.glob(f"{database.name}*"):
        if path.name.endswith(("-wal", "-journal")) or path == database:
            shutil.copyfile(path, folder / path.name)
    return folder / database.name
