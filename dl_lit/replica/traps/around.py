"""What is written around a work: the exact title as a heading, its people below, and a head that says what it is."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import replace

from dl_lit.core.model import Work
from dl_lit.core.reasons import Reason
from dl_lit.replica.pdfs import LINE_CHARACTERS, TITLE_CHARACTERS, filler_lines
from dl_lit.replica.sheets import Printed, bind
from dl_lit.replica.traps import papers
from dl_lit.replica.traps.answers import File, pdf
from dl_lit.replica.traps.model import IN_QUARANTINE, Case, End, failed, library

_REFUSED = failed(Reason.WRONG_WORK)


def _people(work: Work) -> str:
    return " and ".join(f"{name.given} {name.family}" for name in work.authors)


def _under(head: Sequence[str], *, size: int = 16, has_doi: bool = False) -> File:
    """A paper of five pages under such a head; `has_doi` whether the article's DOI stands below its people."""

    def make(work: Work) -> bytes:
        byline = [_people(work), *([f"https://doi.org/{work.doi}"] if has_doi else [])]
        first = ((size, head), (14, textwrap.wrap(work.title, TITLE_CHARACTERS)), (10, byline), (10, filler_lines(3)))
        return bind((Printed(first), *papers.body(4)))

    return make


def _protocol(work: Work) -> bytes:
    """What was planned, as it was published three years before in another journal."""
    earlier = replace(
        work, doi=None, container_title="Methods in Preparation", volume="3", pages=None, year=(work.year or 2000) - 3
    )
    return papers.paper(earlier, shown=f"{work.title}: study protocol")


def _deck(work: Work) -> bytes:
    """Slides printed upright, so that no page is broad."""
    title = Printed(((28, [*textwrap.wrap(work.title, 30), _people(work)]),))
    return bind((title, *(Printed(((26, [f"Station {number}", "higher than before"]),)) for number in range(1, 20))))


def _right(head: str) -> File:
    """The article itself, with the name of its journal's section above the title."""

    def make(work: Work) -> bytes:
        first = papers.title_page(replace(work, doi=None))
        return bind((Printed(((14, [head]), *first.blocks)), *papers.body(5)))

    return make


def _case(name: str, make: File, end: End = _REFUSED, why: str = "") -> Case:
    return Case(name=name, end=end, answers={"/paper.pdf": pdf(make)}, why=why)


_WHAT_IT_IS = "the work's people and title, and a head that no article has"
_SLOGAN = textwrap.wrap("Please find enclosed our manuscript entitled", LINE_CHARACTERS)

AROUND: tuple[Case, ...] = (
    _case("decision-letter", _under(["Decision letter"], has_doi=True), why="it bears the article's DOI"),
    _case("author-response", _under(["Author response"]), why=_WHAT_IT_IS),
    _case("rebuttal", _under(["Reviewer comments & author rebuttal"], size=10), why=_WHAT_IT_IS),
    _case("cover-letter", _under(["Dear Editor,", *_SLOGAN], size=12), why=_WHAT_IT_IS),
    _case("reporting-checklist", _under(["CONSORT checklist of information to include"]), why=_WHAT_IT_IS),
    _case("reporting-summary", _under(["Reporting Summary"]), why=_WHAT_IT_IS),
    _case("codebook", _under(["Data dictionary and codebook"]), why=_WHAT_IT_IS),
    _case("teaching-note", _under(["Teaching note"]), why=_WHAT_IT_IS),
    _case("policy-brief", _under(["Policy brief"]), why=_WHAT_IT_IS),
    _case("questions-and-answers", _under(["Questions and answers with the authors"]), why=_WHAT_IT_IS),
    _case("unknown-kind", _under(["Lesson plan for two afternoons"]), IN_QUARANTINE, "nobody knows this head"),
    _case(
        "study-protocol", _protocol, IN_QUARANTINE, "a subtitle that the record lacks, and nothing else of the record"
    ),
    _case("upright-slides", _deck, IN_QUARANTINE, "twenty pages of four words; sure signs of slides are broad pages"),
    _case("section-above-title", _right("Short communication"), library(), "a kind of article, and no DOI"),
)
