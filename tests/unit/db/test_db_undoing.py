"""What people changed by hand is taken back as it was, as far as nothing came of it, and the doctor finds all well."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from db.citing.giving import GivenBy
from db.citing.pinning import pin_key
from db.connect import connect
from db.deeds import DeedKind, deed, deeds
from db.held_files import held_file, refuse_file
from db.pins import PINNED_PRIORITY, pin, unpin
from db.reading.doctor import invariants
from db.reading.opening import reading
from db.rechecking import Which, looks
from db.rechecking import put_back as look_again
from db.retrying import Wanted, put_back
from db.reviewing import Seen, accept, reject
from db.undoing import Undone, undo
from db.unmerging import unmerge
from dl_lit.core.errors import BadInput
from dl_lit.core.items import Downloaded, Resolved
from dl_lit.core.job import Done
from dl_lit.core.model import StageName
from dl_lit.core.proof import Proof, Verdict
from dl_lit.core.reasons import Reason
from tests.fakes.recognising import RECOGNISER
from tests.fakes.scenario import Scenario, location, typical, work

_STATE = (
    "sources", "entries", "works", "no_metadata", "with_metadata", "to_download_references", "downloaded_references",
    "failed_extractions", "failed_enrichments", "failed_downloads", "pins", "citation_keys", "merges", "separations",
    "work_keys", "work_aliases", "duplicate_references", "rechecks", "counts",
)  # fmt: skip


@pytest.fixture
def scenario(tmp_path: Path) -> Iterator[Scenario]:
    with Scenario(tmp_path) as one:
        typical(one)
        yield one
        with reading(one.path) as connection:
            assert [finding for finding in invariants(connection) if not finding.holds] == []


@pytest.fixture
def engine(scenario: Scenario) -> Iterator[Engine]:
    engine = connect(scenario.path)
    yield engine
    engine.dispose()


def state(scenario: Scenario) -> dict[str, list[Any]]:
    """Everything but the story of attempts; moments to the millisecond."""

    def told(row: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(round(value, 3) if isinstance(value, float) else value for value in row)

    return {table: sorted(map(told, scenario.rows(f"SELECT * FROM {table}")), key=repr) for table in _STATE}


def taken_back(scenario: Scenario, engine: Engine, number: int | None = None) -> Undone:
    done = undo(engine, number, scenario.clock)
    scenario.store.notice()
    return done


def _retry(scenario: Scenario, engine: Engine) -> None:
    assert put_back(engine, Wanted(every_reason=True), scenario.clock).total == 5


def _seen(scenario: Scenario) -> Seen:
    ((entry, reason, attempts, at),) = scenario.rows(
        "SELECT entry_id, reason, attempts, processing_timestamp FROM failed_enrichments ORDER BY entry_id LIMIT 1"
    )
    return Seen(entry, reason, attempts, at)


def _accept(scenario: Scenario, engine: Engine) -> None:
    found = Resolved(work=work("On tides", doi="10.1000/tides"), matched_by="review", score=0.4)
    accept(engine, _seen(scenario), Done(found), RECOGNISER, scenario.clock)


def _look_again(scenario: Scenario, engine: Engine) -> None:
    with engine.connect() as connection:
        found = looks(connection, Which(every=True), now=scenario.clock.time(), resolver=1)
    assert look_again(engine, found, {}, scenario.clock, is_by_hand=True)


def _key(scenario: Scenario, engine: Engine) -> None:
    now = scenario.clock.time()
    with engine.begin() as connection:
        pin_key(connection, 1, "before", GivenBy.PATTERN, now)
    with engine.begin() as connection, deed(connection, DeedKind.KEY, now, "w1 called after"):
        pin_key(connection, 1, "after", GivenBy.PERSON, now)


DEEDS: dict[str, Callable[[Scenario, Engine], object]] = {
    "retry": _retry,
    "recheck": _look_again,
    "accept": _accept,
    "reject": lambda scenario, engine: reject(engine, _seen(scenario), scenario.clock),
    "pin": lambda scenario, engine: pin(engine, "source", [1], scenario.clock),
}


@pytest.mark.parametrize("name", DEEDS)
def test_all_is_as_before(scenario: Scenario, engine: Engine, name: str) -> None:
    before = state(scenario)
    DEEDS[name](scenario, engine)
    assert state(scenario) != before
    assert taken_back(scenario, engine).left == ()
    assert state(scenario) == before
    with engine.connect() as connection:
        assert [one.undone_at is not None for one in deeds(connection, 9)] == [True]
    with pytest.raises(BadInput, match="nothing to undo"):
        taken_back(scenario, engine)


def test_a_key_that_a_person_gave_gives_way_to_the_one_before(scenario: Scenario, engine: Engine) -> None:
    _key(scenario, engine)
    taken_back(scenario, engine)
    assert scenario.rows("SELECT key FROM citation_keys WHERE retired_at IS NULL AND work_id = 1") == [("before",)]


def test_letting_go_is_a_deed_of_its_own(scenario: Scenario, engine: Engine) -> None:
    pin(engine, "source", [1], scenario.clock)
    unpin(engine, "source", [1], scenario.clock)
    assert taken_back(scenario, engine).kind == "unpin"
    assert scenario.rows("SELECT priority FROM sources WHERE id = 1") == [(PINNED_PRIORITY,)]
    assert taken_back(scenario, engine).kind == "pin"
    assert scenario.rows("SELECT count(*) FROM pins") == [(0,)]


def test_what_was_worked_on_since_is_told_and_stays(scenario: Scenario, engine: Engine) -> None:
    _retry(scenario, engine)
    scenario.store.notice()
    (worked,) = scenario.rows("SELECT min(entry_id) FROM no_metadata WHERE attempts = 0")[0]
    scenario.reject(StageName.ENRICHMENT, worked, Reason.VETOED)
    done = taken_back(scenario, engine)
    assert done.left == (f"e{worked}",)
    assert scenario.rows(f"SELECT reason FROM failed_enrichments WHERE entry_id = {worked}") == [("vetoed",)]
    assert scenario.rows("SELECT count(*) FROM failed_downloads")[0][0] > 0


def test_an_accepted_work_that_went_on_is_not_taken_back(scenario: Scenario, engine: Engine) -> None:
    _accept(scenario, engine)
    scenario.store.notice()
    ((made,),) = scenario.rows("SELECT id FROM works WHERE doi = '10.1000/tides'")
    scenario.queue(made, location())
    before = state(scenario)
    with pytest.raises(BadInput, match=f"w{made}"):
        taken_back(scenario, engine)
    assert state(scenario) == before


def test_a_work_that_others_have_joined_is_not_taken_back(scenario: Scenario, engine: Engine) -> None:
    _accept(scenario, engine)
    scenario.store.notice()
    (entry,) = scenario.extract(scenario.add("more.pdf")[0], ["On tides"])
    ((made,),) = scenario.rows("SELECT id FROM works WHERE doi = '10.1000/tides'")
    scenario.duplicate(scenario.resolve(entry, work("On tides", doi="10.1000/tides")), made)
    with pytest.raises(BadInput, match="changed since"):
        taken_back(scenario, engine)


def test_a_number_is_not_given_again_that_undoing_freed(scenario: Scenario, engine: Engine) -> None:
    """What a pipeline has in hand under it must never meet another work."""
    _accept(scenario, engine)
    ((freed,),) = scenario.rows("SELECT max(id) FROM works")
    taken_back(scenario, engine)
    (entry,) = scenario.extract(scenario.add("more.pdf")[0], ["Another"])
    assert scenario.resolve(entry, work("Another", doi="10.1000/another")) > freed


def test_two_works_are_one_again(scenario: Scenario, engine: Engine) -> None:
    entries = scenario.extract(scenario.add("a.pdf", "b.pdf")[0], ["Original", "Translated"])
    one = scenario.resolve(entries[0], work("Original", openalex_id="W77"))
    scenario.queue(one, location())
    two = scenario.resolve(entries[1], work("Translated", doi="10.1000/t"))
    scenario.duplicate(two, one, "openalex")
    before = state(scenario)
    unmerge(engine, 1, RECOGNISER, scenario.clock)
    taken_back(scenario, engine)
    assert state(scenario) == before


def test_a_refused_file_is_gone_and_the_list_says_so_beforehand(scenario: Scenario, engine: Engine) -> None:
    (entry,) = scenario.extract(scenario.add("q.pdf")[0], ["Doubtful"])
    doubtful = scenario.resolve(entry, work("Doubtful"))
    scenario.queue(doubtful, location())
    proof = Proof(verdict=Verdict.NEEDS_REVIEW, score=0.5, evidence=("half a title",))
    held = Downloaded(
        path="quarantine/q.pdf", sha256="ab" * 32, size_bytes=9, page_count=1, location=location(), proof=proof,
        final_url=location().url,
    )  # fmt: skip
    scenario.answer(StageName.DOWNLOAD, {doubtful: Done(held)})
    with engine.connect() as connection:
        seen = held_file(connection, doubtful)
    refuse_file(engine, seen, scenario.clock)
    with engine.connect() as connection:
        assert deeds(connection, 1)[0].why_not == "the file was removed"
    with pytest.raises(BadInput, match="the file was removed"):
        taken_back(scenario, engine)


def test_nothing_that_changed_nothing_is_kept(scenario: Scenario, engine: Engine) -> None:
    """And what failed half-way leaves neither a change nor a deed, nor what noted it."""
    put_back(engine, Wanted(reasons=[Reason.POISON]), scenario.clock)
    with pytest.raises(BadInput):
        pin(engine, "work", [999], scenario.clock)
    assert scenario.rows("SELECT count(*) FROM deeds") == [(0,)]
    pin(engine, "work", [1], scenario.clock)
    assert scenario.rows("SELECT said FROM deeds") == [("w1 pinned",)]
