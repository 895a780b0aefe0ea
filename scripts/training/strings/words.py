"""The small words of reference lists, language by language."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "nl", "pl", "ru")
NUMERIC_DATES = (
    "{day:02}.{month:02}.{year}",
    "{day}.{month}.{year}",
    "{day:02}/{month:02}/{year}",
    "{year}-{month:02}-{day:02}",
)


@dataclass(frozen=True, slots=True)
class Words:
    """What one language prints between the fields; every tuple offers the forms that are in use."""

    small: tuple[str, ...]  # by which its titles are known
    conjunctions: tuple[str, ...]
    et_al: tuple[str, ...]
    containers: tuple[str, ...]  # before the book that a chapter stands in
    editors: tuple[str, ...]  # behind the names of editors
    edited_by: tuple[str, ...]  # before them
    volumes: tuple[str, ...]
    issues: tuple[str, ...]
    pages: tuple[str, ...]
    editions: tuple[str, ...]  # with {number}
    theses: tuple[str, ...]
    reports: tuple[str, ...]
    available: tuple[str, ...]  # before an address
    accessed: tuple[str, ...]  # with {date}
    months: tuple[str, ...]
    undated: tuple[str, ...]
    forthcoming: tuple[str, ...]
    pointers: tuple[str, ...]  # before a citation in a note
    places: tuple[str, ...]  # behind it, for the page that is meant, with {page}
    quotes: tuple[tuple[str, str], ...]


def _words(table: dict[str, list[Any]]) -> Words:
    quotes = tuple((opening, closing) for opening, closing in table.pop("quotes"))
    return Words(quotes=quotes, **{name: tuple(forms) for name, forms in table.items()})


WORDS = {
    language: _words(table)
    for language, table in tomllib.loads((Path(__file__).parent / "words.toml").read_text("utf-8")).items()
}
