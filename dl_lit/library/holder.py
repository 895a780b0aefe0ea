"""Who holds unfinished things of a library: a process on a host, and whether it is still at work."""

from __future__ import annotations

import hashlib
import os
import socket
from contextlib import suppress
from functools import cache
from pathlib import Path

from dl_lit.core.values import dataclass

OTHERS_S = 900.0
"""What a host wrote that we cannot look at is taken over when it is older than this: a row is committed in a second."""

OTHERS_PARTS_S = 86_400.0
"""... and its unfinished files are swept when they are older than this: no download takes so long."""

MARK_LENGTH = 6


@dataclass(frozen=True, slots=True)
class Holder:
    """One process; the marks stay the same for as long as it lives, and no later one has the same."""

    host: str  # `host_mark`
    pid: int
    born: int  # when it began, by the kernel's count; 0: not known

    @classmethod
    def here(cls) -> Holder:
        """This process."""
        return cls(host_mark(), os.getpid(), _born(os.getpid()))

    @property
    def is_of_this_host(self) -> bool:
        """Whether we can see if it lives."""
        return self.host == host_mark()

    @property
    def lives_beside_us(self) -> bool:
        """Whether it is another process of this host, which is at work."""
        if not self.is_of_this_host or self.pid == os.getpid():
            return False
        return is_running(self.pid) and self.born in {0, _born(self.pid)}

    def keeps(self, age_s: float, *, others_s: float = OTHERS_S) -> bool:
        """Whether something of it, so many seconds old, is to be left to it; of other hosts only its age can tell."""
        return self.lives_beside_us if self.is_of_this_host else age_s < others_s


@cache
def host_mark() -> str:
    """Six characters that stand for this host, or for this container: whose processes we see by their numbers."""
    space = ""
    with suppress(OSError):
        space = str(Path("/proc/self/ns/pid").readlink())
    return hashlib.sha256(f"{socket.gethostname()} {space}".encode()).hexdigest()[:MARK_LENGTH]


def is_running(pid: int) -> bool:
    """Whether there is a process of that number on this host."""
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


def _born(pid: int) -> int:
    """When a process began, in ticks since the start of the machine; 0 where that cannot be read.

    https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html (read 2026-11-23): field 22, after a name in brackets.
    """
    try:
        return int(
            Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[19]
        )
    except (OSError, ValueError, IndexError):
        return 0
