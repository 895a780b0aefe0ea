"""Scanned and deposited books of the Internet Archive: only those that anybody may download and nobody lends.

Read 2026-11-23: https://archive.org/advancedsearch.php, https://archive.org/developers/md-read.html (one search, then
the description of each hit that fits) and https://archive.org/services/docs/api/metadata-schema/ (`possible-copyright-
status`, `licenseurl`, `access-restricted-item`). That an item can be downloaded does not make it lawful there: books
are believed to be free where their copyright has run out, or where whoever digitised or published them (no anonymous
uploader) states an open licence.
"""

from __future__ import annotations

import msgspec

from dl_lit.core.identifiers import normalise_isbn
from dl_lit.core.model import HostType, Location, Version, Work, WorkType
from dl_lit.core.ports import ServiceCalls
from dl_lit.core.values import dataclass
from stages.answers import NOT_FOUND, decode, decode_each, list_body, path_quote
from stages.locators.same_work import PARTS, Told, dois_in, is_same_work, isbns_in, year_in
from stages.locators.settings import LocatorSettings

SERVICE = "internet_archive"
ROWS = 10
_MOST_ITEMS = 3  # descriptions asked for
_LONGEST = 200  # characters of a title that is searched for
# Works published in the United States before 1931 are in the public domain in 2026, 95 years after publication:
# https://www.copyright.gov/circs/circ15a.pdf (read 2026-11-23).
FREE_UNTIL = 1930
_LENT = frozenset({"inlibrary", "printdisabled", "lendinglibrary", "browserlending", "internetarchivebooks-restricted"})
# Anybody's uploads; the licences stated there are anybody's, too: https://archive.org/details/opensource
_UPLOADS = frozenset({"opensource", "opensource_media", "community", "folkscanomy", "arxiv-bot"})
_OPEN_LICENCES = ("creativecommons.org/licenses/", "creativecommons.org/publicdomain/")
_PDFS = ("Text PDF", "Additional Text PDF", "Image Container PDF", "PDF")  # the best first

Texts = str | int | list[str | int] | None


class _Hit(msgspec.Struct):
    identifier: str | None = None
    title: Texts = None
    creator: Texts = None
    year: Texts = None
    date: Texts = None
    isbn: Texts = None


class _Hits(msgspec.Struct):
    docs: list[msgspec.Raw] | None = None


class _Search(msgspec.Struct):
    response: _Hits


class _About(msgspec.Struct, rename="kebab"):
    title: Texts = None
    creator: Texts = None
    date: Texts = None
    year: Texts = None
    isbn: Texts = None
    collection: Texts = None
    licenseurl: Texts = None
    external_identifier: Texts = None
    access_restricted_item: Texts = None
    possible_copyright_status: Texts = None


class _File(msgspec.Struct):
    name: str | None = None
    format: str | None = None
    private: Texts = None


