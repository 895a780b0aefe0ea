"""An index of some hundred made-up works: what finds them, what changes them, what breaks them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from db.local_index.reader import LocalMetadata
from db.local_index.upkeep import made_anew, remove, stats, stored_records, summary
from db.local_index.writer import Added, LocalIndexWriter
from dl_lit.core.clock import SystemClock
from dl_lit.core.errors import DatabaseBusy, DatabaseFull, DatabaseUnusable
from dl_lit.core.model import Name, Reference, Work, WorkType
from dl_lit.matching.normalise import text_key

PEOPLE = ("Abbott", "Bianchi", "Castillo", "Dubois", "Eriksen", "Fischer", "Garcia", "Hansen", "Ivanov", "Jansen")
HOW = ("adaptive", "spectral", "bayesian", "stochastic", "robust", "sparse", "causal", "seasonal", "acoustic")
WHAT = ("sediments", "glaciers", "aerosols", "microbiomes", "deltas", "reefs", "flares", "charters", "glazes")


def made_up(number: int) -> Work:
    how, what = HOW[number % 9], WHAT[number // 9 % 9]
    return Work(
        title=f"{how.capitalize()} estimation of {what} in the valley of the river Nr{number:03}x",
        type=WorkType.ARTICLE_JOURNAL,
        authors=(Name(family=PEOPLE[number % 10], given="A."), Name(family=PEOPLE[number // 10 % 10], given="B.")),
        year=1950 + number % 70,
        container_title=f"Journal of {what.capitalize()}",
        volume=str(number % 40 + 1),
        pages=f"{number + 1}-{number + 9}",
        doi=f"10.5555/made.{number}",
        metadata_source="crossref",
    )


def fill(path: Path, works: list[Work], updated: str | None = None) -> list[Added]:
    with LocalIndexWriter(path, text_key, SystemClock()) as writer:
        added = [writer.add(work, updated) for work in works]
        writer.commit("print", "file", len(works), is_whole=True)
        writer.finish()
    return added


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalMetadata]:
    path = tmp_path_factory.mktemp("index") / "local.db"
    fill(path, [made_up(number) for number in range(400)])
    index = LocalMetadata(path, text_key)
    yield index
    index.close()


def entry(raw: str, **fields: object) -> Reference:
    return Reference(position=1, raw=raw, **fields)


def first(index: LocalMetadata, reference: Reference) -> str | None:
    found = index.search(reference, 10)
    return found[0].doi if found else None


def test_works_are_found_by_what_is_printed_of_them(full: LocalMetadata):
    for number in range(0, 400, 7):
        work = made_up(number)
        raw = f"{work.authors[0].family}, A. ({work.year}). {work.title}. {work.container_title} {work.volume}."
        assert first(full, entry(raw)) == work.doi


def test_a_work_is_found_with_two_typos_in_its_title_and_one_in_its_author(full: LocalMetadata):
    assert first(
        full, entry("Bianci A. Spetral estimaton of sediments in the valley, J. Sediments 2, 2-10 (1951)")
    ) == ("10.5555/made.1")


def test_a_work_is_found_without_its_title(full: LocalMetadata):
    work = made_up(123)
    raw = f"{work.authors[0].family} et al., J. {WHAT[123 // 9 % 9][:4]}. {work.volume} ({work.year}) {work.pages}"
    assert first(full, entry(raw)) == work.doi


def test_a_year_that_is_one_off_does_not_hide_a_work(full: LocalMetadata):
    work = made_up(77)
    fields = {"title": work.title, "authors": work.authors, "year": work.year + 1}
    assert first(full, entry("[3] what was printed", **fields)) == work.doi


def test_nothing_that_is_printed_breaks_the_search(full: LocalMetadata):
    for raw in ("", " ", '"', "' OR 1=1 --", "NEAR(a b) AND NOT *", "…", "\0", "ö" * 5_000, "a " * 5_000, "10.1/x"):
        assert isinstance(full.search(entry(raw), 10), list)
    assert full.search(entry("estimation of glaciers"), 0) == []


def test_no_more_than_asked_for_is_given(full: LocalMetadata):
    assert len(full.search(entry("Adaptive estimation of sediments in the valley of the river"), 3)) == 3


def test_works_are_found_by_their_identifiers_many_at_once(full: LocalMetadata):
    dois = [f"10.5555/MADE.{number}" for number in range(700)]
    found = full.by_ids("doi", dois)
    assert found == {f"10.5555/made.{number}": made_up(number) for number in range(400)}
    assert full.by_ids("pmid", ["1"]) == {}
    assert full.by_ids("orcid", ["1"]) == {}


def test_an_index_that_is_not_there_is_empty_and_is_not_made_by_asking(tmp_path: Path):
    index = LocalMetadata(tmp_path / "none.db", text_key)
    assert index.is_empty
    assert index.search(entry("Adaptive estimation"), 10) == []
    assert index.by_ids("doi", ["10.5555/made.1"]) == {}
    assert list(tmp_path.iterdir()) == []
    assert summary(index.path) is None


def test_an_index_that_is_filled_later_is_noticed(tmp_path: Path):
    index = LocalMetadata(tmp_path / "later.db", text_key)
    assert index.is_empty
    fill(index.path, [made_up(1)])
    assert not index.is_empty
    assert index.by_ids("doi", ["10.5555/made.1"])
    index.close()


def test_the_same_again_changes_nothing_and_newer_records_replace_older_ones(tmp_path: Path):
    path = tmp_path / "i.db"
    old = made_up(5)
    new = Work(title="Another title altogether", doi=old.doi, metadata_source="crossref")
    assert fill(path, [old, made_up(6)], "2024-01-01") == [Added.NEW, Added.NEW]
    assert fill(path, [old, made_up(6)], "2024-01-01") == [Added.UNCHANGED, Added.UNCHANGED]
    assert fill(path, [new], "2023-01-01") == [Added.OLDER]
    assert fill(path, [new], "2025-01-01") == [Added.REPLACED]
    index = LocalMetadata(path, text_key)
    assert index.by_ids("doi", ["10.5555/made.5"]) == {"10.5555/made.5": new}
    assert first(index, entry("Another title altogether")) == new.doi
    assert old not in index.search(entry(old.title), 10)
    index.close()
    assert stats(path).records == 2


def test_records_of_two_services_are_kept_and_told_as_one_work(tmp_path: Path):
    path = tmp_path / "two.db"
    own = made_up(8)
    theirs = Work(title=own.title.lower(), doi=own.doi, openalex_id="W8", pmid="88", metadata_source="openalex")
    fill(path, [own, theirs])
    index = LocalMetadata(path, text_key)
    (whole,) = index.search(entry(own.title), 10)
    assert (whole.title, whole.openalex_id, whole.pmid, whole.volume) == (own.title, "W8", "88", own.volume)
    assert index.by_ids("doi", [own.doi or ""]) == {own.doi: whole}
    index.close()
    assert stats(path).by_source == {"crossref": 1, "openalex": 1}


def test_what_is_not_committed_is_not_there(tmp_path: Path):
    path = tmp_path / "i.db"
    fill(path, [made_up(1)])
    with LocalIndexWriter(path, text_key, SystemClock()) as writer:
        writer.add(made_up(2), None)
    index = LocalMetadata(path, text_key)
    assert index.by_ids("doi", ["10.5555/made.2"]) == {}
    index.close()
    assert fill(path, [made_up(2)]) == [Added.NEW]


def test_a_full_disk_is_told_and_costs_what_was_not_committed_alone(tmp_path: Path):
    path = tmp_path / "i.db"
    fill(path, [made_up(number) for number in range(100)])
    with LocalIndexWriter(path, text_key, SystemClock()) as writer:
        pages = writer._connection.execute("PRAGMA page_count").fetchone()[0]
        writer._connection.execute(f"PRAGMA max_page_count={pages + 5}")
        with pytest.raises(DatabaseFull, match="is full"):
            assert [writer.add(made_up(number), None) for number in range(100, 4_000)]
    assert stats(path).records == 100
    assert fill(path, [made_up(100)]) == [Added.NEW]


def test_one_import_at_a_time(tmp_path: Path):
    path = tmp_path / "i.db"
    with (
        LocalIndexWriter(path, text_key, SystemClock()),
        pytest.raises(DatabaseBusy, match="another import is at work"),
        LocalIndexWriter(path, text_key, SystemClock()),
    ):
        pass
    with LocalIndexWriter(path, text_key, SystemClock()), pytest.raises(DatabaseBusy):
        remove(path, SystemClock())


@pytest.mark.parametrize("damage", [b"no database at all " * 100, None])
def test_a_damaged_index_is_told_once_and_done_without(tmp_path: Path, damage: bytes | None):
    path = tmp_path / "i.db"
    fill(path, [made_up(number) for number in range(200)])
    if damage is None:
        content = path.read_bytes()
        damage = content[:4096] + b"\xff" * (len(content) - 4096)
    path.write_bytes(damage)
    told: list[str] = []
    index = LocalMetadata(path, text_key, told.append)
    assert index.search(entry(made_up(3).title), 10) == []
    assert index.by_ids("doi", ["10.5555/made.3"]) == {}
    assert index.is_empty
    assert len(told) == 1
    assert str(path) in told[0]
    assert "dl-lit import-metadata --rebuild" in told[0]
    with made_anew(path, text_key, SystemClock()) as writer:
        writer.add(made_up(3), None)
        writer.commit(None, "", 0, is_whole=False)
    assert first(index, entry(made_up(3).title)) == "10.5555/made.3", "a process that runs on takes up the new one"
    assert not index.is_empty
    index.close()


def test_an_index_made_with_another_spelling_of_words_is_made_anew_of_its_own_records(tmp_path: Path):
    path = tmp_path / "i.db"
    fill(path, [made_up(1), made_up(2)], "2024")

    def spelt_otherwise(text: str) -> str:
        return text_key(text).replace("e", "q")

    told: list[str] = []
    assert LocalMetadata(path, spelt_otherwise, told.append).is_empty
    assert "spelt words otherwise" in told[0]
    with made_anew(path, spelt_otherwise, SystemClock()) as writer:
        for work, updated in stored_records(path):
            assert updated == "2024"
            writer.add(work, updated)
        writer.commit(None, "", 0, is_whole=False)
    index = LocalMetadata(path, spelt_otherwise)
    assert first(index, entry(made_up(2).title)) == "10.5555/made.2"
    index.close()
    assert not [file for file in tmp_path.iterdir() if ".new" in file.name]


def test_making_anew_that_fails_leaves_the_index_as_it_was(tmp_path: Path):
    path = tmp_path / "i.db"
    fill(path, [made_up(1)])
    anew = made_anew(path, text_key, SystemClock())
    anew.__enter__().add(made_up(2), None)
    assert not anew.__exit__(ZeroDivisionError, ZeroDivisionError(), None)
    assert [work for work, _ in stored_records(path)] == [made_up(1)]


def test_a_reader_sees_the_index_that_was_made_anew(tmp_path: Path):
    path = tmp_path / "i.db"
    fill(path, [made_up(1)])
    index = LocalMetadata(path, text_key)
    assert index.by_ids("doi", ["10.5555/made.1"])
    with made_anew(path, text_key, SystemClock()) as writer:
        writer.add(made_up(2), None)
        writer.commit(None, "", 0, is_whole=False)
    assert index.by_ids("doi", ["10.5555/made.1", "10.5555/made.2"]).keys() == {"10.5555/made.2"}
    index.close()


def test_another_database_is_neither_read_nor_removed(tmp_path: Path):
    path = tmp_path / "precious.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE precious (thing)")
    with pytest.raises(DatabaseUnusable, match="not a local index"):
        remove(path, SystemClock())
    with pytest.raises(DatabaseUnusable), made_anew(path, text_key, SystemClock()):
        pass
    with pytest.raises(DatabaseUnusable, match="not a local index"):
        fill(path, [made_up(1)])
    assert path.exists()
    assert LocalMetadata(path, text_key).is_empty


def test_numbers_of_replaced_records_are_not_given_again(tmp_path: Path):
    """The words of a replaced record stay in the lists; they must not lead to another one."""
    path = tmp_path / "i.db"
    fill(path, [made_up(1)], "2020")
    fill(path, [Work(title="Wholly different", doi="10.5555/made.1", metadata_source="crossref")], "2021")
    fill(path, [Work(title="Third", doi="10.5555/made.1", metadata_source="crossref")], "2022")
    fill(path, [Work(title="Stranger", doi="10.5555/other", metadata_source="crossref")], "2022")
    index = LocalMetadata(path, text_key)
    assert [work.title for work in index.search(entry("Wholly different"), 10)] == []
    assert [work.title for work in index.search(entry("Stranger"), 10)] == ["Stranger"]
    index.close()


def test_many_threads_ask_at_once_beside_an_import(tmp_path: Path):
    path = tmp_path / "i.db"
    fill(path, [made_up(number) for number in range(200)])
    index = LocalMetadata(path, text_key)

    def ask(number: int) -> bool:
        return first(index, entry(made_up(number).title)) == f"10.5555/made.{number}"

    with ThreadPoolExecutor(8) as threads, LocalIndexWriter(path, text_key, SystemClock()) as writer:
        for number in range(200, 300):
            writer.add(made_up(number), None)
        assert all(threads.map(ask, range(200)))
        writer.commit(None, "", 0, is_whole=False)
        assert all(threads.map(ask, range(300)))
    index.close()


def test_works_of_which_a_batch_was_committed_are_found_before_the_import_ends(tmp_path: Path):
    """How rare the words are is counted now and then; what is newer than that is looked up one by one."""
    path = tmp_path / "i.db"
    with LocalIndexWriter(path, text_key, SystemClock()) as writer:
        for number in range(40):
            writer.add(made_up(number), None)
        writer.commit(None, "", 0, is_whole=False)
        writer.add(Work(title="Zirconium thaumaturgy", doi="10.5555/z", metadata_source="crossref"), None)
        writer.commit(None, "", 0, is_whole=False)
        index = LocalMetadata(path, text_key)
        assert first(index, entry("A. Nobody, Zirconium thaumaturgy, 1999")) == "10.5555/z"
        index.close()
