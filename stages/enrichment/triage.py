"""What an entry offers to be recognised by. Pure."""

from __future__ import annotations

import re

from dl_lit.core.identifiers import arxiv_id_of_doi
from dl_lit.core.model import Reference, WorkType
from dl_lit.matching.normalise import text_key

_PRIVATE = re.compile(
    r"\b(?:personal communication|private communication|pers\.? comm|unpublished (?:data|results|observations)|"
    r"in preparation|manuscript in prep\w*|to be submitted)\b",
    re.IGNORECASE,
)
MIN_LETTERS = 15  # an entry with fewer letters names nothing


def doi_of(reference: Reference) -> str | None:
    """The DOI to look up; `None` for those of arXiv, which go by their arXiv identifier."""
    return None if arxiv_id_of_doi(reference.doi) else reference.doi


def arxiv_id_of(reference: Reference) -> str | None:
    """The arXiv identifier, printed as such or as DOI."""
    return reference.arxiv_id or arxiv_id_of_doi(reference.doi)


def has_identifier(reference: Reference) -> bool:
    """Whether a service can be asked for exactly this work."""
    return bool(reference.doi or reference.arxiv_id or reference.pmid)


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
