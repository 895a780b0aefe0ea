"""What is pinned goes before everything else, and waits its turn again when it is let go."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from db.connect import connect
from db.pins import PINNED_PRIORITY, names_of_pins, pin, unpin
from db.reading.opening import reading
from db.retrying import Wanted, put_back
from dl_lit.core.errors import BadInput
from dl_lit.core.model import StageName
from dl_lit.core.reasons import Reason
from tests.fakes.scenario import Scenario, work


@pytest.fixture
def scenario(tmp_path: Path) -> Iterator[Scenario]:
    with Scenario(tmp_path) as one:
        yield one


@pytest.fixture
def engine(scenario: Scenario) -> Iterator[Engine]:
    engine = connect(scenario.path)
    yield engine
    engine.dispose()


def first(scenario: Scenario, stage: StageName) -> int:
    (claim,) = scenario.store.claim(stage, 1)
    scenario.store.release([claim])
    return claim.id


def test_a_pinned_source_goes_first_with_all_that_comes_of_it(scenario: Scenario, engine: Engine) -> None:
    old, new = scenario.add("old.pdf", "new.pdf")
    assert first(scenario, StageName.EXTRACTION) == new
    assert pin(engine, "source", [old], scenario.clock).waiting == 1
    assert first(scenario, StageName.EXTRACTION) == old
    scenario.extract(new, ["Its own"])
    (entry,) = scenario.extract(old, ["Dear"])
    assert first(scenario, StageName.ENRICHMENT) == entry
    unpin(engine, "source", [old], scenario.clock)
    assert first(scenario, StageName.ENRICHMENT) != entry


def test_a_pinned_work_is_fetched_first_and_stays_first_when_it_is_put_back(scenario: Scenario, engine: Engine) -> None:
    entries = scenario.extract(scenario.add("a.pdf")[0], ["One", "Two"])
    one, two = (scenario.resolve(entry, work(title)) for entry, title in zip(entries, ("One", "Two"), strict=True))
    scenario.queue(one)
    scenario.queue(two)
    pin(engine, "work", [two], scenario.clock)
    assert first(scenario, StageName.DOWNLOAD) == two
    scenario.reject(StageName.DOWNLOAD, two, Reason.TIMEOUT_READ)
    put_back(engine, Wanted(works=[two]), scenario.clock)
    assert scenario.rows(f"SELECT priority FROM to_download_references WHERE work_id = {two}") == [(PINNED_PRIORITY,)]
    assert unpin(engine, "work", [two], scenario.clock).changed == 1
    assert scenario.rows("SELECT DISTINCT priority FROM to_download_references") == [(0,)]


def test_a_work_stays_first_as_long_as_one_of_its_entries_is_pinned(scenario: Scenario, engine: Engine) -> None:
    (entry,) = scenario.extract(scenario.add("a.pdf")[0], ["One"])
    work_id = scenario.resolve(entry, work("One"))
    pin(engine, "entry", [entry], scenario.clock)
    pin(engine, "work", [work_id], scenario.clock)
    unpin(engine, "work", [work_id], scenario.clock)
    assert scenario.rows("SELECT priority FROM with_metadata") == [(PINNED_PRIORITY,)]
    with reading(scenario.path) as connection:
        assert names_of_pins(connection, 5) == (f"e{entry}",)


def test_what_is_not_there_cannot_be_pinned(scenario: Scenario, engine: Engine) -> None:
    (source,) = scenario.add("a.pdf")
    with pytest.raises(BadInput, match="no source s99"):
        pin(engine, "source", [source, 99], scenario.clock)
    assert scenario.rows("SELECT count(*) FROM pins") == [(0,)]


def test_among_equals_newer_works_are_fetched_first(scenario: Scenario) -> None:
    entries = scenario.extract(scenario.add("a.pdf")[0], ["Old", "New"])
    for entry, (title, year) in zip(entries, (("Old", 1950), ("New", 2020)), strict=True):
        scenario.queue(scenario.resolve(entry, work(title, year=year)))
    assert scenario.rows("SELECT year FROM to_download_references ORDER BY work_id") == [(1950,), (2020,)]
    newest = scenario.rows("SELECT id FROM works WHERE year = 2020")[0][0]
    assert first(scenario, StageName.DOWNLOAD) == newest
