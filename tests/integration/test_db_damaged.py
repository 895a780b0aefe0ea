"""A database that is damaged while it is worked on, or before: it is said, and nothing more goes into it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest

from db.connect import connect
from db.reading.opening import reading
from db.reading.vitals import Vitals
from db.refusing import in_our_words
from dl_lit.app.intake.taking import SourceTaker
from dl_lit.core.errors import DatabaseDamaged, DatabaseFull, DatabaseUnusable, DlLitError
from dl_lit.core.job import Done
from dl_lit.core.model import StageName
from dl_lit.core.store import Finished
from dl_lit.runtime.watching.settling import regular_look
from dl_lit.runtime.watching.taking import FinishedFile
from tests.fakes.engine import facts_for
from tests.fakes.scenario import Scenario

EXTRACTION = StageName.EXTRACTION


def overwrite(database: Path, name: str) -> None:
    """Let the root page of a table or index be what no page is."""
    with closing(sqlite3.connect(database)) as connection:
        (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (name,)).fetchone()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with database.open("r+b") as file:
        file.seek((page - 1) * 4_096)
        file.write(b"\xa5" * 4_096)


@pytest.fixture
def scenario(tmp_path: Path) -> Iterator[Scenario]:
    """Some sources that wait, in a database that has been opened anew; closing it says nothing."""
    with Scenario(tmp_path) as before:
        before.add(*(f"{number}.pdf" for number in range(30)))
    with Scenario(tmp_path) as opened:
        yield opened


def test_a_claim_from_a_damaged_table_says_so_and_what_to_do(scenario: Scenario) -> None:
    overwrite(scenario.path, "sources")
    with pytest.raises(DatabaseDamaged, match=r"dl-lit\.db is damaged \(database disk image is malformed\).*restore"):
        scenario.store.claim(EXTRACTION, 3)
    assert scenario.store.held() == 0


@pytest.mark.parametrize("name", ["sources", "ix_work_keys_work_id", "attempts"])
def test_a_database_that_was_damaged_at_rest_is_not_opened(scenario: Scenario, name: str) -> None:
    """Outcomes used to go into it until the damaged page was read, if it ever was."""
    scenario.store.close()
    overwrite(scenario.path, name)
    before = scenario.path.read_bytes()
    with pytest.raises(DatabaseDamaged, match="restore puts a backup"):
        Scenario(scenario.path.parent)
    assert scenario.path.read_bytes() == before


def test_an_outcome_is_not_written_into_a_damaged_file(scenario: Scenario) -> None:
    """It used to become a failure of its item, which was then written, as far as the damage let it."""
    (claim,) = scenario.store.claim(EXTRACTION, 1)
    overwrite(scenario.path, "entries")
    before = scenario.path.read_bytes()
    with pytest.raises(DatabaseDamaged):
        scenario.store.record([Finished(claim, Done(facts_for(claim)), 0.0, 0.0)])
    scenario.store.close()
    assert scenario.path.read_bytes() == before


class BreaksOff:
    """A cursor whose disk answers so many questions."""

    def __init__(self, cursor: Any, answers: int) -> None:
        self._cursor, self._answers = cursor, answers

    def execute(self, *words: Any) -> Any:
        self._answers -= 1
        if self._answers < 0:
            raise a_passing(sqlite3.SQLITE_IOERR_READ)
        return self._cursor.execute(*words)

    def close(self) -> None:
        self._cursor.close()


def test_rows_of_a_claim_that_breaks_off_are_not_held(scenario: Scenario) -> None:
    """Or they would be in nobody's hands until the next start."""
    with closing(sqlite3.connect(scenario.path)) as other, other:
        other.execute("UPDATE sources SET due_at = 1.0 WHERE id <= 2")
    scenario.store.notice()
    disk = scenario.store._read
    scenario.store._read = BreaksOff(disk, 2)
    with pytest.raises(DatabaseUnusable, match="cannot be used now"):
        scenario.store.claim(EXTRACTION, 5)
    assert scenario.store.held() == 0
    scenario.store._read = disk
    assert len(scenario.store.claim(EXTRACTION, 5)) == 5


def a_passing(code: int) -> sqlite3.Error:
    error = sqlite3.OperationalError("no")
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (lambda: a_passing(sqlite3.SQLITE_CANTOPEN), DatabaseUnusable),
        (lambda: a_passing(sqlite3.SQLITE_READONLY_DBMOVED), DatabaseUnusable),
        (lambda: a_passing(sqlite3.SQLITE_IOERR_SHMSIZE), DatabaseFull),
        (lambda: a_passing(sqlite3.SQLITE_CORRUPT_INDEX), DatabaseDamaged),
        (lambda: sqlite3.OperationalError("Could not decode to UTF-8 column 'record'"), DatabaseDamaged),
        (lambda: msgspec.DecodeError("JSON is malformed"), DatabaseDamaged),
        (lambda: msgspec.ValidationError("Expected `str`"), None),
        (lambda: sqlite3.OperationalError("no such table: x"), None),
        (lambda: a_passing(sqlite3.SQLITE_CONSTRAINT), None),
    ],
)
def test_what_is_about_the_file_is_told_from_what_was_asked(
    make: Callable[[], Exception], kind: type[DlLitError] | None
) -> None:
    known = in_our_words(make(), Path("/a.db"))
    assert (None if known is None else type(known)) is kind


def test_whoever_writes_hears_of_a_locked_database_in_our_words(scenario: Scenario) -> None:
    """What is forgotten and looked at again in the background used to tell SQLAlchemy's words, with a traceback."""
    engine = connect(scenario.path, patience_s=0.01)
    with closing(sqlite3.connect(scenario.path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with (
            pytest.raises(DatabaseUnusable, match=r"dl-lit\.db cannot be used now: database is locked"),
            engine.begin(),
        ):
            raise AssertionError("it was not locked")
    engine.dispose()


@pytest.mark.parametrize("name", ["alembic_version", "works"])
def test_whoever_reads_a_damaged_database_is_told_what_to_do(scenario: Scenario, name: str) -> None:
    overwrite(scenario.path, name)
    with pytest.raises(DatabaseDamaged, match="restore puts a backup"), reading(scenario.path) as connection:
        connection.exec_driver_sql("SELECT * FROM works").all()


def test_a_watched_folder_that_meets_the_damage_ends_the_pipeline(scenario: Scenario, tmp_path: Path) -> None:
    """An idle daemon used to stay, and offer the file again and again."""
    overwrite(scenario.path, "watched_files")
    paper = tmp_path / "a.pdf"
    paper.write_bytes(b"%PDF")
    engine = connect(scenario.path)
    heard: list[DlLitError] = []
    taker = SourceTaker(engine, tmp_path, scenario.clock, lambda: None, give_up=heard.append)
    look = regular_look(paper)
    assert look is not None
    with pytest.raises(DatabaseDamaged):
        taker.take([FinishedFile(paper, look)])
    engine.dispose()
    assert [type(one) for one in heard] == [DatabaseDamaged]


def test_the_heart_that_looks_every_second_says_so_too(scenario: Scenario) -> None:
    vitals = Vitals(scenario.path)
    overwrite(scenario.path, "works")
    with pytest.raises(DatabaseDamaged, match="restore puts a backup"), vitals.looking() as connection:
        connection.exec_driver_sql("SELECT * FROM works").all()
    vitals.close()
