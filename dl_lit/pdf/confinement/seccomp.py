"""A filter of system calls (seccomp, Linux 3.5): what it refuses fails with EPERM, as if rights were missing.

https://docs.kernel.org/userspace-api/seccomp_filter.html (read 2026-11-23). The filter is a program of the kernel's old
packet filter over number, processor and arguments of a call. A call by another processor's numbers ends the process:
nothing of ours makes one.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct

from dl_lit.pdf.confinement.syscalls import MACHINES, Machine

_PR_SET_SECCOMP, _MODE_FILTER = 22, 2
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _PROCESSOR = 0, 4  # offsets in struct seccomp_data
_ALLOW, _KILL = 0x7FFF0000, 0x80000000
_REFUSE = 0x00050000 | errno.EPERM
_UNKNOWN = 0x00050000 | errno.ENOSYS  # the C library then does it in an older way, which can be looked into
_CHANGES_FILES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
_CLONE_THREAD = 0x00010000

Step = tuple[int, int, int, int]  # code, steps to jump if so, if not, operand


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_char_p))


def filter_calls() -> bool:
    """Filter this thread's system calls from now on, and those of the threads it starts; whether that is in force.

    False on other processors than those of `MACHINES`, and where the kernel has no filters. Needs no-new-privileges.
    """
    machine = MACHINES.get(os.uname().machine)
    if machine is None:
        return False
    steps = _steps(machine, os.getpid())
    code = b"".join(struct.pack("=HBBI", *step) for step in steps)
    program = _Program(len(steps), code)
    try:
        prctl = ctypes.CDLL(None, use_errno=True).prctl
    except (OSError, AttributeError):
        return False
    return bool(prctl(_PR_SET_SECCOMP, ctypes.c_ulong(_MODE_FILTER), ctypes.byref(program), 0, 0) == 0)


def _steps(machine: Machine, pid: int) -> list[Step]:
    special = machine.looked_into()
    steps: list[Step] = [
        (_LOAD, 0, 0, _PROCESSOR),
        (_EQUAL, 1, 0, machine.audit),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
    ]
    if machine.x32_from is not None:
        steps += [(_AT_LEAST, 0, 1, machine.x32_from), (_RETURN, 0, 0, _REFUSE)]
    steps += [(_EQUAL, 0, 1, special["clone3"]), (_RETURN, 0, 0, _UNKNOWN)]
    if "open" in special:
        steps += _only(special["open"], 1, (_ANY_BIT, 0, 1, _CHANGES_FILES))
    steps += _only(special["openat"], 2, (_ANY_BIT, 0, 1, _CHANGES_FILES))
    steps += _only(special["clone"], 0, (_ANY_BIT, 1, 0, _CLONE_THREAD))
    steps += _only(special["tgkill"], 0, (_EQUAL, 1, 0, pid))
    steps += _only(special["prlimit64"], 0, (_EQUAL, 1, 0, 0))
    refused = machine.refused()
    steps += [(_EQUAL, len(refused) - at, 0, number) for at, number in enumerate(refused)]
    return [*steps, (_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _REFUSE)]


def _only(number: int, argument: int, test: Step) -> list[Step]:
    """Of the call `number`: look at the lower half of an argument (from 0); refuse where `test` does not jump over."""
    return [
        (_EQUAL, 0, 4, number),
        (_LOAD, 0, 0, 16 + 8 * argument),
        test,
        (_RETURN, 0, 0, _REFUSE),
        (_RETURN, 0, 0, _ALLOW),
    ]
