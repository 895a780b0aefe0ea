"""A better copy in the place of the one in the library. Any process may do this at any time.

The work's row stays in its room and changes in one transaction, guarded by the file it had. The file that it had is
named in the row (`replaces`) until somebody has put it away: after a sudden death the next start does.
"""

from __future__ import annotations

from sqlalchemy import Connection, Engine

from db.codec import stamp
from db.counting import count_attempt
from db.preparing import downloaded_values
from db.rechecking import Look, look_of
from db.recognition import status_of
from db.trails import trail_text
from dl_lit.core.clock import Clock
from dl_lit.core.items import Downloaded
from dl_lit.core.model import StageName
from dl_lit.core.retry_rules import next_look
from dl_lit.core.trail import Trail
from dl_lit.core.upgrading import is_better
from dl_lit.core.values import dataclass

_COLUMNS = (
    *("status", "file_path", "checksum_pdf", "size_bytes", "page_count", "url_source", "source_of_download"),
    *("version", "licence", "identity_score", "proof", "landing_url", "technique", "checksum_fetched"),
)
_REPLACE = f"""
UPDATE downloaded_references SET {", ".join(f"{name} = ?" for name in _COLUMNS)}, replaces = ?,
    processing_started_at = ?, processing_timestamp = ?, processing_duration_ms = ?
WHERE work_id = ? AND file_path = ? AND checksum_pdf = ? AND replaces IS NULL
"""  # noqa: S608 - names of ours
_ATTEMPT = (
    "INSERT INTO attempts (stage, item_id, attempt, outcome, reason, detail, started_at, seconds, trail) "
    "VALUES (?, ?, 1, 'done', ?, ?, ?, ?, ?)"
)
_END = """
INSERT INTO rechecks (work_id, reason, done, due_at) VALUES (?, ?, ?, ?)
ON CONFLICT (work_id) DO UPDATE SET reason = excluded.reason, done = excluded.done, due_at = excluded.due_at
"""

_COPY = """
SELECT d.work_id, w.record, d.status, coalesce(r.done, 0), r.due_at,
       d.version, d.url_source, d.checksum_pdf, d.file_path
FROM downloaded_references AS d JOIN works AS w ON w.id = d.work_id
LEFT JOIN rechecks AS r ON r.work_id = d.work_id WHERE d.work_id = ?
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """A file that came for a work which is in the library already, and how."""

    facts: Downloaded
    started_at: float  # epoch seconds
    seconds: float
    trail: Trail | None = None


def is_upgrade(look: Look, facts: Downloaded) -> bool:
    """Whether the file that came is strictly better than the one in the library."""
    if look.held is None or facts.is_in_quarantine or facts.sha256 == look.held.sha256:
        return False
    return is_better(status_of(facts), facts.proof.version or facts.location.version, look.held)


def replace_file(engine: Engine, look: Look, came: Came, clock: Clock) -> bool:
    """Let the work's row speak of the file that came; False where it is not in the library as `look` saw it any more.

    The path of the file before is in `replaces` from then on, until `put_away`.
    """
    facts, status = came.facts, status_of(came.facts)
    now = clock.time()
    stamps = stamp(came.started_at), stamp(came.started_at + came.seconds), round(came.seconds * 1000, 3)
    detail = f"in the place of {look.reason.value}: {look.path}"
    with engine.begin() as connection:
        sha256 = look.held.sha256 if look.held else None
        changed = connection.exec_driver_sql(
            _REPLACE, (*downloaded_values(facts, status), look.path, *stamps, look.work_id, look.path, sha256)
        )
        if not changed.rowcount:
            return False
        text = trail_text(came.trail)
        row = (StageName.DOWNLOAD.value, look.work_id, status.value, detail, stamps[0], came.seconds, text)
        connection.exec_driver_sql(_ATTEMPT, row)
        count_attempt(connection, StageName.DOWNLOAD.value, "done", status.value, came.seconds)
        due = next_look(status, look.work_id, done=0, now=now)
        connection.exec_driver_sql(_END, (look.work_id, status.value, 0, due))
    return True


def end_look(engine: Engine, look: Look, *, done: int, due_at: float | None) -> None:
    """Write down that nothing better came, how often that was looked for now, and when it is again (epoch seconds)."""
    with engine.begin() as connection:
        connection.exec_driver_sql(_END, (look.work_id, look.reason.value, done, due_at))


def left_behind(connection: Connection) -> list[tuple[int, str]]:
    """Files that rows have left behind, with their works: a better one came, or a person decided."""
    query = (
        "SELECT work_id, replaces FROM downloaded_references WHERE replaces IS NOT NULL "
        "UNION ALL SELECT work_id, path FROM refused_files WHERE path IS NOT NULL ORDER BY 1"
    )
    return [(row[0], row[1]) for row in connection.exec_driver_sql(query)]


def put_away(engine: Engine, work_id: int, path: str) -> None:
    """Note that the file at `path` is where it belongs, or gone."""
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE downloaded_references SET replaces = NULL WHERE work_id = ? AND replaces = ?", (work_id, path)
        )
        connection.exec_driver_sql(
            "UPDATE refused_files SET path = NULL WHERE work_id = ? AND path = ?", (work_id, path)
        )


def held_copy(connection: Connection, work_id: int) -> Look | None:
    """The work with the copy that the library has; None where it has none."""
    row = connection.exec_driver_sql(_COPY, (work_id,)).one_or_none()
    return None if row is None else look_of(row)
