"""A made-up library of any size, written straight into the tables: for pictures of the page and for its speed.

Titles are those of the sample papers where they last, and words put together beyond. The same seed gives the same
library.
"""

from __future__ import annotations

import hashlib
import json
import math
import random
import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from db.connect import open_database

ROOT = Path(__file__).parents[2]
HOUR_S = 3_600.0

People = list[tuple[str, str]]
"""Family and given names."""

_FIELDS = (
    "sediment transport", "working memory", "loanword adaptation", "vernacular literacy", "soil respiration",
    "urban heat islands", "graph colouring", "parish registers", "bark beetles", "coral bleaching", "tonal languages",
    "gift exchange", "peat bogs", "error-correcting codes", "minority languages", "glacial lakes", "bird song",
    "labour migration", "protein folding", "medieval guilds", "river deltas", "speech perception", "public debt",
)  # fmt: skip
_OPENINGS = (
    "On the origins of {}", "{} reconsidered", "A history of {}", "Measuring {}: a field guide", "Notes on {}",
    "{} and its discontents", "Towards a theory of {}", "The economics of {}", "{} under changing climates",
    "Models of {}", "Long-term trends in {}", "What we know about {}", "{}: evidence from three centuries",
    "Uncertainty in {}",
)  # fmt: skip
_PLACES = (
    "the Baltic", "Northern Italy", "the Upper Rhine", "West Africa", "Patagonia", "the Carpathians", "Kyushu", "Wales",
    "the Low Countries", "Anatolia", "the Great Plains", "Bohemia", "the Mekong", "Galicia", "Lapland", "the Deccan",
)  # fmt: skip
_FAMILIES = (
    "Abe", "Almeida", "Becker", "Castellano", "Dąbrowski", "Eriksson", "Fontaine", "García", "Haugen", "Ito", "Jansen",
    "Kowalczyk", "Lindqvist", "Moreau", "Nakamura", "O’Brien", "Petrov", "Quintero", "Rossi", "Sørensen", "Tanaka",
    "Ueda", "van der Berg", "Weber", "Xu", "Yıldız", "Zhang", "Müller", "Novák", "Okafor", "Papadopoulos",
)  # fmt: skip
_GIVEN = ("Anna", "Ben", "Clara", "Daniel", "Elif", "Farid", "Grace", "Hugo", "Ines", "Jun", "Katrin", "Luis", "Mei")
_JOURNALS = ("Quaternary Research", "Language", "Ecology Letters", "Past & Present", "Cognition", "Geomorphology")

