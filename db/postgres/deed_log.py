"""What a deed changes, noted by the database: see `db.deeds`.

SQLite has triggers that only one connection has, made for a deed and removed after it. Here the triggers are made with
the tables, and sleep: they note rows only in transactions that say so, and into a table that only those have. To ask
whether one does costs a row less than a microsecond.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Table

LOG = "deed_log"
_ON = "dl_lit.deed"

_NOTE = f"""
CREATE FUNCTION tr_deed_noted() RETURNS trigger LANGUAGE plpgsql AS $tr$ BEGIN
  INSERT INTO pg_temp.{LOG} (what, was, made) VALUES (TG_TABLE_NAME,
    CASE WHEN TG_OP <> 'INSERT' THEN row_to_json(OLD)::text END,
    CASE WHEN TG_OP <> 'DELETE' THEN row_to_json(NEW)::text END);
  RETURN NULL;
END $tr$
"""  # noqa: S608 - names of ours
_MADE = (
    f"CREATE TEMP TABLE {LOG} (number bigint GENERATED ALWAYS AS IDENTITY, what text, was text, made text) "
    f"ON COMMIT DROP; SET LOCAL {_ON} = 'on'"
)
_DONE = f"SET LOCAL {_ON} = 'off'; DROP TABLE pg_temp.{LOG}"
_CHANGES = f"SELECT what, was, made FROM pg_temp.{LOG} ORDER BY number"  # noqa: S608 - as above


def noting(tables: tuple[Table, ...]) -> Iterator[str]:
    """The statements that make the triggers."""
    yield _NOTE
    for table in tables:
        yield (
            f"CREATE TRIGGER tr_{table.name}_deed AFTER INSERT OR UPDATE OR DELETE ON {table.name} FOR EACH ROW "
            f"WHEN (current_setting('{_ON}', true) = 'on') EXECUTE FUNCTION tr_deed_noted()"
        )


def begin(connection: Connection) -> None:
    """Note from now on, in this transaction."""
    _script(connection, _MADE)


def end(connection: Connection) -> Iterator[tuple[str, dict[str, Any] | None, dict[str, Any] | None]]:
    """Note no more; what was noted: the table, the row before, the row after."""
    rows = connection.exec_driver_sql(_CHANGES).all()
    _script(connection, _DONE)
    for what, was, made in rows:
        yield what, _read(was), _read(made)


def _script(connection: Connection, statements: str) -> None:
    cursor: Any = connection.connection.cursor()
    try:
        cursor.script(statements)
    finally:
        cursor.close()


def _read(row: str | None) -> dict[str, Any] | None:
    return None if row is None else json.loads(row)
