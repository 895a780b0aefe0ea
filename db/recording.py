"""Writing outcomes down: one transaction for a whole group, one `executemany` for each kind of move.

Every move is guarded by the row's old place and attempt: what has moved on meanwhile is left alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from db import moves
from db.codec import encode
from db.counting import COUNT, Ending, counted
from db.hot import Hot, Lot
from db.merging import Merge, add_links, merge
from db.planning import End, plan
from db.preparing import KeptFile, NewWork, Prepared, ReadSource, Stamps, prepared
from db.recognition import Recogniser
from db.relatives import NOBODY, Newcomer, Relatives
from db.techniques import Landing, count, landings
from dl_lit.core.items import Downloaded, DownloadItem, Duplicate, Resolved, WorkItem
from dl_lit.core.job import Done, Reject, Retry, Snooze
from dl_lit.core.model import StageName, Work
from dl_lit.core.reasons import NEEDS_REVIEW, Reason
from dl_lit.core.retry_rules import open_from_of
from dl_lit.core.store import Finished

F = TypeVar("F")
R = TypeVar("R", ReadSource, NewWork, KeptFile, str)

REVIEWED = "review"
"""How an entry was matched that a person has decided on."""

_DOUBT = "what it was taken to be a duplicate of is not known as such any more"
_DOUBT_S = 1.0
"""When such a work is looked at again, in seconds."""


class Recording:
    """One group of outcomes on its way into the database; gives the change of each waiting room's length."""

    def __init__(self, cursor: Any, now: float, recogniser: Recogniser, *, resolver: int = 1) -> None:
        """`cursor` is inside an immediate transaction that the caller commits.

        `resolver` is the version of the landing-page finder at work.
        """
        self._cursor = cursor
        self._now = now
        self._recogniser = recogniser
        self._resolver = resolver
        self._ready: Mapping[int, Prepared] = {}
        self._ends: list[End] = []
        self.moved_on: list[Finished] = []
        """Outcomes of which nothing came: their rows were not as they had been claimed."""
        self.landed: list[Landing] = []
        """Uses of landing pages' techniques, in the order of the outcomes."""
        self._attempts: list[tuple[object, ...]] = []
        self._endings: list[Ending] = []
        self.change: dict[StageName, int] = dict.fromkeys(StageName, 0)
        self.due: dict[StageName, float] = {}
        """The earliest moment that a row was put off to, beyond what the outcomes say themselves."""

    def write(self, finished: Sequence[Finished], ready: Mapping[int, Prepared] | None = None) -> None:
        """Write all of `finished` down; `ready` is what has been prepared of them (and maybe of others)."""
        self._ready = prepared(finished, self._recogniser) if ready is None else ready
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
            moves.add_attempt.many(self._cursor, self._attempts)
            self._cursor.execute(COUNT, (counted(self._endings),))
        plan(self._cursor, self._ends, now=self._now, resolver=self._resolver)
        count(self._cursor, self.landed, self._now)

    def _stage(
        self, stage: StageName, finished: list[Finished], apply: Callable[[list[tuple[Finished, Any]]], None]
    ) -> None:
        ids = "[" + ",".join(str(one.claim.id) for one in finished) + "]"
        rows = {row[0]: row for row in self._cursor.execute(moves.fence[stage], (ids,))}
        later: list[tuple[object, ...]] = []
        ended: list[tuple[Finished, Any]] = []
        for one in finished:
            claim, outcome = one.claim, one.outcome
            row = rows.pop(claim.id, None)  # popped: a second answer to one claim finds the row gone, too
            if row is None or row[1] != claim.attempt - 1:
                self.moved_on.append(one)
                continue
            if stage is StageName.DOWNLOAD and not isinstance(outcome, Snooze) and outcome.trail is not None:
                self.landed += landings(outcome.trail.tried)
            match outcome:
                case Retry(reason, detail, after, _):
                    later.append((self._now + (after or 0.0), claim.attempt, reason.value, detail, claim.id, row[1]))
                    self._log(one, "retry", reason, detail)
                case Snooze(reason, after, detail):
                    later.append((self._now + after, row[1], reason.value, detail, claim.id, row[1]))
                case Reject(reason, detail, _, _):
                    ended.append((one, row))
                    self._log(one, "reject", reason, detail)
                case Done():
                    ended.append((one, row))
        if later:
            moves.put_off[stage].many(self._cursor, later)
        if ended:
            self.change[stage] -= len(ended)
            apply(ended)

    def _log(self, one: Finished, outcome: str, reason: Reason, detail: str = "") -> None:
        claim, ready = one.claim, self._ready[id(one)]
        stage = str(claim.stage)  # not `value`, which takes three times as long
        self._endings.append((stage, outcome, str(reason), one.seconds))
        self._attempts.append(
            (
                stage,
                claim.id,
                claim.attempt,
                outcome,
                str(reason),
                detail,
                ready.stamps[0],
                one.seconds,
                ready.trail,
            )
        )

    def _stamps(self, one: Finished) -> Stamps:
        return self._ready[id(one)].stamps

    def _found(self, one: Finished, kind: type[R]) -> R:
        found = self._ready[id(one)].found
        if not isinstance(found, kind):
            raise _wrong(one)
        return found

    def _next_id(self, highest: str) -> int:
        (used,) = self._cursor.execute(highest).fetchone()
        return int(used or 0) + 1

    def _extraction(self, ended: list[tuple[Finished, Any]]) -> None:
        done: list[tuple[object, ...]] = []
        failed: list[tuple[object, ...]] = []
        reasons: list[tuple[object, ...]] = []
        new_entries: list[tuple[object, ...]] = []
        cited_entries: list[tuple[object, ...]] = []
        waiting: list[tuple[object, ...]] = []
        entry_id = self._next_id(moves.highest_entry)
        for one, row in ended:
            claim, stamps = one.claim, self._stamps(one)
            if isinstance(one.outcome, Reject):
                failed.append(("failed", None, claim.attempt, *stamps, claim.id))
                reasons.append((claim.id, *_failure(one.outcome, claim.attempt), *stamps))
                continue
            read = self._found(one, ReadSource)
            done.append((*read.values, claim.attempt, *stamps, claim.id))
            for *values, contexts in read.entries:
                row_of = (entry_id, claim.id, *values)
                if contexts is None:
                    new_entries.append(row_of)
                else:
                    cited_entries.append((*row_of, contexts))
                waiting.append((entry_id, claim.id, row[2], *stamps))
                entry_id += 1
            self._log(one, "done", Reason.OK, read.detail)
        _many(
            self._cursor,
            (moves.extracted, done),
            (moves.extraction_failed, failed),
            (moves.add_failed_extraction, reasons),
        )
        _many(
            self._cursor,
            (moves.add_entry, new_entries),
            (moves.add_cited_entry, cited_entries),
            (moves.add_no_metadata, waiting),
        )
        self.change[StageName.ENRICHMENT] += len(waiting)

    def _enrichment(self, ended: list[tuple[Finished, Any]]) -> None:
        new_works: list[tuple[object, ...]] = []
        resolved: list[tuple[object, ...]] = []
        waiting: list[tuple[object, ...]] = []
        failed: list[tuple[object, ...]] = []
        keys: list[tuple[object, ...]] = []
        titles: list[tuple[object, ...]] = []
        citing_dois: dict[int, str] = {}
        work_id = self._next_id(moves.highest_work)
        for one, row in ended:
            claim, stamps = one.claim, self._stamps(one)
            if isinstance(one.outcome, Reject):
                review = one.outcome.reason in NEEDS_REVIEW
                failed.append((claim.id, *_failure(one.outcome, claim.attempt), review, *stamps))
                continue
            facts, work = _facts(one, Resolved), self._found(one, NewWork)
            new_works.append((work_id, *work.values))
            keys += [(kind, value, work_id) for kind, value in work.keys]
            if work.titles:
                titles += work.title_rows(work_id)
            if facts.citing_doi:
                citing_dois.setdefault(row[3], facts.citing_doi.lower())
            resolved.append((work_id, facts.matched_by, facts.score, facts.matched_as.value, claim.id))
            waiting.append((work_id, row[3], 1, facts.work.year or 0, row[2], *stamps))
            work_id += 1
            self._log(one, "done", Reason.OK, "accepted in review" if facts.matched_by == REVIEWED else "")
        _many(
            self._cursor,
            (moves.add_work, new_works),
            (moves.add_key, keys),
            (moves.add_title, titles),
            (moves.resolve_entry, resolved),
            (moves.add_with_metadata, waiting),
        )
        _many(
            self._cursor,
            (moves.add_failed_enrichment, failed),
            (moves.leave_no_metadata, _left(ended)),
            (moves.name_source, [(doi, source) for source, doi in citing_dois.items()]),
        )
        self.change[StageName.QUEUEING] += len(waiting)

    def _queueing(self, ended: list[tuple[Finished, Any]]) -> None:
        waiting: list[tuple[object, ...]] = []
        failed: list[tuple[object, ...]] = []
        merges: list[Merge] = []
        links: list[tuple[int, int, str, str]] = []
        doubtful: list[tuple[object, ...]] = []
        newcomers = {one.claim.id: Newcomer(one.claim.id, _work(one), row[5], row[6] or None) for one, row in ended}
        # Looked up here again, whatever the stage says: here is no race.
        families = Relatives(self._cursor, self._recogniser).find(newcomers.values())
        for one, row in ended:
            claim, stamps = one.claim, self._stamps(one)
            family = families.get(claim.id, NOBODY)
            stays = family.twin.work_id if family.twin else claim.id
            links.extend((stays, *link) for link in family.links)
            if family.twin:
                merges.append(Merge(newcomers[claim.id], family.twin, row[2]))
                self._log(one, "done", Reason.DUPLICATE, f"of work {stays} by {family.twin.matched_on}")
            elif isinstance(one.outcome, Reject):
                failed.append(self._failed_download(one, one.outcome, None))
            elif isinstance(one.outcome, Done) and isinstance(one.outcome.facts, Duplicate):
                doubtful.append((self._now + _DOUBT_S, row[1], Reason.DUPLICATE.value, _DOUBT, claim.id, row[1]))
            else:
                waiting.append((claim.id, row[3], row[4], row[7] or 0, self._found(one, str), row[2], *stamps))
                self._log(one, "done", Reason.OK)
        _many(self._cursor, (moves.add_to_download, waiting), (moves.add_failed_download, failed))
        put_off = {place[4] for place in doubtful}
        _many(
            self._cursor,
            (moves.leave_with_metadata, [left for left in _left(ended) if left[0] not in put_off]),
            (moves.put_off[StageName.QUEUEING], doubtful),
        )
        if doubtful:
            self.change[StageName.QUEUEING] += len(doubtful)
            self.due[StageName.QUEUEING] = self._now + _DOUBT_S
        self.change[StageName.DOWNLOAD] += len(waiting)
        if merges:
            merge(self._cursor, merges, self._recogniser, self._now)
        if links:
            add_links(self._cursor, links, self._now)

    def _download(self, ended: list[tuple[Finished, Any]]) -> None:
        done: list[tuple[object, ...]] = []
        failed: list[tuple[object, ...]] = []
        for one, row in ended:
            claim, stamps = one.claim, self._stamps(one)
            if isinstance(one.outcome, Reject):
                failed.append(self._failed_download(one, one.outcome, row[5]))
                continue
            facts = _facts(one, Downloaded)
            if facts.is_in_quarantine:
                doubt = Reject(Reason.NEEDS_REVIEW, "; ".join(facts.proof.evidence), _held_evidence(facts))
                failed.append(self._failed_download(one, doubt, row[5], held=encode(facts)))
                self._log(one, "reject", Reason.NEEDS_REVIEW, doubt.detail)
                continue
            kept = self._found(one, KeptFile)
            done.append((claim.id, *kept.values, *stamps))
            self._ends.append(End(claim.id, kept.status, is_noticed=_has_doi(one)))
            self._log(one, "done", kept.status)
        _many(
            self._cursor,
            (moves.add_downloaded, done),
            (moves.add_failed_download, failed),
            (moves.leave_to_download, _left(ended)),
        )

    def _failed_download(
        self, one: Finished, why: Reject, locations: str | None, *, held: str | None = None
    ) -> tuple[object, ...]:
        claim = one.claim
        self._ends.append(End(claim.id, why.reason, open_from_of(why.evidence)))
        failure, for_review = _failure(why, claim.attempt), why.reason in NEEDS_REVIEW
        return claim.id, claim.stage.value, locations, held, *failure, for_review, *self._stamps(one)


def _held_evidence(facts: Downloaded) -> list[dict[str, str]]:
    detail = "; ".join(facts.proof.evidence)
    word = Reason.NEEDS_REVIEW.value
    return [{"url": facts.location.url, "reason": word, "detail": detail, "final_url": facts.final_url}]


def _has_doi(one: Finished) -> bool:
    return isinstance(one.claim.item, DownloadItem) and one.claim.item.work.doi is not None


def _many(cursor: Any, *moves: tuple[Hot | Lot, list[Any]]) -> None:
    for statement, rows in moves:
        if rows:
            statement.many(cursor, rows)


def _left(ended: list[tuple[Finished, Any]]) -> list[tuple[int, int]]:
    return [(one.claim.id, row[1]) for one, row in ended]


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
        raise _wrong(one)
    return facts


def _wrong(one: Finished) -> TypeError:
    return TypeError(f"{one.claim.stage.value} answered {one.outcome!r}")
