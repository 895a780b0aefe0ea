"""Which of two readings of an entry's title is right, judged by the entry itself and by the habits of its list.

The rules read one, the model another. A list is set in one style: what stands before and behind titles on which both
agree is what should stand there in the other entries.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import field

from dl_lit.core.values import dataclass

_WORST = -2.2  # odds of what a list has never done: some entries differ
_LETTERS = re.compile(r"[^\W_]")
_NUMBERS_INSIDE = re.compile(
    r"\b(?:vol|pp?|no|S|Bd|Jg|nr)\.\s?\d|\d\s?\(\d+\)\s?[:,]|https?:|www\.|\bdoi:|(?:19|20)\d\d;\s?\d|\bet al\b|"
    r"\bIn:\s|\d[:,]\s?\d+[–-]\d"
)
_FIRST_WORDS = re.compile(r"(?:In:?|in:|En:|Dans|Hrsg|eds?\b|pp?\.|vol\b|and|und|et|&)\s", re.IGNORECASE)
_LAST_WORDS = re.compile(
    r"\b(?:the|of|and|for|in|on|with|an?|to|from|by|der|die|das|und|des|im|zur|zum|von|für|de|la|le|les|du|et|el|los|y|"
    r"del|di|e|il|da|do|w|i|na|в|и|на|о)$"
)
_NAMES_AT_HEAD = re.compile(
    r"(?:[^\W\d_][\w.\-]*\s){0,3}[^\W\d_][\w\-]+,\s(?:and|&)\s|(?:[A-Z]\s?\.?\s?){1,3},\s|[A-Z][\w\-]+\s[A-Z]{1,3},\s"
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A reading of an entry's title: it stands at `text[start:end]` of the entry; -1 where that is not known."""

    title: str
    start: int
    end: int
    odds: float  # logarithm of how far its maker is to be believed here


@dataclass(slots=True)
class Habits:
    """What stands before and behind the titles of a list."""

    before: Counter[str] = field(default_factory=Counter)
    behind: Counter[str] = field(default_factory=Counter)

    def learn(self, text: str, start: int, end: int) -> None:
        """Take the title at `text[start:end]` for rightly read."""
        before, behind = surroundings(text, start, end)
        self.before[before] += 1
        self.behind[behind] += 1

    def odds(self, text: str, start: int, end: int) -> float:
        """Logarithm of how usual it is in this list that a title begins and ends so."""
        total = sum(self.before.values())
        if total < 2:
            return 0.0
        before, behind = surroundings(text, start, end)
        likely = (self.before[before] + 0.3) / (total + 1.5), (self.behind[behind] + 0.3) / (total + 1.5)
        return sum(max(math.log(each), _WORST) for each in likely)


def surroundings(text: str, start: int, end: int) -> tuple[str, str]:
    """What stands right before and behind `text[start:end]`: marks as they are, digits as 0, letters as a."""
    return _shape(text[max(0, start - 3) : start]), _shape(text[end : end + 2])


def _shape(text: str) -> str:
    return re.sub(r"\d+", "0", re.sub(r"[^\W\d_]+", "a", text))


def best(
    text: str, candidates: Sequence[Candidate], habits: Habits, taken: Sequence[tuple[int, int]] = ()
) -> Candidate | None:
    """The likeliest of `candidates`; `None` where there are none. What is `taken` surely is no title."""
    return max(candidates, key=lambda one: _plausibility(text, one, habits, taken), default=None)


def _plausibility(text: str, candidate: Candidate, habits: Habits, taken: Sequence[tuple[int, int]]) -> float:
    """How likely the candidate is, as a logarithm; only to be compared with others of the same entry."""
    odds = candidate.odds - _oddities(candidate.title)
    if candidate.start < 0:
        return odds - 1.0
    odds -= 2.5 * any(start < candidate.end and candidate.start < end for start, end in taken)
    return odds + 0.7 * habits.odds(text, candidate.start, candidate.end) - _bad_edges(text, candidate)


def _oddities(title: str) -> float:
    """What speaks against a title, whatever it stands in."""
    against = 0.0
    words = title.split()
    against += 3.0 * bool(_NUMBERS_INSIDE.search(title))
    against += 3.0 * bool(_FIRST_WORDS.match(title))
    against += 2.5 * bool(_NAMES_AT_HEAD.match(title))
    against += 1.5 * bool(_LAST_WORDS.search(title))
    against += 1.0 * (len(words) > 45)
    against += 4.0 * (len(_LETTERS.findall(title)) < 2)
    return against + sum(1.0 for a, b in ("()", "[]", "“”", "«»") if title.count(a) != title.count(b))


def _bad_edges(text: str, candidate: Candidate) -> float:
    """What speaks against ending and beginning where the candidate does."""
    against = 0.0
    behind, before = text[candidate.end : candidate.end + 2], text[max(0, candidate.start - 2) : candidate.start]
    ends_itself = candidate.title[-1:] in "?!.)]"
    if behind[:1].isalnum() or re.match(r"\.[a-z]", behind):
        against += 3.0
    elif behind[:1] == " " and behind[1:2].isalnum() and not ends_itself:
        against += 1.0
    if before[-1:].isalnum() or re.match(r"[a-z]\.$", before):
        against += 3.0
    elif re.match(r"[a-zà-ÿ] $", before):
        against += 1.0
    return against


def alike(one: str, other: str) -> bool:
    """Whether two readings are the same but for marks and spaces."""
    return _folded(one) == _folded(other)


def _folded(text: str) -> str:
    return "".join(_LETTERS.findall(text)).casefold()


def position_of(text: str, title: str) -> tuple[int, int]:
    """Where `title` stands in `text`, marks and spaces passed over; (-1, -1) where it does not."""
    at = text.find(title)
    if at >= 0:
        return at, at + len(title)
    letters = [match.start() for match in _LETTERS.finditer(text)]
    folded = "".join(text[index].lower()[:1] for index in letters)
    wanted = "".join(letter.lower()[:1] for letter in _LETTERS.findall(title))
    found, length = folded.find(wanted), len(wanted)
    if found < 0 or found + length > len(letters) or not length:
        return -1, -1
    return letters[found], letters[found + length - 1] + 1


def common_habits(agreed: Iterable[tuple[str, int, int]]) -> Habits:
    """The habits of a list, from entries (text, start, end of title) that are surely read."""
    habits = Habits()
    for text, start, end in agreed:
        habits.learn(text, start, end)
    return habits
