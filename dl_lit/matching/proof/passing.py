"""Files that only name the work: a curriculum, a syllabus, a letter, an interview. Pure.

They carry its title, people, journal and DOI on the first page. But its title shares its rows with what is before and
behind it, a reference or a sentence, and the file has a head of its own, or says what kind of paper it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from dl_lit.core.identifiers import find_dois
from dl_lit.core.model import Work
from dl_lit.core.ports import PdfFacts
from dl_lit.core.reasons import Reason
from dl_lit.core.values import dataclass
from dl_lit.matching.normalise import squash, text_key
from dl_lit.matching.proof.front import FOOT, Front, Leaf, Row, beginning, letters_of
from dl_lit.matching.proof.named import CITES_ITSELF, MOST_PROSE, prose_in
from dl_lit.matching.proof.signs import Sign

_LETTERS_MIN: Final = 20  # of a title that may be looked for within a sentence
_REFERENCE_ROWS: Final = 4  # of a reference before its title and behind it
_CUE_ROWS: Final = 3  # before the title, that may say that the sentence or reference is about the file itself
_NARROW_ROWS: Final = 9  # likewise of a reference in a narrow column
_KIND_ROWS: Final = 12  # of the first page, in which a paper says what it is
_KIND_WORDS: Final = 9  # of a row that says so
_SAME_SIZE: Final = 0.5  # points

_KIND = re.compile(
    r"^\W*(?:(?:[\w.'’–—-]+\s+){0,4}(?:curriculum vitae|lebenslauf|publication list|reading list|course syllabus)|"
    r"(?:short )?c\.?v\.?|(?:(?:selected|complete|full|my)\s+)?(?:list of )?publications|"
    r"schriften(?:verzeichnis)?|publikations(?:liste|verzeichnis)|liste des publications|lista de publicaciones|"
    r"biographical sketch|syllabus|course (?:outline|description|schedule|readings?)|"
    r"(?:required|recommended|suggested) readings?|literaturliste|semesterplan)"
    r"(?:\W*$|\s+(?:and|und|et|y|of|for|von|in|(?:19|20)\d\d)\b.*|\s*[,:–—].*)$",
    re.IGNORECASE,
)
_SALUTATION = re.compile(
    r"^\W*(?:dear|sehr geehrter?|liebe[rs]?|ch[eè]re?|madame|monsieur|estimad[oa]s?|prezad[oa]s?|gentile|egregio)\s"
    r".{2,60}[,:!]?\s*$",
    re.IGNORECASE,
)
_GOES_ON = re.compile(r"(?:[,;&]|\band|\bund|\bet|\by)\s*$", re.IGNORECASE)
# What is said of the file itself, which may be the work under another title.
_OF_ITSELF = re.compile(
    r"\bthis\b.{0,40}\b(?:version|manuscript|pre-?print|post-?print|article|paper|file|document|translation|reprint|pdf)\b|"
    r"\b(?:version|translation|reprint|pre-?print|manuscript) of\b|\b(?:first |originally )?published (?:as|in|by)\b|"
    r"\bto appear\b|\bforthcoming\b|\bin press\b|\bdownloaded from\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Place:
    """One place where the title stands: rows of a page, and the letters beside it in the first and last of them."""

    leaf: Leaf
    first: int
    last: int
    ahead: int  # letters before it in its first row
    behind: int  # letters behind it in its last row

    @property
    def is_run_in(self) -> bool:
        """Whether it shares its rows with other words."""
        return bool(self.ahead or self.behind)

    @property
    def size(self) -> float:
        """The size of its type, points."""
        return self.leaf.rows[self.first].line.size

    def rows(self, before: int, after: int) -> Sequence[Row]:
        """Its rows and those around it in the same type."""
        near = self.leaf.rows[max(0, self.first - before) : self.last + 1 + after]
        return [row for row in near if abs(row.line.size - self.size) < _SAME_SIZE]


def passing_signs(front: Front, facts: PdfFacts, work: Work, titles: Sequence[str]) -> list[Sign]:
    """What tells that a file names the work and is another paper; empty where that is not sure.

    To be asked only where the title does not stand as the file's own, and no identifier of its own is the work's.
    """
    places = [place for title in titles for place in _places(front, squash(text_key(title)))]
    if not places or not _has_text_beside(front, facts, places):
        return []
    if not all(_is_in_reference(place, work) or _is_in_sentence(place) for place in places):
        return []
    if kind := _kind(front, work):
        return [Sign(f"it names the work, and calls itself “{kind[:60]}”", Reason.WRONG_WORK, is_sure=True)]
    head = _own_head(front, facts, work)
    if head is not None and not _is_by_its_people(front, work, places, head):
        return [Sign(f"it only names the work, its title is “{head[:60]}”", Reason.WRONG_WORK, is_sure=True)]
    return []


def _places(front: Front, letters: str) -> Iterator[_Place]:
    """All places where a title stands to the letter."""
    if len(letters) < _LETTERS_MIN:
        return
    for leaf in front.leaves:
        ends: list[int] = []
        for row in leaf.rows:
            ends.append((ends[-1] if ends else 0) + len(row.letters))
        at = leaf.letters.find(letters)
        while at >= 0:
            end = at + len(letters)
            first = next(number for number, one in enumerate(ends) if one > at)
            last = next(number for number, one in enumerate(ends) if one >= end)
            yield _Place(leaf, first, last, at - ends[first] + len(leaf.rows[first].letters), ends[last] - end)
            at = leaf.letters.find(letters, end)


def _has_text_beside(front: Front, facts: PdfFacts, places: Sequence[_Place]) -> bool:
    """Whether the page that names the work is no mere cover sheet of pages that cannot be read."""
    if facts.page_count == 1:
        return True
    named_on = {place.leaf.page.number for place in places}
    return any(not leaf.is_thin and leaf.page.number not in named_on for leaf in front.leaves)


def _is_in_reference(place: _Place, work: Work) -> bool:
    """Whether people stand before the title and journal or DOI behind it, in one type: an entry of a list.

    At the foot of a page it is the file's own.
    """
    if not place.is_run_in or place.leaf.rows[place.last].line.height < FOOT or _is_of_itself(place, _NARROW_ROWS):
        return False
    behind = " ".join(row.text for row in place.rows(0, _REFERENCE_ROWS))
    container = squash(text_key(work.container_title or ""))
    is_published = bool(container) and container in squash(text_key(behind))
    return bool(_named_ahead(place, work)) and (is_published or work.doi in find_dois(behind))


def _named_ahead(place: _Place, work: Work) -> Sequence[Row]:
    """The rows from the nearest that names one of the work's people to the title's first; none where none does.

    Rows further above belong to the entry where they go on into the next.
    """
    names = [letters for name in work.authors if (letters := letters_of(name.sort_key))]
    row = place.leaf.rows[place.first]
    found: list[Row] = [row]
    is_named = any(name in letters_of(beginning(row.text, place.ahead)) for name in names)
    for above in reversed(place.leaf.rows[max(0, place.first - _REFERENCE_ROWS) : place.first]):
        if abs(above.line.size - place.size) >= _SAME_SIZE or (is_named and not _GOES_ON.search(above.text)):
            break
        found.append(above)
        is_named = is_named or any(name in above.letters for name in names)
    return found if is_named else []


def _entry(place: _Place, work: Work) -> Sequence[Row]:
    """The rows of the reference or sentence in which the title stands."""
    return [*_named_ahead(place, work), *place.rows(0, _REFERENCE_ROWS)]


def _is_in_sentence(place: _Place) -> bool:
    """Whether words of a sentence lead to the title, in its own row, or in the one above where it ends within a row."""
    row = place.leaf.rows[place.first]
    if row.is_larger or not place.is_run_in or _is_of_itself(place):
        return False
    if place.ahead:
        return bool(prose_in(beginning(row.text, place.ahead)))
    above = place.rows(1, 0)[0]
    text = above.text.rstrip()
    return above is not row and text[-1:].islower() and bool(prose_in(text))


def _is_of_itself(place: _Place, before: int = _CUE_ROWS) -> bool:
    """Whether what stands before and behind may be said of the file itself: "cite as", "accepted version of"."""
    rows = place.leaf.rows[max(0, place.first - before) : place.last + 2]
    text = " ".join(row.text for row in rows)
    return bool(CITES_ITSELF.search(text) or _OF_ITSELF.search(text))


def _kind(front: Front, work: Work) -> str | None:
    """What the first page says the paper is: a curriculum, a list of publications, a syllabus, a letter."""
    first = front.leaves[0]
    own = text_key(work.title)
    for row in first.rows[:_KIND_ROWS]:
        text = row.text.strip()
        is_short = len(text.split()) <= _KIND_WORDS
        if is_short and (_KIND.match(text) or _SALUTATION.match(text)) and text_key(text) not in own:
            return text
    return None


def _own_head(front: Front, facts: PdfFacts, work: Work) -> str | None:
    """The title that the file bears in large type on its first page, where it is not the journal's name."""
    title = facts.title
    letters = letters_of(title or "")
    container = letters_of(work.container_title or "")
    if title is None or not letters or (container and (letters in container or container in letters)):
        return None
    large = "".join(row.letters for row in front.leaves[0].rows if row.is_larger)
    return title if letters in large else None


def _is_by_its_people(front: Front, work: Work, places: Sequence[_Place], head: str) -> bool:
    """Whether one of the work's people stands where a byline may: in a row of neither running text nor head."""
    names = [letters for name in work.authors if (letters := letters_of(name.sort_key))]
    if not names:
        return True  # nobody knows
    told = letters_of(head)
    for leaf in front.leaves:
        named = {id(row) for place in places if place.leaf is leaf for row in _entry(place, work)}
        for row in leaf.rows:
            is_apart = id(row) not in named and row.letters not in told and len(prose_in(row.text)) <= MOST_PROSE
            if is_apart and any(name in row.letters for name in names):
                return True
    return False
