"""Citation keys: given once, kept over everything that happens to works, never another work's."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from db.citing.choosing import Chooser
from db.citing.giving import GivenBy, KeyGiver
from db.citing.pinning import pin_key
from db.citing.renewing import Renewed, renew_keys
from db.connect import connect
from db.intake import add_entries
from db.reading.citation_keys import CitationKeys
from db.reading.key_list import keys_listed, keys_of_names, works_without_key
from db.reading.opening import reading
from db.unmerging import unmerge
from dl_lit.app.outcome.citing import citing, give_keys_ahead, key_maker
from dl_lit.core.errors import BadInput, DatabaseUnusable, NothingKnown
from dl_lit.core.items import Resolved
from dl_lit.core.job import Done
from dl_lit.core.model import Reference, StageName
from dl_lit.core.store import NewSource, SourceKind
from tests.fakes.recognising import RECOGNISER
from tests.fakes.scenario import Scenario, work

PATTERN = "{author}{year}"


@pytest.fixture
def scenario(tmp_path: Path) -> Iterator[Scenario]:
    with Scenario(tmp_path) as made:
        yield made


def works(scenario: Scenario, *titles: str, source: str = "a.pdf") -> list[int]:
    """Works that a source cites, of the same author and year."""
    (id_,) = scenario.add(source)
    entries = scenario.extract(id_, titles)
    return [
        scenario.resolve(entry, work(title, doi=f"10.1/{title.replace(' ', '-')}"))
        for entry, title in zip(entries, titles, strict=True)
    ]


@contextmanager
def told(scenario: Scenario, pattern: str = PATTERN) -> Iterator[CitationKeys]:
    with reading(scenario.path) as connection, citing(connection, scenario.path, pattern, scenario.clock) as keys:
        yield keys


def keys_of(scenario: Scenario, *work_ids: int, pattern: str = PATTERN) -> list[str]:
    with told(scenario, pattern) as keys:
        found = keys.of(work_ids)
        assert keys.trouble is None
        return [found[one] for one in work_ids]


def former_of(scenario: Scenario, work_id: int) -> tuple[str, ...]:
    with told(scenario) as keys:
        return keys.former([work_id], keys.of([work_id])).get(work_id, ())


def pin(scenario: Scenario, work_id: int, key: str, by: GivenBy = GivenBy.PERSON) -> str:
    engine = connect(scenario.path)
    try:
        with engine.begin() as connection:
            return pin_key(connection, work_id, key, by, scenario.clock.time()).key
    finally:
        engine.dispose()


def renew(scenario: Scenario, pattern: str) -> list[Renewed]:
    engine = connect(scenario.path)
    try:
        return list(renew_keys(engine, Chooser(key_maker(pattern)), scenario.clock))
    finally:
        engine.dispose()


def merged(scenario: Scenario, gone: int, kept: int) -> int:
    scenario.duplicate(gone, kept)
    return int(scenario.rows(f"SELECT id FROM merges WHERE gone_work_id = {gone}")[0][0])


def test_the_first_asked_about_keeps_the_bare_key_whatever_is_found_before_or_after_it(scenario: Scenario) -> None:
    first, second, third = works(scenario, "Stones", "Kelp", "Foam")
    assert keys_of(scenario, second) == ["Lovelace2017"]
    assert keys_of(scenario, first, second, third) == ["Lovelace2017a", "Lovelace2017", "Lovelace2017b"]
    scenario.sql("UPDATE works SET record = replace(record, '2017', '1817')")
    assert keys_of(scenario, third, first) == ["Lovelace2017b", "Lovelace2017a"]


def test_no_more_works_are_called_something_than_were_asked_about(scenario: Scenario) -> None:
    asked, _ = works(scenario, "Stones", "Kelp")
    with told(scenario) as keys:
        assert keys.of([asked, 4711]) == {asked: "Lovelace2017"}
    assert scenario.rows("SELECT work_id, key, given_by FROM citation_keys") == [(asked, "Lovelace2017", "pattern")]


def test_within_one_look_works_keep_what_they_were_called(scenario: Scenario) -> None:
    """The look does not see what was written since it began."""
    first, second = works(scenario, "Stones", "Kelp")
    with told(scenario) as keys:
        assert keys.of([first]) == {first: "Lovelace2017"}
        assert keys.of([second, first]) == {first: "Lovelace2017", second: "Lovelace2017a"}


@pytest.mark.sqlite_only
def test_where_nothing_can_be_written_keys_are_for_once_and_that_is_said(scenario: Scenario) -> None:
    first, second = works(scenario, "Stones", "Kelp")
    with closing(sqlite3.connect(scenario.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with reading(scenario.path) as connection:

            def refuse(_: object) -> dict[int, str]:
                from db.refusing import named  # noqa: PLC0415 - as the giver does it

                engine = connect(scenario.path, patience_s=0.0)
                try:
                    with named(), engine.begin():
                        return {}
                finally:
                    engine.dispose()

            with closing(CitationKeys(connection, Chooser(key_maker(PATTERN)), refuse)) as keys:
                assert keys.of([second]) == {second: "Lovelace2017"}
                assert keys.of([first, second]) == {first: "Lovelace2017a", second: "Lovelace2017"}
                assert keys.trouble is not None
                assert "locked" in keys.trouble
    assert scenario.rows("SELECT * FROM citation_keys") == []


def test_a_merged_works_key_stays_its_own_and_comes_back(scenario: Scenario) -> None:
    """The work that stays keeps its key, and is found by the other's meanwhile, which nobody else gets."""
    kept, gone, other = works(scenario, "Stones", "Stones", "Kelp")
    assert keys_of(scenario, kept, gone) == ["Lovelace2017", "Lovelace2017a"]
    merge = merged(scenario, gone, kept)
    assert keys_of(scenario, kept, other) == ["Lovelace2017", "Lovelace2017b"]
    assert former_of(scenario, kept) == ("Lovelace2017a",)
    engine = connect(scenario.path)
    try:
        unmerge(engine, merge, RECOGNISER, scenario.clock)
    finally:
        engine.dispose()
    assert keys_of(scenario, kept, gone) == ["Lovelace2017", "Lovelace2017a"]
    assert former_of(scenario, kept) == ()


