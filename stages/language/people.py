"""The people a model tells of an entry, as they are printed in it: pure.

Any word of an entry can be said to be a name. So a name stands in no title, journal or publisher, authors stand before
the title or with a given name beside the family, editors do or are called such, and a given name stands beside its
family.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from dl_lit.core.model import Name
from stages.language.slices import Printed, Slice

_MOST = 200  # names
_LONGEST = 200  # characters of a name
_BESIDE = 60  # characters between a family name and its given one: titles of nobility, other particles
_TOKENS = re.compile(r"\w+\.?")
_SAID_TO_EDIT = re.compile(
    r"\b(?:eds?|edit(?:ed|ors?|or)|hr(?:sg|g)|hg|coords?|dir|a cura|éd|red|ред)\b|编|編", re.IGNORECASE
)


class People:
    """Finds the names of one entry."""

    def __init__(self, printed: Printed, title: Slice | None, others: Sequence[Slice]) -> None:
        """`others` are what the entry has besides names: no name stands in them."""
        self._printed = printed
        self._title_at = title.start if title else len(printed.text)
        self._others = others
        self._known: dict[str, list[Slice]] = {}
        self._names_editors = _SAID_TO_EDIT.search(printed.text) is not None

    def named(self, said: Any, *, are_editors: bool = False) -> tuple[Name, ...]:
        """Those of the names that are `said` which stand in print, each as often as it does."""
        found: Counter[Name] = Counter()
        named: list[Name] = []
        for one in said[:_MOST] if isinstance(said, list) else ():
            name = self._name(one, are_editors=are_editors) if isinstance(one, dict) else None
            if name is not None and found[name] < len(self._places(name.sort_key)):
                found[name] += 1
                named.append(name)
        return tuple(named)

    def _name(self, said: Mapping[str, Any], *, are_editors: bool) -> Name | None:
        family, given, literal = (_part(said, part) for part in ("family", "given", "literal"))
        may_follow = are_editors and self._names_editors
        places = self._places(family) if family else []
        with_given = [(one, self._beside(one, given)) for one in places] if given else []
        for place, beside in with_given:
            if beside:
                return Name(family=place.text, given=beside)
        for place in places:
            if may_follow or place.start <= self._title_at:
                return Name(family=place.text)
        bodies = self._places(literal) if literal else []
        return next((Name(literal=one.text) for one in bodies if may_follow or one.start <= self._title_at), None)

    def _places(self, name: str) -> list[Slice]:
        if name not in self._known:
            free = (one for one in self._printed.every(name) if not any(map(one.is_within, self._others)))
            self._known[name] = list(free)
        return self._known[name]

    def _beside(self, family: Slice, given: str) -> str | None:
        """The given name where it stands next to the family, whole or word by word; None where it does not."""
        return self._near(family, given) or self._in_parts(family, _TOKENS.findall(given))

    def _in_parts(self, family: Slice, tokens: Sequence[str]) -> str | None:
        parts = [self._near(family, token) for token in tokens]
        return " ".join(filter(None, parts)) if parts and all(parts) else None

    def _near(self, family: Slice, given: str) -> str | None:
        near = [
            (max(one.start - family.end, family.start - one.end), one.text)
            for one in self._places(given)
            if not one.overlaps(family)
        ]
        distance, text = min(near, default=(_BESIDE + 1, ""))
        return text if distance <= _BESIDE else None


def _part(said: Mapping[str, Any], name: str) -> str | None:
    """A name's part in one line; None where it is none, or none of any sensible length."""
    value = said.get(name)
    if not isinstance(value, str) or len(value) > _LONGEST:
        return None
    return " ".join(value.split()) or None
