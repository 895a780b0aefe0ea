"""The records that are exported: real ones, and nasty ones of our own, each with a file."""

from __future__ import annotations

import gzip
import json
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from proofs.roundtrip.nasty import FILES, NAMES, TITLES

from dl_lit.core.identifiers import normalise_doi
from dl_lit.core.model import Name, RelationKind, Work, WorkType
from dl_lit.exports.record import ExportRecord, ItemState, Relative
from dl_lit.exports.rich.text import plain

_KINDS = {
    "journal-article": WorkType.ARTICLE_JOURNAL,
    "proceedings-article": WorkType.PAPER_CONFERENCE,
    "book": WorkType.BOOK,
    "book-chapter": WorkType.CHAPTER,
    "dissertation": WorkType.THESIS,
    "report": WorkType.REPORT,
    "preprint": WorkType.ARTICLE,
    "web": WorkType.WEBPAGE,
    "webpage": WorkType.WEBPAGE,
    "dataset": WorkType.DATASET,
    "software": WorkType.SOFTWARE,
}


@dataclass(frozen=True, slots=True)
class Sent:
    """A record, and what a reader has to see of it."""

    record: ExportRecord
    facts: dict[str, str]


def nasty_records() -> Iterator[ExportRecord]:
    """Each nasty title with nasty names, on works of every type."""
    kinds = cycle(WorkType)
    for number, (title, names) in enumerate(zip(TITLES, cycle(NAMES), strict=False)):
        work = Work(
            title=title,
            type=next(kinds),
            authors=names,
            editors=NAMES[number % 3] if number % 4 == 0 else (),
            year=1900 + number,
            container_title="Science &amp; <i>Nature</i> — Ångström" if number % 3 else None,
            publisher="Søn & Co {Press}" if number % 2 else None,
            volume=str(number + 1) if number % 3 == 0 else None,
            issue="4 & 5" if number % 5 == 0 else None,
            pages=f"{number}-{number + 9}" if number % 2 else f"e{number}",
            doi=f"10.1002/(sici)1097_{number}<1::aid-x{number}>3.0.co;2-#",
            arxiv_id="1706.03762" if number % 4 == 1 else None,
            pmid=str(10_000 + number) if number % 3 == 2 else None,
            isbn="9783161484100" if number % 6 == 0 else None,
            url=f"https://example.org/a_b?x={number}&y=%20~z#§" if number % 2 else None,
            abstract="All of it: 50 % & more.\nSecond line $x_1$." if number % 5 == 1 else None,
            language=("de", "en", None)[number % 3],
            is_retracted=number % 7 == 0,
        )
        relatives = (Relative(kind=RelationKind.VERSION, key="nasty0", title="x", doi=None, state=ItemState.WAITING),)
        yield ExportRecord(
            key=f"nasty{number}",
            work=work,
            state=ItemState.DOWNLOADED if number % 2 else ItemState.FAILED,
            sources=(f"citing {number % 3} & more.pdf", "one.pdf"),
            relatives=relatives if number == 1 else (),
        )


def real_records(universe: Path, number: int) -> Iterator[ExportRecord]:
    """`number` records of the file, taken from all over it."""
    with gzip.open(universe, "rt", encoding="utf-8") as lines:
        total = sum(1 for _ in lines)
    step = max(1, total // number)
    with gzip.open(universe, "rt", encoding="utf-8") as lines:
        for count, line in enumerate(islice(lines, 0, step * number, step)):
            yield ExportRecord(
                key=f"real{count}", work=_work(json.loads(line)), state=ItemState.DOWNLOADED, sources=("a.pdf",)
            )


def _work(told: dict[str, Any]) -> Work:
    people = told.get("authors") or []
    return Work(
        title=told["title"],
        type=_KINDS.get(told.get("type") or "", WorkType.DOCUMENT),
        authors=tuple(
            Name(person.get("family"), person.get("given")) for person in people if (person.get("family") or "").strip()
        ),
        year=told.get("year"),
        container_title=told.get("container"),
        doi=normalise_doi(told.get("doi")),
        pmid=str(told["pmid"]) if told.get("pmid") else None,
    )


def with_files(records: Iterable[ExportRecord], folder: Path) -> Iterator[ExportRecord]:
    """The records, each with a file that was made for it below `folder`."""
    for number, (record, name) in enumerate(zip(records, cycle(FILES), strict=False)):
        path = f"files/{number}/{name}"
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(b"%PDF-1.4\n")
        yield replace(record, file=path)


def sent(records: Iterable[ExportRecord]) -> list[Sent]:
    """The records with what is to be seen of them."""
    return [Sent(record, dict(_facts(record))) for record in records]


def _facts(record: ExportRecord) -> Iterator[tuple[str, str]]:
    work = record.work
    seen = TITLES.get(work.title)
    yield "title", folded(seen if seen is not None else plain(work.title))
    yield "authors", " / ".join(folded(shown(name)) for name in work.authors)
    yield "editors", " / ".join(folded(shown(name)) for name in work.editors)
    yield "year", str(work.year or "")
    yield "container", folded(plain(work.container_title or ""))
    yield "publisher", folded(plain(work.publisher or ""))
    yield "volume", work.volume or ""
    yield "issue", work.issue or ""
    yield "pages", work.pages or ""
    yield "doi", work.doi or ""
    yield "url", work.url or ""
    yield "isbn", work.isbn or ""
    yield "type", work.type.value


def shown(name: Name) -> str:
    """As "Family, Given", or the name alone."""
    return f"{name.family}, {name.given}" if name.family and name.given else name.sort_key


def folded(text: str) -> str:
    """In Unicode's composed form, white space folded: what every comparison does."""
    return " ".join(unicodedata.normalize("NFC", text).split())
