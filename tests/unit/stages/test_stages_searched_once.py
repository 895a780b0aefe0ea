"""Searches: what one service is sent is sent once, a journal's name is no title, and nobody's silence is an answer."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from dl_lit.core.errors import ServiceError
from dl_lit.core.items import EntryItem
from dl_lit.core.job import Again, Answer, Claim, Done, Reject, Snooze
from dl_lit.core.model import Name, Reference, StageName, Work, WorkType
from dl_lit.core.ports import ServiceCalls
from dl_lit.core.reasons import Reason
from stages.answers import LookUp
from stages.enrichment import EnrichmentStage, Habits
from stages.enrichment.asking import Asking, search_key
from stages.enrichment.metered import Metered
from stages.enrichment.stage import SEARCH
from stages.enrichment.triage import as_searched
from stages.sources.registry import SOURCES
from tests.fakes.service_calls import Asked, FakeServiceCalls

BY_NAME = {source.service: source for source in SOURCES}
KELP = Reference(
    position=1,
    raw="Lee, A. (2001). The kelp of northern shores. Tides 3: 7-9.",
    type=WorkType.ARTICLE_JOURNAL,
    title="The kelp of northern shores",
    authors=(Name(family="Lee", given="A."),),
    container_title="Tides",
    year=2001,
    volume="3",
    pages="7-9",
)
BONJAR = Reference(
    position=2,
    raw="Bonjar S. Journal of Ethnopharmacology. 2004 94: 301-305 [PMID: 15325735]",
    type=WorkType.ARTICLE_JOURNAL,
    title="Journal of Ethnopharmacology",
    authors=(Name(family="Bonjar", given="S."),),
    container_title="Journal of Ethnopharmacology",
    year=2004,
    volume="94",
    pages="301-305",
)


def nothing(request: Asked) -> bytes:
    return b'{"data": []}' if request.service == "datacite" else b'{"results": [], "message": {"items": []}}'


def answer(calls: FakeServiceCalls, reference: Reference, *sources: str, phase: str = SEARCH) -> Answer:
    stage = EnrichmentStage(calls, [BY_NAME[name] for name in sources], habits=Habits(check_retractions=False))
    ((_, given),) = stage.handle([Claim(StageName.ENRICHMENT, 1, EntryItem(1, reference), phase=phase)])
    return given


def test_entries_whose_search_is_the_same_text_share_one_search() -> None:
    """OpenAlex is sent the title alone: another author or year makes no other question."""
    calls = FakeServiceCalls({"openalex": nothing})
    asking = Asking()
    for entry in (KELP, replace(KELP, year=2002), replace(KELP, authors=())):
        asking.search(calls, BY_NAME["openalex"], entry)
    assert len(calls.asked) == 1


def test_what_a_service_is_sent_beside_the_title_makes_another_question() -> None:
    """Crossref is sent the year as well, and Open Library's editions are chosen by it."""
    for name in ("crossref", "open_library"):
        assert search_key(BY_NAME[name], KELP) != search_key(BY_NAME[name], replace(KELP, year=2002))


@pytest.mark.parametrize("source", [one for one in SOURCES if one.search], ids=lambda one: one.service)
def test_every_source_says_what_a_search_sends(source: object) -> None:
    """Otherwise the same question would be asked again for each author and year."""
    assert source.search_text is not None  # type: ignore[attr-defined]


def test_a_title_that_is_the_journal_is_not_searched_for() -> None:
    """The place in the journal and the whole text find the work; the journal's name finds thousands."""
    calls = FakeServiceCalls({"openalex": nothing, "crossref": nothing, "datacite": nothing})
    assert isinstance(answer(calls, BONJAR, "openalex", "crossref", "datacite"), Reject)
    assert [request.service for request in calls.asked] == ["crossref"]
    assert "94: 301-305" in calls.asked[0].params["query.bibliographic"]


