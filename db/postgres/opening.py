"""Opening a database on PostgreSQL: made where there is none, refused where it is another version's."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from db.postgres.address import put_up, shown
from db.postgres.engine import engine_at
from db.postgres.refusing import in_our_words
from db.postgres.schema import create, schema_version
from db.tables import SCHEMA_VERSION
from dl_lit.core.errors import DatabaseFull, DatabaseUnusable


def open_there(path: Path) -> Engine:
    """The database that the signpost at `path` leads to, made as needed; raises `DatabaseUnusable`."""
    try:
        engine = engine_at(path)
        version = schema_version(engine_at(path, read_only=True))
        if version is None:
            create(engine)
        else:
            _require_present(version, path)
        put_up(path)
    except SQLAlchemyError as error:
        raise _refused(error, path) from error
    return engine


def open_there_to_read(path: Path) -> Engine:
    """The existing database there, for reading only; raises `DatabaseUnusable`."""
    try:
        engine = engine_at(path, read_only=True)
        version = schema_version(engine)
    except SQLAlchemyError as error:
        raise _refused(error, path) from error
    if version is None:
        raise DatabaseUnusable(f"dl_lit has nothing in {shown(path)} yet: make it with dl-lit init-db")
    _require_present(version, path)
    return engine


def _require_present(version: str, path: Path) -> None:
    if version > SCHEMA_VERSION:
        raise DatabaseUnusable(
            f"the database {shown(path)} was written by a newer dl_lit "
            f"(schema {version}, this one knows {SCHEMA_VERSION}): update dl_lit"
        )
    if version < SCHEMA_VERSION:
        raise DatabaseUnusable(
            f"the database {shown(path)} has an older schema ({version}): upgrade it with dl-lit init-db"
        )


def _refused(error: SQLAlchemyError, path: Path) -> DatabaseFull | DatabaseUnusable:
    return in_our_words(error, path) or DatabaseUnusable(f"cannot open the database {shown(path)}: {error}")
