"""Real runs are in the book of runs, whatever ends them, and no secret is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from db.connect import open_database
from dl_lit.app.intake.entries_brought import Content, bring_in
from dl_lit.app.outcome.run_book import kept_run
from dl_lit.app.run import run_once
from dl_lit.app.workshop import Workshop
from dl_lit.core.clock import SystemClock
from dl_lit.core.errors import DatabaseFull
from dl_lit.exports.read_list import read_list
from dl_lit.settings import Loaded, load
from dl_lit.settings.show import differing
from tests.fakes.databases import database_in, rows


class NeverStop:
    def should_stop(self) -> bool:
        return False

    def should_hurry(self) -> bool:
        return False


@pytest.fixture
def loaded(tmp_path: Path) -> Loaded:
    env = {
        "HOME": str(tmp_path),
        "DL_LIT_DB": str(database_in(tmp_path)),
        "DL_LIT_LIBRARY": str(tmp_path / "library"),
        "DL_LIT_OFFLINE": "true",
        "DL_LIT_CORE_KEY": "a-secret-key",
        "DL_LIT_CONTACT_EMAIL": "me@library.test",
    }
    return load(env=env)


def book(loaded: Loaded) -> list[tuple[Any, ...]]:
    return rows(loaded.settings.database, "SELECT id, command, exit_code, settings, summary FROM runs")


def test_a_run_is_kept_with_its_number_settings_and_document(loaded: Loaded, tmp_path: Path) -> None:
    (tmp_path / "broken.pdf").write_bytes(b"no PDF at all")
    with Workshop(loaded.settings, "process-pdf-concurrent", set_by_people=differing(loaded)) as shop:
        result = run_once(shop, [tmp_path / "broken.pdf"], NeverStop())
    ((number, command, exit_code, settings, summary),) = book(loaded)
    assert (number, command, exit_code) == (result.document["run"], "process-pdf-concurrent", 3)
    assert json.loads(summary)["failed"] == result.document["failed"]
    assert json.loads(settings)["offline"] is True
    assert "secret" not in settings
    assert "library.test" not in settings
    assert result.source_ids == (1,)


def test_what_the_command_itself_brought_in_was_given_to_its_run(loaded: Loaded) -> None:
    """`import-bib --run` works on what people have just given it: that is not left over from before."""
    engine = open_database(loaded.settings.database, synchronous="NORMAL")
    for name in (b"PMID: 12345\n", b"PMID: 23456\n"):
        bring_in(engine, Content("list.txt", name), read_list(name.decode()), SystemClock())
    engine.dispose()
    with Workshop(loaded.settings, "import-list list.txt") as shop:
        run_once(shop, [], NeverStop(), brought=[(2, True)])
    given = rows(loaded.settings.database, "SELECT source_id, is_new, how FROM run_sources ORDER BY source_id")
    assert given == [(1, 0, "left over"), (2, 1, "given")]


def test_a_run_that_breaks_is_kept_with_its_exit_code(loaded: Loaded) -> None:
    with Workshop(loaded.settings, "process-pdf-concurrent") as shop, pytest.raises(DatabaseFull), kept_run(shop):
        raise DatabaseFull("no room")
    assert [row[2] for row in book(loaded)] == [DatabaseFull.exit_code]
