"""What speaks for a record where the entry prints no title: the journal or book in its text, the people in order. Pure.

Styles of physics and chemistry print no titles. Readers of entries then take the journal, half of its name, or the
last authors for the title; only the record at hand shows that they did.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from rapidfuzz import fuzz

from dl_lit.core.model import Reference, Work
from dl_lit.matching.compare import Agreement, container_agreement, same_surname, surname_words, surnames
from dl_lit.matching.normalise import squash, text_key

SMALL_WORD: Final = 3  # letters of a word that says nothing: initials, "and", "et al", "see", numbers of volumes
STOPS_MAX: Final = 3  # small words that a journal's name may have more in print than in the record
ALONE_MIN: Final = 2  # letters of a journal's name of one word
MISREAD_NAME: Final = 66.0  # of 100: how alike a surname still is that a scan has misread
WRONG_SHARE: Final = 0.25  # of the people named in order that may be misread beyond that

# "…, Volume 6, Number 1, January-March 1980", as some records have it behind the journal's name.
_VOLUME_BEHIND = re.compile(r",?\s*\b(?:volume|vol\.?)\s*\d.*$", re.IGNORECASE)
_CUT_LIST = re.compile(r"\bet\s*a[l1]|\bu\.\s?a\.|\band others\b|\bin drugi|\be outros\b|…|\.\.\.")
_BEHIND_HOSTS = frozenset(
    {"edited", "ed", "eds", "hrsg", "hg", "dir", "vol", "volume", "no", "nr", "n", "h", "s", "t", "v", "bd", "jg"}
)


def printed_host(raw: str, container: str | None) -> str | None:
    """The words of the text, as a key, that name the record's journal or book; `None` where it is not named.

    A journal's name has a number behind it, a book's stands behind "in" or before its editors.
    """
    return _printed_host(raw, _VOLUME_BEHIND.sub("", container)) if container else None


@lru_cache(maxsize=256)
def _printed_host(raw: str, container: str) -> str | None:
    full = text_key(container)
    if len(squash(full)) < ALONE_MIN:
        return None
    words = text_key(raw).split()
    for start, end in _windows(words, full):
        host = " ".join(words[start:end])
        if squash(host) == squash(full):
            return host
        if end - start > 1 and container_agreement(host, full) is Agreement.AGREE:
            return host
        if len(squash(full)) > 2 * SMALL_WORD and container_agreement(host, full) is Agreement.CLOSE:
            return host
    return None


def _windows(words: list[str], full: str) -> Iterator[tuple[int, int]]:
    """Where in the text a name of so many words may stand, the longest first."""
    longest = min(len(full.split()) + STOPS_MAX, len(words))
    for length in range(longest, 0, -1):
        for start in range(len(words) - length + 1):
            if words[start][0] != full[0]:
                continue
            end = start + length
            is_in = start > 0 and words[start - 1] == "in"
            behind = words[end] if end < len(words) else ""
            if is_in or behind in _BEHIND_HOSTS or _has_digit(behind):
                yield start, end


def _has_digit(word: str) -> bool:
    return any(character.isdigit() for character in word)


def is_no_title(reference: Reference, work: Work, host: str | None) -> bool:
    """Whether what was read as the title is the journal, part of its name, or people: nothing else is in it."""
    title = text_key(reference.title or "")
    if not title:
        return False  # the text may hold one
    publisher = text_key(reference.publisher or "")
    if len(publisher) > SMALL_WORD and title.startswith((publisher, f"in {publisher}")):
        return True
    if host and (title.startswith((f"in {host}", f"{host} edited", f"{host} hrsg")) or title == host):
        return True
    names = {word for name in surnames([*work.authors, *work.editors]) for word in name.split()}
    place = set((host or "").split())
    words = [word for word in title.split() if len(word) > SMALL_WORD and not _has_digit(word)]
    rest = [word for word in words if word not in place and not set(surname_words(word).split()) & names]
    if rest:
        return False
    known = place | names
    return bool(words) or any(word in known or surname_words(word) in known for word in title.split())


def people_in_order(reference: Reference, work: Work) -> int:
    """How many people the entry and the record name in one order; 0 where the lists are two people's.

    A list may be cut where the entry says so, lack the last one, who was read as something else, and have a name in
    four misread.
    """
    printed, known = surnames(reference.authors or reference.editors), surnames(work.authors)
    if not printed or not known or len(printed) > len(known) + 1:
        return 0
    if len(known) > len(printed) + 1 and not _CUT_LIST.search(reference.raw):
        return 0
    pairs = list(zip(printed, known, strict=False))
    agreeing = sum(
        same_surname(mine, yours) or fuzz.ratio(squash(mine), squash(yours)) >= MISREAD_NAME for mine, yours in pairs
    )
    return agreeing if len(pairs) - agreeing <= WRONG_SHARE * len(pairs) else 0
