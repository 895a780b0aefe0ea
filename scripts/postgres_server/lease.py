"""Who uses a server's folder holds a shared lock on a file of it: the kernel frees it however the process ends.

    python lease.py FOLDER

is the guardian: it waits until nobody holds that lock, kills the server, and removes the folder. It needs nothing but
the standard library, so that it starts quickly and holds little memory.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import IO

_USERS = "users.lock"
_PATIENCE_S = 10.0
_STEP_S = 0.01


def take(folder: Path) -> IO[bytes] | None:
    """The lease, kept until it is closed; None where the guardian was quicker and the folder is going or gone."""
    try:
        file = (folder / _USERS).open("ab")
    except OSError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    return file


def guard(folder: Path) -> subprocess.Popen[bytes]:
    """Start the guardian of a folder whose lease we hold; it outlives us, and signals to our group do not reach it."""
    return subprocess.Popen(
        [sys.executable, "-IS", __file__, str(folder)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        cwd="/",
    )


def postmaster_of(folder: Path) -> int | None:
    """The process id of the server that runs on the folder's cluster; None where none does."""
    try:
        number = int((folder / "cluster" / "postmaster.pid").read_bytes().split(b"\n", 1)[0])
        command = Path(f"/proc/{number}/cmdline").read_bytes().split(b"\0")
    except (OSError, ValueError):
        return None
    return number if os.fsencode(folder / "cluster") in command else None


def kill_all(postmaster: int) -> None:
    """Kill a server and all its processes as a machine's end would, and wait until they are gone."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(postmaster, signal.SIGSTOP)  # it starts no more of them
    family = [*_children(postmaster), postmaster]
    for number in family:
        with contextlib.suppress(ProcessLookupError):
            os.kill(number, signal.SIGKILL)
    deadline = time.monotonic() + _PATIENCE_S
    while any(map(runs, family)) and time.monotonic() < deadline:
        time.sleep(_STEP_S)


def kill_first(postmaster: int) -> None:
    """Kill a server's first process, and wait until its others are gone: no new one starts beside them."""
    others = _children(postmaster)
    with contextlib.suppress(ProcessLookupError):
        os.kill(postmaster, signal.SIGKILL)
    deadline = time.monotonic() + _PATIENCE_S
    while any(map(runs, others)) and time.monotonic() < deadline:
        time.sleep(_STEP_S)


def _children(parent: int) -> list[int]:
    found: list[int] = []
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{parent}/task").iterdir():
            found += map(int, (task / "children").read_text(encoding="ascii").split())
    return found


def runs(number: int) -> bool:
    """Whether the process is there, and not just waiting for its parent to hear of its end."""
    try:
        stat = Path(f"/proc/{number}/stat").read_bytes()
    except OSError:
        return False
    return stat.rpartition(b") ")[2][:1] != b"Z"


def _main(folder: Path) -> None:
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, signal.SIG_IGN)
    with (folder / _USERS).open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        postmaster = postmaster_of(folder)
        if postmaster is not None:
            kill_all(postmaster)
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    _main(Path(sys.argv[1]))
