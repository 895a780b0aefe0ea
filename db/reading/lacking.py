"""What else is known of works without a PDF: the file that waits for a person, and when they are looked at again."""

from __future__ import annotations

from datetime import UTC, date, datetime

from sqlalchemy import Connection

from db.codec import decode_downloaded
from dl_lit.core.values import dataclass


@dataclass(frozen=True, slots=True)
class Prospect:
    """What may still come of a work."""

    held: str | None  # the path of its file in quarantine, relative to the library
    look_again: date | None  # the day it is looked at again, in UTC


_PROSPECTS = """
SELECT f.work_id, f.held, r.due_at FROM failed_downloads AS f LEFT JOIN rechecks AS r ON r.work_id = f.work_id
"""


def prospects(connection: Connection) -> dict[int, Prospect]:
    """Of every work whose PDF could not be had, by its id."""
    rows = connection.exec_driver_sql(_PROSPECTS).all()
    return {work_id: Prospect(_path(held), _day(due_at)) for work_id, held, due_at in rows}


def source_paths(connection: Connection) -> dict[int, str]:
    """Where every source was found, by its id."""
    rows = connection.exec_driver_sql("SELECT id, path FROM sources").all()
    return {row[0]: row[1] for row in rows}


def _path(held: str | None) -> str | None:
    return decode_downloaded(held).path if held else None


def _day(epoch_s: float | None) -> date | None:
    return None if epoch_s is None else datetime.fromtimestamp(epoch_s, UTC).date()
