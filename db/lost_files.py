"""Works whose file has gone from the library are fetched again."""

from __future__ import annotations

from collections.abc import Callable, Collection

from sqlalchemy import Connection, Engine

from db.codec import stamp
from db.counting import count_attempt
from db.retrying import RANK
from dl_lit.core.clock import Clock
from dl_lit.core.model import StageName
from dl_lit.core.reasons import Reason

_PUT_BACK = f"""
INSERT INTO with_metadata (work_id, newest_source_id, cited_by, year, priority,
    processing_started_at, processing_timestamp, processing_duration_ms)
SELECT d.work_id, {RANK.format("d")}, ?1, ?1, 0 FROM downloaded_references AS d WHERE d.work_id = ?2
"""  # noqa: S608 - text of ours
_ATTEMPT = (
    "INSERT INTO attempts (stage, item_id, attempt, outcome, reason, detail, started_at, seconds) "
    "VALUES ('download', ?, 1, 'retry', ?, ?, ?, 0)"
)


def lost_files(connection: Connection, there: Callable[[str], bool]) -> tuple[dict[int, str], int]:
    """Works whose file is not `there`, with its path in the library; and how many files there are to be."""
    rows = connection.exec_driver_sql("SELECT work_id, file_path FROM downloaded_references").all()
    return {work_id: path for work_id, path in rows if not there(path)}, len(rows)


def fetch_again(engine: Engine, lost: Collection[tuple[int, str]], clock: Clock) -> int:
    """Put the works, of which the files at these paths are gone, back to be looked up and fetched; how many went."""
    now, put_back = stamp(clock.time()), 0
    with engine.begin() as connection:
        for work_id, path in lost:
            still = connection.exec_driver_sql(
                "SELECT count(*) FROM downloaded_references WHERE work_id = ? AND file_path = ?", (work_id, path)
            ).scalar_one()
            if not still:
                continue
            connection.exec_driver_sql(_PUT_BACK, (now, work_id))
            connection.exec_driver_sql("DELETE FROM downloaded_references WHERE work_id = ?", (work_id,))
            connection.exec_driver_sql(
                "UPDATE rechecks SET due_at = NULL, notices_due = NULL WHERE work_id = ?", (work_id,)
            )
            detail = f"{path} is not in the library any more"
            connection.exec_driver_sql(_ATTEMPT, (work_id, Reason.VANISHED.value, detail, now))
            count_attempt(connection, StageName.DOWNLOAD.value, "retry", Reason.VANISHED.value)
            put_back += 1
    return put_back
