"""Which process we are, and whether another one still runs."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from dl_lit.core.sharing import Holder

_PROC = Path("/proc")
_STARTED = (
    19  # of the fields after the name in /proc/PID/stat: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
)
_SAME_S = 2.0  # elsewhere: two readings of a process's start differ by less, even if the clock was nudged in between
_ENDED = frozenset({b"Z", b"X"})


def this_process() -> Holder:
    """This process."""
    return Holder(os.getpid(), _started(os.getpid()) or "", _space())


def is_alive(holder: Holder) -> bool:
    """Whether the process runs; one in a container of its own cannot be looked at and counts as running."""
    return holder.space != _space() or _started(holder.pid) == holder.started


def may_live(holder: Holder) -> bool:
    """Whether the process may run, wherever: one of another host, or of a start before, cannot be looked at."""
    return is_alive(holder) if is_here(holder) else True


def is_here(holder: Holder) -> bool:
    """Whether the process is, or was, one of this machine and of the space we see, so that it can be looked at."""
    return bool(boot := _boot()) and holder.space == _space() and holder.started.startswith(boot)


def _started(pid: int) -> str | None:
    """What tells the process from others that had its number; None where it does not run."""
    boot = _boot()
    if not boot:
        return _started_elsewhere(pid)
    try:
        stat = (_PROC / str(pid) / "stat").read_bytes()
    except OSError:
        return None
    fields = stat.rpartition(b")")[2].split()
    return None if fields[0] in _ENDED else f"{boot} {fields[_STARTED].decode()}"


def _started_elsewhere(pid: int) -> str | None:
    import psutil  # noqa: PLC0415 - only where there is no /proc

    try:
        return f"{round(psutil.Process(pid).create_time() / _SAME_S)}"
    except psutil.Error:
        return None


@cache
def _boot() -> str:
    """The machine's present run; empty where the system does not tell."""
    try:
        return (_PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""


@cache
def _space() -> str:
    """The space our process number counts in; empty where the system does not tell."""
    try:
        return str((_PROC / "self/ns/pid").readlink())
    except OSError:
        return ""
