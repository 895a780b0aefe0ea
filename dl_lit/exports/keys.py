"""Citation keys: AuthorYear, kept once given; the first work keeps the bare key, later ones a letter more."""

from __future__ import annotations

import itertools
import re
import string
from collections.abc import Collection, Iterable, Iterator, Mapping

from anyascii import anyascii

from dl_lit.core.model import Work

_GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss"})
MAX_NAME_LENGTH = 40  # of a body's name, which can be a sentence


def bare_key(work: Work) -> str:
    """Author (or editor, or the title's first word) and year in ASCII letters and digits: "Mueller2019"."""
    names = [name.sort_key for name in (*work.authors, *work.editors) if name.sort_key]
    words = re.findall(r"\w+", work.title)
    name = _ascii(names[0] if names else words[0] if words else "") or "Anonymous"
    return f"{name[0].upper()}{name[1:]}{work.year or ''}"


def new_key(work: Work, taken: Collection[str]) -> str:
    """A key for `work` that no key of `taken` equals, upper and lower case being the same to BibTeX."""
    used = {key.casefold() for key in taken}
    bare = bare_key(work)
    return next(key for key in candidates(bare) if key.casefold() not in used)


def assign_keys(works: Iterable[tuple[int, Work]], pinned: Mapping[int, str]) -> dict[int, str]:
    """A key for every work by its id, in the given order; keys of `pinned` stay as they are."""
    keys = dict(pinned)
    taken = {key.casefold() for key in keys.values()}
    for work_id, work in works:
        if work_id not in keys:
            keys[work_id] = next(key for key in candidates(bare_key(work)) if key.casefold() not in taken)
            taken.add(keys[work_id].casefold())
    return keys


def candidates(bare: str) -> Iterator[str]:
    """The bare key, then with a, b, …, z, aa, ab and so on."""
    yield bare
    for length in itertools.count(1):
        for letters in itertools.product(string.ascii_lowercase, repeat=length):
            yield bare + "".join(letters)


def _ascii(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9]", "", anyascii(text.translate(_GERMAN)))[:MAX_NAME_LENGTH]
