"""The works the replica knows about: one record each, with the references it deposits."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from hashlib import blake2b
from typing import Any

from dl_lit.core.identifiers import normalise_isbn
from dl_lit.core.values import dataclass

_WORD = re.compile(r"[^\W_]+")

# Names of types as files of records spell them, mapped to Crossref's (https://api.crossref.org/types, 2026-11-22).
_TYPES = {
    "article": "journal-article",
    "journal": "journal-article",
    "paper-conference": "proceedings-article",
    "conference": "proceedings-article",
    "chapter": "book-chapter",
    "mvbook": "book",
    "booklet": "book",
    "preprint": "posted-content",
    "working-paper": "posted-content",
    "working paper": "posted-content",
    "unpublished": "posted-content",
    "mathesis": "dissertation",
    "masterthesis": "dissertation",
    "thesis": "dissertation",
    "data": "dataset",
}
_KNOWN_TYPES = frozenset(
    {
        "journal-article",
        "proceedings-article",
        "book",
        "book-chapter",
        "dissertation",
        "report",
        "proceedings",
        "posted-content",
        "dataset",
        "monograph",
        "edited-book",
        "reference-entry",
        "peer-review",
        "component",
        "journal-issue",
        "journal",
        "book-series",
        "grant",
        "other",
    }
)


def hash64(text: str) -> int:
    """A stable 64-bit hash of `text`."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")


def fold(text: str) -> str:
    """`text` in lower case without diacritics."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def words(text: str) -> list[str]:
    """The words of `text`, folded, in order."""
    return _WORD.findall(fold(text))


def title_key(title: str) -> str:
    """What two spellings of one title share: their words run together."""
    return "".join(words(title))


def normal_doi(text: str) -> str:
    """A DOI in lower case, without resolver or `doi:`."""
    doi = text.strip().lower()
    for prefix in ("https://doi.org/", "http://doi.org/", "https://dx.doi.org/", "http://dx.doi.org/", "doi:"):
        doi = doi.removeprefix(prefix)
    return doi


@dataclass(frozen=True, slots=True)
class Person:
    """A name as deposited; `given` is None for bodies and single names."""

    family: str
    given: str | None = None

    @property
    def full(self) -> str:
        """Given and family name, as OpenAlex and arXiv print them."""
        return f"{self.given} {self.family}" if self.given else self.family


@dataclass(frozen=True, slots=True, kw_only=True)
class Cited:
    """One entry of a deposited reference list."""

    key: str
    doi: str | None = None
    unstructured: str | None = None
    title: str | None = None
    author: str | None = None  # the first author's family name
    year: str | None = None
    container: str | None = None
    volume: str | None = None
    first_page: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """That a work is a notice about another."""

    doi: str  # of the other
    type: str  # Crossref's: "retraction", "correction", "expression_of_concern", ...
    source: str = "publisher"  # or "retraction-watch"
    date: str | None = None  # "2013-11-28"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One work; `None` means that the record does not say, and then `Access` decides from the seed."""

    position: int  # place in the universe, from 0; derived identifiers count from it
    title: str
    doi: str | None = None
    authors: tuple[Person, ...] = ()
    year: int | None = None
    container: str | None = None
    type: str = "other"
    volume: str | None = None
    issue: str | None = None
    pages: str | None = None
    publisher: str | None = None
    arxiv_id: str | None = None
    pmid: str | None = None
    pmcid: str | None = None
    isbn: str | None = None
    oa: str | None = None  # closed, gold, hybrid, bronze, green, diamond
    host: str | None = None  # "publisher-3", "repository-1", "arxiv", "pmc"
    agency: str | None = None  # "Crossref" or "DataCite"; by the DOI's prefix where not said
    is_retracted: bool = False
    is_flagged: bool = False  # OpenAlex says that it is retracted, and nobody else does
    language: str | None = None
    abstract: str | None = None
    references: tuple[Cited, ...] = ()
    updates: tuple[Update, ...] = ()  # what this work is a notice about

    @property
    def key(self) -> str:
        """What identifies the work whatever its position: its DOI, else title, year and first author."""
        if self.doi:
            return self.doi
        first = self.authors[0].family if self.authors else ""
        return f"{title_key(self.title)}|{self.year}|{fold(first)}"

    @property
    def prefix(self) -> str:
        """The DOI's prefix, or empty."""
        return self.doi.split("/", 1)[0] if self.doi else ""

    def identifiers(self) -> Iterator[str]:
        """What the record can be looked up by: `doi:…`, `arxiv:…`, `pmid:…`, `pmcid:…`, `isbn:…`."""
        isbn = normalise_isbn(self.isbn)
        named = (
            ("doi", self.doi),
            ("arxiv", self.arxiv_id),
            ("pmid", self.pmid),
            ("pmcid", self.pmcid),
            ("isbn", isbn),
        )
        for name, value in named:
            if value:
                yield f"{name}:{value.lower()}"

    def search_text(self) -> str:
        """The words a bibliographic search finds the record by."""
        parts = [self.title, *(person.family for person in self.authors[:20])]
        parts += [part for part in (self.container, self.volume, self.pages, self.publisher) if part]
        if self.year:
            parts.append(str(self.year))
        return " ".join(parts)


