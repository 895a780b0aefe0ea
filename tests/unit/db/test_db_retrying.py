"""What failed goes back to where it came from, once, and ends as well as if it had never failed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from db.connect import connect
from db.reading.doctor import invariants
from db.reading.opening import reading
from db.reading.summary import run_summary
from db.retrying import PutBack, Wanted, hasten, put_back
from dl_lit.core.errors import BadInput
from dl_lit.core.items import DownloadItem, EntryItem
from dl_lit.core.model import StageName
from dl_lit.core.reasons import Reason
from tests.fakes.scenario import Scenario, location, typical, work


@pytest.fixture
def scenario(tmp_path: Path) -> Iterator[Scenario]:
    with Scenario(tmp_path) as one:
        yield one


def retry(scenario: Scenario, **wanted: object) -> PutBack:
    engine = connect(scenario.path)
    try:
        done = put_back(engine, Wanted(**wanted), scenario.clock)  # type: ignore[arg-type]
    finally:
        engine.dispose()
    scenario.store.notice()
    with reading(scenario.path) as connection:
        assert [one for one in invariants(connection) if not one.holds] == []
    return done


def test_only_what_may_have_passed_goes_back_by_itself(scenario: Scenario) -> None:
    typical(scenario)
    (entry, *_) = scenario.extract(scenario.add("more.pdf")[0], ["A", "B"])
    scenario.reject(StageName.ENRICHMENT, entry, Reason.SERVICE_DOWN)
    assert retry(scenario) == PutBack(extraction=0, enrichment=1, queueing=0, download=0)
    assert retry(scenario).total == 0


def test_poison_goes_back_only_when_asked_for(scenario: Scenario) -> None:
    (entry, *_) = scenario.extract(scenario.add("more.pdf")[0], ["A"])
    scenario.reject(StageName.ENRICHMENT, entry, Reason.POISON)
    assert retry(scenario).total == 0
    assert retry(scenario, reasons=[Reason.POISON]).enrichment == 1


def test_everything_goes_back_when_every_reason_is_wanted(scenario: Scenario) -> None:
    """Of the works, those without open copy are looked up again, the others fetched from where they are known to be."""
    typical(scenario)
    assert retry(scenario, every_reason=True) == PutBack(extraction=1, enrichment=2, queueing=1, download=1)
    with reading(scenario.path) as connection:
        summary = run_summary(connection)
    assert (summary.failures, summary.needs_review) == (0, 0)
    assert summary.waiting == {"extraction": 1, "enrichment": 3, "queueing": 1, "download": 1}


def test_stage_reason_and_id_narrow_it_down(scenario: Scenario) -> None:
    typical(scenario)
    assert retry(scenario, every_reason=True, stages=[StageName.EXTRACTION]).total == 1
    assert retry(scenario, reasons=[Reason.NO_MATCH]) == PutBack(extraction=0, enrichment=1, queueing=0, download=0)
    assert retry(scenario, works=[2], entries=[5]) == PutBack(extraction=0, enrichment=1, queueing=1, download=0)
    assert retry(scenario, works=[4], stages=[StageName.QUEUEING]).total == 0


def test_naming_what_has_not_failed_is_an_error_and_changes_nothing(scenario: Scenario) -> None:
    typical(scenario)
    with pytest.raises(BadInput, match=r"e1, e99 cannot be tried again"):
        retry(scenario, entries=[1, 3, 99])
    assert retry(scenario, entries=[3]).total == 1


def test_a_failed_source_is_read_again_with_all_attempts_before_it(scenario: Scenario) -> None:
    typical(scenario)
    assert retry(scenario, sources=[1]).extraction == 1
    (claim,) = scenario.store.claim(StageName.EXTRACTION, 10)
    assert (claim.id, claim.attempt) == (1, 1)
    scenario.store.release([claim])
    scenario.extract(1, ["At last"])
    with reading(scenario.path) as connection:
        assert run_summary(connection, [1]).references == 1


def test_an_entry_comes_back_with_its_text_and_the_rank_of_its_source(scenario: Scenario) -> None:
    typical(scenario)
    retry(scenario, entries=[5])
    claims = scenario.store.claim(StageName.ENRICHMENT, 10)
    (claim,) = (one for one in claims if one.id == 5)
    assert isinstance(claim.item, EntryItem)
    assert (claim.item.source_id, claim.item.reference.position, claim.attempt) == (3, 2, 1)


def test_a_fetch_that_failed_is_tried_at_the_same_places(scenario: Scenario) -> None:
    typical(scenario)
    retry(scenario, works=[4])
    (claim,) = scenario.store.claim(StageName.DOWNLOAD, 10)
    assert isinstance(claim.item, DownloadItem)
    assert claim.item.locations == (location(),)
    scenario.store.release([claim])
    scenario.download(4, "wall.pdf")
    with reading(scenario.path) as connection:
        assert run_summary(connection).downloaded == 2


def test_a_fetch_without_known_places_is_looked_up_again(scenario: Scenario) -> None:
    typical(scenario)
    scenario.sql("UPDATE failed_downloads SET locations = '[]' WHERE work_id = 4")
    assert retry(scenario, works=[4]) == PutBack(extraction=0, enrichment=0, queueing=1, download=0)


def test_a_work_that_comes_back_is_ranked_by_all_who_cite_it_now(scenario: Scenario) -> None:
    """Entries that joined it while it lay among the failures count."""
    typical(scenario)
    (entry,) = scenario.extract(scenario.add("more.pdf")[0], ["Behind a wall"])
    scenario.duplicate(scenario.resolve(entry, work("Behind a wall", doi="10.1000/wall")), 4)
    assert retry(scenario, works=[4]).download == 1


def test_the_same_work_found_anew_while_it_was_tried_again_joins_it(scenario: Scenario) -> None:
    """A work keeps its keys, so there is no moment in which it could come into being a second time."""
    typical(scenario)
    (first,) = scenario.extract(scenario.add("more.pdf")[0], ["A closed book"])
    scenario.duplicate(scenario.resolve(first, work("A closed book", doi="10.1000/closed")), 2)
    retry(scenario, works=[2])
    (second,) = scenario.extract(scenario.add("yet-more.pdf")[0], ["A closed book"])
    scenario.queue(scenario.resolve(second, work("A closed book", doi="10.1000/closed")))
    scenario.queue(2)
    scenario.download(2, "closed.pdf")
    with reading(scenario.path) as connection:
        summary = run_summary(connection)
        assert [one for one in invariants(connection) if not one.holds] == []
    assert (summary.works, summary.downloaded, summary.duplicates) == (3, 2, 3)


def test_an_attempt_of_before_cannot_finish_what_was_put_back_in_hand(scenario: Scenario) -> None:
    """Rows in somebody's hands are in waiting rooms, and those are not touched."""
    typical(scenario)
    scenario.clock.at += 600
    held = scenario.store.claim(StageName.ENRICHMENT, 10)
    assert [claim.id for claim in held] == [7]
    retry(scenario, every_reason=True)
    assert 7 not in [claim.id for claim in scenario.store.claim(StageName.ENRICHMENT, 10)]


def test_what_waits_for_an_outage_to_end_is_due_when_asked_for_and_nothing_else(scenario: Scenario) -> None:
    """A budget comes back when it comes back."""
    down, gone, failed = scenario.extract(scenario.add("more.pdf")[0], ["A", "B", "C"])
    scenario.snooze(StageName.ENRICHMENT, down, Reason.SERVICE_DOWN, after=600.0)
    scenario.snooze(StageName.ENRICHMENT, gone, Reason.BUDGET_EXHAUSTED, after=600.0)
    scenario.retry(StageName.ENRICHMENT, failed, Reason.SERVICE_DOWN, after=300.0)
    engine = connect(scenario.path)
    try:
        assert hasten(engine, [Reason.SERVICE_DOWN]) == 2
        assert hasten(engine, [Reason.SERVICE_DOWN]) == 0
    finally:
        engine.dispose()
    scenario.store.notice()
    claims = scenario.store.claim(StageName.ENRICHMENT, 10)
    assert {claim.id: claim.attempt for claim in claims} == {down: 1, failed: 2}
