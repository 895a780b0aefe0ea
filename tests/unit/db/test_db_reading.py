"""The reading side tells what the store's verbs have done."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from db.reading.exports import cited_works
from db.reading.inspect import hints, newest_rows, table_counts, table_names
from db.reading.opening import reading
from db.reading.places import Place
from db.reading.sources import sources_with_entries
from db.reading.status import status
from db.reading.summary import run_summary
from dl_lit.core.errors import BadInput, DatabaseUnusable
from dl_lit.core.model import Coverage, StageName
from dl_lit.core.reasons import Reason
from tests.fakes.scenario import NOON, Scenario, typical, work


@pytest.fixture
def scenario(tmp_path: Path) -> Iterator[Scenario]:
    with Scenario(tmp_path) as one:
        yield one


def test_the_summary_counts_every_entry_and_work_once(scenario: Scenario) -> None:
    typical(scenario)
    with reading(scenario.path) as connection:
        summary = run_summary(connection)
    assert summary.document() == {
        "schema": "dl-lit/run/1",
        "sources": 3,
        "references": 7,
        "resolved": 4,
        "works": 3,
        "downloaded": 1,
        "needs_review": 1,
        "duplicates": 1,
        "failed": {
            "extraction": {"encrypted-pdf": 1},
            "enrichment": {"no-match": 1},
            "download": {"blocked-paywall": 1, "no-oa-location": 1},
        },
        "waiting": {"extraction": 0, "enrichment": 1, "queueing": 0, "download": 0},
        "coverage": {"judged": 0, "mean": None, "incomplete": 0, "gaps": ()},
        "without_grobid": 0,
    }
    assert not summary.is_finished
    assert summary.failures == 4


def test_the_summary_of_some_sources_leaves_out_the_others(scenario: Scenario) -> None:
    """A work that two sources cite is counted for each of them, once."""
    typical(scenario)
    with reading(scenario.path) as connection:
        old, new, nothing = (run_summary(connection, [id_]) for id_ in (2, 3, 99))
    assert (old.references, old.resolved, old.downloaded, old.duplicates) == (3, 2, 1, 0)
    assert (new.references, new.resolved, new.downloaded, new.duplicates) == (4, 2, 1, 1)
    assert new.failed["download"] == {"blocked-paywall": 1}
    assert (nothing.sources, nothing.references, nothing.failures, nothing.is_finished) == (0, 0, 0, True)


def test_a_resumed_run_gives_the_numbers_of_an_undisturbed_one(tmp_path: Path) -> None:
    """Adding the same files again, claims lost and all, changes nothing in what is counted."""
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    with Scenario(tmp_path / "a") as undisturbed:
        typical(undisturbed)
        with reading(undisturbed.path) as connection:
            expected = run_summary(connection, [1, 2, 3])
    with Scenario(tmp_path / "b") as first:
        typical(first)
    with Scenario(tmp_path / "b") as again:
        ids = again.add("broken.pdf", "old.pdf", "new.pdf")
        again.store.claim(StageName.ENRICHMENT, 10)
        with reading(again.path) as connection:
            assert run_summary(connection, ids) == expected


def test_a_source_is_told_in_printed_order_with_what_became_of_each_entry(scenario: Scenario) -> None:
    typical(scenario)
    with reading(scenario.path) as connection:
        broken, old, new = sources_with_entries(connection)
    assert (broken.facts.place, broken.entries) == (Place.FAILED, ())
    assert broken.facts.failure is not None
    assert (broken.facts.failure.reason, broken.facts.failure.detail) == ("encrypted-pdf", "needs a password")
    assert [entry.reference.position for entry in old.entries] == [1, 2, 3]
    assert [(entry.place.value, entry.why) for entry in (*old.entries, *new.entries)] == [
        ("downloaded", ""),
        ("failed", "no-oa-location"),
        ("failed", "no-match"),
        ("downloaded", ""),
        ("needs_review", "ambiguous-match"),
        ("failed", "blocked-paywall"),
        ("waiting", "rate-limited"),
    ]
    first, duplicate, waiting = old.entries[0], new.entries[0], new.entries[3]
    assert first.work is not None
    assert first.work.file is not None
    assert (first.work.file.path, first.work.file.licence) == ("lovelace_2017_on.pdf", "cc-by")
    assert (first.matched_by, first.match_score) == ("doi", 1.0)
    assert duplicate.duplicate is not None
    assert (duplicate.duplicate.existing_work_id, duplicate.duplicate.matched_on) == (1, "doi")
    assert duplicate.work == first.work
    assert waiting.waiting is not None
    assert (waiting.stage, waiting.waiting.due_at) == (StageName.ENRICHMENT, NOON + 180.0)
    assert new.entries[1].failure is not None
    assert new.entries[1].failure.evidence == [{"doi": "10.1/a"}, {"doi": "10.1/b"}]


def test_exports_have_each_work_once_with_all_who_cite_it(scenario: Scenario) -> None:
    typical(scenario)
    with reading(scenario.path) as connection:
        works = cited_works(connection)
        of_new = cited_works(connection, [3])
    assert [one.view.work.title for one in works] == ["On computable numbers", "A closed book", "Behind a wall"]
    assert [(c.source_id, c.reference.position) for c in works[0].citations] == [(2, 1), (3, 1)]
    assert [[c.source_id for c in one.citations] for one in of_new] == [[3], [3]]


def test_status_says_per_stage_what_waits_since_when_and_why(scenario: Scenario) -> None:
    typical(scenario)
    scenario.store.close()  # nobody is at work
    with reading(scenario.path) as connection:
        now = status(connection, scenario.path, NOON + 60)
    extraction, enrichment, queueing, download = now.stages
    assert (extraction.waiting, extraction.done, extraction.failed) == (0, 2, {"encrypted-pdf": 1})
    assert (enrichment.waiting, enrichment.ready, enrichment.later) == (1, 0, 1)
    assert (enrichment.put_off, enrichment.next_due) == ({"rate-limited": 1}, NOON + 180)
    assert (enrichment.done, enrichment.needs_review, enrichment.failed) == (4, 1, {"no-match": 1})
    assert enrichment.oldest_waiting == "2026-11-22T12:00:00.250Z"
    assert (queueing.done, queueing.failed) == (2, {"no-oa-location": 1})
    assert (download.done, download.failed, download.per_minute) == (1, {"blocked-paywall": 1}, 0.1)
    assert [failure.reason for failure in now.recent_failures][:2] == ["blocked-paywall", "ambiguous-match"]
    assert now.worked_on_by is None
    assert now.size_bytes > 0
    assert (now.sources, now.entries, now.works) == (3, 7, 3)


def test_what_was_put_off_is_ready_when_its_time_has_come(scenario: Scenario) -> None:
    typical(scenario)
    with reading(scenario.path) as connection:
        enrichment = status(connection, scenario.path, NOON + 181).stages[1]
    assert (enrichment.ready, enrichment.later, enrichment.put_off, enrichment.next_due) == (1, 0, {}, None)


def test_hints_say_in_plain_words_where_work_is_stuck(scenario: Scenario) -> None:
    typical(scenario)
    (source,) = scenario.add("fresh.pdf")
    scenario.store.close()
    with reading(scenario.path) as connection:
        said = hints(status(connection, scenario.path, NOON))
    assert source == 4
    late = "a service's rate limit is used up (rate-limited), the first until 2026-11-22 12:03:00 UTC"
    assert said == [
        "1 source waits for extraction",
        f"1 entry waits for enrichment because {late}",
        "Nothing is at work here: start dl-lit run-pipeline or watch-folder-concurrent",
        "1 case waits for your decision: dl-lit review goes through them",
    ]


def test_an_empty_database_has_no_hints(scenario: Scenario) -> None:
    with reading(scenario.path) as connection:
        assert hints(status(connection, scenario.path, NOON)) == []
        assert run_summary(connection).is_finished


def test_tables_are_shown_newest_first(scenario: Scenario) -> None:
    typical(scenario)
    with reading(scenario.path) as connection:
        found = newest_rows(connection, "entries", 2)
        for most in (5, None):
            counts = table_counts(connection, most=most).rows
            assert (counts["entries"], counts["works"], counts["duplicate_references"]) == (7, 3, 1)
            assert set(counts) == set(table_names())
        assert "attempts" in table_counts(connection, most=5).more
        assert table_counts(connection, most=None).more == ()
        assert found.columns[:2] == ("id", "source_id")
        assert [row[0] for row in found.rows] == [7, 6]
        with pytest.raises(BadInput, match="no table 'nope'"):
            newest_rows(connection, "nope", 1)


@pytest.mark.sqlite_only
def test_reading_writes_nothing_and_needs_a_database(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnusable, match="init-db"), reading(tmp_path / "none.db"):
        pass
    assert list(tmp_path.iterdir()) == []


@pytest.mark.sqlite_only
def test_a_damaged_file_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_bytes(b"no database at all, but long enough to be looked at" * 100)
    with pytest.raises(DatabaseUnusable, match="is damaged \\(file is not a database\\)"), reading(tmp_path / "x.db"):
        pass


def test_the_number_of_queries_does_not_grow_with_the_entries(scenario: Scenario) -> None:
    """A bibliography of 3,000 entries is read in a fraction of a second."""
    (source,) = scenario.add("big.pdf")
    entries = scenario.extract(source, [f"Title number {n}" for n in range(3000)])
    scenario.reject(StageName.ENRICHMENT, entries[0], Reason.NO_MATCH)
    scenario.resolve(entries[1], work("Title number 1"))
    start = time.monotonic()
    with reading(scenario.path) as connection:
        (view,) = sources_with_entries(connection)
        status(connection, scenario.path, NOON)
        run_summary(connection, [source])
    assert len(view.entries) == 3000
    assert time.monotonic() - start < 2.0


def test_gaps_are_counted_and_the_worst_come_first(scenario: Scenario) -> None:
    ids = scenario.add("a.pdf", "b.pdf", "c.pdf", "d.pdf")
    scores = dict(zip(ids, (1.0, 0.9, 0.5, None), strict=True))
    for source, score in scores.items():
        missing = ("2",) if score and score < 1 else ()
        coverage = Coverage(found=1, expected=2 if missing else None, missing_labels=missing, score=score)
        scenario.extract(source, ["T"], coverage=coverage)
    with reading(scenario.path) as connection:
        found = run_summary(connection).coverage
        first = run_summary(connection, ids[:2]).coverage
        now = status(connection, scenario.path, NOON)
    assert (found.judged, found.mean, found.incomplete) == (3, 0.8, 2)
    assert [(gap.source, Path(gap.path).name, gap.said) for gap in found.gaps] == [
        (ids[2], "c.pdf", "1 reference of 2 expected; missing 2; coverage 50 %"),
        (ids[1], "b.pdf", "1 reference of 2 expected; missing 2; coverage 90 %"),
    ]
    assert (first.judged, first.mean, first.incomplete) == (2, 0.95, 1)
    assert (now.coverage, now.incomplete) == (0.8, 2)
