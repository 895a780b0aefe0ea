"""Finding by words: what people type, what changes, what has not been kept yet, and never more than is bounded."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.connect import connect
from db.finding.folding import Asked, words_of
from db.finding.keeping import begin_anew, keep_up, lost
from db.finding.looking import hits
from db.reading.doctor import invariants
from db.reading.opening import reading
from db.reading.search import Found, search
from db.reading.source_pages import SourceFilter, SourceOrder, page_of_sources, parts_of, query_of
from dl_lit.core.model import Name
from tests.fakes.scenario import Scenario, work

TITLES = {
    "Über Größe und Maß": ("Müller", "10.1000/(SICI)1097-0258(1998)17:15<1661::AID-SIM968>3.0.CO;2-2"),
    "Co-operation in state-of-the-art C++ programs": ("O'Brien", "10.1000/182"),
    "機械学習入門": ("山田", "10.1000/jp.7"),
    "Ångström's åkerø: Łódź revisited": ("Ørsted", "10.1000/xyz-9"),
}


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with Scenario(tmp_path_factory.mktemp("finding")) as scenario:
        (source,) = scenario.add("Straße 7.pdf")
        entries = scenario.extract(source, [*TITLES, "Nobody knows this"])
        for entry, (title, (family, doi)) in zip(entries, TITLES.items(), strict=False):
            scenario.resolve(entry, work(title, doi=doi, authors=(Name(family, "A."),)))
        yield scenario.path


def kept(path: Path) -> int:
    engine = connect(path)
    try:
        return keep_up(engine)
    finally:
        engine.dispose()


def titles(path: Path, text: str) -> list[str]:
    with reading(path) as connection:
        return [one.title for one in search(connection, text, limit=10).works]


@pytest.mark.parametrize("is_kept", [False, True])
@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("uber grosse", 0),  # no accents, no sharp s
        ("GRÖSSE müll", 0),  # the beginning of a name
        ("10.1000/(sici)1097-0258(1998)17:15<1661", 0),  # the beginning of a DOI
        ("co-oper", 1),
        ("state-of-the-art", 1),
        ("o'brien", 1),
        ("doi:10.1000/182", 1),
        ("10.1000/182.", 1),
        ("c programs", 1),  # one letter is a word
        ("学習", 2),  # within what has no spaces
        ("山", 2),
        ("angstrom lodz", 3),
        ("Ørsted AKERO", 3),
        ("習学", None),
        ("art-of", None),  # beside each other in another order
        ("peration", None),  # not the beginning of a word
    ],
)
def test_what_people_type_is_found(database: Path, text: str, place: int | None, *, is_kept: bool) -> None:
    """Whether or not the words are kept already."""
    if is_kept:
        kept(database)
    assert titles(database, text) == ([] if place is None else [list(TITLES)[place]])


@given(
    st.text(max_size=60)
    | st.sampled_from(['" OR "a', "NEAR(a b)", "words:a", "a*", "^a", "'); --", "{a b}: c", "a\0b"])
)
def test_nothing_that_is_typed_is_read_as_a_query(database: Path, text: str) -> None:
    """Signs, controls and operators are no more than what parts words."""
    with reading(database) as connection:
        found = search(connection, text, limit=5)
        page_of_sources(connection, text=text, limit=5)
    assert Asked.of(text).runs or found == Found((), (), (), is_cut=False)


@given(st.text(max_size=40))
def test_every_word_of_a_text_finds_it(text: str) -> None:
    """In capitals as well, wherever these have one form."""
    words = words_of(text)
    assert all(Asked.of(part).fits(words) for part in text.split())
    assert words_of(" ".join(words)) == words


def test_words_follow_what_is_there(tmp_path: Path) -> None:
    """Records that change, works that go and come back under their number, entries that become works."""
    with Scenario(tmp_path) as scenario:
        (source,) = scenario.add("a.pdf")
        first, second = scenario.extract(source, ["One two", "Three four"])
        one = scenario.resolve(first, work("One two"))
        assert kept(scenario.path) == 4
        assert kept(scenario.path) == 0
        with reading(scenario.path) as connection:
            assert search(connection, "three", limit=5).entries[0].id == second
        scenario.resolve(second, work("Three four"))
        record = json.dumps({"title": "Five six"})
        scenario.sql(f"UPDATE works SET record = '{record}' WHERE id = {one}")
        for _ in range(2):  # before and after the words are kept
            assert titles(scenario.path, "five") == ["One two"]  # the line has the column
            assert titles(scenario.path, "two") == []
            assert titles(scenario.path, "three") == ["Three four"]
            with reading(scenario.path) as connection:
                assert search(connection, "three", limit=5).entries == ()
            kept(scenario.path)
        row = scenario.rows(f"SELECT type, metadata_source FROM works WHERE id = {one}")[0]
        scenario.sql(f"DELETE FROM works WHERE id = {one}")
        assert titles(scenario.path, "five") == []
        kept(scenario.path)
        record = json.dumps({"title": "Seven"})
        scenario.sql(
            "INSERT INTO works (id, type, title, record, metadata_source) "
            f"VALUES ({one}, '{row[0]}', 'Seven', '{record}', '{row[1]}')"
        )
        assert titles(scenario.path, "seven") == ["Seven"]
        assert kept(scenario.path) == 1


def test_lost_words_are_told_of_and_come_anew(tmp_path: Path) -> None:
    """By doctor; whoever answers searches adds them again."""
    with Scenario(tmp_path) as scenario:
        (source,) = scenario.add("a.pdf")
        scenario.extract(source, ["One two", "Three four"])
        kept(scenario.path)
        scenario.forget_words("entries")
        with reading(scenario.path) as connection:
            assert lost(connection) == ["e1", "e2"]
            (found,) = [one for one in invariants(connection) if not one.holds]
        assert (found.name, found.heals, found.broken) == ("words-are-kept", True, 2)
        engine = connect(scenario.path)
        begin_anew(engine)
        assert keep_up(engine) == 3
        engine.dispose()
        with reading(scenario.path) as connection:
            assert lost(connection) == []
            assert len(search(connection, "three", limit=5).entries) == 1


def test_more_than_is_looked_at_is_said_to_be_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the words of many are not kept yet, and where a beginning has too many words."""
    with Scenario(tmp_path) as scenario:
        (source,) = scenario.add("a.pdf")
        scenario.extract(source, [f"Common rare{number}" for number in range(40)])
        monkeypatch.setattr("db.finding.looking._NOT_KEPT", 5)
        with reading(scenario.path) as connection:
            behind = hits(connection, "entries", Asked.of("rare1"), 20)
        assert (behind.is_cut, behind.ids) == (True, ())  # the newest five were compared
        kept(scenario.path)
        with reading(scenario.path) as connection:
            assert hits(connection, "entries", Asked.of("common rare39"), 20).ids == (40,)
            all_of_them = hits(connection, "entries", Asked.of("rare1"), 20)
            assert (len(all_of_them.ids), all_of_them.is_cut) == (11, False)
            monkeypatch.setattr("db.finding.looking._FEW", 5)
            monkeypatch.setattr("db.finding.looking._RARE", 3)
            monkeypatch.setattr("db.finding.looking._ALTERNATIVES", 4)
            some = hits(connection, "entries", Asked.of("rare1"), 20)
            assert (len(some.ids), some.is_cut) == (4, True)
            assert some.ids[-1] == 2  # the word itself is among them
            monkeypatch.setattr("db.finding.looking.MOST_COMPARED", 10)
            few = hits(connection, "entries", Asked.of("common 1990-nowhere"), 20)
            assert (few.ids, few.is_cut) == ((), False)


