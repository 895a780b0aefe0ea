"""How alike an entry and a record are, field by field. Pure; every comparison of two fields is symmetric."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from itertools import islice

from rapidfuzz import fuzz

from dl_lit.core.model import Name, Reference, Work
from dl_lit.matching.normalise import (
    first_page,
    in_arabic,
    last_page,
    number_key,
    plain_text,
    squash,
    surname_key,
    text_key,
    title_key,
)

# Containment says nothing for titles shorter than this (characters of the normalised title).
CONTAINMENT_MIN = 25
# A title found whole inside a longer one, where no subtitle explains the rest, must make up this share of it.
CONTAINMENT_SHARE = 0.6
SHORT_MIN = 4  # letters of a journal's name of which one may be misread
LETTERS_MIN = 6  # letters of a surname that is looked for without regard to spaces
NAME_MIN = 16  # letters of a journal's or book's name that may stand for a longer one beginning with it
MISREAD = 88.0  # of 100: names this alike are one, misread
MAYBE_MISREAD = 75.0  # of 100: names this alike may be one: they do not contradict
PERSON_MISREAD = 0.7  # likeness of surnames that may be one person's, misread
NAME_FOUND = 0.6  # likeness of surnames below which the text is searched for the name
OTHER_LETTER = 0.8  # what the likeness of surnames that begin differently is worth
HEAD = 60  # letters at the beginning of an entry where the first name stands
MAIN_MIN = 12  # characters of a main title that may stand for the whole without its subtitle
MOST_SUBTITLES = 12  # places in a title at which one may begin; a record of thousands would keep us busy
CONTAINED = 0.95  # what containment counts as, on the scale of similarity
PEOPLE_COMPARED = 6  # of a record's authors
YEAR_TOLERANCE = 1  # online first and print often lie in two years

_SUBTITLE = re.compile(r"\s*[:;?!.–—|(\[/]\s*|\s+-+\s+")
_YEAR = re.compile(r"(?<![\d.:/\-–])(1[5-9]\d\d|20\d\d)(?=[a-z]?(?![\d]))")
# "accessed 3 March 2019", "acesso 12 março 2021": up to the year, not beyond the next mark that ends a phrase.
_VISITED = re.compile(
    r"\b(?:accessed|visited|retrieved|viewed|checked|acesso|acessado|consult[aeoé]\w*|abgerufen|zugriff|stand|"
    r"geraadpleegd|dost[eę]p|дата (?:обращения|доступа))\b[^()\[\]<>]{0,24}?(?:19|20)\d\d",
    re.IGNORECASE,
)
_BRACKETED_YEAR = re.compile(
    r"[\[(/]\s*(?:orig\w*\.?\s*(?:publ\w*\.?)?\s*)?(1[5-9]\d\d|20\d\d)\s*[\])/]", re.IGNORECASE
)
_STOP_WORDS = frozenset(
    [
        "the",
        "of",
        "and",
        "for",
        "on",
        "in",
        "a",
        "an",
        "de",
        "la",
        "le",
        "des",
        "der",
        "die",
        "das",
        "und",
        "fur",
        "et",
        "en",
        "y",
        "e",
        "del",
        "di",
        "della",
        "zur",
        "to",
    ]
)


class Agreement(StrEnum):
    """What comparing one field says."""

    AGREE = "agree"
    CLOSE = "close"  # near enough to be the same
    UNKNOWN = "unknown"  # one side has nothing to compare
    CONFLICT = "conflict"

    @property
    def is_positive(self) -> bool:
        """Whether the field speaks for the match."""
        return self in {Agreement.AGREE, Agreement.CLOSE}


def title_similarity(one: str, other: str) -> float:
    """How alike two titles are, 0 to 1; a missing subtitle costs little."""
    a, b = title_key(one), title_key(other)
    if not a or not b:
        return 0.0
    if squash(a) == squash(b):
        return 1.0
    best = max(fuzz.ratio(a, b), fuzz.ratio(squash(a), squash(b))) / 100
    shorter, longer = sorted((one, other), key=lambda title: (len(title_key(title)), title))
    if best < CONTAINED and _is_contained(shorter, longer):
        return CONTAINED
    return best


def without_subtitle(one: str, other: str) -> float:
    """How alike the shorter title is to the main title of the longer one, 0 to 1; 0 where there is no subtitle."""
    shorter, longer = sorted((one, other), key=lambda title: (len(title_key(title)), title))
    key = squash(title_key(shorter))
    if len(key) < MAIN_MIN:
        return 0.0
    return max((fuzz.ratio(key, head) for head in _heads(longer) if len(head) >= MAIN_MIN), default=0.0) / 100


def _heads(title: str) -> Iterator[str]:
    """The keys of what may be a title's main title."""
    plain = plain_text(title)
    return (squash(title_key(plain[: found.start()])) for found in islice(_SUBTITLE.finditer(plain), MOST_SUBTITLES))


