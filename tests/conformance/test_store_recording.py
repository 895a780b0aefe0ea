"""Recording: every outcome of every stage moves the row where it belongs, once, with its stamps and its attempt."""

from __future__ import annotations

import json

import pytest

from db.codec import decode_coverage, decode_names, decode_short_forms
from dl_lit.core.errors import DatabaseFull
from dl_lit.core.items import Downloaded, Extracted, Queued
from dl_lit.core.job import Claim, Done, Outcome, Reject, Retry, Snooze
from dl_lit.core.model import Bibliography, Coverage, Location, Name, ShortForm, StageName, Version
from dl_lit.core.reasons import Reason
from tests.fakes.backends import Backend, TestedStore
from tests.fakes.engine import (
    EPOCH_S,
    LOCATION,
    UNVERIFIED,
    ManualClock,
    bibliography,
    downloaded,
    finished,
    new_source,
    reference,
)

EXTRACTION, ENRICHMENT, QUEUEING, DOWNLOAD = StageName
ROOMS = {
    EXTRACTION: ("sources", "id"),
    ENRICHMENT: ("no_metadata", "entry_id"),
    QUEUEING: ("with_metadata", "work_id"),
    DOWNLOAD: ("to_download_references", "work_id"),
}
FAILED = {
    EXTRACTION: ("failed_extractions", "source_id"),
    ENRICHMENT: ("failed_enrichments", "entry_id"),
    QUEUEING: ("failed_downloads", "work_id"),
    DOWNLOAD: ("failed_downloads", "work_id"),
}
EVERY_STAGE = pytest.mark.parametrize("stage", list(StageName))


def bring_to(backend: Backend, store: TestedStore, stage: StageName) -> Claim:
    """One row in the room of `stage`, claimed."""
    backend.add_sources([new_source(1)])
    store.notice()
    for before in list(StageName)[: list(StageName).index(stage)]:
        store.record([finished(claim) for claim in store.claim(before, 1)])
    (claim,) = store.claim(stage, 1)
    return claim


def counts(backend: Backend) -> dict[str, int]:
    """Rows of every place a row can be in."""
    queries = {
        "sources": "SELECT count(*) FROM sources WHERE state = 'pending'",
        "extracted": "SELECT count(*) FROM sources WHERE state = 'extracted'",
    }
    for table in (
        *("failed_extractions", "no_metadata", "failed_enrichments", "with_metadata", "to_download_references"),
        *("downloaded_references", "failed_downloads", "duplicate_references", "works", "entries"),
    ):
        queries[table] = f"SELECT count(*) FROM {table}"
    return {name: count for name, query in queries.items() if (count := backend.rows(query)[0][0])}


AFTER_DONE = {
    EXTRACTION: {"extracted": 1, "entries": 1, "no_metadata": 1},
    ENRICHMENT: {"extracted": 1, "entries": 1, "works": 1, "with_metadata": 1},
    QUEUEING: {"extracted": 1, "entries": 1, "works": 1, "to_download_references": 1},
    DOWNLOAD: {"extracted": 1, "entries": 1, "works": 1, "downloaded_references": 1},
}
AFTER_REJECT = {
    EXTRACTION: {"failed_extractions": 1},
    ENRICHMENT: {"extracted": 1, "entries": 1, "failed_enrichments": 1},
    QUEUEING: {"extracted": 1, "entries": 1, "works": 1, "failed_downloads": 1},
    DOWNLOAD: {"extracted": 1, "entries": 1, "works": 1, "failed_downloads": 1},
}


@EVERY_STAGE
def test_done_moves_the_row_on(backend: Backend, stage: StageName) -> None:
    store = backend.open()
    store.record([finished(bring_to(backend, store, stage))])
    assert counts(backend) == AFTER_DONE[stage]
    assert store.held() == 0


@EVERY_STAGE
def test_reject_moves_the_row_to_its_failures_with_reason_and_evidence(backend: Backend, stage: StageName) -> None:
    store = backend.open()
    claim = bring_to(backend, store, stage)
    store.record([finished(claim, Reject(Reason.VANISHED, "gone", evidence={"tried": [1, 2]}))])
    assert counts(backend) == AFTER_REJECT[stage]
    table, key = FAILED[stage]
    row = backend.rows(f"SELECT {key}, reason, detail, evidence, attempts FROM {table}")[0]
    assert row[:3] == (claim.id, "vanished", "gone")
    assert json.loads(row[3]) == {"tried": [1, 2]}
    assert row[4] == 1


