"""From entry to work: identifiers in batches, searches one by one, abstaining where nothing is proven."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from dl_lit.core.errors import ServiceError
from dl_lit.core.items import EntryItem, Resolved, WorkItem
from dl_lit.core.job import Again, Answer, Claim, Done, Reject, Retry, Snooze
from dl_lit.core.model import Name, Reference, StageName, Work, WorkType
from dl_lit.core.reasons import Reason
from dl_lit.core.trail import Reply
from stages.enrichment import EnrichmentStage, Habits
from stages.enrichment.stage import SEARCH, SEARCH_INSTEAD
from stages.sources.registry import SOURCES
from tests.fakes.service_calls import Asked, FakeServiceCalls, Handler

UNCHECKED = Habits(check_retractions=False)  # what these tests are about comes before that check

BOOKS = {
    f"10.5555/{number}": {
        "title": f"A long treatise on the {word} of northern shores",
        "family": family,
        "year": 1990 + number,
    }
    for number, (word, family) in enumerate(
        [("gravel", "Lee"), ("cusps", "Ruiz"), ("kelp", "Berg"), ("lapwings", "Kok")]
    )
}


def reference_to(book_doi: str, **changes: Any) -> Reference:
    """The printed entry of one of `BOOKS`, its DOI printed."""
    book = BOOKS[book_doi]
    entry = Reference(
        position=1,
        raw=f"{book['family']}, A. ({book['year']}). {book['title']}. Oslo.",
        title=str(book["title"]),
        authors=(Name(family=str(book["family"]), given="A."),),
        year=int(str(book["year"])),
        type=WorkType.BOOK,
        doi=book_doi,
    )
    return replace(entry, **changes)


def claims_for(*references: Reference, phase: str = "", attempt: int = 1) -> list[Claim]:
    return [
        Claim(StageName.ENRICHMENT, number, EntryItem(1, reference), attempt=attempt, phase=phase)
        for number, reference in enumerate(references, start=1)
    ]


def openalex_body(dois: list[str]) -> bytes:
    works = [
        {
            "id": f"https://openalex.org/W{doi.rpartition('/')[2]}9",
            "doi": f"https://doi.org/{doi}",
            "title": BOOKS[doi]["title"],
            "type": "book",
            "publication_year": BOOKS[doi]["year"],
            "authorships": [{"author": {"display_name": f"Anna {BOOKS[doi]['family']}"}}],
        }
        for doi in dois
        if doi in BOOKS
    ]
    return json.dumps({"results": works}).encode()


def crossref_body(dois: list[str]) -> bytes:
    items = [
        {
            "DOI": doi,
            "type": "book",
            "title": [BOOKS[doi]["title"]],
            "author": [{"family": BOOKS[doi]["family"], "given": "Anna"}],
            "issued": {"date-parts": [[BOOKS[doi]["year"]]]},
        }
        for doi in dois
        if doi in BOOKS
    ]
    return json.dumps({"message": {"items": items}}).encode()


BROAD = tuple(source for source in SOURCES if source.service in {"openalex", "crossref", "datacite", "arxiv", "doi"})


def openalex(*known: str) -> Handler:
    """OpenAlex with some of the books, by DOI and by title."""

    def answer(request: Asked) -> bytes:
        if "filter" in request.params:
            return openalex_body([doi for doi in request.params["filter"].partition(":")[2].split("|") if doi in known])
        return openalex_body(
            [doi for doi in known if str(BOOKS[doi]["title"]).lower() in request.params["search.title"]]
        )

    return answer


def crossref(*known: str) -> Handler:
    """Crossref with some of the books; a search always answers something."""

    def answer(request: Asked) -> bytes:
        if "filter" in request.params:
            asked = [part.removeprefix("doi:") for part in request.params["filter"].split(",")]
            return crossref_body([doi for doi in asked if doi in known])
        return crossref_body(list(known))

    return answer


def nothing(request: Asked) -> bytes:
    """A service that holds none of what is asked."""
    return b'{"data": []}' if request.service == "datacite" else b'{"results": [], "message": {"items": []}}'


def down(_: Asked) -> ServiceError:
    return ServiceError("x", Reason.SERVICE_DOWN, "HTTP 503")


def breaker_open(_: Asked) -> ServiceError:
    return ServiceError("x", Reason.SERVICE_DOWN, "breaker", after=55.0, costs_attempt=False)


def answers(calls: FakeServiceCalls, claims: list[Claim]) -> list[Answer]:
    """The answers in the order of the claims; each claim has exactly one."""
    given = list(EnrichmentStage(calls, BROAD, habits=UNCHECKED).handle(claims))
    assert sorted(claim.id for claim, _ in given) == [claim.id for claim in claims]
    return [answer for _, answer in sorted(given, key=lambda pair: pair[0].id)]


def test_printed_dois_are_looked_up_together() -> None:
    """Four entries cost two requests: what OpenAlex lacks is asked of Crossref."""
    calls = FakeServiceCalls(
        {"openalex": openalex("10.5555/0", "10.5555/1"), "crossref": crossref("10.5555/2", "10.5555/3")}
    )
    calls.remember("doi", {"ra:10.5555": b"Crossref"})
    given = answers(calls, claims_for(*(reference_to(doi) for doi in BOOKS)))
    assert all(isinstance(answer, Done) for answer in given)
    facts = [answer.facts for answer in given if isinstance(answer, Done)]
    assert [fact.work.metadata_source for fact in facts if isinstance(fact, Resolved)] == ["openalex"] * 2 + [
        "crossref"
    ] * 2
    assert {fact.matched_by for fact in facts if isinstance(fact, Resolved)} == {"doi"}
    assert [(request.service, request.path) for request in calls.asked] == [
        ("openalex", "/works"),
        ("crossref", "/works"),
    ]


def test_one_request_asks_for_notices_about_all() -> None:
    """The works of a plan are checked for retractions together."""
    calls = FakeServiceCalls({"openalex": openalex(*BOOKS), "crossref": nothing})
    given = list(EnrichmentStage(calls, BROAD).handle(claims_for(*(reference_to(doi) for doi in BOOKS))))
    assert all(isinstance(answer, Done) for _, answer in given)
    (asked,) = calls.to("crossref")
    assert asked.params["filter"].count("updates:") == len(BOOKS)


def test_one_doi_printed_twice_is_asked_for_once() -> None:
    """Two entries of one batch may cite one work."""
    calls = FakeServiceCalls({"openalex": openalex("10.5555/0")})
    given = answers(calls, claims_for(reference_to("10.5555/0"), reference_to("10.5555/0")))
    assert all(isinstance(answer, Done) for answer in given)
    assert calls.asked[0].params["filter"] == "doi:10.5555/0"


def test_a_misprinted_doi_is_searched_for() -> None:
    """The record behind the DOI is another work: nobody else is asked for that DOI, the title is searched for."""
    calls = FakeServiceCalls({"openalex": openalex(*BOOKS), "crossref": crossref(*BOOKS)})
    wrong = reference_to("10.5555/0", doi="10.5555/3")
    assert answers(calls, claims_for(wrong)) == [Again(SEARCH)]
    assert not calls.to("crossref")
    (answer,) = answers(calls, claims_for(wrong, phase=SEARCH))
    assert isinstance(answer, Done)
    assert isinstance(answer.facts, Resolved)
    assert (answer.facts.work.doi, answer.facts.matched_by) == ("10.5555/0", "search")


def test_entries_without_identifiers_are_searched_for() -> None:
    """The batch phase costs them no request."""
    calls = FakeServiceCalls()
    assert answers(calls, claims_for(reference_to("10.5555/0", doi=None))) == [Again(SEARCH)]
    assert not calls.asked
    stage = EnrichmentStage(calls, BROAD, habits=UNCHECKED)
    assert (stage.batch_size(""), stage.batch_size(SEARCH), stage.batch_size(SEARCH_INSTEAD)) == (50, 1, 1)


def test_arxiv_identifiers_go_to_datacite_then_arxiv() -> None:
    """ArXiv itself is asked only for what DataCite does not have yet."""
    preprint = {
        "id": "10.48550/arxiv.1701.01234",
        "attributes": {
            "titles": [{"title": "A preprint on the spacing of cusps"}],
            "creators": [{"familyName": "Ruiz"}],
            "publicationYear": 2017,
        },
    }
    feed = """<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>http://arxiv.org/abs/2611.00001v1</id>
      <title>A newer preprint on kelp</title><published>2026-11-01</published>
      <author><name>Ola Berg</name></author></entry></feed>"""
    calls = FakeServiceCalls(
        {"datacite": lambda _: json.dumps({"data": [preprint]}).encode(), "arxiv": lambda _: feed.encode()}
    )
    old = Reference(position=1, raw="Ruiz, A. A preprint on the spacing of cusps. 2017", arxiv_id="1701.01234")
    new = Reference(position=2, raw="Berg, O. A newer preprint on kelp. 2026", doi="10.48550/arxiv.2611.00001")
    given = answers(calls, claims_for(old, new))
    facts = [answer.facts for answer in given if isinstance(answer, Done)]
    assert [fact.matched_by for fact in facts if isinstance(fact, Resolved)] == ["arxiv"] * 2
    assert [request.service for request in calls.asked] == ["datacite", "arxiv"]
    assert calls.to("arxiv")[0].params["id_list"] == "2611.00001"


def test_a_dead_service_costs_only_its_own_share() -> None:
    """OpenAlex is down: Crossref answers what it can, the rest is searched for."""
    calls = FakeServiceCalls({"openalex": down, "crossref": crossref("10.5555/0"), "datacite": nothing})
    known, unknown = answers(calls, claims_for(reference_to("10.5555/0"), reference_to("10.5555/1")))
    assert isinstance(known, Done)
    assert unknown == Again(SEARCH)


def test_nobody_answers_is_a_retry_first_and_a_search_later() -> None:
    """A hiccup costs an attempt; a lasting outage makes the search stand in."""
    calls = FakeServiceCalls({"openalex": down, "crossref": down, "datacite": down})
    (answer,) = answers(calls, claims_for(reference_to("10.5555/0")))
    assert isinstance(answer, Retry)
    assert answer.reason is Reason.SERVICE_DOWN
    assert answers(calls, claims_for(reference_to("10.5555/0"), attempt=2)) == [Again(SEARCH_INSTEAD)]


def test_an_open_breaker_of_the_only_source_lets_the_search_stand_in() -> None:
    """A PMID is known to OpenAlex only; nothing found by search is no final word then."""
    entry = reference_to("10.5555/0", doi=None, pmid="123456")
    calls = FakeServiceCalls({"openalex": breaker_open, "crossref": crossref("10.5555/0")})
    assert answers(calls, claims_for(entry)) == [Again(SEARCH_INSTEAD)]
    assert isinstance(answers(calls, claims_for(entry, phase=SEARCH_INSTEAD))[0], Done)
    calls.handlers["crossref"] = nothing
    calls.remembered.clear()
    (answer,) = answers(calls, claims_for(entry, phase=SEARCH_INSTEAD))
    assert isinstance(answer, Snooze)


def test_being_rate_limited_is_a_snooze() -> None:
    """The service says when; no attempt is lost."""
    limited = ServiceError("openalex", Reason.RATE_LIMITED, after=7.0, costs_attempt=False)
    calls = FakeServiceCalls({"openalex": lambda _: limited})
    (answer,) = answers(calls, claims_for(reference_to("10.5555/0", doi=None, pmid="123456")))
    assert isinstance(answer, Snooze)
    assert (answer.reason, answer.after) == (Reason.RATE_LIMITED, 7.0)


def test_the_search_goes_where_the_permit_comes_soonest() -> None:
    """Crossref costs nothing, so it is worth two seconds of waiting; not ten."""
    entry = reference_to("10.5555/0", doi=None)
    calls = FakeServiceCalls({"openalex": openalex("10.5555/0"), "crossref": crossref("10.5555/0")})
    answers(calls, claims_for(entry, phase=SEARCH))
    assert [request.service for request in calls.asked] == ["crossref"]
    calls.asked.clear()
    calls.remembered.clear()
    calls.waits["crossref/list"] = 10.0
    answers(calls, claims_for(entry, phase=SEARCH))
    assert [(request.service, request.credits) for request in calls.asked] == [("openalex", 10)]


def test_the_next_service_is_asked_when_nothing_is_proven() -> None:
    """Crossref answers something to everything; only what is proven ends the search."""
    calls = FakeServiceCalls({"openalex": openalex("10.5555/0"), "crossref": crossref("10.5555/3")})
    (answer,) = answers(calls, claims_for(reference_to("10.5555/0", doi=None), phase=SEARCH))
    assert isinstance(answer, Done)
    assert isinstance(answer.facts, Resolved)
    assert answer.facts.work.metadata_source == "openalex"


def test_no_match_is_a_rejection() -> None:
    """Every service answered and none has it."""
    calls = FakeServiceCalls({"openalex": nothing, "crossref": crossref("10.5555/3")})
    (answer,) = answers(calls, claims_for(reference_to("10.5555/0", doi=None), phase=SEARCH))
    assert isinstance(answer, Reject)
    assert answer.reason is Reason.NO_MATCH
    assert answer.trail is not None
    heard = {one.service: one for one in answer.trail.asked if one.reply in {Reply.FOUND, Reply.ABSENT}}
    assert answer.trail.decision == f"{len(heard)} services asked, no record fits"
    assert heard["crossref"].detail == "1 record"


def test_ambiguous_matches_carry_their_candidates() -> None:
    """A person gets the candidates with what speaks for each, as JSON."""
    twins = json.loads(crossref_body(["10.5555/0"]))["message"]["items"] * 2
    twins[1] = {**twins[1], "DOI": "10.5555/twin"}
    body = json.dumps({"message": {"items": twins}}).encode()
    calls = FakeServiceCalls({"openalex": nothing, "crossref": lambda _: body})
    (answer,) = answers(calls, claims_for(reference_to("10.5555/0", doi=None), phase=SEARCH))
    assert isinstance(answer, Reject)
    assert answer.reason is Reason.AMBIGUOUS_MATCH
    evidence = json.loads(json.dumps(answer.evidence))
    assert {one["doi"] for one in evidence} == {"10.5555/0", "10.5555/twin"}
    assert all(one["agreement"]["author"] == "agree" and 0 < one["score"] <= 1 for one in evidence)


def test_a_notice_about_the_work_is_vetoed() -> None:
    """Only the erratum was found: that is not the work, and a person may see why."""
    (erratum,) = json.loads(crossref_body(["10.5555/0"]))["message"]["items"]
    erratum["title"] = [f"Erratum: {erratum['title'][0]}"]
    body = json.dumps({"message": {"items": [erratum]}}).encode()
    calls = FakeServiceCalls({"openalex": nothing, "crossref": lambda _: body})
    (answer,) = answers(calls, claims_for(reference_to("10.5555/0", doi=None), phase=SEARCH))
    assert isinstance(answer, Reject)
    assert answer.reason is Reason.VETOED
    assert "notice" in answer.detail


def test_a_hiccup_during_a_search_is_no_verdict() -> None:
    """While an answer may still come the entry is retried; after some attempts it ends with the service's failure."""
    calls = FakeServiceCalls({"openalex": nothing, "crossref": down})
    entry = reference_to("10.5555/0", doi=None)
    assert isinstance(answers(calls, claims_for(entry, phase=SEARCH))[0], Retry)
    (late,) = answers(calls, claims_for(entry, phase=SEARCH, attempt=5))
    assert isinstance(late, Reject)
    assert late.reason is Reason.SERVICE_DOWN, "no match is only said where everybody could be asked"
    assert "service-down" in late.detail


