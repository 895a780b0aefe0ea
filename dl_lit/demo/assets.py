"""Where the sample papers, their gold lists and the records of the works they cite lie inside the package.

scripts/make_samples makes them all. Every function gives paths that exist wherever dl_lit is installed as files.
"""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path
from typing import Any


def sample_pdfs() -> list[Path]:
    """The sample papers, in the order of their numbers."""
    return sorted(_root().joinpath("samples").glob("*.pdf"))


def broken_pdfs() -> list[Path]:
    """Inputs that cannot be read: one locked with a password, one a scan without text."""
    return sorted(_root().joinpath("broken").glob("*.pdf"))


def gold_for(pdf: Path) -> dict[str, Any]:
    """What the sample `pdf` prints: `doi`, `title` and `references` in printed order. Raises `FileNotFoundError`.

    Each reference has position (1-based), page (1-based), label, raw, key, type, title, first_author, year, doi,
    doi_in ("text", "link", None: not in the PDF) and container.
    """
    gold: dict[str, Any] = json.loads(_root().joinpath("gold", f"{pdf.stem}.json").read_text(encoding="utf-8"))
    return gold


def universe_path() -> Path:
    """The records of all cited works but the absent ones, of notices about them, and of the samples, one a line (JSON).

    Keys: doi, title, authors, editors, year, container, type (CSL), volume, issue, pages, publisher, arxiv_id, pmid,
    isbn, url, oa ("gold", "green", "hybrid", "bronze", "closed": made up), references (of samples only: objects with
    key, doi, unstructured, title, author, year, container, in printed order), updates (of notices only: objects with
    doi, type, date).
    """
    return _root() / "universe.jsonl"


def absent_works() -> dict[str, dict[str, str | None]]:
    """The cited works that the universe leaves out on purpose: title and DOI by the key that the gold lists use."""
    absent: dict[str, dict[str, str | None]] = json.loads(_root().joinpath("absent.json").read_text(encoding="utf-8"))
    return absent


def _root() -> Path:
    return Path(str(resources.files("dl_lit.demo")))
