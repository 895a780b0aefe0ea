"""The files that the traps serve, each of the work it is asked for, or just not."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from dl_lit.core.model import Work
from dl_lit.replica.pdfs import LINE_CHARACTERS, TITLE_CHARACTERS, filler_lines, first_page_lines
from dl_lit.replica.sheets import Block, Printed, Scanned, Sheet, bind
from dl_lit.replica.traps.model import record_of

_PAGES = 6


def body(pages: int, heading: str = "Observations", stamp: str = "") -> tuple[Printed, ...]:
    """Pages of running text, numbered from 2."""
    lines = filler_lines(6)
    return tuple(Printed(((10, [f"{number}. {heading}", *lines]),), stamp) for number in range(2, 2 + pages))


def title_page(work: Work, *, note: str = "", shown: str | None = None, stamp: str = "") -> Printed:
    """The first page; `shown` is how the title is set, `note` stands below the head."""
    blocks: list[Block] = list(first_page_lines(record_of(work)))
    if shown is not None:
        blocks[0] = (16, textwrap.wrap(shown, TITLE_CHARACTERS))
    if note:
        blocks.insert(-1, (9, textwrap.wrap(note, LINE_CHARACTERS)))
    return Printed(tuple(blocks), stamp)


def paper(
    work: Work,
    *,
    note: str = "",
    shown: str | None = None,
    stamp: str = "",
    before: Sequence[Sheet] = (),
    pages: int = _PAGES,
    info: Mapping[str, str] | None = None,
    is_garbled: bool = False,
    password: str | None = None,
) -> bytes:
    """The work's file: `before` come other sheets, such as a repository's cover."""
    sheets = (*before, title_page(work, note=note, shown=shown, stamp=stamp), *body(pages - 1, stamp=stamp))
    return bind(sheets, info=info, is_garbled=is_garbled, password=password)


def plain(work: Work) -> bytes:
    """The work's file as it should be; the same bytes always."""
    return _plain(replace(work, locations=()))


@lru_cache(maxsize=256)
def _plain(work: Work) -> bytes:
    return paper(work)


def cover(work: Work, repository: str = "Open Research Archive of the University of Norwall") -> Printed:
    """A repository's cover sheet about the work."""
    people = "; ".join(f"{name.family}, {name.given}" for name in work.authors)
    how = f"{people} ({work.year}) {work.title}. {work.container_title}, {work.volume}. doi:{work.doi}"
    legal = "Copyright and moral rights are retained by the authors. Copies may be made for personal study."
    return Printed(
        (
            (18, [repository]),
            (10, ["This is the accepted manuscript of an article deposited in this repository.", ""]),
            (12, textwrap.wrap(work.title, 70)),
            (10, [people, "", "To cite this version:", *textwrap.wrap(how, LINE_CHARACTERS), ""]),
            (9, [*textwrap.wrap(legal, LINE_CHARACTERS), "https://archive.norwall.invalid/id/eprint/4711"]),
        )
    )


def scan(pages: int = 5) -> bytes:
    """Pictures of pages."""
    return bind(tuple(Scanned(number) for number in range(pages)))


def blank(pages: int = 4) -> bytes:
    """Pages on which there is nothing."""
    return bind((Printed(),) * pages)


def preview(work: Work, *, is_told: bool) -> bytes:
    """The first page alone, printed to its foot; `is_told` whether it says that there is more."""
    first = title_page(work)
    blocks: tuple[Block, ...] = (*first.blocks, (10, ["1. Introduction", *filler_lines(5)[:26]]))
    if is_told:
        blocks += ((10, ["This is a preview of the first page. Purchase the full article to continue reading."]),)
    return bind((Printed(blocks),))


def supplement(work: Work, *, head: str = "Supplementary Information for") -> bytes:
    """What is deposited beside the work."""
    people = ", ".join(f"{name.given} {name.family}" for name in work.authors)
    first = Printed(
        (
            (16, [head]),
            (13, textwrap.wrap(work.title, 60)),
            (10, [people, "", "This file includes: Supplementary Methods, Figures S1 to S7, Tables S1 to S4."]),
            (10, ["Supplementary Methods", *filler_lines(1)]),
        )
    )
    return bind((first, *body(3, "Figure S")))


def about(work: Work, other: Work, *, kind: str, text: str, pages: int = 2) -> bytes:
    """A work about the work (a review, a comment, an erratum); without a `kind` it has a title of its own."""
    title = f"{kind}: {work.title}" if kind else other.title
    first = title_page(replace(other, title=title))
    return bind(
        (Printed((*first.blocks[:-1], (10, textwrap.wrap(text, LINE_CHARACTERS)), first.blocks[-1])), *body(pages - 1))
    )


def proceedings(work: Work, *, papers: int = 12) -> bytes:
    """A whole volume in which the work is one of many."""
    name = "Proceedings of the Ninth Workshop on Field Observation"
    others = [
        f"{number}. Notes on series {number} and its instruments, by various hands" for number in range(1, papers)
    ]
    listed = [f"{papers}. {work.title}, by {work.authors[0].family}", *others]
    front = Printed(((22, textwrap.wrap(name, 40)), (12, ["Edited by Una Abernathy", "Norwall, 14 to 17 May"])))
    contents = Printed(((14, ["Contents"]), (9, [line for one in listed for line in textwrap.wrap(one, 90)])))
    return bind((front, contents, *body(3, "Preface"), title_page(work), *body(14)))


def letterspaced(title: str) -> str:
    """A title as hand composition sets it: a space between all letters, three between words."""
    return "   ".join(" ".join(word) for word in title.split())


def ligated(title: str) -> str:
    """The title with the ligatures of good typesetting."""
    for letters, one in (("ffi", "ﬃ"), ("ffl", "ﬄ"), ("ff", "ﬀ"), ("fi", "ﬁ"), ("fl", "ﬂ")):
        title = title.replace(letters, one)
    return title