def test_a_journal_that_was_read_as_title_only_is_known_by_what_follows_it() -> None:
    """Year, volume and page behind the title, and no journal: then it is the journal."""
    david = replace(
        BONJAR,
        raw="David M. Antimicrobial Agents and Chemotherapy. 1997 41: 2286",
        title="Antimicrobial Agents and Chemotherapy",
        container_title=None,
        year=1997,
        volume="41",
        pages="2286",
    )
    assert as_searched(david).title is None
    assert as_searched(david).container_title == "Antimicrobial Agents and Chemotherapy"
    for kept in (KELP, replace(KELP, container_title=None), replace(david, volume=None, pages=None)):
        assert as_searched(kept) == kept


def test_a_pmid_is_looked_up_before_anything_is_searched() -> None:
    """It names the work, whatever was read as the title."""
    record = {
        "uid": "15325735",
        "title": "Evaluation of antibacterial properties of some medicinal plants used in Iran.",
        "authors": [{"name": "Bonjar S", "authtype": "Author"}],
        "pubdate": "2004 Oct",
        "fulljournalname": "Journal of ethnopharmacology",
        "volume": "94",
        "pages": "301-5",
    }
    body = json.dumps({"result": {"uids": ["15325735"], "15325735": record}}).encode()
    calls = FakeServiceCalls({"pubmed": lambda _: body})
    given = answer(calls, replace(BONJAR, pmid="15325735"), "pubmed", "crossref", phase="")
    assert isinstance(given, Done)
    assert [request.service for request in calls.asked] == ["pubmed"]


def test_who_was_not_asked_has_not_answered_and_is_not_remembered() -> None:
    """The Anthology is not asked for others' DOIs, INSPIRE not for other fields' journals: no absence is kept."""
    calls = FakeServiceCalls()
    asking = Asking()
    acl, inspire = BY_NAME["acl"], BY_NAME["inspire"]
    assert acl.by_dois is not None
    assert inspire.by_coordinates is not None
    told = asking.look_up(calls, "acl", "doi", ["10.5555/1"], acl.by_dois)
    assert (told.values, told.errors) == ({}, {})
    placed = asking.by_coordinates(calls, "inspire", [BONJAR], inspire.by_coordinates)
    assert (placed.values, placed.errors) == ({}, {})
    assert not calls.asked
    assert not calls.remembered
    unplaced = replace(BONJAR, volume=None)
    pubmed = BY_NAME["pubmed"].by_coordinates
    assert pubmed is not None
    assert asking.by_coordinates(calls, "pubmed", [unplaced], pubmed).values == {}


def test_a_request_that_was_not_made_offline_is_not_counted() -> None:
    """Neither as a request nor as credits, nor as memory."""
    through = Metered(FakeServiceCalls(is_offline=True))
    with pytest.raises(ServiceError):
        through.get("openalex", "/works", credits=10)
    with pytest.raises(ServiceError):
        through.post("openalex", "/works", b"", content_type="x", credits=10)
    assert (through.requests, through.credits, through.remembered) == (0, 0, 0)


def test_offline_the_trail_tells_that_nobody_was_asked() -> None:
    """Not that somebody failed, and not that it was remembered."""
    calls = FakeServiceCalls(is_offline=True)
    given = answer(calls, KELP, "openalex", "crossref")
    assert isinstance(given, Snooze)
    assert given.reason is Reason.OFFLINE


F1000 = Reference(
    position=3,
    raw="Lee, A. (2014). The kelp of northern shores. F1000Research 3, 62. doi:10.12688/f1000research.3-62.v1",
    type=WorkType.ARTICLE_JOURNAL,
    title="The kelp of northern shores",
    authors=(Name(family="Lee", given="A."),),
    container_title="F1000Research",
    year=2014,
    volume="3",
    pages="62",
    doi="10.12688/f1000research.3-62.v1",
)
SECOND = Work(
    title="The kelp of northern shores",
    type=WorkType.ARTICLE_JOURNAL,
    authors=(Name(family="Lee", given="Anna"),),
    container_title="F1000Research",
    year=2014,
    volume="3",
    pages="62",
    doi="10.12688/f1000research.3-62.v2",
)


class Imported:
    """Imported metadata that has one work, found by searching only."""

    is_empty = False

    def __init__(self, work: Work) -> None:
        self.work = work

    def by_ids(self, kind: str, ids: Sequence[str]) -> Mapping[str, Work]:
        del kind, ids
        return {}

    def search(self, reference: Reference, limit: int) -> list[Work]:
        del reference, limit
        return [self.work]


