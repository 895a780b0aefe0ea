"""The schema's version on PostgreSQL, and bringing it up to date.

Several programs work one database there, and not all are brought up to date at the same moment. So each migration says
in its first line what it does to programs of the version before: after an `expand` these go on, after a `break` they
cannot. What the newest migration was is kept in the database, where programs that do not know it can read it.

Migrations begin at 0010: a database of before is made at once (`db.postgres.schema`). A migration's text stands beside
SQLite's, under the same name with the ending `.postgresql.sql`, in PostgreSQL's own words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine

from db.postgres.driver import MAKING
from db.tables import SCHEMA_VERSION
from dl_lit.core.errors import DatabaseUnusable
from dl_lit.core.values import dataclass

SERVER_VERSION = 140_000
"""The oldest server: PostgreSQL 14, of 2021, is the oldest that was supported when this was written
(https://www.postgresql.org/support/versioning/, read 2026-11-23)."""

FOLDER = Path(__file__).parents[1] / "migrations" / "versions"
_ENDING = ".postgresql.sql"
_NAME = re.compile(rf"(\d{{4}})_\w+{re.escape(_ENDING)}")
_KIND = re.compile(r"-- (expand|break)\b")

MADE = """
CREATE TABLE migrations (
  number text COLLATE "C" PRIMARY KEY,
  expands bigint NOT NULL,
  done_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON COLUMN migrations.expands IS '1: programs that know the one before may go on'
"""
PATIENCE_S = 10.0
"""How long an upgrade waits for those who read what it changes."""

_PATIENCE = "SET LOCAL lock_timeout = '{:.0f}ms'"
_NOTE = "INSERT INTO migrations (number, expands) VALUES (?, ?)"
_IS_THERE = "SELECT to_regclass('migrations') IS NOT NULL"
_NEWEST = "SELECT number, expands FROM migrations ORDER BY number DESC LIMIT 1"
_DAEMONS = """
SELECT host, pid, knows FROM daemons WHERE expires_at >= clock_timestamp() AND knows < ? ORDER BY host, pid
"""


@dataclass(frozen=True, slots=True)
class Migration:
    """One step from a schema to the next."""

    number: str  # four digits
    expands: bool  # whether programs of the number before go on working
    sql: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a database's schema stands."""

    number: str  # of its newest migration
    expands: bool

    def is_beyond(self, known: str) -> bool:
        """Whether it is newer than the `known` schema."""
        return self.number > known

    def suits(self, known: str) -> bool:
        """Whether programs that know the schema up to `known`, which is older, can work it all the same."""
        return self.expands and int(self.number) == int(known) + 1


def migrations(folder: Path = FOLDER) -> list[Migration]:
    """All of them, in their order; raises `AssertionError` where one does not say what it is."""
    found = []
    for path in sorted(folder.glob(f"*{_ENDING}")):
        named, sql = _NAME.fullmatch(path.name), path.read_text(encoding="utf-8")
        kind = _KIND.match(sql)
        if named is None or kind is None:
            message = f"{path.name} is to be named NNNN_what{_ENDING}, and to begin with -- expand or -- break"
            raise AssertionError(message)
        found.append(Migration(named[1], kind[1] == "expand", sql))
    return found


def standing(engine: Engine) -> Standing | None:
    """The database's; None when dl_lit has no tables there yet. Raises `DatabaseUnusable` of an old server."""
    with engine.execution_options(begins="BEGIN").connect() as connection:
        _require_recent(connection)
        return standing_of(connection)


def _require_recent(connection: Connection) -> None:
    driver: Any = connection.connection.driver_connection
    number = driver.info.server_version
    if number < SERVER_VERSION:
        raise DatabaseUnusable(
            f"the server has PostgreSQL {number // 10_000}: dl_lit needs {SERVER_VERSION // 10_000} or newer"
        )


def standing_of(connection: Connection) -> Standing | None:
    """See `standing`."""
    if not connection.exec_driver_sql(_IS_THERE).scalar_one():
        return None
    number, expands = connection.exec_driver_sql(_NEWEST).one()
    return Standing(number, bool(expands))


def stamp_made(connection: Connection, folder: Path = FOLDER) -> None:
    """Note that the schema was made as it is at present."""
    cursor: Any = connection.connection.cursor()
    cursor.script(MADE)
    newest = next((one for one in migrations(folder) if one.number == SCHEMA_VERSION), None)
    connection.exec_driver_sql(_NOTE, (SCHEMA_VERSION, int(newest is not None and newest.expands)))


def upgrade(
    engine: Engine,
    which: str,
    *,
    to: str = SCHEMA_VERSION,
    folder: Path = FOLDER,
    patience_s: float = PATIENCE_S,
) -> list[str]:
    """Bring the schema up to `to`, all of it or nothing; the numbers of what was done, none where another came first.

    `which` is what the database is called. Nobody writes meanwhile. Raises `DatabaseUnusable` where a daemon is at work
    that could not go on, or a step of the way is not known here, and `psycopg.Error` where a step fails.
    """
    with engine.execution_options(begins=MAKING).begin() as connection:
        now = standing_of(connection)
        if now is None or now.number >= to:
            return []
        steps = [one for one in migrations(folder) if now.number < one.number <= to]
        if [int(one.number) for one in steps] != list(range(int(now.number) + 1, int(to) + 1)):
            raise DatabaseUnusable(f"the database {which} has schema {now.number}, and no way leads from it to {to}")
        _require_nobody(connection, steps, which)
        cursor: Any = connection.connection.cursor()
        cursor.script(_PATIENCE.format(patience_s * 1000))
        for step in steps:
            cursor.script(step.sql)
            connection.exec_driver_sql(_NOTE, (step.number, int(step.expands)))
    return [one.number for one in steps]


def _require_nobody(connection: Connection, steps: Sequence[Migration], which: str) -> None:
    """That no daemon lives which the last step, or more than one, would leave behind."""
    last = steps[-1]
    needed = f"{int(last.number) - 1:04}" if last.expands else last.number
    found = connection.exec_driver_sql(_DAEMONS, (needed,)).all()
    if found:
        names = ", ".join(f"process {pid} on {host} (knows {knows})" for host, pid, knows in found)
        raise DatabaseUnusable(
            f"the database {which} is not brought to schema {last.number} while daemons work it that could not go on: "
            f"{names}; stop them or update them first"
        )
