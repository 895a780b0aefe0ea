"""RIS, with the PDF in L1, as Zotero, EndNote and Mendeley read it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

import rispy

from dl_lit.core.model import WorkType
from dl_lit.exports.record import ExportRecord, notes_of, one_line, sortable_name

TYPES = {
    WorkType.ARTICLE_JOURNAL: "JOUR",
    WorkType.BOOK: "BOOK",
    WorkType.CHAPTER: "CHAP",
    WorkType.PAPER_CONFERENCE: "CPAPER",
    WorkType.THESIS: "THES",
    WorkType.REPORT: "RPRT",
    WorkType.ARTICLE: "UNPB",
    WorkType.DATASET: "DATA",
    WorkType.SOFTWARE: "COMP",
    WorkType.WEBPAGE: "ELEC",
    WorkType.DOCUMENT: "GEN",
}


class _UnnumberedWriter(rispy.RisWriter):  # type: ignore[misc]  # rispy is untyped
    """rispy's writer without the number before each record, which is no part of RIS."""

    DEFAULT_DELIMITER_MAPPING: dict[str, str] = {}  # noqa: RUF012 - an address may hold ";", so it is not a list
    SEPARATOR = None

    def set_header(self, count: int) -> str:  # noqa: ARG002 - rispy's signature
        return ""


def ris(records: Iterable[ExportRecord]) -> Iterator[str]:
    """The records as pieces of a RIS file, in their order."""
    for record in records:
        yield rispy.dumps([_fields(record)], implementation=_UnnumberedWriter) + "\n"


def _fields(record: ExportRecord) -> dict[str, Any]:
    work = record.work
    start, *end = re.split(r"\s*[-–—]+\s*", work.pages or "", maxsplit=1)
    fields: dict[str, Any] = {
        "type_of_reference": TYPES[work.type],
        "id": record.key,
        "authors": [sortable_name(name) for name in work.authors],
        "secondary_authors": [sortable_name(name) for name in work.editors],
        "title": work.title,
        "secondary_title": work.container_title,
        "year": str(work.year or ""),
        "volume": work.volume,
        "number": work.issue,
        "start_page": start,
        "end_page": "".join(end),
        "publisher": work.publisher,
        "issn": work.isbn,
        "doi": work.doi,
        "accession_number": work.pmid,
        "urls": [url for url in (work.url, _arxiv(work.arxiv_id)) if url],
        "abstract": work.abstract,
        "language": work.language,
        "type_of_work": "Preprint" if work.type is WorkType.ARTICLE else "",
        "file_attachments1": record.file,
        "notes": list(notes_of(record)),
    }
    return {name: _folded(value) for name, value in fields.items() if value}


def _folded(value: str | list[str]) -> str | list[str]:
    """`value` on one line: a line break would begin another field."""
    return [one_line(item) for item in value] if isinstance(value, list) else one_line(value)


def _arxiv(arxiv_id: str | None) -> str | None:
    return f"https://arxiv.org/abs/{arxiv_id}" if arxiv_id else None
