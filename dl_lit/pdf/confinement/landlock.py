"""Files and network kept away by Landlock (Linux 5.13): what no rule allows is refused for good, also to root.

https://docs.kernel.org/userspace-api/landlock.html (read 2026-11-23). What a kernel can keep away depends on the
version of its interface: files from 1 on, moves 2, truncation 3, TCP 4, devices 5, signals and abstract sockets 6. The
numbers of the three system calls are the same on all processors.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION_FLAG, _PATH_BENEATH = 1, 1
_READ_FILE, _READ_FOLDER = 1 << 2, 1 << 3
_FILE_RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}  # since version
_TCP_RIGHTS = 0b11  # to bind and to connect, since version 4
_SCOPES = 0b11  # abstract sockets and signals, since version 6


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scopes", ctypes.c_uint64))


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def version() -> int:
    """The version of Landlock that the kernel has; 0 where it has none, or where it is switched off."""
    found = _call(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(_VERSION_FLAG))
    return max(found, 0)


def allow_reading_only(places: Iterable[Path]) -> int:
    """Refuse this thread, and those it starts, all of files and network but to read what is in `places`.

    Files that are open stay so. Places that do not exist are passed over. The version of Landlock that is in force then
    is returned, 0 where there is none. Needs no-new-privileges.
    """
    has = version()
    if not has:
        return 0
    ruleset = _Ruleset(max(rights for since, rights in _FILE_RIGHTS.items() if since <= has))
    size = 8
    if has >= 4:
        ruleset.network, size = _TCP_RIGHTS, 16
    if has >= 6:
        ruleset.scopes, size = _SCOPES, 24
    rules = _call(_CREATE_RULESET, ctypes.byref(ruleset), ctypes.c_size_t(size), ctypes.c_uint32(0))
    if rules < 0:
        return 0
    try:
        for place in places:
            with suppress(OSError):
                _allow_reading(rules, place)
        return has if _call(_RESTRICT_SELF, ctypes.c_int(rules), ctypes.c_uint32(0)) == 0 else 0
    finally:
        os.close(rules)


def _allow_reading(rules: int, place: Path) -> None:
    rights = _READ_FILE | _READ_FOLDER if place.is_dir() else _READ_FILE
    parent = os.open(place, os.O_PATH | os.O_CLOEXEC)
    try:
        rule = _PathBeneath(rights, parent)
        _call(_ADD_RULE, ctypes.c_int(rules), ctypes.c_int(_PATH_BENEATH), ctypes.byref(rule), ctypes.c_uint32(0))
    finally:
        os.close(parent)


def _call(number: int, *arguments: object) -> int:
    """What the system call returns, or -1."""
    try:
        syscall = ctypes.CDLL(None).syscall
    except (OSError, AttributeError):
        return -1
    syscall.restype = ctypes.c_long
    return int(syscall(ctypes.c_long(number), *arguments))
