"""Where redirects have led visits that were put off, so that the resolver is not asked again for each wait."""

from __future__ import annotations

import threading
from collections import OrderedDict
from http.cookiejar import Cookie

import httpx

from dl_lit.core.clock import Clock
from dl_lit.core.values import dataclass

_KEPT_S = 3_600.0  # as far ahead as turns are given out
_KEPT = 5_000


@dataclass(frozen=True, slots=True)
class Halt:
    """Where a visit stopped, and how it came there."""

    target: str
    cookies: tuple[Cookie, ...]  # that were set on the way; mostly none, and a jar for each would be the larger part
    hops: tuple[tuple[str, int], ...]
    at: float  # of the clock's monotonic()
    is_sent_on: bool = False  # by a service that rules its own files

    @property
    def jar(self) -> httpx.Cookies:
        """A jar with the cookies."""
        jar = httpx.Cookies()
        for cookie in self.cookies:
            jar.jar.set_cookie(cookie)
        return jar


class Redirected:
    """The visits that wait for the turn of a host they were led to, by the address they began with. Thread-safe."""

    def __init__(self, clock: Clock) -> None:
        """Nobody waits."""
        self._clock = clock
        self._halts: OrderedDict[str, Halt] = OrderedDict()
        self._lock = threading.Lock()

    def keep(
        self, url: str, target: str, jar: httpx.Cookies, hops: tuple[tuple[str, int], ...], *, is_sent_on: bool = False
    ) -> None:
        """Note that the visit to `url` goes on at `target`; old ones are forgotten, and the oldest of too many."""
        now = self._clock.monotonic()
        with self._lock:
            self._halts.pop(url, None)
            self._halts[url] = Halt(target, tuple(jar.jar), hops, now, is_sent_on)
            while len(self._halts) > _KEPT or now - next(iter(self._halts.values())).at > _KEPT_S:
                self._halts.popitem(last=False)

    def take(self, url: str) -> Halt | None:
        """Where the visit to `url` goes on; None where it begins anew."""
        with self._lock:
            halt = self._halts.pop(url, None)
        return halt if halt is not None and self._clock.monotonic() - halt.at <= _KEPT_S else None
