"""SQLite files beside the database that all processes of the machine share and that the work can do without.

Trouble with such a file (no space, no right to write, damage) is never the work's: it is said once, the work goes on
without the file, and after a while the file is tried again. A damaged file is set aside and made anew: the next use
has the new one.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import structlog

from dl_lit.core.database_address import is_signpost, shown
from dl_lit.core.errors import DlLitError

if TYPE_CHECKING:
    from db.postgres.beside import SideTables

BUSY_S = 1.0
"""How long a statement waits for another process's write lock."""

_BREATH_S = 5.0  # after having waited in vain, so that a process that hangs with the lock slows nobody down
T = TypeVar("T")

_REST_S = 60.0  # after trouble with the disk
_DAMAGE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_PASSING = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})

log = structlog.get_logger(__name__)


class Unusable(Exception):
    """The file cannot be used now; it has been said where it had to be."""


class Missing(Exception):
    """There is no such file yet, and none was to be made."""


def side_file_at(
    path: Path, name: str, schema: str, version: int, *, busy_s: float = BUSY_S, is_lasting: bool = False
) -> SideFile | SideTables:
    """The file at `path`; where a signpost stands for its folder, tables in the database that it leads to.

    `is_lasting` is about these: whether what is written is on the server's disk before anybody goes on.
    """
    if not is_signpost(path.parent):
        return SideFile(path, name, schema, version, busy_s=busy_s)
    from db.postgres.beside import SideTables  # noqa: PLC0415 - its driver is an extra

    return SideTables(path, name, schema, version, busy_s=busy_s, is_lasting=is_lasting)


