"""Whether what a model takes for an entry of a list looks like one: pure.

Prose stands in print as entries do, and any sentence can be told to be one. An entry has a year, an identifier or an
address, and a person or a title, each told of its own text; or a label, a person and a title. It begins with one of
them, and hardly anything else stands in it: a sentence that merely names a person and a year is doubtful.
"""

from __future__ import annotations

from enum import Enum

from dl_lit.core.model import Reference
from stages.language.folding import fold

_HEAD = 40  # letters in which an entry's first person or title begins
_SHARE = 0.4  # of its letters belongs to a field: of 100 printed entries with their true fields in 98


class Likeness(Enum):
    """How much like an entry a text is."""

    NONE = "none"
    DOUBTFUL = "doubtful"
    SURE = "sure"


def likeness(one: Reference, *, is_listed: bool = False) -> Likeness:
    """By what was told of it, all of which stands in its text; in a list an entry may lack a year."""
    people = (*one.authors, *one.editors)
    is_placed = bool(one.year or one.doi or one.arxiv_id or one.pmid or one.isbn or one.url)
    is_within = bool((one.container_title or one.publisher) and (one.volume or one.pages))
    is_named = bool(people and one.title)
    is_whole = _is_whole(one)
    if is_placed and (people or one.title):
        return Likeness.SURE if is_whole else Likeness.DOUBTFUL
    if is_named and one.label:
        return Likeness.SURE if is_whole and is_listed else Likeness.DOUBTFUL
    if is_named and (is_within or (is_listed and is_whole)):
        return Likeness.DOUBTFUL
    return Likeness.NONE


def _is_whole(one: Reference) -> bool:
    """Whether it begins with one of its people or titles, and much of it belongs to a field."""
    people = (*one.authors, *one.editors)
    text = fold(one.raw)
    names = [fold(part) for name in people for part in (name.sort_key, name.given) if part]
    words = [fold(part) for part in (one.title, one.container_title, one.publisher) if part]
    begins = any(part[:_HEAD] in text[: _HEAD + len(part[:_HEAD])] for part in (*names, *words) if part)
    numbers = [part for part in (one.volume, one.issue, one.pages, one.doi, one.arxiv_id, one.url) if part]
    told = sum(map(len, (*names, *words))) + sum(len(fold(part)) for part in numbers) + 4 * bool(one.year)
    return begins and told >= _SHARE * len(text)
