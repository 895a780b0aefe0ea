"""Giving anew the keys that a pattern gave, after the pattern has changed; the old ones stay their works' own."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, Engine

from db.citing.choosing import Chooser, is_not_free
from db.citing.giving import GivenBy, held_keys
from db.citing.pinning import replace_key
from db.codec import decode_work
from db.deeds import DeedKind, deed
from db.refusing import named
from dl_lit.core.clock import Clock
from dl_lit.core.model import Work
from dl_lit.core.values import dataclass

WORKS_AT_A_TIME = 500
"""Works of one transaction, between which others may write."""


@dataclass(frozen=True, slots=True)
class Renewed:
    """A work that is called otherwise now."""

    work_id: int
    former: str
    key: str


_WORKS = "SELECT id, record FROM works WHERE id > ? ORDER BY id LIMIT ?"


def renew_keys(engine: Engine, chooser: Chooser, clock: Clock) -> Iterator[Renewed]:
    """Give their keys anew to the works that have one from a pattern, in the order in which the works were found.

    Some at a time, so that whoever works on the database goes on. Keys of people and their files stay.
    """
    last = 0
    while True:
        now = clock.time()
        with named(), engine.begin() as connection, deed(connection, DeedKind.RENEW_KEYS, now) as doing:
            rows = connection.exec_driver_sql(_WORKS, (last, WORKS_AT_A_TIME)).all()
            works = {work_id: decode_work(record) for work_id, record in rows}
            renewed = list(_renewed(connection, works, chooser, now))
            doing.said = f"{len(renewed):,} keys made anew"
        if not rows:
            return
        yield from renewed
        last = rows[-1][0]


def _renewed(connection: Connection, works: dict[int, Work], chooser: Chooser, now: float) -> Iterator[Renewed]:
    held = held_keys(connection, works)
    for work_id, work in works.items():
        if work_id not in held or held[work_id].by is not GivenBy.PATTERN:
            continue

        def is_taken(key: str, work_id: int = work_id) -> bool:
            return is_not_free(connection, key, work_id)

        former = held[work_id].key
        key = chooser.keep(work, former, is_taken) or chooser.choose(work, is_taken)
        if key != former:
            replace_key(connection, work_id, key, GivenBy.PATTERN, now)
            yield Renewed(work_id, former, key)
