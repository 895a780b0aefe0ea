"""The levels of snowballing are counted from the rows, and each proven work is read at most once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from db.connect import connect
from db.pins import pin
from db.reading.levels import Candidate, Level, Levels, tree_of_run
from db.reading.opening import reading
from db.runs import How, add_to_run, begin_run
from dl_lit.core.model import StageName
from dl_lit.core.store import NewSource
from tests.fakes.scenario import Scenario, work


@pytest.fixture
def scenario(tmp_path: Path) -> Iterator[Scenario]:
    with Scenario(tmp_path) as one:
        yield one


def fetched(scenario: Scenario, entry: int, title: str, *, verified: bool = True, **facts: object) -> int:
    """The entry is this work, and its PDF is in the library; a work that was there already is joined."""
    doi = f"10.1/{title.lower().replace(' ', '-')}"
    work_id = scenario.resolve(entry, work(title, doi=doi, **facts))
    scenario.queue(work_id)
    if scenario.rows(f"SELECT count(*) FROM to_download_references WHERE work_id = {work_id}") == [(1,)]:
        scenario.download(work_id, f"{title}.pdf", content=title.encode(), verified=verified)
    return work_id


def looked(scenario: Scenario, run: int | None = None, max_pages: int = 300) -> tuple[Level, ...]:
    with reading(scenario.path) as connection:
        return Levels(connection, run, max_pages=max_pages).look()


def candidates(scenario: Scenario, level: int = 1, most: int = 99) -> list[Candidate]:
    with reading(scenario.path) as connection:
        return Levels(connection, None, max_pages=300).candidates(level, most)


def read_in_turn(scenario: Scenario, work_id: int, titles: list[str], run: int | None = None) -> list[int]:
    """Make the work's PDF a source, with these entries."""
    (one,) = [one for one in candidates(scenario) + candidates(scenario, 2) if one.work_id == work_id]
    new = NewSource(f"/library/{one.path}", one.sha256, one.size_bytes, level=one.level, from_work_id=work_id)
    engine = connect(scenario.path)
    try:
        run = run or begin_run(engine, "test", scenario.clock, version="1").id
        (added,) = add_to_run(engine, run, [new], How.FOUND, scenario.clock)
    finally:
        engine.dispose()
    scenario.store.notice()
    return scenario.extract(added.id, titles)


def test_the_most_cited_come_first_then_the_newest_and_before_them_what_is_pinned(scenario: Scenario) -> None:
    one, two = scenario.add("one.pdf", "two.pdf")
    first, second, third, fourth = scenario.extract(one, ["Shared", "Old", "New", "Dear"])
    (again,) = scenario.extract(two, ["Shared"])
    shared, old = fetched(scenario, first, "Shared", year=1990), fetched(scenario, second, "Old", year=2001)
    new, dear = fetched(scenario, third, "New", year=2020), fetched(scenario, fourth, "Dear", year=1980)
    fetched(scenario, again, "Shared", year=1990)
    assert [one.work_id for one in candidates(scenario)] == [shared, new, old, dear]
    engine = connect(scenario.path)
    try:
        pin(engine, "entry", [fourth], scenario.clock)
    finally:
        engine.dispose()
    assert [one.work_id for one in candidates(scenario, most=2)] == [dear, shared]


def test_only_what_is_proven_short_enough_and_no_source_yet_is_read(scenario: Scenario) -> None:
    (source,) = scenario.add("own.pdf")
    entries = scenario.extract(source, ["Good", "Doubtful", "Own", "Same bytes"], doi="10.1/own")
    good = fetched(scenario, entries[0], "Good")
    fetched(scenario, entries[1], "Doubtful", verified=False)
    fetched(scenario, entries[2], "Own")  # a paper that people gave, in another copy
    same = fetched(scenario, entries[3], "Same bytes")
    scenario.sql(f"UPDATE sources SET sha256 = (SELECT checksum_pdf FROM downloaded_references WHERE work_id = {same})")
    (only,) = looked(scenario)
    assert only.next == {"waits": 1, "not-verified": 1, "already-a-source": 2}
    assert [one.work_id for one in candidates(scenario)] == [good]
    assert looked(scenario, max_pages=3)[0].next["too-many-pages"] == 1


