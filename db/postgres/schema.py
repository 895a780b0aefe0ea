"""Making the schema on PostgreSQL: the same tables, indexes and triggers, and what SQLite has by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Boolean, Engine, Float, Integer, Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import CreateIndex, CreateTable, DDLElement

from db.deeds import NOTED
from db.postgres.deed_log import noting
from db.postgres.driver import MAKING
from db.postgres.engine import SCHEMA
from db.postgres.finding import TABLES
from db.postgres.migrating import stamp_made, standing_of
from db.postgres.speaking import said
from db.postgres.triggers import by_statement, triggers_of
from db.tables import metadata
from db.tables.counting_triggers import BEGINNING, triggers
from db.tables.searched import SEARCHED_BEGINNING, search_triggers

_FUNCTIONS = Path(__file__).with_name("functions.sql")
_QUEUE = Path(__file__).with_name("queue.sql")

_QUESTIONS = re.compile(r"(\w+ IS NULL)(?=[,)])")
"""Columns of an index that PostgreSQL wants in brackets."""


@compiles(Text, "postgresql")
def _text(_type: Any, _compiler: Any, **_: Any) -> str:
    return 'TEXT COLLATE "C"'  # compared by its bytes, as on SQLite


@compiles(Integer, "postgresql")
def _integer(_type: Any, _compiler: Any, **_: Any) -> str:
    return "BIGINT"


@compiles(Boolean, "postgresql")
def _boolean(_type: Any, _compiler: Any, **_: Any) -> str:
    return "BIGINT"  # 0 and 1


@compiles(Float, "postgresql")
def _float(_type: Any, _compiler: Any, **_: Any) -> str:
    return "DOUBLE PRECISION"


def create(engine: Engine) -> None:
    """All tables at once, stamped with the present version; nothing where another process came first."""
    with engine.execution_options(begins=MAKING).begin() as connection:
        if standing_of(connection) is not None:
            return  # another process came first
        script = connection.connection.cursor().script
        script(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
        script(_FUNCTIONS.read_text(encoding="utf-8"))
        for table in metadata.sorted_tables:
            script(plainly(CreateTable(table, include_foreign_key_constraints=None), engine))
            for index in table.indexes:
                index.dialect_options["postgresql"]["where"] = index.dialect_options["sqlite"]["where"]
                script(plainly(CreateIndex(index), engine))
        made = (*triggers_of([*triggers(), *search_triggers()]), *by_statement())
        for statement in (*made, *_numbering(), *noting(NOTED), *_deferrable(), *TABLES):
            script(statement)
        script(_QUEUE.read_text(encoding="utf-8"))
        connection.exec_driver_sql(BEGINNING)
        connection.exec_driver_sql(SEARCHED_BEGINNING)
        stamp_made(connection)


def plainly(made: DDLElement, engine: Engine) -> str:
    """The statement that makes a table or an index, in PostgreSQL's words."""
    compiled = str(made.compile(dialect=engine.dialect)).replace("%%", "%")
    if isinstance(made, CreateIndex):
        compiled = _QUESTIONS.sub(r"(\1)", compiled)
    return said(compiled).sql.replace("%%", "%")


def _numbering() -> Iterator[str]:
    """Numbers that are given by whoever writes, and by the database behind those."""
    for table in metadata.tables.values():
        if table.autoincrement_column is None:
            continue
        name, key = table.name, table.autoincrement_column.name
        yield f"ALTER TABLE {name} ALTER COLUMN {key} TYPE bigint"
        yield f"ALTER SEQUENCE {name}_{key}_seq AS bigint"
        yield (
            f"CREATE FUNCTION tr_{name}_numbered() RETURNS trigger LANGUAGE plpgsql AS $tr$ DECLARE highest bigint; "  # noqa: S608
            f"BEGIN SELECT max({key}) INTO highest FROM fresh; "
            f"IF highest >= (SELECT last_value + is_called::integer FROM {name}_{key}_seq) "  # what it would give
            f"THEN PERFORM setval('{name}_{key}_seq', highest); END IF; RETURN NULL; END $tr$"
        )
        yield (
            f"CREATE TRIGGER tr_{name}_numbered AFTER INSERT ON {name} REFERENCING NEW TABLE AS fresh "
            f"FOR EACH STATEMENT EXECUTE FUNCTION tr_{name}_numbered()"
        )


def _deferrable() -> Iterator[str]:
    """References that may dangle until the end of a transaction that says so, as all of SQLite's may."""
    for table in metadata.sorted_tables:
        for reference in sorted(str(one.name) for one in table.foreign_key_constraints):
            yield f"ALTER TABLE {table.name} ALTER CONSTRAINT {reference} DEFERRABLE INITIALLY IMMEDIATE"