def test_a_work_without_key_goes_by_that_of_a_work_merged_into_it(scenario: Scenario) -> None:
    kept, gone = works(scenario, "Stones", "Stones")
    keys_of(scenario, gone)
    merged(scenario, gone, kept)
    assert keys_of(scenario, kept) == ["Lovelace2017"]
    assert former_of(scenario, kept) == ()


def test_the_number_of_a_forgotten_work_with_a_key_is_not_given_again(scenario: Scenario) -> None:
    (only,) = works(scenario, "Stones")
    keys_of(scenario, only)
    scenario.sql("DELETE FROM with_metadata", "UPDATE entries SET work_id = NULL", "DELETE FROM work_keys",
                 "DELETE FROM works")  # fmt: skip
    (later,) = works(scenario, "Kelp", source="b.pdf")
    assert later > only
    assert keys_of(scenario, later) == ["Lovelace2017a"]


def test_a_person_may_call_a_work_as_they_like_but_not_as_another(scenario: Scenario) -> None:
    first, second = works(scenario, "Stones", "Kelp")
    keys_of(scenario, first, second)
    assert pin(scenario, first, "stones") == "stones"
    assert (keys_of(scenario, first), former_of(scenario, first)) == (["stones"], ("Lovelace2017",))
    for taken in ("STONES", "lovelace2017", "Lovelace2017a "):
        with pytest.raises(BadInput, match=r"that of w1|no citation key"):
            pin(scenario, second, taken)
    with pytest.raises(NothingKnown):
        pin(scenario, 99, "kelp")
    assert pin(scenario, first, "Lovelace2017") == "Lovelace2017"
    assert former_of(scenario, first) == ("stones",)


def test_what_a_file_brings_is_another_name_of_a_work_that_has_one(scenario: Scenario) -> None:
    first, second = works(scenario, "Stones", "Kelp")
    keys_of(scenario, first)
    assert pin(scenario, first, "ada-stones", GivenBy.IMPORT) == "Lovelace2017"
    assert pin(scenario, second, "ada-kelp", GivenBy.IMPORT) == "ada-kelp"
    assert keys_of(scenario, first, second) == ["Lovelace2017", "ada-kelp"]
    assert former_of(scenario, first) == ("ada-stones",)


def bring(scenario: Scenario, *keys: str) -> list[int]:
    """A bibliography that was brought with these keys; its entries' ids."""
    references = [
        Reference(position=n, raw=key, title=f"Brought {n}", citation_key=key) for n, key in enumerate(keys, start=1)
    ]
    engine = connect(scenario.path)
    try:
        source = NewSource("/x.bib", f"bib{keys}", 1, SourceKind.BIBLIOGRAPHY)
        added = add_entries(engine, source, references, scenario.clock)
    finally:
        engine.dispose()
    scenario.store.notice()
    rows = scenario.rows(f"SELECT id FROM entries WHERE source_id = {added.id} ORDER BY position")
    return [row[0] for row in rows]


def test_a_brought_key_waits_for_its_work_and_no_pattern_takes_it(scenario: Scenario) -> None:
    known, unknown = bring(scenario, "Lovelace2017", "LOVELACE2017a")
    (cited,) = works(scenario, "Stones")
    assert keys_of(scenario, cited) == ["Lovelace2017b"]
    scenario.answer(StageName.ENRICHMENT, {known: Done(Resolved(work=work("Kelp", doi="10.1/k"), matched_by="doi"))})
    ((found,),) = scenario.rows(f"SELECT work_id FROM entries WHERE id = {known}")
    assert keys_of(scenario, found) == ["Lovelace2017"]
    assert scenario.rows(f"SELECT given_by FROM citation_keys WHERE work_id = {found}") == [("import",)]
    assert scenario.rows(f"SELECT work_id FROM entries WHERE id = {unknown}") == [(None,)]