def _is_contained(shorter: str, longer: str) -> bool:
    """Whether the shorter title is the longer one's main title, or most of it."""
    small, large = title_key(shorter), title_key(longer)
    if len(small) < CONTAINMENT_MIN or not contains(large, small):
        return False
    return squash(small) in _heads(longer) or len(small) >= CONTAINMENT_SHARE * len(large)


def contains(haystack: str, needle: str) -> bool:
    """Whether the key `needle` stands in the key `haystack` at word borders, however either is hyphenated."""
    return position_of(needle, haystack) is not None


def position_of(needle: str, haystack: str) -> int | None:
    """Where in `squash(haystack)` the key `needle` begins at a word's beginning and ends at a word's end."""
    small, large = squash(needle), squash(haystack)
    if not small or len(small) > len(large):
        return None
    borders = {0}
    length = 0
    for word in haystack.split():
        length += len(word)
        borders.add(length)
    at = large.find(small)
    while at >= 0:
        if at in borders and at + len(small) in borders:
            return at
        at = large.find(small, at + 1)
    return None


def surnames(people: Iterable[Name]) -> list[str]:
    """The surname keys of `people`, in order, the empty ones left out."""
    return [key for person in people if (key := surname_key(person.sort_key))]


def same_surname(one: str, other: str) -> bool:
    """Whether two surname keys are one person's: equal, or one is the double-barrelled form of the other."""
    if not one or not other:
        return False
    a, b = squash(one), squash(other)
    if a == b:
        return True
    first, second = one.split(), other.split()
    if len(first) == 1 and len(second) == 1:
        return min(len(a), len(b)) >= 6 and fuzz.ratio(a, b) >= 88
    small, large = sorted((first, second), key=len)
    return len(small) == 1 and len(small[0]) >= 3 and small[0] in {large[0], large[-1]}


def same_person(one: Name, other: Name) -> bool:
    """Whether two names are one person's, family and given name perhaps swapped."""
    a, b = surname_key(one.sort_key), surname_key(other.sort_key)
    if same_surname(a, b):
        return True
    swapped_one, swapped_other = surname_key(one.given or ""), surname_key(other.given or "")
    if len(swapped_one) > 1 and len(swapped_other) > 1 and swapped_one == b and swapped_other == a:
        return True
    return _body_agrees(one, other) or _body_agrees(other, one)


def _body_agrees(body: Name, other: Name) -> bool:
    """Whether the body's name holds the other's name or the other way round ("World Health Organization (WHO)")."""
    if not body.literal:
        return False
    a, b = text_key(body.literal), text_key(other.sort_key)
    return min(len(a), len(b)) >= 4 and (contains(a, b) or contains(b, a))


def author_agreement(reference: Reference, work: Work) -> Agreement:
    """Whether the entry's first author or editor is the record's; the printed text decides where the parse did not."""
    printed = [*reference.authors[:1], *reference.editors[:1]]
    known = [*work.authors[:1], *work.editors[:1]]
    if not known:
        return Agreement.UNKNOWN
    if any(same_person(mine, yours) for mine in printed for yours in known):
        return Agreement.AGREE
    head = text_before_title(reference, work)
    if any(_names_occur(head, name) for name in known):
        return Agreement.CLOSE
    shared = sum(
        any(same_surname(mine, yours) for yours in surnames(work.authors)) for mine in surnames(reference.authors)
    )
    if shared >= 2:  # the order differs, the people do not
        return Agreement.CLOSE
    return Agreement.CONFLICT if printed else Agreement.UNKNOWN