@pytest.mark.parametrize("stage", [ENRICHMENT, QUEUEING, DOWNLOAD])
@pytest.mark.parametrize(("reason", "flag"), [(Reason.AMBIGUOUS_MATCH, 1), (Reason.NO_MATCH, 0)])
def test_what_a_person_may_decide_is_flagged(backend: Backend, stage: StageName, reason: Reason, flag: int) -> None:
    store = backend.open()
    store.record([finished(bring_to(backend, store, stage), Reject(reason))])
    assert backend.rows(f"SELECT needs_review FROM {FAILED[stage][0]}") == [(flag,)]


def test_a_failed_download_keeps_its_locations_and_its_stage(backend: Backend) -> None:
    store = backend.open()
    store.record([finished(bring_to(backend, store, DOWNLOAD), Reject(Reason.HTTP_404))])
    ((stage, locations),) = backend.rows("SELECT stage, locations FROM failed_downloads")
    assert stage == "download"
    assert [one["url"] for one in json.loads(locations)] == [LOCATION.url]


@EVERY_STAGE
def test_retry_keeps_the_row_costs_an_attempt_and_waits(backend: Backend, stage: StageName, clock: ManualClock) -> None:
    store = backend.open()
    claim = bring_to(backend, store, stage)
    before = counts(backend)
    store.record([finished(claim, Retry(Reason.SERVICE_DOWN, "HTTP 503", after=30.0))])
    assert counts(backend) == before
    assert store.claim(stage, 1) == []
    assert store.next_due(stage) == pytest.approx(clock.time() + 30.0)
    table, key = ROOMS[stage]
    assert backend.rows(f"SELECT attempts, last_reason, last_detail FROM {table} WHERE {key} = ?", claim.id) == [
        (1, "service-down", "HTTP 503")
    ]
    clock.advance(30.0)
    (again,) = store.claim(stage, 1)
    assert (again.id, again.attempt, again.ticket, again.item) == (claim.id, 2, None, claim.item)


@EVERY_STAGE
@pytest.mark.parametrize("reason", [Reason.HOST_BUSY, Reason.RATE_LIMITED])
def test_snooze_costs_no_attempt_and_its_due_time_comes_back_as_ticket(
    backend: Backend, stage: StageName, reason: Reason, clock: ManualClock
) -> None:
    store = backend.open()
    claim = bring_to(backend, store, stage)
    due = clock.time() + 7.5
    store.record([finished(claim, Snooze(reason, 7.5, "line of 3"))])
    clock.advance(7.5)
    (again,) = store.claim(stage, 1)
    assert (again.id, again.attempt, again.ticket) == (claim.id, 1, pytest.approx(due))
    table, key = ROOMS[stage]
    assert backend.rows(f"SELECT attempts FROM {table} WHERE {key} = ?", claim.id) == [(0,)]
    assert backend.rows("SELECT 1 FROM attempts WHERE stage = ? AND item_id = ?", stage.value, claim.id) == []


def test_a_snooze_that_gave_no_turn_brings_no_ticket(backend: Backend, clock: ManualClock) -> None:
    store = backend.open()
    store.record([finished(bring_to(backend, store, DOWNLOAD), Snooze(Reason.BUDGET_EXHAUSTED, 60.0))])
    clock.advance(60.0)
    assert store.claim(DOWNLOAD, 1)[0].ticket is None


@pytest.mark.parametrize(
    ("outcome", "logged"),
    [
        (None, ("done", "ok", "")),
        (Retry(Reason.TIMEOUT_READ, "30 s", after=1.0), ("retry", "timeout-read", "30 s")),
        (Reject(Reason.NOT_A_PDF, "HTML"), ("reject", "not-a-pdf", "HTML")),
    ],
)
@EVERY_STAGE
def test_every_attempt_is_logged(
    backend: Backend, stage: StageName, outcome: Outcome | None, logged: tuple[str, str, str]
) -> None:
    store = backend.open()
    claim = bring_to(backend, store, stage)
    store.record([finished(claim, outcome, started_at=EPOCH_S + 1.25, seconds=2.5)])
    assert backend.rows(
        "SELECT item_id, attempt, outcome, reason, detail, started_at, seconds FROM attempts WHERE stage = ?",
        stage.value,
    ) == [(claim.id, 1, *logged, "2027-01-15T08:00:01.250Z", 2.5)]


