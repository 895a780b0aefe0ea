"""refextract's reading of PDFs. GPL: run only as a program of its own, with the Python of its own environment."""

from __future__ import annotations

import re
from typing import Any

from mapping import Reference, name, run
from refextract import extract_references_from_file

_BETWEEN_NAMES = re.compile(
    r",?\s+(?:and|&)\s+"
    r"|,\s+(?=(?:[A-Z]\.[\s-]?)*[^\W\d_]{2,})"  # not between a family name and its initials
)


def read(path: str) -> list[Reference]:
    """What refextract finds, in our words."""
    return [_reference(found) for found in extract_references_from_file(path)]


def _reference(found: dict[str, Any]) -> Reference:
    # It calls a title what stands in quotation marks; other titles end up among "misc", the longest piece as a rule.
    title = next(iter(found.get("title", [])), None) or max(found.get("misc", []), key=len, default=None)
    return {
        "raw": " ".join(found.get("raw_ref", [])),
        "authors": _authors(found),
        "title": title.strip(" .,:;") if title else None,
        "year": next(iter(found.get("year") or found.get("journal_year") or []), None),
        "doi": next((doi.removeprefix("doi:") for doi in found.get("doi", [])), None),
    }


def _authors(found: dict[str, Any]) -> list[dict[str, str]]:
    printed = next(iter(found.get("author", [])), "")
    people = _BETWEEN_NAMES.split(printed)
    return [person for person in map(name, people) if person]


if __name__ == "__main__":
    run(read)
