"""What the daemons of all hosts tell, where they share a database: their pulses, as one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from dl_lit.core.database_address import is_signpost
from dl_lit.core.pulse import DaemonPulse, Pulse
from dl_lit.core.pulses import together

if TYPE_CHECKING:
    from db.postgres.fleet.pulses import Daemon


class ToFleet:
    """Tells all hosts how this daemon is; nobody where it works a database alone."""

    def __init__(self, database: Path) -> None:
        """Nothing is told yet."""
        self.keep: Callable[[Pulse], None] = lambda _pulse: None
        self.close: Callable[[], None] = lambda: None
        if is_signpost(database):
            from db.postgres.fleet.pulses import OwnPulse  # noqa: PLC0415 - its driver is an extra

            own = OwnPulse(database)
            self.keep, self.close = own.keep, own.close


def daemons_of(database: Path) -> Sequence[Daemon]:
    """The daemons of all hosts, the oldest first; none where the database cannot be asked."""
    from db.postgres.fleet.pulses import daemons_at  # noqa: PLC0415 - as above

    return daemons_at(database)


def fleet_pulse(database: Path, now: float) -> Pulse | None:
    """The pulses of all daemons together at `now` (epoch seconds); None where none has told anything.

    Who it is of, where one has to be named, is the one that is here, or else the oldest.
    """
    daemons = daemons_of(database)
    told = [_by_our_clock(one, now) for one in sorted(daemons, key=lambda one: not one.is_here) if one.pulse]
    return replace(together(told), daemons=tuple(_daemon(one) for one in daemons)) if told else None


def _by_our_clock(one: Daemon, now: float) -> Pulse:
    """Its pulse, as if its host's clock were ours."""
    assert one.pulse is not None  # noqa: S101 - for those who check types
    off_s = now - (one.told_s or 0.0) - one.pulse.at
    return replace(one.pulse, at=one.pulse.at + off_s, began_at=one.pulse.began_at + off_s)


def _daemon(one: Daemon) -> DaemonPulse:
    pulse = one.pulse
    return DaemonPulse(
        host=one.host,
        pid=one.pid,
        stages=one.stages or (() if pulse is None else tuple(stage.value for stage in pulse.stages)),
        version=one.version,
        command="" if pulse is None else pulse.command,
        up_s=round(one.up_s, 1),
        told_s=None if one.told_s is None else round(one.told_s, 1),
        running=0 if pulse is None else sum(stage.running for stage in pulse.stages.values()),
        memory_mb=0.0 if pulse is None else pulse.memory_mb,
        is_stopping=pulse is not None and pulse.is_stopping,
        is_here=one.is_here,
    )
