"""A place of their own for tests of commands, and a database with something of everything in it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from dl_lit import logs
from tests.fakes.databases import database_in
from tests.fakes.scenario import Scenario, typical


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    for name in [name for name in os.environ if name.startswith(("DL_LIT_", "XDG_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DL_LIT_DB", str(database_in(tmp_path)))
    monkeypatch.setenv("DL_LIT_LIBRARY", str(tmp_path / "library"))
    yield tmp_path
    logs.close()


@pytest.fixture
def filled(folder: Path) -> Iterator[Scenario]:
    with Scenario(folder) as scenario:
        typical(scenario)
        yield scenario
