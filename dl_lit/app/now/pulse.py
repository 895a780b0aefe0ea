"""The pulse of the process that works a database, in a small file beside it, for all who want to tell how it is.

The file is replaced whole, so no reader sees half of one. On a disk that takes no new file it is written over: it is
made larger than it need be, so that what is said later finds room in it. It means something only while its process
holds the lock.
"""

from __future__ import annotations

import glob
import os
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import msgspec

from db.lock import holder
from dl_lit.app.now.fleet import fleet_pulse
from dl_lit.core.database_address import is_signpost
from dl_lit.core.pulse import Pulse

_ROOM = 4_096
"""Bytes at least by which a pulse may grow while the disk is full; blanks, which JSON does not mind."""

_LOOKS = 3
"""How often a file is read that another process may be writing over."""

_decode = msgspec.json.Decoder(Pulse).decode


def pulse_file(database: Path) -> Path:
    """Where the pulse of the process that works `database` stands."""
    return database.with_name(database.name + ".pulse")


def write_pulse(database: Path, pulse: Pulse) -> None:
    """Replace what was written before, or where the disk takes no new file, write over it. Failing is silent."""
    file = pulse_file(database)
    draft = file.with_name(f"{file.name}.{os.getpid()}.new")
    said = msgspec.json.encode(pulse)
    try:
        draft.write_bytes(said.ljust((len(said) // _ROOM + 2) * _ROOM))
        draft.replace(file)
    except OSError:
        with suppress(OSError):
            draft.unlink()
        with suppress(OSError):
            _write_over(file, pulse)


def forget_drafts(database: Path) -> None:
    """Remove what processes left that were killed while they wrote; for whoever holds the database's lock."""
    file = pulse_file(database)
    for draft in file.parent.glob(f"{glob.escape(file.name)}.*.new"):
        with suppress(OSError):
            draft.unlink()


def _write_over(file: Path, pulse: Pulse) -> None:
    """Put the pulse where the one before stands, which takes no more room; without what it cannot hold."""
    target = os.open(file, os.O_WRONLY | os.O_CLOEXEC)
    try:
        room = os.fstat(target).st_size
        for one in (pulse, replace(pulse, services={}, folders=())):
            said = msgspec.json.encode(one)
            if len(said) <= room:
                os.pwrite(target, said.ljust(room), 0)
                return
    finally:
        os.close(target)


def read_pulse(database: Path) -> Pulse | None:
    """The pulse of whoever works `database` now, on all hosts; None where nobody does, or has told yet."""
    return fleet_pulse(database, time.time()) if is_signpost(database) else read_own_pulse(database)


def read_own_pulse(database: Path) -> Pulse | None:
    """The pulse of the process of this host that works `database` now; None where none does, or has told yet."""
    who = holder(database)
    return None if who is None else _pulse_of(database, who)


def pulse_of(database: Path, who: str) -> Pulse | None:
    """As `read_pulse`, where it is known already `who` works it."""
    return fleet_pulse(database, time.time()) if is_signpost(database) else _pulse_of(database, who)


def _pulse_of(database: Path, who: str) -> Pulse | None:
    """The pulse of the process that `who` names ("process 12 (…)"); None where it has not told yet.

    What a process before it wrote is none of its.
    """
    pulse = last_pulse(database)
    return pulse if pulse is not None and f"process {pulse.pid} (" in who else None


def last_pulse(database: Path) -> Pulse | None:
    """The last pulse written, of whatever process; None where there is none that can be read."""
    for _ in range(_LOOKS):
        with suppress(ValueError):
            try:
                return _decode(pulse_file(database).read_bytes())
            except OSError:
                return None
    return None
