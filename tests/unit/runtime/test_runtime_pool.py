"""What a worker does with its claims: each gets exactly one answer, whatever the stage does."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence

import pytest

from dl_lit.core.errors import DatabaseDamaged
from dl_lit.core.items import SourceItem
from dl_lit.core.job import Again, Answer, Claim, Done, Reject, Retry
from dl_lit.core.model import StageName
from dl_lit.core.reasons import Reason
from dl_lit.core.store import Finished
from dl_lit.runtime.hopper import Hopper
from dl_lit.runtime.pool import Pool
from dl_lit.runtime.settle import Patience
from tests.fakes.engine import FakeStage, ManualClock, facts_for


class Notes:
    """A store of which only the notes and the releases are used."""

    def __init__(self) -> None:
        self.running: list[int] = []
        self.released: list[int] = []

    def mark_running(self, claims: Sequence[Claim]) -> None:
        self.running.extend(claim.id for claim in claims)

    def unmark_running(self, claims: Sequence[Claim]) -> None:
        for claim in claims:
            self.running.remove(claim.id)

    def release(self, claims: Sequence[Claim]) -> None:
        self.released.extend(claim.id for claim in claims)


class Bench:
    """A pool with everything around it."""

    def __init__(self, stage: FakeStage, max_attempts: int = 5) -> None:
        self.clock, self.notes, self.put = ManualClock(), Notes(), list[Finished]()
        self.hopper = Hopper(10, stage.batch_size, lambda: None)
        self.pool = Pool(
            stage,
            self.hopper,
            self.notes,  # type: ignore[arg-type]
            self.put.append,
            clock=self.clock,
            patience=Patience(max_attempts=max_attempts),
            chance=random.Random(1),
        )

    def answers(self) -> dict[int, object]:
        assert len(self.put) == len({one.claim.id for one in self.put}), "one answer a claim"
        return {one.claim.id: one.outcome for one in self.put}


def claim(number: int, attempt: int = 1) -> Claim:
    return Claim(StageName.EXTRACTION, number, SourceItem(f"/{number}.pdf", str(number)), attempt=attempt)


def bench(answer: Callable[[Claim], Answer] | None = None, batch: int = 1, **more: int) -> Bench:
    return Bench(FakeStage(StageName.EXTRACTION, answer, batch=lambda _phase: batch), **more)


def test_each_answer_goes_to_the_recorder_with_its_times() -> None:
    def answer(one: Claim) -> Answer:
        table.clock.advance(1.5)
        return Done(facts_for(one))

    table = bench(answer)
    began = table.clock.time()
    table.pool.work([claim(1)])
    (done,) = table.put
    assert (done.started_at, done.seconds) == (began, 1.5)
    assert table.pool.at_work().busy_s == 1.5
    assert table.pool.running == 0


def test_work_once_tells_whether_there_was_anything() -> None:
    table = bench()
    assert table.pool.work_once(0.0) is False
    table.hopper.put([claim(1)])
    assert table.pool.work_once(0.0) is True


def test_a_note_stands_only_while_the_stage_works() -> None:
    seen: list[list[int]] = []

    def answer(one: Claim) -> Answer:
        seen.append(list(table.notes.running))
        return Done(facts_for(one))

    table = bench(answer)
    table.pool.work([claim(7)])
    assert (seen, table.notes.running) == ([[7]], [])


def test_a_surprise_is_a_retry_with_its_traceback() -> None:
    def answer(_one: Claim) -> Answer:
        raise ZeroDivisionError("deep inside")

    table = bench(answer)
    table.pool.work([claim(1)])
    outcome = table.answers()[1]
    assert isinstance(outcome, Retry)
    assert outcome.reason is Reason.INTERNAL_ERROR
    assert "ZeroDivisionError: deep inside" in outcome.detail
    assert "test_runtime_pool.py" in outcome.detail
    assert table.notes.running == []


def test_the_last_surprise_ends_it() -> None:
    def answer(_one: Claim) -> Answer:
        raise ZeroDivisionError

    table = bench(answer, max_attempts=2)
    table.pool.work([claim(1, attempt=2)])
    assert isinstance(table.answers()[1], Reject)


@pytest.mark.parametrize("poison", [1, 2, 3])
def test_one_bad_item_costs_the_others_of_its_batch_nothing(poison: int) -> None:
    def answer(one: Claim) -> Answer:
        if one.id == poison:
            raise ValueError("poison")
        return Done(facts_for(one))

    table = bench(answer, batch=3)
    table.pool.work([claim(n) for n in (1, 2, 3)])
    answers = table.answers()
    assert {number for number, outcome in answers.items() if isinstance(outcome, Retry)} == {poison}
    assert len(answers) == 3
    assert table.notes.running == []


class Forgetful(FakeStage):
    """Answers all but those it is told to forget; some twice."""

    def __init__(self, forget: set[int], *, always: bool, twice: bool = False) -> None:
        super().__init__(StageName.EXTRACTION, batch=lambda _phase: 10)
        self._forget, self._always, self._twice = forget, always, twice

    def handle(self, claims: Sequence[Claim]) -> Iterator[tuple[Claim, Answer]]:
        self.batches.append([claim.id for claim in claims])
        for one in claims:
            if one.id not in self._forget or (len(claims) == 1 and not self._always):
                yield from [(one, Done(facts_for(one)))] * (2 if self._twice else 1)


def test_who_was_forgotten_in_a_batch_is_asked_about_alone() -> None:
    stage = Forgetful({2}, always=False)
    table = Bench(stage)
    table.pool.work([claim(n) for n in (1, 2, 3)])
    assert stage.batches == [[1, 2, 3], [2]]
    assert all(isinstance(outcome, Done) for outcome in table.answers().values())


def test_a_stage_that_forgets_for_good_costs_an_attempt() -> None:
    table = Bench(Forgetful({2}, always=True))
    table.pool.work([claim(1), claim(2)])
    outcome = table.answers()[2]
    assert isinstance(outcome, Retry)
    assert (outcome.reason, outcome.detail) == (Reason.INTERNAL_ERROR, "the stage gave no answer")


def test_the_first_of_two_answers_counts() -> None:
    table = Bench(Forgetful(set(), always=True, twice=True))
    table.pool.work([claim(1)])
    assert len(table.answers()) == 1


def test_again_brings_the_claim_back_in_its_phase_without_an_outcome() -> None:
    def answer(one: Claim) -> Answer:
        return Done(facts_for(one)) if one.phase == "search" else Again("search")

    table = bench(answer)
    table.pool.work([claim(1)])
    assert table.put == []
    assert len(table.hopper) == 1
    assert table.pool.work_once(0.0)
    assert list(table.answers()) == [1]


def test_again_while_stopping_gives_the_claim_back() -> None:
    table = bench(lambda _one: Again("search"))
    table.hopper.close()
    table.pool.work([claim(1)])
    assert (table.put, table.notes.released) == ([], [1])


def test_an_outcome_of_a_damaged_database_is_none() -> None:
    """It used to become a failure of the item, which would have gone into the damaged file, too."""

    def answer(_one: Claim) -> Answer:
        raise DatabaseDamaged("damaged")

    table = bench(answer)
    with pytest.raises(DatabaseDamaged):
        table.pool.work([claim(1)])
    assert (table.put, table.notes.running) == ([], [])
