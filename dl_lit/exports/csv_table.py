"""A table for spreadsheets: one row a work, what became of it included."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator

from dl_lit.exports.reason_text import REASON_TEXT
from dl_lit.exports.record import ExportRecord, notes_of, one_line, path_in_line, sortable_name
from dl_lit.exports.rich.text import plain

COLUMNS = (
    "key",
    "state",
    "reason",
    "title",
    "authors",
    "year",
    "container_title",
    "volume",
    "issue",
    "pages",
    "publisher",
    "type",
    "doi",
    "arxiv_id",
    "pmid",
    "isbn",
    "openalex_id",
    "url",
    "file",
    "version",
    "identity_score",
    "look_again",
    "times_looked",
    "to_do",
    "cited_by",
    "notes",
)
# https://owasp.org/www-community/attacks/CSV_Injection (read 2026-11-23); programs set to Chinese, Japanese or Korean
# take the wide forms for the narrow ones, and none minds an invisible character before.
_FORMULA = re.compile(r"[\u00ad\u200b-\u200f\u2060-\u2064\ufeff\s]*[=+\-@\t\r＝＋－＠]")


def csv_table(records: Iterable[ExportRecord]) -> Iterator[str]:
    """The header, then the records row by row, as RFC 4180 has it."""
    yield csv_line(COLUMNS)
    for record in records:
        yield csv_line(_row(record), path=COLUMNS.index("file"))


def _row(record: ExportRecord) -> tuple[str, ...]:
    work = record.work
    return (
        record.key,
        record.state.value,
        record.reason.value if record.reason else "",
        plain(work.title),
        "; ".join(sortable_name(name) for name in work.authors),
        str(work.year or ""),
        plain(work.container_title or ""),
        work.volume or "",
        work.issue or "",
        work.pages or "",
        plain(work.publisher or ""),
        work.type.value,
        work.doi or "",
        work.arxiv_id or "",
        work.pmid or "",
        work.isbn or "",
        work.openalex_id or "",
        work.url or "",
        path_in_line(record.file or ""),
        record.version.value if record.version else "",
        "" if record.identity_score is None else f"{record.identity_score:.2f}",
        record.look_again.isoformat() if record.look_again else "",
        str(record.times_looked or ""),
        _to_do(record),
        "; ".join(record.sources),
        "; ".join(notes_of(record)),
    )


def _to_do(record: ExportRecord) -> str:
    """What a person can do about how the work ended."""
    text = REASON_TEXT.get(record.reason) if record.reason else None
    return text.advice if text else ""


def csv_line(cells: Iterable[str], path: int | None = None) -> str:
    """One row with its line end, each cell on one line and harmless; the blanks of the one at `path` all count."""
    out = io.StringIO()
    csv.writer(out).writerow([harmless(cell if at == path else one_line(cell)) for at, cell in enumerate(cells)])
    return out.getvalue()


def harmless(cell: str) -> str:
    """`cell`, with an apostrophe before it where a spreadsheet would take it for a formula."""
    return f"'{cell}" if _FORMULA.match(cell) else cell
