"""Real and sample PDFs, each with its own record and with those of works that resemble it."""

from __future__ import annotations

import gzip
import json
import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dl_lit.core.model import Name, Work, WorkType

_KINDS = {
    "journal-article": WorkType.ARTICLE_JOURNAL,
    "article-journal": WorkType.ARTICLE_JOURNAL,
    "book": WorkType.BOOK,
    "chapter": WorkType.CHAPTER,
    "thesis": WorkType.THESIS,
    "proceedings-article": WorkType.PAPER_CONFERENCE,
    "paper-conference": WorkType.PAPER_CONFERENCE,
}
_ALIKE, _OF_VENUE, _OF_PEOPLE = 25, 15, 10  # works that are held against one file, at most
_COMMON = 3_000  # titles that share a word: it says nothing any more
_SEED = 20_261_123

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Held:
    """One file, its work, and the works it is not."""

    path: Path
    work: Work
    others: tuple[Work, ...]


def held(folders: Sequence[tuple[Path, Path]], universe: Path) -> Iterator[Held]:
    """Each PDF of `folders` (of PDFs, of gold lists) that the universe has a record of.

    The others are works with words of its title, of its venue, by its first author, and those it cites.
    """
    records = _read(universe)
    by_doi = {record["doi"].lower(): record for record in records if record.get("doi")}
    words: dict[str, list[int]] = defaultdict(list)
    venues: dict[str, list[int]] = defaultdict(list)
    people: dict[str, list[int]] = defaultdict(list)
    for number, record in enumerate(records):
        for word in _words(record.get("title")):
            words[word].append(number)
        venues[record.get("container") or ""].append(number)
        people[_first(record)].append(number)
    chance = random.Random(_SEED)
    for pdfs, golds in folders:
        for path in sorted(golds.glob("*.json")):
            gold = json.loads(path.read_text())
            own = by_doi.get((gold.get("doi") or "").lower())
            pdf = pdfs / f"{path.stem}.pdf"
            if own is None or not pdf.is_file():
                continue
            shared: Counter[int] = Counter()
            for word in _words(own["title"]):
                if len(words[word]) < _COMMON:
                    shared.update(words[word])
            near = [number for number, _ in shared.most_common(_ALIKE)]
            for row, most in ((venues[own.get("container") or ""], _OF_VENUE), (people[_first(own)], _OF_PEOPLE)):
                near += chance.sample(row, min(most, len(row)))
            cited = [by_doi.get((one.get("doi") or "").lower(), _cited(one)) for one in gold["references"]]
            others = [record for record in [*(records[number] for number in near), *cited] if _is_other(record, own)]
            yield Held(pdf, work_of(own), tuple(work_of(record) for record in others))


def work_of(record: Record) -> Work:
    """The record of a universe as a work."""
    year = re.match(r"\d{4}", str(record.get("year") or ""))
    return Work(
        title=record.get("title") or "",
        type=_KINDS.get(record.get("type") or "", WorkType.DOCUMENT),
        authors=tuple(
            Name(one.get("family"), one.get("given"), one.get("literal"))
            for one in record.get("authors") or ()
            if one.get("family") or one.get("literal")
        ),
        year=int(year.group()) if year else None,
        container_title=record.get("container"),
        volume=record.get("volume"),
        pages=record.get("pages"),
        doi=(record.get("doi") or "").lower() or None,
    )


def _read(universe: Path) -> list[Record]:
    content = universe.read_bytes()
    lines = (gzip.decompress(content) if universe.suffix == ".gz" else content).splitlines()
    return [record for record in map(json.loads, lines) if record.get("title")]


def _cited(one: Record) -> Record:
    family = one.get("first_author")
    people = [{"family": family}] if family else []
    facts = {name: one.get(name) for name in ("title", "year", "doi", "container")}
    return {**facts, "authors": people}


def _is_other(record: Record, own: Record) -> bool:
    """Whether two records are not of one work, as far as title and DOI tell."""
    same = (record.get("doi") or "").lower() == own["doi"].lower()
    return not same and bool(record.get("title")) and _letters(record["title"]) != _letters(own["title"])


def _letters(text: str) -> str:
    return re.sub(r"\W", "", text.casefold())


def _words(title: str | None) -> set[str]:
    return set(re.findall(r"\w{4,}", (title or "").casefold()))


def _first(record: Record) -> str:
    people = record.get("authors") or [{}]
    return str(people[0].get("family") or "")
