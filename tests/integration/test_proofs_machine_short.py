"""`scripts/prove machine` in short: its faults are real, the program says what it must, and its detectors detect."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from proofs.machine import damaged, leftover, locked, twice
from proofs.machine.course import Account, Ground
from proofs.machine.home import Ended, Home
from proofs.machine.row import table
from proofs.picture import Picture
from proofs.scene import Scene

from db.store import SqliteStore
from dl_lit.core.clock import SystemClock
from dl_lit.core.errors import DatabaseUnusable
from tests.fakes.recognising import RECOGNISER
from tests.fakes.scenario import Scenario


class Bare:
    """Of a scene what a home without papers needs."""

    def environment(self, folder: Path) -> dict[str, str]:
        return {"PYTHONPATH": str(Path(__file__).parents[2]), "PATH": "/usr/bin:/bin", "TMPDIR": str(folder)}


def home_at(folder: Path) -> Home:
    return Home(folder, cast(Scene, Bare())).made()


def filled(home: Home, sources: int = 40) -> None:
    """A database with sources, where the home has its own; its log is left as a sudden death leaves it."""
    with Scenario(home.folder / "elsewhere") as scenario:
        scenario.add(*(f"{number}.pdf" for number in range(sources // 2)))
        with closing(sqlite3.connect(scenario.path)) as other:
            other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        scenario.add(*(f"{number}.pdf" for number in range(sources // 2, sources)))
        for end in ("", "-wal", "-shm"):
            shutil.copyfile(f"{scenario.path}{end}", f"{home.database}{end}")


def opened(home: Home) -> int:
    """The sources of the home's database, opened as a pipeline does."""
    store = SqliteStore(home.database, SystemClock(), RECOGNISER, synchronous="NORMAL")
    try:
        with closing(home.reader()) as connection:
            return int(connection.execute("SELECT count(*) FROM sources").fetchone()[0])
    finally:
        store.close()


@pytest.mark.parametrize("kind", ["size of pages", "schema", "index", "free list", "overflow"])
def test_each_kind_of_damage_is_found_before_anything_is_written(tmp_path: Path, kind: str) -> None:
    home = home_at(tmp_path)
    filled(home)
    with closing(sqlite3.connect(home.database)) as connection, connection:
        connection.execute('INSERT INTO entries (source_id, position, reference) VALUES (1, 1, \'{"raw": "x"}\')')
    with closing(sqlite3.connect(home.database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    damaged._damage(home.database, kind, random.Random(3))
    before = home.database.read_bytes()
    with pytest.raises(DatabaseUnusable):
        opened(home)
    assert home.database.read_bytes() == before


def test_the_program_says_what_to_do_about_a_damaged_database(tmp_path: Path) -> None:
    """One line, exit 1."""
    home = home_at(tmp_path)
    filled(home, 2)
    with closing(sqlite3.connect(home.database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    damaged._damage(home.database, "schema", random.Random(1))
    account = Account("damaged", "schema")
    paper = tmp_path / "inbox"
    ended = home.run("process-folder-concurrent", str(paper), "--json", "--quiet")
    damaged._judge(account, ended.code, ended.line, ended.amiss())
    assert account.failures == []
    assert account.saw[0] == "exit 1"
    assert "dl-lit restore puts a backup in its place" in account.saw[1]


@pytest.mark.parametrize("way", sorted(leftover._WAYS))
def test_a_log_that_was_left_over_costs_nothing_that_was_before_its_end(tmp_path: Path, way: str) -> None:
    home = home_at(tmp_path)
    filled(home)
    ground = cast(Ground, SimpleNamespace(base=tmp_path))
    leftover._WAYS[way](ground, home, random.Random(5))
    assert opened(home) == 40 if way not in {"cut", "torn"} else opened(home) in {20, 40}


def test_another_program_that_holds_the_database_keeps_all_others_from_writing(tmp_path: Path) -> None:
    home, program = home_at(tmp_path), locked._Program()
    filled(home)
    program.begin(home)
    with closing(sqlite3.connect(home.database, timeout=0.0)) as connection:
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            connection.execute("DELETE FROM sources")
        program.end(home)
        connection.execute("DELETE FROM sources")


# --- the detectors


def said(err: str, code: int = 1) -> list[str]:
    return Ended(code, "", err).amiss()


def test_an_ending_needs_a_line_of_ours() -> None:
    assert said("dl-lit: the disk is full") == said("", 0) == []
    assert said("Traceback (most recent call last):\n  x\nValueError: y") != []
    assert said("") != []
    assert said("dl-lit: fine", -11) == ["ended by signal 11"]


@pytest.mark.parametrize(
    ("codes", "errors", "found"),
    [
        ([0, 4], ["", "dl-lit: the database is being worked on by process 7 (x)"], 0),
        ([0, 3], ["", ""], 0),  # one after the other
        ([4, 4], ["is being worked on by process 7"] * 2, 1),
        ([0, 4], ["", "dl-lit: busy"], 1),
        ([0, 1], ["", "Traceback"], 2),
    ],
)
def test_of_two_daemons_one_works_and_one_says_who_does(codes: list[int], errors: list[str], found: int) -> None:
    assert len(twice._judged(codes, errors)) == found


def pictured(entries: Sequence[tuple[Any, ...]], files: dict[str, str]) -> Picture:
    return Picture(list(entries), [], files, files, [])


class Finished(Home):
    """A home whose run has come to this."""

    def __init__(self, folder: Path, come_to: Picture) -> None:
        super().__init__(folder, cast(Scene, Bare()))
        self._come_to = come_to

    def picture(self) -> Picture:
        return self._come_to

    def broken(self) -> list[str]:
        return []


def test_what_is_lost_doubled_or_told_in_a_traceback_makes_a_trial_fail(tmp_path: Path) -> None:
    one, two = ("a", 1, "Knuth", "10.5555/1", None, "x", None), ("a", 2, "Dijkstra", "10.5555/2", None, "y", None)
    expected = pictured([one, two], {"x.pdf": "x", "y.pdf": "y"})
    trials = []
    for name, come_to in {
        "whole": expected,
        "lost": pictured([one], {"x.pdf": "x"}),
        "doubled": pictured([one, two, two], {"x.pdf": "x", "y.pdf": "y", "z.pdf": "y"}),
    }.items():
        home = Finished(tmp_path / name, come_to)
        home.made()
        trials.append(Account(name, "it").closed(home, expected))
    home = Finished(tmp_path / "told", expected)
    home.made().stderr.write_text("Traceback (most recent call last):\n  File\nValueError: no\n")
    trials.append(Account("told", "it").closed(home, expected))
    told = {name: Counter({key: row[key] for key in ("lost", "doubled", "untyped", "failed")}) for name, row in
            table(trials).items()}  # fmt: skip
    assert told["whole"].total() == 0
    assert told["lost"]["lost"] >= 2
    assert told["doubled"]["doubled"] >= 2
    assert told["told"] == Counter({"untyped": 1, "failed": 1})
    assert trials[3].told == ["told: it: a traceback in stderr: ValueError: no"]
