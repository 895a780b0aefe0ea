"""Where books are: the OAPEN Library and DOAB (DSpace 6, whose search is in effect free text), the Internet Archive."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import unquote

from dl_lit.core.identifiers import normalise_doi
from dl_lit.replica.catalogue import Catalogue
from dl_lit.replica.holdings import BOOK_TYPES, by_isbn, is_open_book, isbn_of
from dl_lit.replica.ranges import file_response
from dl_lit.replica.records import Record
from dl_lit.replica.services.files import Files
from dl_lit.replica.wire import Plan, Request, Response, html_response, json_response

_NEIGHBOURS = 2  # other books that an answer holds, since they have words in common with the query
_FIELD = re.compile(r'^(oapen\.identifier\.doi|isbn|dc\.title):"?(.*?)"?$')
_RETRIEVE = re.compile(r"^/rest/bitstreams/00000000-0000-4000-8000-(\d{12})/retrieve$")
_ISBN_QUERY = re.compile(r"\b(\d{13}|\d{9}[\dX])\b")
_TITLE_QUERY = re.compile(r"^title:\(([^()]*)\)")
_NOT_FOUND = "<html><head><title>404 Not Found</title></head></html>"


class _DSpace:
    """What both have in common."""

    lane = ""

    def __init__(self, catalogue: Catalogue, files: Files) -> None:
        """Knows the books that OpenAlex knows to be open."""
        self._catalogue = catalogue
        self._files = files

    def plan(self, request: Request) -> Plan:
        """Search, or a file."""
        if request.path == "/rest/search":
            return Plan(kind="search", answer=partial(self._search, request), lane=self.lane)
        found = _RETRIEVE.match(request.path)
        record = self._at(int(found.group(1))) if found else None
        if record is None:
            return Plan(kind="other", answer=partial(html_response, _NOT_FOUND, status=404), lane=self.lane)
        return Plan(kind="pdf", answer=partial(self._file, request, record), lane=self.lane)

    def _search(self, request: Request) -> Response:
        params = request.params()
        expand = set(params.get("expand", "").split(","))
        found = self._find(params.get("query", ""))[: int(params.get("limit", "100"))]
        return json_response([self._item(record, expand) for record in found])

    def _find(self, query: str) -> list[Record]:
        """What was meant, where it is held, and what else has the words."""
        match = _FIELD.match(query)
        field, value = (match.group(1), match.group(2)) if match else ("", query)
        exact = None
        if field == "oapen.identifier.doi":
            exact = self._catalogue.by_doi(normalise_doi(value) or "")
        elif field == "isbn":
            exact = by_isbn(self._catalogue, value)
        words = exact.title if exact is not None else value
        hits = [hit.record for hit in self._catalogue.find(words, 20).hits]
        near = [one for one in hits if is_open_book(self._catalogue, one) and one is not exact]
        if field == "dc.title":
            return near[: _NEIGHBOURS + 1]
        held = [exact] if exact is not None and is_open_book(self._catalogue, exact) else []
        return [*near[:_NEIGHBOURS], *held]

    def _item(self, record: Record, expand: set[str]) -> dict[str, Any]:
        item: dict[str, Any] = {
            "uuid": f"00000000-0000-4000-9000-{record.position:012}",
            "name": record.title,
            "handle": f"20.500.1/{record.position}",
            "type": "item",
            "archived": "true",
            "withdrawn": "false",
        }
        if "metadata" in expand:
            item["metadata"] = [{"key": key, "value": value, "language": None} for key, value in self._fields(record)]
        if "bitstreams" in expand:
            item["bitstreams"] = self._bitstreams(record)
        return item

    def _fields(self, record: Record) -> list[tuple[str, str]]:
        fields = [("dc.title", record.title), ("dc.rights", "open access")]
        fields += [("dc.contributor.author", f"{p.family}, {p.given}" if p.given else p.family) for p in record.authors]
        for key, value in (
            ("dc.date.issued", str(record.year) if record.year else None),
            ("oapen.identifier.doi", record.doi),
            ("dc.identifier.isbn", isbn_of(record)),
        ):
            if value:
                fields.append((key, value))
        return fields

    def _bitstreams(self, record: Record) -> list[dict[str, Any]]:
        del record
        return []

    def _file(self, request: Request, record: Record) -> Response:
        return file_response(request, self._files.pdf(record), [("content-type", "application/pdf")])

    def _at(self, position: int) -> Record | None:
        index = self._catalogue.universe.index
        record = index.record(position) if position < len(index) else None
        return record if record is not None and is_open_book(self._catalogue, record) else None


class Oapen(_DSpace):
    """library.oapen.org: its own files."""

    lane = "oapen"

    def _bitstreams(self, record: Record) -> list[dict[str, Any]]:
        link = f"/rest/bitstreams/00000000-0000-4000-8000-{record.position:012}/retrieve"
        usual = {"type": "bitstream", "retrieveLink": link}
        return [
            {**usual, "name": "cover.jpg", "bundleName": "THUMBNAIL", "format": "JPEG", "mimeType": "image/jpeg"},
            {
                **usual,
                "name": "book.pdf",
                "bundleName": "ORIGINAL",
                "format": "Adobe PDF",
                "mimeType": "application/pdf",
            },
        ]


class Doab(_DSpace):
    """directory.doabooks.org: where books are, no files."""

    lane = "doab"

    def _fields(self, record: Record) -> list[tuple[str, str]]:
        copies = self._catalogue.access(record).listed
        links = [("dc.identifier", self._catalogue.landing_url(copy)) for copy in copies]
        own = ("dc.identifier.uri", f"https://directory.doabooks.org/handle/20.500.1/{record.position}")
        return [*super()._fields(record), *links, own]


class InternetArchive:
    """archive.org: open books for all, closed ones lent."""

    def __init__(self, catalogue: Catalogue, files: Files) -> None:
        """Knows all books."""
        self._catalogue = catalogue
        self._files = files

    def plan(self, request: Request) -> Plan:
        """Search, description or file."""
        kind, answer = self._route(request)
        return Plan(kind=kind, answer=answer, lane="internet_archive")

    def _route(self, request: Request) -> tuple[str, Callable[[], Response]]:
        path = request.path
        if path == "/advancedsearch.php":
            return "search", partial(self._search, request.params())
        _, _, rest = path.partition("/metadata/")
        if rest:
            return "record", partial(self._metadata, self._named(rest))
        _, _, rest = unquote(request.raw_path).partition("/download/")
        record = self._named(rest.partition("/")[0])
        if record is not None and is_open_book(self._catalogue, record):
            return "pdf", partial(self._download, request, record)
        return "other", partial(html_response, _NOT_FOUND, status=404)

    def _search(self, params: dict[str, str]) -> Response:
        found = self._find(params.get("q", ""))[: int(params.get("rows", "50"))]
        docs = [{name: value for name, value in self._about(one).items() if value is not None} for one in found]
        return json_response(
            {"responseHeader": {"status": 0}, "response": {"numFound": len(docs), "start": 0, "docs": docs}}
        )

    def _find(self, query: str) -> list[Record]:
        if title := _TITLE_QUERY.match(query):
            hits = self._catalogue.universe.search.all_words(title.group(1), 100, title_only=True).hits
            return [hit.record for hit in hits if hit.record.type in BOOK_TYPES]
        numbers = _ISBN_QUERY.findall(query)
        each = {record.position: record for one in numbers if (record := by_isbn(self._catalogue, one)) is not None}
        return list(each.values())

    def _about(self, record: Record) -> dict[str, Any]:
        return {
            "identifier": f"book{record.position:08}",
            "title": record.title,
            "creator": [f"{p.family}, {p.given}" if p.given else p.family for p in record.authors] or None,
            "year": record.year,
            "isbn": [isbn_of(record)],
        }

    def _metadata(self, record: Record | None) -> Response:
        """Describe an item; an unknown one is an empty object, as there."""
        if record is None:
            return json_response({})
        is_open = is_open_book(self._catalogue, record)
        about = {**self._about(record), "mediatype": "texts", "date": str(record.year) if record.year else None}
        if is_open:
            about |= {"collection": ["universitypress"], "licenseurl": "https://creativecommons.org/licenses/by/4.0/"}
        else:
            about |= {"collection": ["inlibrary", "printdisabled"], "access-restricted-item": "true"}
        name = f"book{record.position:08}.pdf"
        files = [{"name": name, "format": "Text PDF", **({} if is_open else {"private": "true"})}]
        return json_response({"metadata": {key: value for key, value in about.items() if value}, "files": files})

    def _download(self, request: Request, record: Record) -> Response:
        return file_response(request, self._files.pdf(record), [("content-type", "application/pdf")])

    def _named(self, identifier: str) -> Record | None:
        digits = identifier.removeprefix("book")
        index = self._catalogue.universe.index
        if not identifier.startswith("book") or not digits.isdigit() or int(digits) >= len(index):
            return None
        record = index.record(int(digits))
        return record if record.type in BOOK_TYPES else None
