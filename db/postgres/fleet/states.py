"""The services' states where all hosts share them: a row each, changed by one statement, by the database's clock.

A process decides on the state that it knows, and sends it with the version it knew: where nobody was quicker it is
kept. Else it stands in the line for the row, so that whoever is quickest does not keep it from the others for ever, and
decides on what it finds. A permit is kept only at its moment by the database's clock, so a host whose clock is wrong
never gives one too early.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import psycopg
import structlog

from db.machine.processes import is_alive, is_here, this_process
from db.postgres.fleet.holders import Holders
from db.postgres.fleet.sessions import Sessions
from db.postgres.making import make_if_missing, schema_of
from db.postgres.refusing import in_our_words
from dl_lit.core.clock import Clock
from dl_lit.core.errors import DatabaseAway
from dl_lit.core.fleet import LATE_S, FleetState, ServerTime
from dl_lit.core.reasons import Reason
from dl_lit.core.sharing import HOSTS, Holder, Lease, ServiceState

T = TypeVar("T")

SCHEMA = schema_of("services", 1)

_SCRIPT = Path(__file__).with_name("services.sql")
_CHANGE = """
SELECT said, present, left_there, now, server
FROM change_service(%(place)s::text, %(known)s::int8, %(fresh)s::bytea, %(earliest)s::float8, %(latest)s::float8,
  %(lasting)s::int2 <> 0)
"""
_IN_LINE = """
SELECT version, state, extract(epoch FROM pg_postmaster_start_time())::float8
FROM services WHERE place = %(place)s FOR UPDATE
"""
_ALL = f"""
SELECT place, state, extract(epoch FROM clock_timestamp())::float8 FROM {SCHEMA}.services
WHERE place NOT LIKE '{HOSTS}%%'
"""  # noqa: S608 - words of ours
_FORGET = f"""
DELETE FROM services WHERE changed_at < now() - interval '30 days'
  OR (changed_at < now() - interval '2 days' AND place LIKE '{HOSTS}%%')
"""  # noqa: S608 - a word of ours
_TIDY_S = 3_600.0
_EARLY_S = 0.001  # clocks are read to the microsecond, and come to us rounded
_ALONE_S = 1.0  # between two tries to reach a database that does not answer
_TRIES = 20  # of one change while we have the row: that many are too early or too late only on a host that stands still
_SESSIONS = 4
_OWED = 1_000  # reports on one place that wait for the database
_PLACES_KEPT = 2_000  # in memory

_KEPT = frozenset({"done", "same"})

log = structlog.get_logger(__name__)

_encode = msgspec.msgpack.Encoder().encode
_decoder = msgspec.msgpack.Decoder(FleetState)


@dataclass(slots=True, eq=False)
class _Place:
    """What this process knows of one place. Guarded by its lock, but for `users`."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    users: int = 0
    version: int = -1  # never seen
    packed: bytes = b""  # the state of that version
    is_ours: bool = False  # ... was written by us
    leases: dict[int, Lease] = field(default_factory=dict)  # our requests in flight
    owed: list[Callable[[ServiceState], object]] = field(default_factory=list)  # to be told when it can be


