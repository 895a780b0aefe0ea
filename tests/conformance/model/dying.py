"""Ends of the process, sudden and orderly, and what they leave: rows that are suspected, and processes that live on."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from dl_lit.core.job import Claim, Done, Outcome, Reject, Retry
from dl_lit.core.model import StageName
from dl_lit.core.reasons import Reason
from tests.conformance.model.machine import Ghost, Hand
from tests.conformance.model.picture import Broken, Waiting
from tests.conformance.model.working import Working
from tests.fakes.engine import finished

SUSPECT, POISON = 3, 2
"""Deaths after which a row is only run alone, and alone after which it is quarantined."""


class Dying(Working):
    """Deaths, restarts, suspects, late finishers."""

    @rule(has_cause=st.booleans())
    def sudden_death(self, has_cause: bool) -> None:
        """The store is thrown away with all that is in hand; a crash blames what was being worked on, a kill nobody."""
        self.ghosts = [*self.ghosts[-1:], Ghost(self.store, dict(self.held))]
        self._begin_anew(crashed=has_cause)

    @rule()
    def the_same_rows_bring_it_down_again_and_again(self) -> None:
        """Three crashes in a row with the same rows in hand."""
        claims: list[Claim] = []
        for _ in range(SUSPECT):
            claims = [*self.store.claim(StageName.ENRICHMENT, 1), *self.store.claim(StageName.DOWNLOAD, 1)]
            self.store.mark_running(claims)
            for claim in claims:
                self.held[claim.stage.value, claim.id] = Hand(claim)
                self.marked.setdefault((claim.stage.value, claim.id), False)
            self._begin_anew(crashed=True)

    @rule(data=st.data(), has_cause=st.booleans())
    def it_ends_with_work_in_hand(self, data: st.DataObject, has_cause: bool) -> None:
        """Taken, noted as being worked on, and never heard of again."""
        self.take(data.draw(st.sampled_from(StageName)), 2, is_marked=True)
        self._begin_anew(crashed=has_cause)

    @rule()
    def orderly_restart(self) -> None:
        """Nobody is blamed for what was cut off."""
        self.store.close()
        self.marked.clear()
        self._begin_anew(crashed=False)

    def _begin_anew(self, *, crashed: bool) -> None:
        self.store = self.backend.open(crashed=crashed)
        self.held.clear()
        self.claimed.clear()
        self.paused = set(self.expected.now.paused)
        self.is_noticed = True
        for (stage, number), alone in self.marked.items() if crashed else ():
            if row := self.expected.now.room(stage).get(number):
                row.crashes += 1
                row.solo += alone
        self.marked.clear()

    def _suspects(self) -> dict[tuple[str, int], Waiting]:
        return {
            (stage.value, number): row
            for stage in StageName
            for number, row in self.expected.now.room(stage.value).items()
            if row.crashes >= SUSPECT and (row.due or 0.0) <= self.at
            if (stage.value, number) not in self.held and stage.value not in self.paused
        }

    @rule(deaths=st.integers(0, 3))
    def a_suspect_is_tried_alone(self, deaths: int) -> None:
        """It brings the process down so many times, or is answered like others; beyond hope it is quarantined."""
        for _ in range(deaths):
            self._try_a_suspect(is_fatal=True)
        self._try_a_suspect(is_fatal=False)

    def _try_a_suspect(self, *, is_fatal: bool) -> None:
        claim = self.store.claim_suspect()
        suspects = self._suspects()
        there = self.present()
        for (stage, number), row in suspects.items():
            if row.solo >= POISON and number not in there.room(stage):
                poison = self.claim_of(stage, number, row)
                self.expected.finish(poison, Reject(Reason.POISON), self.at, self.when)
        self.look()
        if claim is None:
            if left := self._suspects():
                raise Broken("lost", f"{left} are offered to nobody")
            return
        key = claim.stage.value, claim.id
        if key not in suspects or suspects[key].solo >= POISON:
            raise Broken("wrong", f"{key} is no suspect, or beyond hope")
        self._take(claim)
        self.marked.setdefault(key, True)
        if is_fatal:
            self.held = {key: self.held[key]}
            self._begin_anew(crashed=True)

    @precondition(lambda self: any(ghost.held for ghost in self.ghosts))
    @rule(data=st.data())
    def who_was_taken_for_dead_finishes_late(self, data: st.DataObject) -> None:
        """What it had in hand was taken over, or waits: it is written down once, whoever comes first."""
        ghost = next(ghost for ghost in self.ghosts if ghost.held)
        key = data.draw(st.sampled_from(sorted(ghost.held)))
        hand = ghost.held.pop(key)
        answer = self.answer(data, hand)
        ghost.store.record([finished(hand.claim, answer, started_at=self.at)])
        self.is_noticed = False
        if not self.backend.fences_owners:  # else it changes nothing
            self.write_down([(hand.claim, answer)])

    @rule(data=st.data(), tries=st.integers(0, 1))
    def who_was_taken_for_dead_finishes_after_others(self, data: st.DataObject, tries: int) -> None:
        """Its rows were taken over and put off, or still are in hand there: it is too late where they have moved on."""
        free = [stage for stage in StageName if self.expected.free(stage.value, self.held, self.at)]
        if not free:
            return
        keys = self.take(data.draw(st.sampled_from(free)), 3, is_marked=False)
        ghost = Ghost(self.store, {key: self.held[key] for key in keys})
        self._begin_anew(crashed=False)
        taken = self.take(StageName(keys[0][0]), 3, is_marked=False) if keys else []
        late: list[tuple[Claim, Outcome]] = [(self.held[key].claim, Retry(Reason.HTTP_5XX, after=0.0)) for key in taken]
        if tries:
            self.store.record([finished(claim, word, started_at=self.at) for claim, word in late])
            self.write_down(late)
            for key in taken:
                del self.held[key]
        answers = [(hand.claim, self.answer(data, hand)) for hand in ghost.held.values()]
        ghost.store.record([finished(claim, word, started_at=self.at) for claim, word in answers])
        self.is_noticed = False
        if not self.backend.fences_owners:
            self.write_down(answers)

    @precondition(lambda self: not self.held)
    @rule(data=st.data())
    def a_finished_file_is_adopted(self, data: st.DataObject) -> None:
        """It was renamed into the library, and the process died before the row was written."""
        waiting = self.expected.now.to_download
        work = data.draw(st.sampled_from([*sorted(waiting), 999_999]))
        facts = self.file(work)
        was_waiting = work in waiting
        if was_waiting:
            row = waiting[work]
            claim = self.claim_of("download", work, row)
        if self.store.adopt(work, facts) != was_waiting:
            raise Broken("wrong", f"adopting a file of {work}, which waits: {was_waiting}")
        if was_waiting:
            self.expected.finish(claim, Done(facts), self.at, self.when)
