"""PRISMA numbers are those of the rows, and their sums add up in whatever state the rows are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.connect import connect
from db.reading.opening import reading
from db.reading.prisma import PrismaNumbers, prisma_numbers
from db.runs import How, begin_run, note_sources
from dl_lit.core.model import StageName
from dl_lit.core.reasons import Reason
from tests.fakes.scenario import Scenario, typical, work


@pytest.fixture
def scenario(tmp_path: Path) -> Iterator[Scenario]:
    with Scenario(tmp_path) as one:
        yield one


def numbers(scenario: Scenario, run: int | None = None) -> PrismaNumbers:
    with reading(scenario.path) as connection:
        return prisma_numbers(connection, run)


def test_the_numbers_of_a_library_are_those_of_its_rows(scenario: Scenario) -> None:
    typical(scenario)
    found = numbers(scenario)
    assert found.problems() == []
    document = found.document()
    assert document["identification"]["records"] == 7
    assert document["identification"]["duplicates_removed"] == 1
    assert document["identification"]["sources_not_read"] == {"encrypted-pdf": 1}
    assert document["screening"] == {
        "screened": 6,
        "recognised": 3,
        "not_recognised": {"no-match": 1},
        "for_review": 1,
        "waiting": 1,
    }
    assert document["retrieval"]["not_retrieved"] == {"blocked-paywall": 1, "no-oa-location": 1}
    assert document["assessment"]["verified"] == {"ok": 1}
    assert document["adds_up"]


def test_a_run_has_the_numbers_of_its_own_sources(scenario: Scenario) -> None:
    typical(scenario)
    engine = connect(scenario.path)
    try:
        run = begin_run(engine, "process-pdf-concurrent old.pdf", scenario.clock, version="1").id
        with engine.begin() as connection:
            note_sources(connection, run, [(2, True)], How.GIVEN)
    finally:
        engine.dispose()
    found = numbers(scenario, run)
    assert (found.identified, found.duplicates, found.recognised) == (3, 0, 2)
    assert (found.included, found.not_retrieved, found.problems()) == (1, {"no-oa-location": 1}, [])


def test_a_row_in_two_places_does_not_add_up(scenario: Scenario) -> None:
    typical(scenario)
    scenario.sql("DELETE FROM failed_downloads WHERE work_id = 2")
    assert numbers(scenario).problems() == ["3 works were sought, 2 are somewhere"]


ENDS = (
    "waits",
    "no-match",
    "review",
    "queueing",
    "no-copy",
    "download",
    "wrong-work",
    "verified",
    "unverified",
    "twin",
)


@settings(max_examples=12, deadline=None)
@given(ends=st.lists(st.sampled_from(ENDS), min_size=1, max_size=10))
def test_the_sums_add_up_whatever_became_of_the_entries(
    tmp_path_factory: pytest.TempPathFactory, ends: list[str]
) -> None:
    with Scenario(tmp_path_factory.mktemp("sums")) as scenario:
        entries = scenario.extract(scenario.add("a.pdf")[0], [f"Title {number}" for number in range(len(ends))])
        first = None
        for number, (entry, end) in enumerate(zip(entries, ends, strict=True)):
            if end == "no-match":
                scenario.reject(StageName.ENRICHMENT, entry, Reason.NO_MATCH)
            elif end == "review":
                scenario.reject(StageName.ENRICHMENT, entry, Reason.AMBIGUOUS_MATCH)
            if end in {"waits", "no-match", "review"}:
                continue
            doi = "10.1/first" if end == "twin" or first is None else f"10.1/{number}"
            work_id = scenario.resolve(entry, work(f"Title {'first' if doi == '10.1/first' else number}", doi=doi))
            if end == "no-copy":
                scenario.reject(StageName.QUEUEING, work_id, Reason.NO_OA_LOCATION)
            elif end != "queueing":
                scenario.queue(work_id)
            still = scenario.rows(f"SELECT count(*) FROM to_download_references WHERE work_id = {work_id}") == [(1,)]
            first = first or work_id
            if end == "wrong-work" and still:
                scenario.reject(StageName.DOWNLOAD, work_id, Reason.WRONG_WORK)
            elif end in {"verified", "unverified"} and still:
                name, content = f"{number}.pdf", f"%PDF {number}".encode()
                scenario.download(work_id, name, content=content, verified=end == "verified")
        found = numbers(scenario)
    assert found.problems() == []
    assert found.identified == len(ends)
    assert sum(found.not_recognised.values()) == ends.count("no-match")
    assert found.recognition_for_review == ends.count("review")
