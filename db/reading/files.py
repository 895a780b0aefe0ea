"""Holds the library's files against the rows that say they are there."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from db.reading.doctor import Finding
from db.upgrading import left_behind
from dl_lit.core.ports import LibraryFiles

INCOMING = ".incoming"
"""The folder in the library for what is in hand."""

RECEIPT = ".receipt.json"
"""How the name of a receipt ends: a file is in place, its row may not be committed."""

SUPERSEDED = "superseded"
"""The folder in the library for files that better ones came for: no row speaks of them any more."""

_ROWS = "SELECT work_id, file_path, size_bytes, checksum_pdf FROM downloaded_references ORDER BY work_id"
_HELD = (
    "SELECT work_id, held ->> '$.path', held ->> '$.size_bytes', held ->> '$.sha256' FROM failed_downloads "
    "WHERE held IS NOT NULL ORDER BY work_id"
)


def library_files(
    connection: Connection, library: Path | LibraryFiles, *, contents: bool, running: bool
) -> Iterator[Finding]:
    """What is wrong between the database and the library, given as its folder or as what tells of it.

    `contents` reads every file and compares its SHA-256. `running` says that a pipeline is at work: what it has in hand
    is no finding then.
    """
    rows = [tuple(row) for row in connection.exec_driver_sql(_ROWS)]
    held = [tuple(row) for row in connection.exec_driver_sql(_HELD)]
    left = left_behind(connection)
    files = _Folder(library) if isinstance(library, Path) else library
    there = dict(files.sizes())
    yield Finding.of(
        "files-there", "every file that the database knows is in the library, with its size", _missing(rows, there)
    )
    yield Finding.of(
        "quarantine-there",
        "every file that waits for a person's decision is in the library's quarantine, with its size",
        _missing(held, there),
    )
    if contents:
        yield Finding.of(
            "files-unchanged",
            "every file of the library has the SHA-256 it came with",
            [
                f"w{work_id}: {path}"
                for work_id, path, _, sha256 in (*rows, *held)
                if path in there and files.sha256(path) != sha256
            ],
        )
    if running:
        return
    known = {path for _, path, _, _ in (*rows, *held)} | {path for _, path in left}
    strange = [path for path in there if path not in known]
    in_hand = [path for path in strange if path.startswith(f"{INCOMING}/")]
    receipts = [path for path in in_hand if path.endswith(RECEIPT)]
    promised = {_promised(files.read(path)) for path in receipts}
    yield Finding.of(
        "no-orphans",
        "every PDF in the library, quarantine included, belongs to a work",
        [
            path
            for path in strange
            if path.lower().endswith(".pdf") and not path.startswith((".", f"{SUPERSEDED}/")) and path not in promised
        ],
    )
    yield Finding.of(
        "nothing-left-behind",
        "no file that a better one came for, or a person refused, waits to be put away (the next start does it)",
        [f"w{work_id}: {path}" for work_id, path in left],
        heals=True,
    )
    yield Finding.of(
        "nothing-unfinished",
        "no unfinished download lies about while nothing is at work (the next start clears it away)",
        [path for path in in_hand if path not in set(receipts)],
        heals=True,
    )
    yield Finding.of(
        "no-receipts",
        "no file waits to be written down while nothing is at work (the next start does it)",
        receipts,
        heals=True,
    )


def paths_in_library(connection: Connection) -> list[str]:
    """The files that the library should have, relative to it, in the order of their works."""
    return list(connection.exec_driver_sql("SELECT file_path FROM downloaded_references ORDER BY work_id").scalars())


def _missing(rows: Sequence[tuple[Any, ...]], there: Mapping[str, int]) -> list[str]:
    """The files of rows of [work, path, size, SHA-256] that are not there as they should be."""
    return [
        f"w{work_id}: {path} " + ("is missing" if path not in there else f"has {there[path]} bytes, not {size}")
        for work_id, path, size, _ in rows
        if there.get(path) != size
    ]


def _promised(receipt: bytes | None) -> str | None:
    """The path of the file that a receipt is for; None when it cannot be read."""
    try:
        paper = json.loads(receipt or b"")
        return str(paper["facts"]["path"])
    except (ValueError, KeyError, TypeError):
        return None


class _Folder:
    """A library that is a folder."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def sizes(self) -> Iterator[tuple[str, int]]:
        return _walk(self._root)

    def sha256(self, path: str) -> str:
        return _sha256(self._root / path)

    def read(self, path: str) -> bytes | None:
        try:
            return (self._root / path).read_bytes()
        except OSError:
            return None


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
