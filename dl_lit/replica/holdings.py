"""What the smaller services hold of the universe: by what a record says, and by the seed where it is silent."""

from __future__ import annotations

import re

from dl_lit.core.identifiers import normalise_isbn
from dl_lit.replica.catalogue import Catalogue
from dl_lit.replica.records import Record, words

BOOK_TYPES = frozenset({"book", "monograph", "edited-book"})
_HAL_SHARE = 6  # of a hundred works
_HAL_THESES = 40  # of a hundred theses
_OPEN_SHARE = 60  # of a hundred works in HAL: those with a file
_HAL_LOCKED = 8  # of a hundred files
_INSPIRE_FILES = 15  # of a hundred open articles
_INSPIRE_OLD = 60  # of a hundred open theses and reports
_ISBN_GROUP = "9786"  # derived numbers count from the position, in a group that is hardly in use
_SMALL_WORDS = frozenset({"of", "the", "and", "in", "for"})
_ZENODO_SHARE = 2  # of a hundred works: deposited there under their publisher's DOI
_ZENODO_LOCKED = 10  # of a hundred deposits
_FIRST_DEPOSIT = 1_000_000_000
_ZENODO_DOI = re.compile(r"10\.5281/zenodo\.(\d{1,9})", re.IGNORECASE)
_PHYSICS = re.compile(r"phys|astro|nucl|cosmo|gravit|relativ|particle|nuovo|instrum|accel|symmetry", re.IGNORECASE)
_ACL_DOI = re.compile(r"10\.(?:18653|3115)/v1/([a-z]\d\d-\d{4}|\d{4}\.[a-z0-9_]+-[a-z0-9_]+\.\d+)", re.IGNORECASE)


def isbn_of(record: Record) -> str | None:
    """The book's ISBN, 13 digits: its own, else one made from its place in the universe; None for other works."""
    if record.type not in BOOK_TYPES:
        return None
    return normalise_isbn(record.isbn) or _with_check(f"{_ISBN_GROUP}{record.position:08}")


def by_isbn(catalogue: Catalogue, text: str) -> Record | None:
    """The book with this ISBN."""
    isbn = normalise_isbn(text)
    if isbn is None:
        return None
    found = catalogue.universe.index.by_identifier(f"isbn:{isbn}")
    if found is None and isbn.startswith(_ISBN_GROUP):
        position = int(isbn[len(_ISBN_GROUP) : 12])
        found = catalogue.universe.index.record(position) if position < len(catalogue.universe) else None
    return found if found is not None and isbn_of(found) == isbn else None


def is_open_book(catalogue: Catalogue, record: Record) -> bool:
    """Whether the libraries of open books have it: those of which OpenAlex knows an open copy."""
    return record.type in BOOK_TYPES and bool(catalogue.access(record).listed)


def is_in_hal(catalogue: Catalogue, record: Record) -> bool:
    """Whether HAL has the work: what is in French, many theses, a few of all else."""
    share = _HAL_THESES if record.type == "dissertation" else _HAL_SHARE
    return record.language == "fr" or catalogue.number(record, "hal", 100) < share


def is_open_in_hal(catalogue: Catalogue, record: Record) -> bool:
    """Whether HAL has its file too."""
    return catalogue.number(record, "hal file", 100) < _OPEN_SHARE and catalogue.access(record).oa_status != "closed"


def embargo_in_hal(catalogue: Catalogue, record: Record) -> str | None:
    """The day on which HAL shows a file that it keeps closed until then; None where there is no such file."""
    is_locked = is_open_in_hal(catalogue, record) and catalogue.number(record, "hal embargo", 100) < _HAL_LOCKED
    return "2031-05-01" if is_locked else None


def has_document_in_inspire(catalogue: Catalogue, record: Record) -> bool:
    """Whether INSPIRE holds the file of the work: few articles, many theses and reports."""
    share = _INSPIRE_OLD if record.type in {"dissertation", "report"} else _INSPIRE_FILES
    is_open = catalogue.access(record).oa_status != "closed"
    return is_open and catalogue.number(record, "inspire file", 100) < share


