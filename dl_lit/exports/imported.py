"""What reading a .bib or .ris file gives: the entries that could be read, and the lines of those that could not."""

from __future__ import annotations

import re

from dl_lit.core.model import Name, Reference
from dl_lit.core.values import dataclass

_LOOKED_AT = 65_536  # characters
_STRANGE = re.compile(r"[^\t\n\x0b\x0c\r\x1a -\x7e\x80-\ufffc\U00010000-\U0010ffff]")
"""What stands in no text: control characters, and what the decoder could not make out."""
_FEW_STRANGE = 16
_STRANGE_SHARE = 0.02  # of the characters; bytes drawn by lot have 0.12


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


def unless_text(text: str) -> Imported | None:
    """What a picture, an archive or a database gives, which is nothing and one problem; None where it may be text."""
    begin = text[:_LOOKED_AT]
    strange = len(_STRANGE.findall(begin))
    if strange < _FEW_STRANGE or strange < len(begin) * _STRANGE_SHARE:
        return None
    shown = " ".join(_STRANGE.sub(" ", begin[:80]).split())
    return Imported((), (ImportProblem(1, "the file is no text", shown, is_entry_lost=True),))


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
