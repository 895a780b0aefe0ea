"""Entries that need no extraction: what a question found before is not added again, and files that come with them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from db.brought import awaited_work, bring_files, files_of_entry, note_handed_in, ready_files, waiting_files
from db.connect import connect
from db.intake import add_entries, add_finds
from dl_lit.core.model import Reference
from dl_lit.core.store import NewSource, SourceKind
from tests.fakes.scenario import Scenario, work


@pytest.fixture
def scenario(tmp_path: Path) -> Iterator[Scenario]:
    with Scenario(tmp_path) as scenario:
        yield scenario


@pytest.fixture
def engine(scenario: Scenario) -> Iterator[Engine]:
    engine = connect(scenario.path, synchronous="NORMAL")
    yield engine
    engine.dispose()


def found(number: int, **more: Any) -> Reference:
    return Reference(position=1, raw=f"Find {number}", title=f"Find {number}", openalex_id=f"W{number}", **more)


def question(total: int) -> NewSource:
    return NewSource("search: kelp", "f" * 64, 0, SourceKind.SEARCH, json.dumps({"total": total}))


def test_the_same_question_adds_only_what_is_new(scenario: Scenario, engine: Engine) -> None:
    """Positions go on behind those that there are; the question keeps its latest total."""
    first = add_finds(engine, question(2), [found(201), found(202)], scenario.clock)
    assert (first.source.is_new, first.added, first.known) == (True, 2, 0)
    again = add_finds(engine, question(3), [found(203), found(201), found(203)], scenario.clock)
    assert (again.source.id, again.source.is_new, again.added, again.known) == (first.source.id, False, 1, 2)
    assert scenario.rows("SELECT position, title FROM entries ORDER BY position") == [
        *((1, "Find 201"), (2, "Find 202"), (3, "Find 203")),
    ]
    query = "SELECT state, kind, found_references, CAST(origin ->> '$.total' AS INTEGER) FROM sources"
    assert scenario.rows(query) == [("extracted", "search", 3, 3)]
    assert scenario.rows("SELECT count(*) FROM no_metadata") == [(3,)]
    assert scenario.rows("SELECT entries FROM counts WHERE what = 'bibliographies' AND word = 'with entries'") == [(3,)]


def test_a_question_without_finds_is_kept_as_asked(scenario: Scenario, engine: Engine) -> None:
    grown = add_finds(engine, question(0), [], scenario.clock)
    assert (grown.source.is_new, grown.added) == (True, 0)
    assert scenario.rows("SELECT found_references FROM sources") == [(0,)]


def test_files_wait_until_the_works_of_their_entries_are_known(scenario: Scenario, engine: Engine) -> None:
    """Each is given once, and how it ended is kept."""
    source = NewSource("/mine.bib", "e" * 64, 10, SourceKind.BIBLIOGRAPHY)
    entries = [Reference(position=n, raw=f"Entry {n}", title=f"Entry {n}") for n in (1, 2)]
    add_entries(engine, source, entries, scenario.clock, {1: ["/a.pdf", "/b.pdf"], 2: ["/c.pdf"]})
    scenario.store.notice()
    with engine.connect() as connection:
        assert (waiting_files(connection), ready_files(connection, 10)) == (3, [])
    scenario.resolve(1, work("Entry 1"))
    with engine.connect() as connection:
        ready = ready_files(connection, 10)
        assert [(one.entry_id, one.path) for one in ready] == [(1, "/a.pdf"), (1, "/b.pdf")]
        assert ready_files(connection, 10, after=(1, "/a.pdf")) == ready[1:]
        assert awaited_work(connection, ready[0].work_id) is not None
        assert awaited_work(connection, 99) is None
    note_handed_in(engine, ready[0], "taken", "is w1")
    note_handed_in(engine, ready[1], "missing", "")
    with engine.begin() as connection:
        assert ready_files(connection, 10) == []
        assert [(one.handed_in, one.detail) for one in files_of_entry(connection, 1)] == [
            *(("taken", "is w1"), ("missing", "")),
        ]
        bring_files(connection, 1, {1: ["/a.pdf", "/b.pdf"]})  # the same bibliography once more
        assert [one.path for one in ready_files(connection, 10)] == ["/b.pdf"]


def test_files_are_noted_for_a_bibliography_that_is_known(scenario: Scenario, engine: Engine) -> None:
    """The folder of its PDFs may be named only the second time."""
    source = NewSource("/mine.bib", "e" * 64, 10, SourceKind.BIBLIOGRAPHY)
    entries = [Reference(position=1, raw="Entry 1")]
    add_entries(engine, source, entries, scenario.clock)
    again = add_entries(engine, source, entries, scenario.clock, {1: ["/a.pdf"]})
    assert not again.is_new
    with engine.connect() as connection:
        assert waiting_files(connection) == 1
    assert scenario.rows("SELECT count(*) FROM entries") == [(1,)]
