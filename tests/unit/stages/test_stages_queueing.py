"""From work to locations: duplicates first, then whoever knows an open copy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest

from dl_lit.core.errors import ServiceError
from dl_lit.core.items import Duplicate, Queued, WorkItem
from dl_lit.core.job import Again, Answer, Claim, Done, Reject, Retry, Snooze
from dl_lit.core.model import Location, StageName, Version, Work, WorkType
from dl_lit.core.reasons import Reason
from stages.locators.preference import Preference
from stages.locators.registry import LOCATORS, Locator, Round
from stages.locators.search import LocationSearch
from stages.queueing import FURTHER, QueueingStage
from tests.fakes.known_works import FakeKnownWorks
from tests.fakes.scenario import HandClock
from tests.fakes.service_calls import FakeServiceCalls, fixture

PLACE = Location(url="https://repo.test/1.pdf")


FIRST = tuple(one for one in LOCATORS if one.round is Round.FIRST)


def answer(
    work: Work,
    calls: FakeServiceCalls | None = None,
    known: FakeKnownWorks | None = None,
    locators: Sequence[Locator] = FIRST,
) -> Answer:
    """What queueing answers at once; the further locators have nothing to say unless they are given."""
    locating = LocationSearch(calls or FakeServiceCalls(), locators=locators, clock=HandClock())
    return once(QueueingStage(known or FakeKnownWorks(), locating, HandClock()), work)


def once(stage: QueueingStage, work: Work) -> Answer:
    """The stage's next answer to one work."""
    claim = Claim(StageName.QUEUEING, 7, WorkItem(work))
    ((_, given),) = stage.handle([claim])
    if isinstance(given, Again):
        ((_, given),) = stage.handle([replace(claim, phase=given.phase)])
    return given


def test_a_duplicate_costs_no_request() -> None:
    """What the library has, or is fetching, is not looked for again."""
    calls = FakeServiceCalls()
    given = answer(Work(title="T", doi="10.5555/1"), calls, FakeKnownWorks({"10.5555/1": 3}))
    assert isinstance(given, Done)
    assert given.facts == Duplicate(3, "doi")
    assert given.trail is not None
    assert given.trail.decision == "is w3 already, by doi"
    assert not calls.asked


def test_locations_that_came_along_cost_no_request() -> None:
    """OpenAlex's own works carry their locations; arXiv's follow from the identifier."""
    calls = FakeServiceCalls()
    work = Work(title="T", doi="10.5555/1", arxiv_id="1701.01234", metadata_source="openalex", locations=(PLACE,))
    given = answer(work, calls)
    assert isinstance(given, Done)
    assert isinstance(given.facts, Queued)
    assert [place.url for place in given.facts.locations] == [
        "https://export.arxiv.org/pdf/1701.01234",
        "https://repo.test/1.pdf",
    ]
    assert not calls.asked


def test_unpaywall_is_asked_only_where_nothing_is_known() -> None:
    """One DOI a request is the dearest way."""
    calls = FakeServiceCalls({"openalex": lambda _: 404, "unpaywall": lambda _: fixture("unpaywall", "list.json")})
    given = answer(Work(title="T", doi="10.5555/tides.2017.12", metadata_source="crossref"), calls)
    assert isinstance(given, Done)
    assert isinstance(given.facts, Queued)
    assert given.facts.locations[0].url == "https://repo.test/12/full.pdf"
    assert [request.service for request in calls.asked] == ["openalex", "unpaywall"]


def test_no_open_copy_anywhere() -> None:
    """Everybody answered; nobody has one."""
    calls = FakeServiceCalls({"unpaywall": lambda _: 404})
    given = answer(Work(title="T", doi="10.5555/1", metadata_source="openalex"), calls)
    assert isinstance(given, Reject)
    assert given.reason is Reason.NO_OA_LOCATION


def test_a_dead_locator_costs_only_its_own_share() -> None:
    """With a location from elsewhere the work goes on; without one it waits."""
    calls = FakeServiceCalls()
    with_copy = Work(title="T", pmid="123", arxiv_id="1701.01234")
    assert isinstance(answer(with_copy, calls), Done)
    down = answer(Work(title="T", doi="10.5555/1", metadata_source="crossref"), calls)
    assert isinstance(down, Retry)
    assert down.reason is Reason.SERVICE_DOWN
    spent = ServiceError("unpaywall", Reason.BUDGET_EXHAUSTED, after=99.0, costs_attempt=False)
    calls = FakeServiceCalls({"unpaywall": lambda _: spent})
    later = answer(Work(title="T", doi="10.5555/1", metadata_source="openalex"), calls)
    assert later == Snooze(Reason.BUDGET_EXHAUSTED, 99.0, str(spent))


