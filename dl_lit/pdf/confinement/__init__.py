"""The process that parses PDFs gives up all it has no use for, before it touches one.

Three layers, each of which holds where the others are missing: no new privileges (Linux 3.5), Landlock (5.13; reads its
program, its libraries and the files that it is handed open, and nothing else), a filter of system calls (no network, no
programs, no other processes, no change to any file). Why so: docs/decisions/0024-children-that-can-only-read.md.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterable
from pathlib import Path

from dl_lit.core.values import dataclass
from dl_lit.pdf.confinement.landlock import allow_reading_only
from dl_lit.pdf.confinement.places import readable
from dl_lit.pdf.confinement.seccomp import filter_calls

_PR_SET_NO_NEW_PRIVILEGES = 38


@dataclass(frozen=True, slots=True, kw_only=True)
class Layers:
    """What is in force in a process."""

    no_new_privileges: bool = False
    landlock: int = 0  # the version of its interface; 0: the kernel has none
    filters_calls: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Confinement:
    """What is in force in a child, and what it tried in vain and with success, each in words."""

    layers: Layers
    refused: tuple[str, ...]
    allowed: tuple[str, ...]


def confine(places: Iterable[Path]) -> Layers:
    """Give up what can be given up, all but reading `places`, for good; what is in force then.

    To be called while the process has one thread: others that run already stay as they are.
    """
    if not _no_new_privileges():
        return Layers()
    landlock = allow_reading_only(readable(places))
    return Layers(no_new_privileges=True, landlock=landlock, filters_calls=filter_calls())


def _no_new_privileges() -> bool:
    try:
        prctl = ctypes.CDLL(None).prctl
    except (OSError, AttributeError):
        return False  # another kernel
    return bool(prctl(_PR_SET_NO_NEW_PRIVILEGES, ctypes.c_ulong(1), *[ctypes.c_ulong(0)] * 3) == 0)
