"""The records that an entry was compared with, as evidence and trails have kept them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field
from typing import Any

import msgspec

from dl_lit.core.values import dataclass


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What a language model said of the candidates, and what came of it."""

    choice: int | None  # the number of a candidate; None: it abstained
    why: str = ""  # in its words
    model: str = ""
    is_remembered: bool = False  # from our own cache
    is_taken: bool = False  # the entry was recognised by it
    objection: str = ""  # why its choice does not count

    @property
    def says(self) -> str:
        """In a sentence: who chose what and why, and what was checked."""
        name = self.model or "a language model"
        if self.choice is None:
            return f"{name} abstains" + (f": {self.why}" if self.why else "")
        said = f"{name} chose [{self.choice}]" + (f": {self.why}" if self.why else "")
        checked = "taken: no veto, no other identifier than the printed one" if self.is_taken else ""
        return f"{said} ({checked or f'not taken: {self.objection}'})"


_known = msgspec.json.Decoder(Judgement), msgspec.json.Decoder(Candidate)
"""So that msgspec knows both before threads do: 0.22.0 crashes where two of them meet a type for the first time."""


def judgement_of(evidence: Any) -> Judgement | None:
    """The judgement in what a stage left as JSON; None where nobody was asked."""
    for one in evidence if isinstance(evidence, (list, tuple)) else ():
        if isinstance(one, dict) and isinstance(one.get("judge"), dict):
            try:
                return msgspec.convert(one["judge"], Judgement)
            except msgspec.ValidationError:
                return None
    return None


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
