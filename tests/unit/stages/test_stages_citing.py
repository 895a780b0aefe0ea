"""Lists of cited works: read, merged, asked for together and once, and the citing work's own DOI."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from dl_lit.core.errors import RequestRefused, ServiceError
from dl_lit.core.model import CitedList, CitingWork, Listed, Name, Work
from dl_lit.core.trail import Reply
from stages.citing import CitedLists, bare_dois, described, find_citing_doi, lists_for, merge
from stages.sources.cited import crossref, openalex
from stages.sources.registry import SOURCES, Source
from tests.fakes.service_calls import Asked, FakeServiceCalls, fixture

FIRST = [source for source in SOURCES if source.service in {"openalex", "crossref"}]
TIDES = CitingWork(source_id=1, doi="10.5555/tides.2017.12")
SILENT = CitingWork(source_id=2, doi="10.5555/silent.1")
STRANGER = CitingWork(source_id=3, doi="10.5555/stranger")


def crossref_works(request: Asked) -> bytes | int:
    """Answer lists and records of references from the fixture."""
    items = {item["DOI"]: item for item in json.loads(fixture("crossref", "references.json"))["message"]["items"]}
    if request.path == "/works":
        wanted = [part.removeprefix("doi:") for part in request.params["filter"].split(",")]
        return json.dumps({"message": {"items": [items[doi] for doi in wanted if doi in items]}}).encode()
    item = items.get(request.path.removeprefix("/works/"))
    return 404 if item is None else json.dumps({"message": item}).encode()


def openalex_works(request: Asked) -> bytes | int:
    """Answer records and lists of referenced works from the fixture, and bare works for their identifiers."""
    results = json.loads(fixture("openalex", "referenced_works.json"))["results"]
    if request.path.startswith("/works/doi:"):
        doi = request.path.removeprefix("/works/doi:")
        return next((json.dumps(one).encode() for one in results if one["doi"].endswith(doi)), 404)
    name, _, values = request.params["filter"].partition(":")
    wanted = values.split("|")
    if name == "doi":
        return json.dumps({"results": [one for one in results if one["doi"][16:] in wanted]}).encode()
    known = [{"id": f"https://openalex.org/{one}", "title": f"Work {one}", "publication_year": 1999} for one in wanted]
    return json.dumps({"results": known[:1] if len(known) == 2 else known}).encode()


def test_crossref_keeps_order_text_and_fields() -> None:
    """Numbers of keys are places, gaps included; names, years and identifiers come in one form."""
    lists = crossref.parse_lists(fixture("crossref", "references.json"))
    gravel, shores, sand, kelp, strings, handbook = lists["10.5555/tides.2017.12"].entries
    assert [one.position for one in (gravel, shores, sand, kelp, strings, handbook)] == [1, 2, 4, 5, 6, 7]
    assert (gravel.doi, gravel.author, gravel.year, gravel.title) == (
        "10.5555/gravel.1999.3", "Lee van der", 1999, "Gravel in motion",
    )  # fmt: skip
    assert (gravel.container_title, gravel.volume, gravel.first_page) == ("Journal of Tides", "3", "17")
    assert (shores.doi, shores.title) == ("10.5555/shore.book", None)
    assert shores.raw is not None
    assert shores.raw.startswith("[2] Berg, O.")
    assert (sand.doi, sand.author, sand.first_page) == (None, "Öst", "e7")
    assert kelp == Listed(source="crossref", position=5, doi="10.5555/kelp.1905")
    assert strings.arxiv_id == "1701.01234"
    assert (handbook.title, handbook.container_title) == ("Holdfasts", "A handbook of kelp")
    assert (handbook.author, handbook.isbn) == ("Seaweed Consortium", "9780306406157")
    assert lists["10.5555/silent.1"].entries == ()


@pytest.mark.parametrize(
    ("keys", "places"),
    [
        (["ref1", "ref2", "ref3"], [1, 2, 3]),
        (["key-10.1/x-0", "key-10.1/x-1"], [1, 2]),
        (["CR3", "CR1"], [1, 2]),
        (["b", "a2"], [1, 2]),
        (["B2019", "C2020"], [1, 2]),
        ([], []),
    ],
)
def test_crossref_keys_that_are_no_numbers_leave_the_order_of_the_list(keys: list[str], places: list[int]) -> None:
    """Years, names and descending numbers say nothing of places."""
    message = {"DOI": "10.5555/x", "reference": [{"key": key, "DOI": "10.5555/a"} for key in keys]}
    cited = crossref.parse_record(json.dumps({"message": message}).encode())
    assert [one.position for one in cited.entries] == places


def test_one_citing_work_costs_a_record_each_and_one_credit() -> None:
    """OpenAlex's record is free, its works are one list; Crossref's record counts in the wider window."""
    calls = FakeServiceCalls({"openalex": openalex_works, "crossref": crossref_works})
    (found,) = lists_for(calls, FIRST, [TIDES]).values()
    assert [(one.service, one.path, one.credits) for one in calls.asked] == [
        ("openalex", "/works/doi:10.5555/tides.2017.12", 0),
        ("openalex", "/works", 1),
        ("crossref", "/works/10.5555/tides.2017.12", 0),
    ]
    assert calls.asked[1].params["filter"] == "openalex:W1900000003|W1900000005"
    assert [(one.service, one.requests, one.credits) for one in found.asked] == [("openalex", 2, 1), ("crossref", 1, 0)]
    assert [one.openalex_id for one in found.entries if one.openalex_id] == ["W1900000003"]
    assert len(found.entries) == 7


def test_several_citing_works_are_asked_for_together_and_only_once() -> None:
    """Three cost two requests at OpenAlex and one at Crossref; again they cost none; absence is remembered."""
    calls = FakeServiceCalls({"openalex": openalex_works, "crossref": crossref_works})
    first = lists_for(calls, FIRST, [TIDES, SILENT, STRANGER])
    assert [(one.service, one.path) for one in calls.asked] == [
        ("openalex", "/works"), ("openalex", "/works"), ("crossref", "/works"),
    ]  # fmt: skip
    assert sum(one.requests for cited in first.values() for one in cited.asked) == pytest.approx(3)
    again = lists_for(calls, FIRST, [TIDES, SILENT, STRANGER])
    assert len(calls.asked) == 3
    assert [again[key].entries for key in (1, 2, 3)] == [first[key].entries for key in (1, 2, 3)]
    assert all(one.is_remembered for one in again[1].asked)
    assert [one.reply for one in first[3].asked] == [Reply.ABSENT, Reply.ABSENT]


def test_a_hundred_references_to_a_list() -> None:
    """250 cited works of two citing ones, 50 in common, are three lists: full batches across bibliographies."""
    ids = [[f"https://openalex.org/W{number}" for number in span] for span in (range(1000, 1150), range(1100, 1250))]
    records = [{"id": f"https://openalex.org/W{at + 1}", "referenced_works": one} for at, one in enumerate(ids)]

    def answer(request: Asked) -> bytes:
        if request.path != "/works":
            return json.dumps(records[int(request.path[-1])]).encode()
        wanted = request.params["filter"].partition(":")[2].split("|")
        return json.dumps({"results": [{"id": one, "title": f"Work {one}"} for one in wanted]}).encode()

    calls = FakeServiceCalls({"openalex": answer})
    citing = [CitingWork(source_id=at, doi=f"10.5555/{at}") for at in range(2)]
    found = openalex.cited_by_many(calls, citing)
    assert [len(one.entries) for one in found.lists.values()] == [150, 150]
    assert [one.params["filter"].count("|") + 1 for one in calls.asked[2:]] == [100, 100, 50]
    assert sum(cost.credits for cost in found.costs.values()) == pytest.approx(3)


def test_arxiv_papers_are_asked_for_by_both_dois_and_not_at_crossref() -> None:
    """The longer list is taken; Crossref cannot have arXiv's DOIs."""
    calls = FakeServiceCalls({"openalex": openalex_works, "crossref": crossref_works})
    found = lists_for(calls, FIRST, [CitingWork(source_id=1, doi=TIDES.doi, arxiv_id="1701.01234")])
    assert [one.path for one in calls.asked if one.service == "openalex"][:2] == [
        "/works/doi:10.5555/tides.2017.12",
        "/works/doi:10.48550/arxiv.1701.01234",
    ]
    assert [one.path for one in calls.asked if one.service == "crossref"] == ["/works/10.5555/tides.2017.12"]
    assert found[1].entries


