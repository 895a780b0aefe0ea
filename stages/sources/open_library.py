"""Open Library: books by ISBN, many at once, and by title and author.

Read 2026-11-23: https://openlibrary.org/dev/docs/api/books (`bibkeys`, `jscmd=data`),
https://openlibrary.org/dev/docs/api/search (fields), https://openlibrary.org/developers/api (limits, User-Agent).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import msgspec

from dl_lit.core.errors import ServiceError
from dl_lit.core.identifiers import normalise_isbn
from dl_lit.core.model import Name, Reference, Work, WorkType
from dl_lit.core.ports import ServiceCalls
from dl_lit.core.reasons import Reason
from dl_lit.matching.normalise import plain_text
from stages.answers import LookUp, decode, decode_each, list_body, look_up
from stages.sources.names import LANGUAGES, person

SERVICE = "open_library"
BATCH = 50
URL_BYTES = 2_500
SEARCH_ROWS = 10
SITE = "https://openlibrary.org"

_FIELDS = "key,title,subtitle,author_name,first_publish_year,publish_year,publisher,isbn,language"
_YEAR = re.compile(r"(?<!\d)(1[4-9]\d\d|20\d\d)(?!\d)")
_NOT_SEARCHABLE = re.compile(r"[^\w' ]+|_")  # Solr's syntax: + - && || ! ( ) { } [ ] ^ " ~ * ? : \ /
_TITLE_WORDS = 12
_BOOKS = frozenset({WorkType.BOOK, WorkType.CHAPTER})


class _Named(msgspec.Struct):
    name: str | None = None


class _Identifiers(msgspec.Struct):
    isbn_13: list[str] | None = None
    isbn_10: list[str] | None = None


class _Book(msgspec.Struct):
    title: str | None = None
    subtitle: str | None = None
    authors: list[_Named] | None = None
    by_statement: str | None = None
    publishers: list[_Named] | None = None
    publish_date: str | None = None
    identifiers: _Identifiers | None = None
    url: str | None = None
    number_of_pages: int | None = None


class _Doc(msgspec.Struct):
    key: str | None = None
    title: str | None = None
    subtitle: str | None = None
    author_name: list[str] | None = None
    publisher: list[str] | None = None
    first_publish_year: int | None = None
    publish_year: list[int] | None = None
    isbn: list[str] | None = None
    language: list[str] | None = None


class _Found(msgspec.Struct):
    docs: list[msgspec.Raw]


def parse(body: bytes) -> dict[str, Work]:
    """Read a look-up by `bibkeys`: the books by ISBN, untitled ones left out. Raises `ServiceError`."""
    records = decode(body, dict[str, msgspec.Raw], SERVICE)
    found: dict[str, Work] = {}
    failed = 0
    for key, raw in records.items():
        isbn = normalise_isbn(key.removeprefix("ISBN:"))
        try:
            book = decode(bytes(raw), _Book, SERVICE)
        except ServiceError:
            failed += 1
            continue
        work = _work(book, isbn)
        if work and isbn:
            found[isbn] = work
    if records and failed == len(records):
        raise ServiceError(SERVICE, Reason.BAD_ANSWER, f"none of {failed} records has the shape hoped for")
    return found


def parse_search(body: bytes, year: int | None = None) -> list[Work]:
    """Read the hits of a search, best first, each in the edition of `year` where there is one.

    Raises `ServiceError`.
    """
    docs = decode_each(decode(body, _Found, SERVICE).docs, _Doc, SERVICE)
    return [work for doc in docs if (work := _work_of_doc(doc, year))]


def by_isbns(calls: ServiceCalls, isbns: Sequence[str]) -> LookUp:
    """Look ISBNs up, 50 to a request."""

    def ask(batch: Sequence[str]) -> Mapping[str, Work]:
        keys = ",".join(f"ISBN:{isbn}" for isbn in batch)
        params = [("bibkeys", keys), ("format", "json"), ("jscmd", "data")]
        works = parse(list_body(calls.get(SERVICE, "/api/books", params), SERVICE))
        return {isbn: work for isbn, work in works.items() if isbn in set(batch)}

    return look_up([isbn for isbn in isbns if isbn.isdigit()], BATCH, URL_BYTES, ask, service=SERVICE)


def search(calls: ServiceCalls, reference: Reference) -> list[Work] | None:
    """Search books by title and first author or editor; `None` for entries that are no books. Raises `ServiceError`."""
    query = search_text(reference)
    if not query:
        return None
    params = [("q", query), ("fields", _FIELDS), ("limit", str(SEARCH_ROWS))]
    return parse_search(list_body(calls.get(SERVICE, "/search.json", params), SERVICE), reference.year)


def search_text(reference: Reference) -> str:
    """`title:(...) AND author:(...)`, of the book for a chapter; empty for articles and where either is missing."""
    is_chapter = reference.type is WorkType.CHAPTER and reference.container_title
    people = reference.editors if is_chapter else (*reference.authors, *reference.editors)
    is_published = reference.type is WorkType.DOCUMENT and reference.publisher and not reference.container_title
    if reference.type not in _BOOKS and not is_published:
        return ""
    title = _plain(reference.container_title if is_chapter else reference.title)
    author = _plain(people[0].sort_key) if people else ""
    if not title or not (author or is_chapter):
        return ""
    words = " ".join(title.split()[:_TITLE_WORDS])
    return f"title:({words}) AND author:({author})" if author else f"title:({words})"


def _plain(text: str | None) -> str:
    """Lower case, so that AND, OR and NOT are words; without Solr's syntax."""
    return " ".join(_NOT_SEARCHABLE.sub(" ", plain_text(text or "").lower()).split())