class FleetStates:
    """`core.sharing.SharedStates` in the database. Thread-safe.

    While the database cannot be asked nobody is given a permit: who decided alone could not know what others give, and
    nothing could be written down of what is found. What becomes of requests under way is told later.
    """

    def __init__(self, signpost: Path, clock: Clock) -> None:
        """Nothing is opened before it is used. Of `clock` it matters only that it runs, not what time it says."""
        self._clock = clock
        self._told = ServerTime()
        self._told_lock = threading.Lock()
        self._sessions = Sessions(signpost, _SESSIONS, _prepare)
        self._holders = Holders(Sessions(signpost, 1, _prepare))  # asked while other sessions have rows
        self._places: dict[str, _Place] = {}
        self._lock = threading.Lock()
        self._server = 0.0  # since when it runs
        self._alone_until = 0.0  # time.monotonic()
        self._has_complained = False
        self._is_closed = False
        self._tidy_at = 0.0  # time.monotonic()
        self._me: Holder | None = None

    @property
    def me(self) -> Holder:
        """This process among those of all hosts."""
        if self._me is None or self._me.pid != os.getpid():
            process = this_process()
            self._me = Holder(process.pid, process.started, f"{process.space} {self._holders.me}")
        return self._me

    def time(self, here: float) -> float:
        """The database's time, as far as this host can tell; its own before that was first heard."""
        with self._told_lock:
            return self._told.at(self._clock.monotonic()) if self._told.is_known else here

    def is_alive(self, holder: Holder) -> bool:
        """Whether that process still runs: as can be seen where it is on this host, else by its lease."""
        if holder == self.me:
            return True
        process, number = _process_of(holder)
        if is_here(process):
            return is_alive(process)
        try:
            return self._holders.lives(number)
        except psycopg.Error:
            return True  # nobody can tell

    def change(self, place: str, decide: Callable[[ServiceState], T]) -> T:
        """Decide on the shared state; see `core.sharing.SharedStates`."""
        with self._used(place) as known, known.lock:
            if time.monotonic() >= self._alone_until:
                try:
                    result = self._change(place, known, decide)
                except psycopg.Error as error:
                    self._cut_off(error)
                else:
                    self._has_complained = False
                    return result
            return self._without(known, decide)

    def read(self) -> Mapping[str, ServiceState]:
        """All states as they are there, or as this process last knew them."""
        try:
            with self._sessions.one() as cursor:
                return states_there(cursor)
        except psycopg.Error:
            with self._lock:
                places = dict(self._places)
            now = self.time(self._clock.time())
            return {place: _at(one.packed, now) for place, one in places.items() if not place.startswith(HOSTS)}

    def beat(self) -> None:
        """Renew the lease and tell what is owed; to be called every few seconds."""
        if self._is_closed or time.monotonic() < self._alone_until:
            return
        try:
            self._holders.beat_if_due()
            self._tidy()
        except psycopg.Error as error:
            self._cut_off(error)
            return
        with self._lock:
            owing = [place for place, known in self._places.items() if known.owed]
        for place in owing:
            self.change(place, lambda _state: None)

    def close(self) -> None:
        """Let go of the connections; requests that are still under way count as ended."""
        self._is_closed = True
        with suppress(psycopg.Error):
            self._holders.leave()
        self._holders.close()
        self._sessions.close()

    # --- one change

    def _change(self, place: str, known: _Place, decide: Callable[[ServiceState], T]) -> T:
        self._holders.beat_if_due()
        with self._sessions.one() as cursor:
            if known.version < 0:
                self._ask(cursor, place, known)
            said, result, leases = self._try(cursor, place, known, decide)
            if said not in _KEPT:
                result, leases = self._in_line(cursor, place, known, decide)
            known.owed.clear()
            known.leases = leases
            return result

    def _in_line(
        self, cursor: Any, place: str, known: _Place, decide: Callable[[ServiceState], T]
    ) -> tuple[T, dict[int, Lease]]:
        """Wait for the row, which nobody else changes before the transaction ends, and decide on what is there."""
        with _transaction(cursor, known):
            row = cursor.execute(_IN_LINE, {"place": place}).fetchone()
            if row is not None:  # else others have forgotten it, which begins it anew
                version, packed, self._server = row  # of an answer that was waited for nobody knows when it was given
                if version != known.version:
                    known.version, known.packed, known.is_ours = version, bytes(packed), False
            for _ in range(_TRIES):
                said, result, leases = self._try(cursor, place, known, decide)
                if said in _KEPT:
                    return result, leases
            raise psycopg.OperationalError(f"the state of {place} could not be changed in {_TRIES} tries")

    def _try(
        self, cursor: Any, place: str, known: _Place, decide: Callable[[ServiceState], T]
    ) -> tuple[str, T, dict[int, Lease]]:
        """Decide on the state that is known and have it kept; what was said, and our leases if it is."""
        state = self._begun(known)
        before = state.grave()
        for report in known.owed:
            report(state)
        result = decide(state)
        said = self._ask(cursor, place, known, state, is_grave=state.grave() != before)
        if said == "early":  # our clock runs too fast
            with self._told_lock:
                self._told.restart()
        return said, result, {one.number: one for one in state.leases if one.holder == self.me}

    def _begun(self, known: _Place) -> FleetState:
        state = _decoded(known.packed)
        state.begin(self.time(self._clock.time()), self._server)
        if not known.is_ours:
            state.reconcile(self.me, known.leases.values())
        return state

    def _ask(
        self, cursor: Any, place: str, known: _Place, state: FleetState | None = None, *, is_grave: bool = False
    ) -> str:
        """Have a state kept, or only look whether there is another; what was said."""
        packed = None if state is None else _encode(state)
        values: dict[str, object] = {"place": place, "known": known.version, "fresh": packed, "lasting": int(is_grave)}
        values["earliest"] = values["latest"] = None
        if packed == known.packed:
            values["fresh"] = None
        elif state is not None and state.gave:
            values["earliest"] = state.moment - _EARLY_S
            values["latest"] = state.moment + LATE_S + self._told.there_s
            values["lasting"] = int(is_grave or state.slow)
        asked = self._clock.monotonic()
        cursor.execute(_CHANGE, values)
        said, present, left_there, now, server = cursor.fetchone()
        heard = self._clock.monotonic()
        with self._told_lock:
            self._told.hear(now, asked, heard)
            self._server = server
        if said == "done" and packed is not None:
            known.version, known.packed, known.is_ours = present, packed, True
        elif said == "moved":
            known.version, known.packed, known.is_ours = present, bytes(left_there), False
        return str(said)

    # --- without the database

    def _cut_off(self, error: psycopg.Error) -> None:
        self._alone_until = time.monotonic() + _ALONE_S
        self._sessions.close()
        self._holders.close()
        if not self._has_complained:
            self._has_complained = True
            says = "no service is asked until the database answers"
            tell = log.debug if isinstance(in_our_words(error), DatabaseAway) else log.warning
            tell("fleet_state_not_shared", why=" ".join(str(error).split()), says=says)

    def _without(self, known: _Place, decide: Callable[[ServiceState], T]) -> T:
        """Decide on the last state known, which lets nobody through."""
        state = self._begun(known)
        state.reconcile(self.me, known.leases.values())
        state.park(state.moment + _ALONE_S, Reason.RATE_LIMITED.value)
        result = decide(state)
        known.leases = {one.number: one for one in state.leases if one.holder == self.me}
        known.is_ours = False
        if result is None and len(known.owed) < _OWED:
            known.owed.append(decide)
        return result

    # --- places

    @contextmanager
    def _used(self, place: str) -> Iterator[_Place]:
        with self._lock:
            known = self._places.pop(place, None) or _Place()
            self._places[place] = known  # the latest last
            known.users += 1
            if len(self._places) > _PLACES_KEPT:
                self._drop_one()
        try:
            yield known
        finally:
            with self._lock:
                known.users -= 1

    def _drop_one(self) -> None:
        """Forget the place that was not asked for longest and has nothing in hand."""
        for place, known in self._places.items():
            if not (known.users or known.leases or known.owed):
                del self._places[place]
                return

    def _tidy(self) -> None:
        if time.monotonic() >= self._tidy_at:
            self._tidy_at = time.monotonic() + _TIDY_S
            with self._sessions.one() as cursor:
                cursor.execute(_FORGET, {})


