"""The cache at work: found by key, packed, the least recently used thrown out first when it grows beyond its cap."""

from __future__ import annotations

import sqlite3
import threading
import time
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from itertools import repeat
from pathlib import Path

from db.cache.schema import SCHEMA, VERSION, cache_file
from db.sidefile import Unusable, side_file_at
from dl_lit.core.clock import Clock
from dl_lit.core.memory import Kept, ToKeep

MAX_BODY_BYTES = 64_000_000  # unpacked; more than any service's answer that is read at all
_LEVEL = 4  # of zlib: a third of the time of its default for bodies a few per cent larger
_TOGETHER = 400  # keys in one statement
_STALE_USE_S = 3_600.0  # a use is written down again only after so long: reading mostly writes nothing
_TOUCHES_KEPT = 2_000
_THROWN_OUT = 200  # rows at once
_MAX_PASSES = 1_000
_LONGEST_S = 0.25  # of one clean-up; the next answer goes on with it
_LARGEST_SHARE = 0.25  # of the cap that one answer may have
_VACUUM_PAGES = 500

_FIND = "SELECT key, stored_at, expires_at, used_at, body, size FROM answers WHERE expires_at > ? AND key IN "
_SERVICE = "INSERT INTO services (name) VALUES (?) ON CONFLICT (name) DO NOTHING"
_PUT = """
INSERT INTO answers (key, service, stored_at, expires_at, used_at, size, packed, body)
VALUES (?, (SELECT id FROM services WHERE name = ?), ?, ?, ?, ?, ?, ?)
ON CONFLICT (key) DO UPDATE SET service = excluded.service, stored_at = excluded.stored_at,
    expires_at = excluded.expires_at, used_at = excluded.used_at, size = excluded.size, packed = excluded.packed,
    body = excluded.body
"""
_TOUCH = "UPDATE answers SET used_at = ? WHERE key = ?"
_COUNT = "UPDATE services SET hits = hits + ?, misses = misses + ? WHERE name = ?"
_EXPIRED = f"SELECT key, packed FROM answers WHERE expires_at <= ? LIMIT {_THROWN_OUT}"  # noqa: S608 - a number of ours
_OLDEST = f"SELECT key, packed FROM answers ORDER BY used_at LIMIT {_THROWN_OUT}"  # noqa: S608 - as above

LOW_MARK = 0.9
"""Of the cap: where throwing out ends."""

ROW_BYTES = 200
"""Of a row beside its body, indexes included."""