def _text(value: Any) -> str | None:
    """`value` as text, None where it is empty."""
    text = "" if value is None else str(value).strip()
    return text or None


def _people(value: Any) -> tuple[Person, ...]:
    people = []
    for item in value or ():
        family = _text(item.get("family")) or _text(item.get("literal"))
        if family:
            people.append(Person(family, _text(item.get("given"))))
    return tuple(people)


def _cited(number: int, item: Any) -> Cited:
    """An entry of a reference list: a DOI as text, or an object with what is known."""
    if isinstance(item, str):
        return Cited(key=f"ref{number}", doi=normal_doi(item))
    doi = _text(item.get("doi"))
    return Cited(
        key=_text(item.get("key")) or f"ref{number}",
        doi=normal_doi(doi) if doi else None,
        unstructured=_text(item.get("unstructured")),
        title=_text(item.get("title")),
        author=_text(item.get("author")),
        year=_text(item.get("year")),
        container=_text(item.get("container")),
        volume=_text(item.get("volume")),
        first_page=_text(item.get("first_page")),
    )


def _update(item: Mapping[str, Any]) -> Update:
    return Update(
        doi=normal_doi(str(item["doi"])),
        type=str(item.get("type") or "correction"),
        source=str(item.get("source") or "publisher"),
        date=_text(item.get("date")),
    )


def _arxiv_id(doi: str | None, given: str | None) -> str | None:
    if given:
        return re.sub(r"v\d+$", "", given.lower().removeprefix("arxiv:"))
    if doi and doi.startswith("10.48550/arxiv."):
        return doi.removeprefix("10.48550/arxiv.")
    return None


def record_from_json(position: int, item: Mapping[str, Any]) -> Record:
    """The record that one line of a universe file describes.

    Raises `ValueError` where there is no title.
    """
    title = _text(item.get("title"))
    if title is None:
        raise ValueError(f"record {position} has no title")
    doi_text = _text(item.get("doi"))
    doi = normal_doi(doi_text) if doi_text else None
    kind = (_text(item.get("type")) or "other").lower()
    kind = _TYPES.get(kind, kind)
    pmcid = _text(item.get("pmcid"))
    year_text = _text(item.get("year"))
    return Record(
        position=position,
        title=title,
        doi=doi,
        authors=_people(item.get("authors")),
        year=int(year_text) if year_text and year_text.isdigit() else None,
        container=_text(item.get("container")),
        type=kind if kind in _KNOWN_TYPES else "other",
        volume=_text(item.get("volume")),
        issue=_text(item.get("issue")),
        pages=_text(item.get("pages")),
        publisher=_text(item.get("publisher")),
        arxiv_id=_arxiv_id(doi, _text(item.get("arxiv_id"))),
        pmid=_text(item.get("pmid")),
        pmcid="PMC" + pmcid.upper().removeprefix("PMC") if pmcid else None,
        isbn=_text(item.get("isbn")),
        oa=_text(item.get("oa")),
        host=_text(item.get("host")),
        agency=_text(item.get("agency")),
        is_retracted=bool(item.get("is_retracted")),
        is_flagged=bool(item.get("is_flagged")),
        language=_text(item.get("language")),
        abstract=_text(item.get("abstract")),
        references=tuple(_cited(number, cited) for number, cited in enumerate(item.get("references") or (), 1)),
        updates=tuple(_update(one) for one in item.get("updates") or ()),
    )