def states_there(cursor: Any) -> dict[str, ServiceState]:
    """All services' states, to be read at this moment."""
    return {place: _at(bytes(state), now) for place, state, now in cursor.execute(_ALL, {}).fetchall()}


@contextmanager
def _transaction(cursor: Any, known: _Place) -> Iterator[None]:
    """All of what is said within, or nothing; where it broke off nobody knows which."""
    cursor.script("BEGIN")
    try:
        yield
        cursor.script("COMMIT")
    except BaseException:
        known.version, known.is_ours = -1, False
        with suppress(psycopg.Error):
            cursor.script("ROLLBACK")
        raise


def _prepare(cursor: Any) -> None:
    make_if_missing(cursor, SCHEMA, _SCRIPT.read_text(encoding="utf-8"))


def _process_of(holder: Holder) -> tuple[Holder, int]:
    """The process as its host knows it, and its number among all."""
    space, _, number = holder.space.rpartition(" ")
    return Holder(holder.pid, holder.started, space), int(number) if number.isdecimal() else 0


def _at(packed: bytes, now: float) -> FleetState:
    """The state, to be read at that moment."""
    state = _decoded(packed)
    state.begin(now, state.server)
    return state


def _decoded(packed: bytes) -> FleetState:
    """The state; a new one where it cannot be read."""
    with suppress(msgspec.MsgspecError, ValueError, TypeError):
        if packed:
            return _decoder.decode(packed)
    return FleetState()