def is_in_inspire(catalogue: Catalogue, record: Record) -> bool:
    """Whether INSPIRE has the work: physics by its journal, and preprints of the archives it reads."""
    arxiv_id = catalogue.access(record).arxiv_id or ""
    return bool(_PHYSICS.search(record.container or "")) or arxiv_id.startswith(("hep-", "astro-ph", "gr-qc", "nucl-"))


def acl_id(record: Record) -> str | None:
    """The Anthology's identifier, where the DOI has one; None for works of others."""
    match = _ACL_DOI.fullmatch(record.doi or "")
    if match is None:
        return None
    return match[1].upper() if match[1][0].isalpha() else match[1].lower()


def zenodo_number(catalogue: Catalogue, record: Record) -> str | None:
    """Zenodo's number of the work: that of its own DOI, else of a deposit, which few works have; None: not there."""
    match = _ZENODO_DOI.fullmatch(record.doi or "")
    if match:
        return match[1]
    is_there = bool(record.doi) and catalogue.number(record, "zenodo", 100) < _ZENODO_SHARE
    return str(_FIRST_DEPOSIT + record.position) if is_there else None


def deposited_at_zenodo(catalogue: Catalogue, number: str) -> Record | None:
    """The work that Zenodo has under this number."""
    position = int(number) - _FIRST_DEPOSIT
    if position < 0:
        return catalogue.by_doi(f"10.5281/zenodo.{number}")
    found = catalogue.universe.index.record(position) if position < len(catalogue.universe) else None
    return found if found and zenodo_number(catalogue, found) == number else None


def embargo_at_zenodo(catalogue: Catalogue, record: Record) -> str | None:
    """The day on which Zenodo opens the work's files, where it keeps them closed until then."""
    is_locked = catalogue.number(record, "zenodo embargo", 100) < _ZENODO_LOCKED
    return "2031-05-01" if is_locked else None


def by_acl_id(catalogue: Catalogue, identifier: str) -> Record | None:
    """The paper with this identifier; letters count in the case that the Anthology writes."""
    for prefix in ("10.18653/v1/", "10.3115/v1/"):
        record = catalogue.by_doi(prefix + identifier.lower())
        if record is not None and acl_id(record) == identifier:
            return record
    return None


def at_place(catalogue: Catalogue, journal: str, volume: str, first_page: str) -> list[Record]:
    """The works at this place of a journal, whose words may be abbreviated."""
    found = catalogue.find(f"{journal} {volume} {first_page}", 60)
    return [
        hit.record
        for hit in found.hits
        if _digits(hit.record.volume) == _digits(volume)
        and _first_page(hit.record) == first_page.lower()
        and is_abbreviated(journal, hit.record.container or "")
    ]


def is_abbreviated(short: str, full: str) -> bool:
    """Whether `short` is `full` with its words clipped ("Phys.Rept.", "J. Phys. A"), or its initials ("JHEP")."""
    parts, whole = words(short), words(full)
    if len(parts) == 1 and parts[0] == "".join(word[0] for word in whole if word not in _SMALL_WORDS):
        return True
    rest = iter(whole)
    return bool(parts) and all(any(_is_clipped(part, word) for word in rest) for part in parts)


def _is_clipped(part: str, word: str) -> bool:
    letters = iter(word)
    return part[0] == word[0] and all(letter in letters for letter in part)


def _first_page(record: Record) -> str:
    return re.split(r"[-–]", record.pages or "")[0].strip().lower()


def _digits(volume: str | None) -> str:
    return re.sub(r"\D", "", volume or "")


def _with_check(first_twelve: str) -> str:
    weighted = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(first_twelve))
    return f"{first_twelve}{-weighted % 10}"
