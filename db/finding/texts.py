"""What of a row is searched."""

# ruff: noqa: S608 - all that is put together here are texts of ours

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection

from db.finding.folding import words_of

_TEXTS = {
    "sources": "SELECT id, title, path, doi, authors FROM sources",
    "works": "SELECT id, record FROM works",
    "entries": "SELECT id, reference FROM entries",
}


def texts(what: str) -> str:
    """The query for the texts of all rows of `what`, to which a condition may be added."""
    return _TEXTS[what]


def words_in(what: str, row: Sequence[Any]) -> list[str]:
    """The words of a row as `texts` reads it."""
    if what == "sources":
        title, path, doi, authors = row[1:]
        return words_of(" ".join(filter(None, (title, path, doi, *_people(_document(authors) if authors else ())))))
    facts = _document(row[1])
    if what == "entries":
        return words_of(str(facts.get("raw", "")))
    own = (facts.get(field) for field in ("title", "container_title", "publisher", "doi", "arxiv_id", "openalex_id"))
    people = _people([*(facts.get("authors") or ()), *(facts.get("editors") or ())])
    return words_of(" ".join(str(part) for part in (*own, *people, facts.get("year")) if part))


def rows_of(
    connection: Connection, what: str, ids: Iterable[int], *, also: str = "TRUE"
) -> list[tuple[int, list[str]]]:
    """These rows with their words, the newest first; those that are not there are left out."""
    query = f"{texts(what)} WHERE id IN (SELECT value FROM json_each(?)) AND {also} ORDER BY id DESC"
    rows = connection.exec_driver_sql(query, (json.dumps(list(ids)),))
    return [(row[0], words_in(what, row)) for row in rows]


def _document(text: str) -> Any:
    """What the column holds; nothing where somebody wrote there what is no JSON, so that the others are found."""
    try:
        return json.loads(text)
    except ValueError:
        return {}


def _people(names: Sequence[Any]) -> list[str]:
    """Their names as records have them; consortia have thousands."""
    return [
        part
        for name in list(names)[:50]
        for part in (name.get("given"), name.get("family"), name.get("literal"))
        if part
    ]