class SideFile:
    """One such file. Thread-safe: one connection that reads and one that writes, each used by one thread at a time.

    `name` is what the file is called in the log. `schema` is run on a new file, whose `version` is stamped on it; a
    file of another version counts as damaged, so a change of the schema should change the file's name, too.
    """

    is_of_all_hosts = False

    def __init__(self, path: Path, name: str, schema: str, version: int, *, busy_s: float = BUSY_S) -> None:
        """Nothing is opened before it is used."""
        self.path = path
        self._name = name
        self._schema = schema
        self._version = version
        self._busy_s = busy_s
        self._locks = {"reading": threading.Lock(), "writing": threading.Lock()}
        self._open: dict[str, tuple[sqlite3.Connection, tuple[int, int]]] = {}
        self._used: dict[str, tuple[int, int] | None] = {}  # the file in use, or that could not even be opened
        self._spared_until = 0.0  # time.monotonic(): one that is damaged again so soon is left where it is
        self._rests_until: dict[str, float] = {}  # time.monotonic()
        self._told: set[str] = set()  # what does not work and was said to

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection to read from; raises `Unusable`."""
        with self._locks["reading"], self._minded("reading") as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A connection within a transaction, committed at the end; raises `Unusable`."""
        with self._locks["writing"], self._minded("writing") as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            finally:
                if connection.in_transaction:
                    with suppress(sqlite3.Error):
                        connection.execute("ROLLBACK")

    def outside_transactions(self, statement: str) -> None:
        """Run a statement that must stand alone (vacuum); raises `Unusable`."""
        with self._locks["writing"], self._minded("writing") as connection:
            connection.executescript(statement)  # which alone takes an incremental vacuum to its end

    def close(self) -> None:
        """Close both connections; the next use opens them again."""
        for kind, lock in self._locks.items():
            with lock:
                self._drop(kind)

    @contextmanager
    def _minded(self, kind: str) -> Iterator[sqlite3.Connection]:
        """The connection of this kind; what goes wrong is understood here, once."""
        if time.monotonic() < self._rests_until.get(kind, 0.0):
            raise Unusable
        try:
            yield self._connection(kind)
            self._told.discard(kind)
        except (sqlite3.Error, OSError) as error:
            self._drop(kind)
            code = getattr(error, "sqlite_errorcode", None)
            base = code & 0xFF if isinstance(code, int) else None
            if base in _PASSING:
                self._rests_until[kind] = time.monotonic() + _BREATH_S
                raise Unusable from error
            if is_damage(error):
                self._set_aside(kind, str(error))
            else:
                self._rest(kind, str(error))
            raise Unusable from error

    def _connection(self, kind: str) -> sqlite3.Connection:
        """The open connection, unless the file has been replaced or removed under it."""
        held = self._open.get(kind)
        if held is not None:
            if held[1] == _identity(self.path):
                return held[0]
            self._drop(kind)
        self._used[kind] = None
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self._exclusively():
            if not self.path.exists():
                self._make()
            identity = self._used[kind] = _identity(self.path)
            connection = connected(self.path, busy_s=self._busy_s, mode="rw")
            try:
                self._check(connection)
            except BaseException:
                connection.close()
                raise
        if identity is None:
            connection.close()
            raise FileNotFoundError(self.path)
        self._open[kind] = (connection, identity)
        return connection

    def _check(self, connection: sqlite3.Connection) -> None:
        found = connection.execute("PRAGMA user_version").fetchone()[0]
        if found != self._version:
            raise sqlite3.IntegrityError(f"a file of version {found}, not {self._version}")
        connection.execute("PRAGMA synchronous=NORMAL")

    def _make(self) -> None:
        """Make the file under another name first, so that nobody ever sees half of it."""
        unfinished = self.path.with_name(f"{self.path.name}.new")
        unfinished.unlink(missing_ok=True)
        with closing(connected(unfinished)) as connection:
            connection.execute("PRAGMA auto_vacuum=INCREMENTAL")
            connection.execute("PRAGMA journal_mode=WAL")
            connection.executescript(f"BEGIN; {self._schema} PRAGMA user_version={self._version}; COMMIT;")
        unfinished.replace(self.path)

    def _drop(self, kind: str) -> None:
        held = self._open.pop(kind, None)
        if held is not None:
            with suppress(sqlite3.Error):
                held[0].close()

    @contextmanager
    def _exclusively(self) -> Iterator[None]:
        """One process at a time makes the file or sets it aside."""
        file = os.open(f"{self.path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            self._lock(file)
            yield
        finally:
            os.close(file)

    def _lock(self, file: int) -> None:
        end = time.monotonic() + self._busy_s
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > end:
                    raise
                threading.Event().wait(0.01)
            else:
                return

    def _set_aside(self, kind: str, why: str) -> None:
        """Rename the damaged file, unless another process has done so already; one damaged file is kept."""
        aside = self.path.with_name(f"{self.path.name}.damaged")
        if time.monotonic() < self._spared_until:
            self._rest(kind, why)
            return
        try:
            with self._exclusively():
                if self._used[kind] != _identity(self.path):
                    return
                self.path.replace(aside)
                for end in ("-wal", "-shm"):
                    self.path.with_name(self.path.name + end).unlink(missing_ok=True)
        except OSError as error:
            self._rest(kind, f"{why}; {error}")
            return
        self._spared_until = time.monotonic() + _REST_S
        log.warning("side_file_damaged", what=self._name, path=str(self.path), why=why, kept_as=aside.name)

    def _rest(self, kind: str, why: str) -> None:
        self._rests_until[kind] = time.monotonic() + _REST_S
        if not self._told:
            log.warning("side_file_unusable", what=self._name, path=str(self.path), why=why)
        self._told.add(kind)


def is_damage(error: sqlite3.Error | OSError) -> bool:
    """Whether the file is at fault: what stands in it is not what was written, or not ours."""
    if not isinstance(error, sqlite3.Error):
        return False
    code = getattr(error, "sqlite_errorcode", None)  # None where Python itself cannot read a value, text for instance
    by_type = sqlite3.IntegrityError if code is not None else (sqlite3.IntegrityError, sqlite3.OperationalError)
    return isinstance(error, by_type) or (code is not None and code & 0xFF in _DAMAGE)


def trouble_reading(what: str, path: Path, error: sqlite3.Error) -> DlLitError:
    """What is said to who wanted to read the file: what is wrong, and what becomes of it."""
    if is_damage(error):
        return DlLitError(f"{what} {where(path)} is damaged ({error}): the next run sets it aside and begins a new one")
    return DlLitError(f"cannot read {what} {where(path)}: {error}")


def connected(path: Path, *, busy_s: float = BUSY_S, mode: str = "rwc") -> sqlite3.Connection:
    """A connection to the file, no statement run; transactions are begun by hand. Raises `sqlite3.Error`."""
    name = str(path).replace("%", "%25").replace("?", "%3f").replace("#", "%23")
    return sqlite3.connect(
        f"file:{name}?mode={mode}", uri=True, timeout=busy_s, isolation_level=None, check_same_thread=False
    )


def read_once(path: Path, version: int, read: Callable[[sqlite3.Connection], T]) -> T:
    """What `read` finds in the file, which is not made or changed. Raises `Missing`, or `sqlite3.Error`.

    `version` is that of its schema: it names the tables that stand in a file's place, see `side_file_at`.
    """
    if is_signpost(path.parent):
        from db.postgres.beside import read_there  # noqa: PLC0415 - its driver is an extra

        return read_there(path, version, read)
    if not path.exists():
        raise Missing(path)
    with closing(connected(path, mode="ro")) as connection:
        return read(connection)


def is_there(path: Path) -> bool:
    """Whether there may be something to read; of tables in a file's place only reading tells."""
    return is_signpost(path.parent) or path.exists()


def where(path: Path) -> str:
    """Where it is, as people are told."""
    return shown(path.parent) if is_signpost(path.parent) else str(path)


def bytes_at(path: Path, version: int) -> int:
    """How much room it takes; 0 where there is nothing that can be read. `version` is as in `read_once`."""
    if is_signpost(path.parent):
        from db.postgres.beside import size_there  # noqa: PLC0415 - its driver is an extra

        with suppress(Missing, sqlite3.Error):
            return size_there(path, version)
        return 0
    total = 0
    for end in ("", "-wal"):
        with suppress(OSError):
            total += path.with_name(path.name + end).stat().st_size
    return total


def _identity(path: Path) -> tuple[int, int] | None:
    """Which file stands under the name now; None where none does."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
