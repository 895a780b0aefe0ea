"""Files of works that are kin of the wanted one: notices, answers, other parts, other editions, whole volumes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from dl_lit.core.model import Name, Work, WorkType
from dl_lit.core.reasons import Reason
from dl_lit.replica.sheets import Printed, Scanned, bind
from dl_lit.replica.traps import papers
from dl_lit.replica.traps.answers import pdf
from dl_lit.replica.traps.model import IN_QUARANTINE, Case, failed, library, other_work

_ANSWER = "It was published as https://doi.org/{doi} and has been widely read. We comment on some points of method."
_NOTICES = ("Corrigendum to", "Publisher Correction", "Addendum to", "Expression of Concern", "Berichtigung zu")
_ANSWERS = ("Discussion of", "Response to", "A note on", "Rezension zu", "Commentary on", "Peer review report on")
_BOOK: dict[str, object] = {"type": WorkType.BOOK, "pages": None, "container_title": None, "volume": None}


def _slug(kind: str) -> str:
    return kind.lower().replace(" ", "-")


def _notice(kind: str) -> Case:
    """A notice by the editors: the work's own authors, journal and year."""

    def make(work: Work) -> bytes:
        about = replace(work, doi=f"{work.doi}.notice")
        return papers.about(work, about, kind=kind, text=f"This notice concerns https://doi.org/{work.doi}.", pages=1)

    return Case(name=_slug(kind), end=failed(Reason.WRONG_WORK), answers={"/paper.pdf": pdf(make)})


def _answer(kind: str) -> Case:
    """Somebody else's answer, in the same journal, as long as a paper."""

    def make(work: Work) -> bytes:
        about = replace(other_work(work), container_title=work.container_title, year=(work.year or 2000) + 1)
        return papers.about(work, about, kind=kind, text=_ANSWER.format(doi=work.doi), pages=6)

    return Case(name=_slug(kind), end=failed(Reason.WRONG_WORK), answers={"/paper.pdf": pdf(make)})


def _retitled(old: str, new: str) -> Callable[[Work], bytes]:
    return lambda work: papers.paper(replace(work, title=work.title.replace(old, new), doi=None))


def _of_part(name: str, title: str, old: str, new: str) -> Case:
    answers = {"/paper.pdf": pdf(_retitled(old, new))}
    return Case(name=name, end=failed(Reason.WRONG_WORK), facts={"title": title}, answers=answers)


def _front_matter(work: Work) -> bytes:
    """Title page, imprint, contents: what publishers give away of a book."""
    people = ", ".join(f"{name.given} {name.family}" for name in work.authors)
    contents = [f"{number}  Chapter {number} . . . . . . . {number * 23}" for number in range(1, 14)]
    sheets = (
        Printed(((24, [work.title]), (14, [people, "", work.publisher or "Norwall University Press"]))),
        Printed(((9, [f"First published {work.year}", "ISBN 978-0-306-40615-7", "All rights reserved"]),)),
        Printed(((16, ["Contents"]), (10, contents))),
        *papers.body(3, "Preface"),
        Printed(((16, ["Index"]), (9, [f"entry {number}, {number * 3}" for number in range(40)]))),
    )
    return bind(sheets)


def _earlier_edition(work: Work) -> bytes:
    first = replace(work, title=work.title.replace(", third edition", ", first edition"), year=(work.year or 2000) - 12)
    return papers.paper(replace(first, doi=None), pages=60)


def _thesis(work: Work) -> bytes:
    """The dissertation under the paper's title: by the first author, nine times as long."""
    first = replace(work, authors=work.authors[:1], container_title=None, volume=None, doi=None)
    note = (
        "A dissertation submitted to the University of Norwall in partial fulfilment of the requirements for a degree"
    )
    return papers.paper(first, note=note, pages=160)


def _scan_behind_other_cover(work: Work) -> bytes:
    return bind((papers.cover(other_work(work)), *(Scanned(number) for number in range(6))))


KINDRED: tuple[Case, ...] = (
    *(_notice(kind) for kind in _NOTICES),
    *(_answer(kind) for kind in _ANSWERS),
    _of_part(
        "part-in-figures", "The theory of ice lenses, part 2: field evidence", "part 2: field evidence", "part 1: model"
    ),
    _of_part("part-as-word", "Sediment budgets of small lakes. Part Three", "Part Three", "Part Two"),
    _of_part("part-in-brackets", "Catalogue of northern shorelines (IV)", "(IV)", "(VI)"),
    _of_part("year-in-title", "Report on the fisheries survey 1987", "1987", "1989"),
    _of_part(
        "other-species",
        "The complete plastid genome of Salix arctica and its phylogenetic position",
        "arctica",
        "alaxensis",
    ),
    _of_part("opposite", "Cooling favours the spread of dwarf shrubs in the uplands", "Cooling", "Warming"),
    Case(
        name="part-that-is-right",
        end=library(),
        facts={"title": "On the drift of pack ice. II. Winter stations"},
        answers={
            "/paper.pdf": pdf(
                lambda work: papers.paper(
                    replace(work, doi=None, title="On the drift of pack ice: Part 2, winter stations")
                )
            )
        },
        why="the same numeral in another dress",
    ),
    Case(
        name="front-matter-of-the-book",
        end=failed(Reason.PREVIEW_ONLY),
        facts={
            **_BOOK,
            "title": "A History of Surveying Chains and Measuring Rods",
            "publisher": "Norwall University Press",
        },
        answers={"/paper.pdf": pdf(_front_matter)},
        why="title page, contents, preface and index are the book's, and the book is not there",
    ),
    Case(
        name="whole-book",
        end=library(),
        facts={**_BOOK, "title": "The Keeping of Weather Diaries in Coastal Parishes"},
        answers={"/paper.pdf": pdf(lambda work: papers.paper(work, pages=64))},
    ),
    Case(
        name="earlier-edition",
        end=failed(Reason.WRONG_WORK),
        facts={**_BOOK, "title": "Principles of Soil Mapping, third edition"},
        answers={"/paper.pdf": pdf(_earlier_edition)},
        why="the file says itself that it is another edition",
    ),
    Case(
        name="thesis-of-the-same-title",
        end=failed(Reason.WRONG_WORK),
        answers={"/paper.pdf": pdf(_thesis)},
        why="the file says itself that it is a thesis, and the article is wanted",
    ),
    Case(
        name="book-for-its-chapter",
        end=IN_QUARANTINE,
        facts={
            "type": WorkType.CHAPTER,
            "title": "Rain gauges and those who read them",
            "volume": None,
            "container_title": "Observers of the Northern Weather",
            "authors": (Name("Rautavaara", "Ines"),),
        },
        answers={"/paper.pdf": pdf(papers.proceedings)},
        why="the chapter is in it, and much else",
    ),
    Case(
        name="cover-sheet-alone",
        end=failed(Reason.PREVIEW_ONLY),
        answers={"/paper.pdf": pdf(lambda work: bind((papers.cover(work),)))},
        why="a repository that holds back the file sends its cover sheet: less of the work than in a preview",
    ),
    Case(
        name="scan-behind-cover",
        end=library(Reason.OK_UNVERIFIED),
        answers={"/paper.pdf": pdf(lambda work: bind((papers.cover(work), *(Scanned(number) for number in range(6)))))},
        why="the cover sheet names the work, what is behind it cannot be read",
    ),
    Case(
        name="scan-behind-other-cover",
        end=failed(Reason.WRONG_WORK),
        answers={"/paper.pdf": pdf(_scan_behind_other_cover)},
    ),
)
