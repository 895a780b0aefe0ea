"""Writing outcomes down: one transaction for a whole group, one `executemany` for each kind of move.

Every move is guarded by the row's old place and attempt: what has moved on meanwhile is left alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from sqlalchemy import bindparam, delete, insert, update
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from db.codec import encode, stamp
from db.hot import Hot
from db.rooms import ROOMS
from db.tables import (
    attempts,
    downloaded_references,
    duplicate_references,
    entries,
    failed_downloads,
    failed_enrichments,
    failed_extractions,
    no_metadata,
    sources,
    to_download_references,
    with_metadata,
    work_keys,
    works,
)
from dl_lit.core.items import Downloaded, Duplicate, Extracted, Queued, Resolved, WorkItem
from dl_lit.core.job import Done, Reject, Retry, Snooze
from dl_lit.core.model import StageName, Version, Work
from dl_lit.core.reasons import NEEDS_REVIEW, Reason
from dl_lit.core.store import Finished

F = TypeVar("F")

TitleKey = Callable[[Work], str | None]
"""Gives what two records of one work without common identifier share; None when the title is too general."""

_STATUS = {
    Version.PUBLISHED: Reason.OK,
    Version.ACCEPTED: Reason.OK_ACCEPTED_VERSION,
    Version.SUBMITTED: Reason.OK_PREPRINT,
    None: Reason.OK,
}
_STAMPS = ("processing_started_at", "processing_timestamp", "processing_duration_ms")
_FAILURE = ("reason", "detail", "evidence", "attempts")


def _insert(table: Any, *names: str) -> Hot:
    return Hot(insert(table).values({name: bindparam(name) for name in names}), names)


def _update(table: Any, where: Sequence[str], *names: str) -> Hot:
    """`names` are set; `where` names columns whose old values must be given, after those, as `old_x`."""
    statement = update(table).values({name: bindparam(name) for name in names})
    for column in where:
        statement = statement.where(table.c[column] == bindparam(f"old_{column}"))
    return Hot(statement, (*names, *(f"old_{column}" for column in where)))


def _delete(table: Any, key: str) -> Hot:
    return Hot(
        delete(table).where(table.c[key] == bindparam("key"), table.c.attempts == bindparam("attempt")),
        ("key", "attempt"),
    )


_extracted = _update(
    sources,
    ("id",),
    "state",
    "doi",
    "title",
    "page_count",
    "found_references",
    "expected_references",
    "due_at",
    "attempts",
    *_STAMPS,
)
_extraction_failed = _update(sources, ("id",), "state", "due_at", "attempts", *_STAMPS)
_add_failed_extraction = _insert(failed_extractions, "source_id", *_FAILURE, *_STAMPS)
_add_entry = _insert(entries, "id", "source_id", "position", "title", "doi", "reference")
_add_no_metadata = _insert(no_metadata, "entry_id", "source_id", "priority", *_STAMPS)
_leave_no_metadata = _delete(no_metadata, "entry_id")
_add_work = _insert(
    works, "id", "type", "title", "year", "doi", "openalex_id", "title_key", "record", "metadata_source"
)
_resolve_entry = _update(entries, ("id",), "work_id", "matched_by", "match_score")
_add_with_metadata = _insert(with_metadata, "work_id", "newest_source_id", "cited_by", "priority", *_STAMPS)
_add_failed_enrichment = _insert(failed_enrichments, "entry_id", *_FAILURE, "needs_review", *_STAMPS)
_leave_with_metadata = _delete(with_metadata, "work_id")
_add_key = Hot(
    sqlite_insert(work_keys)
    .values(kind=bindparam("kind"), value=bindparam("value"), work_id=bindparam("work_id"))
    .on_conflict_do_nothing(),
    ("kind", "value", "work_id"),
)
_add_to_download = _insert(
    to_download_references, "work_id", "newest_source_id", "cited_by", "locations", "priority", *_STAMPS
)
_add_failed_download = _insert(failed_downloads, "work_id", "stage", "locations", *_FAILURE, "needs_review", *_STAMPS)
_move_entries = _update(entries, ("work_id",), "work_id")
_add_duplicate = _insert(
    duplicate_references, "entry_id", "existing_work_id", "matched_on_field", "original_record", "date_detected"
)
_drop_work = Hot(delete(works).where(works.c.id == bindparam("key")), ("key",))
_leave_to_download = _delete(to_download_references, "work_id")
_add_downloaded = _insert(
    downloaded_references,
    "work_id", "status", "file_path", "checksum_pdf", "size_bytes", "page_count", "url_source",
    "source_of_download", "version", "licence", *_STAMPS,
)  # fmt: skip
_add_attempt = _insert(attempts, "stage", "item_id", "attempt", "outcome", "reason", "detail", "started_at", "seconds")

_KEY = {stage: room.key.name for stage, room in ROOMS.items()}
_retry = {
    stage: _update(room.table, (_KEY[stage], "attempts"), "due_at", "attempts", "last_reason", "last_detail")
    for stage, room in ROOMS.items()
}
_CARRIED = {
    StageName.EXTRACTION: "priority",
    StageName.ENRICHMENT: "priority, source_id",
    StageName.QUEUEING: "priority, newest_source_id, cited_by",
    StageName.DOWNLOAD: "priority, newest_source_id, cited_by, locations",
}
_fence = {
    stage: (
        f"SELECT {_KEY[stage]}, attempts, {_CARRIED[stage]} FROM {room.table.name} "  # noqa: S608 - names of ours
        f"WHERE {_KEY[stage]} IN (SELECT value FROM json_each(?))"
        + (" AND state = 'pending'" if stage is StageName.EXTRACTION else "")
    )
    for stage, room in ROOMS.items()
}
_keys_known = (
    "SELECT k.kind, k.value, k.work_id, w.doi FROM json_each(?) AS j "
    "JOIN work_keys AS k ON k.kind = j.value ->> 0 AND k.value = j.value ->> 1 JOIN works AS w ON w.id = k.work_id"
)
_highest_entry = "SELECT max(id) FROM entries"
# A merged work has gone, but its attempts are filed under its number: that is not given again.
_highest_work = (
    "SELECT max(coalesce((SELECT max(id) FROM works), 0), "
    "coalesce((SELECT max(item_id) FROM attempts WHERE stage = 'queueing'), 0))"
)
_entries_of = "SELECT id, source_id FROM entries WHERE work_id = ?"
_hand_over = (
    "UPDATE work_keys SET work_id = ? WHERE work_id = ?",
    "UPDATE duplicate_references SET existing_work_id = ? WHERE existing_work_id = ?",
)
_bump = [
    f"UPDATE {table} SET cited_by = cited_by + ?, newest_source_id = max(newest_source_id, ?) WHERE work_id = ?"  # noqa: S608
    for table in ("with_metadata", "to_download_references")
]


def status_of(facts: Downloaded) -> Reason:
    """The kind of success a download is."""
    return Reason.OK_UNVERIFIED if not facts.verified else _STATUS[facts.location.version]


def work_keys_of(work: Work, title_key: str | None) -> list[tuple[str, str]]:
    """What `work` is recognised by, the surest first."""
    keys = [("doi", work.doi), ("openalex", work.openalex_id), ("title-author-year", title_key)]
    return [(kind, value) for kind, value in keys if value]


def same_work(kind: str, doi: str | None, other_doi: str | None) -> bool:
    """Whether a shared key of this kind makes two works one: an equal title does not when their DOIs differ."""
    return kind != "title-author-year" or not (doi and other_doi and doi != other_doi)


class Recording:
    """One group of outcomes on its way into the database; gives the change of each waiting room's length."""

    def __init__(self, cursor: Any, now: float, title_key: TitleKey) -> None:
        """`cursor` is inside an immediate transaction that the caller commits."""
        self._cursor = cursor
        self._now = now
        self._title_key = title_key
        self._attempts: list[tuple[object, ...]] = []
        self.change: dict[StageName, int] = dict.fromkeys(StageName, 0)

    def write(self, finished: Sequence[Finished]) -> None:
        """Write all of `finished` down."""
        stages: dict[StageName, list[Finished]] = defaultdict(list)
        for one in finished:
            stages[one.claim.stage].append(one)
        # Rooms are emptied from the far end, so that nothing recorded here is counted in two rooms.
        for stage, apply in (
            (StageName.DOWNLOAD, self._download),
            (StageName.QUEUEING, self._queueing),
            (StageName.ENRICHMENT, self._enrichment),
            (StageName.EXTRACTION, self._extraction),
        ):
            if stage in stages:
                self._stage(stage, stages[stage], apply)
        if self._attempts:
            _add_attempt.many(self._cursor, self._attempts)

    def _stage(
        self, stage: StageName, finished: list[Finished], apply: Callable[[list[tuple[Finished, Any]]], None]
    ) -> None:
        ids = "[" + ",".join(str(one.claim.id) for one in finished) + "]"
        rows = {row[0]: row for row in self._cursor.execute(_fence[stage], (ids,))}
        later: list[tuple[object, ...]] = []
        ended: list[tuple[Finished, Any]] = []
        for one in finished:
            claim, outcome = one.claim, one.outcome
            row = rows.pop(claim.id, None)  # popped: a second answer to one claim finds the row gone, too
            if row is None or row[1] != claim.attempt - 1:
                continue
            match outcome:
                case Retry(reason, detail, after):
                    later.append((self._now + (after or 0.0), claim.attempt, reason.value, detail, claim.id, row[1]))
                    self._log(one, "retry", reason, detail)
                case Snooze(reason, after, detail):
                    later.append((self._now + after, row[1], reason.value, detail, claim.id, row[1]))
                case Reject(reason, detail, _):
                    ended.append((one, row))
                    self._log(one, "reject", reason, detail)
                case Done():
                    ended.append((one, row))
        if later:
            _retry[stage].many(self._cursor, later)
        if ended:
            self.change[stage] -= len(ended)
            apply(ended)

    def _log(self, one: Finished, outcome: str, reason: Reason, detail: str = "") -> None:
        claim = one.claim
        self._attempts.append(
            (
                claim.stage.value,
                claim.id,
                claim.attempt,
                outcome,
                reason.value,
                detail,
                stamp(one.started_at),
                one.seconds,
            )
        )

    def _next_id(self, highest: str) -> int:
        (used,) = self._cursor.execute(highest).fetchone()
        return int(used or 0) + 1

    def _extraction(self, ended: list[tuple[Finished, Any]]) -> None:
        done: list[tuple[object, ...]] = []
        failed: list[tuple[object, ...]] = []
        reasons: list[tuple[object, ...]] = []
        new_entries: list[tuple[object, ...]] = []
        waiting: list[tuple[object, ...]] = []
        entry_id = self._next_id(_highest_entry)
        for one, row in ended:
            claim, stamps = one.claim, _stamps(one)
            if isinstance(one.outcome, Reject):
                failed.append(("failed", None, claim.attempt, *stamps, claim.id))
                reasons.append((claim.id, *_failure(one.outcome, claim.attempt), *stamps))
                continue
            facts = _facts(one, Extracted)
            read = facts.bibliography
            done.append(
                ("extracted", read.doi, read.title, read.page_count, len(read.references), read.expected_references, None,
                 claim.attempt, *stamps, claim.id)
            )  # fmt: skip
            for reference in read.references:
                new_entries.append(
                    (entry_id, claim.id, reference.position, reference.title, reference.doi, encode(reference))
                )
                waiting.append((entry_id, claim.id, row[2], *stamps))
                entry_id += 1
            self._log(one, "done", Reason.OK)
        _many(self._cursor, (_extracted, done), (_extraction_failed, failed), (_add_failed_extraction, reasons))
        _many(self._cursor, (_add_entry, new_entries), (_add_no_metadata, waiting))
        self.change[StageName.ENRICHMENT] += len(waiting)

    def _enrichment(self, ended: list[tuple[Finished, Any]]) -> None:
        new_works: list[tuple[object, ...]] = []
        resolved: list[tuple[object, ...]] = []
        waiting: list[tuple[object, ...]] = []
        failed: list[tuple[object, ...]] = []
        work_id = self._next_id(_highest_work)
        for one, row in ended:
            claim, stamps = one.claim, _stamps(one)
            if isinstance(one.outcome, Reject):
                review = one.outcome.reason in NEEDS_REVIEW
                failed.append((claim.id, *_failure(one.outcome, claim.attempt), review, *stamps))
                continue
            facts = _facts(one, Resolved)
            work = facts.work
            new_works.append(
                (work_id, work.type.value, work.title, work.year, work.doi, work.openalex_id, self._title_key(work),
                 encode(work), work.metadata_source)
            )  # fmt: skip
            resolved.append((work_id, facts.matched_by, facts.score, claim.id))
            waiting.append((work_id, row[3], 1, row[2], *stamps))
            work_id += 1
            self._log(one, "done", Reason.OK)
        _many(self._cursor, (_add_work, new_works), (_resolve_entry, resolved), (_add_with_metadata, waiting))
        _many(self._cursor, (_add_failed_enrichment, failed), (_leave_no_metadata, _left(ended)))
        self.change[StageName.QUEUEING] += len(waiting)

    def _queueing(self, ended: list[tuple[Finished, Any]]) -> None:
        keys: list[tuple[str, str, int]] = []
        waiting: list[tuple[object, ...]] = []
        failed: list[tuple[object, ...]] = []
        duplicates: list[tuple[Finished, int, str]] = []
        named = [(one, row, self._keys(one)) for one, row in ended]
        known = self._known(key for _, _, own in named for key in own)
        for one, row, own in named:
            claim, stamps = one.claim, _stamps(one)
            twin = self._twin(one, own, known)
            if twin is not None:
                duplicates.append((one, *twin))
                keys.extend((*key, twin[0]) for key in own)  # by these, too, it is known from now on
                self._log(one, "done", Reason.DUPLICATE, f"of work {twin[0]} by {twin[1]}")
                continue
            work = _work(one)
            for key in own:
                known.setdefault(key, (claim.id, work.doi))
                keys.append((*key, claim.id))
            if isinstance(one.outcome, Reject):
                failed.append(
                    (
                        claim.id,
                        claim.stage.value,
                        None,
                        *_failure(one.outcome, claim.attempt),
                        one.outcome.reason in NEEDS_REVIEW,
                        *stamps,
                    )
                )
            else:
                facts = _facts(one, Queued)
                waiting.append((claim.id, row[3], row[4], encode(facts.locations), row[2], *stamps))
                self._log(one, "done", Reason.OK)
        _many(self._cursor, (_add_key, keys), (_add_to_download, waiting), (_add_failed_download, failed))
        _many(self._cursor, (_leave_with_metadata, _left(ended)))
        self.change[StageName.DOWNLOAD] += len(waiting)
        for one, existing, matched_on in duplicates:
            self._merge(one, existing, matched_on)

    def _keys(self, one: Finished) -> list[tuple[str, str]]:
        work = _work(one)
        return work_keys_of(work, self._title_key(work))

    def _known(self, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], tuple[int, str | None]]:
        rows = self._cursor.execute(_keys_known, (encode(list(keys)),))
        return {(kind, value): (work_id, doi) for kind, value, work_id, doi in rows}

    def _twin(
        self, one: Finished, own: list[tuple[str, str]], known: dict[tuple[str, str], tuple[int, str | None]]
    ) -> tuple[int, str] | None:
        """The work this one is a duplicate of, and by which key; looked up here again, since here is no race."""
        if isinstance(one.outcome, Done) and isinstance(one.outcome.facts, Duplicate):
            return one.outcome.facts.of_work_id, one.outcome.facts.matched_on
        doi = _work(one).doi
        for kind, value in own:
            found = known.get((kind, value))
            if found and found[0] != one.claim.id and same_work(kind, doi, found[1]):
                return found[0], kind
        return None

    def _merge(self, one: Finished, existing: int, matched_on: str) -> None:
        """Point the duplicate's entries at the work that stays, and log it."""
        entry_rows = self._cursor.execute(_entries_of, (one.claim.id,)).fetchall()
        record = encode(_work(one))
        when = stamp(self._now)
        _add_duplicate.many(self._cursor, [(entry, existing, matched_on, record, when) for entry, _ in entry_rows])
        _move_entries.one(self._cursor, existing, one.claim.id)
        newest = max((source for _, source in entry_rows), default=0)
        for statement in _bump:
            self._cursor.execute(statement, (len(entry_rows), newest, existing))
        # A work that was queued before, and comes back by a person's retry, has keys and merged works of its own.
        for statement in _hand_over:
            self._cursor.execute(statement, (existing, one.claim.id))
        _drop_work.one(self._cursor, one.claim.id)

    def _download(self, ended: list[tuple[Finished, Any]]) -> None:
        done: list[tuple[object, ...]] = []
        failed: list[tuple[object, ...]] = []
        for one, row in ended:
            claim, stamps = one.claim, _stamps(one)
            if isinstance(one.outcome, Reject):
                failed.append(
                    (
                        claim.id,
                        claim.stage.value,
                        row[5],
                        *_failure(one.outcome, claim.attempt),
                        one.outcome.reason in NEEDS_REVIEW,
                        *stamps,
                    )
                )
                continue
            facts = _facts(one, Downloaded)
            status = status_of(facts)
            done.append(
                (claim.id, status.value, facts.path, facts.sha256, facts.size_bytes, facts.page_count, facts.final_url,
                 facts.location.found_by, facts.location.version, facts.location.licence, *stamps)
            )  # fmt: skip
            self._log(one, "done", status)
        _many(self._cursor, (_add_downloaded, done), (_add_failed_download, failed), (_leave_to_download, _left(ended)))


def _many(cursor: Any, *moves: tuple[Hot, list[Any]]) -> None:
    for statement, rows in moves:
        if rows:
            statement.many(cursor, rows)


def _left(ended: list[tuple[Finished, Any]]) -> list[tuple[int, int]]:
    return [(one.claim.id, row[1]) for one, row in ended]


def _stamps(one: Finished) -> tuple[str, str, float]:
    return stamp(one.started_at), stamp(one.started_at + one.seconds), round(one.seconds * 1000, 3)


def _failure(outcome: Reject, attempt: int) -> tuple[object, ...]:
    evidence = None if outcome.evidence is None else encode(outcome.evidence)
    return outcome.reason.value, outcome.detail, evidence, attempt


def _work(one: Finished) -> Work:
    item = one.claim.item
    if not isinstance(item, WorkItem):
        message = f"queueing was handed {item!r}"
        raise TypeError(message)
    return item.work


def _facts(one: Finished, kind: type[F]) -> F:
    facts = one.outcome.facts if isinstance(one.outcome, Done) else None
    if not isinstance(facts, kind):
        message = f"{one.claim.stage.value} answered {one.outcome!r}"
        raise TypeError(message)
    return facts
