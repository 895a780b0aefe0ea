"""Steps of the conformance suite that several of its modules take: entries that cite works, works that are queued."""

from __future__ import annotations

from collections.abc import Sequence

from dl_lit.core.items import Resolved
from dl_lit.core.job import Claim, Done, Outcome
from dl_lit.core.model import Reference, StageName, Work
from tests.fakes.backends import Backend, TestedStore
from tests.fakes.engine import finished, new_source, reference


def cite(backend: Backend, store: TestedStore, number: int, *works: Work) -> list[int]:
    """A source that cites `works`, recognised; their ids in the printed order."""
    source = backend.add_entries(new_source(number), [reference(place) for place in range(1, len(works) + 1)])
    store.notice()
    claims = store.claim(StageName.ENRICHMENT, 100)
    places = {claim.id: getattr(claim.item, "reference", Reference(position=0, raw="")).position for claim in claims}
    store.record(
        [finished(claim, Done(Resolved(work=works[places[claim.id] - 1], matched_by="doi"))) for claim in claims]
    )
    return [row[0] for row in backend.rows("SELECT work_id FROM entries WHERE source_id = ? ORDER BY position", source)]


def queue(store: TestedStore, *work_ids: int) -> list[Claim]:
    """Queue these works, in this order, one group each."""
    claims = {claim.id: claim for claim in store.claim(StageName.QUEUEING, 100)}
    store.release(claim for claim in claims.values() if claim.id not in work_ids)
    for work_id in work_ids:
        store.record([finished(claims[work_id])])
    return [claims[work_id] for work_id in work_ids]


def end(store: TestedStore, work_id: int, outcome: Outcome | None = None) -> None:
    """Download this work, or fail as told."""
    claims = store.claim(StageName.DOWNLOAD, 100)
    store.release(claim for claim in claims if claim.id != work_id)
    store.record([finished(claim, outcome) for claim in claims if claim.id == work_id])


def works_of_entries(backend: Backend, sources: Sequence[int] = ()) -> list[int]:
    """The work of every entry, source by source, in printed order."""
    rows = backend.rows("SELECT source_id, work_id FROM entries ORDER BY source_id, position")
    return [work for source, work in rows if not sources or source in sources]
