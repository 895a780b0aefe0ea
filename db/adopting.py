"""Files that a process put into the library and did not live to write down, other than those that were waited for."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import Engine

from db.files import owner_of
from db.held_files import accept_file, held_files
from db.recognition import Recogniser
from db.upgrading import Came, held_copy, is_upgrade, replace_file
from dl_lit.core.clock import Clock
from dl_lit.core.items import Downloaded
from dl_lit.core.trail import Trail

ACCEPTED = "accepted in review"
_LEFT = "put into the library by a process that ended before it could write this down"


class Adopted(StrEnum):
    """What became of such a file."""

    WRITTEN = "written"  # a row speaks of it now
    KNOWN = "known"  # a row did already
    UNWANTED = "unwanted"  # no row does or should


def adopt_beside(engine: Engine, work_id: int, facts: Downloaded, recogniser: Recogniser, clock: Clock) -> Adopted:
    """Finish what was begun: a person's decision on a file in quarantine, or a better copy in the place of another."""
    with engine.connect() as connection:
        if owner_of(connection, facts.path) is not None:
            return Adopted.KNOWN
        held = next((one for one in held_files(connection, [work_id]) if one.facts.sha256 == facts.sha256), None)
        copy = held_copy(connection, work_id)
    if held is not None and not facts.is_in_quarantine:
        accept_file(engine, held, facts, recogniser, clock, ACCEPTED)
        return Adopted.WRITTEN
    if copy is not None and is_upgrade(copy, facts):
        came = Came(facts=facts, started_at=clock.time(), seconds=0.0, trail=Trail(decision=_LEFT))
        if replace_file(engine, copy, came, clock):
            return Adopted.WRITTEN
    return Adopted.UNWANTED
