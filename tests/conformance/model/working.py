"""What a pipeline does: claims, answers of every kind by every stage, and giving back."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from db import intake
from dl_lit.core.errors import DatabaseFull
from dl_lit.core.items import DownloadItem, EntryItem, Extracted, Queued, Resolved, SourceItem, WorkItem
from dl_lit.core.job import Claim, Done, Outcome, Reject, Retry, Snooze
from dl_lit.core.model import Location, StageName, Version, Work
from dl_lit.core.proof import Proof, Verdict
from dl_lit.core.reasons import Reason
from dl_lit.core.store import Finished
from tests.conformance.model.expected import ORDER
from tests.conformance.model.machine import WORKS, Hand, Key, Machine
from tests.conformance.model.picture import Broken, Source, Waiting
from tests.fakes.engine import UNVERIFIED, VERIFIED, bibliography, downloaded, finished, new_source, reference

REJECTIONS = {
    "extraction": (Reason.NOT_A_PDF, Reason.PARSE_TIMEOUT, Reason.SERVICE_DOWN),
    "enrichment": (Reason.NO_MATCH, Reason.AMBIGUOUS_MATCH, Reason.AMBIGUOUS_MATCH, Reason.SERVICE_DOWN),
    "queueing": (Reason.NO_OA_LOCATION, Reason.SERVICE_DOWN),
    "download": (Reason.HTTP_404, Reason.TIMEOUT_READ),
}
ANSWERS = st.sampled_from(["done", "done", "done", "done", "reject", "reject", "retry", "snooze"])
FATES = st.sampled_from(["well", "well", "well", "twice", "cut", "full"])
DOUBTFUL = Proof(verdict=Verdict.NEEDS_REVIEW, score=0.5, evidence=("another author",))


class Working(Machine):
    """Claim, finish, release, notice."""

    @rule(data=st.data(), limit=st.integers(0, 4), is_marked=st.booleans())
    def claim(self, data: st.DataObject, limit: int, is_marked: bool) -> None:
        """What is free and due, those that are due first, by rank, and nothing twice."""
        self.take(data.draw(st.sampled_from(StageName)), limit, is_marked=is_marked)

    @rule(data=st.data(), depth=st.sampled_from([4, 0, 1, 2, 3, 6]), works=st.lists(WORKS, min_size=1, max_size=3))
    def a_batch_goes_through(self, data: st.DataObject, depth: int, works: list[Work]) -> None:
        """Recognised, and then as far as it gets.

        Hypothesis begins with lives that are mostly the rule whose name comes first: this one gets somewhere.
        """
        self.a_list_is_imported_and_recognised(works)
        self.look()
        for _ in range(depth):
            self._go_on(data, [*StageName][2:])

    @rule(data=st.data(), depth=st.integers(1, 6))
    def the_pipeline_goes_on(self, data: st.DataObject, depth: int) -> None:
        """Stages that have something to do do some of it."""
        for _ in range(depth):
            self._go_on(data, [*StageName])

    @rule(data=st.data(), fate=FATES)
    def some_are_read(self, data: st.DataObject, fate: str) -> None:
        """Of the sources that wait."""
        self._go_on(data, [StageName.EXTRACTION], fate)

    @rule(data=st.data(), fate=FATES)
    def some_are_recognised(self, data: st.DataObject, fate: str) -> None:
        """Of the entries that wait."""
        self._go_on(data, [StageName.ENRICHMENT], fate)

    @rule(data=st.data(), fate=FATES)
    def some_are_looked_for(self, data: st.DataObject, fate: str) -> None:
        """Of the works that wait."""
        self._go_on(data, [StageName.QUEUEING], fate)

    @rule(data=st.data(), fate=FATES)
    def some_are_fetched(self, data: st.DataObject, fate: str) -> None:
        """Of the works whose locations are known."""
        self._go_on(data, [StageName.DOWNLOAD], fate)

    def _go_on(self, data: st.DataObject, stages: Sequence[StageName], fate: str = "well") -> None:
        free = [stage for stage in stages if self.expected.free(stage.value, self.held, self.at)]
        if free:
            keys = self.take(data.draw(st.sampled_from(free[::-1])), data.draw(st.integers(1, 4)), is_marked=False)
            self.answer_all(data, keys, fate)
            self.look()

    def take(self, stage: StageName, limit: int, *, is_marked: bool) -> list[Key]:
        """Claim, and hold it against what should be had."""
        free = self.expected.free(stage.value, self.held, self.at)
        claims = self.store.claim(stage, limit)
        numbers = [claim.id for claim in claims]
        if len(set(numbers)) < len(numbers) or any((stage.value, number) in self.held for number in numbers):
            raise Broken("doubled", f"{numbers} of {stage} are in hand twice, or were")
        if strange := set(numbers) - free.keys():
            raise Broken("wrong", f"{strange} of {stage} were not to be had")
        if self.is_noticed:
            if len(claims) != (0 if stage.value in self.paused else min(limit, len(free))):
                raise Broken("lost", f"{numbers} of {stage} were claimed, of {sorted(free)}, at most {limit}")
            self._in_order(stage.value, claims, free)
        self.claimed[stage.value] += len(claims)
        for claim in claims:
            self._take(claim)
        if is_marked:
            self.store.mark_running(claims)
            self.marked.update(
                {(stage.value, number): self.marked.get((stage.value, number), False) for number in numbers}
            )
        return [(stage.value, number) for number in numbers]

    def a_list_is_imported_and_recognised(self, works: list[Work]) -> None:
        """Its entries are claimed before all older ones, and are these works."""
        new = new_source(self.number())
        places = [reference(place) for place in range(1, len(works) + 1)]
        self.elsewhere(lambda engine: intake.add_entries(engine, new, places, self.clock))
        number = max(self.present().sources)
        self.expected.now.sources[number] = Source(new.sha256, new.path, "extracted", found=len(works))
        self.expected.read[number] = 0
        self.look()
        self.notice()
        keys = self.take(StageName.ENRICHMENT, len(works), is_marked=False)
        own = [key for key in keys if self.expected.now.entries[key[1]].source == number]
        group: list[tuple[Claim, Outcome]] = [
            (self.held[key].claim, Done(Resolved(work=work, matched_by="doi")))
            for key, work in zip(own, works, strict=False)
        ]
        self.store.record([finished(claim, word, started_at=self.at) for claim, word in group])
        self.write_down(group)
        for key in own:
            del self.held[key]

    def _in_order(self, stage: str, claims: Sequence[Claim], free: dict[int, object]) -> None:
        """Those that were put off and are due come first, then the best, but for a share of the longest waiting."""
        due = [number for number, row in free.items() if row.due is not None]  # type: ignore[attr-defined]
        first = [claim.id for claim in claims[: len(due)]]
        if len(set(first) & set(due)) != min(len(claims), len(due)):
            raise Broken("wrong", f"{stage} gave {first} before {due}, which are due")
        rest = [claim.id for claim in claims[len(due) :]]
        line = sorted((number for number in free if number not in due), key=lambda number: self._rank(stage, number))
        # One in eight may go to whoever has waited longest.
        for aged in range(min(len(rest), self.claimed[stage] // 8) + 1):
            first, others = rest[:aged], [number for number in line if number not in rest[:aged]]
            if rest == first + others[: len(rest) - aged]:
                break
        else:
            raise Broken("wrong", f"{stage} gave {rest} of {line}")

    def _rank(self, stage: str, number: int) -> tuple[int, ...]:
        now = self.expected.now
        row = now.room(stage)[number]
        if stage == "extraction":
            return -row.priority, -number
        if stage == "enrichment":
            return -row.priority, -now.entries[number].source, number
        citing = [now.entries[entry].source for entry in self.citing(number)]
        ((year,),) = self.rows(f"SELECT year FROM works WHERE id = {number}")
        return -row.priority, -max(citing), -len(citing), -(year or 0), number

    def _take(self, claim: Claim) -> None:
        now, key = self.expected.now, (claim.stage.value, claim.id)
        row = now.room(claim.stage.value)[claim.id]
        if claim.attempt != row.attempts + 1:
            raise Broken("wrong", f"{key} is claimed for attempt {claim.attempt} after {row.attempts}")
        word: Outcome | None = None
        match claim.item:
            case SourceItem(path, sha256):
                is_it = (path, sha256) == (now.sources[claim.id].path, now.sources[claim.id].sha256)
            case EntryItem(source, reference):
                is_it = (source, reference.position) == (now.entries[claim.id].source, now.entries[claim.id].position)
            case WorkItem(work):
                is_it = (work.doi or "").lower() == (now.works[claim.id] or "")
                twin = self.store.duplicate_of(claim.id, work)
                word = None if twin is None else Done(twin)
            case DownloadItem(_, locations, refused):
                no = {sha256: url for (work, sha256), (url, _) in now.refused.items() if work == claim.id}
                urls = tuple(url for url in row.urls if url not in no.values())
                is_it = tuple(one.url for one in locations) == urls and set(refused) == no.keys()
        if not is_it:
            raise Broken("wrong", f"{key} is claimed as {claim.item}")
        self.held[key] = Hand(claim, word)

    @rule(data=st.data())
    def some_are_taken_given_back_and_taken_again(self, data: st.DataObject) -> None:
        """A stop that is thought better of: nobody is passed over."""
        self.notice()
        free = {stage: self.expected.free(stage.value, self.held, self.at).values() for stage in StageName}
        due = [stage for stage, rows in free.items() if any(row.due is not None for row in rows)]
        stage = data.draw(st.sampled_from(due or [*StageName]))
        keys = self.take(stage, 5, is_marked=False)
        self.store.release([self.held.pop(key).claim for key in keys])
        self.take(stage, 5, is_marked=False)

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        """Given back, a row is as it was."""
        keys = data.draw(st.lists(st.sampled_from(sorted(self.held)), unique=True))
        claims = [self.held.pop(key).claim for key in keys]
        self.store.unmark_running(claims)
        self.store.release(claims)
        self._unmark(keys)

    @precondition(lambda self: self.held)
    @rule(data=st.data(), fate=st.one_of(FATES, st.just("unmarked")))
    def record(self, data: st.DataObject, fate: str) -> None:
        """A group of answers: all of it is written down, or nothing."""
        keys = data.draw(st.lists(st.sampled_from(sorted(self.held)), unique=True, min_size=1, max_size=6))
        self.answer_all(data, keys, fate)

    def answer_all(self, data: st.DataObject, keys: Sequence[Key], fate: str = "well") -> None:
        """Record an answer for each of these that are in hand."""
        group = [(self.held[key].claim, self.answer(data, self.held[key])) for key in keys]
        if fate == "twice":
            group += group[:1]
        if not self._is_recorded([finished(claim, word, started_at=self.at) for claim, word in group], data, fate):
            self.look()  # as if nothing had been
            return
        self.write_down(group)
        for key in keys:
            del self.held[key]
        if fate != "unmarked":  # else a death may find it in the note that was answered already
            self.store.unmark_running([claim for claim, _ in group])
            self._unmark(keys)

    def _is_recorded(self, done: Sequence[Finished], data: st.DataObject, fate: str) -> bool:
        match fate:
            case "cut":
                with self.backend.cut_off(
                    self.store, after=data.draw(st.sampled_from([None, 0, 5, 20, 80, 320]))
                ) as was_cut:
                    self.store.record(done)
                return not was_cut()
            case "full":
                self.backend.fill_disk(self.store, full=True)
                try:
                    self.store.record(done)
                except DatabaseFull:
                    return False
                finally:
                    self.backend.fill_disk(self.store, full=False)
            case _:
                self.store.record(done)
        return True

    def _unmark(self, keys: Sequence[Key]) -> None:
        for key in keys:
            self.marked.pop(key, None)

    def write_down(self, group: Sequence[tuple[Claim, Outcome]]) -> None:
        """The same in the model: rooms are emptied from the far end."""
        for stage in ORDER:
            for claim, outcome in group:
                if claim.stage.value == stage:
                    self.expected.finish(claim, outcome, self.at, self.when)

    def claim_of(self, stage: str, number: int, row: Waiting) -> Claim:
        """A claim as the model needs it: it asks for no item."""
        return Claim(StageName(stage), number, SourceItem("", ""), attempt=row.attempts + 1)

    def answer(self, data: st.DataObject, hand: Hand) -> Outcome:
        """What a stage may say of a claim."""
        stage = hand.claim.stage.value
        match data.draw(ANSWERS):
            case "retry":
                return Retry(
                    data.draw(st.sampled_from([Reason.HTTP_5XX, Reason.TIMEOUT_READ])), after=self._after(data)
                )
            case "snooze":
                return Snooze(
                    data.draw(st.sampled_from([Reason.HOST_BUSY, Reason.BUDGET_EXHAUSTED])), self._after(data)
                )
            case "reject":
                return hand.word or Reject(data.draw(st.sampled_from(REJECTIONS[stage])), "as told", [{"score": 0.4}])
        match stage:
            case "extraction":
                return Done(Extracted(bibliography(data.draw(st.integers(0, 3)))))
            case "enrichment":
                return Done(Resolved(work=data.draw(WORKS), matched_by="doi"))
            case "queueing":
                return hand.word or Done(Queued(self._places(data)))
        return Done(self.file(hand.claim.id, data.draw(st.sampled_from([VERIFIED, VERIFIED, UNVERIFIED, DOUBTFUL]))))

    def _after(self, data: st.DataObject) -> float:
        return float(data.draw(st.sampled_from([0, 0, 1, 90])))

    def _places(self, data: st.DataObject) -> tuple[Location, ...]:
        count = data.draw(st.integers(1, 2))
        return tuple(Location(url=f"https://host{place}.example/a.pdf", found_by="test") for place in range(count))

    def file(self, work: int, proof: Proof = VERIFIED, *, version: Version | None = None) -> object:
        """A file of its own for a work, where its proof lets it be."""
        number = self.number()
        folder = "quarantine/" if proof.verdict is Verdict.NEEDS_REVIEW else ""
        where = Location(url="https://host0.example/a.pdf", found_by="test", version=version)
        return downloaded(
            work,
            path=f"{folder}{number}.pdf",
            sha256=f"{number:064x}",
            proof=proof,
            location=where,
            final_url=where.url,
        )

    @rule()
    def notice(self) -> None:
        """What others have written is noticed, once."""
        self.store.notice()
        self.paused = set(self.expected.now.paused)
        self.is_noticed = True
        if self.store.notice():
            raise Broken("wrong", "what was noticed is noticed again")

    @rule(seconds=st.sampled_from([1, 1, 2, 60, 86_400, -1, -3_600]))
    def time_passes(self, seconds: int) -> None:
        """Or is set: forward a day, back an hour."""
        self.clock.advance(float(seconds))
