"""Programs of neighbouring versions on one PostgreSQL database, and how it is brought up to date."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

pytest.importorskip("psycopg")

from psycopg import OperationalError

from db.connect import open_to_read
from db.intake import add_sources
from db.postgres import opening
from db.postgres.engine import connection_to, engine_at, forget
from db.postgres.migrating import FOLDER, Standing, migrations, standing, upgrade
from db.postgres.opening import bring_up_there, open_there, require_workable
from db.postgres.store import PostgresStore
from db.tables import SCHEMA_VERSION
from dl_lit.core.database_address import signpost
from dl_lit.core.errors import DatabaseUnusable
from dl_lit.core.model import StageName
from tests.fakes.engine import ManualClock, finished, new_source
from tests.fakes.recognising import RECOGNISER

NEXT, SECOND = (f"{int(SCHEMA_VERSION) + step:04}" for step in (1, 2))
EXPAND = "-- expand: who does not know the column leaves it alone\nALTER TABLE sources ADD COLUMN note text;\n"
BREAK = "-- break: programs of before write it\nALTER TABLE sources DROP COLUMN cut_references;\n"


@pytest.fixture
def place(postgres_database: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A signpost to an empty database."""
    monkeypatch.setattr(opening, "_told", set())
    path = signpost(postgres_database(), tmp_path)
    yield path
    forget(path)


@pytest.fixture
def made(place: Path) -> Path:
    """The same, with dl_lit's tables."""
    open_there(place)
    return place


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Migrations that were made up: two that leave programs of before alone."""
    path = tmp_path / "versions"
    path.mkdir()
    write(path, NEXT, EXPAND)
    write(path, SECOND, "-- expand\nALTER TABLE sources ADD COLUMN more text;\n")
    return path


def write(folder: Path, number: str, sql: str) -> None:
    (folder / f"{number}_made_up.postgresql.sql").write_text(sql)


def columns(path: Path) -> set[str]:
    connection = connection_to(path)
    try:
        query = "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass('sources') AND attnum > 0"
        return {name for (name,) in connection.cursor().execute(query).fetchall()}
    finally:
        connection.close()


def store(path: Path, clock: ManualClock) -> PostgresStore:
    return PostgresStore(path, clock, RECOGNISER)


def test_every_migration_of_sqlite_after_the_ninth_has_its_text_for_postgresql() -> None:
    expected = sorted(path.name[:4] for path in FOLDER.glob("[0-9]*.py") if path.name[:4] > "0009")
    assert [one.number for one in migrations()] == expected


def test_a_text_that_does_not_say_what_it_does_to_programs_of_before_is_refused(folder: Path) -> None:
    write(folder, NEXT, "ALTER TABLE sources ADD COLUMN note text;\n")
    with pytest.raises(AssertionError, match="-- expand or -- break"):
        migrations(folder)


def test_a_database_is_made_at_the_present_version(place: Path) -> None:
    assert standing(engine_at(place)) is None
    assert bring_up_there(place) == ("created", SCHEMA_VERSION)
    assert standing(engine_at(place)) == Standing(SCHEMA_VERSION, expands=False)
    assert bring_up_there(place) == ("present", SCHEMA_VERSION)


def test_steps_are_taken_in_their_order_and_once(made: Path, folder: Path) -> None:
    assert upgrade(engine_at(made), "it", to=SECOND, folder=folder) == [NEXT, SECOND]
    assert columns(made) >= {"note", "more"}
    assert standing(engine_at(made)) == Standing(SECOND, expands=True)
    assert upgrade(engine_at(made), "it", to=SECOND, folder=folder) == []


def test_an_upgrade_that_fails_leaves_nothing_behind(made: Path, folder: Path) -> None:
    write(folder, SECOND, "-- expand\nALTER TABLE nowhere ADD COLUMN more text;\n")
    with pytest.raises(Exception, match="nowhere"):
        upgrade(engine_at(made), "it", to=SECOND, folder=folder)
    assert "note" not in columns(made)
    assert standing(engine_at(made)) == Standing(SCHEMA_VERSION, expands=False)


def test_an_upgrade_does_not_wait_for_ever_for_somebody_who_reads(made: Path, folder: Path) -> None:
    """And nobody who comes meanwhile waits behind it for long."""
    reader = connection_to(made)
    reader.cursor().execute("BEGIN")
    reader.cursor().execute("SELECT id FROM sources")
    with pytest.raises(OperationalError, match="lock timeout"):
        upgrade(engine_at(made), "it", to=NEXT, folder=folder, patience_s=0.05)
    reader.close()
    assert upgrade(engine_at(made), "it", to=NEXT, folder=folder) == [NEXT]


def test_a_way_that_is_not_known_is_not_begun(made: Path, folder: Path) -> None:
    (folder / f"{NEXT}_made_up.postgresql.sql").unlink()
    with pytest.raises(DatabaseUnusable, match=f"no way leads from it to {SECOND}"):
        upgrade(engine_at(made), "it", to=SECOND, folder=folder)


def test_a_program_works_a_schema_that_is_one_newer_and_says_so_once(
    made: Path, folder: Path, clock: ManualClock
) -> None:
    """A daemon at work goes on, and so does one that starts."""
    before = store(made, clock)
    upgrade(engine_at(made), "it", to=NEXT, folder=folder)
    add_sources(engine_at(made), [new_source(1)], clock)
    before.notice()
    before.record([finished(before.claim(StageName.EXTRACTION, 1)[0])])
    before.close()
    with capture_logs() as told:
        after = store(made, clock)
        open_to_read(made)
    assert [one["log_level"] for one in told] == ["warning"]
    assert f"has schema {NEXT}, this dl_lit knows {SCHEMA_VERSION}" in told[0]["event"]
    after.record([finished(after.claim(StageName.ENRICHMENT, 1)[0])])
    assert after.waiting(StageName.QUEUEING) == 1
    after.close()


@pytest.mark.parametrize(("steps", "kind"), [(1, BREAK), (2, EXPAND)])
def test_a_program_refuses_a_schema_that_it_cannot_know(made: Path, folder: Path, steps: int, kind: str) -> None:
    write(folder, NEXT, kind)
    newest = (NEXT, SECOND)[steps - 1]
    upgrade(engine_at(made), "it", to=newest, folder=folder)
    for look in (open_there, open_to_read):
        with pytest.raises(DatabaseUnusable, match=rf"newer dl_lit \(schema {newest}, this one knows .*update dl_lit"):
            look(made)


def test_a_newer_program_changes_nothing_unasked() -> None:
    """Whoever starts one on one host decides nothing for the others."""
    with pytest.raises(
        DatabaseUnusable, match=r"older schema \(0009, this dl_lit needs 0010\): upgrade it with dl-lit"
    ):
        require_workable(Standing("0009", expands=True), "it", known="0010")


@pytest.mark.parametrize(("newest", "kind"), [(NEXT, BREAK), (SECOND, EXPAND)])
def test_an_upgrade_waits_for_daemons_that_it_would_leave_behind(
    made: Path, folder: Path, clock: ManualClock, newest: str, kind: str
) -> None:
    write(folder, NEXT, kind)
    working = store(made, clock)
    with pytest.raises(DatabaseUnusable, match=rf"not brought to schema {newest} while .*\(knows {SCHEMA_VERSION}\)"):
        upgrade(engine_at(made), "it", to=newest, folder=folder)
    assert "note" not in columns(made)
    working.close()
    assert upgrade(engine_at(made), "it", to=newest, folder=folder)