@pytest.mark.parametrize("broken", [lambda _: 503, lambda _: b"<html>", lambda _: b'{"results": [3]}'])
def test_a_service_that_fails_costs_its_own_list_only(broken: Callable[[Asked], bytes | int]) -> None:
    """The other's list counts, the error is told, and nothing of it is remembered."""
    calls = FakeServiceCalls({"openalex": broken, "crossref": crossref_works})
    (found,) = lists_for(calls, FIRST, [TIDES]).values()
    assert [one.source for one in found.lists] == ["crossref"]
    assert [error.service for error in found.errors] == ["openalex"]
    assert [one.reply for one in found.asked] == [Reply.FAILED, Reply.FOUND]
    assert not [key for service, key in calls.remembered if service == "openalex"]
    with pytest.raises(ServiceError):
        openalex.cited_by(calls, TIDES)


def test_refused_batches_are_halved_and_refused_selections_dropped() -> None:
    """What is refused alone is absent."""

    def answer(request: Asked) -> bytes | int:
        return 400 if request.params.get("filter", "").count("doi:") > 1 else crossref_works(request)

    calls = FakeServiceCalls({"crossref": answer})
    found = crossref.cited_by_many(calls, [TIDES, SILENT])
    assert {key: len(one.entries) for key, one in found.lists.items()} == {1: 6, 2: 0}
    unselected = FakeServiceCalls({"crossref": lambda one: 400 if "select" in one.params else crossref_works(one)})
    assert len(crossref.cited_by_many(unselected, [TIDES, SILENT]).lists) == 2


