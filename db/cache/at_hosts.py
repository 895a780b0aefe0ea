"""The cache of all hosts of a fleet, in their database: one of them at a time keeps it within its bounds."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from db.cache.store import LOW_MARK, ROW_BYTES, DiskCache
from dl_lit.core.clock import Clock
from dl_lit.core.database_address import is_signpost

_LOOK_S = 60.0  # between two looks of one process at how much there is: all rows are added up
_TIDYING = 0x646C6361  # "dlca": the advisory lock of whoever throws out

_SUM = f"SELECT coalesce(sum(packed + {ROW_BYTES}), 0) FROM answers"  # noqa: S608 - a number of ours
_TAKE = f"SELECT CAST(pg_try_advisory_xact_lock({_TIDYING}) AS int)"


class HostsCache(DiskCache):
    """See `DiskCache`; `max_bytes` is of the rows, all hosts' together, and may be passed for a minute.

    What is remembered is written without waiting for the server's disk: after a crash of the server the answers of its
    last moments are asked for anew. It is not left to memory alone (unlogged), since all would be lost then, and the
    services would be asked for all of it again.
    """

    def __init__(self, folder: Path, clock: Clock, *, max_bytes: int) -> None:
        """Nothing is opened before it is used; `folder` is the database's signpost."""
        super().__init__(folder, clock, max_bytes=max_bytes)
        self._looked_at = -_LOOK_S  # time.monotonic()

    def _keep_within_bounds(self, now: float) -> None:
        if time.monotonic() - self._looked_at < _LOOK_S:
            return
        self._looked_at = time.monotonic()
        connection: Any
        with self._file.reading() as connection:
            connection.cursor.script("BEGIN")
            try:
                if not connection.execute(_TAKE).fetchone()[0]:
                    return  # somebody is at it
                used = int(connection.execute(_SUM).fetchone()[0])
                if used > self._max_bytes:
                    self._make_room(used - int(self._max_bytes * LOW_MARK), now)
                    self._looked_at = -_LOOK_S  # there may be more to do
            finally:
                connection.cursor.script("ROLLBACK")


def cache_at(place: Path, clock: Clock, *, max_bytes: int) -> DiskCache:
    """The cache in a folder, for the processes of this machine, or where a signpost leads, for all hosts."""
    return (HostsCache if is_signpost(place) else DiskCache)(place, clock, max_bytes=max_bytes)