class _Item(msgspec.Struct):
    metadata: _About | None = None
    files: list[_File] | None = None
    is_dark: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One item of the Archive."""

    told: Told
    licence: str | None = None
    is_free: bool = False  # may be downloaded by anybody, lawfully
    files: tuple[str, ...] = ()  # its PDFs, the best first; relative to the item


def parse(body: bytes) -> list[tuple[str, Told]]:
    """Read a search: identifier and self-description of each hit. Raises `ServiceError`."""
    hits = decode_each(decode(body, _Search, SERVICE).response.docs or [], _Hit, SERVICE)
    return [
        (hit.identifier, _told(hit.title, hit.creator, hit.year or hit.date, hit.isbn))
        for hit in hits
        if hit.identifier
    ]


def parse_item(body: bytes) -> Item | None:
    """Read the description of an item; `None` where there is none (any more). Raises `ServiceError`."""
    item = decode(body, _Item, SERVICE)
    about = item.metadata
    if about is None or item.is_dark:
        return None
    files = [(file.format, file.name) for file in item.files or [] if file.name and not _is_true(file.private)]
    licence = next(iter(_texts(about.licenseurl)), None)
    told = _told(about.title, about.creator, about.year or about.date, about.isbn, about.external_identifier)
    return Item(
        told=told,
        licence=licence,
        is_free=_is_free(about, told, licence),
        files=tuple(name for kind in _PDFS for form, name in files if form == kind),
    )


def locate(calls: ServiceCalls, work: Work, settings: LocatorSettings) -> tuple[Location, ...]:
    """Search by ISBN or by title and year, then read the items that may be the work. Raises `ServiceError`."""
    params = [
        ("q", _query(work)),
        *(("fl[]", name) for name in ("identifier", "title", "creator", "year", "date", "isbn")),
        ("rows", str(ROWS)),
        ("output", "json"),
    ]
    hits = parse(list_body(calls.get(SERVICE, "/advancedsearch.php", params), SERVICE))
    found: list[Location] = []
    for identifier in [identifier for identifier, told in hits if is_same_work(work, told)][:_MOST_ITEMS]:
        answer = calls.get(SERVICE, f"/metadata/{path_quote(identifier)}")
        item = None if answer.status == NOT_FOUND else parse_item(answer.body)
        if item is not None and item.is_free and is_same_work(work, item.told):
            found += [_location(settings.internet_archive_url, identifier, name, item) for name in item.files[:1]]
    return tuple(found)


def is_worth_asking(work: Work, known: tuple[Location, ...]) -> bool:
    """For books with an ISBN, and old ones by title, author and year."""
    del known
    if work.type in PARTS:
        return False
    is_old = work.type is WorkType.BOOK and work.year is not None and work.year <= FREE_UNTIL + 1
    return bool(work.isbn) or bool(is_old and work.title and (work.authors or work.editors))


def _query(work: Work) -> str:
    if work.isbn:
        return f"isbn:({work.isbn} OR {_short_isbn(work.isbn)}) AND mediatype:texts"
    words = " ".join(word for word in "".join(c if c.isalnum() else " " for c in work.title).split())
    return f"title:({words[:_LONGEST].lower()}) AND mediatype:texts"


def _short_isbn(isbn: str) -> str:
    """Older scans are catalogued by ten digits: those of a 978 number, else the number itself."""
    if not isbn.startswith("978"):
        return isbn
    nine = isbn[3:12]
    last = -sum(int(digit) * (10 - place) for place, digit in enumerate(nine)) % 11
    ten = f"{nine}{'X' if last == 10 else last}"
    return ten if normalise_isbn(ten) == isbn else isbn


def _location(site_url: str, identifier: str, name: str, item: Item) -> Location:
    return Location(
        url=f"{site_url}/download/{path_quote(identifier)}/{path_quote(name)}",
        host_type=HostType.REPOSITORY,
        version=Version.PUBLISHED,
        licence=item.licence,
        found_by=SERVICE,
    )


def _is_free(about: _About, told: Told, licence: str | None) -> bool:
    collections = set(_texts(about.collection))
    if _is_true(about.access_restricted_item) or collections & _LENT:
        return False
    if told.year is not None and told.year <= FREE_UNTIL:
        return True
    if collections & _UPLOADS or any(name.startswith("folkscanomy") for name in collections):
        return False
    status = next(iter(_texts(about.possible_copyright_status)), "").replace("_", " ").upper()
    return status in {"NOT IN COPYRIGHT", "PUBLIC DOMAIN"} or any(one in (licence or "") for one in _OPEN_LICENCES)


def _told(title: Texts, creator: Texts, date: Texts, isbn: Texts, others: Texts = None) -> Told:
    names = [f"{name}" for name in _texts(creator)]
    identifiers = [one.removeprefix("urn:") for one in _texts(others)]
    return Told(
        title=next(iter(_texts(title)), None),
        people=tuple(_without_dates(name) for name in names),
        year=next((year for one in _texts(date) if (year := year_in(one))), None),
        dois=dois_in(one.removeprefix("doi:") for one in identifiers if one.startswith("doi:")),
        isbns=isbns_in([*_texts(isbn), *(one.removeprefix("isbn:") for one in identifiers if one.startswith("isbn:"))]),
    )


def _without_dates(name: str) -> str:
    """Library catalogues add when somebody lived: "Darwin, Charles, 1809-1882"."""
    parts = [part.strip() for part in name.split(",")]
    return ", ".join(part for part in parts if not any(letter.isdigit() for letter in part))


def _texts(value: Texts) -> list[str]:
    """A field that is a text, a number, a list of them, or missing."""
    values = value if isinstance(value, list) else [] if value is None else [value]
    return [text for one in values if (text := str(one).strip())]


def _is_true(value: Texts) -> bool:
    return any(one.lower() in {"true", "1"} for one in _texts(value))