def test_other_services_are_asked_only_where_the_first_list_nothing() -> None:
    """Those who know what one of several lists are not bothered with the others."""
    asked: list[int] = []

    def cited_by(_: object, citing: CitingWork) -> CitedList | None:
        asked.append(citing.source_id)
        return CitedList(source="opencitations", entries=(Listed(source="opencitations", doi="10.5555/found"),))

    other = Source(service="opencitations", cited_by=cited_by)
    calls = FakeServiceCalls({"openalex": openalex_works, "crossref": crossref_works})
    found = lists_for(calls, [other, *FIRST], [TIDES, SILENT, STRANGER, CitingWork(source_id=9, title="No DOI")])
    assert asked == [2]  # the first is listed, the third is unknown to those who know nearly everything
    assert [one.doi for one in found[2].entries] == ["10.5555/found"]
    assert 9 not in found


def test_lists_are_merged_to_one_entry_a_work() -> None:
    """By identifier, by title and author, by place; order and text of the one, records of the other."""
    work = Work(title="Gravel in motion", openalex_id="W3")
    first = CitedList(
        source="crossref",
        entries=(
            Listed(source="crossref", position=1, doi="10.5555/a", author="Lee", year=1999),
            Listed(source="crossref", position=2, raw="Öst T. Sand banks of the north sea coast. Annals 12 (2003) 7."),
            Listed(source="crossref", position=3, author="Berg", year=2001, volume="4", first_page="55"),
            Listed(source="crossref", position=4, raw="Personal communication with the harbour master"),
        ),
    )
    second = CitedList(
        source="openalex",
        entries=(
            Listed(source="openalex", openalex_id="W5", title="Shores", author="Berg", year=2001, volume="4",
                   first_page="55"),
            Listed(source="openalex", openalex_id="W4", title="Sand banks of the North Sea coast", author="Öst",
                   year=2003),
            Listed(source="openalex", openalex_id="W3", doi="10.5555/a", title="Gravel in motion", work=work),
            Listed(source="openalex", openalex_id="W6", title="Something else altogether", author="Doe", year=1990),
        ),
    )  # fmt: skip
    merged = merge([second, first])
    assert [(one.position, one.openalex_id) for one in merged] == [
        (1, "W3"), (2, "W4"), (3, "W5"), (4, None), (None, "W6"),
    ]  # fmt: skip
    assert (merged[0].doi, merged[0].work, merged[0].author) == ("10.5555/a", work, "Lee")
    assert merged[1].source == "crossref+openalex"


