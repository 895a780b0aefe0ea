"""Paper that surrounds a work and names it on its first page, as prominently as the work itself does."""

from __future__ import annotations

import textwrap
from dataclasses import replace

from dl_lit.core.model import Name, Work
from dl_lit.core.reasons import Reason
from dl_lit.replica.pdfs import LINE_CHARACTERS
from dl_lit.replica.sheets import Block, Printed, bind
from dl_lit.replica.traps import papers
from dl_lit.replica.traps.answers import File, pdf
from dl_lit.replica.traps.model import Case, failed, other_work


def _people(work: Work) -> str:
    return ", ".join(f"{name.given} {name.family}" for name in work.authors)


def _cited(work: Work) -> list[str]:
    text = f"{_people(work)} ({work.year}). {work.title}. {work.container_title} {work.volume}, {work.pages}. "
    return textwrap.wrap(text + f"https://doi.org/{work.doi}", LINE_CHARACTERS)


def _curriculum(work: Work) -> bytes:
    """The author's list of publications: the name is the heading, the work heads the list."""
    others = [
        f"{_people(work)} ({1980 + number}). Notes on series {number}. Field Letters {number}." for number in range(14)
    ]
    blocks: tuple[Block, ...] = (
        (20, [_people(work).split(", ", maxsplit=1)[0]]),
        (12, ["Curriculum vitae and list of publications"]),
        (10, ["Articles", *_cited(work), *others]),
    )
    return bind((Printed(blocks), *papers.body(2, "Teaching")))


def _reading_list(work: Work) -> bytes:
    blocks: tuple[Block, ...] = (
        (20, ["Methods of Field Observation"]),
        (12, ["Syllabus, autumn term", "Instructor: Percival Thistlewood"]),
        (10, ["Week 1. Required reading:", *_cited(work), "Week 2. No reading.", "Week 3. Excursion."]),
    )
    return bind((Printed(blocks), *papers.body(3, "Week")))


def _licence(work: Work) -> bytes:
    """What a clearing house sends with the permission to reuse a figure; theses have it bound in."""
    rows = [
        "License Number 5412345678901", "License date May 4, 2026", "Licensed Content Publisher Norwall Society",
        f"Licensed Content Publication {work.container_title}", f"Licensed Content Title {work.title}",
        f"Licensed Content Author {_people(work)}", f"Licensed Content Volume {work.volume}",
        f"Licensed Content Pages {work.pages}", f"DOI {work.doi}", "Type of Use Thesis/Dissertation",
    ]  # fmt: skip
    return bind((Printed(((16, ["LICENSE TERMS AND CONDITIONS"]), (10, rows))), *papers.body(2, "Terms")))


def _letter(work: Work) -> bytes:
    first = work.authors[0]
    text = (
        f"We are pleased to tell you that your manuscript entitled {work.title} (https://doi.org/{work.doi}) has been "
    )
    text += f"accepted for publication in {work.container_title}. The proofs will reach you within a fortnight."
    lines = [f"Dear Dr {first.family},", "", *textwrap.wrap(text, LINE_CHARACTERS), "", "Una Abernathy, Editor"]
    return bind((Printed(((12, [str(work.container_title), f"4 May {work.year}"]), (11, lines))),))


def _longer_title(work: Work) -> bytes:
    """Another work whose title begins with the whole of this one."""
    title = f"{work.title}: a review of two decades of controversy"
    return papers.paper(replace(other_work(work), title=title, year=(work.year or 2000) + 8))


def _sequel(work: Work) -> bytes:
    return papers.paper(replace(work, title=f"{work.title}. II", doi=None, year=(work.year or 2000) + 1, volume="99"))


def _patent(work: Work) -> bytes:
    inventor = replace(
        work, authors=(Name("Okonkwo", "Chidi"),), container_title="Patent application", doi=None, volume=None
    )
    return papers.paper(
        inventor, note="WO 2019/123456 A1. International filing date 4 May 2018. Applicant: Norwall AG."
    )


def _interview(work: Work) -> bytes:
    """A piece for the general reader about the work and its author."""
    about = replace(other_work(work), title=f"Five questions for {work.authors[0].given} {work.authors[0].family}")
    text = f"The author of {work.title} ({work.container_title}, {work.year}, https://doi.org/{work.doi}) talks to us."
    return papers.about(work, about, kind="", text=text, pages=3)


def _case(name: str, make: File, why: str = "") -> Case:
    return Case(name=name, end=failed(Reason.WRONG_WORK), answers={"/paper.pdf": pdf(make)}, why=why)


PAPERWORK: tuple[Case, ...] = (
    _case("curriculum-of-the-author", _curriculum),
    _case("reading-list", _reading_list),
    _case("licence-to-reuse", _licence),
    _case("letter-of-acceptance", _letter),
    _case("longer-title", _longer_title),
    _case("sequel", _sequel, why="the same authors, a year later, and a numeral that the work's title has not"),
    _case("patent-of-the-same-title", _patent),
    _case("interview", _interview),
)
