"""The proof of kills, in short: at moments that are known by what they leave; and its own eyes see what is amiss."""

from __future__ import annotations

import random
import shutil
import sqlite3
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from postgres_server import Server
from proofs.crash.family import children, cpu_s, freeze, member, thaw
from proofs.crash.findings import bad_backups
from proofs.crash.home import Home
from proofs.crash.life import Life
from proofs.crash.phases import Before, Known, Phase, phase_of
from proofs.crash.report import Report, verdict_of
from proofs.crash.rough import Calm, Rough, calm_runs, course, disturb, judge
from proofs.crash.ways import Household, Way, older_database
from proofs.scene import scene

from db.connect import open_database
from db.postgres.engine import connection_to, forget

AIMS = (Phase.EXTRACTION, Phase.RENAME, Phase.COMMIT)


@dataclass(frozen=True)
class Killed:
    """A run that was killed at each of the aims, and what one leaves that was not."""

    run: Rough
    calm: Calm


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Killed]:
    base = tmp_path_factory.mktemp("crash")
    with scene(base, 1, entries=8, time_scale=40) as place:
        calm = calm_runs(place, base, ways=(Way.FOLDER,), older=())
        run = Rough.of(1, Household(Home(base / "rough"), Way.FOLDER, place))
        run.household.furnish()
        disturb(run, AIMS, random.Random(3))
        yield Killed(run, calm)


def test_kills_at_known_moments_lose_nothing_and_leave_nothing(killed: Killed) -> None:
    judge(killed.run, killed.calm)
    run = killed.run.report
    assert run.failures == []
    assert run.lost == run.doubled == run.untyped == 0
    assert run.phases[Phase.RENAME.value] >= 1, run.strikes
    assert run.phases.total() == len(AIMS), run.strikes
    assert run.restarts


def test_its_eyes_see_what_is_lost_doubled_left_and_said(killed: Killed) -> None:
    """A proof that saw nothing would prove nothing."""
    before = killed.run.household.home.path
    home = Home(before.with_name("spoilt"))
    shutil.copytree(before, home.path)
    pdf = next(home.library.glob("*.pdf"))
    shutil.copyfile(pdf, home.library / "twice.pdf")
    next(one for one in home.library.glob("*.pdf") if one not in {pdf, home.library / "twice.pdf"}).unlink()
    (home.library / ".library.bib.12.draft").touch()
    (home.path / "tmp" / "forgotten").touch()
    with (home.path / "stderr").open("a") as errors:
        errors.write("Traceback (most recent call last):\n")
    with home.log.open("a") as log:
        log.write('{"event": "x", "level": "error"}\n{"event": "item", "reason": "internal-error"}\n{"torn')
    with closing(sqlite3.connect(home.database.path)) as connection, connection:
        connection.execute("DELETE FROM entries WHERE position = 1")
        connection.execute("CREATE TABLE half (migrated)")
    judged = Rough.of(2, Household(home, Way.FOLDER, killed.run.household.scene))
    judge(judged, killed.calm)
    spoilt = judged.report
    assert spoilt.lost >= 2
    assert spoilt.doubled >= 1
    assert spoilt.untyped == 4
    told = "\n".join(spoilt.failures)
    for what in ("library/.library.bib.12.draft", "tmp/forgotten", "Traceback", "internal-error", "torn", "schema"):
        assert what in told


def test_a_copy_that_is_not_whole_is_seen(tmp_path: Path) -> None:
    home = Home(tmp_path)
    whole = tmp_path / "bench.db.before-0001-to-0007.20261123T000000Z"
    older_database(whole, "0001", ())
    assert list(bad_backups(home, "0001", 0)) == []
    assert len(list(bad_backups(home, "0001", 2))) == 1
    whole.write_bytes(whole.read_bytes()[:5_000])
    assert len(list(bad_backups(home, "0001", 0))) == 1


def test_a_transaction_that_is_half_in_the_log_is_seen(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with closing(sqlite3.connect(home.database.path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE one (a)")
        assert not home.database.is_torn()
        connection.execute("PRAGMA cache_size=5")
        connection.execute("BEGIN")
        connection.executemany("INSERT INTO one VALUES (?)", ((b"x" * 3_000,) for _ in range(60)))
        assert home.database.is_torn()
        connection.execute("COMMIT")
        assert not home.database.is_torn()


def test_on_a_server_what_is_half_written_and_what_is_left_are_seen(postgres: Server, tmp_path: Path) -> None:
    home = Home(tmp_path / "crash_eyes", postgres)
    assert home.settings["DL_LIT_DB"].endswith("/crash_eyes")
    with closing(home.database) as database:
        assert not database.is_torn()
        open_database(database.path)
        before = database.written()
        with closing(connection_to(database.path)) as other:
            cursor = other.cursor()
            cursor.execute("BEGIN IMMEDIATE")
            assert database.is_torn()
            cursor.execute("INSERT INTO lots (stage, daemon, ids, attempts) VALUES ('download', 1, '{1}', '{0}')")
            cursor.execute("COMMIT")
        assert not database.is_torn()
        assert database.written() != before
        assert list(database.left()) == ["still in hand: ('download', 1)"]
        assert "column dl_lit.lots.stage" in database.schema()
    forget(database.path)


def test_a_process_without_the_lock_is_loading_or_ending(tmp_path: Path) -> None:
    home = Home(tmp_path)
    before = Before.of(home, may_be_old=True)
    known = {"is_told_to_end": False, "has_just_written": False}
    assert phase_of(home, 1, before, Known(was_up=False, **known)) is Phase.LOADING
    assert phase_of(home, 1, before, Known(was_up=True, **known)) is Phase.ENDING
    (tmp_path / "bench.db.lock").write_text('{"pid": 1}')
    assert phase_of(home, 1, before, Known(was_up=True, **known)) is Phase.OPENING


def test_a_child_that_outlives_its_parent_is_seen_and_ended(tmp_path: Path) -> None:
    parent = subprocess.Popen(["sh", "-c", "sleep 60 & sleep 60 & wait"])
    life = Life(Home(tmp_path), parent, Before.of(Home(tmp_path), may_be_old=False), random.Random(1))
    while len(young := children(parent.pid)) < 2:
        pass
    assert freeze(parent.pid)
    thaw(parent.pid)
    assert cpu_s(parent.pid) > 0
    life.family.update(young)
    parent.kill()
    parent.wait()
    assert {one.pid for one in life.survivors(patience_s=0.0)} == {one.pid for one in young}
    assert life.survivors() == []
    assert member(parent.pid) is None


def test_a_seed_decides_what_is_aimed_at_and_four_runs_aim_at_every_phase() -> None:
    courses = [course(number, seed=1)[:3] for number in range(1, 5)]
    assert courses == [course(number, seed=1)[:3] for number in range(1, 5)]
    assert {way for way, _, _ in courses} == set(Way)
    assert sum(older is not None for _, older, _ in courses) == 1
    assert {*Phase} - {aim for _, _, aims in courses for aim in aims} == {Phase.IDLE}  # where a random moment may be


def test_hundreds_of_kills_that_leave_out_a_phase_are_a_failure() -> None:
    every = Counter({phase.value: 20 for phase in Phase})
    assert verdict_of([Report(number=1, what="folder", phases=every)], 1, seconds=1.0).sound
    some = Counter({**every, "commit": 0})
    found = verdict_of([Report(number=1, what="folder", phases=some)], 1, seconds=1.0)
    assert list(found.failures) == ["no kill in the phase commit"]
    assert found.document()["phases"]["commit"] == 0
