"""What is done on a disk that is full, and said of it: for real."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from db.connect import connect
from db.intake import add_sources
from db.lock import PipelineLock, holder
from db.running import RunningNotes
from db.watched_files import TakenFile, take_files
from dl_lit.app.now.pulse import last_pulse, write_pulse
from dl_lit.core.clock import SystemClock
from dl_lit.core.errors import DatabaseFull
from dl_lit.core.store import NewSource
from tests.fakes.pulses import pulse_at
from tests.fakes.scenario import Scenario
from tests.fakes.small_disk import fill, small_disk


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk") as place:
        yield place


def test_a_pulse_is_told_on_a_full_disk(disk: Path) -> None:
    """Or whoever looks would go by an old one; nothing is left of the attempt to make a new file."""
    database = disk / "a.sqlite"
    write_pulse(database, pulse_at(1.0))
    fill(disk)
    write_pulse(database, pulse_at(2.0))
    pulse = last_pulse(database)
    assert pulse is not None
    assert pulse.at == 2.0
    assert sorted(one.name for one in disk.iterdir()) == ["a.sqlite.pulse", "filling"]


def test_a_lock_that_cannot_say_whose_it_is_is_not_kept(disk: Path) -> None:
    """One line says that the disk is full, the lock is free again, and no file stays open."""
    fill(disk)
    opened = len(list(Path("/proc/self/fd").iterdir()))
    lock = PipelineLock(disk / "a.sqlite", "watch", SystemClock())
    with pytest.raises(DatabaseFull, match=r"a\.sqlite\.lock: No space left on device"):
        lock.acquire()
    assert holder(disk / "a.sqlite") is None
    assert len(list(Path("/proc/self/fd").iterdir())) == opened


def test_a_database_on_a_full_disk_is_closed_without_complaint(disk: Path) -> None:
    """What could not be moved out of its write-ahead log stays there, and counts when it is opened next."""
    names = [f"paper-{number}.pdf" for number in range(900)]
    with Scenario(disk) as scenario:
        added = scenario.add(*names)
        fill(disk)
        scenario.store.close()
    (disk / "filling").unlink()
    with closing(sqlite3.connect(disk / "dl-lit.db")) as connection:
        assert connection.execute("SELECT count(*) FROM sources").fetchone() == (len(added),)


def test_papers_that_are_found_on_a_full_disk_are_refused_in_our_words(disk: Path) -> None:
    """Whoever adds them, a run or a watched folder, used to hear of SQLAlchemy, and a run ended in a traceback."""
    with Scenario(disk) as scenario:
        fill(disk)
        new = NewSource("/inbox/a.pdf", "a" * 64, 1_000)
        engine = connect(scenario.path)
        with pytest.raises(DatabaseFull, match="no space for the database"):
            add_sources(engine, [NewSource(f"/inbox/{n}.pdf", f"{n:064}", 1) for n in range(2_000)], scenario.clock)
        with pytest.raises(DatabaseFull):
            take_files(engine, [TakenFile(new, 1)] * 2_000, scenario.clock)
        engine.dispose()


@pytest.mark.parametrize("room", [0, 4_096, 40_960])
def test_notes_that_find_no_room_are_refused_and_kill_nobody(disk: Path, room: int) -> None:
    """They are written through a mapping: into a hole of the file that meant SIGBUS, without a word."""
    fill(disk)
    with (disk / "filling").open("r+b") as file:
        file.truncate((disk / "filling").stat().st_size // 4_096 * 4_096 - room)
    with pytest.raises(DatabaseFull, match="cannot note what is being worked on"):
        RunningNotes(disk / "a.sqlite.running")