@EVERY_STAGE
@pytest.mark.parametrize("found", [True, False])
def test_the_row_is_stamped_with_when_the_stage_worked(backend: Backend, stage: StageName, found: bool) -> None:
    store = backend.open()
    claim = bring_to(backend, store, stage)
    store.record([finished(claim, None if found else Reject(Reason.NO_MATCH), started_at=EPOCH_S, seconds=1.5)])
    ahead = ("no_metadata", "with_metadata", "to_download_references", "downloaded_references")
    table = ahead[list(StageName).index(stage)] if found else FAILED[stage][0]
    assert backend.rows(f"SELECT processing_started_at, processing_timestamp, processing_duration_ms FROM {table}") == [
        ("2027-01-15T08:00:00.000Z", "2027-01-15T08:00:01.500Z", 1500.0)
    ]


@EVERY_STAGE
def test_a_row_that_has_moved_on_is_left_alone(backend: Backend, stage: StageName) -> None:
    """A late finisher writes nothing: not the move, not an attempt, not a count."""
    store = backend.open()
    claim = bring_to(backend, store, stage)
    store.record([finished(claim)])
    before = counts(backend), backend.rows("SELECT count(*) FROM attempts"), [store.waiting(one) for one in StageName]
    for late in (None, Reject(Reason.VANISHED), Retry(Reason.VANISHED, after=1.0), Snooze(Reason.HOST_BUSY, 1.0)):
        store.record([finished(claim, late)])
    after = counts(backend), backend.rows("SELECT count(*) FROM attempts"), [store.waiting(one) for one in StageName]
    assert after == before


@EVERY_STAGE
def test_an_attempt_that_was_overtaken_changes_nothing(backend: Backend, stage: StageName, clock: ManualClock) -> None:
    store = backend.open()
    first = bring_to(backend, store, stage)
    store.record([finished(first, Retry(Reason.SERVICE_DOWN, after=1.0))])
    clock.advance(1.0)
    (second,) = store.claim(stage, 1)
    store.record([finished(first, Reject(Reason.VANISHED))])
    assert backend.rows(f"SELECT count(*) FROM {FAILED[stage][0]}") == [(0,)]
    store.record([finished(second)])
    assert counts(backend) == AFTER_DONE[stage]


@EVERY_STAGE
def test_the_same_claim_twice_in_one_group_counts_once(backend: Backend, stage: StageName) -> None:
    store = backend.open()
    claim = bring_to(backend, store, stage)
    store.record([finished(claim), finished(claim)])
    assert counts(backend) == AFTER_DONE[stage]
    assert backend.rows("SELECT count(*) FROM attempts WHERE stage = ?", stage.value) == [(1,)]


def test_one_group_may_hold_every_stage_and_every_outcome(backend: Backend) -> None:
    backend.add_sources([new_source(n) for n in range(8)])
    store = backend.open()
    for before in (EXTRACTION, ENRICHMENT, QUEUEING):
        store.record([finished(claim) for claim in store.claim(before, 6 if before is EXTRACTION else 4)])
    claims = [claim for stage in StageName for claim in store.claim(stage, 10)]
    outcomes = [None, Reject(Reason.NO_MATCH), Retry(Reason.HTTP_5XX, after=1.0), Snooze(Reason.HOST_BUSY, 1.0)]
    store.record([finished(claim, outcomes[place % 4]) for place, claim in enumerate(claims)])
    assert store.held() == 0
    for stage, (table, _) in ROOMS.items():
        where = " WHERE state = 'pending'" if stage is EXTRACTION else ""
        assert store.waiting(stage) == backend.rows(f"SELECT count(*) FROM {table}{where}")[0][0], stage


