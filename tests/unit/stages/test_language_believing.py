"""Fields of a model's answer count only if they stand in the entry; identifiers that do not are at most looked up."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dl_lit.core.model import Name, Reference, WorkType
from stages.language.believing import believed, objects
from stages.language.folding import fold
from tests.fakes.language import fields

RAW = (
    "[7] M. Oyelaran, J. van der Berg, How rivers carry their stones to the sea, Riv. Lett. 7(2), 345–8 (2011), "
    "doi: 10.5555/ riv.2011.7, arXiv:1101.01234v2, PMID: 12345678, https://rivers.example/stones-\nand-sea"
)


def told(**said: Any) -> Reference:
    return believed(fields(**said), RAW, position=4)


def test_what_is_printed_is_taken_as_it_is_printed() -> None:
    found = told(
        label="[7]",
        type="article-journal",
        authors=[("Oyelaran", "M."), ("van der Berg", "J.")],
        title="How rivers carry their stones to the sea",
        container_title="Riv. Lett.",
        year=2011,
        volume="7",
        issue="2",
        pages="345-348",
        doi="https://doi.org/10.5555/riv.2011.7",
        arxiv_id="1101.01234",
        pmid="12345678",
        url="https://rivers.example/stones-and-sea",
    )
    assert found == Reference(
        position=4,
        raw=RAW.removeprefix("[7] "),
        label="[7]",
        type=WorkType.ARTICLE_JOURNAL,
        authors=(Name(family="Oyelaran", given="M."), Name(family="van der Berg", given="J.")),
        title="How rivers carry their stones to the sea",
        container_title="Riv. Lett.",
        year=2011,
        volume="7",
        issue="2",
        pages="345-8",
        doi="10.5555/riv.2011.7",
        arxiv_id="1101.01234",
        pmid="12345678",
        url="https://rivers.example/stones-and-sea",
    )


@pytest.mark.parametrize(
    "said",
    [
        {"title": "How rivers carry their stones to the ocean"},
        {"title": "rivers carry their ston"},  # ends within a word
        {"container_title": "River Letters"},
        {"year": 2012},
        {"year": 201},
        {"year": "2011"},
        {"volume": "9"},
        {"volume": "34"},  # within another number
        {"pages": "346-348"},
        {"authors": [("Lindqvist", "A.")]},
        {"publisher": "Northern Shore Press"},
        {"url": "https://elsewhere.example/"},
        {"url": "rivers.example"},
        {"label": "[8]"},
        {"title": "x" * 3_000},
        {"title": ["How rivers"]},
        {"authors": {"family": "Oyelaran"}},
        {"type": ["book"]},
    ],
)  # fmt: skip
def test_what_is_not_printed_is_not_taken(said: dict[str, Any]) -> None:
    answer = {**fields(), **({} if "authors" in said and isinstance(said["authors"], list) else said)}
    if isinstance(said.get("authors"), list):
        answer = fields(**said)
    assert believed(answer, RAW, position=4) == Reference(position=4, raw=RAW)


def test_a_given_name_that_is_spelt_out_is_left_out() -> None:
    assert told(authors=[("Oyelaran", "Mojisola")]).authors == (Name(family="Oyelaran"),)


def test_identifiers_that_are_not_printed_are_only_supposed() -> None:
    found = told(doi="10.5555/other", arxiv_id="1101.09999", pmid="87654321", isbn="978-0-306-40615-7")
    assert (found.doi, found.arxiv_id, found.pmid, found.isbn) == (None, None, None, None)
    assert found.supposed == (
        ("doi", "10.5555/other"), ("arxiv", "1101.09999"), ("pmid", "87654321"), ("isbn", "9780306406157"),
    )  # fmt: skip


def test_on_a_page_without_text_no_identifier_is_printed() -> None:
    """The entry's text is the model's own word there: that an identifier stands in it proves nothing."""
    found = believed(fields(doi="10.5555/riv.2011.7", url="https://rivers.example/stones-and-sea"), RAW, position=1,
                     is_in_print=False)  # fmt: skip
    assert (found.doi, found.url, found.supposed) == (None, None, (("doi", "10.5555/riv.2011.7"),))


def test_a_label_may_be_printed_before_the_quotation() -> None:
    raw = RAW.removeprefix("[7] ")
    assert believed(fields(label="[7]"), raw, position=1, before="sea.\n[7] ").label == "[7]"
    assert believed(fields(label="[7]"), raw, position=1, before="sea.\n[8] ").label is None
    assert believed(fields(label="[7]"), "[7]", position=1).raw == "[7]"
    assert believed(fields(label="1"), "1990 was a year of storms", position=1).label is None


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(sorted(fields())), anything), st.text(max_size=60))
def test_whatever_is_said_only_what_is_printed_comes_of_it(said: dict[str, Any], raw: str) -> None:
    found = believed(said, raw, position=1)
    for name in ("title", "container_title", "publisher", "volume", "issue", "label", "doi", "arxiv_id"):
        value = getattr(found, name)
        assert value is None or fold(value) in fold(raw)
    assert all(fold(one.sort_key) in fold(raw) for one in (*found.authors, *found.editors))
    assert found.year is None or str(found.year) in raw


@given(anything)
def test_objects_are_found_in_any_answer(value: Any) -> None:
    assert all(isinstance(one, dict) for one in objects(value, "entries"))
