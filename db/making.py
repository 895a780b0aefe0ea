"""Making the database, or bringing it up to date: what `dl-lit init-db` is for."""

from __future__ import annotations

from pathlib import Path

from db.connect import open_database, open_to_read
from db.lock import PipelineLock
from db.tables import SCHEMA_VERSION
from dl_lit.core.clock import Clock
from dl_lit.core.database_address import is_elsewhere
from dl_lit.core.errors import DatabaseUnusable
from dl_lit.core.values import dataclass


@dataclass(frozen=True, slots=True)
class Made:
    """What it came to."""

    done: str  # "created", "upgraded" or "present"
    version: str  # of its schema now
    backup: Path | None = None  # where it is as it was before an upgrade


def make(path: Path, clock: Clock) -> Made:
    """Make the database at `path`, or bring it up to date; one that is so is left alone.

    A file is not upgraded while a pipeline works it (`DatabaseBusy`); a server's database while no daemon works it
    that could not go on. Raises `DatabaseUnusable`.
    """
    if is_elsewhere(path):
        from db.postgres.opening import bring_up_there  # noqa: PLC0415 - its driver is an extra

        return Made(*bring_up_there(path))
    existed = path.exists()
    try:
        open_to_read(path).dispose()
    except DatabaseUnusable:
        backups: list[Path] = []
        with PipelineLock(path, "init-db", clock):
            open_database(path, on_upgrade=backups.append).dispose()
        return Made("upgraded" if existed else "created", SCHEMA_VERSION, backups[0] if backups else None)
    return Made("present", SCHEMA_VERSION)
