"""A process and its children: what they have used, and whether they are still there."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_SCHED = 2  # CPUCLOCK_SCHED of https://github.com/torvalds/linux/blob/v6.1/include/linux/posix-timers.h
_STOPPED = frozenset("TtZX")
_LOOK_S = 0.0005


@dataclass(frozen=True, slots=True)
class Member:
    """One process; a number that is given to another one later is not taken for it."""

    pid: int
    began: str  # in the kernel's ticks

    @property
    def is_alive(self) -> bool:
        """Whether it is there and not merely unmourned."""
        found = _stat(self.pid)
        return found is not None and found[0] not in "ZX" and found[1] == self.began

    def kill(self) -> None:
        """End it at once, if it is there."""
        if self.is_alive:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)


def member(pid: int) -> Member | None:
    """The process of that number; None where there is none."""
    found = _stat(pid)
    return None if found is None else Member(pid, found[1])


def children(pid: int) -> list[Member]:
    """The children of a process, by whichever of its threads."""
    found = []
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            with suppress(OSError):
                found += [int(one) for one in (task / "children").read_text().split()]
    return [one for one in map(member, found) if one is not None]


def cpu_s(pid: int) -> float:
    """Processor seconds of a process so far, those of its living children included; 0 where it has gone."""
    return sum(own_cpu_s(one) for one in (pid, *(child.pid for child in children(pid))))


def freeze(pid: int, patience_s: float = 1.0) -> bool:
    """Let none of its threads do anything more; False where it has ended, or goes on."""
    try:
        os.kill(pid, signal.SIGSTOP)
    except ProcessLookupError:
        return False
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        states = _thread_states(pid)
        if not states or "Z" in states:
            return False
        if states <= _STOPPED:
            return True
        time.sleep(_LOOK_S)
    return False


def thaw(pid: int) -> None:
    """Let it go on."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGCONT)


def own_cpu_s(pid: int) -> float:
    """Processor seconds of a process alone, by its clock, whose number follows from its own: clock_getcpuclockid(3)."""
    with suppress(OSError):
        return time.clock_gettime((~pid << 3) | _SCHED)
    return 0.0


def _stat(pid: int) -> tuple[str, str] | None:
    """State and beginning of a process; its name may hold anything, so what follows the last bracket counts."""
    try:
        words = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return None
    return words[0], words[19]


def _thread_states(pid: int) -> set[str]:
    states = set()
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            with suppress(OSError, IndexError):
                states.add((task / "stat").read_text(errors="replace").rpartition(")")[2].split()[0])
    return states