def author_likeness(reference: Reference, work: Work) -> float:
    """How alike the first surnames are, 0 to 1: what a misprint or a scan leaves of a name; 0.5 if one is not known.

    A name whose first letter is another counts as less alike: what is misread is mostly inside the word. Where the
    reader of the entry took something else for the name, it is looked for in the text before the title.
    """
    printed = surnames([*reference.authors[:1], *reference.editors[:1]])
    known = surnames([*work.authors[:1], *work.editors[:1]])
    if not printed or not known:
        return 0.5
    best = max(_alike(squash(mine), squash(yours)) for mine in printed for yours in known)
    if best < NAME_FOUND:
        head = squash(surname_words(text_before_title(reference, work)))[:HEAD]
        names = [squash(name) for name in known if len(squash(name)) >= LETTERS_MIN - 1]
        best = max([best, *(fuzz.partial_ratio(name, head) / 100 for name in names if len(name) <= len(head))])
    return best


def _alike(one: str, other: str) -> float:
    likeness = fuzz.ratio(one, other) / 100
    return likeness if one[:1] == other[:1] else likeness * OTHER_LETTER


def people_in_common(reference: Reference, work: Work) -> float:
    """The share of people named on both sides that are the same, 0 to 1; 0.5 if one side names nobody.

    Of the record's first `PEOPLE_COMPARED` at most as many as the entry names: it may cut the list.
    """
    known = surnames([*work.authors, *work.editors][:PEOPLE_COMPARED])
    printed = surnames([*reference.authors, *(() if reference.authors else reference.editors)])
    if not known or not printed:
        return 0.5
    known = known[: len(printed)]
    return sum(max(_person_alike(mine, yours) for mine in printed) for yours in known) / len(known)


def _person_alike(one: str, other: str) -> float:
    """1 for one surname, and for a misread one how much is left of it."""
    if same_surname(one, other):
        return 1.0
    likeness = _alike(squash(one), squash(other))
    return likeness if likeness >= PERSON_MISREAD else 0.0


def _names_occur(head: str, name: Name) -> bool:
    """Whether the surname stands in the text; a name of two letters only where entries begin."""
    key = surname_key(name.sort_key)
    words = surname_words(head)
    if len(squash(key)) >= 3:
        return f" {key} " in f" {words} " or (len(squash(key)) >= LETTERS_MIN and squash(key) in squash(words))
    return len(key) == 2 and words.lstrip("0123456789 ").startswith(f"{key} ")


def surname_words(key: str) -> str:
    """The words of a key in the spelling of surnames, so that a surname can be found in running text."""
    return " ".join(surname_key(word) for word in key.split())


def text_before_title(reference: Reference, work: Work) -> str:
    """The key of the printed text before the title: where the people stand; all of it if the title is not found."""
    raw = text_key(reference.raw)
    for title in filter(None, (work.title, reference.title)):
        at = position_of(title_key(title), raw)
        if at:
            return _unsquash_to(raw, at)
    return raw


def _unsquash_to(key: str, squashed_length: int) -> str:
    length = 0
    words: list[str] = []
    for word in key.split():
        if length >= squashed_length:
            break
        words.append(word)
        length += len(word)
    return " ".join(words)


def printed_years(reference: Reference) -> frozenset[int]:
    """The years the entry may mean: the parsed one, those in brackets ("1998 [1963]"), else every year of the text.

    When a page was visited is no year of the work.
    """
    raw = _VISITED.sub(" ", reference.raw)
    bracketed = {int(year) for year in _BRACKETED_YEAR.findall(raw)}
    if reference.year is not None and (raw == reference.raw or reference.year in _years_of(raw)):
        return frozenset({reference.year, *bracketed})
    return frozenset(bracketed or _years_of(raw) or _years_of(in_arabic(raw)))


