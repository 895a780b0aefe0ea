"""The copy that is made before a database is brought up to date is whole, and killed attempts leave no others."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from db.connect import migrate, open_database
from db.copy_before import copy_before
from db.tables import SCHEMA_VERSION

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)

pytestmark = pytest.mark.sqlite_only


@pytest.fixture
def old(tmp_path: Path) -> Path:
    path = tmp_path / "dl-lit.db"
    migrate(path, "0006")
    return path


def beside(path: Path) -> list[str]:
    return sorted(one.name for one in path.parent.glob("*.before-*"))


def left_by_the_dead(path: Path) -> tuple[Path, Path]:
    """What a process leaves that is killed while it copies."""
    draft = path.with_name(f"{path.name}.before-0006-to-{SCHEMA_VERSION}.20261101T000000Z.12.partial")
    journal = draft.with_name(f"{draft.name}-journal")
    for one in (draft, journal):
        one.write_bytes(b"half of it")
    return draft, journal


def test_drafts_of_killed_attempts_go(old: Path) -> None:
    left_by_the_dead(old)
    backups: list[Path] = []
    open_database(old, on_upgrade=backups.append).dispose()
    assert beside(old) == [backups[0].name]


def test_the_draft_of_one_that_lives_stays(old: Path) -> None:
    draft, journal = left_by_the_dead(old)
    holder = os.open(draft, os.O_RDONLY)
    try:
        fcntl.flock(holder, fcntl.LOCK_EX)
        copy_before(old, "0006", SCHEMA_VERSION, NOW)
    finally:
        os.close(holder)
    assert draft.exists()
    assert journal.exists()


def test_a_copy_has_its_name_only_when_it_is_whole(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Until then it is a draft, and none where the copying fails."""
    seen: list[list[str]] = []

    def fsync(_file: int) -> None:
        seen.append(beside(old))
        raise OSError("refused")

    monkeypatch.setattr("db.copy_before.os.fsync", fsync)
    with pytest.raises(OSError, match="refused"):
        copy_before(old, "0006", SCHEMA_VERSION, NOW)
    assert [name.endswith(".partial") for name in seen[0]] == [True]
    assert beside(old) == []
    monkeypatch.undo()
    with sqlite3.connect(copy_before(old, "0006", SCHEMA_VERSION, NOW)) as copy:
        assert copy.execute("SELECT version_num FROM alembic_version").fetchone() == ("0006",)
    copy.close()


def test_of_many_attempts_at_one_upgrade_the_first_and_the_last_copy_stay(old: Path) -> None:
    """Those of other upgrades, and what restoring has set aside, stay as well."""
    for other in ("before-0005-to-0006.20260101T000000Z", "before-restore.20260101T000000Z"):
        old.with_name(f"{old.name}.{other}").touch()
    for day in (1, 3, 2, 4):
        copy_before(old, "0006", SCHEMA_VERSION, NOW.replace(day=day))
    found = [name.removeprefix(f"{old.name}.before-") for name in beside(old)]
    mine = [f"0006-to-{SCHEMA_VERSION}.2026110{day}T120000Z" for day in (1, 4)]
    assert found == ["0005-to-0006.20260101T000000Z", *mine, "restore.20260101T000000Z"]