def test_a_bibliography_keeps_its_printed_order_for_ever(backend: Backend) -> None:
    backend.add_sources([new_source(1)])
    store = backend.open()
    (claim,) = store.claim(EXTRACTION, 1)
    read = Bibliography(
        page_count=9,
        doi="10.1000/citing",
        title="Citing",
        expected_references=4,
        references=tuple(reference(place, f"Entry {place}") for place in (1, 2, 3)),
        authors=(Name(family="Knuth", given="Donald E."), Name(literal="The Consortium")),
        year=1997,
        arxiv_id="2101.00001",
        short_forms=(ShortForm(raw="ibid.", page=3, refers_to=1),),
        coverage=Coverage(
            found=3, expected=4, missing_labels=("4",), markers=4, unanswered_markers=("[4]",), score=0.75
        ),
    )
    store.record([finished(claim, Done(Extracted(read)))])
    assert backend.rows("SELECT position, title FROM entries ORDER BY id") == [
        (1, "Entry 1"),
        (2, "Entry 2"),
        (3, "Entry 3"),
    ]
    assert backend.rows("SELECT doi, title, page_count, found_references, expected_references FROM sources") == [
        ("10.1000/citing", "Citing", 9, 3, 4)
    ]
    facts = backend.rows("SELECT authors, year, arxiv_id, coverage_score, coverage, short_forms FROM sources")[0]
    assert decode_names(facts[0]) == read.authors
    assert facts[1:4] == (1997, "2101.00001", 0.75)
    assert decode_coverage(facts[4]) == read.coverage
    assert decode_short_forms(facts[5]) == read.short_forms


def test_a_paper_that_cites_nothing_is_extracted(backend: Backend) -> None:
    store = backend.open()
    claim = bring_to(backend, store, EXTRACTION)
    store.record([finished(claim, Done(Extracted(bibliography(0))))])
    assert counts(backend) == {"extracted": 1}


def test_priority_travels_with_the_row(backend: Backend) -> None:
    (source,) = backend.add_sources([new_source(1)])
    backend.change("UPDATE sources SET priority = 3 WHERE id = ?", source)
    store = backend.open()
    for stage, (table, _) in ROOMS.items():
        assert backend.rows(f"SELECT priority FROM {table}") == [(3,)]
        store.record([finished(claim) for claim in store.claim(stage, 1)])


@pytest.mark.parametrize(
    ("facts", "status"),
    [
        ({"location": Location(url="u", version=Version.PUBLISHED)}, "ok"),
        ({"location": Location(url="u", version=Version.ACCEPTED)}, "ok-accepted-version"),
        ({"location": Location(url="u", version=Version.SUBMITTED)}, "ok-preprint"),
        ({"location": Location(url="u")}, "ok"),
        ({"location": Location(url="u", version=Version.PUBLISHED), "proof": UNVERIFIED}, "ok-unverified"),
    ],
)
def test_a_download_says_what_kind_of_success_it_is(backend: Backend, facts: dict[str, object], status: str) -> None:
    store = backend.open()
    claim = bring_to(backend, store, DOWNLOAD)
    found = downloaded(claim.id, **facts)
    assert isinstance(found, Downloaded)
    store.record([finished(claim, Done(found))])
    assert backend.rows("SELECT status FROM downloaded_references") == [(status,)]
    assert backend.rows("SELECT reason FROM attempts WHERE stage = 'download'") == [(status,)]


def test_locations_come_out_as_they_went_in(backend: Backend) -> None:
    store = backend.open()
    claim = bring_to(backend, store, QUEUEING)
    where = (Location(url="a", licence="cc-by", version=Version.ACCEPTED), Location(url="b", is_pdf=False))
    store.record([finished(claim, Done(Queued(where)))])
    (later,) = store.claim(DOWNLOAD, 1)
    assert getattr(later.item, "locations", None) == where


def test_a_full_disk_is_told_apart_and_loses_nothing(backend: Backend) -> None:
    """`DatabaseFull` leaves the claims held; the same call succeeds when there is room again."""
    store = backend.open()
    backend.add_sources([new_source(n) for n in range(3)])
    store.notice()
    claims = store.claim(EXTRACTION, 3)
    group = [finished(claim, Done(Extracted(bibliography(500)))) for claim in claims]
    backend.fill_disk(store, full=True)
    with pytest.raises(DatabaseFull):
        store.record(group)
    assert store.held() == 3
    backend.fill_disk(store, full=False)
    store.record(group)
    assert counts(backend) == {"extracted": 3, "entries": 1500, "no_metadata": 1500}
