"""What a batch left on PostgreSQL, and how it differs from the same batch on SQLite.

By nature differ: numbers of rows and times; how often something was tried, where a daemon was lost; and, of files whose
names would be the same, which one has the number behind it. Contents, counts, states and reasons do not.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from proofs.crash.findings import unwell
from proofs.fleet.crew import Fleet
from proofs.picture import Differences, Picture, differences, picture

from dl_lit.core.database_address import signpost

_TWICE = {
    "recorded twice": "SELECT stage, item_id, attempt FROM dl_lit.attempts GROUP BY 1, 2, 3 HAVING count(*) > 1",
    "done twice": "SELECT stage, item_id FROM dl_lit.attempts WHERE outcome = 'done' GROUP BY 1, 2 HAVING count(*) > 1",
    "two sources of one file": "SELECT sha256 FROM dl_lit.sources GROUP BY 1 HAVING count(*) > 1",
    "two works of one DOI": "SELECT doi FROM dl_lit.works WHERE doi IS NOT NULL GROUP BY 1 HAVING count(*) > 1",
    "one place twice": "SELECT source_id, position FROM dl_lit.entries GROUP BY 1, 2 HAVING count(*) > 1",
}
_IN_HAND = "SELECT stage, id FROM dl_lit.claims"


def left(fleet: Fleet) -> Picture:
    """Everything that the batch left."""
    return picture(signpost(fleet.address, fleet.folder), fleet.library)


def judged(fleet: Fleet, expected: Picture) -> tuple[Picture, Differences]:
    """What the batch left, and all of it that must not be; the daemons have ended."""
    found = left(fleet)
    plain = differences(expected, found)
    twice = [f"{what}: {row}" for what, statement in _TWICE.items() for row in fleet.asked(statement)]
    told = [*plain.told, *twice, *(f"still in hand: {row}" for row in fleet.asked(_IN_HAND)), *_unwell(fleet)]
    return found, Differences(plain.lost, plain.doubled + len(twice), tuple(told))


def _unwell(fleet: Fleet) -> Iterator[str]:
    environment = fleet.environment(0)
    Path(environment["DL_LIT_STATE_FOLDER"]).mkdir(exist_ok=True)
    yield from unwell(environment)
