"""Making, upgrading and refusing databases."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from db.codec import encode
from db.connect import _create, connect, migrate, open_database, open_to_read, upgrade
from db.reading.doctor import invariants
from db.reading.opening import reading
from db.reading.sources import sources_with_entries
from db.reading.summary import run_summary
from db.store import SqliteStore
from db.tables import SCHEMA_VERSION
from dl_lit.core.clock import SystemClock
from dl_lit.core.errors import DatabaseUnusable
from dl_lit.core.model import Name, Work
from tests.fakes.recognising import RECOGNISER

ROOT = Path(__file__).parents[2]
FIRST = "0001"


def query(path: Path, statement: str, *values: object) -> list[Any]:
    connection = sqlite3.connect(path)
    try:
        return connection.execute(statement, values).fetchall()
    finally:
        connection.close()


def change(path: Path, *statements: str) -> None:
    connection = sqlite3.connect(path)
    try:
        with connection:
            for statement in statements:
                connection.execute(statement)
    finally:
        connection.close()


def schema(path: Path) -> dict[str, Any]:
    """Tables with their columns, keys, checks and indexes, however the statements are laid out."""
    found: dict[str, Any] = {}
    for kind, name, sql in query(path, "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'"):
        if kind == "table":
            columns = sorted(
                (column, type_, notnull, str(default).strip("'"), key)
                for _, column, type_, notnull, default, key in query(path, f"PRAGMA table_info({name})")
            )
            keys = sorted(row[2:5] for row in query(path, f"PRAGMA foreign_key_list({name})"))
            # 0002 lets SQLite number what SQLAlchemy leaves without a type modifier: both are the row's id.
            checks = sorted(re.sub(r"\s+", " ", text) for text in re.findall(r"CHECK \(.*?\)\)?", sql, re.DOTALL))
            found[name] = (columns, keys, checks, "WITHOUT ROWID" in sql)
        else:
            found[name] = re.sub(r"\s+", " ", sql)
    return found


def at_first(path: Path) -> Path:
    """A database as the first release made it, with a row in each kind of place."""
    migrate(path, FIRST)
    change(
        path,
        "INSERT INTO sources (id, path, sha256, size_bytes, added_at, state, crashes) "
        "VALUES (1, '/a.pdf', 'a', 1, 't', 'pending', 2), (2, '/b.pdf', 'b', 1, 't', 'failed', 0)",
        "INSERT INTO failed_extractions (source_id, reason, attempts) VALUES (2, 'not-a-pdf', 1)",
        "INSERT INTO entries (id, source_id, position, reference) VALUES (1, 1, 1, '{}')",
        "INSERT INTO no_metadata (entry_id, source_id, due_at) VALUES (1, 1, 5.5)",
        "INSERT INTO works (id, type, title, record, metadata_source) VALUES (7, 'book', 'T', '{}', 'm')",
        "INSERT INTO work_keys VALUES ('doi', '10.1/x', 7)",
        "INSERT INTO with_metadata (work_id, newest_source_id, cited_by) VALUES (7, 1, 3)",
        "INSERT INTO duplicate_references VALUES (1, 1, 7, 'doi', '{}', 't')",
        "INSERT INTO attempts (stage, item_id, attempt, outcome, reason, started_at, seconds) "
        "VALUES ('download', 7, 1, 'retry', 'http-5xx', 't', 0.5)",
    )
    return path


def at_second(path: Path) -> Path:
    """A database of the second schema with a source that was read."""
    migrate(path, "0002")
    change(
        path,
        "INSERT INTO sources (id, path, sha256, size_bytes, added_at, state, doi, title, page_count, found_references, "
        "expected_references) VALUES (5, '/c.pdf', 'c', 9, 't', 'extracted', '10.1/c', 'On C', 12, 57, 60)",
        "INSERT INTO runs (id, started_at, command) VALUES (3, 't', 'process')",
    )
    return path


def test_a_source_that_was_read_before_coverage_was_judged_is_kept_and_shown(tmp_path: Path) -> None:
    path = at_second(tmp_path / "second.sqlite")
    open_database(path).dispose()
    assert query(path, "SELECT id, command FROM runs") == [(3, "process")]
    with reading(path) as connection:
        (view,) = sources_with_entries(connection)
        summary = run_summary(connection)
    facts = view.facts
    assert (facts.doi, facts.title, facts.found_references, facts.expected_references) == ("10.1/c", "On C", 57, 60)
    assert (facts.authors, facts.year, facts.arxiv_id) == ((), None, None)
    assert (facts.coverage, facts.short_forms) == (None, ())
    assert (summary.coverage.judged, summary.coverage.mean, summary.coverage.incomplete) == (0, None, 0)
    (backup,) = tmp_path.glob("second.sqlite.before-*")
    assert query(backup, "SELECT title, version_num FROM sources, alembic_version") == [("On C", "0002")]


RECORD = Work(title="On the keys of works", authors=(Name("Locke", "L."),), year=2001, doi="10.1/Keys", pmid="7")


def at_third(path: Path) -> Path:
    """A database of the third schema: a work that was queued, one that waits, and one merged into the first."""
    migrate(path, "0003")
    record = encode(RECORD).replace("'", "''")
    change(
        path,
        "INSERT INTO sources (id, path, sha256, size_bytes, added_at, state, found_references) "
        "VALUES (1, '/a.pdf', 'a', 1, 't', 'extracted', 3)",
        "INSERT INTO works (id, type, title, year, doi, title_key, record, metadata_source) VALUES "
        f"(1, 'article-journal', 'On the keys of works', 2001, '10.1/Keys', 'keys|locke|2001', '{record}', 'm'), "
        f"(2, 'book', 'On locks', 2002, NULL, NULL, json_set('{record}', '$.isbn', '9780000000002'), 'm')",
        "INSERT INTO entries (id, source_id, position, reference, work_id) "
        "VALUES (1, 1, 1, '{}', 1), (2, 1, 2, '{}', 2), (3, 1, 3, '{}', 1)",
        "INSERT INTO work_keys VALUES ('doi', '10.1/keys', 1), ('openalex', 'W9', 1)",
        "INSERT INTO failed_downloads (work_id, stage, reason, attempts) VALUES (1, 'download', 'http-404', 1)",
        "INSERT INTO with_metadata (work_id, newest_source_id, cited_by) VALUES (2, 1, 1)",
        "INSERT INTO duplicate_references VALUES (1, 3, 1, 'openalex', '{}', 't')",
    )
    return path


def test_works_of_before_are_found_by_all_their_keys_after_an_upgrade(tmp_path: Path) -> None:
    path = at_third(tmp_path / "third.sqlite")
    open_database(path).dispose()
    assert query(path, "SELECT work_id, kind, value FROM work_keys ORDER BY 1, 2") == [
        (1, "doi", "10.1/keys"),
        (1, "openalex", "W9"),
        (1, "pmid", "7"),
        (1, "title-author-year", "keys|locke|2001"),
        (2, "isbn", "9780000000002"),
        (2, "pmid", "7"),
    ]
    with reading(path) as connection:
        assert [finding for finding in invariants(connection) if not finding.holds] == []
    assert query(path, "SELECT reason FROM failed_downloads") == [("http-404",)]
    assert query(path, "SELECT doi FROM works WHERE id = 1") == [("10.1/keys",)]


def test_the_next_start_gives_works_of_before_their_version_keys(tmp_path: Path) -> None:
    path = at_third(tmp_path / "third.sqlite")
    store = SqliteStore(path, SystemClock(), RECOGNISER)
    assert query(path, "SELECT id, version_key FROM works") == [
        (1, "on the keys of works|locke"),
        (2, "on the keys of works|locke"),
    ]
    assert store.known_works([("doi", "10.1/KEYS")]) == {("doi", "10.1/KEYS"): RECORD}
    store.close()


def test_what_ended_before_rechecks_is_planned_by_its_reason(tmp_path: Path) -> None:
    path = at_third(tmp_path / "third.sqlite")
    day = 86_400
    change(
        path,
        "UPDATE failed_downloads SET processing_timestamp = '2027-01-15T08:00:00.000Z'",
        "DELETE FROM with_metadata",
        "INSERT INTO downloaded_references (work_id, status, file_path, checksum_pdf, size_bytes, page_count, "
        "url_source, source_of_download, processing_timestamp) "
        "VALUES (2, 'ok-preprint', 'b.pdf', 'b', 1, 1, 'u', 's', '2027-01-15T08:00:00.000Z')",
    )
    open_database(path).dispose()
    assert query(path, "SELECT work_id, due_at, done, reason, resolver, notices_due FROM rechecks ORDER BY 1") == [
        (1, 1_800_000_060 + 30 * day, 0, "http-404", None, None),
        (2, 1_800_000_120 + 90 * day, 0, "ok-preprint", None, None),
    ]


def rows(path: Path) -> dict[str, list[Any]]:
    """Every row of every table of the first schema, by the columns it had."""
    first = path.with_name("reference.sqlite")
    if not first.exists():
        migrate(first, FIRST)
    tables = [name for (name,) in query(first, "SELECT name FROM sqlite_master WHERE type = 'table'")]
    found = {}
    for table in tables:
        if table != "alembic_version":
            columns = ", ".join(f'"{row[1]}"' for row in query(first, f"PRAGMA table_info({table})"))
            found[table] = sorted(query(path, f"SELECT {columns} FROM {table}"))
    return found


def test_made_at_once_and_migrated_step_by_step_are_the_same(tmp_path: Path) -> None:
    open_database(tmp_path / "made.sqlite").dispose()
    migrate(tmp_path / "migrated.sqlite", SCHEMA_VERSION)
    made, migrated = schema(tmp_path / "made.sqlite"), schema(tmp_path / "migrated.sqlite")
    assert made.keys() == migrated.keys()
    for name in made:
        assert made[name] == migrated[name], name


def test_an_upgrade_keeps_every_row_and_leaves_a_backup_that_opens(tmp_path: Path) -> None:
    path = at_first(tmp_path / "old.sqlite")
    before = rows(path)
    assert sum(map(len, before.values())) == 10
    open_database(path).dispose()
    assert rows(path) == before
    assert query(path, "SELECT version_num FROM alembic_version") == [(SCHEMA_VERSION,)]
    assert query(path, "PRAGMA foreign_key_check") == []
    assert query(path, "PRAGMA integrity_check") == [("ok",)]
    assert query(path, "SELECT solo_crashes FROM with_metadata") == [(0,)]
    (backup,) = tmp_path.glob("old.sqlite.before-*")
    assert rows(backup) == before
    assert query(backup, "SELECT version_num FROM alembic_version") == [(FIRST,)]
    open_to_read(path).dispose()


def test_an_upgrade_gives_the_backups_path(tmp_path: Path) -> None:
    path = at_first(tmp_path / "old name #1?%.sqlite")
    backup = upgrade(path, FIRST)
    assert backup.is_file()
    assert backup.parent == tmp_path


def test_who_waits_for_an_upgrade_is_told_before_it_begins(tmp_path: Path) -> None:
    """Of a million references it takes a minute."""
    path = at_first(tmp_path / "old.sqlite")
    seen: list[Any] = []
    open_database(
        path, on_upgrade=lambda _: seen.extend(query(path, "SELECT version_num FROM alembic_version"))
    ).dispose()
    assert seen == [(FIRST,)]


def test_a_second_start_upgrades_nothing(tmp_path: Path) -> None:
    path = tmp_path / "new.sqlite"
    open_database(path).dispose()
    open_database(path).dispose()
    assert list(tmp_path.glob("*.before-*")) == []


def _make(path: Path, start: threading.Barrier, errors: list[Exception]) -> None:
    start.wait()
    try:
        open_database(path).dispose()
    except Exception as error:  # noqa: BLE001 - told by the test
        errors.append(error)


def test_whoever_comes_second_to_make_the_database_finds_it_made(tmp_path: Path) -> None:
    path = tmp_path / "new.sqlite"
    first = open_database(path)
    second = connect(path)
    _create(second)  # it had seen no schema, and waited for the first to commit
    first.dispose()
    second.dispose()
    assert query(path, "SELECT version_num FROM alembic_version") == [(SCHEMA_VERSION,)]


def test_two_processes_that_make_the_database_at_once_both_get_it(tmp_path: Path) -> None:
    """A command and the daemon may both come first."""
    for number in range(10):
        errors: list[Exception] = []
        start = threading.Barrier(4)

        threads = [
            threading.Thread(target=_make, args=(tmp_path / f"{number}.sqlite", start, errors)) for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert errors == []


@pytest.mark.parametrize("opener", [open_database, open_to_read])
def test_a_newer_database_is_refused_in_one_clear_line(tmp_path: Path, opener: Any) -> None:
    path = tmp_path / "newer.sqlite"
    open_database(path).dispose()
    change(path, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(DatabaseUnusable, match=r"written by a newer dl_lit \(schema 9999.*update dl_lit") as caught:
        opener(path)
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("opener", [open_database, open_to_read])
def test_somebody_elses_database_is_refused_and_left_as_it_is(tmp_path: Path, opener: Any) -> None:
    path = tmp_path / "foreign.sqlite"
    change(path, "CREATE TABLE mine (x)", "INSERT INTO mine VALUES (1)")
    before = path.read_bytes()
    with pytest.raises(DatabaseUnusable, match="not dl_lit's"):
        opener(path)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["foreign.sqlite"]


@pytest.mark.parametrize("opener", [open_database, open_to_read])
@pytest.mark.parametrize("content", [b"no database at all" * 100, b"%PDF-1.7\n" * 200])
def test_what_is_no_database_is_refused_and_left_as_it_is(tmp_path: Path, opener: Any, content: bytes) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes(content)
    with pytest.raises(DatabaseUnusable, match=str(path)):
        opener(path)
    assert path.read_bytes() == content


def test_a_folder_in_its_place_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnusable, match=str(tmp_path)):
        open_database(tmp_path)


def test_reading_makes_no_database(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnusable, match="dl-lit init-db"):
        open_to_read(tmp_path / "none.sqlite")
    assert list(tmp_path.iterdir()) == []


def test_reading_does_not_upgrade(tmp_path: Path) -> None:
    path = at_first(tmp_path / "old.sqlite")
    with pytest.raises(DatabaseUnusable, match="older schema"):
        open_to_read(path)
    assert query(path, "SELECT version_num FROM alembic_version") == [(FIRST,)]


def test_an_empty_file_becomes_a_database(tmp_path: Path) -> None:
    path = tmp_path / "empty.sqlite"
    path.touch()
    open_database(path).dispose()
    assert query(path, "SELECT version_num FROM alembic_version") == [(SCHEMA_VERSION,)]


def test_a_failing_upgrade_leaves_the_database_as_it_was(tmp_path: Path) -> None:
    path = at_first(tmp_path / "old.sqlite")
    change(path, "CREATE TABLE runs (id INTEGER)")  # in the way of the migration's last step
    before = schema(path), rows(path)
    with pytest.raises(DatabaseUnusable):
        open_database(path)
    assert (schema(path), rows(path)) == before


def test_opening_needs_no_alembic_where_nothing_is_to_be_upgraded(tmp_path: Path) -> None:
    """It is half of the start-up time."""
    path = tmp_path / "new.sqlite"
    code = (
        "import sys; from pathlib import Path; from db.connect import open_database\n"
        "open_database(Path(sys.argv[1])).dispose(); print('alembic' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "False"
