"""What the cache holds and how often it helped, and clearing it."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

from db.cache.schema import SCHEMA, VERSION, cache_file
from db.sidefile import (
    Missing,
    SideFile,
    Unusable,
    bytes_at,
    is_damage,
    is_there,
    read_once,
    side_file_at,
    trouble_reading,
    where,
)
from dl_lit.core.errors import DlLitError
from dl_lit.core.values import dataclass

if TYPE_CHECKING:
    from db.postgres.beside import SideTables

_TOGETHER = 2_000  # rows deleted in one transaction, so that runs need not wait for long

_USE = """
SELECT s.name, count(a.key), coalesce(sum(a.packed = 0), 0),
       coalesce(sum(a.size), 0), coalesce(sum(a.packed), 0), s.hits, s.misses
FROM services s LEFT JOIN answers a ON a.service = s.id
GROUP BY s.id ORDER BY s.name
"""
_SOME = "DELETE FROM answers WHERE key IN (SELECT key FROM answers LIMIT ?)"
_SOME_OF = """
DELETE FROM answers WHERE key IN
    (SELECT key FROM answers WHERE service = (SELECT id FROM services WHERE name = ?) LIMIT ?)
"""

_UNCOUNT = "UPDATE services SET hits = 0, misses = 0 WHERE CAST(?1 AS TEXT) IS NULL OR name = ?1"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceShare:
    """One service's part of the cache."""

    service: str
    entries: int  # absences among them
    absences: int
    body_bytes: int  # of the answers as they came
    packed_bytes: int  # ... and as they are kept
    hits: int  # questions that were answered from memory, since the cache was made or cleared
    misses: int

    @property
    def hit_rate(self) -> float | None:
        """The share of questions that were answered from memory; None where nothing was asked."""
        asked = self.hits + self.misses
        return self.hits / asked if asked else None


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheUse:
    """The whole cache."""

    path: str
    file_bytes: int  # 0 where there is no cache yet
    services: tuple[ServiceShare, ...] = ()


def cache_use(folder: Path) -> CacheUse:
    """What the cache of this folder holds; raises `DlLitError` where it cannot be read."""
    path = cache_file(folder)
    try:
        rows = read_once(path, VERSION, lambda connection: connection.execute(_USE).fetchall())
    except Missing:
        return CacheUse(path=where(path), file_bytes=0)
    except sqlite3.Error as error:
        raise trouble_reading("the cache", path, error) from error
    shares = (
        ServiceShare(
            service=name,
            entries=entries,
            absences=absences,
            body_bytes=body_bytes,
            packed_bytes=packed_bytes,
            hits=hits,
            misses=misses,
        )
        for name, entries, absences, body_bytes, packed_bytes, hits, misses in rows
    )
    return CacheUse(path=where(path), file_bytes=bytes_at(path, VERSION), services=tuple(shares))


def clear_cache(folder: Path, service: str | None = None) -> int:
    """Forget what is kept of one service, or of all; how many answers those were. Raises `DlLitError`.

    May be done while others use the cache; a damaged one is set aside, and a new one begun.
    """
    path = cache_file(folder)
    if not is_there(path):
        return 0
    file = side_file_at(path, "cache", SCHEMA, VERSION, busy_s=30.0)
    try:
        try:
            return _cleared(file, service)
        except Unusable as error:
            if not isinstance(error.__cause__, sqlite3.Error) or not is_damage(error.__cause__):
                raise
            return _cleared(file, service)
    except Unusable as error:
        raise DlLitError(f"cannot clear the cache {where(path)}: {error.__cause__ or 'it is not usable'}") from error
    finally:
        file.close()


def _cleared(file: SideFile | SideTables, service: str | None) -> int:
    statement, parameters = (_SOME, (_TOGETHER,)) if service is None else (_SOME_OF, (service, _TOGETHER))
    cleared = 0
    while True:
        with file.writing() as connection:
            gone = connection.execute(statement, parameters).rowcount
            if not gone:
                connection.execute(_UNCOUNT, (service,))
        if not gone:
            break
        cleared += gone
    file.outside_transactions("PRAGMA incremental_vacuum")
    file.outside_transactions("PRAGMA wal_checkpoint(TRUNCATE)")
    return cleared
