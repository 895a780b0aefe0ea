"""Names as services write them, made `Name`s."""

from __future__ import annotations

import re

from dl_lit.core.model import Name
from dl_lit.core.particles import PARTICLES

_SUFFIXES = frozenset({"jr", "jr.", "sr", "sr.", "ii", "iii", "iv"})
_BODY = re.compile(
    r"\b(?:collaboration|consortium|group|organi[sz]ation|institute|university|association|society|committee|council|"
    r"agency|ministry|department|team|network|project|foundation|center|centre|commission|developers)\b",
    re.IGNORECASE,
)


def person(full: str) -> Name:
    """Split "Given van Family" or "Family, Given"; bodies and single words stay whole (`literal`)."""
    text = " ".join(full.split()).strip(" ,;")
    family, comma, given = text.partition(",")
    if comma and given.strip():
        return Name(family=family.strip(), given=given.strip())
    words = text.split()
    if len(words) < 2 or _BODY.search(text):
        return Name(literal=text)
    end = len(words) - (1 if words[-1].lower() in _SUFFIXES and len(words) > 2 else 0)
    start = end - 1
    while start > 1 and words[start - 1].lower() in PARTICLES:
        start -= 1
    return Name(family=" ".join(words[start:]), given=" ".join(words[:start]))
