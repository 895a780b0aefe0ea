"""What the database should hold after each step: DESIGN's rules once more, as a few lines over dictionaries.

What the database alone decides (numbers, and which works it takes for one) is learnt from it after the step, and then
held against the rules as well: a number is never given twice, and whoever is merged leaves everything to who stays.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace

from dl_lit.core.items import Downloaded, Duplicate, Extracted, Queued, Resolved
from dl_lit.core.job import Claim, Done, Outcome, Reject, Retry, Snooze
from dl_lit.core.model import Work
from tests.conformance.model.picture import REJECTED, Broken, Entry, Failure, File, Merge, Picture, Waiting, compare

ORDER = ("download", "queueing", "enrichment", "extraction")
FOR_REVIEW = {"ambiguous-match", "vetoed", "needs-review"}
MAY_PASS = {"http-5xx", "service-down", "timeout-read"}
"""Of the reasons that the machine gives: those which a retry without more words puts back."""


@dataclass(frozen=True)
class Decision:
    """What a person decided, and how the entry was before."""

    entry: int
    work: int | None
    before: Failure


@dataclass
class Expected:
    """The picture as it should be, and what is needed to go on from it."""

    now: Picture = field(default_factory=Picture)
    logged: Counter[tuple[str, int, int, str, str, str]] = field(default_factory=Counter)  # since the last look
    numbers: dict[str, set[int]] = field(default_factory=lambda: {"entries": set(), "works": set()})
    merging: dict[int, Callable[[], None]] = field(default_factory=dict)  # work → what becomes of it if it stays
    cited: dict[int, int] = field(default_factory=dict)  # entry that was recognised → priority of its work
    dois: dict[int, str | None] = field(default_factory=dict)  # entry → DOI of the work that it was recognised as
    read: dict[int, int] = field(default_factory=dict)  # source → entries that its reading gave

    # --- what steps say

    def log(self, claim: tuple[str, int, int], outcome: str, reason: str, when: str) -> None:
        """An attempt is written down."""
        self.logged[*claim, outcome, reason, when] += 1
        self.now.counted[claim[0], outcome, reason] += 1

    def finish(self, claim: Claim, outcome: Outcome, now: float, when: str) -> None:
        """A claim's answer is written down, unless its row has moved on."""
        stage, number = claim.stage.value, claim.id
        row = self.now.room(stage).get(number)
        if row is None or row.attempts != claim.attempt - 1 or (stage == "queueing" and number in self.merging):
            return
        match outcome:
            case Retry(reason=reason, after=after):
                row.attempts, row.due, row.reason = claim.attempt, now + (after or 0.0), reason.value
                self.log((stage, number, claim.attempt), "retry", reason.value, when)
            case Snooze(reason=reason, after=after):
                row.due, row.reason = now + after, reason.value
            case Reject() | Done():
                self._end(claim, outcome, row, now, when)

    def _end(self, claim: Claim, outcome: Reject | Done, row: Waiting, now: float, when: str) -> None:
        number, tries = claim.id, claim.attempt
        key = claim.stage.value, number, tries
        if claim.stage.value == "queueing":
            # Whether it is one with a known work is the database's to say.
            self.merging[number] = lambda: self._queued(key, outcome, row, now, when)
            return
        if isinstance(outcome, Reject):
            word = outcome.reason.value
            self.log(key, "reject", word, when)
            failure = Failure(word, tries, word in FOR_REVIEW, stage="", urls=row.urls)
            match claim.stage.value:
                case "extraction":
                    source = self.now.sources[number]
                    source.state, source.wait = "failed", Waiting(priority=row.priority)
                    self.now.failed_extractions[number] = replace(failure, review=False)
                case "enrichment":
                    del self.now.no_metadata[number]
                    self.now.failed_enrichments[number] = failure
                case _:
                    del self.now.to_download[number]
                    self.now.failed_downloads[number] = replace(failure, stage="download")
            return
        match outcome.facts:
            case Extracted(bibliography):
                source = self.now.sources[number]
                source.state, source.found = "extracted", len(bibliography.references)
                source.wait = Waiting(priority=row.priority)
                self.read[number] = row.priority
                self.log(key, "done", "ok", when)
            case Resolved(work=work, matched_by=how):
                del self.now.no_metadata[number]
                self.recognise(number, work, how, row.priority)
                self.log(key, "done", "ok", when)
            case Downloaded() as file:
                del self.now.to_download[number]
                self._fetched(key, file, row, when)

    def _fetched(self, key: tuple[str, int, int], file: Downloaded, row: Waiting, when: str) -> None:
        if file.is_in_quarantine:
            word = "needs-review"
            self.log(key, "reject", word, when)
            failure = Failure(word, key[2], review=True, stage="download", urls=row.urls, held=file.path)
            self.now.failed_downloads[key[1]] = failure
            return
        self.log(key, "done", status_of(file), when)
        self.now.downloaded[key[1]] = File(file.path, status_of(file))

    def _queued(self, key: tuple[str, int, int], outcome: Reject | Done, row: Waiting, now: float, when: str) -> None:
        """A work that is one with nobody."""
        number, tries = key[1:]
        if isinstance(outcome, Reject):
            word = outcome.reason.value
            del self.now.with_metadata[number]
            self.now.failed_downloads[number] = Failure(word, tries, word in FOR_REVIEW, stage="queueing")
            self.log(key, "reject", word, when)
        elif isinstance(outcome.facts, Duplicate):
            row.due, row.reason = now + 1.0, "duplicate"
        elif isinstance(outcome.facts, Queued):
            del self.now.with_metadata[number]
            urls = tuple(one.url for one in outcome.facts.locations)
            self.now.to_download[number] = Waiting(priority=row.priority, urls=urls)
            self.log(key, "done", "ok", when)

    def recognise(self, entry: int, work: Work, how: str, priority: int) -> None:
        """An entry is a work, whose number is not known yet."""
        self.now.entries[entry].matched_by = how
        self.cited[entry] = priority
        self.dois[entry] = work.doi.lower() if work.doi else None

    # --- what the database says

    def learn(self, found: Picture, when: str) -> None:
        """Take over what is the database's to decide, if it is within the rules; then the two must be equal."""
        self.take_over(found, when)
        self._logged(found)
        compare(self.now, found)

    def take_over(self, found: Picture, when: str) -> None:
        """Numbers, and which works are one."""
        for source in self.read:
            self._read(source, found)
        for entry, priority in self.cited.items():
            work = found.entries[entry].work if entry in found.entries else None
            if work is not None and work in self.numbers["works"]:
                raise Broken("doubled", f"the number of work {work} is given again, to that of entry {entry}")
            if work is None:
                raise Broken("lost", f"entry {entry} was recognised and cites nothing")
            self.numbers["works"].add(work)
            self.now.entries[entry].work = work
            self.now.works[work] = self.dois[entry]
            self.now.with_metadata[work] = Waiting(priority=priority)
        self._merge(found, when)
        for pending in (self.read, self.cited, self.dois, self.merging):
            pending.clear()

    def _read(self, source: int, found: Picture) -> None:
        """New entries are numbered by the database; nothing that was there before is among them."""
        for number, entry in found.entries.items():
            if entry.source == source:
                if number in self.numbers["entries"]:
                    raise Broken("doubled", f"the number of entry {number} is given again")
                self.numbers["entries"].add(number)
                self.now.entries[number] = Entry(source, entry.position)
                self.now.no_metadata[number] = Waiting(priority=self.read[source])

    def _merge(self, found: Picture, when: str) -> None:
        """Those of the group that went into known works, as the log of merges has it; the others are queued."""
        new = {number: merge for number, merge in sorted(found.merges.items()) if number not in self.now.merges}
        gone = Counter(merge.gone for merge in new.values())
        for number, merge in new.items():
            if merge.gone not in self.merging or gone[merge.gone] > 1 or merge.kept in gone:
                raise Broken("wrong", f"merge {number} of {merge} was nobody's to make")
            if not {merge.kept, merge.gone} <= self.now.works.keys():
                raise Broken("wrong", f"merge {number}: {merge} of works that are not there")
        for work, stays in list(self.merging.items()):
            if work not in gone:
                stays()
        for number, merge in new.items():
            row = self.now.with_metadata.pop(merge.gone)
            entries = tuple(sorted(one for one, entry in self.now.entries.items() if entry.work == merge.gone))
            self.now.merges[number] = Merge(merge.kept, merge.gone, entries)
            self._hand_over(number, merge, entries)
            self.log(("queueing", merge.gone, row.attempts + 1), "done", "duplicate", when)

    def _hand_over(self, number: int, merge: Merge, entries: tuple[int, ...]) -> None:
        kept, gone = merge.kept, merge.gone
        del self.now.works[gone]
        for entry, work, by in list(self.now.duplicates):
            if work == gone:
                self.now.duplicates[entry, kept, by] += self.now.duplicates.pop((entry, work, by))
        for entry in entries:
            self.now.entries[entry].work = kept
            self.now.duplicates[entry, kept, number] += 1
        for work, sha256 in list(self.now.refused):
            if work == gone:
                self.now.refused.setdefault((kept, sha256), self.now.refused.pop((work, sha256)))

    def _logged(self, found: Picture) -> None:
        """The new rows of the log are those that were to come, no more and no fewer."""
        new = {number: row for number, row in found.attempts.items() if number not in self.now.attempts}
        have = Counter(new.values())
        if lacking := self.logged - have:
            raise Broken("lost", f"not in the log of attempts: {dict(lacking)}")
        if more := have - self.logged:
            raise Broken("doubled", f"in the log of attempts: {dict(more)}")
        if self.now.attempts and new and min(new) <= max(self.now.attempts):
            raise Broken("doubled", f"numbers of attempts are given again: {new}")
        self.now.attempts.update(new)
        self.logged.clear()

    # --- helpers of several rules

    def priority_of(self, work: int) -> int:
        """That of the sources which cite it."""
        citing = [entry.source for entry in self.now.entries.values() if entry.work == work]
        return max(self.now.sources[source].wait.priority for source in citing)

    def put_back(self, work: int, urls: tuple[str, ...] | None = None, more: int = 0) -> None:
        """A work that had ended is looked up again, or fetched from `urls`."""
        for room in (self.now.failed_downloads, self.now.downloaded):
            room.pop(work, None)
        room = self.now.with_metadata if urls is None else self.now.to_download
        room[work] = Waiting(priority=self.priority_of(work) + more, urls=urls or ())

    def put_back_entry(self, entry: int) -> None:
        """An entry that had failed waits again."""
        del self.now.failed_enrichments[entry]
        source = self.now.sources[self.now.entries[entry].source]
        self.now.no_metadata[entry] = Waiting(priority=source.wait.priority)

    def may_take_back(self, decision: Decision) -> bool:
        """Whether nothing has come of it yet."""
        entry = self.now.entries[decision.entry]
        if decision.work is None:
            row = self.now.failed_enrichments.get(decision.entry)
            tries = decision.before.attempts + 1
            return row is not None and (row.reason, row.attempts, row.is_rejection) == ("no-match", tries, True)
        work = decision.work
        citing = [one for one in self.now.entries.values() if one.work == work]
        return (
            (entry.work, entry.matched_by) == (work, "review")
            and (work in self.now.with_metadata or work in self.now.failed_downloads)
            and len(citing) == 1
            and not any(work in {merge.kept, merge.gone} for merge in self.now.merges.values())
            and not any(other == work for _, other, _ in self.now.duplicates)
        )

    def free(self, stage: str, held: Collection[tuple[str, int]], at: float) -> dict[int, Waiting]:
        """The rows that may be claimed."""
        return {
            number: row
            for number, row in self.now.room(stage).items()
            if (row.due is None or row.due <= at) and row.crashes < 3 and (stage, number) not in held
        }


def status_of(file: Downloaded) -> str:
    """The kind of success."""
    if file.proof.verdict.value != "verified":
        return "ok-unverified"
    version = file.proof.version or file.location.version
    return {"accepted": "ok-accepted-version", "submitted": "ok-preprint"}.get(version.value if version else "", "ok")


__all__ = ["MAY_PASS", "ORDER", "REJECTED", "Decision", "Expected", "status_of"]
