"""Semantic Scholar: batches joined by position, title match, and lists that publishers hold back."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dl_lit.core.errors import RequestRefused, ServiceError
from dl_lit.core.model import CitingWork, HostType, Location, Name, Reference, WorkType
from dl_lit.core.reasons import Reason
from stages.sources import semantic_scholar
from tests.fakes.service_calls import Asked, FakeServiceCalls, fixture

TIDES = "10.5555/tides.2017.12"


def batch_of(calls: FakeServiceCalls) -> list[str]:
    """The identifiers that were posted last."""
    ids: list[str] = json.loads(calls.posted[-1])["ids"]
    return ids


def test_a_match_is_read() -> None:
    """Identifiers, people, place and the open copy."""
    (work,) = semantic_scholar.parse(fixture("semantic_scholar", "list.json"))
    assert (work.title, work.year, work.type) == (
        "Spring tides and the sorting of gravel on steep beaches",
        2017,
        WorkType.ARTICLE_JOURNAL,
    )
    assert work.authors == (Name(family="van der Lee", given="Marit"), Name(family="Öst", given="Tobias"))
    assert (work.doi, work.arxiv_id, work.pmid, work.pmcid) == (TIDES, "1701.01234", "29000012", "PMC5900012")
    assert (work.container_title, work.volume, work.pages) == ("Journal of Tides", "8", "101-119")
    assert work.locations == (
        Location(
            url="https://repo.test/12.pdf",
            host_type=HostType.REPOSITORY,
            licence="CCBY",
            found_by="semantic_scholar",
        ),
    )


def test_an_ugly_batch_is_read_in_order() -> None:
    """Null for a miss, empty addresses, untitled papers, and preprints that call arXiv their journal."""
    miss, kelp, untitled, talk = semantic_scholar.parse_batch(fixture("semantic_scholar", "ugly.json"), 4)
    assert (miss, untitled) == (None, None)
    assert kelp
    assert (kelp.title, kelp.type, kelp.container_title) == ("Kelp and lapwings", WorkType.ARTICLE, None)
    assert (kelp.doi, kelp.arxiv_id, kelp.locations) == ("10.48550/arxiv.2101.00007", "2101.00007", ())
    assert talk
    assert (talk.type, talk.authors) == (WorkType.PAPER_CONFERENCE, ())


@pytest.mark.parametrize("body", [b"[null]", b"[]", b'{"error": "x"}', b"", b"[1, 2]"])
def test_a_batch_of_another_length_establishes_nothing(body: bytes) -> None:
    """Nothing says which answer belongs to which identifier."""
    with pytest.raises(ServiceError) as raised:
        semantic_scholar.parse_batch(body, 2)
    assert raised.value.reason is Reason.BAD_ANSWER


def test_identifiers_go_in_batches_of_five_hundred_each_in_its_form() -> None:
    """DOIs of arXiv go by their arXiv identifiers; the join is by position."""
    calls = FakeServiceCalls()

    def answer(_: Asked) -> bytes:
        papers: list[Any] = [{"title": one} if "absent" not in one else None for one in batch_of(calls)]
        return json.dumps(papers).encode()

    calls.handlers["semantic_scholar"] = answer
    dois = ["10.48550/arxiv.1701.01234", "10.5555/absent", *(f"10.5555/{number}" for number in range(600))]
    found = semantic_scholar.by_dois(calls, dois)
    assert set(found.works) == set(dois) - {"10.5555/absent"}
    assert found.works["10.48550/arxiv.1701.01234"].title == "ARXIV:1701.01234"
    assert found.works["10.5555/599"].title == "DOI:10.5555/599"
    assert [len(json.loads(body)["ids"]) for body in calls.posted] == [500, 102]
    assert semantic_scholar.by_arxiv_ids(calls, ["hep-th/9901001"]).works["hep-th/9901001"].title == (
        "ARXIV:hep-th/9901001"
    )
    assert semantic_scholar.by_pmids(calls, ["29000012"]).works["29000012"].title == "PMID:29000012"


def test_a_batch_of_unknown_identifiers_only_is_an_absence() -> None:
    """It is refused as a whole; asking for each by itself would cost a thousand requests at one a second."""
    refused = RequestRefused("semantic_scholar", 400, '{"error":"No valid paper ids given"}')
    calls = FakeServiceCalls({"semantic_scholar": lambda _: refused})
    found = semantic_scholar.by_dois(calls, [f"10.5555/{number}" for number in range(200)])
    assert not found.works
    assert not found.unanswered
    assert len(calls.asked) == 1


def test_a_title_is_matched_or_not() -> None:
    """A 404 says that there is none; hyphens are made spaces."""
    calls = FakeServiceCalls({"semantic_scholar": lambda _: fixture("semantic_scholar", "list.json")})
    reference = Reference(position=1, raw="x", title="Spring-tides <i>and</i> gravel")
    assert [work.doi for work in semantic_scholar.search(calls, reference) or []] == [TIDES]
    assert (calls.asked[0].path, calls.asked[0].params["query"]) == ("/paper/search/match", "Spring tides and gravel")
    assert semantic_scholar.search(FakeServiceCalls({"semantic_scholar": lambda _: 404}), reference) == []
    assert semantic_scholar.search(calls, Reference(position=1, raw="x")) is None
    assert semantic_scholar.search_text("?!") == ""
    assert 280 < len(semantic_scholar.search_text("word " * 100)) <= 300


def test_references_are_paged_through_and_remembered() -> None:
    """Entries without a title say nothing; those without a paper are kept."""

    def answer(request: Asked) -> bytes:
        if request.params["offset"] == "0":
            return fixture("semantic_scholar", "references.json")
        return b'{"offset": 3, "data": [{"citedPaper": {"paperId": "x", "title": "The last one"}}]}'

    calls = FakeServiceCalls({"semantic_scholar": answer})
    citing = CitingWork(source_id=1, doi=TIDES)
    found = semantic_scholar.cited_by(calls, citing)
    assert found
    assert [entry.title for entry in found.entries] == [
        "Spring tides and the sorting of gravel on steep beaches",
        "Private notes on gravel",
        "The last one",
    ]
    first = found.entries[0]
    assert (first.doi, first.pmid, first.author, first.year) == (TIDES, "29000012", "van der Lee", 2017)
    assert (first.container_title, first.volume, first.first_page) == ("Journal of Tides", "8", "101")
    assert [request.params["offset"] for request in calls.asked] == ["0", "3"]
    assert calls.asked[0].path == f"/paper/DOI:{TIDES}/references"
    assert semantic_scholar.cited_by(calls, citing) == found
    assert len(calls.asked) == 2


def test_a_list_that_is_held_back_is_not_an_empty_one() -> None:
    """The publisher had it taken out: that says nothing of the work."""
    calls = FakeServiceCalls({"semantic_scholar": lambda _: fixture("semantic_scholar", "held_back.json")})
    found = semantic_scholar.cited_by(calls, CitingWork(source_id=1, doi=TIDES))
    assert found
    assert found.is_held_back
    assert found.entries == ()
    missing = FakeServiceCalls({"semantic_scholar": lambda _: 404})
    assert semantic_scholar.cited_by(missing, CitingWork(source_id=1, arxiv_id="1701.01234")) is None
    assert missing.asked[0].path == "/paper/ARXIV:1701.01234/references"
