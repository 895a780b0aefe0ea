"""A stage's workers: they take claims, ask the stage, and hand its answers to the recorder."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace

from dl_lit.core.clock import Clock
from dl_lit.core.errors import DatabaseDamaged
from dl_lit.core.job import Again, Answer, Claim, Outcome, Retry, Snooze, Stage
from dl_lit.core.reasons import Reason
from dl_lit.core.store import Finished, Store
from dl_lit.core.values import dataclass
from dl_lit.runtime.hopper import Hopper
from dl_lit.runtime.lounge import Lounge
from dl_lit.runtime.settle import Patience, settle, surprise


@dataclass(slots=True)
class _Hand:
    """One worker at work; moments of the monotonic clock."""

    began: float
    heard: float  # when it last gave an answer


@dataclass(frozen=True, slots=True, kw_only=True)
class AtWork:
    """The hands of a stage that are at work at a moment."""

    hands: int
    longest_s: float  # how long the oldest item has been in hand
    quietest_s: float  # for how long nothing has been heard of any of them
    busy_s: float  # of all hands together, since the beginning


class Pool:
    """What every worker thread of one stage does; the threads only repeat `work_once`."""

    def __init__(
        self,
        stage: Stage,
        hopper: Hopper,
        store: Store,
        put: Callable[[Finished], None],
        *,
        clock: Clock,
        patience: Patience,
        chance: random.Random,
        lounge: Lounge | None = None,
    ) -> None:
        """`put` hands an outcome to the recorder; whose turn comes soon waits in `lounge`, where there is one."""
        self.stage = stage
        self.hopper = hopper
        self._store = store
        self._put = put
        self._clock = clock
        self._patience = patience
        self._chance = chance
        self._lounge = lounge
        self._meter = threading.Lock()
        self._hands: dict[int, _Hand] = {}  # those at work, by their threads
        self._peak = 0  # the most hands that were at work at once since somebody asked
        self._busy_s = 0.0  # of finished work
        self.running = 0

    def become(self, stage: Stage, patience: Patience) -> None:
        """Ask `stage` from the next claims on; what is in hand is finished with the one before."""
        self.stage, self._patience = stage, patience

    @property
    def busy(self) -> int:
        """Hands that are at work now."""
        return len(self._hands)

    def take_peak(self) -> int:
        """The most hands that were at work at once since the last time this was asked."""
        with self._meter:
            peak, self._peak = self._peak, len(self._hands)
            return peak

    def at_work(self) -> AtWork:
        """The hands that are at work now."""
        now = self._clock.monotonic()
        with self._meter:
            hands = [(now - hand.began, now - hand.heard) for hand in self._hands.values()]
            busy_s = self._busy_s
        return AtWork(
            hands=len(hands),
            longest_s=max((began for began, _ in hands), default=0.0),
            quietest_s=min((heard for _, heard in hands), default=0.0),
            busy_s=busy_s + sum(began for began, _ in hands),
        )

    def work_once(self, timeout_s: float) -> bool:
        """Take what is next and answer it; whether there was anything."""
        claims = self.hopper.take(timeout_s)
        if claims:
            try:
                self.work(claims)
            finally:
                self.hopper.done(claims)
        return bool(claims)

    def work(self, claims: Sequence[Claim]) -> None:
        """Ask the stage about `claims` and see that each gets exactly one answer."""
        clock = self._clock
        started_at, start = clock.time(), clock.monotonic()
        unanswered = {claim.id: claim for claim in claims}
        self._store.mark_running(claims)
        hand = _Hand(start, start)
        with self._meter:
            self.running += len(claims)
            self._hands[threading.get_ident()] = hand
            self._peak = max(self._peak, len(self._hands))
        error: Exception | None = None
        try:
            for claim, answer in self.stage.handle(claims):
                hand.heard = clock.monotonic()
                if unanswered.pop(claim.id, None) is not None:
                    self._answer(claim, answer, started_at, hand.heard - start)
        except DatabaseDamaged:
            raise  # no outcome may go into such a file: it ends the pipeline, and says so
        except Exception as unforeseen:  # noqa: BLE001 - the one place that catches everything
            error = unforeseen
        finally:
            self._store.unmark_running(claims)
            with self._meter:
                self.running -= len(claims)
                self._busy_s += clock.monotonic() - start
                del self._hands[threading.get_ident()]
        if unanswered:
            self._unanswered(list(unanswered.values()), error, started_at, clock.monotonic() - start, len(claims))

    def _unanswered(
        self, claims: list[Claim], error: Exception | None, started_at: float, seconds: float, asked: int
    ) -> None:
        """One bad item must not cost the others of its batch an attempt: they are asked about singly."""
        if asked > 1:
            for claim in claims:
                self.work([claim])
            return
        answer = Retry(Reason.INTERNAL_ERROR, "the stage gave no answer") if error is None else surprise(error)
        self._answer(claims[0], answer, started_at, seconds)

    def _answer(self, claim: Claim, answer: Answer, started_at: float, seconds: float) -> None:
        if isinstance(answer, Again):
            left = self.hopper.put([replace(claim, phase=answer.phase)])
            self._store.release(left)
            return
        outcome: Outcome = settle(claim, answer, self._patience, self._chance)
        if self._lounge is not None:
            if isinstance(outcome, Snooze) and self._lounge.seat(claim, outcome):
                return
            self._lounge.leave(claim)
        self._put(Finished(claim, outcome, started_at, seconds))