def test_bare_entries_can_be_described_by_their_records() -> None:
    """Only what has nothing but a DOI, and is not known by it already, must be looked up to be compared."""
    bare = Listed(source="crossref", position=1, doi="10.5555/bare")
    told = Listed(source="crossref", position=2, doi="10.5555/told", title="Told")
    cited = CitedLists(citing=TIDES, entries=(bare, told))
    assert bare_dois(cited, known=()) == ["10.5555/bare"]
    assert bare_dois(cited, known={"10.5555/bare"}) == []
    record = Work(title="Bare", doi="10.5555/bare", authors=(Name(family="Lee"),), year=1999)
    after = described(cited, {"10.5555/bare": record})
    assert (after.entries[0].title, after.entries[0].author, after.entries[0].work) == ("Bare", "Lee", record)
    assert after.entries[0].position == 1
    assert after.entries[1] is told


CITING = CitingWork(
    source_id=7,
    title="Spring tides and the sorting of gravel on steep beaches: A winter's record",
    authors=(Name(family="van der Lee", given="Marit"), Name(family="Öst", given="Tobias")),
    year=2017,
)


def test_the_citing_work_is_found_by_one_search_with_proof() -> None:
    """Title and author prove it; the answer is remembered, and what is printed is believed without asking."""
    calls = FakeServiceCalls({"crossref": lambda _: fixture("crossref", "list.json")})
    found = find_citing_doi(calls, CITING)
    assert found.doi == "10.5555/tides.2017.12"
    assert [(one.how, one.requests) for one in found.asked] == [("citing-work", 1)]
    again = find_citing_doi(calls, CITING)
    assert (again.doi, len(calls.asked), again.asked[0].is_remembered) == (found.doi, 1, True)
    assert find_citing_doi(calls, TIDES).doi == TIDES.doi
    assert find_citing_doi(calls, CitingWork(source_id=1, arxiv_id="1701.01234")).doi == "10.48550/arxiv.1701.01234"
    assert len(calls.asked) == 1


def test_a_citing_work_without_proof_has_no_doi() -> None:
    """Another author, no author or a short title: abstained from, and without author or title not even asked."""
    calls = FakeServiceCalls({"crossref": lambda _: fixture("crossref", "list.json")})
    other = CitingWork(source_id=7, title=CITING.title, authors=(Name(family="Nakamura"),), year=2017)
    assert find_citing_doi(calls, other).doi is None
    assert find_citing_doi(calls, other).asked[0].reply is Reply.ABSENT
    assert len(calls.asked) == 1
    assert find_citing_doi(calls, CitingWork(source_id=7, title=CITING.title, year=2017)).asked == ()
    assert find_citing_doi(calls, CitingWork(source_id=7, title="Tides", authors=CITING.authors)).asked == ()
    assert len(calls.asked) == 1


@pytest.mark.parametrize(("reply", "kind"), [(503, Reply.FAILED), (400, Reply.REFUSED)])
def test_a_search_that_fails_is_no_abstention(reply: int, kind: Reply) -> None:
    """The error is there, and nothing is remembered."""
    calls = FakeServiceCalls({"crossref": lambda _: reply})
    found = find_citing_doi(calls, CITING)
    assert (found.doi, found.asked[0].reply) == (None, kind)
    assert isinstance(found.error, RequestRefused if reply == 400 else ServiceError)
    assert not calls.remembered
