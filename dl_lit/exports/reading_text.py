"""What a language model had to do with an entry, in a sentence: for reports and explanations."""

from __future__ import annotations

from dl_lit.core.model import ModelReading

_NAMES = {"container_title": "container", "arxiv_id": "arXiv", "doi": "DOI", "pmid": "PMID", "isbn": "ISBN"}


def reading_text(reading: ModelReading) -> str:
    """Which model it was, what was taken from it, and against what that was checked."""
    if not reading.is_its_find:
        told = ", ".join(_NAMES.get(name, name) for name in reading.fields) or "nothing"
        return f"{reading.model} told {told}; each stands in the printed entry"
    if reading.is_checked:
        return f"{reading.model} found the entry; its text stands in print"
    return f"{reading.model} found the entry on a page without text: nothing bears it out"
