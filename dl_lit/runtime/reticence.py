"""What a process keeps to itself: no image of its memory when it dies, no secret among the words of its command."""

from __future__ import annotations

import os
import resource
from pathlib import Path

_ABORTED = 1
"""A limit at which the kernel also gives up on images that it would pipe to another program, which 0 allows:
https://man7.org/linux/man-pages/man5/core.5.html and fs/coredump.c (read 2026-11-23)."""

_ARGUMENTS = slice(45, 47)
"""Where they begin and end in memory, in what /proc/PID/stat has behind the program's name: proc_pid_stat(5)."""


def leave_no_dump() -> None:
    """Let no image of the memory, with keys and tokens in it, be written when this process or a child crashes."""
    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    limit = _ABORTED if hard == resource.RLIM_INFINITY or hard >= _ABORTED else 0
    resource.setrlimit(resource.RLIMIT_CORE, (limit, limit))


def hide_word(word: str) -> bool:
    """Overwrite a word of the command that started us, which everybody can read; whether it is hidden now.

    It could be read until then.
    """
    secret = os.fsencode(word)
    try:
        told = Path("/proc/self/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        begin, end = map(int, told[_ARGUMENTS])
        with Path("/proc/self/mem").open("r+b", buffering=0) as memory:
            memory.seek(begin)
            words = memory.read(end - begin)
            memory.seek(begin)
            memory.write(words.replace(secret, b"x" * len(secret)))
        return secret not in Path("/proc/self/cmdline").read_bytes()
    except (OSError, ValueError):
        return False
