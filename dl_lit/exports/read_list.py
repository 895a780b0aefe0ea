"""Reads lists that people keep: one work in a line, by an identifier, an address that has one, or a title."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from dl_lit.core.identifiers import (
    find_arxiv_ids,
    find_dois,
    find_pmcids,
    find_pmids,
    normalise_arxiv_id,
    normalise_doi,
    normalise_isbn,
    normalise_openalex_id,
    normalise_pmcid,
    normalise_pmid,
)
from dl_lit.core.model import Reference, WorkType
from dl_lit.core.values import dataclass
from dl_lit.exports.imported import Imported, ImportedEntry, ImportProblem, unless_text
from dl_lit.exports.record import one_line

_COMMENT = re.compile(r"[#%;]|//")
_REMARK = re.compile(r"\s+#\s.*$")
_NUMBER = re.compile(r"\d+")
_PREPRINT_SERVER = re.compile(
    r"(10\.(?:1101|64898)/[\d.]+?)v\d+(?:\.full|\.abstract)?(?:[-.]text)?(?:\.pdf)?", re.IGNORECASE
)
_HEADINGS = {
    "doi": "doi", "dois": "doi", "arxiv": "arxiv", "arxiv_id": "arxiv", "arxivid": "arxiv", "pmid": "pmid",
    "pmids": "pmid", "pubmed": "pmid", "pmcid": "pmcid", "isbn": "isbn", "openalex": "openalex",
    "openalex_id": "openalex", "title": "title", "titles": "title", "id": "", "ids": "", "identifier": "",
    "identifiers": "", "url": "", "link": "", "reference": "", "references": "", "work": "", "works": "",
}  # fmt: skip
_FEWEST_LETTERS = 8  # of a title
_LONG = 200  # characters; a longer line is a whole reference rather than a title
_PMID_DIGITS = range(5, 9)  # of a bare number; shorter ones may be anything
_EXCERPT = 80
_FEW_COLUMNS = 2

_WRITERS: dict[str, Callable[[str], str | None]] = {
    "openalex": normalise_openalex_id,
    "doi": normalise_doi,
    "arxiv": normalise_arxiv_id,
    "pmcid": normalise_pmcid,
    "isbn": normalise_isbn,
    "pmid": normalise_pmid,
}
_FIELDS = {"openalex": "openalex_id", "arxiv": "arxiv_id"}


@dataclass(frozen=True, slots=True)
class _Line:
    number: int  # 1-based
    text: str  # as it stands there, without remarks
    cell: str  # its first column
    has_columns: bool  # surely; a single comma or semicolon may stand in an identifier


def read_list(text: str) -> Imported:
    """Every line of `text` that names a work; each line that cannot be understood is a problem."""
    if no_text := unless_text(text):
        return no_text
    entries: list[ImportedEntry] = []
    problems: list[ImportProblem] = []
    heading: str | None = None
    position = 0
    for line in _lines(text):
        if position == 0 and heading is None and (found := _HEADINGS.get(line.cell.strip().lower())) is not None:
            heading = found
            continue
        position += 1
        read = _reference(line, heading or "", position, has_columns=heading is not None)
        if isinstance(read, str):
            problems.append(ImportProblem(line.number, read, line.text[:_EXCERPT], is_entry_lost=True))
        else:
            entries.append(ImportedEntry(read, line.number))
    return Imported(tuple(entries), tuple(problems))


def _lines(text: str) -> Iterator[_Line]:
    for number, raw in enumerate(text.lstrip("\ufeff").splitlines(), start=1):
        if not raw.strip() or _COMMENT.match(raw.strip()):
            continue
        line = _REMARK.sub("", raw.strip())
        # As a bullet of a list that was copied from somewhere.
        line = re.sub(r"^[-*\u2022]\s+", "", line)
        mark = "\t" if "\t" in line else ";" if ";" in line and "," not in line else ","
        try:
            cells = next(csv.reader([line], delimiter=mark, skipinitialspace=True), [])
        except csv.Error:  # a line as long as no cell may be
            cells = []
        has_columns = len(cells) > _FEW_COLUMNS or mark == "\t" or f"{mark} " in line
        yield _Line(number, one_line(line), one_line(cells[0]) if cells else "", has_columns)


def _reference(line: _Line, heading: str, position: int, *, has_columns: bool) -> Reference | str:
    """The entry that a line names, or what is wrong with it."""
    for text in (line.cell, line.text) if has_columns or line.has_columns else (line.text, line.cell):
        if named := _identifier(text, heading):
            return _named(named, text, position)
    text = line.cell if has_columns or line.text.startswith('"') else line.text
    if named := _in_text(text):
        # More than the identifier: a whole reference, which has to agree with the record.
        return _named(named, text, position)
    if _NUMBER.fullmatch(text):
        return "a number alone: write what it is, as in PMID 12345"
    if re.match(r"(?:https?://|www\.)\S+$", text, re.IGNORECASE):
        return "the address has no identifier of a work in it"
    if sum(character.isalpha() for character in text) < _FEWEST_LETTERS or " " not in text:
        return "neither an identifier nor a title"
    if len(text) > _LONG:
        return Reference(position=position, raw=text, confidence=0.5)
    return Reference(position=position, raw=text, title=text, confidence=0.5)


def _identifier(text: str, heading: str) -> tuple[str, str] | None:
    """The kind and the normal form of the identifier that `text` is, and nothing else."""
    text = text.strip().strip("<>[]()\"'").rstrip(".,;")
    if not text or (" " in text and not re.match(r"(?:doi|arxiv|pmid|pubmed|pmcid|pmc|isbn)\b", text, re.IGNORECASE)):
        return None
    if heading in _WRITERS and (value := _WRITERS[heading](text)):
        return heading, value
    for kind, normalise in _WRITERS.items():
        if kind == "doi" and not re.match(r"(?:doi\b|https?:|10\.|\w+\.\w+/)", text, re.IGNORECASE):
            continue
        if kind == "pmid" and _NUMBER.fullmatch(text) and len(text) not in _PMID_DIGITS:
            continue
        if value := normalise(text):
            found = _PREPRINT_SERVER.fullmatch(value) if kind == "doi" and "://" in text else None
            return kind, found[1] if found else value
    return None


def _in_text(text: str) -> tuple[str, str] | None:
    """The one identifier that stands in a longer text."""
    finders = (("doi", find_dois), ("arxiv", find_arxiv_ids), ("pmcid", find_pmcids), ("pmid", find_pmids))
    for kind, find in finders:
        if len(found := find(text)) == 1:
            return kind, found[0]
    return None


def _named(named: tuple[str, str], text: str, position: int) -> Reference:
    kind, value = named
    work_type = WorkType.BOOK if kind == "isbn" else WorkType.DOCUMENT
    field: dict[str, Any] = {_FIELDS.get(kind, kind): value}
    bare = Reference(position=position, raw=text, type=work_type, confidence=1.0)
    return replace(bare, **field)
