"""Holds the library's files against the rows that say they are there."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection

from db.reading.doctor import Finding

_ROWS = "SELECT work_id, file_path, size_bytes, checksum_pdf FROM downloaded_references ORDER BY work_id"


def library_files(connection: Connection, library: Path, *, contents: bool, running: bool) -> Iterator[Finding]:
    """What is wrong between the database and the folder `library`.

    `contents` reads every file and compares its SHA-256. `running` says that a pipeline is at work: what it has in hand
    is no finding then.
    """
    rows = connection.exec_driver_sql(_ROWS).all()
    there = dict(_walk(library))
    yield Finding.of(
        "files-there",
        "every file that the database knows is in the library, with its size",
        [
            f"w{work_id}: {path} " + ("is missing" if path not in there else f"has {there[path]} bytes, not {size}")
            for work_id, path, size, _ in rows
            if there.get(path) != size
        ],
    )
    if contents:
        yield Finding.of(
            "files-unchanged",
            "every file of the library has the SHA-256 it came with",
            [
                f"w{work_id}: {path}"
                for work_id, path, _, sha256 in rows
                if path in there and _sha256(library / path) != sha256
            ],
        )
    if running:
        return
    known = {path for _, path, _, _ in rows}
    strange = [path for path in there if path not in known]
    hidden = [path for path in strange if any(part.startswith(".") for part in Path(path).parts)]
    unfinished = [path for path in strange if path.endswith(".part")]
    yield Finding.of(
        "no-orphans",
        "every PDF in the library belongs to a work (the next start of a pipeline adopts what has a receipt)",
        [path for path in strange if path.lower().endswith(".pdf") and path not in hidden],
    )
    yield Finding.of("nothing-unfinished", "no unfinished download lies about while no pipeline runs", unfinished)
    yield Finding.of(
        "no-receipts",
        "no receipt of a file lies about while no pipeline runs",
        [path for path in hidden if path not in unfinished],
    )


def _walk(library: Path) -> Iterator[tuple[str, int]]:
    """Every file below `library` by its relative path, with its size in bytes."""
    for place, folders, names in os.walk(library):
        folders.sort()
        for name in sorted(names):
            path = Path(place, name)
            try:
                yield path.relative_to(library).as_posix(), path.stat().st_size
            except OSError:
                continue  # gone meanwhile


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        return f"cannot be read: {error.strerror}"
