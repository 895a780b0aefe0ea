"""What became of a run, by its database: a file, or on a server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from db.connect import open_to_read


def asked(database: Path, query: str) -> list[tuple[Any, ...]]:
    """The rows that a query gives, read beside whoever works the database."""
    engine = open_to_read(database)
    try:
        with engine.connect() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(query)]
    finally:
        engine.dispose()
