"""Fills a real database through the store's own verbs, the way a pipeline does, one named step at a time."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sqlalchemy import Connection

from db.connect import connect
from db.finding.word_index import word_index
from db.intake import add_sources
from db.stores import open_store
from dl_lit.core.items import Downloaded, Duplicate, EntryItem, Extracted, Queued, Resolved, SourceItem
from dl_lit.core.job import Claim, Done, Outcome, Reject, Retry, Snooze
from dl_lit.core.model import Bibliography, Location, Name, Reference, StageName, Version, Work, WorkType
from dl_lit.core.reasons import Reason
from dl_lit.core.store import Finished, NewSource
from tests.fakes.databases import database_in
from tests.fakes.engine import UNVERIFIED, VERIFIED
from tests.fakes.recognising import RECOGNISER

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC).timestamp()


@dataclass
class HandClock:
    """A clock that goes when told to."""

    at: float = NOON

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.at, UTC)

    def time(self) -> float:
        return self.at

    def monotonic(self) -> float:
        return self.at


def work(title: str, *, doi: str | None = None, **facts: Any) -> Work:
    """A work of 2017 by Ada Lovelace."""
    defaults: dict[str, Any] = {
        "type": WorkType.ARTICLE_JOURNAL,
        "authors": (Name("Lovelace", "Ada"),),
        "year": 2017,
        "metadata_source": "crossref",
    }
    return Work(title=title, doi=doi, **{**defaults, **facts})


def location(url: str = "https://repo.example.org/a.pdf", **facts: Any) -> Location:
    return Location(url=url, **{"version": Version.PUBLISHED, "licence": "cc-by", "found_by": "openalex", **facts})


class Scenario:
    """A database being filled. Every step claims rows and answers them as the pipeline would."""

    def __init__(self, folder: Path) -> None:
        self.path = database_in(folder, has_tables=True)
        self.library = folder / "library"
        self.library.mkdir(parents=True, exist_ok=True)
        self.clock = HandClock()
        self.store = open_store(self.path, self.clock, RECOGNISER, synchronous="NORMAL")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.store.close()

    # --- steps

    def add(self, *names: str) -> list[int]:
        """Add PDFs that wait for extraction; their ids."""
        engine = connect(self.path)
        try:
            new = [NewSource(f"/inbox/{name}", hashlib.sha256(name.encode()).hexdigest(), 1000) for name in names]
            added = [source.id for source in add_sources(engine, new, self.clock)]
        finally:
            engine.dispose()
        self.store.notice()
        return added

    def answer(self, stage: StageName, outcomes: dict[int, Outcome]) -> None:
        """Claim all that is due, answer the given rows, and let the others go."""
        claims = self.store.claim(stage, 100_000)
        mine = [claim for claim in claims if claim.id in outcomes]
        assert {claim.id for claim in mine} == set(outcomes), f"{stage}: not all of {outcomes} wait"
        self.store.record([Finished(claim, outcomes[claim.id], self.clock.time(), 0.25) for claim in mine])
        self.store.release(claim for claim in claims if claim.id not in outcomes)

    def extract(self, source: int, titles: Sequence[str], **facts: Any) -> list[int]:
        """The source's bibliography has these titles, and `facts` of `Bibliography`; the ids of the entries."""
        references = tuple(
            Reference(
                position=n, raw=f"[{n}] Lovelace, A. {title}. 2017.", page=9, label=f"[{n}]", title=title, year=2017
            )
            for n, title in enumerate(titles, start=1)
        )
        told = {"page_count": 10, "expected_references": len(titles), "title": f"Paper {source}", **facts}
        read = Bibliography(references=references, **told)
        self.answer(StageName.EXTRACTION, {source: Done(Extracted(read))})
        return [claim.id for claim in self._waiting(StageName.ENRICHMENT, source)]

    def _waiting(self, stage: StageName, source: int) -> list[Claim]:
        claims = self.store.claim(stage, 100_000)
        self.store.release(claims)
        mine = [claim for claim in claims if isinstance(claim.item, EntryItem) and claim.item.source_id == source]
        return sorted(mine, key=lambda claim: claim.id)

    def resolve(self, entry: int, found: Work, *, by: str = "search", score: float = 0.93) -> int:
        """The entry is this work; the work's id, before duplicates are joined."""
        before = self._works()
        self.answer(StageName.ENRICHMENT, {entry: Done(Resolved(work=found, matched_by=by, score=score))})
        (new,) = self._works() - before
        return new

    def _works(self) -> set[int]:
        claims = self.store.claim(StageName.QUEUEING, 100_000)
        self.store.release(claims)
        return {claim.id for claim in claims}

    def queue(self, work_id: int, *locations: Location) -> None:
        """Open copies were found there."""
        self.answer(StageName.QUEUEING, {work_id: Done(Queued(locations or (location(),)))})

    def duplicate(self, work_id: int, of: int, matched_on: str = "doi") -> None:
        """The work is known already."""
        self.answer(StageName.QUEUEING, {work_id: Done(Duplicate(of, matched_on))})

    def download(self, work_id: int, name: str, *, content: bytes = b"%PDF-1.7 made up", verified: bool = True) -> Path:
        """Its file came; the file in the library."""
        path = self.library / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        facts = Downloaded(
            path=name, sha256=hashlib.sha256(content).hexdigest(), size_bytes=len(content), page_count=4,
            location=location(), final_url="https://repo.example.org/a.pdf", proof=VERIFIED if verified else UNVERIFIED,
        )  # fmt: skip
        self.answer(StageName.DOWNLOAD, {work_id: Done(facts)})
        return path

    def reject(self, stage: StageName, item: int, reason: Reason, detail: str = "", evidence: Any = None) -> None:
        self.answer(stage, {item: Reject(reason, detail, evidence)})

    def retry(self, stage: StageName, item: int, reason: Reason, after: float) -> None:
        self.answer(stage, {item: Retry(reason, "passing trouble", after)})

    def snooze(self, stage: StageName, item: int, reason: Reason, after: float) -> None:
        self.answer(stage, {item: Snooze(reason, after)})

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """What a query finds, seen by another connection."""
        engine = connect(self.path, read_only=True)
        try:
            with engine.connect() as connection:
                return [tuple(row) for row in connection.exec_driver_sql(statement)]
        finally:
            engine.dispose()

    def sql(self, *statements: str) -> None:
        """Damage the database behind everybody's back, foreign keys unheeded."""
        engine = connect(self.path)
        try:
            with engine.connect() as connection, unbound(connection) as driver:
                for statement in statements:
                    driver.execute(statement)
        finally:
            engine.dispose()
        self.store.notice()

    def change_records(self, *work_ids: int, **facts: object) -> None:
        """Let the records of these works (of all where none is named) say otherwise, behind everybody's back."""
        engine = connect(self.path)
        try:
            with engine.begin() as connection:
                for id_, record in connection.exec_driver_sql("SELECT id, record FROM works").all():
                    if not work_ids or id_ in work_ids:
                        said = json.dumps({**json.loads(record), **facts}, ensure_ascii=False)
                        connection.exec_driver_sql("UPDATE works SET record = ? WHERE id = ?", (said, id_))
        finally:
            engine.dispose()
        self.store.notice()

    def forget_words(self, what: str) -> None:
        """Lose the words by which rows of that table are found."""
        engine = connect(self.path)
        try:
            with engine.begin() as connection:
                word_index(connection).forget(connection, what)
        finally:
            engine.dispose()


