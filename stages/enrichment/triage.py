"""What an entry offers to be recognised by. Pure."""

from __future__ import annotations

import re
from dataclasses import replace

from dl_lit.core.identifiers import arxiv_id_of_doi
from dl_lit.core.model import Reference, WorkType
from dl_lit.matching.normalise import text_key

_PRIVATE = re.compile(
    r"\b(?:personal communication|private communication|pers\.? comm|unpublished (?:data|results|observations)|"
    r"in preparation|manuscript in prep\w*|to be submitted)\b",
    re.IGNORECASE,
)
_JUST_A_PLACE = re.compile(
    r"[\s.,;:(]*(?:1[5-9]|20)\d\d[a-z]?\b[\s.,;:()]*(?:vol(?:ume)?\.?\s*)?[A-Za-z]?\d+[\s.,;:()\d]*"
    r"(?:(?:pp?\.|pages)\s*)?[A-Za-z]?\d+\s*(?:[-\u2010-\u2014]+\s*[A-Za-z]?\d+)?[\s.;]*(?:[\[(]?\s*(?:PMID|PMCID|doi)\b.*)?$",
    re.IGNORECASE | re.DOTALL,
)
"""What follows a journal's name where no title is printed: year, volume and page, perhaps an identifier, no more."""
JOURNAL_WORDS = 9  # a journal's name has no more
MIN_LETTERS = 15  # an entry with fewer letters names nothing


def doi_of(reference: Reference) -> str | None:
    """The DOI to look up; `None` for those of arXiv, which go by their arXiv identifier."""
    return None if arxiv_id_of_doi(reference.doi) else reference.doi


def arxiv_id_of(reference: Reference) -> str | None:
    """The arXiv identifier, printed as such or as DOI."""
    return reference.arxiv_id or arxiv_id_of_doi(reference.doi)


def as_searched(reference: Reference) -> Reference:
    """The entry as it is searched for: without a "title" that is only the name of its journal.

    "Bonjar S. Journal of Ethnopharmacology. 2004 94: 301-305" prints no title. A search for the journal's name finds
    everything in it; the place in the journal, or the whole text, finds the work.
    """
    title = text_key(reference.title or "")
    if not title or not (reference.volume and reference.pages):
        return reference
    if title == text_key(reference.container_title or ""):
        return replace(reference, title=None)
    _, found, behind = reference.raw.partition(reference.title or "")
    is_place = bool(found) and not reference.container_title and _JUST_A_PLACE.match(behind) is not None
    if is_place and len(title.split()) <= JOURNAL_WORDS:
        return replace(reference, title=None, container_title=reference.title)
    return reference


def has_identifier(reference: Reference) -> bool:
    """Whether a service can be asked for exactly this work."""
    named = reference.openalex_id or reference.doi or reference.arxiv_id or reference.pmid or reference.pmcid
    return bool(named) or is_bare_isbn(reference)


def is_bare_isbn(reference: Reference) -> bool:
    """Whether an ISBN is all that is known of a book: then it names the book, and is no hint at what contains it."""
    is_described = reference.title or reference.authors or reference.editors
    return bool(reference.isbn and not is_described and reference.type is WorkType.BOOK)


def why_not_a_work(reference: Reference) -> str | None:
    """Why searching for an entry without identifiers is pointless; `None` if it is not."""
    if _PRIVATE.search(reference.raw) and not reference.container_title:
        return "a private communication or an unpublished text"
    has_people = bool(reference.authors or reference.editors)
    if reference.type is WorkType.WEBPAGE and not (reference.title and has_people):
        return "a web page"
    if reference.title:
        return None
    if sum(character.isalpha() for character in text_key(reference.raw)) < MIN_LETTERS:
        return "too little text"
    is_placed = bool(reference.container_title or reference.publisher or reference.volume)
    if reference.url and not is_placed and not has_people:
        return "an address without a title"
    return None
