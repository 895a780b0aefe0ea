"""The file of one run's exchanges: requests with their answers, and what was remembered. Bodies are kept once, packed.

It is never a reason to fail: where the disk refuses, or the run's share of it is used up, nothing more is kept and the
file says so.
"""

from __future__ import annotations

import json
import sqlite3
import threading
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path

import structlog

from db.sidefile import connected
from dl_lit.core.errors import BadInput
from dl_lit.core.exchanges import Exchange, Known

VERSION = 1

_SCHEMA = f"""
CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE bodies (sha256 TEXT PRIMARY KEY, size INTEGER NOT NULL, packed BLOB) WITHOUT ROWID;
CREATE TABLE exchanges (
    id INTEGER PRIMARY KEY, request TEXT NOT NULL, status INTEGER, headers TEXT NOT NULL, sha256 TEXT NOT NULL,
    error TEXT, beneath TEXT, detail TEXT NOT NULL);
CREATE INDEX exchanges_by_request ON exchanges (request, id);
CREATE TABLE known (service TEXT NOT NULL, key TEXT NOT NULL, sha256 TEXT, PRIMARY KEY (service, key)) WITHOUT ROWID;
PRAGMA user_version={VERSION};
"""
LARGEST_BODY = 300_000_000
"""Bytes: longer ones are never kept, and not read from a file of others."""

_PDF = b"%PDF-"
_LARGE = 500  # bytes: what is looked for among the files of the library
_LEVEL = 4

log = structlog.get_logger("dl_lit.runs")


class ExchangeFile:
    """A run's exchanges while they are kept (`core.exchanges.ExchangeKeeper`)."""

    def __init__(self, path: Path, *, max_bytes: int) -> None:
        """Nothing is opened before something is kept. At most `max_bytes` of packed bodies are."""
        self.path = path
        self._left = max_bytes
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._is_broken = False

    def note(self, exchange: Exchange) -> None:
        """Keep one exchange."""
        row = (
            exchange.request, exchange.status, json.dumps(exchange.headers), exchange.error, exchange.beneath,
            exchange.detail,
        )  # fmt: skip

        def write(connection: sqlite3.Connection) -> None:
            digest = self._body(connection, exchange.body)
            connection.execute(
                "INSERT INTO exchanges (request, status, headers, error, beneath, detail, sha256) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                (*row, digest),
            )

        self._write(write)

    def know(self, known: Sequence[Known]) -> None:
        """Keep what is remembered under keys."""

        def write(connection: sqlite3.Connection) -> None:
            connection.executemany(
                "INSERT OR REPLACE INTO known VALUES (?, ?, ?)",
                [
                    (one.service, one.key, None if one.body is None else self._body(connection, one.body))
                    for one in known
                ],
            )

        if known:
            self._write(write)

    def tell(self, about: dict[str, object]) -> None:
        """Write down what is to be known about the run."""
        rows = [(name, json.dumps(value)) for name, value in about.items()]
        self._write(lambda connection: connection.executemany("INSERT OR REPLACE INTO about VALUES (?, ?)", rows))

    def belongs_to(self, path: Path) -> None:
        """Give the file its name, now that the run has a number."""
        with self._lock, suppress(OSError):
            if self.path.exists():
                self.path.replace(path)
            self.path = path

    def close(self, is_elsewhere: Callable[[str], bool] = lambda _sha256: False) -> None:
        """Let go of the file; bodies that are in files of their own (`is_elsewhere`, by SHA-256) are not kept twice."""

        def forget(connection: sqlite3.Connection) -> None:
            large = connection.execute("SELECT sha256 FROM bodies WHERE size > ?", (_LARGE,)).fetchall()
            rows = [row for row in large if is_elsewhere(row[0])]
            connection.executemany("UPDATE bodies SET packed = NULL WHERE sha256 = ?", rows)

        if self._connection is not None:
            self._write(forget)
        with self._lock:
            if self._connection is not None:
                with suppress(sqlite3.Error):
                    self._connection.execute("VACUUM")
                self._connection.close()
            self._connection = None
            self._is_broken = True

    def _write(self, write: Callable[[sqlite3.Connection], object]) -> None:
        with self._lock:
            if self._is_broken:
                return
            try:
                connection = self._connection or self._opened()
                connection.execute("BEGIN")
                write(connection)
                connection.execute("COMMIT")
                if self._left < 0:
                    connection.execute("INSERT OR REPLACE INTO about VALUES ('is_cut', 'true')")
                    self._give_up("the run's share of the disk is used up (runs.record_mb)")
            except (sqlite3.Error, OSError) as error:
                self._give_up(str(error))

    def _give_up(self, why: str) -> None:
        self._is_broken = True
        log.warning("answers_not_kept", path=str(self.path), why=why)

    def _opened(self) -> sqlite3.Connection:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.unlink(missing_ok=True)
        connection = connected(self.path)
        # A file that a crash damages is of a run that cannot be replayed anyway: nothing waits for the disk.
        connection.execute("PRAGMA journal_mode=MEMORY")
        connection.execute("PRAGMA synchronous=OFF")
        connection.executescript(_SCHEMA)
        self._connection = connection
        return connection

    def _body(self, connection: sqlite3.Connection, body: bytes) -> str:
        digest = sha256(body).hexdigest()
        if connection.execute("SELECT 1 FROM bodies WHERE sha256 = ?", (digest,)).fetchone() is None:
            packed = zlib.compress(body, 0 if body.startswith(_PDF) else _LEVEL)
            self._left -= len(packed)
            if self._left >= 0:
                connection.execute("INSERT INTO bodies VALUES (?, ?, ?)", (digest, len(body), packed))
        return digest


