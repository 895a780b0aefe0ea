"""What people decide beside a pipeline: to try again, what an entry is, that two works are two; and taking it back."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from db import rechecking, retrying, reviewing, undoing, unmerging
from db.retrying import Wanted
from db.reviewing import Decided, Seen
from dl_lit.core.items import Resolved
from dl_lit.core.job import Done
from dl_lit.core.model import StageName
from dl_lit.core.reasons import Reason
from tests.conformance.model.expected import MAY_PASS, Decision
from tests.conformance.model.machine import WORKS
from tests.conformance.model.picture import Broken, Failure, Waiting
from tests.conformance.model.working import Working
from tests.fakes.engine import finished
from tests.fakes.recognising import RECOGNISER

REASONS = (Reason.NO_MATCH, Reason.AMBIGUOUS_MATCH, Reason.SERVICE_DOWN, Reason.NO_OA_LOCATION, Reason.POISON)


class Deciding(Working):
    """Retry, review, unmerge, look again."""

    # --- trying again

    @rule(
        reasons=st.lists(st.sampled_from(REASONS), max_size=2),
        stages=st.lists(st.sampled_from(StageName), max_size=2),
        every_reason=st.booleans(),
    )
    def failures_are_put_back(self, reasons: list[Reason], stages: list[StageName], every_reason: bool) -> None:
        """By reason, by stage, all of them, or what may have passed."""
        words = {reason.value for reason in reasons}
        if not words:
            words = {reason.value for reason in Reason} if every_reason else MAY_PASS
        where = {stage.value for stage in stages or StageName}
        self._put_back(Wanted(reasons=reasons, stages=stages, every_reason=every_reason), words, where)

    @rule(data=st.data())
    def one_is_put_back(self, data: st.DataObject) -> None:
        """By its number, whatever its reason; what has not failed, or waits for a decision on its file, is refused."""
        now = self.expected.now
        kind = data.draw(st.sampled_from(["sources", "entries", "works"]))
        number = data.draw(st.sampled_from([*sorted(getattr(now, kind)), 999_999]))
        failure = {
            "sources": now.failed_extractions,
            "entries": now.failed_enrichments,
            "works": now.failed_downloads,
        }[kind].get(number)
        wanted = Wanted(
            sources=[number] if kind == "sources" else (),
            entries=[number] if kind == "entries" else (),
            works=[number] if kind == "works" else (),
        )
        if failure is None or failure.held:
            self.refused(lambda: self.elsewhere(lambda engine: retrying.put_back(engine, wanted, self.clock)))
            return
        stage = {"sources": "extraction", "entries": "enrichment", "works": failure.stage}[kind]
        self._put_back(wanted, {failure.reason}, {stage}, only=(kind, number))

    def _put_back(self, wanted: Wanted, words: set[str], stages: set[str], only: tuple[str, int] | None = None) -> None:
        now = self.expected.now

        def chosen(kind: str, room: dict[int, Failure]) -> list[int]:
            return [n for n, row in room.items() if row.reason in words and only in {None, (kind, n)}]

        sources = chosen("sources", now.failed_extractions) if "extraction" in stages else []
        entries = chosen("entries", now.failed_enrichments) if "enrichment" in stages else []
        works = [
            number
            for number in chosen("works", now.failed_downloads)
            if now.failed_downloads[number].stage in stages and not now.failed_downloads[number].held
        ]
        done = self.elsewhere(lambda engine: retrying.put_back(engine, wanted, self.clock))
        if (done.extraction, done.enrichment, done.queueing + done.download) != tuple(
            map(len, (sources, entries, works))
        ):
            raise Broken("wrong", f"{done} were put back, not {sources}, {entries}, {works}")
        for number in sources:
            del now.failed_extractions[number]
            now.sources[number].state = "pending"
        for number in entries:
            self.expected.put_back_entry(number)
        for number in works:
            failure = now.failed_downloads[number]
            is_fetched = failure.stage == "download" and failure.urls
            self.expected.put_back(number, failure.urls if is_fetched else None)

    @rule(every_reason=st.booleans())
    def failures_are_put_back_and_that_is_undone(self, every_reason: bool) -> None:
        """As if nothing had been done, whatever else is under way."""
        wanted = Wanted(every_reason=every_reason)
        if self.elsewhere(lambda engine: retrying.put_back(engine, wanted, self.clock)).total:
            done = self.elsewhere(lambda engine: undoing.undo(engine, None, self.clock))
            if done.left:
                raise Broken("wrong", f"{done.left} are said to have changed since")

    @rule(reason=st.sampled_from([Reason.HOST_BUSY, Reason.HTTP_5XX, Reason.BUDGET_EXHAUSTED]))
    def what_was_put_off_is_hastened(self, reason: Reason) -> None:
        """A key was given, say: what waited for it is due now; its attempts stay counted."""
        number = self.elsewhere(lambda engine: retrying.hasten(engine, [reason]))
        rows = [row for stage in StageName for row in self.expected.now.room(stage.value).values()]
        hastened = [row for row in rows if row.reason == reason.value and row.due is not None]
        for row in hastened:
            row.due = None
        if number != len(hastened):
            raise Broken("wrong", f"{number} were hastened, not {len(hastened)}")

    @rule(count=st.integers(1, 3))
    def failed_works_are_looked_at_again(self, count: int) -> None:
        """Their day has come: they wait behind everything new."""
        which = rechecking.Which(every=True)
        with self.backend.reading() as connection:
            looks = rechecking.looks(connection, which, now=self.at, resolver=1)
        now = self.expected.now
        lesser = {work for work, file in now.downloaded.items() if file.status != "ok"}
        failed = {work for work, failure in now.failed_downloads.items() if not failure.review}
        if {look.work_id for look in looks} != failed | lesser:
            raise Broken("wrong", f"{looks} can be looked at again, not {failed} and {lesser}")
        some = looks[:count]
        self.elsewhere(lambda engine: rechecking.take_up(engine, some, self.clock))
        back = self.elsewhere(lambda engine: rechecking.put_back(engine, some, {}, self.clock))
        if set(back) != {look.work_id for look in some} & failed:
            raise Broken("wrong", f"{back} were put back of {some}")
        for work in back:
            self.expected.put_back(work, more=-1)

    # --- what an entry is

    @precondition(lambda self: self.expected.now.entries)
    @rule(data=st.data(), is_accepted=st.booleans())
    def a_person_decides(self, data: st.DataObject, is_accepted: bool) -> None:
        """What an entry is, or that it is none of the candidates; only of what has failed, as it was seen."""
        now = self.expected.now
        number = data.draw(st.sampled_from(sorted(now.failed_enrichments) or sorted(now.entries)))
        failure = now.failed_enrichments.get(number)
        seen = Seen(number, failure.reason if failure else "no-match", failure.attempts if failure else 0, None)
        if failure is None:
            self.refused(lambda: self._decide(seen, data, is_accepted=is_accepted))
            return
        self.refused(lambda: self._decide(replace(seen, attempts=99), data, is_accepted=is_accepted))
        before = replace(failure)
        decided = self._decide(seen, data, is_accepted=is_accepted)
        key = "enrichment", number, failure.attempts + 1
        if is_accepted:
            del now.failed_enrichments[number]
            source = now.entries[number].source
            self.expected.recognise(number, self.accepted, "review", now.sources[source].wait.priority)
            self.expected.log(key, "done", "ok", self.when)
        else:
            now.failed_enrichments[number] = replace(
                failure, reason="no-match", attempts=failure.attempts + 1, review=False, is_rejection=True
            )
            self.expected.log(key, "reject", "no-match", self.when)
        self.look()
        self.decisions.append((decided, Decision(number, decided.work_id, before)))

    def _decide(self, seen: Seen, data: st.DataObject, *, is_accepted: bool) -> Decided:
        if not is_accepted:
            return self.elsewhere(lambda engine: reviewing.reject(engine, seen, self.clock))
        self.accepted = data.draw(WORKS)
        found = Done(Resolved(work=self.accepted, matched_by="review"))
        return self.elsewhere(lambda engine: reviewing.accept(engine, seen, found, RECOGNISER, self.clock))

    @precondition(lambda self: self.decisions)
    @rule(data=st.data())
    def a_person_takes_it_back(self, data: st.DataObject) -> None:
        """Everything is as before, or, where something has come of it, it is refused and nothing changes."""
        self._take_back(data.draw(st.integers(0, len(self.decisions) - 1)))

    @precondition(lambda self: self.expected.now.failed_enrichments)
    @rule(data=st.data(), is_accepted=st.booleans())
    def a_person_decides_and_undoes_it(self, data: st.DataObject, is_accepted: bool) -> None:
        """By the list of what was changed by hand, not by the review itself."""
        self.a_person_decides(data, is_accepted=is_accepted)
        self._take_back(-1, by_deed=True)

    @precondition(lambda self: self.expected.now.failed_enrichments)
    @rule(data=st.data(), meanwhile=st.sampled_from(["nothing", "a twin is in hand", "it is looked for"]))
    def a_person_is_of_two_minds(self, data: st.DataObject, meanwhile: str) -> None:
        """Accepted, taken back, accepted: numbers differ; what was taken for a duplicate of it meanwhile is none."""
        self.a_person_decides(data, is_accepted=True)
        hand = None
        if meanwhile == "it is looked for":
            self.look()
            self.some_are_looked_for(data, "well")
        if meanwhile == "a twin is in hand":
            self.a_list_is_imported_and_recognised([self.accepted])
            self.look()
            keys = self.take(StageName.QUEUEING, 5, is_marked=False)
            newest = max((number for _, number in keys), default=0)
            hand = self.held.get(("queueing", newest))
        self._take_back(-1)
        self.look()
        if hand is not None and hand.word is not None:
            del self.held["queueing", hand.claim.id]
            self.store.record([finished(hand.claim, hand.word, started_at=self.at)])
            self.write_down([(hand.claim, hand.word)])
        self.look()
        self.a_person_decides(data, is_accepted=True)

    def _take_back(self, place: int, *, by_deed: bool = False) -> None:
        decided, decision = self.decisions.pop(place)

        def undo() -> None:
            if by_deed:
                self.elsewhere(lambda engine: undoing.undo(engine, decided.deed_id, self.clock))
            else:
                self.elsewhere(lambda engine: reviewing.undo(engine, decided, self.clock))

        if not self.expected.may_take_back(decision):
            self.refused(undo)
            return
        undo()
        now, before = self.expected.now, decision.before
        now.failed_enrichments[decision.entry] = before
        self.expected.log(("enrichment", decision.entry, before.attempts), "reject", before.reason, self.when)
        if decision.work is not None:
            now.entries[decision.entry].work = now.entries[decision.entry].matched_by = None
            for room in (now.works, now.with_metadata, now.failed_downloads):
                room.pop(decision.work, None)  # type: ignore[attr-defined]
            self.expected.log(("queueing", decision.work, 1), "reject", "no-match", self.when)

    # --- that two are two

    @precondition(lambda self: self.expected.now.merges)
    @rule(data=st.data())
    def a_person_tells_apart(self, data: st.DataObject) -> None:
        """The work that went is back with its entries, for good; once."""
        now = self.expected.now
        number = data.draw(st.sampled_from(sorted(now.merges)))
        merge = now.merges[number]
        root = now.top(merge.kept)
        entries = [entry for entry in merge.entries if now.entries[entry].work == root]

        def unmerge() -> int:
            return self.elsewhere(lambda engine: unmerging.unmerge(engine, number, RECOGNISER, self.clock).work_id)

        if merge.undone or not entries:
            self.refused(unmerge)
            return
        if unmerge() != merge.gone:
            raise Broken("wrong", f"undoing merge {number} brought another work back than {merge.gone}")
        merge.undone = True
        now.apart[min(merge.gone, merge.kept), max(merge.gone, merge.kept)] = True
        for entry in entries:
            now.entries[entry].work = merge.gone
        for entry, work, by in list(now.duplicates):
            if entry in entries:
                count = now.duplicates.pop((entry, work, by))
                if by is None or by < number:
                    now.duplicates[entry, merge.gone, by] += count
        now.works[merge.gone] = self.present().works.get(merge.gone)  # its DOI is that of its record
        now.with_metadata[merge.gone] = Waiting(priority=self.expected.priority_of(merge.gone))
        self.look()
        self.refused(unmerge)