_CONSTRAINTS = "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype = 'f'"


@contextmanager
def unbound(connection: Connection) -> Iterator[Any]:
    """Where statements are run while no foreign key is heeded; on PostgreSQL, where it is a test's own, never again."""
    driver = connection.connection.driver_connection
    assert driver is not None
    driver.rollback()
    if connection.dialect.name != "postgresql":
        driver.execute("PRAGMA foreign_keys=OFF")
        yield driver
        return
    with driver.cursor() as cursor:
        cursor.execute("BEGIN IMMEDIATE")
        for table, name in cursor.execute(_CONSTRAINTS).fetchall():
            cursor.script(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        yield cursor
        cursor.execute("COMMIT")


def source_item(claim: Claim) -> SourceItem:
    assert isinstance(claim.item, SourceItem)
    return claim.item


def typical(scenario: Scenario) -> None:
    """Three sources; of seven entries each ends differently. Ids are given in this order, from 1.

    s1 broken.pdf: encrypted. s2 old.pdf: e1 downloaded (w1), e2 without open copy (w2), e3 no match.
    s3 new.pdf: e4 duplicate of w1 (was w3), e5 ambiguous, e6 fetching failed (w4), e7 waits, put off.
    """
    broken, old, new = scenario.add("broken.pdf", "old.pdf", "new.pdf")
    scenario.reject(StageName.EXTRACTION, broken, Reason.ENCRYPTED_PDF, "needs a password")
    e1, e2, e3 = scenario.extract(old, ["On computable numbers", "A closed book", "Unheard of"])
    w1 = scenario.resolve(e1, work("On computable numbers", doi="10.1000/computable"), by="doi", score=1.0)
    w2 = scenario.resolve(e2, work("A closed book", doi="10.1000/closed"))
    scenario.queue(w1)
    scenario.download(w1, "lovelace_2017_on.pdf")
    scenario.reject(StageName.QUEUEING, w2, Reason.NO_OA_LOCATION, "asked openalex, unpaywall")
    scenario.reject(StageName.ENRICHMENT, e3, Reason.NO_MATCH, evidence=[{"title": "Heard of", "score": 0.4}])
    e4, e5, e6, e7 = scenario.extract(new, ["On computable numbers", "Two of a kind", "Behind a wall", "Later"])
    twin = scenario.resolve(e4, work("On computable numbers", doi="10.1000/computable"))
    scenario.duplicate(twin, w1)
    scenario.reject(StageName.ENRICHMENT, e5, Reason.AMBIGUOUS_MATCH, evidence=[{"doi": "10.1/a"}, {"doi": "10.1/b"}])
    w4 = scenario.resolve(e6, work("Behind a wall", doi="10.1000/wall"))
    scenario.queue(w4)
    scenario.reject(StageName.DOWNLOAD, w4, Reason.BLOCKED_PAYWALL, "https://repo.example.org/a.pdf")
    scenario.snooze(StageName.ENRICHMENT, e7, Reason.RATE_LIMITED, after=180.0)
