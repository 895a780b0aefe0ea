"""The fixed JSON of `dl-lit extract --json`: schema dl-lit/bibliography/1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dl_lit.core.errors import PdfError
from dl_lit.core.model import Bibliography, Name, Reference

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
    }


def _name_json(name: Name) -> dict[str, str]:
    """A person as family and given name, a body as literal; unknown parts are left out."""
    parts = {"family": name.family, "given": name.given, "literal": name.literal}
    return {key: value for key, value in parts.items() if value}
