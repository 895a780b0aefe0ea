"""Asking services with a memory: nothing is asked twice, neither in turn nor at once, and nothing at all offline."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping, Sequence

from dl_lit.core.clock import Clock
from dl_lit.core.errors import ServiceError
from dl_lit.core.memory import AnswerCache, Kept, ToKeep
from dl_lit.core.ports import Params, ServiceAnswer, ServiceCalls
from dl_lit.core.reasons import Reason
from dl_lit.core.values import dataclass
from dl_lit.net.flights import Flights
from dl_lit.net.keepable import Worth, is_strangers, worth
from dl_lit.net.questions import identified, question

OFFLINE_S = 2 * 86_400.0
"""How long what needs the network is put off (seconds): beyond what any run waits for. The next run that may use the
network takes it up at once."""

_DAY_S = 86_400.0
_AHEAD_S = 300.0  # how far another process's clock may be ahead; what was stored later than that is not believed


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifetimes:
    """How long a service's answers are remembered; 0: they are not."""

    base_url: str  # of the service: another address may answer otherwise
    found_days: float
    absent_days: float


class RememberingCalls:
    """`ServiceCalls` that remembers (see `core.ports`). Thread-safe.

    `reading` is a stamp that changes whenever the same answer would be read differently: what was read of answers
    before is then not used any more, while the answers themselves are.
    """

    def __init__(
        self,
        inner: ServiceCalls,
        cache: AnswerCache | None,
        lifetimes: Mapping[str, Lifetimes],
        *,
        clock: Clock,
        reading: str = "",
        is_offline: bool = False,
        not_before: float = 0.0,
    ) -> None:
        """Ask `inner` for what `cache` does not know; a service without lifetimes is not remembered.

        `not_before` (epoch seconds): what was stored earlier is asked for anew.
        """
        self._not_before = not_before
        self._inner = inner
        self._cache = cache
        self._lifetimes = lifetimes
        self._clock = clock
        self._reading = reading
        self._is_offline = is_offline
        self._flights = Flights()
        self._lock = threading.Lock()
        self._remembered: Counter[str] = Counter()

    @property
    def contact_email(self) -> str | None:
        """The configured contact address."""
        return self._inner.contact_email

    @property
    def is_offline(self) -> bool:
        """Whether nothing may leave the machine."""
        return self._is_offline

    def is_available(self, service: str) -> bool:
        """Whether the service is switched on and has what it needs."""
        return self._inner.is_available(service)

    def wait_s(self, service: str, lane: str = "") -> float:
        """Seconds a call would wait for its permit now; offline none, since only memory is asked."""
        return 0.0 if self._is_offline else self._inner.wait_s(service, lane)

    def credits_left(self, service: str) -> float:
        """Credits left of the service's budget for today; infinity where it counts none."""
        return self._inner.credits_left(service)

    def remembered(self) -> dict[str, int]:
        """How many answers came from memory so far, by service."""
        with self._lock:
            return dict(self._remembered)

    def get(
        self,
        service: str,
        path: str,
        params: Params = (),
        *,
        lane: str = "",
        credits: int = 0,
        headers: Mapping[str, str] | None = None,
        is_kept_by_identifier: bool = False,
    ) -> ServiceAnswer:
        """GET `path` below the service's base address, or recall the answer; see `core.ports.ServiceCalls`."""
        lifetimes = self._lifetimes.get(service)
        route = f"/{path.lstrip('/')}"
        key = question(lifetimes.base_url if lifetimes else service, path, params, headers)
        is_kept = self._keeps(service) and not is_kept_by_identifier

        def ask() -> ServiceAnswer:
            if is_kept and (answer := self._recalled(service, path, key)) is not None:
                return answer
            self._require_network(service)
            answer = self._inner.get(service, path, params, lane=lane, credits=credits, headers=headers)
            if is_strangers(service, route, answer):
                raise ServiceError(service, Reason.BAD_ANSWER, "HTTP 404, but a web page that is not the service's own")
            if is_kept:
                self._keep(service, route, key, answer)
            return answer

        answer = self._flights.share(f"{service} {lane} {key}", ask)
        if answer.is_remembered:
            self._count(service, 1)
        return answer

    def post(
        self,
        service: str,
        path: str,
        body: bytes,
        *,
        content_type: str,
        params: Params = (),
        lane: str = "",
        credits: int = 0,
        headers: Mapping[str, str] | None = None,
    ) -> ServiceAnswer:
        """POST `body`; what was sent is not remembered. See `core.ports.ServiceCalls`."""
        self._require_network(service)
        return self._inner.post(
            service, path, body, content_type=content_type, params=params, lane=lane, credits=credits, headers=headers
        )

    def recall(self, service: str, keys: Sequence[str]) -> Mapping[str, bytes | None]:
        """What is remembered under `keys` and not too old; None is a positive absence."""
        if not keys or not self._keeps(service) or self._cache is None:
            return {}
        base_url = self._lifetimes[service].base_url
        by_question = {identified(base_url, self._reading, key): key for key in keys}
        kept = self._cache.get_many(service, list(by_question))
        found = {by_question[asked]: one.body for asked, one in kept.items() if self._is_fresh(service, one)}
        self._count(service, len(found))
        return found

    def remember(self, service: str, answers: Mapping[str, bytes | None]) -> None:
        """Keep answers for `recall`; None only where the absence was positively established."""
        if not answers or not self._keeps(service) or self._cache is None:
            return
        base_url = self._lifetimes[service].base_url
        self._cache.put_many(
            service,
            [
                ToKeep(identified(base_url, self._reading, key), body, self._expiry(service, is_absence=body is None))
                for key, body in answers.items()
            ],
        )

    def _require_network(self, service: str) -> None:
        if self._is_offline:
            raise ServiceError(service, Reason.OFFLINE, "not asked", after=OFFLINE_S, costs_attempt=False)

    def _keeps(self, service: str) -> bool:
        lifetimes = self._lifetimes.get(service)
        return self._cache is not None and lifetimes is not None and lifetimes.found_days > 0

    def _recalled(self, service: str, path: str, key: str) -> ServiceAnswer | None:
        kept = self._cache.get_many(service, [key]).get(key) if self._cache is not None else None
        if kept is None or not self._is_fresh(service, kept):
            return None
        if kept.body is None:
            asked = f"{self._lifetimes[service].base_url.rstrip('/')}/{path.lstrip('/')}"
            return ServiceAnswer(404, {}, b"", asked, is_remembered=True)
        url, _, rest = kept.body.partition(b"\n")
        content_type, _, body = rest.partition(b"\n")
        headers = {"content-type": content_type.decode("latin-1")} if content_type else {}
        return ServiceAnswer(200, headers, body, url.decode(), is_remembered=True)

    def _keep(self, service: str, path: str, key: str, answer: ServiceAnswer) -> None:
        value = worth(service, path, answer)
        if value is Worth.NOTHING or self._cache is None:
            return
        kept = None
        if answer.status == 200:
            content_type = " ".join(answer.headers.get("content-type", "").split())
            kept = b"\n".join((answer.url.encode(), content_type.encode("latin-1", "replace"), answer.body))
        expiry = self._expiry(service, is_absence=value is Worth.ABSENCE)
        self._cache.put_many(service, [ToKeep(key, kept, expiry)])

    def _expiry(self, service: str, *, is_absence: bool) -> float:
        return self._clock.time() + self._lifetime_s(service, is_absence=is_absence)

    def _lifetime_s(self, service: str, *, is_absence: bool) -> float:
        lifetimes = self._lifetimes[service]
        days = min(lifetimes.found_days, lifetimes.absent_days) if is_absence else lifetimes.found_days
        return days * _DAY_S

    def _is_fresh(self, service: str, kept: Kept) -> bool:
        """Whether it is young enough for the lifetimes of today, which may be shorter than when it was stored."""
        if kept.stored_at < self._not_before:
            return False
        age_s = self._clock.time() - kept.stored_at
        return -_AHEAD_S <= age_s < self._lifetime_s(service, is_absence=kept.body is None)

    def _count(self, service: str, answers: int) -> None:
        with self._lock:
            self._remembered[service] += answers