def test_a_service_that_is_switched_off_is_not_asked() -> None:
    """Without a contact address there is no Unpaywall."""
    calls = FakeServiceCalls(switched_off={"unpaywall"})
    given = answer(Work(title="T", doi="10.5555/1", metadata_source="openalex"), calls)
    assert isinstance(given, Reject)
    assert not calls.asked


def test_a_service_that_refuses_the_contact_address_is_done_without_and_named() -> None:
    """The work ends as without an address, at the cost of no attempt, and is told who was not asked."""
    calls = FakeServiceCalls()

    def refuse(_request: object) -> ServiceError:
        calls.switched_off.add("unpaywall")  # learned on this answer
        return ServiceError("unpaywall", Reason.SERVICE_DOWN, "it refuses contact_email", after=60, costs_attempt=False)

    calls.handlers["unpaywall"] = refuse
    for _ in range(2):
        given = answer(Work(title="T", doi="10.5555/1", metadata_source="openalex"), calls)
        assert isinstance(given, Reject)
        assert given.reason is Reason.NO_OA_LOCATION
        assert given.detail == "asked by DOI; not set up, so not asked: unpaywall"
    assert len(calls.asked) == 1


def test_a_work_waits_where_no_locator_is_set_up() -> None:
    """That no open copy is known is said only where somebody was asked; the next start may have switched one on."""
    calls = FakeServiceCalls(switched_off={"openalex", "unpaywall", "europepmc", "pmc", "arxiv"})
    given = answer(Work(title="T", doi="10.5555/1", metadata_source="crossref"), calls)
    assert isinstance(given, Snooze)
    assert given.reason is Reason.NOT_SET_UP
    assert given.detail == "no service that could name an open copy is switched on or set up: openalex, unpaywall"
    assert given.after >= 86_400.0
    assert not calls.asked


def test_without_identifier_and_location_there_is_nothing_to_ask_for() -> None:
    """A book known by its title only."""
    given = answer(Work(title="T", isbn="9780306406157"))
    assert isinstance(given, Reject)
    assert given.reason is Reason.NO_IDENTIFIER


@pytest.mark.parametrize("kind", [WorkType.DATASET, WorkType.SOFTWARE, WorkType.WEBPAGE])
def test_what_is_no_document_is_not_fetched(kind: WorkType) -> None:
    """Data, programs and pages have no PDF."""
    given = answer(Work(title="T", type=kind, doi="10.5555/1", locations=(PLACE,)))
    assert isinstance(given, Reject)
    assert given.reason is Reason.NOT_A_DOCUMENT


def test_the_trail_tells_whom_was_asked_who_was_not_and_why() -> None:
    """Every locator is accounted for, with what asking it cost."""
    calls = FakeServiceCalls(
        {"openalex": lambda _: 404, "unpaywall": lambda _: fixture("unpaywall", "list.json")},
        switched_off={"europepmc"},
    )
    given = answer(Work(title="T", doi="10.5555/tides.2017.12", pmid="1", metadata_source="crossref"), calls)
    assert isinstance(given, Done)
    assert given.trail is not None
    told = {one.service: (one.reply.value, one.requests, one.detail) for one in given.trail.asked}
    assert told["openalex"] == ("absent", 1, "")
    assert told["arxiv"] == ("not-asked", 0, "no identifier it takes")
    assert told["europepmc"] == (
        "not-asked",
        0,
        "not set up: it is switched off, or lacks a contact address or key that it takes",
    )
    assert told["unpaywall"][:2] == ("found", 1)
    assert "location" in given.trail.decision


def test_the_trail_of_a_rejection_says_who_failed() -> None:
    """A locator that was down is not taken for one that knows nothing."""
    calls = FakeServiceCalls({"unpaywall": lambda _: 404}, is_offline=False)
    given = answer(Work(title="T", doi="10.5555/1", metadata_source="crossref"), calls)
    assert isinstance(given, Retry)
    assert given.trail is not None
    assert [(one.service, one.reply.value) for one in given.trail.asked if one.reply.value != "not-asked"] == [
        ("openalex", "failed"),
        ("unpaywall", "absent"),
    ]


