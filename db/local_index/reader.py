"""The imported metadata as the pipeline asks it: by identifier and by what is printed. Never a reason to fail."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import structlog

from db.local_index.file import damaged, open_to_read
from db.local_index.merging import merged, same_as_first
from db.local_index.records import DAMAGE, KINDS, decode
from db.local_index.search import Search
from db.local_index.words import Asked, TextKey, asked_by, probe
from dl_lit.core.errors import DatabaseUnusable
from dl_lit.core.model import Reference, Work

log = structlog.get_logger(__name__)

T = TypeVar("T")

_Identity = tuple[int, int]  # device and number of a file

_AT_ONCE = 500  # identifiers of one statement
_PASSING = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})  # no fault of the file


class LocalMetadata:
    """The index at `path`, for reading beside whoever imports into it. Thread-safe: a connection for each thread.

    An index that is not there is empty. One that cannot be read is told once, in the log and to `on_unusable`, and is
    empty until another file stands in its place.
    """

    def __init__(self, path: Path, text_key: TextKey, on_unusable: Callable[[str], None] | None = None) -> None:
        """Nothing is opened before something is asked."""
        self.path = path
        self._text_key = text_key
        self._probe = probe(text_key)
        self._on_unusable = on_unusable
        self._own = threading.local()
        self._lock = threading.Lock()
        self._opened: list[sqlite3.Connection] = []
        self._unusable: _Identity | None = None  # the file that cannot be read
        self._is_known_full = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing was ever imported, or what was cannot be read."""
        if self._is_known_full and self._unusable is None:
            return False
        self._is_known_full = self._ask(_has_records, default=False)
        return not self._is_known_full

    def by_ids(self, kind: str, ids: Sequence[str]) -> Mapping[str, Work]:
        """The works with these normalised identifiers: kinds "doi", "openalex", "arxiv", "pmid", "isbn"."""
        if kind not in KINDS:
            return {}
        wanted = list(dict.fromkeys(one.lower() if kind == "doi" else one for one in ids))
        return self._ask(lambda connection: _by_ids(connection, kind, wanted), default={})

    def search(self, reference: Reference, limit: int) -> list[Work]:
        """At most `limit` works that the entry may be, the likeliest first."""
        asked = asked_by(reference, self._text_key)
        if limit < 1 or not asked.words:
            return []
        return self._ask(lambda connection: _searched(connection, asked, limit), default=[])

    def close(self) -> None:
        """Close the connections of all threads; what is asked afterwards opens anew."""
        with self._lock:
            opened, self._opened = self._opened, []
            self._own = threading.local()
        for connection in opened:
            connection.close()

    def _ask(self, question: Callable[[sqlite3.Connection], T], *, default: T) -> T:
        """What the index answers; `default` where there is none or it cannot be read."""
        identity = _identity(self.path)
        if identity is None or identity == self._unusable:
            return default
        try:
            return question(self._connection(identity))
        except (sqlite3.Error, *DAMAGE) as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF not in _PASSING:
                self._tell(identity, str(damaged(self.path, error)))
        except DatabaseUnusable as error:
            self._tell(identity, str(error))
        return default

    def _connection(self, identity: _Identity) -> sqlite3.Connection:
        """This thread's connection to the file that is there now."""
        held: tuple[sqlite3.Connection, _Identity] | None = getattr(self._own, "held", None)
        if held is not None:
            if held[1] == identity:
                return held[0]
            self._forget(held[0])  # made anew since
        connection = open_to_read(self.path, self._probe)
        with self._lock:
            self._opened.append(connection)
        self._own.held = (connection, identity)
        return connection

    def _forget(self, connection: sqlite3.Connection) -> None:
        self._own.held = None
        with self._lock:
            if connection in self._opened:
                self._opened.remove(connection)
        connection.close()

    def _tell(self, identity: _Identity, message: str) -> None:
        with self._lock:
            if self._unusable == identity:
                return
            self._unusable = identity
        log.warning("local_index_unusable", path=str(self.path), why=message)
        if self._on_unusable is not None:
            self._on_unusable(message)


def _identity(path: Path) -> _Identity | None:
    """Which file stands at `path` now; None where none does."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _has_records(connection: sqlite3.Connection) -> bool:
    return bool(connection.execute("SELECT EXISTS (SELECT 1 FROM records)").fetchone()[0])


def _searched(connection: sqlite3.Connection, asked: Asked, limit: int) -> list[Work]:
    found = [decode(one.data) for one in Search(connection, asked).candidates()[: 2 * limit]]
    if connection.execute("SELECT count(*) FROM sources").fetchone()[0] > 1:
        found = _each_once(connection, found)
    return found[:limit]


def _by_ids(connection: sqlite3.Connection, kind: str, ids: Sequence[str]) -> dict[str, Work]:
    found: dict[str, list[Work]] = {}
    for start in range(0, len(ids), _AT_ONCE):
        batch = ids[start : start + _AT_ONCE]
        marks = ",".join("?" * len(batch))
        rows = connection.execute(
            "SELECT i.value, r.data FROM identifiers AS i JOIN records AS r ON r.id = i.record "  # noqa: S608 - marks only
            f"WHERE i.kind = ? AND i.value IN ({marks}) ORDER BY r.id DESC",
            (KINDS[kind], *batch),
        )
        for value, data in rows:
            found.setdefault(value, []).append(decode(data))
    return {value: merged(same_as_first(works)) for value, works in found.items()}


def _each_once(connection: sqlite3.Connection, works: Sequence[Work]) -> list[Work]:
    """The works in their order, those that several services described made one."""
    whole = _by_ids(connection, "doi", [work.doi for work in works if work.doi])
    seen: set[str] = set()
    each = []
    for work in works:
        if work.doi is None:
            each.append(work)
        elif work.doi not in seen:
            seen.add(work.doi)
            each.append(whole.get(work.doi, work))
    return each
