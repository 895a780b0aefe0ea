"""Links to a library's resolver."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dl_lit.core.model import Name, Work, WorkType
from dl_lit.exports.openurl import openurl

BASE = "https://resolver.example.edu/find"


def asked(work: Work, base: str = BASE) -> list[tuple[str, str]]:
    return parse_qsl(urlsplit(openurl(work, base)).query, strict_parsing=True)


def test_an_article_is_asked_for_by_all_that_is_known() -> None:
    work = Work(
        title="On beaches & bays",
        type=WorkType.ARTICLE_JOURNAL,
        authors=(Name("Müller", "Ada"), Name(literal="Office")),
        year=1999,
        container_title="J. Sea",
        volume="3",
        issue="2",
        pages="17–29",
        doi="10.1/a#b",
        pmid="7",
    )
    pairs = asked(work)
    assert pairs[:4] == [
        ("url_ver", "Z39.88-2004"), ("ctx_ver", "Z39.88-2004"), ("rfr_id", "info:sid/dl_lit"),
        ("rft_val_fmt", "info:ofi/fmt:kev:mtx:journal"),
    ]  # fmt: skip
    assert dict(pairs) | {"rft_id": "", "rft.au": ""} == dict(pairs[:4]) | {
        "rft.genre": "article", "rft.atitle": "On beaches & bays", "rft.jtitle": "J. Sea", "rft.aulast": "Müller",
        "rft.aufirst": "Ada", "rft.au": "", "rft.date": "1999", "rft.volume": "3", "rft.issue": "2",
        "rft.spage": "17", "rft.epage": "29", "rft_id": "",
    }  # fmt: skip
    assert [value for name, value in pairs if name == "rft_id"] == ["info:doi/10.1/a#b", "info:pmid/7"]


@pytest.mark.parametrize(
    ("kind", "form", "title"),
    [
        (WorkType.BOOK, "book", "rft.btitle"),
        (WorkType.CHAPTER, "book", "rft.atitle"),
        (WorkType.THESIS, "dissertation", "rft.title"),
        (WorkType.DATASET, "journal", "rft.atitle"),
    ],
)
def test_every_kind_of_work_has_its_form(kind: WorkType, form: str, title: str) -> None:
    pairs = dict(asked(Work(title="T", type=kind)))
    assert (pairs["rft_val_fmt"], pairs[title]) == (f"info:ofi/fmt:kev:mtx:{form}", "T")


@pytest.mark.parametrize("base", [f"{BASE}?vid=1", f"{BASE}?", f"{BASE}?vid=1&"])
def test_the_resolver_keeps_its_own_query(base: str) -> None:
    assert openurl(Work(title="T"), base).startswith(base)
    assert ("rft.atitle", "T") in asked(Work(title="T"), base)


@given(st.builds(Work, title=st.text(max_size=900), pages=st.none() | st.text(), doi=st.none() | st.text(max_size=60)))
def test_any_work_makes_a_link(work: Work) -> None:
    link = openurl(work, BASE)
    assert link.isascii()
    assert " " not in link
