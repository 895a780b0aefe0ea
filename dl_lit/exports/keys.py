"""Citation keys, made of a work by a pattern: the first work keeps the bare key, later ones have a letter more."""

from __future__ import annotations

import itertools
import re
import string
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Final

from anyascii import anyascii

from dl_lit.core.key_pattern import DEFAULT_PATTERN, OF_WORDS, KeyPart, KeyPattern
from dl_lit.core.model import Work

MAX_NAME_LENGTH = 40  # of a body's name, which can be a sentence
MAX_KEY_LENGTH = 120
NO_NAME = "Anonymous"

_GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss"})
_SHORT_TITLE = 3  # significant words, as JabRef and Better BibTeX have it
# English, as JabRef leaves them out; articles and the commonest prepositions of its neighbours.
_FUNCTION_WORDS: Final = frozenset(
    re.findall(
        r"\w+",
        "a an the above about across against along among around at before behind below beneath beside between beyond "
        "by down during except for from in inside into like near of off on onto since to toward through under until "
        "up upon with within without and but nor or so yet as is are "
        "der die das den dem des ein eine einer eines einem einen und von zu zum zur im am auf für mit über "
        "le la les un une du de et en au aux sur pour el los las y il lo gli i e het een",
    )
)


def bare_key(work: Work, pattern: KeyPattern = DEFAULT_PATTERN) -> str:
    """The work's key by `pattern`, in ASCII letters, digits and the pattern's own text: "Mueller2019". Never empty."""
    text = "".join(part if isinstance(part, str) else _filled(part, work) for part in pattern.parts)
    return text[:MAX_KEY_LENGTH] or NO_NAME


def new_key(work: Work, taken: Collection[str]) -> str:
    """A key for `work` that no key of `taken` equals, upper and lower case being the same to BibTeX."""
    used = {key.casefold() for key in taken}
    bare = bare_key(work)
    return next(key for key in candidates(bare) if key.casefold() not in used)


def assign_keys(
    works: Iterable[tuple[int, Work]], pinned: Mapping[int, str], pattern: KeyPattern = DEFAULT_PATTERN
) -> dict[int, str]:
    """A key for every work by its id, in the given order; keys of `pinned` stay as they are."""
    keys = dict(pinned)
    taken = {key.casefold() for key in keys.values()}
    for work_id, work in works:
        if work_id not in keys:
            bare = bare_key(work, pattern)
            keys[work_id] = next(key for key in candidates(bare) if key.casefold() not in taken)
            taken.add(keys[work_id].casefold())
    return keys


def candidates(bare: str) -> Iterator[str]:
    """The bare key, then with a, b, …, z, aa, ab and so on."""
    return (candidate(bare, number) for number in itertools.count())


def candidate(bare: str, number: int) -> str:
    """The key that the work after `number` others of the same bare key gets: 0 is the bare key, 1 a, 27 aa."""
    letters = ""
    while number:
        number, letter = divmod(number - 1, 26)
        letters = string.ascii_lowercase[letter] + letters
    return bare + letters


def number_of(bare: str, key: str) -> int | None:
    """The number for which `candidate` gives `key`, upper and lower case being the same; None: for none."""
    letters = key.casefold().removeprefix(bare.casefold())
    if (len(letters) == len(key.casefold()) and bare) or re.fullmatch(r"[a-z]*", letters) is None:
        return None
    number = 0
    for letter in letters:
        number = number * 26 + string.ascii_lowercase.index(letter) + 1
    return number


def _filled(part: KeyPart, work: Work) -> str:
    words = _WORDS[part.name](work)
    if part.number is not None and part.name in OF_WORDS:
        more = part.name == "authors" and len(words) > part.number
        words = [*words[: part.number], *(("EtAl",) if more else ())]
    changes = part.changes
    if "abbr" in changes:
        words = [word[:1] for word in words]
    text = "".join(words)[:MAX_NAME_LENGTH]
    for change in changes:
        text = _CHANGE[change](text)
    if part.number is not None and part.name not in OF_WORDS:
        text = text[: part.number]
    return text or part.instead


_CHANGE: Final[Mapping[str, Callable[[str], str]]] = {
    "lower": str.lower,
    "upper": str.upper,
    "capitalize": str.capitalize,
    "abbr": str,
}


def _names(work: Work) -> list[str]:
    """Family names, or the body's, of the authors, of the editors where there are none."""
    people = [name.sort_key for name in work.authors] or [name.sort_key for name in work.editors]
    if not any(people):
        people = [name.sort_key for name in work.editors]
    return [named for name in people if name and (named := _capital(_ascii(name)[:MAX_NAME_LENGTH]))]


def _author(work: Work) -> list[str]:
    """The first name; where nobody is named the title's first word."""
    if names := _names(work):
        return names[:1]
    words = re.findall(r"\w+", work.title)
    return [_capital(_ascii(words[0] if words else "")) or NO_NAME]


def _title(work: Work) -> list[str]:
    return [word for one in re.findall(r"[\w'’]+", work.title) if (word := _capital(_ascii(one)))]


def _telling(work: Work) -> list[str]:
    """The title's words without those that tell nothing; all where there are no others."""
    telling = [one for one in re.findall(r"[\w'’]+", work.title) if one.casefold() not in _FUNCTION_WORDS]
    return [word for one in telling if (word := _capital(_ascii(one)))] or _title(work)


def _container(work: Work) -> list[str]:
    words = re.findall(r"[\w'’]+", work.container_title or "")
    return [word for one in words if one.casefold() not in _FUNCTION_WORDS and (word := _capital(_ascii(one)))]


def _first_page(work: Work) -> list[str]:
    found = re.search(r"\w+", work.pages or "")
    return [_ascii(found[0])] if found else []


_WORDS: Final[Mapping[str, Callable[[Work], list[str]]]] = {
    "author": _author,
    "lastauthor": lambda work: _names(work)[-1:] or _author(work),
    "authors": lambda work: _names(work) or _author(work),
    "year": lambda work: [str(work.year)] if work.year else [],
    "shortyear": lambda work: [f"{work.year % 100:02}"] if work.year else [],
    "title": _title,
    "shorttitle": lambda work: _telling(work)[:_SHORT_TITLE],
    "veryshorttitle": lambda work: _telling(work)[:1],
    "title_words": _telling,
    "container": _container,
    "volume": lambda work: [_ascii(work.volume or "")],
    "firstpage": _first_page,
    "type": lambda work: [_ascii(word) for word in work.type.value.split("-")],
}


def _capital(word: str) -> str:
    return word[:1].upper() + word[1:]


def _ascii(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9]", "", anyascii(text.translate(_GERMAN)))
