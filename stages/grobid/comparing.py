"""Our reading and GROBID's of one file beside each other: pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dl_lit.core.model import Reference
from dl_lit.core.values import dataclass
from stages.readings.aligning import align
from stages.readings.merging import FIELDS, field_agreement


@dataclass(frozen=True, slots=True)
class Shared:
    """An entry that both have."""

    ours: Reference
    theirs: Reference
    differing: tuple[str, ...]  # fields that only one of them has or that they read differently


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What two readings of one file have in common, and what not."""

    shared: tuple[Shared, ...]
    only_ours: tuple[Reference, ...]
    only_theirs: tuple[Reference, ...]

    @property
    def agreement(self) -> Mapping[str, float]:
        """Of the shared entries in which either has the field: the share that both read alike, 0 to 1."""
        told = {}
        for name in FIELDS:
            having = [one for one in self.shared if getattr(one.ours, name) or getattr(one.theirs, name)]
            if having:
                told[name] = round(sum(name not in one.differing for one in having) / len(having), 4)
        return told


def compare(ours: Sequence[Reference], theirs: Sequence[Reference]) -> Comparison:
    """Lay the two readings beside each other."""
    pairs = align(ours, theirs)
    mine, yours = {pair.ours for pair in pairs}, {pair.theirs for pair in pairs}
    return Comparison(
        shared=tuple(
            Shared(ours[pair.ours], theirs[pair.theirs], _differing(ours[pair.ours], theirs[pair.theirs]))
            for pair in pairs
        ),
        only_ours=tuple(one for n, one in enumerate(ours) if n not in mine),
        only_theirs=tuple(one for n, one in enumerate(theirs) if n not in yours),
    )


def _differing(mine: Reference, yours: Reference) -> tuple[str, ...]:
    return tuple(name for name in FIELDS if not _is_alike(name, mine, yours))


def _is_alike(name: str, mine: Reference, yours: Reference) -> bool:
    one, other = getattr(mine, name), getattr(yours, name)
    if not one or not other:
        return not one and not other
    return field_agreement(name, one, other)
