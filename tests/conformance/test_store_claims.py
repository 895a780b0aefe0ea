"""Claiming: nothing is handed out twice, the order is the promised one, what is released comes back."""

from __future__ import annotations

import threading
from collections import Counter

import pytest

from dl_lit.core.items import EntryItem, SourceItem
from dl_lit.core.job import Claim, Done, Retry, Snooze
from dl_lit.core.model import StageName
from dl_lit.core.reasons import Reason
from dl_lit.core.store import Finished
from tests.fakes.backends import Backend, TestedStore
from tests.fakes.engine import ManualClock, facts_for, finished, new_source, reference

EXTRACTION, ENRICHMENT, QUEUEING, DOWNLOAD = StageName


def take(store: TestedStore, stage: StageName, limit: int = 1_000) -> list[Claim]:
    """Claim, record as done, and tell what it was."""
    claims = store.claim(stage, limit)
    store.record([finished(claim) for claim in claims])
    return claims


def ids(claims: list[Claim]) -> list[int]:
    return [claim.id for claim in claims]


def test_a_claim_says_what_is_to_be_done(backend: Backend) -> None:
    (source,) = backend.add_sources([new_source(1)])
    (claim,) = backend.open().claim(EXTRACTION, 5)
    assert claim == Claim(EXTRACTION, source, SourceItem("/papers/1.pdf", f"{1:064x}"), attempt=1)


def test_a_claimed_row_is_not_handed_out_again(backend: Backend) -> None:
    backend.add_sources([new_source(n) for n in range(5)])
    store = backend.open()
    first, second = store.claim(EXTRACTION, 3), store.claim(EXTRACTION, 3)
    assert len(first) == 3
    assert len(second) == 2
    assert len({*ids(first), *ids(second)}) == 5
    assert store.claim(EXTRACTION, 3) == []
    assert store.held() == 5


@pytest.mark.parametrize("limit", [0, -1])
def test_nothing_is_claimed_for_no_hands(backend: Backend, limit: int) -> None:
    backend.add_sources([new_source(1)])
    assert backend.open().claim(EXTRACTION, limit) == []


def test_a_released_row_comes_back_unchanged(backend: Backend) -> None:
    backend.add_sources([new_source(1)])
    store = backend.open()
    claims = store.claim(EXTRACTION, 1)
    store.release(claims)
    assert store.held() == 0
    assert store.claim(EXTRACTION, 1) == claims


def test_a_released_row_that_was_due_comes_back_too(backend: Backend, clock: ManualClock) -> None:
    """A row given back by one thread must be seen by the next claim, whatever that learned about due times before."""
    backend.add_sources([new_source(1)])
    store = backend.open()
    store.record([finished(store.claim(EXTRACTION, 1)[0], Snooze(Reason.RATE_LIMITED, 5.0))])
    clock.advance(6.0)
    claims = store.claim(EXTRACTION, 2)
    assert store.claim(EXTRACTION, 2) == []
    store.release(claims)
    assert store.claim(EXTRACTION, 2) == claims


def test_the_newest_source_comes_first_its_entries_in_printed_order(backend: Backend) -> None:
    older = backend.add_entries(new_source(1), [reference(n) for n in (1, 2, 3)])
    newer = backend.add_entries(new_source(2), [reference(n) for n in (1, 2)])
    claims = backend.open().claim(ENRICHMENT, 10)
    items = [claim.item for claim in claims]
    assert [(item.source_id, item.reference.position) for item in items if isinstance(item, EntryItem)] == [
        (newer, 1),
        (newer, 2),
        (older, 1),
        (older, 2),
        (older, 3),
    ]


def test_newest_pdf_first(backend: Backend) -> None:
    added = backend.add_sources([new_source(n) for n in range(3)])
    assert ids(backend.open().claim(EXTRACTION, 10)) == added[::-1]


@pytest.mark.parametrize("stage", [QUEUEING, DOWNLOAD])
def test_works_of_the_newest_source_first_then_those_cited_most(backend: Backend, stage: StageName) -> None:
    older = backend.add_entries(new_source(1), [reference(n) for n in range(1, 5)])
    newer = backend.add_entries(new_source(2), [reference(1)])
    store = backend.open()
    take(store, ENRICHMENT)
    if stage is DOWNLOAD:
        take(store, QUEUEING)
    table = {QUEUEING: "with_metadata", DOWNLOAD: "to_download_references"}[stage]
    # Which entry became which work is the database's business; the third entry's work is cited most.
    work_of = dict(backend.rows("SELECT source_id || '.' || position, work_id FROM entries"))
    backend.change(f"UPDATE {table} SET cited_by = 7 WHERE work_id = ?", work_of[f"{older}.3"])
    store.notice()
    order = [f"{newer}.1", f"{older}.3", f"{older}.1", f"{older}.2", f"{older}.4"]
    assert ids(store.claim(stage, 10)) == [work_of[name] for name in order]


@pytest.mark.parametrize(
    ("stage", "table"),
    [
        (EXTRACTION, "sources"),
        (ENRICHMENT, "no_metadata"),
        (QUEUEING, "with_metadata"),
        (DOWNLOAD, "to_download_references"),
    ],
)
def test_priority_outranks_all_else(backend: Backend, stage: StageName, table: str) -> None:
    backend.add_sources([new_source(n) for n in range(3)])
    backend.add_entries(new_source(9), [reference(n) for n in (1, 2, 3)])
    store = backend.open()
    for before in list(StageName)[1 : list(StageName).index(stage)]:
        take(store, before)
    key = "id" if stage is EXTRACTION else "entry_id" if stage is ENRICHMENT else "work_id"
    last = ids(claims := store.claim(stage, 10))[-1]
    store.release(claims)
    backend.change(f"UPDATE {table} SET priority = 1 WHERE {key} = ?", last)
    store.notice()
    assert store.claim(stage, 1)[0].id == last


