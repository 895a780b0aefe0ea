"""Whether a database's file is as it was written: looked at before a pipeline writes anything into it."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine

from db.refusing import damaged, in_our_words

LOOKED_OVER_BYTES = 128 * 1_048_576
"""Up to this size the whole file is looked over at each start, which takes 0.1 s of CPU.

In a larger one damage is found where a page is read.
"""


def require_whole(engine: Engine, path: Path) -> Engine:
    """The engine, if the database at `path` is whole; else it is closed, and `DatabaseDamaged` says what is wrong.

    Nothing is written. SQLite's `quick_check` looks: https://www.sqlite.org/pragma.html#pragma_quick_check (read
    2026-11-23).
    """
    try:
        if path.stat().st_size <= LOOKED_OVER_BYTES:
            _look_over(engine, path)
    except BaseException as error:
        engine.dispose()
        if (known := in_our_words(error, path)) is not None:
            raise known from error
        raise
    return engine


def _look_over(engine: Engine, path: Path) -> None:
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        (found,) = cursor.execute("PRAGMA quick_check(1)").fetchone()
        cursor.close()
    finally:
        connection.close()
    if found != "ok":
        raise damaged(f"the database {path}", " ".join(str(found).split()))
