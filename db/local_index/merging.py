"""One work of what several services' records say of it. Pure."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from dl_lit.core.model import Work

_FIRST = ("crossref", "openalex")
"""Whose fields count where records differ: the publisher's own first."""
_TOGETHER = ("notices", "notice_of", "relations", "aliases", "locations")


def merged(works: Sequence[Work]) -> Work:
    """The works, which are one, as one: each field from the first that has it, notices and locations of all."""
    first, *others = sorted(works, key=_precedence)
    if not others:
        return first
    changes: dict[str, Any] = {"is_retracted": any(work.is_retracted for work in works)}
    for field in dataclasses.fields(Work):
        mine = getattr(first, field.name)
        if field.name in _TOGETHER:
            changes[field.name] = tuple(
                dict.fromkeys(item for work in (first, *others) for item in getattr(work, field.name))
            )
        elif mine is None or mine == ():
            changes[field.name] = next((theirs for work in others if (theirs := getattr(work, field.name))), mine)
    return dataclasses.replace(first, **changes)


def same_as_first(works: Sequence[Work]) -> list[Work]:
    """The first of the works under one identifier and those of other services that are the same one.

    Volumes of a set may share an ISBN, a preprint and its article an arXiv number: other DOIs are other works.
    """
    first, *others = works
    same = {first.metadata_source: first}
    for work in others:
        if work.doi is None or first.doi is None or work.doi == first.doi:
            same.setdefault(work.metadata_source, work)
    return list(same.values())


def _precedence(work: Work) -> tuple[int, str]:
    at = _FIRST.index(work.metadata_source) if work.metadata_source in _FIRST else len(_FIRST)
    return at, work.metadata_source