def _work(book: _Book, isbn: str | None) -> Work | None:
    title = _title(book.title, book.subtitle)
    if not title:
        return None
    year = _YEAR.search(book.publish_date or "")
    return Work(
        title=title,
        type=WorkType.BOOK,
        authors=_people([one.name for one in book.authors or []]),
        year=int(year[1]) if year else None,
        publisher=next((one.name for one in book.publishers or [] if one.name), None),
        isbn=isbn or _isbn([*_all(book.identifiers)]),
        url=book.url,
        metadata_source=SERVICE,
    )


def _work_of_doc(doc: _Doc, year: int | None) -> Work | None:
    title = _title(doc.title, doc.subtitle)
    if not title:
        return None
    is_printed_then = year is not None and year in (doc.publish_year or [])
    languages = doc.language or []
    return Work(
        title=title,
        type=WorkType.BOOK,
        authors=_people(doc.author_name or []),
        year=year if is_printed_then else doc.first_publish_year,
        publisher=doc.publisher[0] if doc.publisher and len(doc.publisher) == 1 else None,
        isbn=_isbn(doc.isbn) if doc.isbn and len(doc.isbn) <= 2 else None,  # of many, nothing says which edition's
        url=f"{SITE}{doc.key}" if doc.key else None,
        language=LANGUAGES.get(languages[0]) if len(languages) == 1 else None,
        metadata_source=SERVICE,
    )


def _title(title: str | None, subtitle: str | None) -> str:
    main, rest = plain_text(title or "").rstrip(" :/"), plain_text(subtitle or "")
    return f"{main}: {rest}" if main and rest else main


def _people(names: Sequence[str | None]) -> tuple[Name, ...]:
    return tuple(person(name) for name in names if name and name.strip())


def _all(identifiers: _Identifiers | None) -> list[str]:
    return [*(identifiers.isbn_13 or []), *(identifiers.isbn_10 or [])] if identifiers else []


def _isbn(isbns: Sequence[str] | None) -> str | None:
    return next((isbn for text in isbns or [] if (isbn := normalise_isbn(text))), None)
