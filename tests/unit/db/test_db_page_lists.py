"""What the page asks of the database: lists, throughput, search, the graph, what happened last."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from db.codec import stamp
from db.connect import connect
from db.reading.activity import latest_events
from db.reading.graph import graph
from db.reading.opening import Connection, reading
from db.reading.places import Place
from db.reading.search import search
from db.reading.source_list import entries_of_source, source_lines
from db.reading.source_pages import SourceFilter, SourceOrder, page_of_sources
from db.reading.throughput import MinuteCounts
from db.reading.work_list import WorkOrder, page_of_failures, page_of_work_lines
from dl_lit.core.model import Name, StageName
from dl_lit.core.reasons import Reason
from tests.fakes.scenario import NOON, Scenario, typical, work


@pytest.fixture(scope="function" if "DL_LIT_TESTS_ON" in os.environ else "module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lists")
    with Scenario(folder) as scenario:
        typical(scenario)
        (more,) = scenario.add("more.pdf")
        (entry,) = scenario.extract(more, ["Über Größe"], expected_references=4)
        scenario.resolve(entry, work("Über Größe", doi="10.1000/umlaut", authors=(Name("Müller", "Jörg"),)))
        scenario.add("unread.pdf")
        return scenario.path


@pytest.fixture
def connection(database: Path) -> Iterator[Connection]:
    with reading(database) as one:
        yield one


def test_a_source_is_listed_with_how_its_entries_stand(connection: Connection) -> None:
    page = page_of_sources(connection, limit=10)
    assert (page.total, [one.id for one in page.items]) == (5, [5, 4, 3, 2, 1])
    new = page.items[2]
    assert (new.title, new.place, new.entries) == ("Paper 3", Place.EXTRACTED, 4)
    assert (new.downloaded, new.needs_review, new.failed, new.waiting) == (1, 1, 1, 1)
    assert (page.items[4].place, page.items[4].reason) == (Place.FAILED, "encrypted-pdf")


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [(SourceFilter.WAITING, [5]), (SourceFilter.READ, [4, 3, 2]), (SourceFilter.GAPS, []), (SourceFilter.FAILED, [1])],
)
def test_sources_by_state(connection: Connection, wanted: SourceFilter, ids: list[int]) -> None:
    assert [one.id for one in page_of_sources(connection, wanted=wanted, limit=10).items] == ids


def test_sources_by_text_and_in_every_order(connection: Connection) -> None:
    assert [one.id for one in page_of_sources(connection, text="paper 3", limit=10).items] == [3]
    assert [one.id for one in page_of_sources(connection, text="BROKEN.pdf", limit=10).items] == [1]
    assert page_of_sources(connection, text="100%", limit=10).total == 0
    for order in SourceOrder:
        page = page_of_sources(connection, order=order, limit=2, offset=1)
        assert (page.total, len(page.items)) == (5, 2)
    assert [one.id for one in source_lines(connection, [3, 99, 1])] == [3, 1]


def test_the_entries_of_a_source_come_in_printed_order_with_where_they_are(connection: Connection) -> None:
    page = entries_of_source(connection, 3, limit=10)
    assert [(one.position, one.place, one.stage, one.reason) for one in page.items] == [
        (1, Place.DOWNLOADED, None, ""),
        (2, Place.NEEDS_REVIEW, StageName.ENRICHMENT, "ambiguous-match"),
        (3, Place.FAILED, StageName.DOWNLOAD, "blocked-paywall"),
        (4, Place.WAITING, StageName.ENRICHMENT, "rate-limited"),
    ]
    assert page.items[0].path == "lovelace_2017_on.pdf"
    assert entries_of_source(connection, 4, limit=10).items[0].stage is StageName.QUEUEING
    assert entries_of_source(connection, 99, limit=10).total == 0


def test_works_by_how_often_they_are_cited_and_by_state(connection: Connection) -> None:
    page = page_of_work_lines(connection, limit=10)
    first = page.items[0]
    assert (page.total, first.title, first.cited_by, first.people) == (4, "On computable numbers", 2, "Lovelace")
    assert page_of_work_lines(connection, order=WorkOrder.NEWEST, limit=1).items[0].title == "Über Größe"
    for place, titles in (
        (Place.DOWNLOADED, ["On computable numbers"]),
        (Place.FAILED, ["A closed book", "Behind a wall"]),
        (Place.WAITING, ["Über Größe"]),
        (Place.NEEDS_REVIEW, []),
    ):
        assert [one.title for one in page_of_work_lines(connection, place=place, limit=10).items] == titles


def test_failures_of_one_reason(connection: Connection) -> None:
    found = page_of_failures(connection, StageName.ENRICHMENT, Reason.NO_MATCH, limit=10)
    assert [(one.id, one.title) for one in found.items] == [("e3", "Unheard of")]
    found = page_of_failures(connection, StageName.DOWNLOAD, Reason.BLOCKED_PAYWALL, limit=10)
    assert [(one.id, one.detail) for one in found.items] == [("w4", "https://repo.example.org/a.pdf")]
    assert page_of_failures(connection, StageName.EXTRACTION, Reason.ENCRYPTED_PDF, limit=1).items[0].id == "s1"
    assert page_of_failures(connection, StageName.QUEUEING, Reason.NO_OA_LOCATION, limit=1).total == 1


@pytest.mark.parametrize(
    ("text", "works"),
    [
        ("computable", ["On computable numbers"]),
        ("LOVELACE book", ["A closed book"]),
        ("größe müller", ["Über Größe"]),
        ("10.1000/Umlaut", ["Über Größe"]),
        ("https://doi.org/10.1000/umlaut", ["Über Größe"]),
        ("family", []),  # the name of a field in the record
        ("metadata_source", []),
        ("%", []),
        ("   ", []),
    ],
)
def test_search_finds_words_wherever_people_would_look(connection: Connection, text: str, works: list[str]) -> None:
    assert [one.title for one in search(connection, text, limit=10).works] == works


def test_search_finds_sources_and_entries_that_are_no_work_yet(connection: Connection) -> None:
    found = search(connection, "unheard", limit=10)
    assert ([one.id for one in found.entries], found.works, found.is_cut) == ([3], (), False)
    found = search(connection, "paper", limit=2)
    assert ([one.id for one in found.sources], found.is_cut) == ([4, 3], True)


def test_the_graph_has_the_most_cited_works_and_who_cites_them(connection: Connection) -> None:
    whole = graph(connection, works=10, sources=10)
    assert (whole.all_works, whole.all_links, whole.shared_works) == (4, 5, 1)
    assert set(whole.links) == {(2, 1), (3, 1), (2, 2), (3, 4), (4, 5)}
    part = graph(connection, works=1, sources=1)
    assert ([one.id for one in part.works], len(part.sources), part.links) == ([1], 1, ((2, 1),))


def test_the_graph_of_nothing_is_empty(tmp_path: Path) -> None:
    with Scenario(tmp_path) as scenario, reading(scenario.path) as connection:
        empty = graph(connection, works=5, sources=5)
    assert (empty.works, empty.links, empty.all_works) == ((), (), 0)


def test_what_happened_last_comes_with_names(connection: Connection) -> None:
    events = latest_events(connection, limit=3)
    assert (events[0].title, events[0].stage, events[0].outcome) == ("Über Größe", StageName.ENRICHMENT, "done")
    assert latest_events(connection, after=events[0].number, limit=3) == ()
    assert {one.id[0] for one in latest_events(connection, limit=50)} == {"s", "e", "w"}


def logged(path: Path, rows: list[tuple[str, str, float]]) -> None:
    engine = connect(path)
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO attempts (stage, item_id, attempt, outcome, reason, started_at, seconds) "
            "VALUES (?, 1, 1, ?, 'ok', ?, 1.0)",
            [(stage, outcome, stamp(at)) for stage, outcome, at in rows],
        )
    engine.dispose()


def test_throughput_is_counted_in_steps_and_goes_on_where_it_stopped(tmp_path: Path) -> None:
    with Scenario(tmp_path) as scenario:
        path = scenario.path
    counts = MinuteCounts()
    for outcome, ago in (("done", 7_000), ("done", 90), ("retry", 80)):
        logged(path, [("download", outcome, NOON - ago)])
    with reading(path) as connection:
        hour = counts.throughput(connection, NOON, 1)
    assert (hour.step_s, len(hour.stages[StageName.DOWNLOAD].done), hour.whole_from) == (60, 60, None)
    assert hour.stages[StageName.DOWNLOAD].done[-3:] == (1, 0, 0)
    assert hour.stages[StageName.DOWNLOAD].again[-3:] == (1, 0, 0)
    logged(path, [("download", "reject", NOON - 5), ("enrichment", "done", NOON - 4)])
    with reading(path) as connection:
        day = counts.throughput(connection, NOON, 24)
    assert sum(day.stages[StageName.DOWNLOAD].done) == 2
    assert sum(day.stages[StageName.DOWNLOAD].failed) == sum(day.stages[StageName.ENRICHMENT].done) == 1
    assert sum(day.stages[StageName.EXTRACTION].done) == 0


def test_throughput_of_another_database_under_the_name_begins_anew(tmp_path: Path) -> None:
    counts = MinuteCounts()
    totals = []
    for name, number in (("one", 5), ("two", 2)):
        with Scenario(tmp_path / name) as scenario:
            logged(scenario.path, [("queueing", "done", NOON - at) for at in range(number)])
        with reading(scenario.path) as connection:
            totals.append(sum(counts.throughput(connection, NOON, 1).stages[StageName.QUEUEING].done))
    assert totals == [5, 2]


def test_a_long_past_is_counted_a_piece_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Until it is whole the answer says from when on it is; what is told of the time after that is right."""
    monkeypatch.setattr("db.reading.throughput._CHUNK", 10)
    monkeypatch.setattr("db.reading.throughput._PATIENCE_S", 0.0)
    with Scenario(tmp_path) as scenario:
        logged(scenario.path, [("queueing", "done", NOON - 60 * at) for at in reversed(range(45))])
    counts = MinuteCounts()
    with reading(scenario.path) as connection:
        told = [counts.throughput(connection, NOON, 1)]
        while told[-1].whole_from is not None:
            told.append(counts.throughput(connection, NOON, 1))
            assert len(told) < 50
    assert len(told) > 1
    assert sum(told[-1].stages[StageName.QUEUEING].done) == 45


def test_a_work_that_was_joined_with_another_keeps_its_name_in_what_happened(connection: Connection) -> None:
    joined = [one for one in latest_events(connection, limit=50) if one.reason == "duplicate"]
    assert [one.title for one in joined] == ["On computable numbers"]
