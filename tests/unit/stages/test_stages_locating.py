"""Asking the locators in two rounds: who is asked when, and what becomes of what they say."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from urllib.parse import urlsplit

import pytest

from dl_lit.core.errors import ServiceError
from dl_lit.core.model import HostType, Location, Version, Work
from dl_lit.core.reasons import Reason
from stages.locators.patience import BUDGET_S, OUTAGE_S, Patience
from stages.locators.preference import Prefer, Preference
from stages.locators.rank import rank, sort_out
from stages.locators.registry import Locator, Round
from stages.locators.search import LocationSearch
from tests.fakes.scenario import HandClock
from tests.fakes.service_calls import FakeServiceCalls

WORK = Work(title="T", doi="10.5555/1", metadata_source="crossref")
TODAY = datetime.fromtimestamp(HandClock().time(), UTC).date()


def place(url: str, **facts: object) -> Location:
    """A location named by the service that is the first part of its host."""
    stated = {"found_by": urlsplit(url).netloc.partition(".")[0], "host_type": HostType.REPOSITORY, **facts}
    return Location(url=url, **stated)  # type: ignore[arg-type]


def locator(service: str, *places: Location, round_: Round = Round.FIRST, always: bool = False) -> Locator:
    """A locator that makes one request and knows `places`; worth asking while no PDF is known, or always."""

    def locate(calls: object, _work: Work, _settings: object) -> tuple[Location, ...]:
        calls.get(service, "/")  # type: ignore[attr-defined]
        return places

    return Locator(service, locate, lambda _, known: always or not any(one.is_pdf for one in known), round_)


def search(calls: FakeServiceCalls, *locators: Locator, preference: Preference | None = None) -> LocationSearch:
    """A search through `calls`, on the day of the clock."""
    return LocationSearch(calls, locators=locators, preference=preference, clock=HandClock())


def answering(*services: str, **facts: object) -> FakeServiceCalls:
    """Services that answer; all others are down."""
    return FakeServiceCalls({name: lambda _: b"{}" for name in services}, **facts)  # type: ignore[arg-type]


def test_the_further_locators_are_not_asked_first() -> None:
    """What costs more waits until the rest has failed."""
    calls = answering("a", "b")
    a, b = locator("a", place("https://a.test/1.pdf")), locator("b", round_=Round.FURTHER)
    told = search(calls, a, b).first(WORK)
    assert [one.url for one in told.locations] == ["https://a.test/1.pdf"]
    assert [one.service for one in calls.asked] == ["a"]


def test_in_the_further_round_those_that_were_spared_are_asked_too() -> None:
    """A locator that had nothing to add to a file has, once that file was tried in vain; who named it has not."""
    calls = answering("a", "b", "c")
    found = place("https://b.test/2.pdf")
    a, b = locator("a", place("https://a.test/1.pdf")), locator("b", found, place("http://www.a.test/1.pdf"))
    locating = search(calls, a, b, locator("c", round_=Round.FURTHER, always=True))
    first = locating.first(WORK)
    assert [one.detail for one in first.asked] == ["1 location, 1 of a PDF", "nothing to add to what is known"]
    told = locating.further(WORK, first.locations)
    assert told.locations == (found,)  # what was tried is not named again
    assert [one.service for one in calls.asked] == ["a", "b", "c"]


def test_asking_again_goes_on_to_those_that_were_spared() -> None:
    """A dear locator is left alone while a cheaper one's file has not been tried; in the end nothing new comes."""
    calls = answering("b", "c")
    cheap, dear = place("https://b.test/2.pdf"), place("https://c.test/3.pdf")
    b, c = locator("b", cheap, round_=Round.FURTHER), locator("c", dear, round_=Round.FURTHER)
    locating, known = search(calls, b, c), (place("https://a.test/1.pdf"),)
    for expected in ((cheap,), (dear,), ()):
        more = locating.further(WORK, known)
        assert more.locations == expected
        known += more.locations


def test_what_came_with_the_description_counts_even_where_nobody_can_be_asked() -> None:
    """It costs nothing, and the trail says where it is from."""
    came = place("https://repo.test/1.pdf")
    work = Work(title="T", doi="10.5555/1", metadata_source="hal", locations=(came,))
    told = search(FakeServiceCalls(switched_off={"a"}), locator("a", always=True)).first(work)
    assert told.locations == (came,)
    assert [(one.service, one.reply.value, one.requests) for one in told.asked] == [
        ("hal", "found", 0),
        ("a", "not-asked", 0),
    ]
    assert told.left_out == ("a",)


def test_who_has_no_key_is_not_told_at_every_work_that_others_have_one() -> None:
    """The trail says it; a service that most people could switch on is missed."""
    calls = FakeServiceCalls(switched_off={"core", "hal"})
    told = search(calls, locator("core"), locator("hal")).first(WORK)
    assert [(one.service, one.reply.value) for one in told.asked] == [("core", "not-asked"), ("hal", "not-asked")]
    assert told.left_out == ("hal",)


