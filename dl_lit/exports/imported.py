"""What reading a .bib or .ris file gives: the entries that could be read, and the lines of those that could not."""

from __future__ import annotations

import re

from dl_lit.core.model import Name, Reference
from dl_lit.core.values import dataclass


@dataclass(frozen=True, slots=True)
class ImportedEntry:
    """One entry of the file."""

    reference: Reference  # its position counts all entries of the file, unreadable ones too
    line: int  # 1-based, where the entry begins
    key: str | None = None
    files: tuple[str, ...] = ()  # paths as the file has them, usually relative to it


@dataclass(frozen=True, slots=True)
class ImportProblem:
    """Something in the file that could not be read, or only in part."""

    line: int  # 1-based
    message: str
    text: str  # the beginning of what it is about
    is_entry_lost: bool  # False: the entry was read all the same


@dataclass(frozen=True, slots=True)
class Imported:
    """The readable entries in the file's order, and everything that went wrong."""

    entries: tuple[ImportedEntry, ...]
    problems: tuple[ImportProblem, ...]

    @property
    def references(self) -> list[Reference]:
        """The references alone."""
        return [entry.reference for entry in self.entries]


def year_of(text: str | None) -> int | None:
    """The first plausible year in `text` ("2019-05-01", "May 2019"); None if there is none."""
    match = re.search(r"(?<!\d)(1[4-9]\d\d|20\d\d)(?!\d)", text or "")
    return int(match.group()) if match else None


def hyphenated(pages: str | None) -> str | None:
    """Page numbers with plain hyphens; None for none."""
    folded = " ".join((pages or "").split())
    return re.sub(r" ?[-–—]+ ?", "-", folded) if folded else None


def printed_form(
    *,
    authors: tuple[Name, ...],
    year: int | None,
    title: str | None,
    container: str | None,
    numbers: str,
    address: str | None,
) -> str:
    """An entry's fields as one line that looks like a printed reference, for people to recognise it by."""
    names = ", ".join(" ".join(filter(None, (name.given, name.sort_key))) for name in authors)
    parts = (names, f"({year})" if year else "", title, " ".join(filter(None, (container, numbers))), address)
    return ". ".join(part.strip(" .") for part in parts if part and part.strip(" ."))
