"""Whether a record found by the entry's own identifier is the printed work. Pure."""

from __future__ import annotations

import re
from dataclasses import replace

from rapidfuzz import fuzz

from dl_lit.core.model import Reference, Work
from dl_lit.matching.compare import CONTAINMENT_MIN, Agreement, contains, printed_years
from dl_lit.matching.evidence import TITLE_ACCEPT, Evidence, is_container, weigh
from dl_lit.matching.normalise import text_key, title_key
from dl_lit.matching.vetoes import is_generic

_IDENTIFIERS = re.compile(
    r"https?://\S+|\b10\.\d{4,9}/\S+|\b(?:doi|pmid|pmcid|arxiv|available (?:at|from|online)|accessed|retrieved)\b",
    re.IGNORECASE,
)
BARE_LETTERS = 15  # an entry with no more letters than this beside its identifiers is nothing but identifiers
LITERAL_MIN = 15  # characters of a normalised title that say something when found in the text
TITLE = 0.7  # a record found by its identifier is the printed work if titles are this alike
PEOPLE_TITLE = 0.55  # or this alike while author and year agree


def confirms(reference: Reference, work: Work) -> bool:
    """Whether a record found by the entry's own identifier is the printed work, not what a misprint points to."""
    if is_bare(reference):
        return True
    evidence = weigh(replace(reference, doi=None, arxiv_id=None), work)
    if evidence.veto and evidence.title < 1.0:
        return False
    if not (reference.title or reference.authors or reference.editors):
        return _text_does_not_contradict(reference, work, evidence)
    if is_container(reference, work):
        return False
    people = evidence.author.is_positive and evidence.year is not Agreement.CONFLICT
    title = max(evidence.title, _loose_title(reference, work), _literal_title(reference, work))
    if title >= TITLE:
        if evidence.author is Agreement.CONFLICT and evidence.year is Agreement.CONFLICT:
            return title >= TITLE_ACCEPT and len(title_key(work.title)) >= CONTAINMENT_MIN
        return True
    if not people:
        return False
    placed = evidence.volume is Agreement.AGREE or evidence.first_page is Agreement.AGREE
    return not reference.title or title >= PEOPLE_TITLE or placed


def is_bare(reference: Reference) -> bool:
    """Whether the entry is nothing but identifiers: there is nothing that could speak against a record."""
    rest = text_key(_IDENTIFIERS.sub(" ", reference.raw))
    is_described = reference.title or reference.authors or reference.editors
    return not is_described and sum(character.isalpha() for character in rest) <= BARE_LETTERS


def _loose_title(reference: Reference, work: Work) -> float:
    """Similarity that forgives word order, missing words and a badly cut title."""
    title = title_key(work.title)
    if not title or is_generic(work.title):
        return 0.0
    if reference.title and title_key(reference.title):
        return fuzz.token_set_ratio(title_key(reference.title), title) / 100 * 0.95
    return fuzz.partial_ratio(title, text_key(reference.raw)) / 100 * 0.9


def _literal_title(reference: Reference, work: Work) -> float:
    """Whether the record's title stands in the text, wherever the parse took the title to be."""
    title = title_key(work.title)
    is_there = len(title) >= LITERAL_MIN and contains(text_key(reference.raw), title)
    return 1.0 if is_there and not is_generic(work.title) else 0.0


def _text_does_not_contradict(reference: Reference, work: Work, evidence: Evidence) -> bool:
    """Where nothing was parsed: whether the text bears the record out."""
    if max(evidence.title, _loose_title(reference, work)) >= TITLE:
        return True
    return evidence.author.is_positive and bool(
        work.year is None or not printed_years(reference) or evidence.year.is_positive
    )
