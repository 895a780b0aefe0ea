"""Records, the index over them, gold lists, and search."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dl_lit.replica.index import build, from_parts
from dl_lit.replica.records import fold, normal_doi, record_from_json, title_key, words
from dl_lit.replica.universe import Universe

TITLES = ["A theory of rivers", "Rivers of Europe: a survey", "The geometry of bees", "Bees and wasps of Łódź"]


def items(titles: list[str] = TITLES) -> list[dict[str, Any]]:
    return [
        {
            "doi": f"10.1/{number}",
            "title": title,
            "authors": [{"family": "Meier", "given": "A."}],
            "year": 1990 + number,
        }
        for number, title in enumerate(titles)
    ]


def test_a_line_becomes_a_record() -> None:
    record = record_from_json(
        7,
        {
            "doi": "https://doi.org/10.48550/ARXIV.1706.03762",
            "title": " Attention ",
            "authors": [{"family": "Vaswani", "given": "A."}, {"literal": "A Body"}, {}],
            "year": "2017",
            "type": "preprint",
            "pmcid": "123",
            "references": ["10.1/A", {"doi": None, "title": "t", "year": 1999}],
        },
    )
    assert (record.doi, record.arxiv_id, record.title) == ("10.48550/arxiv.1706.03762", "1706.03762", "Attention")
    assert [person.full for person in record.authors] == ["A. Vaswani", "A Body"]
    assert (record.type, record.year, record.pmcid) == ("posted-content", 2017, "PMC123")
    assert [(cited.key, cited.doi, cited.year) for cited in record.references] == [
        ("ref1", "10.1/a", None),
        ("ref2", None, "1999"),
    ]


def test_a_record_without_title_is_refused() -> None:
    with pytest.raises(ValueError, match="no title"):
        record_from_json(0, {"title": " "})


def test_folding_drops_case_and_diacritics() -> None:
    assert fold("ÉTÉ Über ñ") == "ete uber n"
    assert words("L'été—2nd_try!") == ["l", "ete", "2nd", "try"]
    assert title_key("The Geometry, of Bees.") == "thegeometryofbees"
    assert normal_doi(" DOI:10.1/Ab ") == "10.1/ab"


@given(st.lists(st.text(min_size=1).filter(str.strip), min_size=1, max_size=20))
def test_every_record_is_found_by_its_doi(titles: list[str]) -> None:
    """Whatever the titles are."""
    universe = Universe.from_records(items(titles))
    for number in range(len(titles)):
        found = universe.by_doi(f"10.1/{number}")
        assert found is not None
        assert found.position == number
    assert universe.by_doi("10.1/none") is None


def test_postings_are_ascending_and_whole() -> None:
    index = from_parts(build(items()))
    assert list(index.postings("rivers")) == [0, 1]
    assert list(index.postings("lodz")) == []
    assert list(index.postings("łodz")) == [3]
    assert list(index.postings("nowhere")) == []


def test_positions_outside_the_universe_are_refused() -> None:
    index = from_parts(build(items()))
    with pytest.raises(IndexError):
        index.record(len(index))


def test_a_shared_word_makes_a_hit_and_rare_words_decide() -> None:
    """As at Crossref: nearly everything finds something, the right work first."""
    search = Universe.from_records(items()).search
    found = search.best("Meier: On the geometry of bees, 1992, p. 5", 3)
    assert found.hits[0].record.title == "The geometry of bees"
    assert found.hits[0].score > found.hits[1].score
    assert search.best("a river of gold in Europe", 1).hits[0].record.title == "Rivers of Europe: a survey"
    assert search.best("qwxzy", 5).hits == ()


def test_title_search_wants_every_word() -> None:
    search = Universe.from_records(items()).search
    assert [hit.record.position for hit in search.all_words("rivers of europe", 5, title_only=True).hits] == [1]
    assert search.all_words("rivers of asia", 5, title_only=True).total == 0
    assert search.all_words("meier bees", 5, title_only=True).total == 0
    assert search.all_words("meier bees", 5, title_only=False).total == 2


def gold_dir(folder: Path) -> Path:
    folder.mkdir()
    gold = {
        "doi": "10.1/2",
        "title": "The geometry of bees",
        "references": [
            {"position": 1, "doi": None, "title": "Rivers of Europe - a survey", "first_author": "X", "year": "1991"},
            {"position": 2, "doi": "10.9/new", "title": "A new work", "first_author": "Y", "year": "2001"},
            {"position": 3, "doi": None, "title": None, "raw": "Smith, unread"},
        ],
    }
    (folder / "a.json").write_text(json.dumps(gold))
    return folder


def test_gold_lists_complete_the_universe(tmp_path: Path) -> None:
    """A citing work gets its references, works known already are not doubled, others are added."""
    file = tmp_path / "universe.jsonl.gz"
    file.write_bytes(gzip.compress("\n".join(json.dumps(item) for item in items()).encode()))
    universe = Universe.load(file, [gold_dir(tmp_path / "gold")], tmp_path / "cache")
    assert len(universe) == len(TITLES) + 1
    citing = universe.by_doi("10.1/2")
    assert citing is not None
    assert [cited.title for cited in citing.references] == ["Rivers of Europe - a survey", "A new work", None]
    assert citing.references[2].unstructured == "Smith, unread"
    assert citing.year == 1992
    added = universe.by_doi("10.9/new")
    assert added is not None
    assert added.authors[0].family == "Y"


def test_gold_lists_alone_make_a_universe(tmp_path: Path) -> None:
    universe = Universe.from_gold_dirs([gold_dir(tmp_path / "gold")])
    assert sorted(record.title for record in universe) == [
        "A new work",
        "Rivers of Europe - a survey",
        "The geometry of bees",
    ]


def test_the_index_is_made_once_per_content(tmp_path: Path) -> None:
    file, cache = tmp_path / "u.jsonl", tmp_path / "cache"
    file.write_text("\n".join(json.dumps(item) for item in items()))
    Universe.load(file, (), cache)
    [folder] = cache.iterdir()
    made_at = (folder / "records").stat().st_mtime_ns
    assert len(Universe.load(file, (), cache)) == len(TITLES)
    assert (folder / "records").stat().st_mtime_ns == made_at
    file.write_text(json.dumps(items()[0]))
    assert len(Universe.load(file, (), cache)) == 1
    assert len(list(cache.iterdir())) == 2
