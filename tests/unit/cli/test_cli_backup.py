"""Backups are whole or are not there; restoring loses nothing."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from freezegun import freeze_time

from db.lock import PipelineLock
from dl_lit import logs
from dl_lit.cli import cli
from dl_lit.cli.printing import tell_first
from dl_lit.core.clock import SystemClock
from tests.fakes.scenario import Scenario, typical

pytestmark = pytest.mark.sqlite_only  # a server has its own tools: test_cli_on_a_server.py


@pytest.fixture
def filled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scenario]:
    monkeypatch.setenv("DL_LIT_DB", str(tmp_path / "dl-lit.db"))
    monkeypatch.setenv("DL_LIT_LIBRARY", str(tmp_path / "library"))
    with Scenario(tmp_path) as scenario:
        typical(scenario)
        yield scenario
    logs.close()


def dl_lit(*arguments: object) -> Result:
    result = CliRunner().invoke(cli, [str(one) for one in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def made(folder: Path, *options: object, at: str = "2026-11-23T03:00:00Z") -> Path:
    with freeze_time(at):
        result = dl_lit("backup", folder, "--json", *options)
    assert result.exit_code == 0, result.output
    return Path(json.loads(result.output)["path"])


def sources(database: Path) -> list[Any]:
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute("SELECT id, path FROM sources ORDER BY id").fetchall()


def paper(scenario: Scenario) -> Path:
    return scenario.library / "lovelace_2017_on.pdf"


def test_drafts_that_a_sudden_end_left_go_after_some_days(filled: Scenario, tmp_path: Path) -> None:
    """A young one may be at work."""
    old, young = (tmp_path / "backups" / f".dl-lit-2026112{day}T030000Z.7.partial" for day in (0, 3))
    for draft, epoch_s in ((old, filled.clock.at - 3 * 86_400), (young, filled.clock.at)):
        draft.mkdir(parents=True)
        (draft / "dl-lit.db").touch()
        os.utime(draft, (epoch_s, epoch_s))
    made(tmp_path / "backups")
    assert (old.exists(), young.exists()) == (False, True)


def test_a_backup_is_taken_beside_a_running_pipeline_and_restored_later(filled: Scenario, tmp_path: Path) -> None:
    """What came after the backup is kept aside; files that are gone come back."""
    before = sources(filled.path)
    with PipelineLock(filled.path, "watch", SystemClock()):
        backup = made(tmp_path / "backups", "--files")
    filled.add("later.pdf")
    content = paper(filled).read_bytes()
    paper(filled).unlink()
    filled.store.close()
    with freeze_time("2026-11-24T00:00:00Z"):
        result = dl_lit("restore", backup)
    assert result.exit_code == 0, result.output
    assert sources(filled.path) == before
    assert paper(filled).read_bytes() == content
    (aside,) = tmp_path.glob("dl-lit.db.before-restore.*")
    assert len(sources(aside)) == len(before) + 1
    assert dl_lit("doctor", "--files").exit_code == 0


def test_nothing_is_restored_under_a_running_pipeline(filled: Scenario, tmp_path: Path) -> None:
    """Exit code 4, and the database stays as it is."""
    backup = made(tmp_path / "backups")
    filled.add("later.pdf")
    with PipelineLock(filled.path, "watch", SystemClock()):
        assert dl_lit("restore", backup).exit_code == 4
    assert len(sources(filled.path)) == 4


def test_backups_and_restores_within_one_second_have_names_of_their_own(filled: Scenario, tmp_path: Path) -> None:
    """The later one that of the next second, so that they stay in their order."""
    filled.store.close()
    found = [made(tmp_path / "backups").name for _ in range(3)]
    assert found == [f"dl-lit-20261123T03000{second}Z" for second in range(3)]
    for name in found[:2]:
        with freeze_time("2026-11-24T00:00:00Z"):
            assert dl_lit("restore", tmp_path / "backups" / name).exit_code == 0
    asides = sorted(one.name for one in tmp_path.glob("dl-lit.db.before-restore.*Z"))
    assert asides == [f"dl-lit.db.before-restore.20261124T00000{second}Z" for second in range(2)]


def test_files_that_the_last_backup_has_are_linked(filled: Scenario, tmp_path: Path) -> None:
    """Daily backups of a large library cost what is new; old ones go when there are more than wanted."""
    backups = tmp_path / "backups"
    first = made(backups, "--files")
    second = made(backups, "--files", at="2026-11-24T03:00:00Z")
    name = paper(filled).name
    assert (first / "files" / name).samefile(second / "files" / name)
    assert not (second / "files" / name).samefile(paper(filled))
    third = made(backups, "--files", "--keep", 2, at="2026-11-25T03:00:00Z")
    assert sorted(backups.iterdir()) == [second, third]
    assert dl_lit("restore", third, "--check").exit_code == 0


def test_a_file_that_is_not_as_it_was_is_named_and_left_out(filled: Scenario, tmp_path: Path) -> None:
    """A backup does not carry damage further; exit code 3."""
    paper(filled).write_bytes(b"%PDF-1.7 damaged")
    result = dl_lit("backup", tmp_path / "backups", "--files")
    assert result.exit_code == 3
    assert paper(filled).name in result.stderr
    (backup,) = (tmp_path / "backups").iterdir()
    assert not (backup / "files" / paper(filled).name).exists()
    checked = dl_lit("restore", backup, "--check")
    assert checked.exit_code == 3
    assert "is whole" not in checked.stdout
    assert "lacks 1 of" in checked.stdout
    assert paper(filled).name in checked.stderr
    assert json.loads(dl_lit("restore", backup, "--check", "--json").stdout)["whole"] is False
    paper(filled).unlink()
    filled.store.close()
    assert dl_lit("restore", backup).exit_code == 3  # the file is missing, and that is said


def test_a_backup_that_has_what_later_ones_lack_is_not_rotated_away(filled: Scenario, tmp_path: Path) -> None:
    """Neither those without files push it out, nor those made while the library is away."""
    backups = tmp_path / "backups"
    good = made(backups, "--files")
    made(backups, "--keep", 1, at="2026-11-24T03:00:00Z")
    assert good.is_dir()
    made(backups, "--keep", 1, at="2026-11-25T03:00:00Z")
    assert [one.name for one in sorted(backups.iterdir())] == [good.name, "dl-lit-20261125T030000Z"]
    (good / "files" / paper(filled).name).write_bytes(b"%PDF of another size")  # so that it is not linked
    filled.library.rename(tmp_path / "away")
    with freeze_time("2026-11-26T03:00:00Z"):
        gaps = dl_lit("backup", backups, "--files", "--keep", 1)
    assert gaps.exit_code == 3
    assert f"kept {good}" in gaps.stdout
    assert sorted(one.name for one in backups.iterdir()) == [good.name, "dl-lit-20261126T030000Z"]
    (tmp_path / "away").rename(filled.library)
    made(backups, "--files", "--keep", 1, at="2026-11-27T03:00:00Z")
    assert [one.name for one in backups.iterdir()] == ["dl-lit-20261127T030000Z"]


def test_files_of_a_backup_are_linked_across_one_without_files(filled: Scenario, tmp_path: Path) -> None:
    """What a library that is away held is in the next backup all the same."""
    backups = tmp_path / "backups"
    first = made(backups, "--files")
    made(backups, at="2026-11-24T03:00:00Z")
    filled.library.rename(tmp_path / "away")
    third = made(backups, "--files", at="2026-11-25T03:00:00Z")
    assert (first / "files" / paper(filled).name).samefile(third / "files" / paper(filled).name)


def test_of_many_missing_files_the_first_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    """The manifest has them all: thousands of lines help nobody."""
    tell_first([f"{number}.pdf" for number in range(1_007)], "missing", rest="all are in the manifest")
    *first, last = capsys.readouterr().err.splitlines()
    assert first == [f"dl-lit: missing: {number}.pdf" for number in range(5)]
    assert last == "dl-lit: ... and 1,002 more: all are in the manifest"


@pytest.mark.parametrize("damaged", ["dl-lit.db", "files/lovelace_2017_on.pdf", "manifest.json"])
def test_a_damaged_backup_is_refused(filled: Scenario, tmp_path: Path, damaged: str) -> None:
    """Whatever of it was changed: one line says so, and the database stays."""
    backup = made(tmp_path / "backups", "--files")
    victim = backup / damaged
    content = bytearray(victim.read_bytes())
    content[len(content) // 2] ^= 0xFF
    victim.write_bytes(content)
    filled.store.close()
    result = dl_lit("restore", backup)
    assert result.exit_code in {1, 2}
    assert len(result.stderr.splitlines()) == 1
    assert not list(tmp_path.glob("dl-lit.db.before-restore.*"))


def test_a_damaged_database_is_no_backup_but_can_be_restored_from_one(filled: Scenario, tmp_path: Path) -> None:
    """The damaged one is kept aside as it is."""
    backup = made(tmp_path / "backups")
    filled.store.close()
    for end in ("-wal", "-shm"):
        filled.path.with_name(filled.path.name + end).unlink(missing_ok=True)
    with filled.path.open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(4096 * 4))
    refused = dl_lit("backup", tmp_path / "more" / "deep")
    assert refused.exit_code == 1
    assert refused.stderr.startswith(f"dl-lit: the database {filled.path} is damaged")
    assert "partial" not in refused.stderr
    assert not (tmp_path / "more").exists()
    assert dl_lit("restore", backup).exit_code == 0
    assert len(sources(filled.path)) == 3


def test_what_is_no_backup_is_refused(filled: Scenario, tmp_path: Path) -> None:
    """A folder of something else, or none."""
    assert dl_lit("restore", tmp_path).exit_code == 2
    assert dl_lit("restore", tmp_path / "nowhere", "--check").exit_code == 2
    assert dl_lit("--db", tmp_path / "none.db", "backup", tmp_path).exit_code == 1
