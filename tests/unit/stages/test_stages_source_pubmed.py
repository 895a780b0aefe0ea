"""PubMed: citations matched by their place in a journal, and records by number."""

from __future__ import annotations

import pytest

from dl_lit.core.errors import ServiceError
from dl_lit.core.model import Alias, Name, Notice, NoticeKind, Reference, WorkType
from dl_lit.core.reasons import Reason
from stages.sources import pubmed
from stages.sources.coordinates import coordinates_of
from tests.fakes.service_calls import FakeServiceCalls, fixture


def entry(raw: str, **fields: object) -> Reference:
    """An entry with a place in a journal."""
    usual: dict[str, object] = {
        "container_title": "Journal of Tides",
        "year": 2017,
        "volume": "8",
        "pages": "101-119",
        "authors": (Name(family="van der Lee", given="Marit A."),),
    }
    return Reference(position=1, raw=raw, **{**usual, **fields})  # type: ignore[arg-type]


def answering(matches: bytes | int, summaries: bytes | int = b"") -> FakeServiceCalls:
    """PubMed with one answer to each of the two questions."""
    return FakeServiceCalls(
        {"pubmed": lambda request: matches if request.path == "/ecitmatch.cgi" else summaries},
    )


def test_a_list_is_read() -> None:
    """Identifiers, people, bodies, retraction; a translated title with the original one as alias."""
    tides, kueste = pubmed.parse(fixture("pubmed", "list.json"))
    assert (tides.title, tides.year, tides.type) == (
        "Spring tides and the sorting of gravel on steep beaches",
        2017,
        WorkType.ARTICLE_JOURNAL,
    )
    assert tides.authors == (
        Name(family="van der Lee", given="M. A."),
        Name(family="Öst", given="T."),
        Name(literal="Gravel Study Group"),
    )
    assert (tides.doi, tides.pmid, tides.pmcid) == ("10.5555/tides.2017.12", "29000012", "PMC5900012")
    assert (tides.container_title, tides.volume, tides.issue, tides.pages) == ("Journal of Tides", "8", "2", "101-19")
    assert tides.is_retracted
    assert tides.notices == (Notice(kind=NoticeKind.RETRACTION, source="pubmed"),)
    assert (kueste.title, kueste.year, kueste.language, kueste.issue) == ("The beaches of the north", 1990, "de", None)
    assert kueste.aliases == (Alias(title="Die Strände des Nordens", language="de"),)
    assert kueste.doi == "10.5555/kueste.3.7"


def test_ugly_records_are_survived() -> None:
    """Unknown numbers, untitled and misshapen records are left out."""
    (beaches,) = pubmed.parse(fixture("pubmed", "ugly.json"))
    assert (beaches.title, beaches.type, beaches.container_title, beaches.publisher) == (
        "Beaches",
        WorkType.CHAPTER,
        "Shores of the world",
        "Shore Press",
    )
    assert (beaches.year, beaches.pages, beaches.authors) == (2011, "33", ())


@pytest.mark.parametrize(
    "body", [b"", b"[]", b'{"error": "API rate limit exceeded"}', b'{"esummaryresult": ["Invalid uid x"]}']
)
def test_an_error_inside_a_200_is_an_error(body: bytes) -> None:
    """It establishes nothing."""
    with pytest.raises(ServiceError) as raised:
        pubmed.parse(body)
    assert raised.value.reason is Reason.BAD_ANSWER


def test_matches_are_read_by_our_keys() -> None:
    """A number, or nothing: not found and ambiguous are both no match."""
    assert pubmed.parse_matches(fixture("pubmed", "matches.txt")) == {"r0": "29000012", "r1": None, "r2": None}


def test_entries_are_matched_by_their_place_and_their_records_fetched() -> None:
    """One request for the places, one for the records; the same place twice is asked once; entries without are not."""
    calls = answering(fixture("pubmed", "matches.txt"), fixture("pubmed", "list.json"))
    references = [
        entry("first"),
        entry("second", container_title="Küste", year=1990, volume="3", pages="7", authors=(Name(family="Berg, K"),)),
        entry("third", container_title="J. | Waves\n&\nTides", year=None, volume="4", pages="e1", authors=()),
        entry("the first again"),
        entry("a book", volume=None),
    ]
    found = pubmed.by_coordinates(calls, references)
    assert set(found.works) == {"first", "the first again"}
    assert not found.unanswered
    match, summary = calls.asked
    assert (match.path, match.params["db"]) == ("/ecitmatch.cgi", "pubmed")
    assert match.params["bdata"].split("\r") == [
        "journal of tides|2017|8|101|van der lee ma|r0|",
        "küste|1990|3|7|berg k|r1|",
        "j waves and tides||4|e1||r2|",
    ]
    assert (summary.path, summary.params["id"], summary.params["retmode"]) == ("/esummary.fcgi", "29000012", "json")


def test_an_answer_with_lines_missing_establishes_nothing() -> None:
    """A truncated answer is no absence."""
    calls = answering(b"journal of tides|2017|8|101|van der lee ma|r0|NOT_FOUND\n")
    found = pubmed.by_coordinates(calls, [entry("first"), entry("second", volume="9")])
    assert set(found.unanswered) == {"first", "second"}
    assert not found.works


def test_a_record_that_cannot_be_had_is_unanswered() -> None:
    """The match came, its record did not."""
    calls = answering(b"x|2017|8|101|a|r0|29000012\n", 503)
    found = pubmed.by_coordinates(calls, [entry("first")])
    assert set(found.unanswered) == {"first"}


def test_numbers_are_looked_up_two_hundred_at_a_time() -> None:
    """Order does not matter, the join is by number."""
    calls = answering(404, fixture("pubmed", "list.json"))
    found = pubmed.by_pmids(calls, ["1900005", "29000012", *(str(number) for number in range(3_000, 3_300))])
    assert set(found.works) == {"29000012", "1900005"}
    assert [request.params["id"].count(",") + 1 for request in calls.asked] == [200, 102]


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({}, ("Journal of Tides", "8", "101")),
        ({"pages": "L12-L15", "volume": "A12"}, ("Journal of Tides", "A12", "L12")),
        ({"pages": "045004"}, ("Journal of Tides", "8", "045004")),
        ({"pages": "in press"}, None),
        ({"pages": None}, None),
        ({"volume": "vols. 3 and 4"}, None),
        ({"container_title": " "}, None),
    ],
)
def test_coordinates_are_journal_volume_and_first_page(
    fields: dict[str, object], place: tuple[str, str, str] | None
) -> None:
    """Without all three nothing can be asked."""
    found = coordinates_of(entry("x", **fields))
    assert (found and (found.journal, found.volume, found.first_page)) == place


def test_nothing_is_asked_for_nothing() -> None:
    """No place, no request."""
    calls = FakeServiceCalls({"pubmed": lambda request: pytest.fail(str(request))})
    assert pubmed.by_coordinates(calls, [entry("x", volume=None)]).works == {}
