"""What is told beforehand is what is done: the forecast against the requests that the stage then makes."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from dl_lit.core.job import Again, Claim
from dl_lit.core.model import CitingWork, Reference
from stages.enrichment import EnrichmentStage, Habits
from stages.enrichment.desk import Desk
from stages.enrichment.forecast import Forecast, Outline, forecast
from stages.enrichment.gathering import FULL
from stages.sources.registry import SOURCES
from tests.fakes.bibliographies import FakeBibliographies, FakeLocalIndex
from tests.fakes.scenario import HandClock
from tests.fakes.service_calls import Asked, FakeServiceCalls
from tests.unit.stages.test_stages_whole_bibliographies import entry, openalex, work

BROAD = tuple(source for source in SOURCES if source.service in {"openalex", "crossref"})


def empty(request: Asked) -> bytes | int:
    """A service that knows nothing."""
    if request.path != "/works":
        return 404
    return b'{"results": [], "message": {"items": []}}'


def told_of(sources: dict[int, tuple[Reference, ...]], **more: object) -> Forecast:
    calls = FakeServiceCalls(is_offline=True, switched_off={"doi"})
    calls.remember("doi", {"ra:10.5555": b"Crossref"})
    desk = Desk(calls=calls, sources=BROAD, habits=Habits(), **more)  # type: ignore[arg-type]
    outlines = [Outline(citing=CitingWork(source_id=number), references=some) for number, some in sources.items()]
    return forecast(desk, outlines, FULL)


def requests_of(told: Forecast, service: str) -> tuple[float, float]:
    spans = [span for (name, _), span in told.requests.items() if name == service]
    return sum(span.expected for span in spans), sum(span.at_most for span in spans)


def worked(calls: FakeServiceCalls, sources: dict[int, tuple[Reference, ...]]) -> None:
    """Recognise everything, searches included."""
    bibliographies = FakeBibliographies(sources)
    stage = EnrichmentStage(calls, BROAD, bibliographies=bibliographies, clock=HandClock())
    for source in sources:
        waiting: list[Claim] = bibliographies.claims(source)
        while waiting:
            again = [(claim, answer) for claim, answer in stage.handle(waiting) if isinstance(answer, Again)]
            phases = Counter(answer.phase for _, answer in again)
            phase = next(iter(phases), "")
            waiting = [
                Claim(claim.stage, claim.id, claim.item, phase=phase)
                for claim, answer in again
                if answer.phase == phase
            ]
            assert len(phases) <= 1


@settings(deadline=None, max_examples=25)
@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 6)), min_size=1, max_size=5))
def test_no_service_is_asked_more_than_was_told_at_most(shape: list[tuple[int, int]]) -> None:
    """Bibliographies with so many identified and so many bare entries, at services that know nothing at all."""
    sources, number = {}, 0
    for source, (identified, bare) in enumerate(shape):
        some = []
        for place in range(identified + bare):
            some.append(entry(number, doi=f"10.5555/{number}" if place < identified else None))
            number += 1
        sources[source] = tuple(some)
    told = told_of(sources)
    calls = FakeServiceCalls({"openalex": empty, "crossref": empty}, switched_off={"doi"})
    calls.remember("doi", {"ra:10.5555": b"Crossref"})
    worked(calls, sources)
    for service in ("openalex", "crossref"):
        assert len(calls.to(service)) <= requests_of(told, service)[1]
    credits_ = sum(one.credits for one in calls.asked)
    assert credits_ <= told.credits["openalex"].at_most


def test_where_the_services_know_everything_the_expectation_is_near() -> None:
    """Two hundred printed DOIs: four lists at OpenAlex, five at Crossref for notices."""
    sources = {source: tuple(entry(50 * source + place) for place in range(50)) for source in range(4)}
    told = told_of(sources)
    calls = FakeServiceCalls({"openalex": openalex, "crossref": empty}, switched_off={"doi"})
    worked(calls, sources)
    assert len(calls.to("openalex")) == 4
    spans = [span for (service, _), span in told.requests.items() if service == "openalex"]
    assert sum(span.low for span in spans) <= 8
    assert 4 <= sum(span.expected for span in spans) <= 24  # some identifiers of real bibliographies are misprinted
    assert len(calls.to("crossref")) == 5
    assert requests_of(told, "crossref")[0] <= 30


def test_what_is_known_imported_or_remembered_is_not_counted() -> None:
    """It needs no request, and the plan says how much of it there is."""
    sources = {1: (entry(0), entry(1, doi=None), Reference(position=3, raw="Ibid., 12."), entry(3))}
    nothing_known = told_of(sources)
    told = told_of(
        sources,
        bibliographies=FakeBibliographies(works={("doi", "10.5555/0"): work(0)}),
        local=FakeLocalIndex({("doi", "10.5555/1"): work(1)}),
    )
    assert told.without_request == {"not_a_work": 1, "known": 1, "local": 1, "remembered": 0}
    assert requests_of(told, "crossref")[1] < requests_of(nothing_known, "crossref")[1]


def test_remembered_answers_are_taken_off() -> None:
    """After a run the same plan needs nothing for what was answered."""
    sources = {1: tuple(entry(number, doi=None) for number in range(10))}
    calls = FakeServiceCalls({"openalex": empty, "crossref": empty}, switched_off={"doi"})
    worked(calls, sources)
    calls.is_offline = True
    desk = Desk(calls=calls, sources=BROAD, habits=Habits(use_citing_lists=False, check_retractions=False))
    told = forecast(desk, [Outline(citing=CitingWork(source_id=1), references=sources[1])], FULL)
    assert told.remembered == 20
    assert told.without_request["remembered"] == 10
    assert requests_of(told, "crossref") == (0, 0)


def test_after_a_run_the_same_bibliography_needs_no_request_at_all() -> None:
    """Identifiers, lists, searches and notices are all remembered: recall is free, and nothing is left to ask."""
    sources = {1: tuple(entry(number, doi=None if number % 3 else f"10.5555/{number}") for number in range(30))}

    def knows(request: Asked) -> bytes | int:
        return openalex(request) if "filter" in request.params else empty(request)

    calls = FakeServiceCalls({"openalex": knows, "crossref": empty}, switched_off={"doi"})
    calls.remember("doi", {"ra:10.5555": b"Crossref"})
    worked(calls, sources)
    calls.is_offline = True
    outline = Outline(citing=CitingWork(source_id=1), references=sources[1])
    told = forecast(Desk(calls=calls, sources=BROAD), [outline], FULL)
    assert told.without_request["remembered"] == 30
    assert len(told.works) >= 10
    assert requests_of(told, "openalex") == requests_of(told, "crossref") == (0, 0)
    assert sum(span.at_most for span in told.credits.values()) == 0


def test_what_is_expected_lies_in_its_range_and_the_range_below_the_most() -> None:
    """Dear searches are what is uncertain: nobody knows beforehand whether services know what a paper cites."""
    sources = {1: tuple(entry(number, doi=None) for number in range(40))}
    told = told_of(sources)
    for span in (*told.requests.values(), *told.credits.values()):
        assert span.low <= span.expected <= span.high <= span.at_most
    spent = told.credits["openalex"]
    assert spent.low < spent.expected < spent.high
    assert told.remembered == 0
    assert spent.high >= 300  # most entries, at ten credits each