def test_an_embargo_is_told_and_not_tried() -> None:
    """Somebody else may have an open copy, so a locked one spares nobody."""
    calls = answering("a", "b")
    locked = place("https://a.test/1.pdf", open_from=date(2030, 1, 2))
    over = place("https://b.test/2.pdf", open_from=TODAY)
    told = search(calls, locator("a", locked), locator("b", over)).first(WORK)
    assert (told.locations, told.embargoed) == ((over,), (locked,))


def test_copies_of_dead_addresses_are_looked_for_by_those_addresses() -> None:
    """An archive needs to know what was tried."""
    asked: list[tuple[Location, ...]] = []

    def copies(_calls: object, _work: Work, tried: tuple[Location, ...], _settings: object) -> tuple[Location, ...]:
        asked.append(tried)
        return (place("https://archive.test/1.pdf"),)

    archive = Locator("archive", lambda *_: (), lambda *_: True, Round.FURTHER, copies)
    tried = (place("https://a.test/1.pdf"),)
    told = search(answering(), archive).further(WORK, tried)
    assert asked == [tried]
    assert [one.url for one in told.locations] == ["https://archive.test/1.pdf"]


def test_versions_and_hosts_that_are_not_wanted_are_set_aside() -> None:
    """Published copies only: a preprint is known, and not tried; unknown versions are."""
    published = Preference(versions=(Version.PUBLISHED,), exclude_hosts=("bad.test",))
    preprint = place("https://a.test/1.pdf", version=Version.SUBMITTED)
    unknown, refused = place("https://b.test/2.pdf"), place("https://files.bad.test/3.pdf")
    told = sort_out([preprint, unknown, refused], published, TODAY)
    assert told.to_try == (unknown,)
    assert set(told.set_aside) == {preprint, refused}


def test_the_version_goes_first_where_it_is_preferred() -> None:
    """Else a repository does."""
    version_of_record = place("https://journal.test/1.pdf", host_type=HostType.PUBLISHER, version=Version.PUBLISHED)
    preprint = place("https://repo.test/1.pdf", version=Version.SUBMITTED)
    both = [preprint, version_of_record]
    assert rank(both) == (preprint, version_of_record)
    assert rank(both, Preference(prefer=Prefer.VERSION)) == (version_of_record, preprint)
    order = (Version.SUBMITTED, Version.PUBLISHED)
    assert rank(both, Preference(prefer=Prefer.VERSION, versions=order)) == (preprint, version_of_record)


@pytest.mark.parametrize("prefer", list(Prefer))
def test_hosts_that_challenge_programs_come_last(prefer: Prefer) -> None:
    """Even a published PDF there comes after a landing page elsewhere; what Europe PMC renders is no such page."""
    walled = place("https://www.tandfonline.com/doi/pdf/1", version=Version.PUBLISHED)
    page = place("https://repo.test/1", is_pdf=False)
    human = place("https://europepmc.org/article/MED/1", is_pdf=False)
    rendered = place("https://europepmc.org/articles/PMC1?pdf=render", version=Version.ACCEPTED)
    assert rank([walled, human, page, rendered], Preference(prefer=prefer)) == (rendered, page, walled, human)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://arxiv.org/abs/1701.01234v2", "https://export.arxiv.org/pdf/1701.01234.pdf"),
        ("https://pmc.ncbi.nlm.nih.gov/articles/PMC12/", "https://www.ncbi.nlm.nih.gov/pmc/articles/PMC12/pdf/x.pdf"),
        (
            "https://europepmc.org/articles/PMC12?pdf=render",
            "https://europepmc.org/backend/ptpmcrender.fcgi?accid=PMC12&blobtype=pdf",
        ),
        ("http://dx.doi.org/10.5555/ABC", "https://doi.org/10.5555/abc"),
        ("http://www.repo.test:80/1.pdf", "https://REPO.test/1.pdf"),
    ],
)
def test_one_file_under_two_addresses_is_tried_once(one: str, other: str) -> None:
    """Whatever the addresses are called."""
    assert len(rank([Location(url=one), Location(url=other)])) == 1


def test_https_is_taken_of_two_schemes() -> None:
    """The rest of the address being the same."""
    plain, safe = Location(url="http://repo.test/1.pdf"), Location(url="https://repo.test/1.pdf")
    assert rank([plain, safe]) == (safe,)
    assert rank([plain]) == (plain,)


@pytest.mark.parametrize("url", ["https://[::1/x", "https://a.test:99999/x", "https:///x"])
def test_what_is_a_broken_address_is_tried_last(url: str) -> None:
    """A copy that cannot be reached is another reason than none."""
    good = Location(url="https://a.test/1.pdf", is_pdf=False)
    assert rank([Location(url=url), good]) == (good, Location(url=url))


@pytest.mark.parametrize("url", ["", "ftp://a.test/1.pdf", "doi:10.1/x"])
def test_what_is_no_address_of_the_web_is_left_out(url: str) -> None:
    """Services print all kinds of things."""
    assert rank([Location(url=url)]) == ()


