"""Searching for works by words, through the whole command against the replica's OpenAlex."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from dl_lit import logs
from dl_lit.cli import cli
from dl_lit.core.errors import BadInput
from dl_lit.replica import Replica, Shares, Universe
from dl_lit.replica.boolean import parse_boolean
from dl_lit.replica.records import words
from stages.keyword_search import Query, Within, check
from tests.fakes import databases
from tests.fakes.databases import database_in

LEE = [{"family": "Lee", "given": "Marit"}]
MANY = 230  # works on kelp: three pages


def record(number: int, title: str, **more: Any) -> dict[str, Any]:
    return {"doi": f"10.5555/{number}", "title": title, "authors": LEE, "type": "journal-article", **more}


RECORDS = [
    *(record(n, f"Kelp survey number {n}", year=1800 + n, oa="gold" if n % 2 else "closed") for n in range(MANY)),
    record(901, "Gravel and long waves on the northern shore", year=2001),
    record(902, "Gravel by the northern road to the shore", year=2002),
    record(903, "Birds of the gravel bank", year=2003, language="de", type="book"),
]


@pytest.fixture(scope="module")
def replica() -> Iterator[Replica]:
    universe = Universe.from_records(RECORDS)
    with Replica(universe, seed=5, enforce_limits=False, shares=Shares(missing_in_openalex=0, unlisted=0)) as made:
        yield made
        assert made.problems == []


@pytest.fixture
def folder(replica: Replica, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    for name in [name for name in os.environ if name.startswith(("DL_LIT_", "XDG_"))]:
        monkeypatch.delenv(name)
    for name, value in replica.env().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DL_LIT_DB", str(database_in(tmp_path)))
    monkeypatch.setenv("DL_LIT_LIBRARY", str(tmp_path / "library"))
    yield tmp_path
    logs.close()
    replica.reset()


def dl_lit(*arguments: str) -> Result:
    result = CliRunner().invoke(cli, ["keyword-search", *arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def document(*arguments: str) -> dict[str, Any]:
    result = dl_lit(*arguments, "--json")
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def rows(folder: Path, query: str) -> list[tuple[Any, ...]]:
    return databases.rows(database_in(folder), query)


def years(found: dict[str, Any]) -> list[int]:
    return [work["year"] for work in found["works"]]


def test_all_pages_come_and_what_they_cost_is_told(folder: Path, replica: Replica) -> None:
    """Ten credits for each hundred; the same search again is remembered, and asked anew where that is wished."""
    found = document("--query", "kelp survey", "--sort", "date")
    assert (found["total"], found["fetched"], found["requests"]) == (MANY, MANY, 3)
    assert years(found) == sorted(years(found), reverse=True)
    assert found["credits"]["before"] - found["credits"]["after"] == 30
    again = document("--query", "kelp survey", "--sort", "date")
    assert (again["requests"], again["remembered"], again["works"]) == (0, 3, found["works"])
    assert len(replica.log.entries("openalex")) == 3
    told = dl_lit("--query", "kelp survey", "--sort", "date", "--fresh", "--max-results", "7")
    assert len(told.stdout.splitlines()) == 7
    assert "230 works found, 7 fetched (10 credits" in told.stderr
    assert not (folder / "dl-lit.db").exists()


def test_operators_filters_and_orders_are_openalex_s(folder: Path) -> None:
    def titles(*arguments: str) -> set[str]:
        return {work["doi"] for work in document(*arguments)["works"]}

    assert titles("--query", 'gravel AND "northern shore"') == {"10.5555/901"}
    assert titles("--query", "gravel NOT (waves OR bird*)") == {"10.5555/902"}
    assert titles("--query", "gravel", "--year-from", "2002", "--year-to", "2002") == {"10.5555/902"}
    assert titles("--query", "gravel", "--type", "book", "--type", "dataset") == {"10.5555/903"}
    assert titles("--query", "gravel", "--language", "de") == {"10.5555/903"}
    assert titles("--query", "Lee AND gravel", "--in", "title") == set()
    cited = [work["cited_by"] for work in document("--query", "kelp", "--sort", "citations")["works"]]
    assert cited == sorted(cited, reverse=True)
    half = document("--query", "kelp", "--open-access", "--max-results", "5")
    assert 0 < half["total"] < MANY
    assert all(work["is_open"] for work in half["works"])


def test_finds_wait_to_be_recognised_and_the_same_search_adds_only_the_rest(folder: Path) -> None:
    """One source a query, whatever was fetched of it; a wider range of years is another query."""
    first = document("--query", "kelp  survey", "--max-results", "50", "--enqueue")
    assert first["enqueued"] == {"source": 1, "new": True, "added": 50, "known": 0}
    again = document("--query", "kelp survey", "--max-results", "60", "--enqueue")
    assert again["enqueued"] == {"source": 1, "new": False, "added": 10, "known": 50}
    ((path, kind, found, origin),) = rows(folder, "SELECT path, kind, found_references, origin FROM sources")
    assert (path, kind, found) == ("search: kelp survey", "search", 60)
    kept = json.loads(origin)
    assert (kept["query"], kept["total"], kept["fetched"], kept["service"]) == ("kelp survey", MANY, 60, "openalex")
    assert kept["date"].startswith("20")
    assert rows(folder, "SELECT count(*), count(DISTINCT reference ->> '$.openalex_id') FROM entries") == [(60, 60)]
    other = document("--query", "kelp survey", "--year-from", "1900", "--max-results", "5", "--enqueue")
    assert other["enqueued"]["source"] == 2


def test_seeds_that_people_looked_through_are_those_of_their_search(folder: Path) -> None:
    """What was deleted from the list is not fetched; a list of identifiers is a list."""
    found = document("--query", "gravel")
    found["works"] = [work for work in found["works"] if work["year"] != 2003]
    (folder / "seeds.json").write_text(json.dumps(found))
    assert "2001" in dl_lit("--seed-json", str(folder / "seeds.json")).stdout
    told = document("--seed-json", str(folder / "seeds.json"), "--enqueue")
    assert told["enqueued"] == {"source": 1, "new": True, "added": 2, "known": 0}
    assert document("--query", "gravel", "--enqueue")["enqueued"]["added"] == 1
    (folder / "ids.json").write_text(json.dumps(["W2741809807", {"doi": "10.5555/901"}, {}]))
    result = dl_lit("--seed-json", str(folder / "ids.json"), "--enqueue")
    assert (result.exit_code, "left out: names no work" in result.stderr) == (3, True)
    assert rows(folder, "SELECT kind, found_references FROM sources WHERE id = 2") == [("list", 2)]


def test_a_budget_that_ends_leaves_what_came_and_says_so(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 5; nothing is cut off in silence."""
    monkeypatch.setenv("DL_LIT_OPENALEX_CREDITS_PER_DAY", "25")
    result = dl_lit("--query", "kelp survey", "--enqueue")
    assert result.exit_code == 5, result.output
    assert "it ended before the rest came" in result.stderr
    assert "added to s1" in result.stdout


