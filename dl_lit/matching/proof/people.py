"""Whether a work's people are those named under the printed title. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rapidfuzz import fuzz

from dl_lit.core.model import Name, Work, WorkType
from dl_lit.core.ports import PdfFacts
from dl_lit.core.values import dataclass
from dl_lit.matching.compare import Agreement, same_person, same_surname, surname_words
from dl_lit.matching.normalise import squash, surname_key, text_key
from dl_lit.matching.proof.front import Front

MOST_COMPARED: Final = 12  # of a work's people
HALF: Final = 0.5
_LETTERS_MIN: Final = 6  # of a name that is looked for without regard to spaces
_MISREAD_MIN: Final = 8  # letters of a name of which a scan may have misread one
_MISREAD: Final = 87.0  # of 100
_LINES_CHARACTERS: Final = 6_000


@dataclass(frozen=True, slots=True)
class People:
    """What the first pages say of a work's people."""

    agreement: Agreement
    found: int = 0
    sought: int = 0
    others: int = 0  # people named there who are none of the work's

    @property
    def told(self) -> str:
        """For people."""
        return f"{self.found} of {self.sought} authors"


def people_on(front: Front, facts: PdfFacts, work: Work) -> People:
    """Whether the people of `work` are named before the abstract; `UNKNOWN` where it has none, or none are named."""
    people = _people_of(work)[:MOST_COMPARED]
    if not people:
        return People(Agreement.UNKNOWN)
    zone = "\n".join(row.text for row in front.before_abstract())[:_LINES_CHARACTERS]
    found = [person for person in people if _is_named(person, zone, facts.authors)]
    others = sum(1 for name in facts.authors if not any(_are_alike(name, person) for person in people))
    sought = len(people)
    if len(found) >= max(1.0, HALF * sought):
        return People(Agreement.AGREE, len(found), sought, others)
    if found:
        return People(Agreement.CLOSE, len(found), sought, others)
    elsewhere = [person for person in people if _is_named(person, front.text, ())]
    if elsewhere:  # beside the abstract, at the foot of the page, or only cited
        is_most = len(elsewhere) >= HALF * sought and not others
        return People(Agreement.CLOSE if is_most else Agreement.UNKNOWN, len(elsewhere), sought, others)
    return People(Agreement.CONFLICT if others else Agreement.UNKNOWN, 0, sought, others)


def _people_of(work: Work) -> Sequence[Name]:
    if work.type is WorkType.BOOK:
        return (*work.authors, *work.editors)
    return work.authors or work.editors


def _is_named(person: Name, text: str, named: Sequence[Name]) -> bool:
    """Whether the person is one of `named`, or their surname stands in `text`."""
    same = [name for name in named if same_surname(surname_key(name.sort_key), surname_key(person.sort_key))]
    if same:
        return any(_may_be(name, person) for name in same)
    if any(same_person(name, person) for name in named):
        return True
    key = surname_key(person.sort_key)
    letters = squash(key)
    if len(letters) < 2:
        return False
    words = f" {surname_words(_text_key(text))} "
    if f" {key} " in words or (len(letters) >= _LETTERS_MIN and letters in squash(words)):
        return True
    is_long = _MISREAD_MIN <= len(letters) <= len(squash(words))
    return is_long and fuzz.partial_ratio(letters, squash(words)) >= _MISREAD


def _text_key(text: str) -> str:
    """The key of a text that is longer than a title."""
    return " ".join(text_key(line) for line in text.splitlines())


def _are_alike(one: Name, other: Name) -> bool:
    if same_surname(surname_key(one.sort_key), surname_key(other.sort_key)):
        return _may_be(one, other)
    return same_person(one, other)


def _may_be(one: Name, other: Name) -> bool:
    """Whether two people of one surname may be one: their given names begin alike, where both are known."""
    mine, yours = text_key(one.given or ""), text_key(other.given or "")
    if not mine or not yours:
        return True
    firsts = {word[0] for word in mine.split()}, {word[0] for word in yours.split()}
    return bool(firsts[0] & firsts[1])
