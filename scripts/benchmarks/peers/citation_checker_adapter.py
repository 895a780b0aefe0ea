"""citation-checker's reading of PDFs (it stands on PyMuPDF, which is AGPL): run only as a program of its own."""

from __future__ import annotations

import re
import warnings

from mapping import Reference, name, run

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it uses the old name of its PDF library
    from citation_checker.pdf_parser import parse_pdf_file


def read(path: str) -> list[Reference]:
    """What citation-checker finds, in our words."""
    return [
        {
            "raw": entry.raw_fields.get("raw_text") or "",
            "authors": [person for person in map(name, entry.authors) if person],
            # In author-year lists it leaves the year at the beginning of the title.
            "title": re.sub(r"^\(\d{4}[a-z]?\)[.,:]?\s*", "", entry.title) if entry.title else None,
            "year": entry.year,
            "doi": entry.doi,
            "url": entry.url,
            "arxiv_id": entry.eprint,
        }
        for entry in parse_pdf_file(path)
    ]


if __name__ == "__main__":
    run(read)