def _years_of(text: str) -> set[int]:
    return {int(year) for year in _YEAR.findall(text)}


def year_agreement(reference: Reference, work: Work) -> Agreement:
    """Whether the record's year is the printed one (`AGREE`), next to it or elsewhere in the text (`CLOSE`)."""
    years = printed_years(reference)
    if not years or work.year is None:
        return Agreement.UNKNOWN
    gap = min(abs(year - work.year) for year in years)
    if gap == 0:
        return Agreement.AGREE
    if gap <= YEAR_TOLERANCE or work.year in _years_of(reference.raw):  # a page's footer may have been read as the year
        return Agreement.CLOSE
    return Agreement.CONFLICT


def container_agreement(one: str | None, other: str | None) -> Agreement:
    """Whether two journals, books or proceedings are one, abbreviated or not."""
    a, b = text_key(one or ""), text_key(other or "")
    if not a or not b:
        return Agreement.UNKNOWN
    if squash(a) == squash(b):
        return Agreement.AGREE
    words_a, words_b = _content_words(a), _content_words(b)
    if not words_a or not words_b:
        return Agreement.UNKNOWN
    if _abbreviates(words_a, words_b) or _abbreviates(words_b, words_a):
        return Agreement.AGREE
    a, b = " ".join(words_a), " ".join(words_b)
    few = min(len(words_a), len(words_b)) < 3
    if fuzz.token_sort_ratio(a, b) >= 90 or (not few and fuzz.token_set_ratio(a, b) >= 95):
        return Agreement.CLOSE
    return _misread(squash(a), squash(b))


def _misread(one: str, other: str) -> Agreement:
    """Of two names that share few whole words: one may begin the other, or be the other as a scan has it."""
    short, long = sorted((one, other), key=len)
    if len(short) >= NAME_MIN and (long.startswith(short) or fuzz.ratio(short, long[: len(short)]) >= MISREAD):
        return Agreement.CLOSE
    likeness = fuzz.ratio(short, long)
    if likeness >= MISREAD and len(short) >= LETTERS_MIN:
        return Agreement.CLOSE
    return Agreement.UNKNOWN if likeness >= MAYBE_MISREAD and len(short) >= SHORT_MIN else Agreement.CONFLICT


def _content_words(key: str) -> list[str]:
    return [word for word in key.split() if word not in _STOP_WORDS]


def _abbreviates(short: Sequence[str], full: Sequence[str]) -> bool:
    """As "acc chem res" does "accounts chemical research", and "jacs" "journal american chemical society"."""
    if len(short) == 1 and len(short[0]) == len(full) and len(full) >= 2:
        return short[0] == "".join(word[0] for word in full)
    if len(short) > len(full) or len(short) == 1 < len(full):
        return False
    remaining = iter(full)
    if not all(any(_is_clipping(mine, word) for word in remaining) for mine in short):
        return False
    return len(short) * 2 > len(full)


def _is_clipping(short: str, word: str) -> bool:
    """As "phys" is of "physics" and "natl" of "national": the same first letter, then a subsequence."""
    if word.startswith(short):
        return True
    if short[:1] != word[:1] or len(short) < 3:
        return False
    letters = iter(word)
    return all(letter in letters for letter in short)


def number_agreement(one: str | None, other: str | None) -> Agreement:
    """Whether two volumes or issues are equal."""
    a, b = number_key(one), number_key(other)
    if a is None or b is None:
        return Agreement.UNKNOWN
    return Agreement.AGREE if a == b else Agreement.CONFLICT


def page_agreement(one: str | None, other: str | None) -> Agreement:
    """Whether two page ranges begin on the same page, or at least end there (`CLOSE`): then one is misprinted."""
    a, b = first_page(one), first_page(other)
    if a is None or b is None:
        return Agreement.UNKNOWN
    if a == b or a.lstrip("es") == b.lstrip("es"):
        return Agreement.AGREE
    end = last_page(one)
    return Agreement.CLOSE if end and end == last_page(other) else Agreement.CONFLICT
