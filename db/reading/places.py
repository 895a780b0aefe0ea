"""Where entries and works are, and all that is known of them: a handful of queries however many there are."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import Connection

from db.codec import decode_contexts, decode_downloaded, decode_locations, decode_proof, decode_reference, decode_work
from db.reading.scope import Scope
from dl_lit.core.items import Downloaded, MatchedAs
from dl_lit.core.model import CitationContext, Location, Reference, StageName, Work
from dl_lit.core.proof import Proof
from dl_lit.core.values import dataclass


class Place(StrEnum):
    """Where an entry, a work or a source is, in one word."""

    WAITING = "waiting"  # for a stage
    DOWNLOADED = "downloaded"
    EXTRACTED = "extracted"  # sources only
    NEEDS_REVIEW = "needs_review"  # a person may decide
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A row in a stage's waiting room."""

    stage: StageName
    due_at: float | None  # epoch seconds; None: ready now
    attempts: int  # failed ones so far
    last_reason: str | None
    last_detail: str | None


@dataclass(frozen=True, slots=True)
class Failure:
    """A row in a room of failures."""

    stage: StageName
    reason: str
    detail: str
    evidence: Any  # what the stage left as JSON; None when nothing
    attempts: int
    needs_review: bool
    at: str | None  # ISO 8601 in UTC

    @property
    def place(self) -> Place:
        """Failed, or a case for review."""
        return Place.NEEDS_REVIEW if self.needs_review else Place.FAILED


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A work's file in the library."""

    path: str  # relative to the library folder
    status: str  # ok, ok-accepted-version, ok-preprint, ok-unverified
    sha256: str
    size_bytes: int
    page_count: int
    url: str  # after redirects
    found_by: str
    version: str | None
    licence: str | None
    at: str | None  # when it came; ISO 8601 in UTC
    identity_score: float | None  # 0 to 1: how surely it is the work; None: not judged, by an earlier dl_lit
    proof: Proof | None  # the judgement with its evidence, likewise
    landing_url: str | None  # the page that named the file
    technique: str | None  # by which it did


@dataclass(frozen=True, slots=True)
class Recheck:
    """When a work that has ended is looked at again."""

    due_at: float | None  # epoch seconds; None: no day is set
    done: int  # how often that was done so far
    looked_at: float | None  # when last; epoch seconds


@dataclass(frozen=True, slots=True)
class Merge:
    """An entry whose work turned out to be known already."""

    existing_work_id: int  # at the time
    matched_on: str
    at: str
    merge_id: int | None  # by which it can be undone; None for what was joined before merges were logged


@dataclass(frozen=True, slots=True)
class WorkView:
    """A work, and where it is; exactly one of `waiting`, `file`, `failure` unless the database is damaged."""

    id: int
    work: Work
    waiting: Waiting | None
    file: StoredFile | None
    failure: Failure | None
    locations: tuple[Location, ...]  # those that queueing found
    held: Downloaded | None = None  # the file in quarantine that a person is to decide on
    recheck: Recheck | None = None  # None: it never comes back by itself, or has not ended

    @property
    def place(self) -> Place:
        """Where it is."""
        if self.file:
            return Place.DOWNLOADED
        return self.failure.place if self.failure else Place.WAITING


@dataclass(frozen=True, slots=True)
class EntryView:
    """An entry, and where it is; exactly one of `waiting`, `failure`, `work` unless the database is damaged."""

    id: int
    source_id: int
    reference: Reference
    matched_by: str | None
    match_score: float | None
    matched_as: MatchedAs | None  # the entry's own work, or only the book it is a chapter of; None: not recognised
    work: WorkView | None
    waiting: Waiting | None
    failure: Failure | None
    duplicate: Merge | None
    contexts: tuple[CitationContext, ...] = ()  # where the source's text cites it, as far as that is known

    @property
    def place(self) -> Place:
        """Where it is; a resolved entry is where its work is."""
        if self.failure:
            return self.failure.place
        return self.work.place if self.work else Place.WAITING

    @property
    def stage(self) -> StageName | None:
        """The stage it waits for or failed at; None when its work is in the library."""
        held = self.failure or self.waiting
        if held is None and self.work:
            held = self.work.failure or self.work.waiting
        return held.stage if held else None

    @property
    def why(self) -> str:
        """The reason it failed or was put off; empty when there is none."""
        failure = self.failure or (self.work.failure if self.work else None)
        waiting = self.waiting or (self.work.waiting if self.work else None)
        return failure.reason if failure else (waiting.last_reason if waiting else None) or ""


