"""The sample papers as their TOML files describe them: text of our own, and the works each cites."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
CITATION = "§"  # where the text cites something
DOI_PREFIX = "10.5555"  # used for examples; such a DOI resolves to nothing


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and the text below it, in typst markup with `§` where works are cited."""

    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class Part:
    """What has one list of references: a paper, or a chapter of a thesis."""

    heading: str  # empty where the paper is one part
    sections: tuple[Section, ...]
    works: tuple[str, ...]  # keys of the catalogue


@dataclass(frozen=True, slots=True)
class Paper:
    """One sample paper."""

    name: str  # of the file, without suffix
    number: int
    title: str
    authors: tuple[str, ...]
    affiliation: str
    language: str  # ISO 639-1
    style: str  # a style typst brings along, "linked-list" or "alpha-list"
    columns: int
    font: str
    size_pt: float
    references_heading: str
    abstract: str
    keywords: str
    is_thesis: bool
    parts: tuple[Part, ...]

    @property
    def doi(self) -> str:
        """The made-up identifier of the paper, which no resolver knows."""
        return f"{DOI_PREFIX}/dl-lit.sample.{self.number:02}"


@cache
def papers() -> tuple[Paper, ...]:
    """All sample papers, by number."""
    return tuple(_paper(path) for path in sorted((HERE / "papers").glob("*.toml")))


def _paper(path: Path) -> Paper:
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    chapters = data.get("chapters") or [{"heading": "", "sections": data["sections"], "works": data["works"]}]
    return Paper(
        name=path.stem,
        number=int(path.stem.split("-")[0]),
        title=data["title"],
        authors=tuple(data["authors"]),
        affiliation=data["affiliation"],
        language=data["language"],
        style=data["style"],
        columns=data["columns"],
        font=data["font"],
        size_pt=data["size_pt"],
        references_heading=data["references_heading"],
        abstract=data["abstract"],
        keywords=data["keywords"],
        is_thesis=data.get("kind") == "thesis",
        parts=tuple(
            Part(
                heading=chapter["heading"],
                sections=tuple(Section(s["heading"], s["text"].strip()) for s in chapter["sections"]),
                works=tuple(chapter["works"]),
            )
            for chapter in chapters
        ),
    )