def test_a_budget_that_is_gone_holds_up_only_what_the_others_do_not_know() -> None:
    """OpenAlex's credits are spent for today: what Crossref proves counts, what it does not waits for tomorrow."""
    spent = ServiceError("openalex", Reason.BUDGET_EXHAUSTED, after=40_000.0, costs_attempt=False)
    calls = FakeServiceCalls({"openalex": lambda _: spent, "crossref": nothing})
    entry = reference_to("10.5555/0", doi=None)
    for handler in (nothing, crossref("10.5555/3"), lambda _: spent):
        calls.handlers["crossref"] = handler
        calls.remembered.clear()
        (answer,) = answers(calls, claims_for(entry, phase=SEARCH))
        assert isinstance(answer, Snooze)
        assert (answer.reason, answer.after) == (Reason.BUDGET_EXHAUSTED, 40_000.0)
    calls.handlers["crossref"] = crossref("10.5555/0")
    calls.remembered.clear()
    assert isinstance(answers(calls, claims_for(entry, phase=SEARCH))[0], Done)


def test_an_outage_of_one_service_makes_no_absence_of_a_work() -> None:
    """While OpenAlex's breaker is open nothing is given up, and Crossref is not asked the same every minute."""
    calls = FakeServiceCalls({"openalex": breaker_open, "crossref": nothing})
    entry = reference_to("10.5555/0", doi=None)
    (answer,) = answers(calls, claims_for(entry, phase=SEARCH))
    assert isinstance(answer, Snooze)
    assert answer.reason is Reason.SERVICE_DOWN
    alone = FakeServiceCalls({"openalex": breaker_open, "crossref": breaker_open})
    (sooner,) = answers(alone, claims_for(entry, phase=SEARCH))
    assert isinstance(sooner, Snooze)
    assert answer.after > sooner.after


@pytest.mark.parametrize(
    "entry",
    [
        Reference(
            position=1,
            raw="National Flag of Canada Day. https://www.canada.example/flag",
            type=WorkType.WEBPAGE,
            title="Flag",
        ),
        Reference(position=1, raw="O. Berg, personal communication, 3 May 2011."),
        Reference(position=1, raw="Ibid., 12."),
        Reference(position=1, raw="See the address https://shore.example/a/b", url="https://shore.example/a/b"),
    ],
)
def test_what_is_no_work_costs_no_request(entry: Reference) -> None:
    """Web pages, private communications and scraps are not searched for."""
    calls = FakeServiceCalls()
    (answer,) = answers(calls, claims_for(entry))
    assert isinstance(answer, Reject)
    assert answer.reason is Reason.NOT_A_WORK
    assert not calls.asked


def test_a_claim_of_another_stage_is_a_bug() -> None:
    """The pool records it; the stage does not guess."""
    with pytest.raises(TypeError, match="WorkItem"):
        list(
            EnrichmentStage(FakeServiceCalls(), BROAD).handle(
                [Claim(StageName.ENRICHMENT, 1, WorkItem(Work(title="T")))]
            )
        )