_WORKS = """
SELECT w.id, w.record,
       q.work_id, q.due_at, q.attempts, q.last_reason, q.last_detail,
       t.work_id, t.due_at, t.attempts, t.last_reason, t.last_detail, coalesce(t.locations, f.locations),
       d.work_id, d.file_path, d.status, d.checksum_pdf, d.size_bytes, d.page_count, d.url_source, d.source_of_download,
       d.version, d.licence, d.processing_timestamp, d.identity_score, d.proof, d.landing_url, d.technique,
       f.held, r.work_id, r.due_at, r.done, r.looked_at,
       f.work_id, f.stage, f.reason, f.detail, f.evidence, f.attempts, f.needs_review, f.processing_timestamp
FROM works AS w
LEFT JOIN with_metadata AS q ON q.work_id = w.id
LEFT JOIN to_download_references AS t ON t.work_id = w.id
LEFT JOIN downloaded_references AS d ON d.work_id = w.id
LEFT JOIN failed_downloads AS f ON f.work_id = w.id
LEFT JOIN rechecks AS r ON r.work_id = w.id
WHERE w.id IN (SELECT id FROM cited)
"""
_ENTRIES = """
SELECT e.id, e.source_id, e.reference, e.matched_by, e.match_score, e.work_id,
       n.entry_id, n.due_at, n.attempts, n.last_reason, n.last_detail,
       f.entry_id, 'enrichment', f.reason, f.detail, f.evidence, f.attempts, f.needs_review, f.processing_timestamp,
       e.matched_as, e.contexts
FROM entries AS e
LEFT JOIN no_metadata AS n ON n.entry_id = e.id
LEFT JOIN failed_enrichments AS f ON f.entry_id = e.id
WHERE e.id IN (SELECT id FROM listed) ORDER BY e.source_id, e.position
"""
_MERGES = """
SELECT entry_id, existing_work_id, matched_on_field, date_detected, merge_id
FROM duplicate_references WHERE entry_id IN (SELECT id FROM listed) ORDER BY id
"""


def works_of(connection: Connection, scope: Scope) -> dict[int, WorkView]:
    """The works of the scope, each once, by id."""
    return {row[0]: _work_view(row) for row in scope.rows(connection, _WORKS)}


def entries_of(connection: Connection, scope: Scope) -> list[EntryView]:
    """The entries of the scope, source by source, in printed order."""
    works = works_of(connection, scope)
    merges = {row[0]: Merge(*row[1:]) for row in scope.rows(connection, _MERGES)}
    return [_entry_view(row, works, merges) for row in scope.rows(connection, _ENTRIES)]


def _work_view(row: Any) -> WorkView:
    waiting = None
    if row[2] is not None:
        waiting = Waiting(StageName.QUEUEING, *row[3:7])
    elif row[7] is not None:
        waiting = Waiting(StageName.DOWNLOAD, *row[8:12])
    return WorkView(
        id=row[0],
        work=decode_work(row[1]),
        waiting=waiting,
        file=None if row[13] is None else _file(row[14:28]),
        failure=_failure(row[33:]),
        locations=decode_locations(row[12]) if row[12] else (),
        held=decode_downloaded(row[28]) if row[28] else None,
        recheck=None if row[29] is None else Recheck(*row[30:33]),
    )


def _file(columns: Any) -> StoredFile:
    path, status, sha256, size, pages, url, found_by, version, licence, at, score, proof, landing_url, technique = (
        columns
    )
    judged = decode_proof(proof) if proof else None
    return StoredFile(
        path, status, sha256, size, pages, url, found_by, version, licence, at, score, judged, landing_url, technique
    )


def _entry_view(row: Any, works: dict[int, WorkView], merges: dict[int, Merge]) -> EntryView:
    return EntryView(
        id=row[0],
        source_id=row[1],
        reference=decode_reference(row[2]),
        matched_by=row[3],
        match_score=row[4],
        matched_as=None if row[5] is None else MatchedAs(row[19] or MatchedAs.WORK),
        work=works.get(row[5]),
        waiting=None if row[6] is None else Waiting(StageName.ENRICHMENT, *row[7:11]),
        failure=_failure(row[11:19]),
        duplicate=merges.get(row[0]),
        contexts=decode_contexts(row[20]) if row[20] else (),
    )


def _failure(columns: Any) -> Failure | None:
    key, stage, reason, detail, evidence, attempts, needs_review, at = columns
    if key is None:
        return None
    found = None if evidence is None else msgspec.json.decode(evidence)
    return Failure(StageName(stage), reason, detail, found, attempts, bool(needs_review), at)
