"""How works are recognised in tests: by rules as short as can be, so that "Title 1" tells as much as a real title."""

from __future__ import annotations

from dataclasses import dataclass

from db.recognition import Recogniser, arxiv_id_of, doi_of
from dl_lit.core.model import Work, WorkType


@dataclass(frozen=True)
class Kinship:
    """What two records are to each other."""

    kind: str
    evidence: str


def title_key(work: Work) -> str | None:
    """A key by title, first author and year, as blunt as tests want it."""
    key = version_key(work)
    return f"{key}|{work.year}" if key and work.year is not None else None


def version_key(work: Work) -> str | None:
    """A key by title and first author."""
    if not work.authors or not work.title:
        return None
    return f"{work.title.casefold()}|{work.authors[0].sort_key.casefold()}"


def relation_of(one: Work, other: Work) -> Kinship | None:
    """Two DOIs are two works; kinds that differ are versions; equal title, author and year are one work."""
    mine, yours = doi_of(one), doi_of(other)
    if mine and mine == yours:
        return Kinship("same", f"equal DOI {mine}")
    for named, by in ((one, other), (other, one)):
        for relation in named.relations:
            if (relation.doi and relation.doi == doi_of(by)) or (
                relation.arxiv_id and relation.arxiv_id == arxiv_id_of(by)
            ):
                return Kinship(relation.kind.value, "said so")
    if arxiv_id_of(one) and arxiv_id_of(one) == arxiv_id_of(other):
        return Kinship("same" if one.type is other.type else "version", "equal arXiv identifier")
    is_version = version_key(one) == version_key(other) is not None and WorkType.ARTICLE in {one.type, other.type}
    if is_version and one.type is not other.type:
        return Kinship("version", "equal title and author, another kind")
    for named, by in ((one, other), (other, one)):
        if any(alias.title.casefold() == by.title.casefold() for alias in named.aliases):
            return Kinship("translation", "an alias")
    if mine and yours:
        return None
    for name in ("openalex_id", "pmid", "pmcid"):
        if getattr(one, name) and getattr(one, name) == getattr(other, name):
            return Kinship("same", f"equal {name}")
    if title_key(one) is not None and title_key(one) == title_key(other) and one.volume == other.volume:
        return Kinship("same", "equal title, author and year")
    return None


RECOGNISER = Recogniser(title_key, version_key, relation_of)
