"""Keys that people give: by hand, and by the files they bring. What a work was called before stays its own."""

from __future__ import annotations

from sqlalchemy import Connection

from db.citing.giving import GivenBy, add_key, present_keys
from db.codec import stamp
from dl_lit.core.errors import BadInput, NothingKnown
from dl_lit.core.key_pattern import fault_of
from dl_lit.core.values import dataclass


@dataclass(frozen=True, slots=True)
class Pinned:
    """What a work is called now."""

    work_id: int
    key: str  # in exports from now on
    former: str | None  # what it was called before; None: it had no key, or is called as before
    is_kept_beside: bool = False  # the brought key is but another name: the work had a key already


_OWNER = "SELECT work_id FROM citation_keys WHERE folded = ? AND work_id <> ? LIMIT 1"
_KEPT_BY = "SELECT kept_work_id FROM merges WHERE gone_work_id = ? AND undone_at IS NULL"
_RETIRE = "UPDATE citation_keys SET retired_at = ? WHERE work_id = ? AND retired_at IS NULL"
_AGAIN = "UPDATE citation_keys SET retired_at = NULL, given_by = ? WHERE folded = ? AND key = ? AND work_id = ?"
_IS_BESIDE = "SELECT 1 FROM citation_keys WHERE folded = ? AND key = ?"
_BESIDE = "INSERT INTO citation_keys (key, work_id, folded, given_at, given_by, retired_at) VALUES (?, ?, ?, ?, ?, ?)"


def pin_key(connection: Connection, work_id: int, key: str, by: GivenBy, now: float) -> Pinned:
    """Let `key` be the work's, within somebody's transaction that writes; `now` is seconds since the Unix epoch.

    What a person says replaces the key that the work has; what a file brings does not, it becomes another name of it.
    Raises `BadInput` where the key will not do or is another work's, `NothingKnown` where there is no such work.
    """
    if (fault := fault_of(key)) is not None:
        raise BadInput(f"{key!r} is no citation key: {fault}")
    _require_work(connection, work_id)
    owner = connection.exec_driver_sql(_OWNER, (key.casefold(), work_id)).scalar()
    if owner is not None:
        raise BadInput(f"the key {key} is that of w{owner}, for ever: choose another (dl-lit keys w{owner})")
    present = present_keys(connection, [work_id]).get(work_id)
    if present == key:
        return Pinned(work_id, key, None)
    if by is GivenBy.IMPORT and present is not None:
        if connection.exec_driver_sql(_IS_BESIDE, (key.casefold(), key)).first() is None:
            connection.exec_driver_sql(_BESIDE, (key, work_id, key.casefold(), stamp(now), by.value, stamp(now)))
        return Pinned(work_id, present, None, is_kept_beside=True)
    replace_key(connection, work_id, key, by, now)
    return Pinned(work_id, key, present)


def replace_key(connection: Connection, work_id: int, key: str, by: GivenBy, now: float) -> None:
    """Let the work be called `key`, which is no other work's; what it is called now stays its own."""
    connection.exec_driver_sql(_RETIRE, (stamp(now), work_id))
    if not connection.exec_driver_sql(_AGAIN, (by.value, key.casefold(), key, work_id)).rowcount:
        add_key(connection, work_id, key, by, now)


def _require_work(connection: Connection, work_id: int) -> None:
    if connection.exec_driver_sql("SELECT 1 FROM works WHERE id = ?", (work_id,)).first() is not None:
        return
    kept = connection.exec_driver_sql(_KEPT_BY, (work_id,)).scalar()
    if kept is not None:
        raise BadInput(f"w{work_id} is one with w{kept}: name that one, or dl-lit unmerge")
    raise NothingKnown(f"there is no work w{work_id}: dl-lit inspect-tables --table works lists them")
