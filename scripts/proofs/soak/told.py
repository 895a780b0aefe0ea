"""What a soak came to: read from its database, its library and the replica's log."""

from __future__ import annotations

import sqlite3
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from proofs.soak.folder import SoakFolder, lines_of

from db.reading.doctor import invariants
from db.reading.opening import reading

_ROOMS = ("no_metadata", "with_metadata", "to_download_references")
_FAILED = ("failed_extractions", "failed_enrichments", "failed_downloads")


def ready(folder: SoakFolder) -> int:
    """How many entries, works and files could be worked on now, files that are not known yet among them."""
    put = {one["sha256"] for one in folder.arrivals}
    if not folder.database.exists():
        return len(put)
    now = time.time()
    with closing(_opened(folder.database)) as connection:
        known = {row[0] for row in connection.execute("SELECT sha256 FROM sources")}
        found = [
            connection.execute(
                f"SELECT count(*) FROM {room} WHERE coalesce(due_at, 0) <= ?",  # noqa: S608 - names of ours
                (now,),
            ).fetchone()[0]
            for room in _ROOMS
        ]
        pending = "SELECT count(*) FROM sources WHERE state = 'pending' AND coalesce(due_at, 0) <= ?"
        return int(len(put - known) + sum(found) + connection.execute(pending, (now,)).fetchone()[0])


def works_told(database: Path) -> dict[str, Any]:
    """Counts of everything, and failures by reason."""
    with closing(_opened(database)) as connection:

        def count(what: str) -> int:
            return int(connection.execute(f"SELECT count(*) FROM {what}").fetchone()[0])  # noqa: S608 - as above

        return {
            "references": count("entries"),
            "sources": count("sources"),
            "works": count("works"),
            "downloaded": count("downloaded_references"),
            "duplicates": count("duplicate_references"),
            "waiting": {room: count(room) for room in _ROOMS} | {"sources": count("sources WHERE state = 'pending'")},
            "failures": {
                table: dict(
                    connection.execute(
                        f"SELECT reason, count(*) FROM {table} GROUP BY reason ORDER BY 2 DESC"  # noqa: S608 - as above
                    ).fetchall()
                )
                for table in _FAILED
            },
        }


def lost(folder: SoakFolder) -> dict[str, int]:
    """What is missing: files that arrived and are no source, rows whose file is gone, files that have no row."""
    with closing(_opened(folder.database)) as connection:
        sources = {row[0] for row in connection.execute("SELECT sha256 FROM sources")}
        rows = {row[0] for row in connection.execute("SELECT file_path FROM downloaded_references")}
    put = {one["sha256"] for one in folder.arrivals}
    files = {
        str(path.relative_to(folder.library))
        for path in folder.library.rglob("*.pdf")
        if not any(part.startswith(".") or part == "quarantine" for part in path.relative_to(folder.library).parts)
    }
    return {
        "sources": len(put - sources),
        "files": len(rows - files),
        "orphans": len(files - rows),
    }


def broken(folder: SoakFolder) -> list[str]:
    """The invariants that do not hold."""
    with reading(folder.database) as connection:
        return [f"{one.name}: {one.broken}" for one in invariants(connection) if not one.holds]


def asked(folder: SoakFolder) -> dict[str, Any]:
    """What the replica was asked, all its processes together."""
    by_group: Counter[str] = Counter()
    faults: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    for one in lines_of(folder.requests):
        by_group[one["group"]] += 1
        if one["fault"]:
            faults[one["fault"]] += 1
        if one["refused"]:
            refused[one["refused"]] += 1
    return {
        "requests": by_group.total(),
        "requests_by_service": dict(by_group.most_common()),
        "faults": dict(faults.most_common()),
        "refused": dict(refused),
    }


def arrived(arrivals: Sequence[dict[str, Any]]) -> dict[str, int]:
    """Files that arrived, by kind."""
    return dict(Counter(one["kind"] for one in arrivals).most_common())


def _opened(database: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=30.0)
