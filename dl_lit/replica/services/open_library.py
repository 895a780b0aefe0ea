"""Open Library: books by ISBN, and works by title and author."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any

from dl_lit.replica.catalogue import Catalogue
from dl_lit.replica.holdings import BOOK_TYPES, by_isbn, isbn_of
from dl_lit.replica.records import Record, words
from dl_lit.replica.wire import Plan, Request, Response, html_response, json_response

_BOOKS_PARAMETERS = frozenset({"bibkeys", "format", "jscmd"})
_SEARCH_PARAMETERS = frozenset({"q", "title", "author", "isbn", "fields", "limit", "offset", "page", "sort", "lang"})
_MAX_LIMIT = 1_000
_MOST_FOUND = 500
_QUERY = re.compile(r"title:\(([^()]*)\)(?: AND author:\(([^()]*)\))?")


class OpenLibrary:
    """openlibrary.org."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Knows the books."""
        self._catalogue = catalogue

    def plan(self, request: Request) -> Plan:
        """Look-up or search; whoever names a contact is let in more often."""
        kind, answer = self._route(request.path, request.params())
        identified = "@" in request.user_agent or "mailto:" in request.user_agent
        lane = f"open_library/{'identified' if identified else 'anonymous'}"
        return Plan(kind=kind, answer=answer, lane=lane)

    def _route(self, path: str, params: dict[str, str]) -> tuple[str, Callable[[], Response]]:
        if path == "/api/books":
            return "batch", partial(self._books, params)
        if path == "/search.json":
            return "search", partial(self._search, params)
        return "other", partial(html_response, "<html><head><title>404</title></head></html>", status=404)

    def _books(self, params: dict[str, str]) -> Response:
        if not params.keys() <= _BOOKS_PARAMETERS or params.get("format") != "json" or params.get("jscmd") != "data":
            return html_response("<html><body>400</body></html>", status=400)
        found: dict[str, Any] = {}
        for key in params.get("bibkeys", "").split(","):
            record = by_isbn(self._catalogue, key.removeprefix("ISBN:")) if key.startswith("ISBN:") else None
            if record is not None:
                found[key] = self._book(record)
        return json_response(found)

    def _book(self, record: Record) -> dict[str, Any]:
        key = f"/books/OL{record.position + 1}M"
        found: dict[str, Any] = {
            "url": f"https://openlibrary.org{key}",
            "key": key,
            "title": record.title,
            "authors": [
                {"url": f"https://openlibrary.org/authors/OL{place}A", "name": person.full}
                for place, person in enumerate(record.authors, 1)
            ],
            "identifiers": {"isbn_13": [isbn_of(record)], "openlibrary": [f"OL{record.position + 1}M"]},
            "publishers": [{"name": record.publisher}] if record.publisher else None,
            "publish_date": str(record.year) if record.year else None,
        }
        return {name: value for name, value in found.items() if value}

    def _search(self, params: dict[str, str]) -> Response:
        query, limit = params.get("q", ""), params.get("limit", "100")
        found = self._find(query)
        if not params.keys() <= _SEARCH_PARAMETERS or found is None or not limit.isdigit() or int(limit) > _MAX_LIMIT:
            return json_response({"error": "the query could not be read"}, status=422)
        fields = [name for name in params.get("fields", "*").split(",") if name]
        docs = [_selected(self._doc(record), fields) for record in found[: int(limit)]]
        return json_response({"numFound": len(found), "start": 0, "numFoundExact": True, "docs": docs})

    def _find(self, query: str) -> list[Record] | None:
        """The books that a query means; None for one that cannot be read."""
        if query.startswith("isbn:"):
            record = by_isbn(self._catalogue, query.removeprefix("isbn:"))
            return [record] if record else []
        match = _QUERY.fullmatch(query)
        if match is None:
            return None
        wanted = set(words(match[2] or ""))
        return [
            hit.record
            for hit in self._catalogue.universe.search.all_words(match[1], _MOST_FOUND, title_only=True).hits
            if hit.record.type in BOOK_TYPES
            and (not wanted or any(wanted <= set(words(person.full)) for person in hit.record.authors))
        ]

    def _doc(self, record: Record) -> dict[str, Any]:
        found: dict[str, Any] = {
            "key": f"/works/OL{record.position + 1}W",
            "title": record.title,
            "author_name": [person.full for person in record.authors] or None,
            "first_publish_year": record.year,
            "publish_year": [record.year] if record.year else None,
            "publisher": [record.publisher] if record.publisher else None,
            "isbn": [isbn_of(record)],
            "language": ["fre" if record.language == "fr" else "eng"],
        }
        return {name: value for name, value in found.items() if value is not None}


def _selected(doc: dict[str, Any], fields: list[str]) -> dict[str, Any]:
    return doc if fields == ["*"] else {name: value for name, value in doc.items() if name in fields}
