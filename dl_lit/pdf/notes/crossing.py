"""Short forms within a list: "In: Müller 1999, S. 3–4" and "see Knuth 1997", linked to the full entry."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dl_lit.core.model import Reference, ShortForm
from dl_lit.pdf.folding import without_accents
from dl_lit.pdf.splitting.patterns import UPPER

_FAMILY = rf"[{UPPER}][\w'’\-]+"
_NAME = rf"(?P<family>{_FAMILY})(?:(?:\s(?:and|und|et|y|&|u\.)\s|/|,\s){_FAMILY})*(?:\s(?:et al\.|u\. ?a\.))?"
_WHERE = re.compile(
    rf"(?:\b[Ii]n:?|\b[Ss]iehe|\b[Ss]ee|\bvgl\.|→|\b[Vv]oir|\b[Dd]ans:?|\bсм\.)\s+{_NAME}"
    rf"(?:\s\((?:eds?\.|Hrsg\.|Hg\.)\))?,?\s\(?(?P<year>(?:1[5-9]|20)\d\d[a-z]?)\)?"
    rf"(?=[,:;.]?\s*(?:pp?\.|S\.|с\.|С\.|\d|$|\.$))"
)


def cross_references(references: Sequence[Reference]) -> list[ShortForm]:
    """The short forms that entries of a list hold, as far as they plainly mean another entry of it."""
    found: list[ShortForm] = []
    for reference in references:
        for match in _WHERE.finditer(reference.raw):
            meant = [
                other.position
                for other in references
                if other.position != reference.position and _is(other, match.group("family"), match.group("year"))
            ]
            if len(meant) == 1:
                raw = reference.raw[match.start() :].strip()
                found.append(ShortForm(raw=raw, page=reference.page, refers_to=meant[0]))
    return found


def _is(reference: Reference, family: str, year: str) -> bool:
    """Whether `reference` is by `family` and of `year`, whose letter must be printed there, too."""
    people = (*reference.authors, *reference.editors)
    if not people or without_accents(people[0].sort_key) != without_accents(family):
        return False
    return year in reference.raw if year[-1].isalpha() else str(reference.year) == year
