"""The C library's memory in a process of many threads that runs for months.

glibc gives threads heaps of their own, eight for each processor, and keeps what is freed in each of them; 80 threads
that wait need no such thing, and what one heap keeps another cannot use. Elsewhere than on glibc nothing is done.
"""

from __future__ import annotations

import ctypes
from contextlib import suppress
from functools import cache

_ARENA_MAX = -8
"""M_ARENA_MAX of mallopt: https://man7.org/linux/man-pages/man3/mallopt.3.html (read 2026-11-23)."""

_ARENAS = 2


@cache
def _library() -> ctypes.CDLL | None:
    with suppress(OSError, MemoryError):
        library = ctypes.CDLL(None)
        if hasattr(library, "malloc_trim") and hasattr(library, "mallopt"):
            return library
    return None


def share() -> bool:
    """Let all threads share two heaps; whether that could be had. To be called before threads are started."""
    library = _library()
    return library is not None and bool(library.mallopt(_ARENA_MAX, _ARENAS))


def trim() -> bool:
    """Give freed memory back to the system; whether there was any to give. Costs some milliseconds."""
    library = _library()
    return library is not None and bool(library.malloc_trim(0))
