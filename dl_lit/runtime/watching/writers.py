"""Whether somebody has a file open for writing, as far as the kernel tells for nothing."""

from __future__ import annotations

import fcntl
import os
import signal
from contextlib import suppress
from pathlib import Path


def is_being_written(path: Path) -> bool | None:
    """Whether a process of this machine has the file open for writing; None where that cannot be told.

    A read lease is only granted while nobody has (fcntl(2), "Leases"). That can be told of files of our own user, on
    local file systems.
    """
    try:
        file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        # Whoever opens it in this very moment makes the kernel send a signal: one that does nothing unless wanted.
        fcntl.fcntl(file, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except BlockingIOError:
        return True
    except OSError:
        return None
    else:
        with suppress(OSError):
            fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_UNLCK)
        return False
    finally:
        os.close(file)
