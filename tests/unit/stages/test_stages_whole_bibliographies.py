"""Whole bibliographies: planned together by whoever comes first, and nothing asked twice."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from dl_lit.core.errors import ServiceError
from dl_lit.core.items import Resolved
from dl_lit.core.job import Again, Answer, Claim, Done, Retry
from dl_lit.core.model import CitingWork, Name, Reference, Work, WorkType
from dl_lit.core.reasons import Reason
from dl_lit.core.trail import Reply
from stages.enrichment import EnrichmentStage, Habits
from stages.enrichment.entries import MAX_ASKED
from stages.enrichment.stage import NOTICES, SEARCH
from stages.sources.registry import SOURCES
from tests.fakes.bibliographies import FakeBibliographies, FakeLocalIndex
from tests.fakes.scenario import HandClock
from tests.fakes.service_calls import Asked, FakeServiceCalls

BROAD = tuple(source for source in SOURCES if source.service in {"openalex", "crossref"})
WORDS = ("gravel", "cusps", "kelp", "lapwings", "estuaries", "groynes", "shingle", "lagoons", "marshes", "spits")
UNCHECKED = Habits(check_retractions=False)


def title(number: int) -> str:
    return f"A long treatise on the {WORDS[number % 10]} of shore number {number} and its neighbours"


def entry(number: int, **changes: Any) -> Reference:
    """The printed entry of the work with this number."""
    facts: dict[str, Any] = {
        "position": number + 1,
        "raw": f"Lee, A. ({1900 + number % 100}). {title(number)}. Oslo.",
        "title": title(number),
        "authors": (Name(family="Lee", given="A."),),
        "year": 1900 + number % 100,
        "type": WorkType.BOOK,
        "doi": f"10.5555/{number}",
    }
    return Reference(**{**facts, **changes})


def work(number: int, **changes: Any) -> Work:
    facts: dict[str, Any] = {
        "title": title(number),
        "authors": (Name(family="Lee", given="Anna"),),
        "year": 1900 + number % 100,
        "type": WorkType.BOOK,
        "doi": f"10.5555/{number}",
    }
    return Work(**{**facts, **changes})


def openalex_record(number: int) -> dict[str, Any]:
    return {
        "id": f"https://openalex.org/W{1000 + number}",
        "doi": f"https://doi.org/10.5555/{number}",
        "title": title(number),
        "type": "book",
        "publication_year": 1900 + number % 100,
        "authorships": [{"author": {"display_name": "Anna Lee"}}],
    }


def openalex(request: Asked) -> bytes:
    """OpenAlex with all works, by DOI and by its own identifiers, and with what 10.1000/citing cites."""
    if request.path == "/works/doi:10.1000/citing":
        cited = [f"https://openalex.org/W{1000 + number}" for number in range(20)]
        return json.dumps({"id": "https://openalex.org/W9", "doi": "https://doi.org/10.1000/citing",
                           "title": "The citing work", "referenced_works": cited}).encode()  # fmt: skip
    kind, _, values = request.params["filter"].partition(":")
    ids = values.split("|")
    numbers = [int(one.rpartition("/")[2]) for one in ids] if kind == "doi" else [int(one[1:]) - 1000 for one in ids]
    return json.dumps({"results": [openalex_record(number) for number in numbers]}).encode()


def nothing(request: Asked) -> bytes:
    return b'{"results": [], "message": {"items": []}}'


def down(_: Asked) -> ServiceError:
    return ServiceError("x", Reason.SERVICE_DOWN, "HTTP 503")


def stage_of(calls: FakeServiceCalls, bibliographies: FakeBibliographies, **more: Any) -> EnrichmentStage:
    given: dict[str, Any] = {"habits": UNCHECKED, "clock": HandClock(), **more}
    return EnrichmentStage(calls, BROAD, bibliographies=bibliographies, **given)


def answers(stage: EnrichmentStage, claims: list[Claim]) -> list[Answer]:
    return [answer for _, answer in sorted(stage.handle(claims), key=lambda pair: pair[0].id)]


def resolved(answer: Answer) -> Resolved:
    assert isinstance(answer, Done), answer
    assert isinstance(answer.facts, Resolved)
    return answer.facts


def test_one_claim_brings_the_whole_bibliography() -> None:
    """Forty entries cost one request, whichever of them is asked about first."""
    bibliographies = FakeBibliographies({1: tuple(map(entry, range(40)))})
    calls = FakeServiceCalls({"openalex": openalex})
    stage = stage_of(calls, bibliographies)
    assert resolved(answers(stage, bibliographies.claims(1, 7))[0]).work.doi == "10.5555/7"
    assert len(calls.asked) == 1
    rest = answers(stage, bibliographies.claims(1, *(place for place in range(40) if place != 7)))
    assert {resolved(one).matched_by for one in rest} == {"doi"}
    assert len(calls.asked) == 1


def test_small_bibliographies_are_planned_together() -> None:
    """Ten bibliographies of five entries fill one request of fifty."""
    sources = {source: tuple(entry(5 * source + place) for place in range(5)) for source in range(10)}
    bibliographies = FakeBibliographies(sources)
    calls = FakeServiceCalls({"openalex": openalex})
    stage = stage_of(calls, bibliographies)
    for source in sources:
        assert all(isinstance(one, Done) for one in answers(stage, bibliographies.claims(source)))
    assert len(calls.asked) == 1
    assert calls.asked[0].params["filter"].count("|") == 49


def test_no_plan_is_larger_than_the_setting() -> None:
    """What does not fit is planned when its claims come."""
    bibliographies = FakeBibliographies({1: tuple(map(entry, range(40)))})
    calls = FakeServiceCalls({"openalex": openalex})
    stage = stage_of(calls, bibliographies, habits=Habits(check_retractions=False, together=10))
    answers(stage, bibliographies.claims(1, 0))
    assert calls.asked[0].params["filter"].count("|") == 9


def in_threads(*actions: Callable[[], object]) -> list[threading.Thread]:
    threads = [threading.Thread(target=action, daemon=True) for action in actions]
    for thread in threads:
        thread.start()
    return threads


def test_a_second_worker_waits_for_the_plan_of_the_first() -> None:
    """Two workers with entries of one source ask once between them."""
    bibliographies = FakeBibliographies({1: tuple(map(entry, range(20)))})
    asked, go_on = threading.Event(), threading.Event()

    def slow(request: Asked) -> bytes:
        asked.set()
        assert go_on.wait(10)
        return openalex(request)

    calls = FakeServiceCalls({"openalex": slow})
    stage = stage_of(calls, bibliographies)
    found: list[Answer] = []
    first = in_threads(lambda: found.extend(answers(stage, bibliographies.claims(1, *range(10)))))
    assert asked.wait(10)
    second = in_threads(lambda: found.extend(answers(stage, bibliographies.claims(1, *range(10, 20)))))
    go_on.set()
    for thread in (*first, *second):
        thread.join(10)
    assert len(found) == 20
    assert all(isinstance(one, Done) for one in found)
    assert len(calls.asked) == 1


def test_two_plans_under_way_share_the_requests_for_what_both_cite() -> None:
    """The same DOI in two bibliographies that are planned at once is asked for once."""
    shared = {1: (entry(0),), 2: (entry(0),)}
    asked, go_on = threading.Event(), threading.Event()

    def slow(request: Asked) -> bytes:
        asked.set()
        assert go_on.wait(10)
        return openalex(request)

    calls = FakeServiceCalls({"openalex": slow})
    stages = [stage_of(calls, FakeBibliographies({source: some})) for source, some in shared.items()]
    object.__setattr__(stages[1]._desk, "asking", stages[0]._desk.asking)  # two plans of one stage
    found: list[Answer] = []
    first = in_threads(lambda: found.extend(answers(stages[0], FakeBibliographies(shared).claims(1))))
    assert asked.wait(10)
    second = in_threads(lambda: found.extend(answers(stages[1], FakeBibliographies(shared).claims(2))))
    go_on.set()
    for thread in (*first, *second):
        thread.join(10)
    assert [resolved(one).work.doi for one in found] == ["10.5555/0"] * 2
    assert len(calls.asked) == 1


def test_a_failure_told_to_one_plan_counts_for_those_who_wait_for_the_same() -> None:
    """A service that is down is not asked once more by everybody who stood in line."""
    shared = {1: (entry(0),), 2: (entry(0),)}
    asked, go_on = threading.Event(), threading.Event()

    def slow(request: Asked) -> ServiceError:
        asked.set()
        assert go_on.wait(10)
        return down(request)

    calls = FakeServiceCalls({"openalex": slow, "crossref": down}, switched_off={"doi"})
    stages = [stage_of(calls, FakeBibliographies({source: some})) for source, some in shared.items()]
    object.__setattr__(stages[1]._desk, "asking", stages[0]._desk.asking)  # two plans of one stage
    found: list[Answer] = []
    first = in_threads(lambda: found.extend(answers(stages[0], FakeBibliographies(shared).claims(1))))
    assert asked.wait(10)
    second = in_threads(lambda: found.extend(answers(stages[1], FakeBibliographies(shared).claims(2))))
    flight = stages[0]._desk.asking._flights["openalex", "doi:10.5555/0"]
    while flight.waiting < 1:  # the second has joined
        assert second[0].is_alive()
        second[0].join(0.01)
    go_on.set()
    for thread in (*first, *second):
        thread.join(10)
    assert all(isinstance(one, Retry) for one in found)
    assert len(calls.to("openalex")) == 1


def test_an_answer_that_comes_while_another_plan_looks_into_its_memory_is_not_asked_for_again() -> None:
    """Between looking and asking there is no moment at which the same request can be made twice."""
    shared = {1: (entry(0),), 2: (entry(0),)}
    asked, go_on = threading.Event(), threading.Event()

    class SlowMemory(FakeServiceCalls):
        def recall(self, service: str, keys: Sequence[str]) -> Mapping[str, bytes | None]:
            found = dict(super().recall(service, keys))
            if asked.is_set() and keys:  # the second looks: the first has its answer before it goes on
                go_on.set()
                first[0].join(10)
            return found

    def slow(request: Asked) -> bytes:
        asked.set()
        assert go_on.wait(10)
        return openalex(request)

    calls = SlowMemory({"openalex": slow})
    stages = [stage_of(calls, FakeBibliographies({source: some})) for source, some in shared.items()]
    object.__setattr__(stages[1]._desk, "asking", stages[0]._desk.asking)  # two plans of one stage
    found: list[Answer] = []
    first = in_threads(lambda: found.extend(answers(stages[0], FakeBibliographies(shared).claims(1))))
    assert asked.wait(10)
    flight = stages[0]._desk.asking._flights["openalex", "doi:10.5555/0"]
    second = in_threads(lambda: found.extend(answers(stages[1], FakeBibliographies(shared).claims(2))))
    while flight.waiting < 1 and not go_on.is_set():
        second[0].join(0.01)
    go_on.set()
    for thread in (*first, *second):
        thread.join(10)
    assert [resolved(one).work.doi for one in found] == ["10.5555/0"] * 2
    assert len(calls.to("openalex")) == 1


def test_a_plan_that_failed_is_not_used_for_the_next_attempt() -> None:
    """The services are back: what was not answered is asked again, what was answered is not."""
    bibliographies = FakeBibliographies({1: tuple(map(entry, range(3)))})
    calls = FakeServiceCalls({"openalex": down, "crossref": down})
    stage = stage_of(calls, bibliographies)
    (failed,) = answers(stage, bibliographies.claims(1, 0))
    assert isinstance(failed, Retry)
    assert failed.trail is not None
    assert {one.reply for one in failed.trail.asked} == {Reply.FAILED}
    calls.handlers["openalex"] = openalex
    assert isinstance(answers(stage, bibliographies.claims(1, 0, attempt=2))[0], Done)


def test_what_nobody_answered_is_old_after_a_while() -> None:
    """An entry that comes for its share of a failed plan much later has it asked again."""
    clock = HandClock()
    bibliographies = FakeBibliographies({1: tuple(map(entry, range(2)))})
    calls = FakeServiceCalls({"openalex": down, "crossref": down})
    stage = stage_of(calls, bibliographies, clock=clock)
    assert isinstance(answers(stage, bibliographies.claims(1, 0))[0], Retry)
    calls.handlers["openalex"] = openalex
    assert isinstance(answers(stage, bibliographies.claims(1, 1))[0], Retry)
    answers(stage, bibliographies.claims(1, 0, attempt=2))
    bibliographies = FakeBibliographies({2: tuple(map(entry, range(2)))})
    calls.handlers["openalex"] = down
    calls.remembered.clear()
    stage = stage_of(calls, bibliographies, clock=clock)
    assert isinstance(answers(stage, bibliographies.claims(2, 0))[0], Retry)
    calls.handlers["openalex"] = openalex
    clock.at += 60.0
    assert isinstance(answers(stage, bibliographies.claims(2, 1))[0], Done)


def test_a_bug_in_a_plan_leaves_the_others_their_own() -> None:
    """The plan of the first worker breaks: the second does not wait for ever, nor does the source."""
    bibliographies = FakeBibliographies({1: tuple(map(entry, range(4)))})
    calls = FakeServiceCalls({"openalex": lambda _: ValueError("a bug")})
    stage = stage_of(calls, bibliographies)
    with pytest.raises(ValueError, match="a bug"):
        answers(stage, bibliographies.claims(1, 0, 1))
    calls.handlers["openalex"] = openalex
    assert all(isinstance(one, Done) for one in answers(stage, bibliographies.claims(1)))


def test_known_works_cost_nothing() -> None:
    """A work of our own database is asked of nobody; where a misprint points to another, it does not count."""
    misprinted = entry(1, doi="10.5555/0")
    bibliographies = FakeBibliographies({1: (entry(0), misprinted)}, works={("doi", "10.5555/0"): work(0)})
    calls = FakeServiceCalls({"openalex": openalex})
    first, second = answers(stage_of(calls, bibliographies), bibliographies.claims(1))
    assert resolved(first).work == work(0)
    assert isinstance(first, Done)
    assert first.trail is not None
    assert [(one.service, one.requests) for one in first.trail.asked] == [("known", 0.0)]
    assert second == Again(SEARCH)


def test_imported_metadata_is_asked_first_and_for_nothing() -> None:
    """By identifier, and by searching where none is printed."""
    bibliographies = FakeBibliographies({1: (entry(0), entry(1, doi=None))})
    local = FakeLocalIndex({("doi", "10.5555/0"): work(0), ("doi", "10.5555/1"): work(1)})
    calls = FakeServiceCalls()
    given = answers(stage_of(calls, bibliographies, local=local), bibliographies.claims(1))
    assert [(resolved(one).work.doi, resolved(one).matched_by) for one in given] == [
        ("10.5555/0", "doi"),
        ("10.5555/1", "search"),
    ]
    assert not calls.asked


def test_what_the_source_cites_is_aligned_with_what_it_prints() -> None:
    """Twenty entries without identifiers cost the two requests for the source's list, and one for Crossref's."""
    bare = tuple(entry(number, doi=None) for number in range(20))
    bibliographies = FakeBibliographies(
        {1: bare}, citing={1: CitingWork(source_id=1, doi="10.1000/citing", title="The citing work")}
    )
    calls = FakeServiceCalls({"openalex": openalex, "crossref": lambda _: 404})
    given = answers(stage_of(calls, bibliographies), bibliographies.claims(1))
    assert {resolved(one).matched_by for one in given} == {"citing-list"}
    assert [resolved(one).work.doi for one in given] == [f"10.5555/{number}" for number in range(20)]
    assert len(calls.asked) == 3
    (alone,) = answers(
        stage_of(calls, bibliographies, habits=Habits(use_citing_lists=False, check_retractions=False)),
        bibliographies.claims(1, 0),
    )
    assert alone == Again(SEARCH), "not where it is switched off"


def test_the_shares_in_the_trails_add_up_to_what_was_asked() -> None:
    """Every request is somebody's, in parts."""
    bibliographies = FakeBibliographies({1: tuple(map(entry, range(40)))})
    calls = FakeServiceCalls({"openalex": openalex})
    given = answers(stage_of(calls, bibliographies), bibliographies.claims(1))
    trails = [one.trail for one in given if isinstance(one, Done) and one.trail]
    assert sum(one.requests for trail in trails for one in trail.asked) == pytest.approx(len(calls.asked))
    assert sum(one.credits for trail in trails for one in trail.asked) == pytest.approx(1)
    assert all("doi 10.5555/" in trail.decision for trail in trails)
    assert all(len(trail.asked) <= MAX_ASKED for trail in trails)


