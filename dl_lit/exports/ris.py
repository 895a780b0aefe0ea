"""RIS, with the PDF in L1, as Zotero, EndNote and Mendeley read it.

https://en.wikipedia.org/wiki/RIS_(file_format) and Zotero's translator RIS.js (read 2026-11-23): a tag, two blanks, a
hyphen, a blank, the value to the end of the line; lines end as on Windows. Nobody limits their length any more.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from dl_lit.core.model import WorkType
from dl_lit.exports.record import ExportRecord, notes_of, one_line, path_in_line, sortable_name
from dl_lit.exports.rich.text import plain

LINE_END = "\r\n"
RECORDS_A_PIECE = 200
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
_RANGE = re.compile(r"\s*[-–—]+\s*")


def ris(records: Iterable[ExportRecord]) -> Iterator[str]:
    """The records as pieces of a RIS file, in their order."""
    gathered: list[str] = []
    for record in records:
        gathered += (f"{tag}  - {value}{LINE_END}" for tag, value in _lines(record) if value)
        gathered.append(f"ER  - {LINE_END}{LINE_END}")
        if len(gathered) >= RECORDS_A_PIECE:
            yield "".join(gathered)
            gathered.clear()
    if gathered:
        yield "".join(gathered)


def _lines(record: ExportRecord) -> Iterator[tuple[str, str]]:
    """Tags and their values in order, each on one line: a line break would begin another field."""
    work = record.work
    yield "TY", TYPES[work.type]
    yield "ID", one_line(record.key)
    yield from (("AU", plain(sortable_name(name))) for name in work.authors)
    editor = "A3" if work.type is WorkType.BOOK else "A2"  # A2 is the series' editor, of a book
    yield from ((editor, plain(sortable_name(name))) for name in work.editors)
    yield "TI", plain(work.title)
    yield "T2", plain(work.container_title or "")
    yield "PY", str(work.year or "")
    yield "VL", plain(work.volume or "")
    yield "IS", plain(work.issue or "")
    start, *end = _RANGE.split(plain(work.pages or ""), maxsplit=1)
    yield "SP", start
    yield "EP", "".join(end)
    yield "PB", plain(work.publisher or "")
    yield "SN", one_line(work.isbn or "")
    yield "DO", one_line(work.doi or "")
    yield "AN", one_line(work.pmid or "")
    yield "UR", one_line(work.url or "")
    yield "UR", f"https://arxiv.org/abs/{one_line(work.arxiv_id)}" if work.arxiv_id else ""
    yield "AB", plain(work.abstract or "")
    yield "LA", one_line(work.language or "")
    yield "M3", "Preprint" if work.type is WorkType.ARTICLE else ""
    yield "L1", path_in_line(record.file or "")
    yield from (("N1", note) for note in notes_of(record))