def test_a_work_waits_for_a_silent_locator_so_long_and_no_longer() -> None:
    """Being put off costs no attempt, so there has to be an end to it: later for a budget than for an outage."""
    clock = HandClock()
    patience = Patience(clock)
    parked = ServiceError("hal", Reason.SERVICE_DOWN, after=3_600.0, costs_attempt=False)
    spent = ServiceError("core", Reason.BUDGET_EXHAUSTED, after=80_000.0, costs_attempt=False)
    failed = ServiceError("oapen", Reason.TIMEOUT_READ)
    assert patience.awaited(1, [parked, spent, failed]) == [parked, spent, failed]
    clock.at += OUTAGE_S - 60.0
    still, _, _ = patience.awaited(1, [parked, spent, failed])
    assert still.after == pytest.approx(60.0)
    clock.at += 61.0
    assert [one.service for one in patience.awaited(1, [parked, spent, failed])] == ["core", "oapen"]
    clock.at += BUDGET_S
    assert patience.awaited(1, [spent, failed]) == [failed]
    patience.forget(1)
    assert patience.awaited(1, [parked]) == [parked]


def test_who_seldom_knows_more_is_waited_for_less() -> None:
    """An hour while it is busy, and three attempts where it was asked and failed."""
    clock = HandClock()
    patience = Patience(clock)
    parked = ServiceError("doab", Reason.RATE_LIMITED, costs_attempt=False)
    failed = ServiceError("oapen", Reason.TIMEOUT_READ)
    assert patience.awaited(1, [parked, failed], attempt=2, is_further=True) == [parked, failed]
    assert patience.awaited(1, [parked, failed], attempt=3, is_further=True) == [parked]
    assert patience.awaited(1, [failed], attempt=3) == [failed]
    clock.at += 3_600.0
    assert patience.awaited(1, [parked], attempt=3, is_further=True) == []
    assert patience.awaited(1, [parked], attempt=3) == [parked]


def test_nobody_waits_for_who_seldom_knows_more_and_is_down() -> None:
    """For a breaker's period; and not at all where it will surely stay away longer, a challenge for instance."""
    clock = HandClock()
    patience = Patience(clock)
    broken = ServiceError("doab", Reason.SERVICE_DOWN, after=60.0, costs_attempt=False)
    walled = ServiceError("scholar_archive", Reason.SERVICE_DOWN, after=3_600.0, costs_attempt=False)
    failed = ServiceError("oapen", Reason.SERVICE_DOWN, after=3_600.0)
    assert patience.awaited(1, [broken, walled, failed], is_further=True) == [broken]
    assert patience.awaited(1, [broken, walled, failed]) == [broken, walled, failed]
    clock.at += 60.0
    assert patience.awaited(1, [broken], is_further=True) == []


def test_who_is_offline_by_choice_waits_as_long_as_that_lasts() -> None:
    """Nothing was asked of anybody, so nothing can be concluded."""
    clock = HandClock()
    patience = Patience(clock)
    offline = ServiceError("hal", Reason.OFFLINE, costs_attempt=False)
    for _ in range(3):
        assert patience.awaited(1, [offline]) == [offline]
        clock.at += BUDGET_S


def test_the_works_that_wait_are_remembered_within_bounds() -> None:
    """The one that has been remembered longest is forgotten first, and waits anew."""
    clock = HandClock()
    patience = Patience(clock, max_works=3)
    parked = ServiceError("hal", Reason.SERVICE_DOWN, costs_attempt=False)
    for work_id in range(4):
        patience.awaited(work_id, [parked])
    clock.at += OUTAGE_S
    assert patience.awaited(0, [parked]) == [parked]
    assert patience.awaited(3, [parked]) == []


def test_unpaywall_is_asked_where_openalex_named_no_pdf() -> None:
    """A landing page at the publisher is not enough; a PDF is."""
    page = Location(url="https://journal.test/1", is_pdf=False, host_type=HostType.PUBLISHER)
    work = Work(title="T", doi="10.5555/1", metadata_source="openalex", locations=(page,))
    record = {"doi": "10.5555/1", "oa_locations": [{"url_for_pdf": "https://repo.test/1.pdf"}]}
    calls = FakeServiceCalls({"unpaywall": lambda _: json.dumps(record).encode()})
    told = LocationSearch(calls).first(work)
    assert [one.url for one in told.locations] == ["https://repo.test/1.pdf", "https://journal.test/1"]
    assert [one.service for one in calls.asked] == ["unpaywall"]


def test_openalex_adds_to_the_locations_that_came_from_elsewhere() -> None:
    """A single copy named by a small service is not all there is; where OpenAlex is down it is still something."""
    came = place("https://hal.test/1.pdf")
    work = Work(title="T", doi="10.5555/x", metadata_source="hal", locations=(came,))
    record = {
        "id": "https://openalex.org/W7",
        "title": "T",
        "locations": [{"is_oa": True, "pdf_url": "https://b.test/2.pdf"}],
    }
    told = LocationSearch(FakeServiceCalls({"openalex": lambda _: json.dumps(record).encode()})).first(work)
    assert [one.url for one in told.locations] == ["https://hal.test/1.pdf", "https://b.test/2.pdf"]
    down = LocationSearch(FakeServiceCalls()).first(work)
    assert down.locations == (came,)
    assert [one.service for one in down.errors] == ["openalex"]
