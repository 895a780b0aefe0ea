"""What is missing: the cited works whose PDF is not here, why, and where a person can go for it. RIS, CSV and HTML."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime

from dl_lit.core.model import Work
from dl_lit.core.reasons import Reason
from dl_lit.core.values import dataclass
from dl_lit.exports.csv_table import csv_line
from dl_lit.exports.reason_text import REASON_TEXT
from dl_lit.exports.record import ExportRecord, ItemState, sortable_name
from dl_lit.exports.report import render, web_address
from dl_lit.exports.rich.text import plain
from dl_lit.exports.ris import ris


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """An address that was tried, and how that ended: a person may get further."""

    url: str
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingItem:
    """One work whose PDF is not here, or one entry that is not recognised."""

    name: str  # "w12", or "e7" for an entry: what dl-lit's commands call it
    work: Work  # of an entry: what is printed
    is_recognised: bool
    state: ItemState
    reason: Reason
    detail: str = ""
    sources: tuple[str, ...] = ()  # "paper.pdf [12]": who cites it, and as what
    cited_by: int = 1  # sources
    visits: tuple[Visit, ...] = ()
    resolver: str | None = None  # the link that asks the user's library for it
    held: str | None = None  # the file in quarantine
    look_again: date | None = None  # when dl_lit does by itself
    raw: str = ""  # the entry as printed

    @property
    def advice(self) -> str:
        """What a person can do; empty where there is nothing."""
        return REASON_TEXT[self.reason].advice

    @property
    def links(self) -> tuple[str, ...]:
        """Where to go for it: the library's resolver, the DOI, and the addresses where a wall was met."""
        doi = f"https://doi.org/{self.work.doi}" if self.work.doi else None
        visited = tuple(one.url for one in self.visits)
        return tuple(dict.fromkeys(link for link in (self.resolver, doi, *visited) if link and web_address(link)))


COLUMNS = (
    *("id", "state", "reason", "what", "advice", "cited_by", "sources", "title", "authors", "year", "container_title"),
    *("volume", "issue", "pages", "publisher", "type", "doi", "pmid", "arxiv_id", "isbn", "resolver", "links"),
    *("look_again", "printed"),
)


def missing_csv(items: Iterable[MissingItem]) -> Iterator[str]:
    """The header, then a row for each, as RFC 4180 has it."""
    yield csv_line(COLUMNS)
    for item in items:
        work = item.work
        yield csv_line(
            (
                item.name,
                item.state.value,
                item.reason.value,
                REASON_TEXT[item.reason].what,
                item.advice,
                str(item.cited_by),
                "; ".join(item.sources),
                plain(work.title),
                "; ".join(sortable_name(name) for name in work.authors),
                str(work.year or ""),
                plain(work.container_title or ""),
                work.volume or "",
                work.issue or "",
                work.pages or "",
                work.publisher or "",
                work.type.value,
                work.doi or "",
                work.pmid or "",
                work.arxiv_id or "",
                work.isbn or "",
                item.resolver or "",
                " ".join(item.links),
                item.look_again.isoformat() if item.look_again else "",
                item.raw,
            )
        )


def missing_ris(items: Iterable[MissingItem]) -> Iterator[str]:
    """Records as reference managers and interlibrary loan forms take them; the resolver's link comes first."""
    return ris(map(_record, items))


def missing_html(items: Sequence[MissingItem], *, generated_at: datetime, hand_in: str | None = None) -> str:
    """One page, self-contained; `hand_in` is the folder where PDFs can be dropped."""
    return render("missing.html", items=items, generated_at=generated_at, hand_in=hand_in)


def _record(item: MissingItem) -> ExportRecord:
    notes = [f"{item.name}: {REASON_TEXT[item.reason].what}", f"Cited by {', '.join(item.sources)}"]
    if not item.is_recognised:
        notes.append(f"As printed: {item.raw}")
    work = replace(item.work, url=item.resolver or item.work.url)
    return ExportRecord(key=item.name, work=work, state=item.state, reason=item.reason, notes=tuple(notes))
