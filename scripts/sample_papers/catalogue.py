"""The works the sample papers cite: facts from works.jsonl, as typst's bibliography wants them.

Titles, names, years and identifiers are those of real works. The `oa` status of a work is made up, so that a run over
the samples meets every kind; `absent` works are left out of the universe, so that some references match nothing.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PARTICLES = ("van der ", "van den ", "van ", "von ", "de ", "del ", "dos ", "da ")
PARENT = {"article-journal": "periodical", "paper-conference": "proceedings", "chapter": "anthology"}
KIND = {
    "article-journal": "article",
    "paper-conference": "article",
    "article": "article",
    "chapter": "chapter",
    "book": "book",
    "thesis": "thesis",
    "report": "report",
    "webpage": "web",
}


@dataclass(frozen=True, slots=True)
class CitedWork:
    """One work of the catalogue; `facts` is its line in works.jsonl."""

    key: str
    facts: dict[str, Any]

    @property
    def title(self) -> str:
        """The title as the catalogue has it."""
        return str(self.facts["title"])

    @property
    def first_author(self) -> str:
        """The first author's family name, or the body's name."""
        first = self.facts["authors"][0]
        return str(first.get("family") or first["literal"])

    @property
    def doi(self) -> str | None:
        """The DOI, lower case; None where the work has none."""
        doi = self.facts.get("doi")
        return doi.lower() if doi else None

    @property
    def is_absent(self) -> bool:
        """Whether the universe leaves the work out."""
        return bool(self.facts.get("absent"))

    def record(self) -> dict[str, Any]:
        """The work's line in the universe, without the citations."""
        facts = {k: v for k, v in self.facts.items() if k not in {"key", "absent"}}
        if self.doi:
            facts["doi"] = self.doi
        return facts


@cache
def works() -> dict[str, CitedWork]:
    """Every work by its key."""
    lines = (HERE / "works.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    return {row["key"]: CitedWork(row["key"], row) for row in rows}


def hayagriva(work: CitedWork, style: str) -> dict[str, Any]:
    """The work as an entry of a hayagriva file (https://github.com/typst/hayagriva, file format, read 2026-11-22)."""
    facts = work.facts
    entry: dict[str, Any] = {
        "type": KIND[facts["type"]],
        "title": {"value": work.title, "verbatim": True},
        "author": [_name(name) for name in facts["authors"]],
        "date": facts["year"],
    }
    numbers = {"volume": facts.get("volume"), "issue": facts.get("issue")}
    if facts["type"] == "article":
        venue = f"arXiv preprint arXiv:{facts['arxiv_id']}" if style == "ieee" else "arXiv"
        entry["parent"] = {"type": "periodical", "title": _verbatim(venue)}
    elif "container" in facts:
        parent: dict[str, Any] = {"type": PARENT[facts["type"]], "title": _verbatim(facts["container"])}
        parent |= {name: value for name, value in numbers.items() if value}
        parent |= {"editor": [_name(name) for name in facts["editors"]]} if "editors" in facts else {}
        parent |= _publisher(facts)
        entry["parent"] = parent
    else:
        entry |= _publisher(facts)
    if "pages" in facts:
        entry["page-range"] = facts["pages"]
    if "doi" in facts and (facts["type"] != "article" or style != "ieee"):
        entry["serial-number"] = {"doi": facts["doi"]}
    if "url" in facts:
        entry["url"] = facts["url"]
    return entry


def _verbatim(text: str) -> dict[str, Any]:
    return {"value": text, "verbatim": True}


def _publisher(facts: dict[str, Any]) -> dict[str, Any]:
    if "publisher" not in facts:
        return {}
    name, _, place = facts["publisher"].partition(", ")
    if facts["type"] in {"thesis", "report"}:
        return {"organization": facts["publisher"]}
    return {"publisher": {"name": name, "location": place}} if place else {"publisher": name}


def _name(name: dict[str, str]) -> str | dict[str, str]:
    if "literal" in name:
        return {"name": name["literal"]}
    family = name["family"]
    for particle in PARTICLES:
        if family.startswith(particle):
            return {"name": family.removeprefix(particle), "prefix": particle.strip(), "given-name": name["given"]}
    return {"name": family, "given-name": name["given"]}