def test_what_is_no_record_keeps_nothing_else_from_being_found(tmp_path: Path) -> None:
    """Somebody may have written into a column by hand."""
    with Scenario(tmp_path) as scenario:
        (source,) = scenario.add("a.pdf")
        scenario.extract(source, ["One two", "Three four"])
        scenario.sql("UPDATE entries SET reference = 'no JSON' WHERE id = 1", "UPDATE sources SET authors = '['")
        assert kept(scenario.path) == 3
        with reading(scenario.path) as connection:
            assert hits(connection, "entries", Asked.of("three"), 5).ids == (2,)
            assert hits(connection, "sources", Asked.of("a pdf"), 5).ids == (1,)


def test_keeping_up_ends_when_it_is_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And goes on from there, resting between two transactions."""
    monkeypatch.setattr("db.finding.keeping.LOT", 2)
    with Scenario(tmp_path) as scenario:
        scenario.add(*(f"{number}.pdf" for number in range(5)))
        engine = connect(scenario.path)
        rests: list[int] = []
        assert keep_up(engine, rest=lambda: rests.append(1), should_stop=lambda: len(rests) == 2) == 4
        assert keep_up(engine) == 1
        engine.dispose()


@pytest.mark.sqlite_only
@pytest.mark.parametrize("order", SourceOrder)
@pytest.mark.parametrize("wanted", SourceFilter)
def test_sources_are_listed_along_an_index(database: Path, wanted: SourceFilter, order: SourceOrder) -> None:
    """Nothing is sorted, and nothing read from end to end but by the order of its ids."""
    with reading(database) as connection:
        for states in parts_of(wanted, order):
            query, by = query_of(states, order)
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query} ORDER BY {by} LIMIT 5")
            assert not [row[3] for row in rows if "TEMP B-TREE" in row[3]]


def test_pages_of_every_order_follow_on_each_other(tmp_path: Path) -> None:
    """Each source stands on just one page, also where it waits."""
    with Scenario(tmp_path) as scenario:
        ids = scenario.add(*(f"{name}.pdf" for name in "cAbDeF"))
        for number, source in enumerate(ids[:4]):
            scenario.extract(source, [f"Entry {place}" for place in range(number + 1)])
        scenario.sql(f"UPDATE sources SET coverage_score = 0.5, title = 'a ' || id WHERE id IN ({ids[1]}, {ids[3]})")
        kept(scenario.path)
        with reading(scenario.path) as connection:
            for wanted in SourceFilter:
                for order in SourceOrder:
                    whole = page_of_sources(connection, wanted=wanted, order=order, limit=10)
                    parts = [
                        one.id
                        for offset in range(0, 6, 2)
                        for one in page_of_sources(connection, wanted=wanted, order=order, limit=2, offset=offset).items
                    ]
                    assert parts == [one.id for one in whole.items], (wanted, order)
                    assert whole.total == len(set(parts)) == len(parts)
            listed = page_of_sources(connection, order=SourceOrder.COVERAGE, limit=10)
            assert [one.coverage for one in listed.items] == [0.5, 0.5, None, None, None, None]
            assert [one.id for one in listed.items][-2:] == [ids[5], ids[4]]  # what waits, the newest first
            for order in SourceOrder:
                worded = page_of_sources(connection, order=order, text="pdf", limit=5, offset=1)
                plain = page_of_sources(connection, order=order, limit=5, offset=1)
                assert [one.id for one in worded.items] == [one.id for one in plain.items], order
                assert worded.total == 6
