"""The fixed JSON of `dl-lit extract --json`: schema dl-lit/bibliography/1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dl_lit.core.errors import PdfError
from dl_lit.core.model import Bibliography, CitationContext, Coverage, Name, Reference

SCHEMA = "dl-lit/bibliography/1"


def bibliography_json(documents: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The whole answer for several documents, each from `document_json`."""
    return {"schema": SCHEMA, "documents": list(documents)}


def document_json(path: str, sha256: str | None, result: Bibliography | PdfError) -> dict[str, Any]:
    """One document: its bibliography, or the reason in `error` (and more words in `error_detail`).

    `sha256` is `None` where the file could not be read.
    """
    if isinstance(result, PdfError):
        return {
            "path": path,
            "sha256": sha256,
            "page_count": None,
            "doi": None,
            "title": None,
            "expected_references": None,
            "references": [],
            "error": result.reason.value,
            "error_detail": result.detail,
            "authors": [],
            "year": None,
            "arxiv_id": None,
            "coverage": None,
            "short_forms": [],
            "notes": [],
            "contexts": [],
        }
    return {
        "path": path,
        "sha256": sha256,
        "page_count": result.page_count,
        "doi": result.doi,
        "title": result.title,
        "expected_references": result.expected_references,
        "references": [reference_json(reference) for reference in result.references],
        "error": None,
        "authors": [_name_json(name) for name in result.authors],
        "year": result.year,
        "arxiv_id": result.arxiv_id,
        "coverage": None if result.coverage is None else coverage_json(result.coverage),
        "short_forms": [
            {"raw": short.raw, "page": short.page, "refers_to": short.refers_to} for short in result.short_forms
        ],
        "notes": list(result.notes),
        "contexts": [context_json(context) for context in result.contexts],
    }


def context_json(context: CitationContext) -> dict[str, Any]:
    """One place of the text that cites entries: every key of `CitationContext`."""
    return {
        "positions": list(context.positions),
        "marker": context.marker,
        "sentence": context.sentence,
        "page": context.page,
    }


def coverage_json(coverage: Coverage) -> dict[str, Any]:
    """How complete the reading is: every key of `Coverage`."""
    return {
        "found": coverage.found,
        "expected": coverage.expected,
        "missing_labels": list(coverage.missing_labels),
        "markers": coverage.markers,
        "unanswered_markers": list(coverage.unanswered_markers),
        "score": coverage.score,
    }


def reference_json(reference: Reference) -> dict[str, Any]:
    """One reference, every key present, `null` where not known."""
    return {
        "position": reference.position,
        "page": reference.page,
        "raw": reference.raw,
        "label": reference.label,
        "type": reference.type.value,
        "authors": [_name_json(name) for name in reference.authors],
        "editors": [_name_json(name) for name in reference.editors],
        "title": reference.title,
        "container_title": reference.container_title,
        "publisher": reference.publisher,
        "year": reference.year,
        "volume": reference.volume,
        "issue": reference.issue,
        "pages": reference.pages,
        "doi": reference.doi,
        "arxiv_id": reference.arxiv_id,
        "pmid": reference.pmid,
        "isbn": reference.isbn,
        "url": reference.url,
        "confidence": reference.confidence,
        "field_confidence": dict(reference.field_confidence),
        "section": reference.section,
    }


def _name_json(name: Name) -> dict[str, str]:
    """A person as family and given name, a body as literal; unknown parts are left out."""
    parts = {"family": name.family, "given": name.given, "literal": name.literal}
    return {key: value for key, value in parts.items() if value}