MATCH_FAILURES = (("no-match", 62), ("not-a-work", 16), ("vetoed", 9), ("ambiguous-match", 13))
FETCH_FAILURES = (
    ("no-oa-location", 58), ("blocked-forbidden", 12), ("http-404", 7), ("no-pdf-link", 6), ("blocked-captcha", 5),
    ("wrong-work", 4), ("html-as-pdf", 3), ("blocked-paywall", 3), ("needs-review", 2),
)  # fmt: skip
READ_FAILURES = (("no-text-layer", 5), ("encrypted-pdf", 3), ("damaged-pdf", 3), ("no-references-found", 4))


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much of everything."""

    sources: int
    entries: int  # of all sources together
    works: int
    unread: int = 0  # sources that wait
    waiting_entries: int = 0
    waiting_works: int = 0  # for their locations
    waiting_downloads: int = 0
    failed_sources: int = 0
    match_failures: float = 0.12  # share of the entries
    fetch_failures: float = 0.42  # share of the works
    extra_attempts: int = 0  # put-off tries beside the last ones
    hours: float = 160.0  # over which the work was done


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def stamp(epoch_s: float) -> str:
    return datetime.fromtimestamp(epoch_s, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def make(database: Path, size: Size, *, now: float, seed: int = 7) -> None:
    """Make the library as it stands at `now` (epoch seconds)."""
    open_database(database).dispose()
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("BEGIN")
        _Maker(connection, size, now, random.Random(seed)).make()
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


class _Maker:
    """Fills the tables."""

    def __init__(self, connection: sqlite3.Connection, size: Size, now: float, chance: random.Random) -> None:
        self._connection = connection
        self._size = size
        self._now = now
        self._chance = chance
        self._titles = _titles(chance)
        self._rows: dict[tuple[str, ...], list[tuple[Any, ...]]] = defaultdict(list)  # by table and columns
        self._tried: list[tuple[float, str, int, str, str, float]] = []

    def make(self) -> None:
        works = [self._work(number) for number in range(1, self._size.works + 1)]
        self._sources(works)
        for work in works:
            self._room_of(work)
        self._attempts()
        for (table, *columns), rows in self._rows.items():
            marks = ",".join("?" * len(columns))
            self._connection.executemany(f"INSERT INTO {table} ({','.join(columns)}) VALUES ({marks})", rows)  # noqa: S608 - names of ours

    def _add(self, table: str, **values: Any) -> None:
        self._rows[table, *values].append(tuple(values.values()))

    def _moment(self, share: float) -> float:
        """When that share of the work had been done: busier by day than by night, and up to now."""
        span, waves = self._size.hours * HOUR_S, max(3.0, self._size.hours / 24) * 2 * math.pi
        left = max(0.0, 1 - share)
        return self._now - 12 - span * (left + 0.6 / waves * math.sin(left * waves))

    def _stamps(self, at: float, took_s: float) -> dict[str, Any]:
        return {
            "processing_started_at": stamp(at),
            "processing_timestamp": stamp(at + took_s),
            "processing_duration_ms": took_s * 1000,
        }

    # --- works

    def _work(self, number: int) -> dict[str, Any]:
        title, authors, year, container = next(self._titles)
        code = hashlib.sha256(str(number).encode()).hexdigest()[:9]
        doi = f"10.{1000 + number % 900}/{code}" if number % 9 else None
        described_by = "crossref" if number % 3 else "openalex"
        record = {
            "title": title,
            "type": "article-journal",
            "authors": _names(authors),
            "year": year,
            "container_title": container,
            "doi": doi,
            "openalex_id": f"W{4_000_000 + number}",
            "metadata_source": described_by,
            "volume": str(1 + number % 60),
            "pages": f"{number % 400 + 1}-{number % 400 + 17}",
        }
        self._add(
            "works",
            id=number,
            type="article-journal",
            title=title,
            year=year,
            doi=doi,
            openalex_id=record["openalex_id"],
            record=_text(record),
            metadata_source=described_by,
        )
        if doi:
            self._add("work_keys", kind="doi", value=doi, work_id=number)
        return {
            "id": number,
            "title": title,
            "authors": authors,
            "year": year,
            "container": container,
            "doi": doi,
            "cited": 0,
        }

    def _room_of(self, work: dict[str, Any]) -> None:
        size, chance, number = self._size, self._chance, work["id"]
        searched = size.works - size.waiting_works
        fetched = searched - size.waiting_downloads
        at = self._moment(number / (searched + 1)) - chance.random() * 40
        ended = self._moment(number / (fetched + 1)) - chance.random() * 30
        address = f"https://repository.example.org/{number}.pdf"
        copy = {"url": address, "version": "publishedVersion", "licence": "cc-by", "found_by": "openalex"}
        waits = {"work_id": number, "newest_source_id": size.sources, "cited_by": work["cited"]}
        if number > searched:
            self._add("with_metadata", **waits, **self._stamps(at, 0.5))
            return
        if number > fetched:
            late = number % 11 == 0
            self._add(
                "to_download_references",
                **waits,
                locations=_text([copy]),
                due_at=self._now + 900 if late else None,
                attempts=int(late),
                last_reason="http-429" if late else None,
                **self._stamps(at, 0.5),
            )
            self._tried.append((at, "queueing", number, "done", "ok", 0.5))
            return
        at = min(at, ended - 20)
        if chance.random() < size.fetch_failures:
            self._not_obtained(number, copy, at, ended)
            return
        self._tried.append((at, "queueing", number, "done", "ok", 0.5))
        status = (
            "ok" if chance.random() < 0.8 else chance.choice(("ok-preprint", "ok-accepted-version", "ok-unverified"))
        )
        name = f"{work['authors'][0][0].split()[-1].lower()}_{work['year']}_{number}.pdf"
        checksum = hashlib.sha256(name.encode()).hexdigest()
        self._add(
            "downloaded_references",
            work_id=number,
            status=status,
            file_path=name,
            checksum_pdf=checksum,
            size_bytes=300_000 + number * 7_919 % 900_000,
            page_count=4 + number % 30,
            url_source=address,
            source_of_download="openalex",
            version=copy["version"],
            licence=copy["licence"],
            identity_score=0.98,
            proof=_text({"verdict": "verified", "score": 0.98, "evidence": ["DOI on page 1", "title 0.99 on page 1"]}),
            landing_url=address.removesuffix(".pdf"),
            technique="citation_pdf_url",
            checksum_fetched=checksum,
            **self._stamps(ended, 5.0),
        )
        self._tried.append((ended, "download", number, "done", status, 5.0))

    def _not_obtained(self, number: int, copy: dict[str, str], at: float, ended: float) -> None:
        reason = _drawn(FETCH_FAILURES, self._chance)
        early = reason == "no-oa-location"
        stage = "queueing" if early else "download"
        self._add(
            "failed_downloads",
            work_id=number,
            stage=stage,
            locations=None if early else _text([copy]),
            reason=reason,
            detail="asked openalex, unpaywall, europepmc" if early else copy["url"],
            attempts=1,
            needs_review=reason == "needs-review",
            **self._stamps(at if early else ended, 3.1),
        )
        if not early:
            self._tried.append((at, "queueing", number, "done", "ok", 0.5))
        self._tried.append((at if early else ended, stage, number, "reject", reason, 3.1))

    # --- sources and their entries

    def _sources(self, works: list[dict[str, Any]]) -> None:
        """Sources with their entries; each work's `cited` is counted."""
        size, chance = self._size, self._chance
        read = size.sources - size.unread - size.failed_sources
        lengths = _shares(size.entries, read, chance)
        self._entry_id, self._uncited = 0, list(range(1, size.works + 1))
        chance.shuffle(self._uncited)
        for number in range(1, size.sources + 1):
            title, authors, year, _ = next(self._titles)
            at = self._moment((number if number <= read else chance.randint(1, read or 1)) / (read + 1))
            state = "extracted" if number <= read else "failed" if number <= size.sources - size.unread else "pending"
            facts: dict[str, Any] = {}
            if state == "extracted":
                facts = self._read(number, lengths[number - 1], at, title=title, authors=authors, year=year)
            words = "_".join(title.lower().replace(":", "").split()[:4])
            self._add(
                "sources",
                id=number,
                path=f"/srv/papers/{authors[0][0].split()[-1].lower()}_{year}_{words}.pdf".replace("’", ""),
                sha256=hashlib.sha256(str(number).encode()).hexdigest(),
                size_bytes=900_000 + number,
                state=state,
                added_at=stamp(self._now - 120 if state == "pending" else at),
                **facts,
            )
            if state == "extracted":
                self._bibliography(number, lengths[number - 1], works)
            elif state == "failed":
                reason = _drawn(READ_FAILURES, chance)
                self._add("failed_extractions", source_id=number, reason=reason, attempts=1, **self._stamps(at, 0.8))
                self._tried.append((at, "extraction", number, "reject", reason, 0.8))

    def _read(self, number: int, found: int, at: float, *, title: str, authors: People, year: int) -> dict[str, Any]:
        chance = self._chance
        missing = 0 if chance.random() < 0.8 else chance.randint(1, max(1, found // 8))
        score = round(found / (found + missing), 4)
        labels = [str(found // 2 + label) for label in range(min(missing, 9))]
        self._tried.append((at, "extraction", number, "done", "ok", 2.0))
        return {
            "doi": f"10.5555/s{number}",
            "title": title,
            "page_count": 8 + found // 6,
            "found_references": found,
            "expected_references": found + missing,
            "authors": _text(_names(authors)),
            "year": year,
            "coverage_score": score,
            "coverage": _text({"found": found, "expected": found + missing, "score": score, "missing_labels": labels}),
            **self._stamps(at, 2.0),
        }

    def _bibliography(self, source: int, length: int, works: list[dict[str, Any]]) -> None:
        size, chance = self._size, self._chance
        here: set[int] = set()
        recognised = size.entries - size.waiting_entries
        for position in range(1, length + 1):
            self._entry_id += 1
            number = self._entry_id
            at = self._moment(number / (recognised + 1)) - chance.random() * 9
            fails = number <= recognised and chance.random() < size.match_failures
            work = self._cited_work(works, here) if number <= recognised and not fails else None
            shown = work or dict(zip(("title", "authors", "year", "container"), next(self._titles), strict=True))
            self._entry(number, source, position, shown, work)
            if work:
                work["cited"] += 1
                self._tried.append((at, "enrichment", number, "done", "ok", 0.6))
            elif fails:
                reason = _drawn(MATCH_FAILURES, chance)
                self._add(
                    "failed_enrichments",
                    entry_id=number,
                    reason=reason,
                    evidence=_text(_candidates(shown, works, chance)) if reason != "no-match" else None,
                    attempts=1,
                    needs_review=reason == "ambiguous-match",
                    **self._stamps(at, 0.9),
                )
                self._tried.append((at, "enrichment", number, "reject", reason, 0.9))
            else:
                self._add("no_metadata", entry_id=number, source_id=source, processing_timestamp=stamp(at))

    def _entry(
        self, number: int, source: int, position: int, shown: dict[str, Any], work: dict[str, Any] | None
    ) -> None:
        people = "; ".join(f"{family}, {given[0]}." for family, given in shown["authors"][:3])
        reference = {
            "position": position,
            "raw": f"[{position}] {people} ({shown['year']}). {shown['title']}. {shown['container']}.",
            "page": 9 + position // 25,
            "label": f"[{position}]",
            "type": "article-journal",
            "authors": [{"family": family, "given": given[0] + "."} for family, given in shown["authors"][:3]],
            "title": shown["title"],
            "container_title": shown["container"],
            "year": shown["year"],
            "confidence": round(0.8 + self._chance.random() * 0.19, 2),
        }
        by_doi = work is not None and work["doi"] is not None and number % 3 == 0
        self._add(
            "entries",
            id=number,
            source_id=source,
            position=position,
            title=shown["title"],
            doi=shown["doi"] if by_doi else None,
            reference=_text(reference),
            work_id=work["id"] if work else None,
            matched_by=None if work is None else "doi" if by_doi else "search",
            match_score=None if work is None else 1.0 if by_doi else round(0.86 + self._chance.random() * 0.13, 2),
            matched_as="work" if work else None,
        )

    def _cited_work(self, works: list[dict[str, Any]], here: set[int]) -> dict[str, Any]:
        """A work for the next entry: most are new, some that many cite."""
        number = 1
        for _ in range(8):
            if self._uncited and self._chance.random() < 0.8:
                number = self._uncited.pop()
            else:
                number = min(len(works), 1 + int(len(works) * self._chance.random() ** 3))
            if number not in here:
                break
        here.add(number)
        return works[number - 1]

    def _attempts(self) -> None:
        chance, rows = self._chance, self._tried
        items = [(row[0], row[1], row[2]) for row in rows if row[1] in {"enrichment", "download"}]
        for _ in range(self._size.extra_attempts):
            at, stage, item = chance.choice(items)
            reason = "rate-limited" if stage == "enrichment" else "timeout-read"
            rows.append((at - chance.random() * 60, stage, item, "retry", reason, 1.5))
        for at, stage, item, outcome, reason, seconds in sorted(row for row in rows if row[0] < self._now):
            self._add(
                "attempts",
                stage=stage,
                item_id=item,
                attempt=1,
                outcome=outcome,
                reason=reason,
                detail="",
                started_at=stamp(at),
                seconds=seconds,
                trail=_trail(stage, item, outcome, reason),
            )


def _names(authors: People) -> list[dict[str, str]]:
    return [{"family": family, "given": given} for family, given in authors]


def _candidates(shown: dict[str, Any], works: list[dict[str, Any]], chance: random.Random) -> list[dict[str, Any]]:
    found = [dict(shown), *(chance.choice(works) for _ in range(2))]
    return [
        {
            "title": one["title"],
            "score": round(0.83 - 0.11 * number, 2),
            "authors": [family for family, _ in one["authors"][:2]],
            "year": (one["year"] or 2000) + number,
            "container_title": one["container"],
            "doi": f"10.1234/{number}.{chance.randint(100, 999)}",
            "source": ("crossref", "openalex", "datacite")[number],
            "agreement": {
                "title": round(0.97 - 0.2 * number, 2),
                "author": "agree" if number < 2 else "conflict",
                "year": "close",
            },
        }
        for number, one in enumerate(found)
    ]


def _trail(stage: str, item: int, outcome: str, reason: str) -> str | None:
    if item % 4 and outcome == "done":
        return None
    if stage == "enrichment":
        asked = [
            {"service": "openalex", "how": "doi", "reply": "absent", "requests": 0.02},
            {"service": "crossref", "how": "search", "reply": "found", "requests": 1.0},
        ]
        decision = "one record fits, title 0.98" if outcome == "done" else "no record fits"
        return _text({"asked": asked, "decision": decision})
    if stage == "download":
        url = f"https://repository.example.org/{item}.pdf"
        ended = "ok" if outcome == "done" else reason
        hops = [[url, 302], [url.replace(".pdf", "/file"), 200 if ended == "ok" else 403]]
        return _text({"tried": [{"url": url, "found_by": "openalex", "hops": hops, "reason": ended}]})
    return None


def _titles(chance: random.Random) -> Iterator[tuple[str, list[tuple[str, str]], int, str]]:
    """Title, authors, year and journal, without end."""
    lines = (ROOT / "scripts/sample_papers/works.jsonl").read_text(encoding="utf-8").splitlines()
    known = [json.loads(line) for line in lines]
    chance.shuffle(known)
    for one in known:
        named = one.get("authors", [])
        people = [(name.get("family") or name.get("literal") or "Anon", name.get("given") or "N.") for name in named]
        yield one["title"], people or [("Anon", "N.")], one.get("year") or 2001, one.get("container") or "Proceedings"
    while True:
        title = chance.choice(_OPENINGS).format(chance.choice(_FIELDS))
        years = f"{chance.randint(1500, 1990)}–{chance.randint(1991, 2024)}"
        title = f"{title[0].upper()}{title[1:]} in {chance.choice(_PLACES)}, {years}"
        people = [(chance.choice(_FAMILIES), chance.choice(_GIVEN)) for _ in range(chance.randint(1, 3))]
        yield title, people, chance.randint(1962, 2025), chance.choice(_JOURNALS)


def _drawn(weighted: tuple[tuple[str, int], ...], chance: random.Random) -> str:
    return chance.choices([word for word, _ in weighted], [weight for _, weight in weighted])[0]


def _shares(total: int, parts: int, chance: random.Random) -> list[int]:
    """`total` cut into `parts` of different sizes, none empty."""
    if parts <= 0:
        return []
    weights = [0.3 + chance.random() for _ in range(parts)]
    shares = [max(1, int(total * weight / sum(weights))) for weight in weights]
    shares[-1] += max(0, total - sum(shares))
    return shares
