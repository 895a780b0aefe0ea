"""Finds sources, works and unrecognised entries by words of their titles, by authors and by DOI.

A look through all titles of 60,000 works takes 30 ms, less than an index would cost to keep; what cannot be written in
ASCII stands for any one character in the look, and is compared properly in what was found.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import Connection

from db.reading.source_list import EntryLine, SourceLine, entry_lines, source_lines
from db.reading.work_list import WorkLine, work_lines
from dl_lit.core.identifiers import normalise_doi

MOST_WORDS = 8
_LOOKED_AT = 2_000  # rows compared at most, of each kind


@dataclass(frozen=True, slots=True)
class Found:
    """What fits, each kind the newest first."""

    sources: tuple[SourceLine, ...]
    works: tuple[WorkLine, ...]
    entries: tuple[EntryLine, ...]  # those that are no work yet
    is_cut: bool  # there may be more


_BY_DOI = "SELECT work_id FROM work_keys WHERE kind = 'doi' AND value = ?1 UNION SELECT id FROM works WHERE doi = ?1"
_OF_SOURCES = "coalesce(title, '') || ' ' || path || ' ' || coalesce(doi, '') || ' ' || coalesce(authors, '')"
_LOOKED_IN = {  # table, what of it is looked through, which rows
    "s": ("sources", _OF_SOURCES, "TRUE"),
    "w": ("works", "record", "TRUE"),
    "e": ("entries", "reference", "work_id IS NULL"),
}


def search(connection: Connection, text: str, *, limit: int) -> Found:
    """At most `limit` of each kind in which all words of `text` stand; nothing where `text` has no words."""
    words = unicodedata.normalize("NFC", text).split()[:MOST_WORDS]
    if not words:
        return Found((), (), (), is_cut=False)
    doi = normalise_doi(text.strip())
    exact = [row[0] for row in connection.exec_driver_sql(_BY_DOI, (doi,))] if doi else []
    sources = _fitting(connection, "s", words, limit)
    works = exact or _fitting(connection, "w", words, limit)
    entries = _fitting(connection, "e", words, limit)
    return Found(
        sources=source_lines(connection, sources),
        works=work_lines(connection, works[:limit]),
        entries=entry_lines(connection, entries),
        is_cut=max(len(sources), len(works), len(entries)) >= limit,
    )


def _fitting(connection: Connection, kind: str, words: list[str], limit: int) -> list[int]:
    """The ids of the newest rows that have all the words."""
    table, text, where = _LOOKED_IN[kind]
    like = " AND ".join(f"{text} LIKE ? ESCAPE '!'" for _ in words)
    rows = connection.exec_driver_sql(
        f"SELECT id, {text} FROM {table} WHERE {where} AND {like} ORDER BY id DESC LIMIT {_LOOKED_AT}",  # noqa: S608 - text of ours
        tuple(f"%{_pattern(word)}%" for word in words),
    )
    return list(islice(_having(rows, kind, [folded(word) for word in words]), limit))


def _having(rows: Iterable[Any], kind: str, words: list[str]) -> Iterator[int]:
    for id_, text in rows:
        shown = folded(_of_record(text) if kind == "w" else _of_reference(text) if kind == "e" else _of_source(text))
        if all(word in shown for word in words):
            yield id_


def _of_source(text: str) -> str:
    """Without the names of its authors' fields."""
    return text.replace('"family":', " ").replace('"given":', " ").replace('"literal":', " ")


def _of_reference(reference: str) -> str:
    return str(json.loads(reference).get("raw", ""))


def _of_record(record: str) -> str:
    """What of a record is searched: not the names of its fields."""
    facts = json.loads(record)
    names = [*(facts.get("authors") or ()), *(facts.get("editors") or ())]
    people = [part for name in names for part in (name.get("given"), name.get("family"), name.get("literal"))]
    own = (facts.get(field) for field in ("title", "container_title", "publisher", "doi", "arxiv_id", "openalex_id"))
    return " ".join(str(part) for part in (*people, *own, facts.get("year")) if part)


def folded(text: str) -> str:
    """Text for comparing: one form of each letter, no case."""
    return unicodedata.normalize("NFC", text).casefold()


def _pattern(word: str) -> str:
    """The word for LIKE, which knows the case of ASCII only: whatever else stands for any character."""
    return "".join("_" if not char.isascii() else f"!{char}" if char in "!%_" else char for char in word)
