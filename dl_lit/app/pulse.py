"""The pulse of the process that works a database, in a small file beside it, for all who want to tell how it is.

The file is replaced whole, so no reader sees half of one; it means something only while its process holds the lock.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import msgspec

from db.lock import holder
from dl_lit.core.pulse import Pulse


def pulse_file(database: Path) -> Path:
    """Where the pulse of the process that works `database` stands."""
    return database.with_name(database.name + ".pulse")


def write_pulse(database: Path, pulse: Pulse) -> None:
    """Replace what was written before. A disk that takes nothing is told elsewhere: this is silent."""
    file = pulse_file(database)
    draft = file.with_name(f"{file.name}.{os.getpid()}.new")
    with suppress(OSError):
        draft.write_bytes(msgspec.json.encode(pulse))
        draft.replace(file)


def read_pulse(database: Path) -> Pulse | None:
    """The pulse of the process that works `database` now; None where none does, or it has not told yet."""
    who = holder(database)
    return None if who is None else pulse_of(database, who)


def pulse_of(database: Path, who: str) -> Pulse | None:
    """The pulse of the process that `who` names ("process 12 (…)"); None where it has not told yet.

    What a process before it wrote is none of its.
    """
    pulse = last_pulse(database)
    return pulse if pulse is not None and f"process {pulse.pid} (" in who else None


def last_pulse(database: Path) -> Pulse | None:
    """The last pulse written, of whatever process; None where there is none that can be read."""
    try:
        return msgspec.json.decode(pulse_file(database).read_bytes(), type=Pulse)
    except (OSError, ValueError):
        return None
