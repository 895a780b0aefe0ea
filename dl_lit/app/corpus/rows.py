"""What was read as rows, and rows as what was read: every key of `dl-lit extract --json`, and back to core values."""

from __future__ import annotations

from typing import Any

from db.codec import decode_coverage, decode_short_forms, encode
from dl_lit.core.model import Bibliography, CitationContext, Name, Reference, WorkType
from dl_lit.core.reasons import Reason
from dl_lit.pdf.jsonform import context_json, reference_json

_AS_THEY_ARE = (
    *("position", "raw", "page", "label", "title", "container_title", "publisher", "year", "volume", "issue", "pages"),
    *("doi", "arxiv_id", "pmid", "isbn", "url", "confidence", "section"),
)


def document_row(path: str, sha256: str, size: int, read: Bibliography | None, why: tuple[str, str]) -> dict[str, Any]:
    """A row of documents; `why` has the reason (empty: it was read and has references) and its detail."""
    row: dict[str, Any] = {
        "path": path,
        "sha256": sha256,
        "size_bytes": size,
        "reason": why[0] or None,
        "reason_detail": why[1] or None,
    }
    if read is None:
        return row
    return row | {
        "found_references": len(read.references),
        "expected_references": read.expected_references,
        "page_count": read.page_count,
        "doi": read.doi,
        "arxiv_id": read.arxiv_id,
        "title": read.title,
        "authors": _names(read.authors),
        "year": read.year,
        "coverage": None if read.coverage is None else encode(read.coverage),
        "short_forms": encode(read.short_forms),
        "notes": list(read.notes),
    }


def reference_row(path: str, sha256: str, reference: Reference) -> dict[str, Any]:
    """A row of references."""
    row = reference_json(reference)
    return row | {"path": path, "sha256": sha256, "field_confidence": list(row["field_confidence"].items())}


def context_row(sha256: str, context: CitationContext) -> dict[str, Any]:
    """A row of contexts."""
    return {"sha256": sha256, **context_json(context)}


def why_not(read: Bibliography) -> tuple[str, str]:
    """The reason and detail of a PDF that was read; empty where it has references."""
    if read.references:
        return "", ""
    return Reason.NO_REFERENCES_FOUND.value, f"{read.page_count} pages were read"


def reference_of(row: dict[str, Any]) -> Reference:
    """The reference of a row."""
    return Reference(
        **{name: row[name] for name in _AS_THEY_ARE},
        type=WorkType(row["type"]),
        authors=_people(row["authors"]),
        editors=_people(row["editors"]),
        field_confidence=tuple((name, value) for name, value in row["field_confidence"] or ()),
    )


def context_of(row: dict[str, Any]) -> CitationContext:
    """The context of a row."""
    return CitationContext(
        positions=tuple(row["positions"]), marker=row["marker"], sentence=row["sentence"], page=row["page"]
    )


def bibliography_of(
    row: dict[str, Any], references: tuple[Reference, ...], contexts: tuple[CitationContext, ...]
) -> Bibliography:
    """What was read of a document, from its row, its references in their order, and its contexts."""
    return Bibliography(
        page_count=row["page_count"],
        references=references,
        expected_references=row["expected_references"],
        doi=row["doi"],
        title=row["title"],
        authors=_people(row["authors"] or ()),
        year=row["year"],
        arxiv_id=row["arxiv_id"],
        short_forms=decode_short_forms(row["short_forms"]) if row["short_forms"] else (),
        coverage=decode_coverage(row["coverage"]) if row["coverage"] else None,
        notes=tuple(row["notes"] or ()),
        contexts=contexts,
    )


def _names(names: tuple[Name, ...]) -> list[dict[str, str | None]]:
    return [{"family": one.family, "given": one.given, "literal": one.literal} for one in names]


def _people(names: Any) -> tuple[Name, ...]:
    return tuple(Name(family=one["family"], given=one["given"], literal=one["literal"]) for one in names)
