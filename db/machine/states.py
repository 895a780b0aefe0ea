"""The services' states in a file that all dl_lit processes of the machine share; one short transaction a change."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Protocol, TypeVar

import msgspec
import structlog

from db.machine.processes import is_alive, this_process
from db.sidefile import Missing, SideFile, Unusable, read_once, trouble_reading
from dl_lit.core.clock import Clock
from dl_lit.core.database_address import is_signpost
from dl_lit.core.sharing import HOSTS, Holder, OwnStates, ServiceState, SharedStates

T = TypeVar("T")

VERSION = 1

_SCHEMA = """
CREATE TABLE services (place TEXT PRIMARY KEY, changed_at REAL NOT NULL, state BLOB NOT NULL) WITHOUT ROWID;
"""
_FIND = "SELECT state FROM services WHERE place = ?"
_KEEP = """
INSERT INTO services (place, changed_at, state) VALUES (?, ?, ?)
ON CONFLICT (place) DO UPDATE SET changed_at = excluded.changed_at, state = excluded.state
"""
_ALL = f"SELECT place, state FROM services WHERE place NOT LIKE '{HOSTS}%'"  # noqa: S608 - a word of ours
_FORGET = f"DELETE FROM services WHERE changed_at < ? OR (changed_at < ? AND place LIKE '{HOSTS}%')"  # noqa: S608 - ours
_FORGET_S = 30 * 86_400.0  # a place nobody has asked for so long
_FORGET_HOSTS_S = 2 * 86_400.0  # no host is left alone for longer than a day
_TIDY_S = 3_600.0  # between two looks for what may be forgotten
_BUSY_S = 0.5  # a transaction takes a fraction of a millisecond: who holds the file for longer hangs
_ALONE_S = 5.0  # then it is left alone for so long

log = structlog.get_logger(__name__)

_encode = msgspec.msgpack.Encoder().encode
_decoder = msgspec.msgpack.Decoder(ServiceState)


def states_file(folder: Path) -> Path:
    """The file in the folder of states; another layout gets another name, so versions never quarrel."""
    return folder / f"services-{VERSION}.db"


class KeptStates(SharedStates, Protocol):
    """States that others see, too."""

    def beat(self) -> None:
        """Say that we live, and bring what could not be told; to be called every second or so."""

    def close(self) -> None:
        """Let go of where they are kept."""


class MachineStates:
    """`core.sharing.SharedStates` on disk. Thread-safe.

    While the file cannot be used (locked, damaged, no right to write) decisions are made on what this process last
    knew: its own limits hold. That is said once; the file is tried again later.
    """

    def __init__(self, folder: Path, clock: Clock) -> None:
        """Nothing is opened before it is used."""
        self._clock = clock
        self._tidy_at = 0.0  # the clock's time
        self._file = SideFile(states_file(folder), "services' states", _SCHEMA, VERSION, busy_s=_BUSY_S)
        self._own = OwnStates()
        self._lock = threading.Lock()
        self._alone_until = 0.0  # time.monotonic()
        self._told = False
        self._me = this_process()

    @property
    def me(self) -> Holder:
        """This process."""
        if self._me.pid != os.getpid():  # a child that was forked
            self._me = this_process()
        return self._me

    def time(self, here: float) -> float:
        """This host's: all who share the file have it."""
        return here

    def is_alive(self, holder: Holder) -> bool:
        """Whether that process still runs."""
        return holder == self.me or is_alive(holder)

    def change(self, place: str, decide: Callable[[ServiceState], T]) -> T:
        """Decide on the shared state, or on the last one known; see `core.sharing.SharedStates`."""
        with self._lock:
            if time.monotonic() >= self._alone_until:
                for _ in range(2):  # once more where the file was damaged: then there is a new one
                    with suppress(Unusable):
                        return self._change(place, decide)
                self._alone()
            return self._own.change(place, decide)

    def read(self) -> Mapping[str, ServiceState]:
        """All states as they are on disk, or as this process last knew them."""
        return read_states(self._file.path) or self._own.read()

    def beat(self) -> None:
        """Nothing: the system tells who lives, and nothing is owed."""

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def _change(self, place: str, decide: Callable[[ServiceState], T]) -> T:
        with self._file.writing() as connection:
            now = self._clock.time()
            if now >= self._tidy_at:
                connection.execute(_FORGET, (now - _FORGET_S, now - _FORGET_HOSTS_S))
                self._tidy_at = now + _TIDY_S
            row = connection.execute(_FIND, (place,)).fetchone()
            state = ServiceState() if row is None else _decoded(row[0])
            result = decide(state)
            packed = _encode(state)
            if row is None or packed != row[0]:
                connection.execute(_KEEP, (place, now, packed))
        self._own.keep(place, state)
        self._told = False
        return result

    def _alone(self) -> None:
        self._alone_until = time.monotonic() + _ALONE_S
        self._own.only(self.me)
        if not self._told:
            self._told = True
            says = "limits are kept by this process alone until the file can be used again"
            log.warning("machine_state_not_shared", path=str(self._file.path), says=says)


def states_at(place: Path, clock: Clock) -> KeptStates:
    """The states in a folder, for the processes of this machine, or where a signpost leads, for all hosts."""
    if not is_signpost(place):
        return MachineStates(place, clock)
    from db.postgres.fleet.states import FleetStates  # noqa: PLC0415 - its driver is an extra

    return FleetStates(place, clock)


def read_states(path: Path) -> dict[str, ServiceState]:
    """The services' states in the file or database, which is not changed; empty where none can be read."""
    if is_signpost(path.parent):
        from db.postgres.fleet.looking import fleet_states  # noqa: PLC0415 - its driver is an extra

        return fleet_states(path.parent)
    try:
        rows = read_once(path, VERSION, lambda connection: connection.execute(_ALL).fetchall())
    except (Missing, sqlite3.Error):
        return {}
    return {place: _decoded(state) for place, state in rows}


def states_trouble(path: Path) -> str | None:
    """Why the states in the file cannot be read, and what becomes of that; None where they can, or there are none."""
    if is_signpost(path.parent):
        from db.postgres.fleet.looking import fleet_trouble  # noqa: PLC0415 - its driver is an extra

        return fleet_trouble(path.parent)
    try:
        read_once(path, VERSION, lambda connection: connection.execute(_ALL).fetchall())
    except Missing:
        return None
    except sqlite3.Error as error:
        return str(trouble_reading("what the services allow is not known: the states of", path, error))
    return None


def _decoded(packed: bytes) -> ServiceState:
    """The state; a new one where it cannot be read."""
    try:
        return _decoder.decode(packed)
    except (msgspec.MsgspecError, ValueError, TypeError):
        return ServiceState()
