"""Who cites a work is asked page by page, no page too many, and never beyond what is wanted."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dl_lit.core.errors import ServiceError
from dl_lit.core.model import Name, Work, WorkType
from dl_lit.core.reasons import Reason
from stages.citing.forward import citing_works, credits_at_most, identified, reference_of
from tests.fakes.service_calls import Asked, FakeServiceCalls, Reply


def page(numbers: range, count: int, cursor: str | None) -> bytes:
    results: list[dict[str, Any]] = [
        {"id": f"https://openalex.org/W{one}", "title": f"Citing {one}", "publication_year": 2020, "type": "article"}
        for one in numbers
    ]
    return json.dumps({"meta": {"count": count, "next_cursor": cursor}, "results": results}).encode()


def openalex(known: int) -> FakeServiceCalls:
    """Work W1 is cited by so many."""

    def answer(asked: Asked) -> Reply:
        assert asked.params["filter"] == "cites:W1"
        assert asked.credits == 1
        first = 0 if asked.params["cursor"] == "*" else int(asked.params["cursor"])
        last = min(known, first + int(asked.params["per_page"]))
        return page(range(1000 + first, 1000 + last), known, str(last) if last > first else None)

    return FakeServiceCalls({"openalex": answer})


@pytest.mark.parametrize(
    ("known", "most", "found", "requests"), [(3, 200, 3, 1), (100, 200, 100, 1), (250, 130, 130, 2), (0, 200, 0, 1)]
)
def test_as_many_are_asked_for_as_are_wanted_and_no_page_more(known: int, most: int, found: int, requests: int) -> None:
    calls = openalex(known)
    citing = citing_works(calls, "W1", most)
    assert (len(citing.works), citing.known, citing.requests, citing.is_whole) == (found, known, requests, True)
    assert len(calls.asked) == requests
    assert requests <= credits_at_most(1, most)


def test_who_stops_it_gets_what_has_come_until_then() -> None:
    calls = openalex(300)
    citing = citing_works(calls, "W1", 300, should_stop=lambda: len(calls.asked) == 2)
    assert (len(citing.works), citing.is_whole) == (200, False)


def test_a_budget_that_is_gone_is_told_as_such() -> None:
    calls = FakeServiceCalls({"openalex": lambda _: ServiceError("openalex", Reason.BUDGET_EXHAUSTED)})
    with pytest.raises(ServiceError, match="openalex") as told:
        citing_works(calls, "W1", 10)
    assert told.value.reason is Reason.BUDGET_EXHAUSTED


def test_a_work_is_identified_by_its_doi_for_nothing() -> None:
    calls = FakeServiceCalls(
        {"openalex": lambda _: b'{"id": "https://openalex.org/W1007", "title": "Own", "type": "article"}'}
    )
    assert identified(calls, "10.1/own") == "W1007"
    assert calls.asked[0].credits == 0
    assert identified(FakeServiceCalls({"openalex": lambda _: 404}), "10.1/unknown") is None


def test_an_entry_says_what_a_reader_would_print_and_what_it_is_known_by() -> None:
    work = Work(
        type=WorkType.ARTICLE_JOURNAL,
        title="Citing",
        authors=(Name("Lovelace", "Ada"), Name(literal="The Group")),
        year=2020,
        container_title="Notes",
        doi="10.1/citing",
        openalex_id="W9",
        metadata_source="openalex",
    )
    reference = reference_of(work, 4)
    assert reference.raw == "Lovelace, Ada; The Group. (2020). Citing. Notes. https://doi.org/10.1/citing"
    assert (reference.position, reference.openalex_id, reference.doi) == (4, "W9", "10.1/citing")
