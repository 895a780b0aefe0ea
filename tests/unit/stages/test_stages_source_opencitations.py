"""OpenCitations: what a work cites, as identifiers, and metadata fourteen at a time."""

from __future__ import annotations

import pytest

from dl_lit.core.errors import ServiceError
from dl_lit.core.model import CitingWork, Name, WorkType
from dl_lit.core.reasons import Reason
from stages.sources import opencitations
from tests.fakes.service_calls import FakeServiceCalls, fixture

TIDES = "10.5555/tides.2017.12"


def test_a_list_is_read() -> None:
    """Identifiers in square brackets belong to people and venues, not to their names."""
    tides, shores = opencitations.parse(fixture("opencitations", "list.json"))
    assert (tides.title, tides.year, tides.type) == (
        "Spring Tides And The Sorting Of Gravel On Steep Beaches",
        2017,
        WorkType.ARTICLE_JOURNAL,
    )
    assert tides.authors == (Name(family="van der Lee", given="Marit"), Name(family="Öst", given="T."))
    assert (tides.doi, tides.pmid, tides.openalex_id) == (TIDES, "29000012", "W2000000012")
    assert (tides.container_title, tides.volume, tides.pages, tides.publisher) == (
        "Journal Of Tides",
        "8",
        "101-119",
        "Shore Press",
    )
    assert (shores.isbn, shores.type, shores.container_title, shores.pages) == (
        "9783161484100",
        WorkType.BOOK,
        None,
        None,
    )
    assert (shores.authors, shores.editors) == ((), (Name(family="Berg", given="Karl"),))


def test_ugly_records_are_survived() -> None:
    """Untitled ones, those without identifiers and misshapen ones are left out."""
    (work,) = opencitations.parse(fixture("opencitations", "ugly.json"))
    assert (work.title, work.year, work.pages, work.doi, work.container_title) == (
        "Kelp & lapwings",
        None,
        "7",
        None,
        None,
    )
    assert work.authors == (Name(literal="Kelp Survey Group"),)


@pytest.mark.parametrize("body", [b"", b"{}", b"HTTP status code 500", b'[{"error": "x"}]'])
def test_what_is_no_list_establishes_nothing(body: bytes) -> None:
    """It is a bad answer, not an absence."""
    for parse in (opencitations.parse, opencitations.parse_references):
        with pytest.raises(ServiceError) as raised:
            parse(body)
        assert raised.value.reason is Reason.BAD_ANSWER


def test_fourteen_identifiers_go_to_a_request() -> None:
    """More are answered with an error of the server."""
    calls = FakeServiceCalls({"opencitations": lambda _: fixture("opencitations", "list.json")})
    found = opencitations.by_dois(calls, [TIDES, "10.5555/<odd>", *(f"10.5555/{number}" for number in range(20))])
    assert set(found.works) == {TIDES}
    assert [request.path.count("doi:") for request in calls.asked] == [14, 8]
    assert calls.asked[0].path.startswith(f"/meta/v1/metadata/doi:{TIDES}__doi:10.5555/%3Codd%3E__doi:10.5555/0__")


def test_what_a_work_cites_is_identifiers_each_once() -> None:
    """Works without an identifier that anybody else has are left out; the list has no order."""
    calls = FakeServiceCalls({"opencitations": lambda _: fixture("opencitations", "references.json")})
    found = opencitations.cited_by(calls, CitingWork(source_id=1, doi="10.5555/citing"))
    assert found
    first, second = found.entries
    assert (first.doi, first.pmid, first.openalex_id, first.position) == (TIDES, "29000012", "W2000000012", None)
    assert (second.doi, second.arxiv_id) == ("10.48550/arxiv.1701.01234", "1701.01234")
    assert [request.path for request in calls.asked] == ["/index/v2/references/doi:10.5555/citing"]


def test_an_empty_list_says_nothing() -> None:
    """Works that OpenCitations never heard of are answered alike; a 404 of a list establishes nothing at all."""
    calls = FakeServiceCalls({"opencitations": lambda _: b"[]"})
    assert opencitations.cited_by(calls, CitingWork(source_id=1, doi="10.5555/citing")) is None
    with pytest.raises(ServiceError):
        opencitations.cited_by(
            FakeServiceCalls({"opencitations": lambda _: 404}), CitingWork(source_id=1, doi="10.5555/citing")
        )
