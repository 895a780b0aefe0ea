"""The pulses of several daemons as one, for displays that show what works a database, whoever and wherever that is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from dl_lit.core.conditions import Condition
from dl_lit.core.model import StageName
from dl_lit.core.pulse import Pulse, ServicePulse, StagePulse

_Key = TypeVar("_Key")
_Told = TypeVar("_Told")
_Number = TypeVar("_Number", int, float)


def together(pulses: Sequence[Pulse]) -> Pulse:
    """One for all; what they have in hand is added up. `pulses` are not empty, that of the oldest daemon first."""
    if len(pulses) == 1:
        return pulses[0]
    first = pulses[0]
    return replace(
        first,
        began_at=min(one.began_at for one in pulses),
        at=max(one.at for one in pulses),
        stages=_by_name([one.stages for one in pulses], _stage, StageName),
        services=_by_name([one.services for one in pulses], _service),
        folders=tuple(folder for one in pulses for folder in one.folders),
        conditions=_conditions(pulses),
        memory_mb=round(sum(one.memory_mb for one in pulses), 1),
        disk_free_mb=min(one.disk_free_mb for one in pulses),
        library_trouble=next((one.library_trouble for one in pulses if one.library_trouble), None),
        unwritten_s=max(one.unwritten_s for one in pulses),
        control=next((one.control for one in pulses if one.control), None),
        language=next((one.language for one in pulses if one.language), None),
        is_stopping=all(one.is_stopping for one in pulses),
    )


def _conditions(pulses: Iterable[Pulse]) -> tuple[Condition, ...]:
    """What any of them says is wrong, each once, since the first said so; the gravest first, as they have them."""
    found: dict[object, Condition] = {}
    for one in (condition for pulse in pulses for condition in pulse.conditions):
        known = found.get(one.key)
        if known is None or one.since < known.since:
            found[one.key] = one
    return tuple(found.values())


def _by_name(
    given: Sequence[Mapping[_Key, _Told]],
    add: Callable[[Sequence[_Told]], _Told],
    order: Iterable[_Key] | None = None,
) -> dict[_Key, _Told]:
    names = order or dict.fromkeys(name for one in given for name in one)
    found = {name: [one[name] for one in given if name in one] for name in names}
    return {name: add(told) for name, told in found.items() if told}


def _stage(told: Sequence[StagePulse]) -> StagePulse:
    first = told[0]
    failed: Counter[str] = Counter()
    for one in told:
        failed.update(one.failed)
    moved = [one.moved_at for one in told if one.moved_at is not None]
    return replace(
        first,
        waiting=max(one.waiting for one in told),  # the room is the same for all
        queued=sum(one.queued for one in told),
        running=sum(one.running for one in told),
        workers=sum(one.workers for one in told),
        workers_least=sum(one.workers_least for one in told),
        workers_most=sum(one.workers_most for one in told),
        done=sum(one.done for one in told),
        failed=dict(failed),
        busy_s=round(sum(one.busy_s for one in told), 3),
        longest_s=max(one.longest_s for one in told),
        resting=first.resting if all(one.resting for one in told) else None,
        busy=sum(one.busy for one in told),
        seated=sum(one.seated for one in told),
        is_dammed=all(one.is_dammed for one in told),
        paused=next((one.paused for one in told if one.paused), None),
        stalled_s=min(one.stalled_s for one in told),  # as long as one of them gets on it is not stalled
        per_minute=round(sum(one.per_minute for one in told), 3),
        per_minute_hour=round(sum(one.per_minute_hour for one in told), 3),
        moved_at=max(moved, default=None),
    )


def _service(told: Sequence[ServicePulse]) -> ServicePulse:
    return ServicePulse(
        requests=sum(one.requests for one in told),
        waiting=sum(one.waiting for one in told),
        waited_s=sum(one.waited_s for one in told),
        held_by=_added(one.held_by for one in told),
        waited_for=_added(one.waited_for for one in told),
        waiting_by=_added(one.waiting_by for one in told),
        waiting_for=_added(one.waiting_for for one in told),
        turned_away=_added(one.turned_away for one in told),
        allows=told[0].allows,
    )


def _added(counts: Iterable[Mapping[str, _Number]]) -> dict[str, _Number]:
    total: dict[str, _Number] = {}
    for one in counts:
        for name, number in one.items():
            total[name] = total[name] + number if name in total else number
    return total