def with_imported(calls: FakeServiceCalls, work: Work, reference: Reference = F1000) -> Answer:
    """What becomes of an entry with this work imported, through both phases."""
    stage = EnrichmentStage(calls, local=Imported(work), habits=Habits(check_retractions=False))
    claim = Claim(StageName.ENRICHMENT, 1, EntryItem(1, reference))
    while True:
        ((_, given),) = stage.handle([claim])
        if not isinstance(given, Again):
            return given
        claim = replace(claim, phase=given.phase)


def test_offline_another_version_of_what_the_printed_doi_names_proves_nothing() -> None:
    """The DOI may well be right: the entry waits until it can be looked up."""
    given = with_imported(FakeServiceCalls(is_offline=True), SECOND)
    assert isinstance(given, Snooze)
    assert given.reason is Reason.OFFLINE


def test_with_everything_switched_off_it_waits_as_well_and_says_why() -> None:
    """Nobody is down: nobody is switched on."""
    given = with_imported(FakeServiceCalls(switched_off={source.service for source in SOURCES}), SECOND)
    assert isinstance(given, Snooze)
    assert given.reason is Reason.NOT_SET_UP


def test_where_only_others_can_be_asked_a_person_sees_the_other_version() -> None:
    """The DOI's own services are switched off, another was searched: it may not be found out by waiting."""
    off = {source.service for source in SOURCES if source.service != "open_library"} - {"pubmed"}
    book = replace(F1000, type=WorkType.BOOK)
    given = with_imported(FakeServiceCalls({"open_library": lambda _: b'{"docs": []}'}, switched_off=off), SECOND, book)
    assert isinstance(given, Reject)
    assert given.reason is Reason.AMBIGUOUS_MATCH
    assert given.evidence[0]["doi"] == SECOND.doi
    assert "could not be looked up" in given.detail


def test_offline_a_record_without_another_doi_is_accepted() -> None:
    """What does not contradict the printed DOI may be the work."""
    given = with_imported(FakeServiceCalls(is_offline=True), replace(SECOND, doi=None, pmid="7"))
    assert isinstance(given, Done)


def test_a_doi_that_was_looked_up_and_led_nowhere_is_a_misprint() -> None:
    """Then the record with another one is taken, as before."""

    def answered(request: Asked) -> bytes:
        return b'{"data": []}' if request.service == "datacite" else b'{"results": [], "message": {"items": []}}'

    off = {source.service for source in SOURCES} - {"openalex", "crossref"}
    calls = FakeServiceCalls({"openalex": answered, "crossref": answered}, switched_off=off)
    given = with_imported(calls, SECOND)
    assert isinstance(given, Done)


def test_an_identifier_nobody_could_be_asked_for_is_not_called_unknown() -> None:
    """With everything switched off a DOI waits until a service is there."""
    bare = Reference(position=1, raw="doi:10.5555/1", doi="10.5555/1")
    calls = FakeServiceCalls(switched_off={source.service for source in SOURCES})
    given = answer(calls, bare, *BY_NAME, phase="")
    if isinstance(given, Again):
        given = answer(calls, bare, *BY_NAME, phase=given.phase)
    assert isinstance(given, Snooze)
    assert given.reason is Reason.NOT_SET_UP
    assert "no service" in given.detail


def test_a_place_in_a_journal_that_is_remembered_counts_where_too_few_wait_to_ask() -> None:
    """Which entries are asked about together is chance; what was told about them once is known ever after."""
    kelp = Work(type=WorkType.ARTICLE_JOURNAL, title=str(KELP.title), doi="10.5555/kelp")
    asked: list[int] = []

    def ask(_calls: ServiceCalls, references: Sequence[Reference]) -> LookUp:
        asked.append(len(references))
        return LookUp({KELP.raw: kelp})

    calls, asking = FakeServiceCalls(), Asking()
    assert asking.by_coordinates(calls, "pubmed", [KELP], None).values == {}
    asking.by_coordinates(calls, "pubmed", [KELP, BONJAR], ask)
    assert asking.by_coordinates(calls, "pubmed", [KELP], None).values == {KELP.raw: kelp}
    assert asked == [2]
