"""What files are called."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dl_lit.core.model import Name, Work
from dl_lit.core.naming import NameTemplate
from dl_lit.library.names import MAX_NAME_BYTES, Naming, identity_suffix

texts = st.text(max_size=400)
names = st.builds(Name, st.none() | texts, st.none() | texts, st.none() | texts)
works = st.builds(
    Work,
    title=texts,
    authors=st.lists(names, max_size=3).map(tuple),
    editors=st.lists(names, max_size=2).map(tuple),
    year=st.none() | st.integers(-5_000, 50_000),
    doi=st.none() | texts,
)


@given(works)
def test_every_name_is_safe_short_and_the_same_again(work: Work) -> None:
    found = list(Naming().candidates(work, "ab" * 32))
    assert found == list(Naming().candidates(work, "ab" * 32))
    assert len(set(found)) == 3
    for name in found:
        assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*\.pdf", name)
        assert len(name.encode()) <= MAX_NAME_BYTES


@pytest.mark.parametrize(
    ("work", "name"),
    [
        (
            Work(title="Attention Is All You Need", authors=(Name("Vaswani", "A."),), year=2017),
            "Vaswani_2017_Attention-Is-All-You-Need",
        ),
        (Work(title="Über Größe: Studie", authors=(Name("Müller-Łoś"),), year=1999), "Muller-Los_1999_Uber-Grosse"),
        (Work(title="../../etc/passwd", authors=(Name("../.."),)), "Anonymous_undated_etc-passwd"),
        (Work(title="", year=2020), "Anonymous_2020_Untitled"),
        (Work(title="Война и мир", authors=(Name("Толстой"),), year=1869), "Tolstoy_1869_Voyna-i-mir"),
        (Work(title="Report", authors=(Name(literal="Health Office"),)), "Health-Office_undated_Report"),
        (Work(title="Edited", editors=(Name("Ed"),), year=1), "Ed_1_Edited"),
        (Work(title="E = mc<sup>2</sup>", authors=(Name("con"),), year=1905), "xcon_1905_E-mc2"),
        (Work(title="Don’t panic", authors=(Name("O'Neil"),), year=1979), "ONeil_1979_Dont-panic"),
        (Work(title="A: B", authors=(Name("X"),), year=2001), "X_2001_A-B"),
    ],
)  # fmt: skip
def test_a_name_says_who_when_and_what(work: Work, name: str) -> None:
    assert Naming().base(work) == name


def test_a_long_title_is_cut_between_words() -> None:
    name = Naming().base(Work(title="word " * 60, authors=(Name("A"),), year=2000))
    assert name.endswith("-word")
    assert len(name) < 90


def test_the_suffix_comes_from_the_best_identity() -> None:
    same = [Work(title=t, doi=d) for t, d in (("a", "10.1/X"), ("b", "10.1/x"))]
    assert identity_suffix(same[0]) == identity_suffix(same[1])
    others = [
        Work(title="a", openalex_id="W1"),
        Work(title="a", arxiv_id="1"),
        Work(title="a", pmid="1"),
        Work(title="a", isbn="1"),
        Work(title="a"),
        Work(title="a", year=1),
    ]
    assert len({identity_suffix(work) for work in (*others, same[0])}) == 7


AUTHORS = tuple(Name(family) for family in ("Vaswani", "Shazeer", "Parmar", "Uszkoreit"))
PAPER = Work(
    title="Attention Is All You Need", authors=AUTHORS, year=2017, container_title="NeurIPS", volume="30", doi="10.1/a",
)  # fmt: skip


@pytest.mark.parametrize(
    ("template", "name"),
    [
        ("{authors} - {title:3} ({year})", "Vaswani-Shazeer-Parmar-et-al - Attention-Is-All (2017)"),
        ("{journal}/{year}/{author}_{volume}", "NeurIPS/2017/Vaswani_30"),
        ("{key}", "Vaswani2017"),
        ("{doi}", "10-1-a"),
        ("{author}_{publisher}_{year}", "Vaswani_2017"),
        ("{publisher}/{type}", "Untitled/document"),
    ],
)
def test_a_template_says_what_a_name_is_made_of(template: str, name: str) -> None:
    naming = Naming(template=NameTemplate.parse(template), key=lambda work: f"{work.authors[0].family}{work.year}")
    assert naming.base(PAPER) == name


def test_other_scripts_can_be_kept_and_are_cut_at_whole_characters() -> None:
    naming = Naming(ascii_only=False, max_name_bytes=80)
    work = Work(title="Война и мир и ещё очень много других слов", authors=(Name("Толсто\u0439"),), year=1869)
    decomposed = Work(title=work.title, authors=(Name("Толсто\u0438\u0306"),), year=1869)
    name = next(naming.candidates(work, "ab" * 32))
    assert name.startswith("Толстой_1869_Война-и-мир")
    assert len(name.encode()) <= 80
    assert name == next(naming.candidates(decomposed, "ab" * 32))
    assert "\u202e" not in naming.base(Work(title="abc\u202efdp.exe", authors=(Name("A"),)))


@given(works, st.sampled_from(["{author}_{year}_{title}", "{journal}/{authors}-{title:4}", "{title}", "{key} {doi}"]))
def test_no_template_leads_out_of_the_library(work: Work, template: str) -> None:
    naming = Naming(template=NameTemplate.parse(template), ascii_only=False, key=lambda one: one.title)
    for path in naming.candidates(work, "ab" * 32):
        parts = path.split("/")
        assert len(parts) == 1 + template.count("/")
        assert all(part and not part.startswith((".", "-", " ")) and part.isprintable() for part in parts)
        assert all(len(part.encode()) <= MAX_NAME_BYTES for part in parts)
