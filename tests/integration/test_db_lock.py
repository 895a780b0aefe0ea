"""One pipeline process a database, and everybody can be told which."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from db.connect import open_database
from db.lock import PipelineLock, holder
from dl_lit.core.clock import SystemClock
from dl_lit.core.errors import DatabaseBusy, DatabaseUnusable
from tests.fakes.engine import ManualClock

ROOT = Path(__file__).parents[2]
CHILD = """
import os, sys
from pathlib import Path
from db.connect import open_database
from db.lock import PipelineLock
from dl_lit.core.clock import SystemClock
lock = PipelineLock(Path(sys.argv[1]), "watch-folder-concurrent", SystemClock())
lock.acquire()
print("held", flush=True)
os.read(0, 1)
lock.release()
"""


@contextmanager
def another_process(database: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that holds the database's lock until its standard input ends."""
    with subprocess.Popen(
        [sys.executable, "-c", CHILD, str(database)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "held\n"
        try:
            yield child
        finally:
            child.kill()


def lock_on(database: Path) -> PipelineLock:
    return PipelineLock(database, "process-folder-concurrent", SystemClock())


def test_a_second_process_is_told_who_is_at_work(tmp_path: Path) -> None:
    database = tmp_path / "a.sqlite"
    with another_process(database) as child:
        with pytest.raises(DatabaseBusy) as caught:
            lock_on(database).acquire()
        told = str(caught.value)
        assert f"process {child.pid} (watch-folder-concurrent, since 20" in told
        assert caught.value.exit_code == 4
        assert holder(database) == told


def test_the_lock_of_a_killed_process_is_free(tmp_path: Path) -> None:
    database = tmp_path / "a.sqlite"
    with another_process(database) as child:
        child.kill()
        child.wait(30)
        assert holder(database) is None
        with lock_on(database):
            pass


def test_an_orderly_end_frees_the_lock(tmp_path: Path) -> None:
    database = tmp_path / "a.sqlite"
    with another_process(database) as child:
        child.communicate("", timeout=30)
        assert child.returncode == 0
        assert holder(database) is None


def test_a_holder_shows_while_held_and_not_after(tmp_path: Path) -> None:
    database = tmp_path / "a.sqlite"
    assert holder(database) is None
    lock = PipelineLock(database, "demo", ManualClock())
    with lock:
        assert f"process {os.getpid()} (demo, since 2027-01-15T08:00:00+00:00)" in (holder(database) or "")
    assert holder(database) is None


def test_two_databases_are_two_locks(tmp_path: Path) -> None:
    with lock_on(tmp_path / "a.sqlite"), lock_on(tmp_path / "b.sqlite"):
        pass


def test_one_process_cannot_hold_it_twice(tmp_path: Path) -> None:
    with lock_on(tmp_path / "a.sqlite"), pytest.raises(DatabaseBusy):
        lock_on(tmp_path / "a.sqlite").acquire()


def test_releasing_what_is_not_held_is_harmless(tmp_path: Path) -> None:
    lock = lock_on(tmp_path / "a.sqlite")
    lock.release()
    with lock:
        pass
    lock.release()


def test_a_note_that_cannot_be_read_still_says_busy(tmp_path: Path) -> None:
    database = tmp_path / "a.sqlite"
    with lock_on(database) as lock:
        lock.path.write_text("garbage", encoding="utf-8")
        assert "another dl_lit process" in (holder(database) or "")
        lock.path.write_text(json.dumps(["pid"]), encoding="utf-8")
        assert "another dl_lit process" in (holder(database) or "")


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DatabaseUnusable, match="file"):
        lock_on(tmp_path / "file" / "a.sqlite").acquire()


@pytest.mark.parametrize("content", [b"root:x:0:0:root:/root:/bin/sh\n", b"%PDF-1.7", b"S"])
def test_what_is_no_database_is_left_alone(tmp_path: Path, content: bytes) -> None:
    """No lock file is put beside it either."""
    other = tmp_path / "passwd"
    other.write_bytes(content)
    with pytest.raises(DatabaseUnusable, match="is no database"):
        lock_on(other).acquire()
    assert list(tmp_path.iterdir()) == [other]
    with PipelineLock(other, "restore", SystemClock(), over_anything=True):  # what was one can be replaced
        pass


def test_neither_folders_nor_devices_are_locked(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    for name in ("folder", "pipe"):
        with pytest.raises(DatabaseUnusable, match="is no file"):
            lock_on(tmp_path / name).acquire()
    assert sorted(one.name for one in tmp_path.iterdir()) == ["folder", "pipe"]


def test_no_lock_file_stays_where_the_database_turned_out_to_be_another_programs(tmp_path: Path) -> None:
    """It is told only after locking; a lock file that was there before stays."""
    database = tmp_path / "theirs.sqlite"
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("CREATE TABLE theirs (id INTEGER)")
    with pytest.raises(DatabaseUnusable), lock_on(database):
        open_database(database)
    assert list(tmp_path.iterdir()) == [database]
    lock_on(database).path.touch()
    with pytest.raises(DatabaseUnusable), lock_on(database):
        open_database(database)
    assert lock_on(database).path.exists()


def test_a_lock_file_that_was_removed_meanwhile_is_made_anew(tmp_path: Path) -> None:
    database = tmp_path / "a.sqlite"
    lock = lock_on(database)
    with lock:
        lock.path.unlink()
    with lock_on(database) as second:
        assert holder(database) is not None
        assert second.path.exists()


def test_children_do_not_inherit_the_lock(tmp_path: Path) -> None:
    """A reading child that outlives the daemon must not keep the next one out."""
    database = tmp_path / "a.sqlite"
    with lock_on(database):
        child = subprocess.Popen(
            [sys.executable, "-c", "import os; os.read(0, 1)"], stdin=subprocess.PIPE, close_fds=False
        )
    try:
        with lock_on(database):
            pass
    finally:
        child.communicate(b"")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has names that are no files")
def test_who_works_is_known_though_its_lock_file_was_removed(tmp_path: Path) -> None:
    """Two processes used to work one database after somebody had tidied up beside it."""
    database = tmp_path / "a.db"
    lock_file = tmp_path / "a.db.lock"
    with another_process(database) as child:
        told = holder(database)
        lock_file.unlink()
        with pytest.raises(DatabaseBusy, match=f"process {child.pid} \\(watch-folder-concurrent, since 20"):
            lock_on(database).acquire()
        assert not lock_file.exists()
        assert holder(database) == told
        with lock_on(tmp_path / "b.db"):
            assert holder(database) == told, "another database in the same folder is nobody's matter"
        child.kill()
        child.wait()
        assert holder(database) is None
    with lock_on(database):
        assert holder(database) is not None


@pytest.mark.parametrize("beside", ["-wal", "-journal"])
def test_a_beginning_that_a_power_cut_left_as_zeros_is_sqlites_to_mend(tmp_path: Path, beside: str) -> None:
    """It stands in the log, or is taken back by the journal; without either it is no database."""
    path = tmp_path / "x.db"
    path.write_bytes(bytes(4_096))
    with pytest.raises(DatabaseUnusable, match="is no database"):
        PipelineLock(path, "run", SystemClock()).acquire()
    path.with_name(path.name + beside).write_bytes(b"")
    with PipelineLock(path, "run", SystemClock()):
        pass
