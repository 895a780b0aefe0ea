"""A process whose memory is counted apart from that of the one which started it.

What `wait4` tells of a process's peak begins, on Linux, with the peak of the process that started it: `exec` keeps the
larger of the two (https://github.com/torvalds/linux/blob/v6.1/fs/exec.c#L1019, read 2026-11-23). Where that one is
large, every crash would look like want of memory. A process that was forked, and executes nothing, begins with what it
has itself.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
from contextlib import suppress

MEMORY_SHARE = 0.5
"""Of what it may have: a process that dies after having had that much died of it."""
OUT_OF_MEMORY_EXIT = 3
"""The exit code that says so."""
_PR_SET_PDEATHSIG = 1  # https://man7.org/linux/man-pages/man2/PR_SET_PDEATHSIG.2const.html


def is_needed(memory_bytes: int) -> bool:
    """Whether what a process started now will be said to have had could be ours; long before it decides anything."""
    ours = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return sys.platform == "linux" and ours > MEMORY_SHARE * memory_bytes / 2


def count_apart(memory_bytes: int, last_file: int) -> None:
    """Go on in a new process, while this one waits and then ends as that one did; files up to `last_file` are its.

    Where it had more than its share of `memory_bytes`, whatever it died of, this one ends with `OUT_OF_MEMORY_EXIT`.
    Killing this one kills it. To be called before any thread is started.
    """
    first = os.getpid()
    pid = os.fork()
    if pid == 0:
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != first:
            os._exit(0)  # it went before the signal was set up
        return
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.closerange(0, last_file + 1)
    _, status, usage = os.wait4(pid, 0)
    code = os.waitstatus_to_exitcode(status)
    if code != -signal.SIGXCPU and usage.ru_maxrss * 1024 > MEMORY_SHARE * memory_bytes:
        os._exit(OUT_OF_MEMORY_EXIT)
    if code < 0:
        with suppress(OSError):  # SIGKILL cannot be set, and need not be
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    os._exit(abs(code))
