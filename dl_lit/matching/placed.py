"""The rules for entries whose place in print, not their title, names the work. Pure."""

from __future__ import annotations

from typing import Final

from dl_lit.core.model import Reference, Work, WorkType
from dl_lit.matching.compare import Agreement
from dl_lit.matching.evidence import Evidence
from dl_lit.matching.normalise import title_key
from dl_lit.matching.vetoes import has_siblings

SEVERAL: Final = 2  # people named in one order who, with the volume or the page, are proof enough without a title
MANY: Final = 3  # the same without either
SCRAP: Final = 40  # characters of a normalised title below which it may be something else, read as the title
TITLE_HALF: Final = 0.65  # how alike a title is that the reader of the entry cut or ran on
COORDINATES_TITLE: Final = 0.75  # with journal, volume, page, author and year equal, a printed title may be this unlike
TITLE_WORN: Final = 0.85  # with volume, page, author and year equal, a title this alike makes up for another journal
NAME_MISREAD_PLACED: Final = 0.7  # how alike a misread surname still is, where the place in print is the same

_IN_BOOKS: Final = frozenset({WorkType.CHAPTER, WorkType.PAPER_CONFERENCE})


def coordinates_agree(reference: Reference, work: Work, evidence: Evidence) -> bool:
    """Journal, volume, first page, author and year: what entries without titles print. They name one work.

    A book has no volume: there the book itself must agree. A title that is printed all the same must be alike, unless
    it is no more than a scrap and all five agree.
    """
    if evidence.prints_title and evidence.title < COORDINATES_TITLE and not _is_scrap(reference, evidence):
        return False
    if evidence.first_page is Agreement.CLOSE:
        return _agree_but_for_page(evidence)
    if evidence.first_page is not Agreement.AGREE:
        return False
    placed = (
        evidence.container is not Agreement.CONFLICT or evidence.title >= TITLE_WORN
        if evidence.volume is Agreement.AGREE
        else evidence.volume is Agreement.UNKNOWN and evidence.container.is_positive
    )
    is_year = evidence.year is Agreement.AGREE or (evidence.container.is_positive and _is_next_year(work, evidence))
    if placed and evidence.author.is_positive and is_year:
        return True
    return evidence.container.is_positive and _agree_but_for_one(work, evidence)


def _agree_but_for_page(evidence: Evidence) -> bool:
    """Whether the first page is misprinted and all the rest is one, the last page, too."""
    rest = (evidence.author, evidence.year, evidence.volume)
    return (
        all(field is Agreement.AGREE for field in rest) and evidence.container.is_positive and _is_borne_out(evidence)
    )


def _is_borne_out(evidence: Evidence) -> bool:
    """Whether several people in order, or a title much alike, make up for what is misprinted in the place."""
    return evidence.title >= COORDINATES_TITLE or (not evidence.prints_title and evidence.in_order >= SEVERAL)


def _agree_but_for_one(work: Work, evidence: Evidence) -> bool:
    """Whether on one page of one journal a misread name, year or volume is all that is unlike."""
    is_volume = evidence.volume is Agreement.AGREE or (evidence.volume is Agreement.UNKNOWN and work.type in _IN_BOOKS)
    unlike = [not is_volume, evidence.year is not Agreement.AGREE]
    if not any(unlike):
        return evidence.author_likeness >= NAME_MISREAD_PLACED
    return sum(unlike) == 1 and evidence.author.is_positive and _is_borne_out(evidence)


def are_signed_alike(reference: Reference, work: Work, evidence: Evidence) -> bool:
    """Whether several people, the journal or book, and the year are one where neither title nor page is to be had.

    Corrections, replies and parts have a sibling by the same people in the same journal: there that proves nothing.
    """
    if evidence.prints_title or evidence.year is not Agreement.AGREE or not evidence.container.is_positive:
        return False
    if has_siblings(work.title) or not (reference.pages or reference.volume):
        return False
    if Agreement.CONFLICT in {evidence.author, evidence.volume, evidence.first_page}:
        return False
    if evidence.volume is Agreement.AGREE:
        return evidence.in_order >= SEVERAL
    return evidence.in_order >= MANY and reference.pages is not None


def _is_scrap(reference: Reference, evidence: Evidence) -> bool:
    """Whether what was read as the title is short, or half the record's, and the whole place in print is the same."""
    whole = [evidence.author, evidence.year, evidence.first_page]
    is_in_book = evidence.container.is_positive and evidence.in_order >= SEVERAL
    if evidence.volume is not Agreement.UNKNOWN or not is_in_book:
        whole.append(evidence.volume)
    if any(field is not Agreement.AGREE for field in whole) or evidence.container is Agreement.CONFLICT:
        return evidence.year is Agreement.UNKNOWN and evidence.container.is_positive and reference.year is None
    if len(title_key(reference.title or "")) >= SCRAP:
        return evidence.title >= TITLE_HALF
    return evidence.container.is_positive or evidence.title >= TITLE_HALF


def _is_next_year(work: Work, evidence: Evidence) -> bool:
    """Whether the years are unlike as print and online are, or one of them is not known ("in press")."""
    return evidence.year in {Agreement.CLOSE, Agreement.UNKNOWN} and (
        evidence.volume is Agreement.AGREE or work.type in _IN_BOOKS
    )
