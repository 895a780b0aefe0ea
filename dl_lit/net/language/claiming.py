"""One call for all processes of the machine that ask the same at once: the others wait, and find it remembered."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from dl_lit.core.clock import Clock
from dl_lit.core.language import Claimed, Claims, ModelError, Trouble
from dl_lit.net.language.place import CallLimits

_FIRST_LOOK_S = 0.02  # after so long is looked again whether the other one has its answer; then later and later
_LAST_LOOK_S = 0.5
_GROWTH = 1.5


class Claiming:
    """Claims questions before they are asked. Thread-safe."""

    def __init__(self, claims: Claims | None, limits: CallLimits, clock: Clock, stopping: threading.Event) -> None:
        """`claims` None: nobody else is looked at. Whoever waits stops waiting when `stopping` is set."""
        self._claims = claims
        self._limits = limits
        self._clock = clock
        self._stopping = stopping

    @contextmanager
    def held(self, key: str) -> Iterator[bool]:
        """Hold the claim, once it can be had; yields whether the answer may be remembered by now.

        Nobody is waited for longer than a call may take: then the question is asked beside the other's. Raises
        `ModelError` where everything stops.
        """
        if self._claims is None:
            yield False
            return
        said = self._taken(self._claims, key)
        try:
            yield said is not Claimed.OURS
        finally:
            if said is not Claimed.THEIRS:
                self._claims.leave(key, self._clock.time())

    def _taken(self, claims: Claims, key: str) -> Claimed:
        ends_at, look_s = self._clock.monotonic() + self._limits.timeout_s, _FIRST_LOOK_S
        for_s = self._limits.timeout_s + self._limits.patience_s
        while (said := claims.take(key, self._clock.time(), for_s=for_s)) is Claimed.THEIRS:
            left_s = ends_at - self._clock.monotonic()
            if left_s <= 0:
                break
            if self._stopping.wait(min(look_s, left_s)):
                raise ModelError(Trouble.STOPPING)
            look_s = min(_LAST_LOOK_S, look_s * _GROWTH)
        return said
