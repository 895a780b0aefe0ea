"""Undoing throws no file away that is the last of its content."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from db.connect import connect
from db.deeds import DeedKind, deed
from dl_lit.app.deciding.undoing import undone
from dl_lit.core.clock import SystemClock
from dl_lit.core.errors import BadInput
from dl_lit.settings import load
from tests.fakes.scenario import Scenario, typical


@pytest.fixture
def filled(tmp_path: Path) -> Iterator[Scenario]:
    with Scenario(tmp_path) as scenario:
        typical(scenario)
        yield scenario


@pytest.mark.parametrize("given", ["gone.pdf", "held.pdf"])
def test_a_file_that_waits_in_quarantine_stays_where_nothing_else_has_its_content(
    filled: Scenario, tmp_path: Path, given: str
) -> None:
    """What was handed in is gone, or was the very file that waits."""
    waiting = filled.library / ".quarantine" / "held.pdf"
    waiting.parent.mkdir(parents=True, exist_ok=True)
    waiting.write_bytes(b"%PDF-1.7 the last one")
    held = {
        "path": ".quarantine/held.pdf",
        "sha256": "0b" * 32,
        "location": {"url": (waiting.parent / given).as_uri()},
    }
    if given == "held.pdf":
        held["sha256"] = hashlib.sha256(waiting.read_bytes()).hexdigest()
    engine = connect(filled.path)
    try:
        with engine.begin() as connection, deed(connection, DeedKind.HAND_IN, 1_700_000_000.0, "handed in"):
            connection.exec_driver_sql("UPDATE failed_downloads SET held = ? WHERE work_id = 4", (json.dumps(held),))
    finally:
        engine.dispose()
    env = {"HOME": str(tmp_path), "DL_LIT_DB": str(filled.path), "DL_LIT_LIBRARY": str(filled.library)}
    with pytest.raises(BadInput, match="not to be the last one"):
        undone(load(env=env).settings, None, SystemClock())
    assert waiting.exists()
