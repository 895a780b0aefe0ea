"""Bare entries of lists get their records before they are aligned, many to a request."""

from __future__ import annotations

import json

from dl_lit.core.clock import SystemClock
from dl_lit.core.items import Resolved
from dl_lit.core.model import CitingWork, Listed, Name, Reference, Work
from stages.citing import CitedLists
from stages.enrichment.describing import describe
from stages.enrichment.desk import Desk, Habits, NoBibliographies, NoLocalIndex
from stages.enrichment.entries import Entry
from stages.sources.registry import SOURCES
from tests.fakes.service_calls import Asked, FakeServiceCalls

BARE = tuple(Listed(source="crossref", position=at, doi=f"10.1016/x.{at}") for at in range(1, 6))
TOLD = Listed(source="crossref", position=6, doi="10.1016/x.6", title="Told by the list itself")
CITED = CitedLists(citing=CitingWork(source_id=1, doi="10.1016/citing"), entries=(*BARE, TOLD))


def crossref(request: Asked) -> bytes:
    """Every DOI asked for but the fifth."""
    dois = [part.removeprefix("doi:") for part in request.params["filter"].split(",")]
    items = [{"DOI": doi, "title": [f"Work {doi}"]} for doi in dois if not doi.endswith(".5")]
    return json.dumps({"message": {"items": items}}).encode()


def desk(calls: FakeServiceCalls) -> Desk:
    return Desk(
        calls=calls, sources=SOURCES, bibliographies=NoBibliographies(), local=NoLocalIndex(), clock=SystemClock(),
        habits=Habits(),
    )  # fmt: skip


def entry(at: int, doi: str | None = None) -> Entry:
    reference = Reference(position=at, raw=f"Work {at}", authors=(Name(family="Lee"),), doi=doi)
    return Entry(id=at, source_id=1, reference=reference)


def test_what_nobody_describes_is_looked_up_in_one_request() -> None:
    """Not what is printed, known or told; what Crossref lacks stays bare, and the cost is shared by open entries."""
    calls = FakeServiceCalls({"crossref": crossref}, switched_off={"openalex", "doi"})
    known = entry(2)
    known.resolved = Resolved(work=Work(title="Known", doi="10.1016/x.2"), matched_by="doi")
    still_open = [entry(1, doi="10.1016/x.1"), entry(3)]
    found = describe(desk(calls), {1: [known, *still_open]}, {1: CITED})
    assert [one.params["filter"] for one in calls.asked] == ["doi:10.1016/x.3,doi:10.1016/x.4,doi:10.1016/x.5"]
    assert [one.title for one in found[1].entries] == [
        None, None, "Work 10.1016/x.3", "Work 10.1016/x.4", None, "Told by the list itself",
    ]  # fmt: skip
    assert [[one.requests for one in each.asked] for each in still_open] == [[0.5], [0.5]]
    assert known.asked == []


def test_nothing_is_asked_where_all_is_found() -> None:
    """A list whose bibliography is recognised needs no description."""
    calls = FakeServiceCalls({})
    done = entry(1)
    done.resolved = Resolved(work=Work(title="Known"), matched_by="doi")
    assert describe(desk(calls), {1: [done]}, {1: CITED}) == {1: CITED}
    assert calls.asked == []


def test_services_that_fail_leave_entries_bare() -> None:
    """The lists come back as they were."""
    calls = FakeServiceCalls({"crossref": lambda _: 503})
    found = describe(desk(calls), {1: [entry(3)]}, {1: CITED})
    assert found[1].entries == CITED.entries
