"""The entries that a person may decide on, with what they may choose from."""

from __future__ import annotations

import json
from collections.abc import Collection

from sqlalchemy import Connection

from db.reading.candidates import Candidate, candidates_of
from db.reading.places import EntryView, Failure, entries_of
from db.reading.scope import Scope
from db.reading.sources import SourceFacts, source_facts
from dl_lit.core.errors import BadInput
from dl_lit.core.reasons import Reason
from dl_lit.core.values import dataclass

_WAITING = """
SELECT f.entry_id FROM failed_enrichments AS f JOIN entries AS e ON e.id = f.entry_id
WHERE (f.needs_review <> 0 OR (? = 1 AND f.reason = ?)) AND (? = 1 OR e.source_id IN (SELECT value FROM json_each(?)))
ORDER BY e.source_id, e.position
"""


@dataclass(frozen=True, slots=True)
class Case:
    """An entry that was not recognised, and the records that came near."""

    entry: EntryView
    failure: Failure
    source: SourceFacts
    candidates: tuple[Candidate, ...]  # the best first, vetoed ones included

    @property
    def is_open(self) -> bool:
        """Whether it waits for a person: it has candidates, and nobody has rejected them."""
        return self.failure.needs_review or self.failure.reason == Reason.VETOED


def cases_waiting(
    connection: Connection, *, sources: Collection[int] | None = None, vetoed: bool = False
) -> tuple[int, ...]:
    """The ids of all entries that wait for a person, in printed order; with `vetoed` those with vetoed records too."""
    parameters = (vetoed, Reason.VETOED.value, sources is None, json.dumps(sorted(sources or ())))
    return tuple(row[0] for row in connection.exec_driver_sql(_WAITING, parameters))


def cases(connection: Connection, entries: Collection[int]) -> list[Case]:
    """These entries in printed order, as far as they have failed to be recognised."""
    scope = Scope.of_entries(entries)
    sources = {one.id: one for one in source_facts(connection, scope)}
    return [
        Case(entry, entry.failure, sources[entry.source_id], candidates_of(entry.failure.evidence))
        for entry in entries_of(connection, scope)
        if entry.failure is not None
    ]


def case(connection: Connection, entry_id: int) -> Case:
    """One entry. Raises `BadInput` where there is none, or it has not failed."""
    found = cases(connection, [entry_id])
    if not found:
        raise BadInput(f"e{entry_id} waits for no decision: dl-lit explain e{entry_id} says where it is")
    return found[0]
