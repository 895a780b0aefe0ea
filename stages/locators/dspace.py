"""The answers of DSpace 6, which OAPEN and DOAB run on: records as lists of fields, files as bitstreams. Pure.

Read 2026-11-23: https://wiki.lyrasis.org/display/DSDOC6x/REST+API (`/rest/search`, `expand=metadata,bitstreams`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from dl_lit.core.model import Work, WorkType
from stages.answers import decode, decode_each
from stages.locators.same_work import PARTS, Told, dois_in, isbns_in, year_in

LIMIT = 10  # records to an answer: those of one identifier, and what else has its words in common
_DOI_FIELDS = ("oapen.identifier.doi", "dc.identifier.doi", "dc.identifier")
_ISBN_FIELDS = ("dc.identifier.isbn", "oapen.identifier.isbn", "oapen.relation.isbn", "dc.identifier")
_PEOPLE = ("dc.contributor.author", "dc.contributor.editor")
_LICENCES = ("dc.rights.uri", "publisher.oalicense", "oapen.licence", "dc.rights")
_LONGEST = 200  # characters of a title that is searched for


class _Field(msgspec.Struct):
    key: str | None = None
    value: str | None = None


class _Bitstream(msgspec.Struct, rename="camel"):
    name: str | None = None
    bundle_name: str | None = None
    mime_type: str | None = None
    format: str | None = None
    retrieve_link: str | None = None


class _Record(msgspec.Struct):
    handle: str | None = None
    name: str | None = None
    metadata: list[_Field] | None = None
    bitstreams: list[_Bitstream] | None = None


class Record:
    """One record, its fields by key."""

    def __init__(self, raw: _Record) -> None:
        """Read the fields of `raw`; those without a value are left out."""
        self._raw = raw
        self._fields: dict[str, list[str]] = {}
        for field in raw.metadata or []:
            if field.key and field.value and field.value.strip():
                self._fields.setdefault(field.key.lower(), []).append(field.value.strip())

    @property
    def handle(self) -> str | None:
        """The record's own identifier, "20.500.12657/123"."""
        return self._raw.handle

    def values(self, *keys: str) -> list[str]:
        """What stands in these fields, in their order."""
        return [value for key in keys for value in self._fields.get(key, [])]

    @property
    def licence(self) -> str | None:
        """The licence as the record states it; "open access" alone is none."""
        stated = (value for value in self.values(*_LICENCES) if value.lower() != "open access")
        return next(stated, None)

    @property
    def told(self) -> Told:
        """What it says of itself."""
        titles = [*self.values("dc.title"), *([self._raw.name] if self._raw.name else [])]
        return Told(
            title=titles[0] if titles else None,
            people=tuple(self.values(*_PEOPLE)),
            year=next((year for value in self.values("dc.date.issued") if (year := year_in(value))), None),
            dois=dois_in(self.values(*_DOI_FIELDS)),
            isbns=isbns_in(self.values(*_ISBN_FIELDS)),
        )

    def files(self) -> Iterator[str]:
        """The paths of its PDFs below the server's root; covers, texts and licences are left out."""
        for file in self._raw.bitstreams or []:
            is_pdf = file.mime_type == "application/pdf" or "pdf" in (file.format or "").lower()
            if is_pdf and file.bundle_name in {None, "ORIGINAL"} and file.retrieve_link:
                yield f"/{file.retrieve_link.lstrip('/')}"


def records(body: bytes, service: str) -> list[Record]:
    """Read a search; records of an odd shape are left out. Raises `ServiceError` where all are."""
    found = decode_each(decode(body, list[msgspec.Raw], service), _Record, service)
    return [Record(one) for one in found]


def queries(work: Work) -> list[str]:
    """What to search for, the surest first, each only if the one before found nothing.

    By title only where the work has neither DOI nor ISBN: a search in words costs as much and proves less.
    """
    wanted = []
    if work.doi:
        wanted.append(f'oapen.identifier.doi:"{_quotable(work.doi)}"')
    if work.isbn and work.type not in PARTS:
        wanted.append(f"isbn:{work.isbn}")
    if not wanted and _has_words(work):
        wanted.append(f'dc.title:"{_quotable(work.title)[:_LONGEST]}"')
    return wanted


def is_askable(work: Work) -> bool:
    """Whether the work may be a book, or a chapter with a DOI of its own, and there is something to search for."""
    if work.type is WorkType.BOOK:
        return bool(queries(work))
    return bool(work.isbn and work.type not in PARTS) or bool(work.doi and work.type is WorkType.CHAPTER)


def _has_words(work: Work) -> bool:
    return bool(work.title and work.year and (work.authors or work.editors))


def _quotable(text: str) -> str:
    return " ".join(_without(text, '"\\').split())


def _without(text: str, letters: Iterable[str]) -> str:
    return "".join(" " if letter in letters else letter for letter in text)
