"""Names as styles print them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from training.strings.works import Person


@dataclass(frozen=True, slots=True)
class NameForm:
    """How a style prints a list of names."""

    first: str = "family"  # what the first name begins with: "family" or "given"
    others: str = "family"  # the same for those after it
    given: str = "dotted"  # "full", "dotted" (D. E.), "tight" (D.E.), "bare" (DE), "spaced" (D E)
    comma: str = ", "  # between family name and given name
    separator: str = ", "
    last: str = ", and "  # before the last of three and more
    pair: str = " and "  # between two
    at_most: int = 0  # names printed before "et al."; 0: all of them
    more_than: int = 0  # "et al." only where there are more than this
    et_al: str = " et al."
    capitals: bool = False  # family names in capitals

    def rendered(self, people: Sequence[Person]) -> str:
        """The names as one text, without a full stop of its own."""
        shown = list(people)
        cut = self.at_most and len(people) > max(self.at_most, self.more_than)
        if cut:
            shown = shown[: self.at_most]
        names = [self._name(person, is_first=at == 0) for at, person in enumerate(shown)]
        if cut:
            return self.separator.join(names) + self.et_al
        if len(names) <= 2:
            return self.pair.join(names)
        return self.separator.join(names[:-1]) + self.last + names[-1]

    def _name(self, person: Person, *, is_first: bool) -> str:
        if person.is_body or not person.given:
            return person.family
        family, given = person.family, self._given(person.given)
        if self.capitals:
            family = family.upper()
        if (self.first if is_first else self.others) == "family":
            return f"{family}{self.comma}{given}"
        return f"{given} {family}"

    def _given(self, given: str) -> str:
        parts = _parts(given)
        if self.given == "full":
            return " ".join(f"{part}." if len(part) == 1 else part for part in parts)
        initials = [_initial(part) for part in parts]
        if self.given == "bare":
            return "".join(initial.replace("-", "") for initial in initials)
        if self.given == "spaced":
            return " ".join(initials)
        between = " " if self.given == "dotted" else ""
        return between.join(re.sub(r"(\w+)", r"\1.", initial) for initial in initials)


def _parts(given: str) -> list[str]:
    """The given names of a person, single initials without their stop."""
    parts: list[str] = []
    for word in given.replace(".", ". ").split():
        bare = word.rstrip(".")
        if re.fullmatch(r"[A-ZÀ-Þ]{2,3}", bare):
            parts += list(bare)
        elif bare:
            parts.append(bare)
    return parts


def _initial(part: str) -> str:
    """The initial of a given name, of both where a hyphen joins two; a particle stays whole."""
    if part.islower():
        return part
    return "-".join(half[0].upper() for half in part.split("-") if half)