class KeptExchanges:
    """A run's exchanges to be given again (`core.exchanges.ExchangeSource`)."""

    def __init__(self, path: Path, files: dict[str, Path]) -> None:
        """`files` are those with the bodies that are not in the file, by SHA-256. Raises `BadInput`."""
        self._files = files
        self._lock = threading.Lock()
        self._asked: Counter[str] = Counter()
        try:
            self._connection = connected(path, mode="ro")
            if self._connection.execute("PRAGMA user_version").fetchone()[0] != VERSION:
                raise BadInput(f"{path} has exchanges in another form than this dl_lit reads")
        except sqlite3.Error as error:
            raise BadInput(f"{path} cannot be read: {error}") from error

    def about(self) -> dict[str, object]:
        """What is known about the run."""
        return {name: json.loads(value) for name, value in self._connection.execute("SELECT name, value FROM about")}

    def answer(self, request: str) -> Exchange | None:
        """See `core.exchanges.ExchangeSource`; None as well where its body is not there any more, or cannot be read."""
        try:
            return self._answer(request)
        except (sqlite3.Error, ValueError, TypeError) as error:
            log.warning("answer_not_readable", request=request, why=str(error))
            return None

    def _answer(self, request: str) -> Exchange | None:
        with self._lock:
            turn = self._asked[request]
            self._asked[request] += 1
            rows = self._connection.execute(
                "SELECT status, headers, sha256, error, beneath, detail FROM exchanges WHERE request = ? "
                "ORDER BY id LIMIT ?",
                (request, turn + 1),
            ).fetchall()
            if not rows:
                return None
            status, headers, digest, error, beneath, detail = rows[-1]
            body = self._body(digest)
        if body is None:
            return None
        return Exchange(
            request=request,
            status=status,
            headers=tuple((name, value) for name, value in json.loads(headers)),
            body=body,
            error=error,
            beneath=beneath,
            detail=detail,
        )

    def known(self) -> list[Known]:
        """What was remembered. Raises `BadInput` where that cannot be read."""
        with self._lock, _said():
            rows = self._connection.execute("SELECT service, key, sha256 FROM known").fetchall()
            return [Known(service, key, None if one is None else self._body(one) or b"") for service, key, one in rows]

    def absent_bodies(self) -> list[str]:
        """The SHA-256 of bodies that are in other files, or nowhere any more."""
        query = (
            "SELECT DISTINCT e.sha256 FROM exchanges AS e LEFT JOIN bodies AS b ON b.sha256 = e.sha256 "
            "WHERE b.packed IS NULL"
        )
        return [row[0] for row in self._connection.execute(query)]

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def _body(self, digest: str) -> bytes | None:
        row = self._connection.execute("SELECT packed FROM bodies WHERE sha256 = ?", (digest,)).fetchone()
        if row is not None and row[0] is not None:
            return _unpacked(row[0])
        try:
            place = self._files[digest]
            if not place.is_file() or place.stat().st_size > LARGEST_BODY:
                return None
            body = place.read_bytes()
        except (KeyError, OSError):
            return None
        return body if sha256(body).hexdigest() == digest else None


def _unpacked(packed: bytes) -> bytes | None:
    """The body; None where it is none, or longer than any that is kept."""
    unpacking = zlib.decompressobj()
    try:
        body = unpacking.decompress(packed, LARGEST_BODY)
    except zlib.error:
        return None
    return body if unpacking.eof else None


@contextmanager
def _said() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise BadInput(f"the answers of the run cannot be read: {error}") from error
