"""Relations between works as Crossref and DataCite name them: which are versions of one text, which translations."""

from __future__ import annotations

from collections.abc import Iterable

from dl_lit.core.identifiers import arxiv_id_of_doi, doi_of_arxiv_id, normalise_arxiv_id, normalise_doi
from dl_lit.core.model import Relation, RelationKind

# https://www.crossref.org/documentation/schema-library/markup-guide-metadata-segments/relationships/ and
# https://datacite-metadata-schema.readthedocs.io/en/4.6/appendices/appendix-1/relationType/ (read 2026-11-23), without
# hyphens and capitals. Reviews, parts, supplements and data are other works.
_KINDS = {
    **dict.fromkeys(
        (
            "ispreprintof",
            "haspreprint",
            "ismanuscriptof",
            "hasmanuscript",
            "isversionof",
            "hasversion",
            "isnewversionof",
            "ispreviousversionof",
            "isvariantformof",
            "hasvariantform",
            "isoriginalformof",
            "hasoriginalform",
            "isidenticalto",
            "issameas",
        ),
        RelationKind.VERSION,
    ),
    "istranslationof": RelationKind.TRANSLATION,
    "hastranslation": RelationKind.TRANSLATION,
}


def relations(named: Iterable[tuple[str, str, str]], own_doi: str | None, source: str) -> tuple[Relation, ...]:
    """The versions and translations among `named` (relation, kind of identifier, identifier), each once.

    Other relations, the work itself and identifiers that are neither DOI nor arXiv's are left out.
    """
    found: dict[Relation, None] = {}
    for name, id_type, identifier in named:
        kind = _KINDS.get(name.replace("-", "").replace("_", "").lower())
        if kind is None:
            continue
        arxiv_id = normalise_arxiv_id(identifier) if id_type.lower() == "arxiv" else None
        doi = doi_of_arxiv_id(arxiv_id) if arxiv_id else normalise_doi(identifier) if id_type.lower() == "doi" else None
        if doi and doi != own_doi:
            relation = Relation(kind=kind, doi=doi, arxiv_id=arxiv_id or arxiv_id_of_doi(doi), source=source)
            found[relation] = None
    return tuple(found)
