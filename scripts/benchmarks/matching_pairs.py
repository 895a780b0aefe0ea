"""The hand-made pairs of matching_pairs.toml: entries and records that are easily taken for one another."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dl_lit.core.model import Name, Reference, Work, WorkType
from dl_lit.matching.decide import Accepted, decide

FILE = Path(__file__).with_name("matching_pairs.toml")


@dataclass(frozen=True, slots=True)
class Pair:
    """An entry, a record, and whether the record is the entry's work."""

    why: str
    is_same: bool
    reference: Reference
    work: Work

    @property
    def is_judged_right(self) -> bool:
        """Whether `decide` accepts the record exactly if it is the work."""
        return isinstance(decide(self.reference, [self.work]), Accepted) == self.is_same


def pairs() -> list[Pair]:
    """All pairs of the file."""
    tables = tomllib.loads(FILE.read_text("utf-8"))["pair"]
    return [
        Pair(one["why"], one["verdict"] == "same", _reference(one["entry"], one.get("raw")), _work(one["record"]))
        for one in tables
    ]


def _reference(fields: Mapping[str, Any], raw: str | None) -> Reference:
    return Reference(
        position=1,
        raw=raw or _printed(fields),
        type=WorkType(fields["type"]) if "type" in fields else WorkType.DOCUMENT,
        authors=_names(fields.get("authors", ())),
        editors=_names(fields.get("editors", ())),
        title=fields.get("title"),
        container_title=fields.get("container"),
        publisher=fields.get("publisher"),
        year=fields.get("year"),
        volume=fields.get("volume"),
        pages=fields.get("pages"),
        doi=fields.get("doi"),
    )


def _printed(fields: Mapping[str, Any]) -> str:
    """The fields as a plain style prints them."""
    people = ", ".join(f"{name}, A." for name in (*fields.get("authors", ()), *fields.get("editors", ())))
    place = ", ".join(fields[name] for name in ("container", "volume", "pages", "publisher") if name in fields)
    return f"{people} ({fields['year']}). {fields.get('title', '')}. {place}."


def _work(fields: Mapping[str, Any]) -> Work:
    return Work(
        title=fields["title"],
        type=WorkType(fields["type"]) if "type" in fields else WorkType.ARTICLE_JOURNAL,
        authors=_names(fields.get("authors", ())),
        year=fields.get("year"),
        container_title=fields.get("container"),
        volume=fields.get("volume"),
        pages=fields.get("pages"),
        doi=fields.get("doi"),
    )


def _names(families: Sequence[str]) -> tuple[Name, ...]:
    return tuple(Name(literal=one) if " Office" in one else Name(family=one, given="A.") for one in families)
