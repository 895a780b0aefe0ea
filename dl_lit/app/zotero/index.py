"""What stands in a Zotero library already: by DOI, then ISBN, then title, year and first author."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from dl_lit.core.identifiers import normalise_doi, normalise_isbn
from dl_lit.core.model import Work, WorkType
from dl_lit.core.values import dataclass
from dl_lit.matching.normalise import squash, surname_key, title_key

_YEAR = re.compile(r"(?<!\d)(1[4-9]\d\d|20\d\d)(?!\d)")
_DOI_LINE = re.compile(r"^\s*DOI:\s*(\S+)", re.IGNORECASE | re.MULTILINE)
_WHOLE_BOOKS = frozenset({"book", "document", "report", "thesis"})  # whose ISBN is their own
_CHILDREN = frozenset({"attachment", "note", "annotation"})
_LEAST_TITLE = 4  # letters: shorter ones, with a year and a name, are still no sure sign


@dataclass(frozen=True, slots=True)
class _There:
    key: str
    doi: str


@dataclass(frozen=True, slots=True)
class Match:
    """An item that is a work."""

    key: str
    is_sure: bool  # by an identifier


class LibraryIndex:
    """Finds the item of a work. Keeps a few short texts of each item."""

    def __init__(self) -> None:
        """Nothing stands there."""
        self._by_doi: dict[str, str] = {}
        self._by_isbn: dict[str, str] = {}
        self._by_title: dict[str, list[_There]] = {}
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def read(self, items: Iterable[Mapping[str, Any]]) -> None:
        """Add these items; attachments and notes are passed over."""
        for data in items:
            if data.get("itemType") not in _CHILDREN and not data.get("deleted"):
                self._add(data)

    def find(self, work: Work) -> Iterator[Match]:
        """The items that are the work, the surest first; those with another DOI are not."""
        if work.doi and (by_doi := self._by_doi.get(work.doi)):
            yield Match(by_doi, is_sure=True)
        if work.isbn and work.type is WorkType.BOOK and (by_isbn := self._by_isbn.get(work.isbn)):
            yield Match(by_isbn, is_sure=True)
        first = work.authors[0].sort_key if work.authors else ""
        for there in self._by_title.get(_title(work.title, str(work.year or ""), first), ()):
            if not (work.doi and there.doi and there.doi != work.doi):
                yield Match(there.key, is_sure=False)

    def _add(self, data: Mapping[str, Any]) -> None:
        self._count += 1
        key, doi = str(data["key"]), _doi(data)
        if doi:
            self._by_doi.setdefault(doi, key)
        if data.get("itemType") in _WHOLE_BOOKS:
            for text in re.split(r"[\s,;]+", str(data.get("ISBN") or "")):
                if isbn := normalise_isbn(text):
                    self._by_isbn.setdefault(isbn, key)
        year = _YEAR.search(str(data.get("date") or ""))
        creators = data.get("creators") or [{}]
        first = str(creators[0].get("lastName") or creators[0].get("name") or "")
        if named := _title(str(data.get("title") or ""), year[1] if year else "", first):
            self._by_title.setdefault(named, []).append(_There(key, doi))


def _doi(data: Mapping[str, Any]) -> str:
    written = str(data.get("DOI") or "")
    if not written and (line := _DOI_LINE.search(str(data.get("extra") or ""))):
        written = line[1]
    return (normalise_doi(written) or "") if written else ""


def _title(title: str, year: str, first: str) -> str:
    """Title, year and first author as one key; "" where they are too little to go by."""
    folded = squash(title_key(title))
    if len(folded) < _LEAST_TITLE or not year or not first:
        return ""
    return f"{folded}|{year}|{surname_key(first)}"
