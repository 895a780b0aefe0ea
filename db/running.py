"""A note of what is being worked on that survives a sudden death of the process.

A small memory-mapped file with one slot per item in hand: no system call, no write to the database, and after `kill -9`
the kernel still has the pages. It tells the next start which rows were in hand, so that one that kills the process
again and again is found.

Only a death with a cause of its own counts: one that left a fault report (a crash in compiled code; `fault_file` is for
`faulthandler`) or that came while memory was beyond its bound (what the kernel ends a process for). A `kill -9` from
outside or a power cut says nothing about the rows that happened to be in hand, and blames nobody.
"""

from __future__ import annotations

import errno
import mmap
import os
import struct
import threading
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import BinaryIO

from dl_lit.core.errors import DatabaseFull, DatabaseUnusable
from dl_lit.core.job import Claim
from dl_lit.core.model import StageName
from dl_lit.core.values import dataclass

_SLOT = struct.Struct("<BBq6x")  # stage number + 1, alone, id
_SLOTS = 4096
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})
_STAGES = tuple(StageName)
_MEMORY = _SLOT.size * _SLOTS
_NUMBER = {stage: number for number, stage in enumerate(_STAGES, start=1)}


@dataclass(frozen=True, slots=True)
class LeftRunning:
    """A row that was in hand when the process before died."""

    stage: StageName
    id: int
    alone: bool  # nothing else was in hand


def _opened(path: Path) -> tuple[BinaryIO, int, mmap.mmap]:
    """The file for fault reports, the notes' and its memory, whose last byte says that memory was short."""
    with ExitStack() as stack:
        faults = stack.enter_context(path.with_name(path.name + ".faults").open("a+b"))
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        stack.callback(os.close, file)
        _fill(file, _SLOT.size * _SLOTS + 1)
        notes = mmap.mmap(file, _SLOT.size * _SLOTS + 1)
        stack.pop_all()
    return faults, file, notes


def _fill(file: int, size: int) -> None:
    """Make the file so large, with no hole in it: what is written into a hole of a full disk kills (SIGBUS)."""
    os.ftruncate(file, size)
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(file, 0, size)
    else:
        os.pwrite(file, os.pread(file, size, 0), 0)


class RunningNotes:
    """The slots of one process. At most 4,096 items are noted; more than that many workers there never are."""

    def __init__(self, path: Path) -> None:
        """Open or make the file; what it says of the process before is in `left` and `had_a_cause`.

        Raises `DatabaseFull` or `DatabaseUnusable` where that cannot be.
        """
        try:
            self.fault_file, self._file, self._map = _opened(path)
        except OSError as error:
            kind = DatabaseFull if error.errno in _NO_ROOM else DatabaseUnusable
            raise kind(f"cannot note what is being worked on: {path}: {error.strerror}") from error
        self.left = [
            LeftRunning(_STAGES[stage - 1], item, bool(alone))
            for stage, alone, item in _SLOT.iter_unpack(self._map[:_MEMORY])
            if 0 < stage <= len(_STAGES)
        ]
        self.had_a_cause = bool(self._map[_MEMORY]) or os.fstat(self.fault_file.fileno()).st_size > 0
        self._free = list(range(_SLOTS - 1, -1, -1))
        self._slots: dict[tuple[StageName, int], int] = {}
        self._lock = threading.Lock()
        self._closed = False

    def forget(self) -> None:
        """Clear what the process before left; to be called once it has been acted upon."""
        self._map[:] = bytes(len(self._map))
        with suppress(OSError):  # a disk that fails: the notes, which are in memory, blame nobody
            os.ftruncate(self.fault_file.fileno(), 0)
        self.left = []

    def note_memory(self, *, is_short: bool) -> None:
        """Note whether memory is beyond its bound at this moment."""
        with self._lock:
            if not self._closed:
                self._map[_MEMORY] = is_short

    def mark(self, claims: Sequence[Claim], *, alone: bool = False) -> None:
        """Note that these are in hand."""
        with self._lock:
            for claim in () if self._closed else claims:
                key = claim.stage, claim.id
                if self._free and key not in self._slots:
                    slot = self._slots[key] = self._free.pop()
                    _SLOT.pack_into(self._map, slot * _SLOT.size, _NUMBER[claim.stage], alone, claim.id)

    def unmark(self, claims: Sequence[Claim]) -> None:
        """Note that these are not in hand any more."""
        with self._lock:
            for claim in () if self._closed else claims:
                slot = self._slots.pop((claim.stage, claim.id), None)
                if slot is not None:
                    _SLOT.pack_into(self._map, slot * _SLOT.size, 0, 0, 0)
                    self._free.append(slot)

    def close(self) -> None:
        """Give the files back, empty: an orderly end blames nothing that was cut off. Later notes are dropped."""
        with self._lock:
            self._closed = True
            self.forget()
            self._map.close()
            os.close(self._file)
            self.fault_file.close()
