"""The records that an entry was compared with, as evidence and trails have kept them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A record that may be an entry's work: a summary of it, and what speaks for and against it."""

    number: int  # 1 is the best
    title: str
    score: float = 0.0  # 0 to 1
    authors: tuple[str, ...] = ()  # the first ones' family names
    year: int | None = None
    container_title: str | None = None
    publisher: str | None = None
    type: str = "document"
    volume: str | None = None
    issue: str | None = None
    pages: str | None = None
    doi: str | None = None
    openalex_id: str | None = None
    arxiv_id: str | None = None
    pmid: str | None = None
    isbn: str | None = None
    source: str = ""  # the service that described it
    veto: str | None = None  # why it cannot be the entry, whatever the score
    agreement: Mapping[str, float | str] = field(default_factory=dict)
    """By field: title 0 to 1; "agree", "close", "unknown" or "conflict" for author, year, container, volume, page."""


def candidates_of(evidence: Any) -> tuple[Candidate, ...]:
    """The candidates in what a stage left as JSON, in their order; what is no candidate is left out."""
    found: list[Candidate] = []
    for one in evidence if isinstance(evidence, (list, tuple)) else ():
        candidate = _candidate(one, len(found) + 1)
        if candidate is not None:
            found.append(candidate)
    return tuple(found)


def offered(candidates: Iterable[Candidate], *, vetoed: bool) -> tuple[Candidate, ...]:
    """Those that a person is offered: vetoed ones only where they are asked for. Each keeps its number."""
    return tuple(one for one in candidates if vetoed or one.veto is None)


def _candidate(value: Any, number: int) -> Candidate | None:
    if not isinstance(value, dict) or "title" not in value:
        return None
    try:
        return msgspec.convert({**value, "number": number}, Candidate)
    except msgspec.ValidationError:
        return None  # other evidence than a candidate
