"""Entries that a program or a person names by an identifier alone: OpenAlex's, PubMed Central's, a book's ISBN."""

from __future__ import annotations

import json

from dl_lit.core.items import EntryItem, Resolved
from dl_lit.core.job import Again, Answer, Claim, Done
from dl_lit.core.model import Reference, StageName, WorkType
from stages.citing.forward import reference_of
from stages.enrichment import EnrichmentStage, Habits
from stages.enrichment.stage import SEARCH
from stages.keyword_search import Query, Sort, pages
from stages.sources import europepmc, openalex
from stages.sources.registry import SOURCES
from tests.fakes.service_calls import Asked, FakeServiceCalls, Handler, Reply

BROAD = tuple(source for source in SOURCES if source.service in {"openalex", "crossref", "open_library"})


def record(number: int, **more: object) -> dict[str, object]:
    """OpenAlex's record of a work."""
    title = f"A long treatise on the gravel of shore {number}"
    return {"id": f"https://openalex.org/W{number}", "title": title, "publication_year": 2001, **more}


def known(*numbers: int) -> Handler:
    """OpenAlex with these records, by the record's own address and by lists of identifiers."""

    def answer(request: Asked) -> Reply:
        if request.path.startswith("/works/W"):
            number = int(request.path.removeprefix("/works/W"))
            return json.dumps(record(number)).encode() if number in numbers else 404
        asked = request.params["filter"].removeprefix("openalex:").split("|")
        return json.dumps({"results": [record(one) for one in numbers if f"W{one}" in asked]}).encode()

    return answer


def answered(calls: FakeServiceCalls, *references: Reference) -> list[Answer]:
    """The stage's answers, in the order of the entries."""
    claims = [Claim(StageName.ENRICHMENT, at, EntryItem(1, one)) for at, one in enumerate(references, start=1)]
    given = EnrichmentStage(calls, BROAD, habits=Habits(check_retractions=False)).handle(claims)
    return [answer for _, answer in sorted(given, key=lambda pair: pair[0].id)]


def found(answer: Answer) -> Resolved:
    assert isinstance(answer, Done)
    assert isinstance(answer.facts, Resolved)
    return answer.facts


def test_a_few_records_are_fetched_for_nothing() -> None:
    """The record's own address costs no credit."""
    calls = FakeServiceCalls({"openalex": known(201, 202)})
    told = openalex.by_openalex_ids(calls, ["W201", "W202", "W203"])
    assert set(told.works) == {"W201", "W202"}
    assert not told.unanswered
    assert {(one.path, one.credits) for one in calls.asked} == {(f"/works/W{number}", 0) for number in (201, 202, 203)}


def test_many_records_come_in_lists_and_what_these_lack_is_asked_for_by_itself() -> None:
    """A record that was made one with another is found under its old identifier by the record route alone."""
    numbers = range(100, 160)

    def answer(request: Asked) -> Reply:
        if request.path == "/works/W100":
            return json.dumps(record(999)).encode()  # where the redirect leads
        return known(*numbers[1:])(request)

    calls = FakeServiceCalls({"openalex": answer})
    told = openalex.by_openalex_ids(calls, [f"W{number}" for number in numbers])
    assert set(told.works) == {f"W{number}" for number in numbers}
    assert told.works["W100"].openalex_id == "W999"
    assert [(one.path, one.credits) for one in calls.asked] == [("/works", 1), ("/works", 1), ("/works/W100", 0)]


def test_an_entry_with_openalex_s_identifier_is_its_record_whatever_else_is_written() -> None:
    """Nobody misprints what is not printed, and no search follows."""
    calls = FakeServiceCalls({"openalex": known(201)})
    entry = Reference(position=1, raw="Kiesel", title="Kiesel", openalex_id="W201", doi="10.5555/other")
    fact = found(answered(calls, entry)[0])
    assert (fact.work.openalex_id, fact.matched_by) == ("W201", "openalex")
    assert [one.path for one in calls.asked] == ["/works/W201"]


def test_an_identifier_that_openalex_does_not_have_leaves_the_title_to_search_for() -> None:
    calls = FakeServiceCalls({"openalex": known()})
    entry = Reference(position=1, raw="A treatise on gravel", title="A treatise on gravel", openalex_id="W201")
    assert answered(calls, entry) == [Again(SEARCH)]


def test_a_pmc_identifier_alone_recognises_an_article() -> None:
    """OpenAlex's lists take them, Europe PMC's queries too."""
    held = {"results": [record(301, ids={"pmcid": "https://www.ncbi.nlm.nih.gov/pmc/articles/123456"})]}
    calls = FakeServiceCalls({"openalex": lambda _: json.dumps(held).encode()})
    fact = found(answered(calls, Reference(position=1, raw="PMC123456", pmcid="PMC123456"))[0])
    assert (fact.work.pmcid, fact.matched_by) == ("PMC123456", "pmcid")
    assert calls.asked[0].params["filter"] == "ids.pmcid:PMC123456"
    listed = {"hitCount": 1, "resultList": {"result": [{"title": "Gravel", "pmcid": "PMC9", "source": "MED"}]}}
    calls = FakeServiceCalls({"europepmc": lambda _: json.dumps(listed).encode()})
    assert set(europepmc.by_pmcids(calls, ["PMC9", "PMC10"]).works) == {"PMC9"}


def test_an_isbn_alone_names_a_book() -> None:
    """Beside a title it is but a hint; alone it is all there is to go by."""
    edition = {
        "title": "Gravel of the north, part 2",
        "identifiers": {"isbn_13": ["9780306406157"]},
        "publish_date": "2001",
    }
    calls = FakeServiceCalls({"open_library": lambda _: json.dumps({"ISBN:9780306406157": edition}).encode()})
    entry = Reference(position=1, raw="ISBN 9780306406157", isbn="9780306406157", type=WorkType.BOOK)
    fact = found(answered(calls, entry)[0])
    assert (fact.work.isbn, fact.matched_by) == ("9780306406157", "isbn")


def test_what_a_search_brought_is_recognised_without_another_request() -> None:
    """The search's own records are remembered under their identifiers."""
    listed = [record(301), record(302, title=None), record(303)]
    body = json.dumps({"meta": {"count": 3, "next_cursor": "x"}, "results": listed}).encode()
    calls = FakeServiceCalls({"openalex": lambda _: body})
    (page,) = pages(calls, Query(text="gravel", is_open=True), Sort.CITATIONS)
    assert ([find.work.openalex_id for find in page.finds], page.untitled, page.total) == (["W301", "W303"], 1, 3)
    (asked,) = calls.asked
    assert (asked.credits, asked.params["search"], asked.params["filter"], asked.params["sort"]) == (
        *(10, "gravel", "is_oa:true", "cited_by_count:desc"),
    )
    given = answered(calls, *(reference_of(find.work, at) for at, find in enumerate(page.finds, start=1)))
    assert [found(one).matched_by for one in given] == ["openalex", "openalex"]
    assert len(calls.asked) == 1
