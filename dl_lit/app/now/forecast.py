"""When the work will be done, from how fast it goes: honest, so often not known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dl_lit.core.model import StageName
from dl_lit.core.values import dataclass

_FOR = {
    "budget-exhausted": "{services}'s credits",
    "rate-limited": "a service's rate limit",
    "host-busy": "hosts' turns",
    "host-parked": "hosts that asked to wait",
    "http-429": "hosts that asked to wait",
    "service-down": "a service that does not answer",
    "offline": "the network",
    "disk-full": "the disk",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """One stage's work, as it is known."""

    stage: StageName
    ready: int  # items that may be worked on now
    later: int = 0  # items that were put off
    last_due: float | None = None  # epoch seconds at which the last of these may be worked on
    put_off_for: str = ""  # the reason of most of these
    per_minute: float = 0.0  # items that leave the room
    yields: float = 1.0  # items that one of them makes for the next stage
    is_paused: bool = False


@dataclass(frozen=True, slots=True)
class Eta:
    """How long it takes yet."""

    seconds: float | None  # None: nobody knows
    says: str = ""  # why it takes so long, or is not known; "" where the speed alone says it


DONE = Eta(0.0)


def forecast(loads: Sequence[Load], now: float, *, is_running: bool, short_of: Sequence[str] = ()) -> list[Eta]:
    """For each of `loads`, in pipeline order, when nothing will be left of it and of what comes to it from before.

    `short_of` are the services whose budget for the day is used up.
    """
    etas: list[Eta] = []
    coming, before = 0.0, DONE
    for load in loads:
        eta = _eta(load, coming, before, now, is_running=is_running, short_of=short_of)
        etas.append(eta)
        coming = (load.ready + load.later + coming) * load.yields
        before = eta
    return etas


def last_of(etas: Sequence[Eta]) -> Eta:
    """When all is done: as soon as the slowest is; not known where one is not."""
    unknown = next((one for one in etas if one.seconds is None), None)
    return unknown or max(etas, key=lambda one: one.seconds or 0.0, default=DONE)


def _eta(load: Load, coming: float, before: Eta, now: float, *, is_running: bool, short_of: Sequence[str]) -> Eta:
    to_do = load.ready + coming
    if not to_do and not load.later:
        return DONE
    if not is_running:
        return Eta(None, "nothing is at work")
    if load.is_paused:
        return Eta(None, "paused")
    waits = _put_off(load, now, short_of)
    if not to_do:
        return waits
    if coming and before.seconds is None:
        return before
    if load.per_minute <= 0:
        return Eta(None, "nothing to tell its speed by yet")
    working = Eta(max(to_do / load.per_minute * 60, before.seconds or 0.0 if coming else 0.0))
    return max(working, waits, before if coming else DONE, key=lambda one: one.seconds or 0.0)


def _put_off(load: Load, now: float, short_of: Sequence[str]) -> Eta:
    if not load.later or load.last_due is None:
        return DONE
    named = _FOR.get(load.put_off_for, load.put_off_for).format(services=" and ".join(short_of) or "a service")
    return Eta(max(0.0, load.last_due - now), f"waits for {named}" if named else "")


def yields_of(
    done: Mapping[StageName, int], failed: Mapping[StageName, int], entries: int, sources_read: int
) -> dict[StageName, float]:
    """How many items each stage has made for the next, an item of its own, until now."""

    def share(stage: StageName) -> float:
        left = done[stage] + failed[stage]
        return done[stage] / left if left else 1.0

    return {
        StageName.EXTRACTION: entries / sources_read if sources_read else 1.0,
        StageName.ENRICHMENT: share(StageName.ENRICHMENT),
        StageName.QUEUEING: share(StageName.QUEUEING),
        StageName.DOWNLOAD: 0.0,
    }
