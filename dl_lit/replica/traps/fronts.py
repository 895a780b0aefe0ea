"""Right files whose first pages are not what one expects: each has to end in the library."""

from __future__ import annotations

import textwrap
from dataclasses import replace

from dl_lit.core.model import Name, Work
from dl_lit.core.reasons import Reason
from dl_lit.replica.pdfs import LINE_CHARACTERS, filler_lines
from dl_lit.replica.sheets import Block, Printed, Sheet, bind
from dl_lit.replica.traps import papers
from dl_lit.replica.traps.answers import pdf
from dl_lit.replica.traps.model import Case, library

_OK = library()


def _people(work: Work) -> str:
    return ", ".join(f"{name.given} {name.family}" for name in work.authors)


def _researchgate(work: Work) -> Printed:
    people = "All content following this page was uploaded by the first author on 4 May 2021."
    head = "See discussions, stats, and author profiles for this publication at:"
    return Printed(
        (
            (8, [head, "https://www.researchgate.net/publication/42"]),
            (16, textwrap.wrap(work.title, 52)),
            (9, [f"Article in {work.container_title} · May {work.year}", "CITATIONS 12    READS 345", "2 authors:"]),
            (9, [people]),
        )
    )


def _hal(work: Work) -> Printed:
    about = "HAL is a multi-disciplinary open access archive for the deposit and dissemination of scientific research "
    about += "documents, whether they are published or not."
    cited = f"{_people(work)}. {work.title}. {work.container_title}, {work.year}. hal-01234567"
    return Printed(
        (
            (12, ["HAL Id: hal-01234567", "https://hal.science/hal-01234567v1", "Submitted on 4 May 2021"]),
            (10, textwrap.wrap(about, LINE_CHARACTERS)),
            (18, textwrap.wrap(work.title, 50)),
            (12, [_people(work)]),
            (10, ["To cite this version:", *textwrap.wrap(cited, LINE_CHARACTERS)]),
        )
    )


def _jstor(work: Work) -> Printed:
    source = f"{work.container_title}, Vol. {work.volume} ({work.year}), pp. {work.pages}"
    head = f"{work.title}. Author(s): {_people(work)}. Source: {source}. Published by: Norwall Society. "
    terms = "JSTOR is a not-for-profit service that helps scholars, researchers, and students discover, use, and build "
    terms += "upon a wide range of content. Your use of the JSTOR archive indicates your acceptance of the Terms."
    return Printed(
        (
            (9, textwrap.wrap(head + "Stable URL: https://www.jstor.org/stable/123456", LINE_CHARACTERS)),
            (8, textwrap.wrap(terms, 100)),
        )
    )


def _covered(cover: Printed, work: Work) -> bytes:
    return papers.paper(replace(work, doi=None), before=(cover,))


def _mid_page(work: Work) -> bytes:
    """An article that begins where another one ends, as in old journals."""
    blocks: tuple[Block, ...] = (
        (10, [*filler_lines(1), *filler_lines(1), "Department of Physics, Norwall, 3 March."]),
        (13, textwrap.wrap(work.title, 60)),
        (10, [f"By {_people(work)}.", f"[{work.container_title}, vol. {work.volume}, {work.year}]"]),
        (10, list(filler_lines(1))),
    )
    return bind((Printed(blocks), *papers.body(5)))


def _long_front(work: Work) -> bytes:
    """A report whose title stands on its fourth sheet."""
    front: tuple[Sheet, ...] = (
        Printed(((20, ["Norwall Institute", "Technical Report Series"]),)),
        Printed(((9, ["Legal deposit. Orders to the secretary of the Institute."]),)),
        Printed(),
    )
    return papers.paper(work, before=front)


def _initials(work: Work) -> bytes:
    people = tuple(Name(name.family, (name.given or "?")[0] + ".") for name in work.authors)
    return papers.paper(replace(work, authors=people, doi=None, year=(work.year or 2000) + 1))


FRONTS: tuple[Case, ...] = (
    Case(
        name="researchgate-cover",
        end=_OK,
        answers={"/paper.pdf": pdf(lambda work: _covered(_researchgate(work), work))},
    ),
    Case(name="hal-cover", end=_OK, answers={"/paper.pdf": pdf(lambda work: _covered(_hal(work), work))}),
    Case(name="jstor-cover", end=_OK, answers={"/paper.pdf": pdf(lambda work: _covered(_jstor(work), work))}),
    Case(name="begins-in-the-middle-of-a-page", end=_OK, answers={"/paper.pdf": pdf(_mid_page)}),
    Case(name="title-on-fourth-sheet", end=_OK, answers={"/paper.pdf": pdf(_long_front)}),
    Case(name="initials-and-next-year", end=_OK, answers={"/paper.pdf": pdf(_initials)}),
    Case(
        name="accents-written-apart",
        end=_OK,
        facts={
            "title": "Über die Größe der Gewässer bei Łódź und ihre Veränderung",
            "authors": (Name("Müller", "Jürgen"),),
        },
        answers={
            "/paper.pdf": pdf(
                lambda work: papers.paper(
                    replace(
                        work,
                        doi=None,
                        title="Uber die Grosse der Gewasser bei Lodz und ihre Veranderung",
                        authors=(Name("Mueller", "J."),),
                    )
                )
            )
        },
    ),
    Case(
        name="greek-letter",
        end=_OK,
        facts={"title": "Delayed β-decay of short-lived fission products"},
        answers={
            "/paper.pdf": pdf(
                lambda work: papers.paper(
                    replace(work, doi=None), shown="Delayed beta-decay of short-lived fission products"
                )
            )
        },
    ),
    Case(
        name="other-alphabet",
        end=_OK,
        facts={"title": "О движении льда в узких проливах", "authors": (Name("Иванов", "Пётр"),)},
        answers={"/paper.pdf": pdf(lambda work: papers.paper(replace(work, doi=None)))},
    ),
    Case(
        name="collaboration",
        end=_OK,
        facts={"authors": (Name(literal="The NORDSEA Collaboration"),)},
        answers={"/paper.pdf": pdf(lambda work: papers.paper(replace(work, doi=None)))},
    ),
    Case(
        name="nobody-named",
        end=_OK,
        facts={"authors": ()},
        answers={"/paper.pdf": pdf(papers.plain)},
        why="the DOI and the title are enough",
    ),
    Case(
        name="double-spaced-manuscript",
        end=library(Reason.OK_ACCEPTED_VERSION),
        answers={
            "/paper.pdf": pdf(
                lambda work: papers.paper(
                    work,
                    note="Accepted manuscript. This is the author's version of a work accepted for publication.",
                    pages=40,
                )
            )
        },
        why="twice the journal's pages, and the file says which version it is",
    ),
)
