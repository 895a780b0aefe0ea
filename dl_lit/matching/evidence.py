"""What comparing one record with one entry finds, field by field. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rapidfuzz import fuzz

from dl_lit.core.model import Reference, Work
from dl_lit.matching.compare import (
    CONTAINED,
    CONTAINMENT_MIN,
    Agreement,
    author_agreement,
    container_agreement,
    number_agreement,
    page_agreement,
    position_of,
    title_similarity,
    year_agreement,
)
from dl_lit.matching.normalise import plain_text, squash, text_key, title_key
from dl_lit.matching.vetoes import is_generic, veto

TITLE_ACCEPT = 0.9  # titles at least this alike are one title
TITLE_CANDIDATE = 0.75  # at least this alike: worth a person's look, if author or year agree too

SEGMENT = 0.92  # what a short title counts as that is all of a segment of the printed text
SEGMENT_MIN = 12  # characters of the normalised title, likewise
_MARKS = re.compile(r"[.,;:?!()\[\]“”\"]+(?:\s|$)|\s[“\"(\[]")

_WEIGHTS = {"title": 0.60, "author": 0.15, "year": 0.10, "container": 0.05, "volume": 0.05, "page": 0.05}
_WORTH = {Agreement.AGREE: 1.0, Agreement.CLOSE: 0.8, Agreement.UNKNOWN: 0.5, Agreement.CONFLICT: 0.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What comparing one record with the entry found, field by field."""

    title: float  # 0 to 1
    author: Agreement
    year: Agreement
    container: Agreement
    volume: Agreement
    first_page: Agreement
    veto: str | None = None

    @property
    def score(self) -> float:
        """The weighted sum, 0 to 1; it orders candidates and decides nothing alone."""
        fields = (self.author, self.year, self.container, self.volume, self.first_page)
        names = ("author", "year", "container", "volume", "page")
        rest = sum(_WEIGHTS[name] * _WORTH[value] for name, value in zip(names, fields, strict=True))
        return round(_WEIGHTS["title"] * self.title + rest, 4)


def weigh(reference: Reference, work: Work) -> Evidence:
    """Compare one record with the entry."""
    pages = reference.pages
    return Evidence(
        title=printed_title_similarity(reference, work),
        author=author_agreement(reference, work),
        year=year_agreement(reference, work),
        container=container_agreement(reference.container_title, work.container_title),
        volume=number_agreement(reference.volume, work.volume),
        first_page=page_agreement(pages, work.pages),
        veto=veto(reference, work),
    )


def printed_title_similarity(reference: Reference, work: Work) -> float:
    """How alike the titles are; without a parsed title, whether the record's title stands in the printed text."""
    best = title_similarity(reference.title, work.title) if reference.title else 0.0
    if best >= TITLE_ACCEPT:
        return best
    return max(best, _stands_in_text(reference, work))


def _stands_in_text(reference: Reference, work: Work) -> float:
    """Containment of the record's title in the printed text, unless it stands there as the containing book's."""
    title, raw = title_key(work.title), text_key(reference.raw)
    if is_generic(work.title):
        return 0.0
    if len(title) < CONTAINMENT_MIN:
        return SEGMENT if not reference.title and len(title) >= SEGMENT_MIN and _is_segment(reference, title) else 0.0
    at = position_of(title, raw)
    if at is None:
        return 0.0
    before = squash(raw)[:at]
    if before.endswith(("eds", "hrsg", "editors", "ed")) and reference.authors and not reference.editors:
        return 0.0
    if is_container(reference, work) or _follows_in(raw, title):
        return 0.0
    if reference.title and len(title_key(reference.title)) >= CONTAINMENT_MIN:
        # The parsed title is long and another: the parse must share words with the record's title to be its misreading.
        shared = fuzz.token_set_ratio(title_key(reference.title), title) / 100
        return CONTAINED if shared >= TITLE_ACCEPT else 0.0
    return CONTAINED


def _is_segment(reference: Reference, title: str) -> bool:
    """Whether a short title is all that stands between two marks of punctuation of the printed text."""
    return squash(title) in {squash(title_key(segment)) for segment in _MARKS.split(plain_text(reference.raw))}


def is_container(reference: Reference, work: Work) -> bool:
    """Whether the record is the book or journal that the entry's work stands in."""
    return bool(
        reference.container_title
        and container_agreement(reference.container_title, work.title).is_positive
        and title_similarity(reference.title or "", work.title) < TITLE_CANDIDATE
    )


def _follows_in(raw: str, title: str) -> bool:
    """Whether "in" or "in proceedings of" stands right before the title: then it names the book, not the work."""
    before = raw.partition(title)[0].split()[-4:] if title in raw else []
    return bool(before) and (before[-1] == "in" or before[-3:] == ["in", "proceedings", "of"])