def test_a_work_that_was_cited_before_it_was_brought_is_found_by_the_brought_key(scenario: Scenario) -> None:
    (cited,) = works(scenario, "Stones")
    keys_of(scenario, cited)
    (entry,) = bring(scenario, "rocks")
    stones = work("Stones", doi="10.1/Stones")
    scenario.answer(StageName.ENRICHMENT, {entry: Done(Resolved(work=stones, matched_by="doi"))})
    ((brought,),) = scenario.rows(f"SELECT work_id FROM entries WHERE id = {entry}")
    scenario.duplicate(brought, cited)
    assert (keys_of(scenario, cited), former_of(scenario, cited)) == (["Lovelace2017"], ("rocks",))


def test_renewing_goes_by_the_new_pattern_and_leaves_what_people_chose(scenario: Scenario) -> None:
    first, second, third = works(scenario, "Stones", "The kelp", "Foam")
    keys_of(scenario, first, second)
    pin(scenario, first, "rocks")
    assert renew(scenario, "{author:lower}{year}{veryshorttitle:lower}") == [
        Renewed(second, "Lovelace2017a", "lovelace2017kelp")
    ]
    assert former_of(scenario, second) == ("Lovelace2017a",)
    assert renew(scenario, "{author:lower}{year}{veryshorttitle:lower}") == []
    assert scenario.rows(f"SELECT 1 FROM citation_keys WHERE work_id = {third}") == []


def test_renewing_by_the_same_pattern_changes_nothing_in_whatever_order_keys_were_given(scenario: Scenario) -> None:
    ids = works(scenario, *(f"Title {n}" for n in range(40)))
    for one in (*ids[20:], *reversed(ids[:20])):
        keys_of(scenario, one)
    assert renew(scenario, PATTERN) == []
    assert [one.former for one in renew(scenario, "{author:lower}{year}")] == keys_in_order(scenario, former=True)
    assert renew(scenario, "{author:lower}{year}") == []


def keys_in_order(scenario: Scenario, *, former: bool) -> list[str]:
    with reading(scenario.path) as connection:
        return [one.former[0] if former else one.key for one in keys_listed(connection)]


def test_keys_are_listed_with_their_works_and_found_by_what_they_were(scenario: Scenario) -> None:
    first, second = works(scenario, "Stones", "Kelp")
    keys_of(scenario, first)
    pin(scenario, first, "rocks")
    with reading(scenario.path) as connection:
        (listed,) = keys_listed(connection)
        (found,) = keys_of_names(connection, ["LOVELACE2017"])
        assert works_without_key(connection) == 1
        with pytest.raises(NothingKnown, match="no citation key yet"):
            keys_of_names(connection, [f"w{second}"])
    assert (listed.key, listed.work_id, listed.given_by, listed.former) == ("rocks", first, "person", ("Lovelace2017",))
    assert found == listed


def test_a_thousand_works_of_one_name_are_told_apart_in_a_handful_of_looks_each(scenario: Scenario) -> None:
    chooser, taken, asked = Chooser(key_maker(PATTERN)), {"lovelace2017q"}, 0

    def is_taken(key: str) -> bool:
        nonlocal asked
        asked += 1
        return key.casefold() in taken

    one = work("Stones")
    for _ in range(1_000):
        key = chooser.choose(one, is_taken)
        assert key.casefold() not in taken
        taken.add(key.casefold())
    assert asked < 10_000
    fresh = Chooser(key_maker(PATTERN))
    before = asked
    assert fresh.choose(one, is_taken).casefold() not in taken
    assert asked - before < 50


def test_keys_that_are_given_ahead_go_in_the_order_in_which_works_were_found(scenario: Scenario) -> None:
    """To those of some sources, or to all; and never again to one that has its own."""
    first, second, third = works(scenario, "Stones", "Kelp", "Foam")
    (other,) = works(scenario, "Sand", source="b.pdf")
    keys_of(scenario, third)
    assert give_keys_ahead(scenario.path, PATTERN, [2], scenario.clock) is None
    assert scenario.rows("SELECT work_id FROM citation_keys ORDER BY id") == [(third,), (other,)]
    assert give_keys_ahead(scenario.path, PATTERN, clock=scenario.clock) is None
    assert scenario.rows("SELECT work_id, key FROM citation_keys ORDER BY id") == [
        (third, "Lovelace2017"), (other, "Lovelace2017a"), (first, "Lovelace2017b"), (second, "Lovelace2017c"),
    ]  # fmt: skip


@pytest.mark.sqlite_only
def test_while_another_writes_nothing_is_given_ahead(scenario: Scenario, tmp_path: Path) -> None:
    (only,) = works(scenario, "Stones")
    with closing(sqlite3.connect(scenario.path)) as connection:
        copy = tmp_path / "copy.db"
        connection.execute("VACUUM INTO ?", (str(copy),))
    with (
        closing(sqlite3.connect(copy, isolation_level=None)) as other,
        KeyGiver(copy, key_maker(PATTERN), scenario.clock, patience_s=0.0) as giver,
    ):
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseUnusable):
            giver.give_ahead()
        other.execute("ROLLBACK")
        giver.give_ahead()
        assert giver.give([only]) == {only: "Lovelace2017"}
