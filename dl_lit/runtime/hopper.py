"""The bounded queue between a stage's feeder and its workers."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence

from dl_lit.core.job import Claim

COMEBACKS = 3
"""So many times the hopper's size may wait in later phases."""

LAST_EVERY = 16
"""One take in so many begins with the last phase."""


class Hopper:
    """Claims waiting for a hand. A worker takes one, or as many of one phase as its stage handles at once."""

    def __init__(
        self,
        size: int,
        batch_size: Callable[[str], int],
        on_room: Callable[[], None],
        *,
        first_hands: int | None = None,
    ) -> None:
        """`size` slots; `on_room` is called (without a lock held) when half of them have come free.

        At most `first_hands` workers are given claims of the first phase at once; who takes one says `done` after it.
        """
        self.size = size
        self._first_hands = first_hands
        self._busy_first = 0
        self._batch_size = batch_size
        self._on_room = on_room
        self._first: deque[Claim] = deque()
        self._phases: dict[str, deque[Claim]] = {"": self._first}
        self._length = 0
        self._picks = 0
        self._closed = False
        self._changed = threading.Condition(threading.Lock())

    def __len__(self) -> int:
        """Claims in the hopper."""
        return self._length

    def free_slots(self) -> int:
        """How many more claims there is room for; 0 once closed.

        Comebacks (`Again`) do not take the places of first comers, or these would trickle in singly behind them and
        never be asked about in batches; only when `COMEBACKS` times as many have gathered, nobody new is let in.
        """
        first = len(self._first)
        if self._closed or self._length - first >= COMEBACKS * self.size:
            return 0
        return max(0, self.size - first)

    def calls_for(self) -> int:
        """How many free hands what waits here would keep at work."""
        if not self._length:
            return 0
        with self._changed:
            hands = 0
            for name, phase in self._phases.items():
                wanted = -(-len(phase) // max(1, self._batch_size(name)))
                if not name and self._first_hands is not None:
                    wanted = min(wanted, max(0, self._first_hands - self._busy_first))
                hands += wanted
            return hands

    def put(self, claims: Iterable[Claim]) -> list[Claim]:
        """Add claims; gives back those that found it closed. Comebacks may exceed the size: they had a slot."""
        with self._changed:
            if self._closed:
                return list(claims)
            count = 0
            for claim in claims:
                phase = self._phases.get(claim.phase)
                if phase is None:
                    phase = self._phases[claim.phase] = deque()
                phase.append(claim)
                count += 1
            self._length += count
            self._changed.notify(count)
        return []

    def take(self, timeout_s: float) -> list[Claim]:
        """The next claim, with others of its phase up to the batch size; empty on time-out or when closed."""
        with self._changed:
            before = self._is_low()
            taken = self._pick()
            if not taken and not self._closed:
                self._changed.wait(timeout_s)
                before = self._is_low()
                taken = self._pick()
            low = self._is_low() and not before
        if low:
            self._on_room()
        return taken

    def _is_low(self) -> bool:
        """Whether it is time for the feeder to fill up: half of the places are free."""
        return 2 * self.free_slots() >= self.size

    def _pick(self) -> list[Claim]:
        # First phases first: they are asked in batches and give the later ones their work. Now and then the last one
        # that has any, or what is nearly done would wait for as long as others keep coming back.
        self._picks += 1
        if not self._length:
            return []
        phases = self._phases.items()
        for name, phase in reversed(phases) if self._picks % LAST_EVERY == 0 else phases:
            if not name and self._first_hands is not None and self._busy_first >= self._first_hands:
                continue
            if phase:
                self._busy_first += not name
                count = min(len(phase), self._batch_size(name))
                self._length -= count
                return [phase.popleft() for _ in range(count)]
        return []

    def done(self, claims: Sequence[Claim]) -> None:
        """What was taken is answered: another worker may have claims of the first phase."""
        if claims and not claims[0].phase and self._first_hands is not None:
            with self._changed:
                self._busy_first -= 1
                self._changed.notify()

    def give_back(self) -> list[Claim]:
        """Take out what nobody has begun with: the claims of the first phase."""
        with self._changed:
            left = list(self._first)
            self._first.clear()
            self._length -= len(left)
        return left

    def nudge(self) -> None:
        """Let all takers that wait come back with nothing, once."""
        with self._changed:
            self._changed.notify_all()

    def close(self) -> list[Claim]:
        """Wake all takers for good; the claims nobody took."""
        with self._changed:
            self._closed = True
            left = [claim for phase in self._phases.values() for claim in phase]
            for phase in self._phases.values():
                phase.clear()
            self._length = 0
            self._changed.notify_all()
        return left