def test_what_is_remembered_is_not_asked_again_and_says_so() -> None:
    """A second run finds the answers of the first, absences included."""
    bibliographies = FakeBibliographies({1: (entry(0), entry(1))})

    def half(request: Asked) -> bytes:
        return json.dumps({"results": [openalex_record(0)]}).encode()

    calls = FakeServiceCalls({"openalex": half, "crossref": nothing}, switched_off={"doi"})
    answers(stage_of(calls, bibliographies), bibliographies.claims(1))
    count = len(calls.asked)
    given = answers(stage_of(calls, bibliographies), bibliographies.claims(1))
    assert len(calls.asked) == count
    assert isinstance(given[0], Done)
    assert given[0].trail is not None
    assert [(one.is_remembered, one.requests) for one in given[0].trail.asked] == [(True, 0.0)]
    assert given[1] == Again(SEARCH)


def searched(calls: FakeServiceCalls, reference: Reference) -> tuple[EnrichmentStage, list[Answer]]:
    bibliographies = FakeBibliographies({1: (reference,)})
    stage = stage_of(calls, bibliographies, habits=Habits())
    return stage, answers(stage, bibliographies.claims(1, phase=SEARCH))


def crossref_book(request: Asked) -> bytes:
    """A search always finds the first work; there are no notices."""
    if "updates:" in request.params.get("filter", ""):
        return nothing(request)
    item = {"DOI": "10.5555/0", "type": "book", "title": [title(0)], "author": [{"family": "Lee", "given": "Anna"}],
            "issued": {"date-parts": [[1900]]}}  # fmt: skip
    return json.dumps({"message": {"items": [item]}}).encode()


