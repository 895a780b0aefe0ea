"""The store on whichever database stands at a path."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from db.recognition import Recogniser
from db.store import SqliteStore
from dl_lit.core.clock import Clock
from dl_lit.core.database_address import is_elsewhere

__all__ = ["SqliteStore", "open_store"]  # the type, for those who are given one


def open_store(
    path: Path,
    clock: Clock,
    recogniser: Recogniser,
    *,
    synchronous: str = "FULL",
    on_upgrade: Callable[[Path], None] | None = None,
    resolver: int = 1,
    lease_s: float = 60.0,
    stages: str = "",
) -> SqliteStore:
    """The store of the database at `path`, made as needed: a file, or where a signpost leads to.

    See `SqliteStore` and `db.postgres.store.PostgresStore` for what is what.
    """
    if is_elsewhere(path):
        from db.postgres.store import PostgresStore  # noqa: PLC0415 - its driver is an extra

        return PostgresStore(path, clock, recogniser, resolver=resolver, lease_s=lease_s, stages=stages)
    return SqliteStore(path, clock, recogniser, synchronous=synchronous, on_upgrade=on_upgrade, resolver=resolver)
