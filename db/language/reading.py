"""What the file of language models tells whoever asks; it is not changed."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from db.language.schema import DAY_S, VERSION, language_file
from db.language.uploads import ALL, is_let_go, upload_of
from db.sidefile import Missing, read_once, trouble_reading
from dl_lit.core.language import RemoteLeft
from dl_lit.core.values import dataclass

MOST_DOLLARS = 1e9
"""More than any day costs: files of earlier versions may hold what a server made up, infinity included."""

_DAYS = """
SELECT day, model, requests, input, cached, written, output, cost FROM days WHERE day > ? ORDER BY day DESC, model
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayOfUse:
    """What one model took on one day (UTC)."""

    day: date
    model: str
    requests: int
    input_tokens: int  # cached and written ones included
    cached_tokens: int
    written_tokens: int
    output_tokens: int
    dollars: float  # 0 where neither the provider nor the settings tell a price


def days_of_use(state_folder: Path, now: float, days: int) -> Sequence[DayOfUse]:
    """The last `days` days up to `now` (epoch seconds), today first. Raises `DlLitError` where it cannot be read."""
    oldest = int(now // DAY_S) - days
    rows = _read(state_folder, lambda connection: connection.execute(_DAYS, (oldest,)).fetchall())
    return [
        DayOfUse(
            day=datetime.fromtimestamp(row[0] * DAY_S, UTC).date(),
            model=row[1],
            requests=row[2],
            input_tokens=row[3],
            cached_tokens=row[4],
            written_tokens=row[5],
            output_tokens=row[6],
            dollars=min(row[7], MOST_DOLLARS),
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class UploadsNoted:
    """How many uploads are not known to be deleted."""

    in_use: int  # by processes that live
    let_go: int  # by others, or so long ago that nobody works with them any more
    oldest_at: float | None = None  # when the oldest of them all was begun, epoch seconds; None: there is none


def uploads_noted(state_folder: Path, now: float) -> UploadsNoted:
    """The uploads at `now` (epoch seconds). Raises as above."""
    rows = _read(state_folder, lambda connection: connection.execute(ALL).fetchall())
    let_go = sum(is_let_go(row, now, language_file(state_folder)) for row in rows)
    return UploadsNoted(len(rows) - let_go, let_go, min((row[3] for row in rows), default=None))


def uploads_left(state_folder: Path, now: float) -> Sequence[RemoteLeft]:
    """The uploads of those that are let go at `now` (epoch seconds), the oldest first. Raises as above."""
    rows = _read(state_folder, lambda connection: connection.execute(ALL).fetchall())
    return [upload_of(row) for row in rows if is_let_go(row, now, language_file(state_folder))]


def _read(state_folder: Path, read: Callable[[sqlite3.Connection], list[Any]]) -> list[Any]:
    path = language_file(state_folder)
    try:
        return read_once(path, VERSION, read)
    except Missing:
        return []
    except sqlite3.Error as error:
        raise trouble_reading("the use of language models in", path, error) from error