def further(places: tuple[Location, ...] = (), error: ServiceError | None = None) -> tuple[Locator, ...]:
    """The usual first locators, and one further one that knows `places` or fails."""

    def locate(*_: object) -> tuple[Location, ...]:
        if error:
            raise error
        return places

    return (*FIRST, Locator("hal", locate, lambda *_: True, Round.FURTHER))


def test_where_the_first_round_has_nothing_the_further_locators_are_asked_at_once() -> None:
    """There is nothing to try first."""
    given = answer(Work(title="T", doi="10.5555/1", metadata_source="openalex"), nobody(), locators=further((PLACE,)))
    assert isinstance(given, Done)
    assert given.facts == Queued((PLACE,))
    assert given.trail is not None
    assert [one.service for one in given.trail.asked if one.reply.value == "found"] == ["hal"]
    came = Work(title="T", metadata_source="openalex", locations=(PLACE,))
    given = answer(came, locators=further(error=ServiceError("hal", Reason.SERVICE_DOWN)))
    assert isinstance(given, Done)


def test_a_work_that_another_run_left_between_the_phases_begins_anew() -> None:
    """What the first locators said is asked again, and remembered by them."""
    locating = LocationSearch(nobody(), locators=further((PLACE,)), clock=HandClock())
    work = Work(title="T", doi="10.5555/1", metadata_source="openalex")
    claim = Claim(StageName.QUEUEING, 7, WorkItem(work), phase=FURTHER)
    ((_, given),) = QueueingStage(FakeKnownWorks(), locating, HandClock()).handle([claim])
    assert isinstance(given, Done)
    assert given.trail is not None
    assert [one.service for one in given.trail.asked if one.requests] == ["unpaywall"]


def test_an_embargo_is_an_ending_of_its_own_with_its_day() -> None:
    """The soonest of several; the evidence carries it for who looks again."""
    places = tuple(Location(url=f"https://repo.test/{year}.pdf", open_from=date(year, 1, 2)) for year in (2031, 2029))
    given = answer(Work(title="T", doi="10.5555/1", metadata_source="openalex"), nobody(), locators=further(places))
    assert isinstance(given, Reject)
    assert (given.reason, given.detail) == (Reason.EMBARGOED, "until 2029-01-02")
    assert given.evidence["open_from"] == "2029-01-02"
    assert [one["open_from"] for one in given.evidence["locations"]] == ["2029-01-02", "2031-01-02"]


def test_copies_that_the_settings_refuse_are_an_ending_of_their_own() -> None:
    """That there is a preprint is not hidden from who wants published versions only."""
    preprint = Location(url="https://repo.test/1.pdf", version=Version.SUBMITTED)
    work = Work(title="T", metadata_source="openalex", locations=(preprint,))
    wanted = Preference(versions=(Version.PUBLISHED,))
    stage = QueueingStage(FakeKnownWorks(), LocationSearch(nobody(), locators=FIRST, preference=wanted))
    given = once(stage, work)
    assert isinstance(given, Reject)
    assert given.reason is Reason.SKIP_POLICY


def test_a_locator_that_stays_silent_is_waited_for_so_long_and_named_in_the_end() -> None:
    """A line that stays long keeps no work for ever; what the others said counts then, and the trail says so."""
    clock = HandClock()
    parked = ServiceError("hal", Reason.RATE_LIMITED, "the line is long", after=600.0, costs_attempt=False)
    locating = LocationSearch(nobody(), locators=further(error=parked), clock=clock)
    stage = QueueingStage(FakeKnownWorks(), locating, clock)
    work = Work(title="T", doi="10.5555/1", metadata_source="openalex")
    snoozes = 0
    while isinstance(given := once(stage, work), Snooze):
        clock.at += given.after
        snoozes += 1
    assert snoozes == 6
    assert isinstance(given, Reject)
    assert (given.reason, given.detail) == (Reason.NO_OA_LOCATION, "asked by DOI; not heard: hal")
    assert given.trail is not None
    assert given.trail.decision.endswith("not heard, and not waited for any longer: hal")


def test_a_web_page_that_is_a_pdf_is_a_document() -> None:
    """A report cited by its address; all other pages have no PDF."""
    report = Work(title="T", type=WorkType.WEBPAGE, url="https://agency.test/report.PDF?x=1")
    given = answer(report, locators=further((PLACE,)))
    assert isinstance(given, Done)


def nobody() -> FakeServiceCalls:
    """Services that have nothing."""
    return FakeServiceCalls({"openalex": lambda _: 404, "unpaywall": lambda _: 404})
