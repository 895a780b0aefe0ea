"""Names of files that fit: what is put before or after a name must not make it too long for the disk."""

from __future__ import annotations

import hashlib
import os

LONGEST = 255
"""Bytes of a name on most file systems (NAME_MAX): https://man7.org/linux/man-pages/man0/limits.h.0p.html (read
2026-11-23)."""


def fitting(name: str, *, before: str = "", after: str = "", longest: int = LONGEST) -> str:
    """`before`, `name` and `after` in `longest` bytes at most: a name that is too long is cut, and told from others.

    The same name always comes out the same; two names that differ do, too.
    """
    whole = f"{before}{name}{after}"
    if len(os.fsencode(whole)) <= longest:
        return whole
    written = os.fsencode(name)
    mark = f"~{hashlib.sha256(written).hexdigest()[:8]}"
    room = max(0, longest - len(os.fsencode(f"{before}{mark}{after}")))
    while room and written[room] & 0xC0 == 0x80:  # not within a letter
        room -= 1
    return f"{before}{os.fsdecode(written[:room])}{mark}{after}"
