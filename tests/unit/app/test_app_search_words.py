"""Whoever answers searches keeps their words, and adds them anew where they are lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from db.finding.keeping import lost
from db.reading.opening import reading
from dl_lit.app.control_surface.search_words import SearchWords
from dl_lit.settings import Settings
from tests.fakes.databases import database_in
from tests.fakes.scenario import Scenario


def settings_of(path: Path) -> Settings:
    beside = path.parent
    return Settings(
        database=path,
        library=beside / "library",
        state_folder=beside / "state",
        cache_folder=beside / "cache",
        local_index=beside / "index.db",
    )


def test_each_look_adds_what_has_come(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also after a look where there was no database yet."""
    monkeypatch.setattr("dl_lit.app.control_surface.search_words._REST", 0.0)
    words = SearchWords(settings_of(database_in(tmp_path)))
    words.look()
    with Scenario(tmp_path) as scenario:
        assert scenario.path == database_in(tmp_path)
        for number in range(2):
            (source,) = scenario.add(f"{number}.pdf")
            scenario.extract(source, ["One", "Two"])
            words.look()
            assert scenario.rows("SELECT what, through FROM searched ORDER BY 1") == [
                ("entries", 2 * number + 2),
                ("sources", number + 1),
                ("works", 0),
            ]
        scenario.sql("UPDATE sources SET title = 'Named' WHERE id = 1")
        assert scenario.rows("SELECT what, id FROM unsearched") == [("sources", 1)]
        words.look()
        assert scenario.rows("SELECT what, id FROM unsearched") == []
        scenario.forget_words("entries")
        SearchWords(settings_of(scenario.path)).look()  # of another process
        with reading(scenario.path) as connection:
            assert lost(connection) == []


def test_who_is_stopped_adds_no_more(tmp_path: Path) -> None:
    with Scenario(tmp_path) as scenario:
        scenario.add("a.pdf")
        words = SearchWords(settings_of(scenario.path))
        words.stop()
        words.look()
        assert scenario.rows("SELECT through FROM searched WHERE what = 'sources'") == [(0,)]
