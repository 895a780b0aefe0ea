"""What to answer when no address is left: wait, try again, search further, or say why there is nothing. Pure.

The order of the questions is the point:

1. A turn that comes soon is waited for: it costs nothing.
2. What may pass is tried again, as often as attempts are left; a host that keeps sending everybody away costs an
   attempt after some time, so that nobody waits for it for ever.
3. Locators of the second round are asked before it is tried a third time, and before anything is given up.
4. A service that could not be heard gets some attempts, not all of them: the answer is honest without it, and the work
   is looked at again at the date that belongs to its reason.
5. Then the most telling reason, with how every address ended.
"""

from __future__ import annotations

from collections.abc import Sequence

from dl_lit.core.errors import ServiceError
from dl_lit.core.job import Reject, Retry, Snooze
from dl_lit.core.reasons import Reason
from dl_lit.core.values import dataclass
from stages.download.failures import SOON_S, Failure, most_telling
from stages.outcomes import SNOOZE_S

MAX_PARKED = 5
"""So often in one attempt a work may be sent away by a host that is left alone, before that costs the attempt."""

ATTEMPTS_FOR_SERVICES = 3
"""Attempts that a service gets which could not be heard, the first included."""

TURNS_S = 3_600.0
"""So long a work waits for its turns at services (seconds): then one that sends us away costs attempts."""

ATTEMPTS_FOR_DOUBT = 2
"""Attempts that a better file gets where a person would have to look at the one in hand, the first included."""

_SERVICE_PAUSE_S = 30.0  # at least, times the attempt: the second pause outlasts a breaker


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a work stands when everything that could be asked was asked."""

    failures: Sequence[Failure]
    is_searched: bool  # whether the locators of the second round have nothing more
    unheard: Sequence[ServiceError] = ()  # those of them that gave no answer that establishes anything
    attempt: int
    max_attempts: int
    parked: int = 0  # how often in this attempt it was sent away already
    in_turn_s: float = 0.0  # how long ago it first had to wait for its turn at a service
    has_file: bool = False  # a doubtful one is in hand

    @property
    def waiting(self) -> list[Failure]:
        """Those that cost nothing but waiting."""
        return [one for one in self.failures if not one.costs_attempt]

    @property
    def pressing(self) -> list[Failure]:
        """Those of them whose turn comes soon."""
        return [one for one in self.waiting if one.is_soon]

    @property
    def passing(self) -> list[Failure]:
        """Those that may pass, and cost an attempt."""
        return [one for one in self.failures if one.costs_attempt and not one.is_final]

    @property
    def is_last(self) -> bool:
        """Whether no attempt is left after this one."""
        return self.attempt >= self.max_attempts

    @property
    def is_to_be_searched(self) -> bool:
        """Whether the locators of the second round are to be asked now."""
        if self.is_searched or self.pressing or any(one.reason is Reason.OFFLINE for one in self.failures):
            return False
        is_early = self.attempt == 1 and not self.is_last
        return not (is_early and any(one.is_soon for one in self.passing))


def ending(at: Standing) -> Retry | Reject | Snooze | None:
    """The answer; None where the doubtful file in hand is to be taken."""
    if at.pressing:
        return _wait(at.pressing)
    if at.has_file:
        is_worth_it = at.attempt < min(ATTEMPTS_FOR_DOUBT, at.max_attempts) and any(one.is_soon for one in at.passing)
        return _again(at.passing) if is_worth_it else None
    if at.waiting and (at.parked < MAX_PARKED or any(one.reason is Reason.OFFLINE for one in at.waiting)):
        return _wait(at.waiting)
    if may_pass := [*at.waiting, *at.passing]:
        if not at.is_last:
            return _again(may_pass)
        last = _longest(may_pass)
        told = f"given up after {at.attempt} attempts: {last.told}"
        return Reject(last.reason, told, [one.evidence() for one in at.failures])
    if at.unheard and (answer := _of_services(at)) is not None:
        return answer
    return _in_vain(at)


def _wait(failures: Sequence[Failure]) -> Snooze:
    """Until the first of several turns."""
    first = min(failures, key=lambda one: SNOOZE_S if one.after is None else one.after)
    return Snooze(first.reason, SNOOZE_S if first.after is None else max(0.0, first.after), first.told, first.line)


def _again(failures: Sequence[Failure]) -> Retry:
    """When the last of several may have passed: whoever comes before is sent away, and has used up an attempt."""
    last = _longest(failures)
    return Retry(last.reason, last.told, last.after)


def _longest(failures: Sequence[Failure]) -> Failure:
    return max(failures, key=lambda one: one.after or 0.0)


def _of_services(at: Standing) -> Snooze | Retry | None:
    """Ask the services again that were not heard; None where they had their chance."""
    turns = [one for one in at.unheard if _is_turn(one)]
    if turns and at.in_turn_s < TURNS_S:
        first = min(turns, key=lambda one: SNOOZE_S if one.after is None else one.after)
        return Snooze(first.reason, SNOOZE_S if first.after is None else max(0.0, first.after), str(first))
    if at.attempt >= min(ATTEMPTS_FOR_SERVICES, at.max_attempts):
        return None
    error = min(at.unheard, key=lambda one: one.after or 0.0)
    return Retry(error.reason, str(error), max(error.after or 0.0, _SERVICE_PAUSE_S * at.attempt))


def _is_turn(error: ServiceError) -> bool:
    """Whether it was only not our turn at the service: its line moves, so waiting has an end."""
    return not error.costs_attempt and error.reason is Reason.RATE_LIMITED and (error.after or 0.0) <= SOON_S


def _in_vain(at: Standing) -> Reject:
    unheard = ", ".join(f"{one.service} ({one.reason.value})" for one in at.unheard)
    beside = f"not heard: {unheard}" if unheard else ""
    if not at.failures:
        return Reject(Reason.NO_OA_LOCATION, "; ".join(part for part in ("no location to try", beside) if part))
    telling = most_telling(at.failures)
    told = "; ".join(part for part in (telling.told, beside) if part)
    return Reject(telling.reason, told, [one.evidence() for one in at.failures])