def test_what_a_search_found_is_checked_for_retractions_with_others() -> None:
    """It comes back in a phase whose batches are large, and its trail goes on."""
    calls = FakeServiceCalls({"crossref": crossref_book, "openalex": nothing})
    stage, given = searched(calls, entry(0, doi=None))
    assert given == [Again(NOTICES)]
    assert stage.batch_size(NOTICES) > 1
    (done,) = answers(stage, FakeBibliographies({1: (entry(0, doi=None),)}).claims(1, phase=NOTICES))
    assert resolved(done).matched_by == "search"
    assert isinstance(done, Done)
    assert done.trail is not None
    assert [one.how for one in done.trail.asked] == ["search", "notices"]
    assert done.trail.candidates[0]["doi"] == "10.5555/0"


def test_the_fewer_credits_are_left_the_longer_a_free_service_is_waited_for() -> None:
    """Five seconds for Crossref are too long while there are ten thousand credits, and nothing at a hundred."""
    for left, asked_first in ((10_000, "openalex"), (100, "crossref")):
        calls = FakeServiceCalls({"crossref": crossref_book, "openalex": nothing}, waits={"crossref/list": 5.0})
        calls.credits["openalex"] = left
        searched(calls, entry(0, doi=None))
        assert calls.asked[0].service == asked_first


def test_a_chapter_that_nobody_has_leads_to_its_book_and_says_so() -> None:
    """Only after every service was asked."""
    chapter = entry(
        5, doi=None, type=WorkType.CHAPTER, title="The chapter on what the tide leaves behind at night",
        container_title=title(0), year=1900, editors=(Name(family="Lee", given="A."),),
    )  # fmt: skip
    calls = FakeServiceCalls({"crossref": crossref_book, "openalex": nothing}, switched_off={"doi"})
    stage, _ = searched(calls, chapter)
    (done,) = answers(stage, FakeBibliographies({1: (chapter,)}).claims(1, phase=NOTICES))
    assert resolved(done).matched_as.value == "container"
    assert {one.service for one in calls.asked} == {"crossref", "openalex"}