def test_a_row_that_is_due_again_goes_before_what_is_new(backend: Backend, clock: ManualClock) -> None:
    (first,) = backend.add_sources([new_source(1)])
    store = backend.open()
    store.record([finished(store.claim(EXTRACTION, 1)[0], Retry(Reason.PARSER_CRASHED, after=10.0))])
    (second,) = backend.add_sources([new_source(2)])
    store.notice()
    claims = store.claim(EXTRACTION, 5)
    assert ids(claims) == [second]
    store.release(claims)
    clock.advance(10.0)
    assert ids(store.claim(EXTRACTION, 5)) == [first, second]


def test_due_rows_come_in_the_order_they_fell_due(backend: Backend, clock: ManualClock) -> None:
    backend.add_sources([new_source(n) for n in range(4)])
    store = backend.open()
    claims = store.claim(EXTRACTION, 4)
    store.record(
        [finished(claim, Snooze(Reason.HOST_BUSY, after)) for claim, after in zip(claims, (4, 2, 3, 1), strict=True)]
    )
    clock.advance(10.0)
    assert ids(store.claim(EXTRACTION, 4)) == [claims[place].id for place in (3, 1, 2, 0)]


def test_one_claim_in_eight_goes_to_who_has_waited_longest(backend: Backend) -> None:
    """However many newer sources there are, the oldest is reached: nothing starves."""
    added = backend.add_sources([new_source(n) for n in range(400)])
    store = backend.open()
    order = [claim.id for _ in range(25) for claim in take(store, EXTRACTION, 8)]
    old = [source for source in order if source in added[:100]]
    assert len(old) == pytest.approx(200 / 8, abs=2)
    assert old == sorted(old)  # from the far end inwards
    new = [source for source in order if source not in old]
    assert new == sorted(new, reverse=True)


def test_ageing_works_for_single_claims_as_well(backend: Backend) -> None:
    added = backend.add_sources([new_source(n) for n in range(60)])
    store = backend.open()
    taken = [take(store, EXTRACTION, 1)[0].id for _ in range(34)]
    assert [source for source in taken if source in added[:10]] == added[:4]


def test_many_threads_claim_and_record_without_doubling(backend: Backend) -> None:
    """Every row is handled once a stage and no row is lost, whoever is quicker."""
    sources, workers = 60, 4
    backend.add_sources([new_source(n) for n in range(sources)])
    store = backend.open()
    handled: Counter[tuple[StageName, int]] = Counter()
    counting, failures = threading.Lock(), []
    ends = sources * 4  # every source one entry

    def work(stage: StageName) -> None:
        try:
            while handled.total() < ends and not failures:
                claims = store.claim(stage, 5)
                with counting:
                    handled.update((stage, claim.id) for claim in claims)
                store.release(claims[3:])
                with counting:
                    handled.subtract((stage, claim.id) for claim in claims[3:])
                store.record([finished(claim) for claim in claims[:3]])
        except BaseException as error:  # noqa: BLE001 - told by the test
            failures.append(error)

    threads = [threading.Thread(target=work, args=(stage,)) for stage in StageName for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    assert set(handled.values()) == {1}
    assert backend.rows("SELECT count(*) FROM downloaded_references") == [(sources,)]
    assert store.held() == 0
    assert [store.waiting(stage) for stage in StageName] == [0, 0, 0, 0]


def test_claims_of_a_process_that_died_are_free_at_the_next_start(backend: Backend) -> None:
    backend.add_sources([new_source(n) for n in range(3)])
    before = backend.open().claim(EXTRACTION, 2)
    after = backend.open().claim(EXTRACTION, 3)
    assert {*ids(before)} < {*ids(after)}


def test_a_failing_record_leaves_its_claims_held_and_the_database_as_it_was(backend: Backend) -> None:
    """Half a group is never written: the caller may try again."""
    backend.add_sources([new_source(1), new_source(2)])
    store = backend.open()
    good, bad = store.claim(EXTRACTION, 2)
    broken = Finished(bad, Done(object()), 0.0, 0.0)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        store.record([finished(good), broken])
    assert store.held() == 2
    assert store.waiting(EXTRACTION) == 2
    assert backend.rows("SELECT count(*) FROM entries") == [(0,)]
    store.record([finished(good), finished(bad, Done(facts_for(bad)))])
    assert store.held() == 0


def test_closing_twice_is_harmless(backend: Backend) -> None:
    store = backend.open()
    store.close()
    store.close()


def test_what_is_put_off_for_longer_does_not_press(backend: Backend, clock: ManualClock) -> None:
    """A crowd that waits until tomorrow must not dam up the stage before it."""
    backend.add_sources([new_source(number) for number in range(4)])
    store = backend.open()
    claims = store.claim(EXTRACTION, 3)
    snoozes = (Snooze(Reason.BUDGET_EXHAUSTED, 86_400.0), Snooze(Reason.HOST_BUSY, 5.0), Snooze(Reason.HOST_BUSY, 61.0))
    store.record([finished(claim, snooze) for claim, snooze in zip(claims, snoozes, strict=True)])
    assert (store.waiting(EXTRACTION), store.pressing(EXTRACTION)) == (4, 2)
    clock.advance(30.0)
    assert store.pressing(EXTRACTION) == 3