def test_offline_only_what_is_remembered_is_found(folder: Path) -> None:
    document("--query", "gravel")
    assert document("--query", "gravel", "--offline")["total"] == 3
    result = dl_lit("--query", "granite", "--offline")
    assert (result.exit_code, "offline" in result.stderr) == (1, True)


@pytest.mark.parametrize(
    "query",
    [
        Query(text=" "),
        Query(text="kelp|gravel"),
        Query(text="!kelp"),
        Query(text='"kelp'),
        Query(text="(kelp"),
        Query(text="kelp)("),
        Query(text="kelp " * 400),
        Query(text="海" * 600),
        Query(text="kelp", year_from=2001, year_to=2000),
    ],
)
def test_what_openalex_would_refuse_is_said_before_it_is_asked(query: Query) -> None:
    with pytest.raises(BadInput):
        check(query)


def test_what_may_not_be_meant_is_remarked() -> None:
    assert Query(text="kelp and gravel").remark
    assert Query(text="shore*", within=Within.TITLE).remark
    assert Query(text='"kelp and gravel" AND wave').remark is None


@pytest.mark.parametrize(
    ("query", "text", "fits"),
    [
        ("a b", "b x a", True),
        ("a OR b AND c", "a", True),
        ("(a OR b) AND c", "a", False),
        ("(a OR b) AND c", "b c", True),
        ("a NOT b", "a b", False),
        ("NOT a", "b", True),
        ('"a b"~5', "a b", True),
        ("sho*e", "shoreline shore", True),
        ("AND", "anything", True),
        (")a(", "a", True),
    ],
)
def test_the_replica_reads_boolean_queries(query: str, text: str, fits: bool) -> None:
    assert parse_boolean(query).stands_in(words(text)) is fits