class DiskCache:
    """Answers of services in one file (`core.memory.AnswerCache`). `max_bytes` is the file's size at most, nearly."""

    def __init__(self, folder: Path, clock: Clock, *, max_bytes: int) -> None:
        """Nothing is opened before it is used."""
        self._file = side_file_at(cache_file(folder), "cache", SCHEMA, VERSION)
        self._clock = clock
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._hits: Counter[str] = Counter()
        self._misses: Counter[str] = Counter()
        self._touched: dict[bytes, float] = {}

    def get_many(self, service: str, keys: Sequence[str]) -> Mapping[str, Kept]:
        """What is kept under these keys and has not expired; the others are left out."""
        now = self._clock.time()
        by_digest = {_digest(service, key): key for key in keys}
        found: dict[str, Kept] = {}
        touched: list[bytes] = []
        for row in self._rows(list(by_digest), now):
            digest, stored_at, _, used_at, packed, size = row
            try:
                body = None if packed is None else _unpacked(packed, size)
                is_stale = now - used_at > _STALE_USE_S
            except (zlib.error, ValueError, TypeError):
                continue  # not what was written: asked anew, and replaced
            found[by_digest[digest]] = Kept(body, stored_at)
            if is_stale:
                touched.append(digest)
        with self._lock:
            self._hits[service] += len(found)
            self._misses[service] += len(by_digest) - len(found)
            if len(self._touched) < _TOUCHES_KEPT:
                self._touched.update(dict.fromkeys(touched, now))
        return found

    def put_many(self, service: str, answers: Sequence[ToKeep]) -> None:
        """Keep these, in place of what was kept under their keys."""
        now = self._clock.time()
        rows = [row for one in answers if (row := self._row(service, one, now)) is not None]
        if not rows:
            return
        try:
            with self._file.writing() as connection:
                connection.execute(_SERVICE, (service,))
                connection.executemany(_PUT, rows)
                self._note_use(connection)
            self._keep_within_bounds(now)
        except Unusable:
            return

    def flush(self) -> None:
        """Write down what was used and how often."""
        with self._lock:
            if not (self._hits or self._misses or self._touched):
                return
        try:
            with self._file.writing() as connection:
                self._note_use(connection)
        except Unusable:
            return

    def close(self) -> None:
        """Let go of the file."""
        self.flush()
        self._file.close()

    def _rows(self, digests: Sequence[bytes], now: float) -> Iterator[tuple[bytes, float, float, float, bytes, int]]:
        for start in range(0, len(digests), _TOGETHER):
            some = digests[start : start + _TOGETHER]
            marks = ",".join("?" * len(some))
            try:
                with self._file.reading() as connection:
                    rows = connection.execute(f"{_FIND} ({marks})", (now, *some)).fetchall()
            except Unusable:
                return
            yield from rows

    def _row(self, service: str, one: ToKeep, now: float) -> tuple[object, ...] | None:
        packed = None if one.body is None else zlib.compress(one.body, _LEVEL)
        length = len(packed or b"")
        if length > self._max_bytes * _LARGEST_SHARE or len(one.body or b"") > MAX_BODY_BYTES:
            return None
        digest = _digest(service, one.key)
        return (digest, service, now, one.expires_at, now, len(one.body or b""), length, packed)

    def _note_use(self, connection: sqlite3.Connection) -> None:
        with self._lock:
            hits, misses, touched = self._hits, self._misses, self._touched
            self._hits, self._misses, self._touched = Counter(), Counter(), {}
        names = sorted({*hits, *misses})
        connection.executemany(_SERVICE, ((name,) for name in names))
        connection.executemany(_COUNT, ((hits[name], misses[name], name) for name in names))
        connection.executemany(_TOUCH, ((used_at, digest) for digest, used_at in touched.items()))

    def _keep_within_bounds(self, now: float) -> None:
        """Throw out what has expired, then what was not used for longest, a little at a time."""
        with self._file.reading() as connection:
            pages, free, page_bytes = _pages(connection)
        if (pages - free) * page_bytes <= self._max_bytes:
            if pages * page_bytes > self._max_bytes and free:
                self._file.outside_transactions(f"PRAGMA incremental_vacuum({_VACUUM_PAGES})")
            return
        self._make_room((pages - free) * page_bytes - int(self._max_bytes * LOW_MARK), now)
        self._file.outside_transactions(f"PRAGMA incremental_vacuum({_VACUUM_PAGES})")

    def _make_room(self, excess: int, now: float) -> None:
        """Throw out so many bytes, or what can be done in a moment."""
        end = time.monotonic() + _LONGEST_S
        for statement, parameters in ((_EXPIRED, (now,)), *repeat((_OLDEST, ()), _MAX_PASSES)):
            with self._file.writing() as connection:
                excess -= _throw_out(connection, connection.execute(statement, parameters).fetchall(), excess)
            if excess <= 0 or time.monotonic() > end:
                break


def _throw_out(connection: sqlite3.Connection, rows: Sequence[tuple[bytes, int]], excess: int) -> int:
    """Delete of these rows, in order, as many as are too much; the bytes that this frees, about."""
    freed = 0
    gone: list[tuple[bytes]] = []
    for key, packed in rows:
        if freed >= excess:
            break
        freed += packed + ROW_BYTES
        gone.append((key,))
    connection.executemany("DELETE FROM answers WHERE key = ?", gone)
    return freed


def _pages(connection: sqlite3.Connection) -> tuple[int, int, int]:
    """Pages of the file, those of them that are free, and the bytes of each."""
    names = ("page_count", "freelist_count", "page_size")
    pages, free, page_bytes = (int(connection.execute(f"PRAGMA {name}").fetchone()[0]) for name in names)
    return pages, free, page_bytes


def _unpacked(packed: bytes, size: int) -> bytes:
    """The body; raises `zlib.error` or `ValueError` where it is not what was written."""
    unpacking = zlib.decompressobj()
    body = unpacking.decompress(packed, MAX_BODY_BYTES)
    if len(body) != size or not unpacking.eof:
        raise ValueError(f"{len(body)} bytes instead of {size}")
    return body


def _digest(service: str, key: str) -> bytes:
    return blake2b(f"{len(service)}:{service}{key}".encode("utf-8", "surrogatepass"), digest_size=20).digest()