def test_a_circle_of_works_that_cite_each_other_ends(scenario: Scenario) -> None:
    """Each is read once, at the lowest level that it is cited from."""
    (source,) = scenario.add("own.pdf")
    (entry,) = scenario.extract(source, ["Hen"])
    hen = fetched(scenario, entry, "Hen")
    (back,) = read_in_turn(scenario, hen, ["Egg"])
    egg = fetched(scenario, back, "Egg")
    (again,) = read_in_turn(scenario, egg, ["Hen"])
    fetched(scenario, again, "Hen")
    zero, one, two = looked(scenario)
    assert (zero.new_works, one.new_works, two.new_works) == (1, 1, 0)
    assert (zero.next, one.next, two.next) == ({"read": 1}, {"read": 1}, {})
    assert candidates(scenario, 3) == []
    assert two.new_share == 0


def test_a_run_has_the_levels_of_its_own_sources_whoever_read_them(scenario: Scenario) -> None:
    """A run that was killed left levels behind: they are those of the run that is given the same papers."""
    own, other = scenario.add("own.pdf", "other.pdf")
    (entry,) = scenario.extract(own, ["Hen"])
    scenario.extract(other, ["Cock"])
    hen = fetched(scenario, entry, "Hen")
    (below,) = read_in_turn(scenario, hen, ["Egg"])
    engine = connect(scenario.path)
    try:
        run = begin_run(engine, "again", scenario.clock, version="1").id
        given = NewSource("/in/own.pdf", scenario.rows(f"SELECT sha256 FROM sources WHERE id = {own}")[0][0], 1)
        add_to_run(engine, run, [given], How.GIVEN, scenario.clock)
    finally:
        engine.dispose()
    zero, one = looked(scenario, run)
    assert (zero.sources, zero.works, one.sources, one.taken, one.entries_waiting) == (1, 1, 1, 1, 1)
    with reading(scenario.path) as connection:
        tree = tree_of_run(connection, run)
    assert tree == [scenario.rows(f"SELECT source_id FROM entries WHERE id = {below}")[0][0]]


def test_what_people_give_is_theirs_though_it_was_found_before(scenario: Scenario) -> None:
    """It has level 0 and their rank from then on, and so have its entries."""
    (source,) = scenario.add("own.pdf")
    (entry,) = scenario.extract(source, ["Hen"])
    (below,) = read_in_turn(scenario, fetched(scenario, entry, "Hen"), ["Egg"])
    found = scenario.rows("SELECT id, sha256 FROM sources WHERE level = 1")[0]
    assert scenario.rows(f"SELECT priority FROM no_metadata WHERE entry_id = {below}") == [(-21,)]
    engine = connect(scenario.path)
    try:
        run = begin_run(engine, "given", scenario.clock, version="1").id
        add_to_run(engine, run, [NewSource("/in/hen.pdf", found[1], 3)], How.GIVEN, scenario.clock)
    finally:
        engine.dispose()
    assert scenario.rows(f"SELECT level, priority FROM sources WHERE id = {found[0]}") == [(0, 0)]
    assert scenario.rows(f"SELECT priority FROM no_metadata WHERE entry_id = {below}") == [(0,)]


def test_works_of_lower_levels_are_claimed_first(scenario: Scenario) -> None:
    """Also one that was found deep down and is cited by people's own paper later."""
    (source,) = scenario.add("own.pdf")
    (entry,) = scenario.extract(source, ["Hen"])
    deep, both = read_in_turn(scenario, fetched(scenario, entry, "Hen"), ["Deep", "Both"])
    scenario.resolve(deep, work("Deep", doi="10.1/deep"))
    found = scenario.resolve(both, work("Both", doi="10.1/both"))
    scenario.queue(found)
    (own,) = scenario.extract(scenario.add("later.pdf")[0], ["Both"])
    scenario.queue(scenario.resolve(own, work("Both", doi="10.1/both")))
    assert scenario.rows(f"SELECT priority FROM to_download_references WHERE work_id = {found}") == [(0,)]
    assert scenario.rows("SELECT priority FROM with_metadata") == [(-21,)]
    assert scenario.store.claim(StageName.DOWNLOAD, 1)[0].id == found
