"""Looking again at what has ended: failures whose day has come, better versions, retractions."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from enum import Enum

import structlog

from db.connect import connect
from db.entries_again import put_back_due
from db.files import owner_of
from db.reading.opening import reading
from db.rechecking import Look, Which, begun_since, looks, note_notices, notices_due, put_back, take_up
from db.recognition import status_of
from db.upgrading import Came, end_look, is_upgrade, replace_file
from dl_lit.app.care.left_over import dispose
from dl_lit.app.workshop import Workshop
from dl_lit.core.model import Location, Work
from dl_lit.core.reasons import Reason
from dl_lit.core.retry_rules import DAY_S, next_look, next_notices
from dl_lit.core.values import dataclass
from dl_lit.landing import RESOLVER_VERSION
from dl_lit.runtime.together import together
from stages.notices import BATCH, CheckedNotices, check_notices, with_notices
from stages.rechecking import Better, Failed, Later, Upgrade, fresh_locations, with_fresh

LOT = 50
"""Works taken up together: as many as a service is asked about at once."""

_MOST_TURNS = 20
"""So often a one-off look waits for its turn at hosts before it leaves the rest to another time."""

log = structlog.get_logger("dl_lit.recheck")


@dataclass(frozen=True, slots=True)
class Upgraded:
    """A better copy took the place of another."""

    work_id: int
    title: str
    before: Reason
    now: Reason
    path: str  # in the library


class _Stays(Enum):
    """How a look ended that changed nothing."""

    AS_IT_IS = "nothing better is to be had"
    FOR_NOW = "it was not its turn"
    UNASKED = "we were to stop"


_Ended = Upgraded | _Stays


@dataclass(slots=True)
class Looked:
    """What looking again came to."""

    put_back: list[int] = field(default_factory=list)  # works that are looked for anew
    entries: tuple[int, ...] = ()  # likewise
    upgraded: list[Upgraded] = field(default_factory=list)
    unchanged: int = 0  # nothing better is to be had
    put_off: int = 0  # it was not their turn
    retracted: list[int] = field(default_factory=list)  # newly


class Rechecks:
    """Looks again with the tools of one entered workshop. One thread at a time."""

    def __init__(self, shop: Workshop) -> None:
        """Nothing is looked at yet; close it."""
        self._shop = shop
        self._engine = connect(shop.settings.database, synchronous=shop.settings.synchronous)
        self._tickets: dict[int, float] = {}  # of works that wait for their turn at a host
        self._pause = threading.Event()

    def close(self) -> None:
        """Give the database back."""
        self._engine.dispose()

    def due(self, which: Which, *, limit: int | None = None) -> list[Look]:
        """What is to be looked at. Raises `BadInput` as `looks`."""
        with reading(self._shop.settings.database) as connection:
            return looks(connection, which, now=self._shop.clock.time(), resolver=RESOLVER_VERSION, limit=limit)

    def look(
        self, wanted: Sequence[Look], looked: Looked, should_stop: Callable[[], bool], *, workers: int = 1
    ) -> list[Look]:
        """Take up `wanted`, all of them or until `should_stop`; those that have to wait for their turn.

        Failures only go back to work here; who works the database does it.
        """
        waiting: list[Look] = []
        for at in range(0, len(wanted), LOT):
            lot = wanted[at : at + LOT]
            if should_stop():
                break
            fresh = fresh_locations(self._shop.network.calls, {one.work_id: one.work for one in lot})
            again = put_back(self._engine, lot, fresh, self._shop.clock)
            looked.put_back += again
            for work_id in again:
                log.info("looked_for_again", job=work_id)
            copies = [one for one in lot if one.held is not None]
            take_up(self._engine, copies, self._shop.clock)

            def upgrade(one: Look, fresh: Mapping[int, tuple[Location, ...]] = fresh) -> _Ended:
                return self._upgrade(one, with_fresh(one.work, fresh.get(one.work_id)), should_stop)

            for one, ended in zip(copies, together(upgrade, copies, workers), strict=True):
                looked.upgraded += [ended] if isinstance(ended, Upgraded) else []
                looked.unchanged += ended is _Stays.AS_IT_IS
                waiting += [one] if ended is _Stays.FOR_NOW else []
        return waiting

    def look_patiently(
        self, wanted: Sequence[Look], looked: Looked, should_stop: Callable[[], bool], *, workers: int = 1
    ) -> None:
        """As `look`, waiting for turns at hosts that come soon; the others are left to another time."""
        left = list(wanted)
        for _ in range(_MOST_TURNS):
            left = self.look(left, looked, should_stop, workers=workers)
            now = self._shop.clock.time()
            waits = {one.work_id: self._tickets.get(one.work_id, now) - now for one in left}
            soon = [one for one in left if waits[one.work_id] <= self._shop.settings.engine.outlook_s]
            looked.put_off += len(left) - len(soon)
            left = soon
            if not left or should_stop():
                break
            self._wait(max(waits[one.work_id] for one in left), should_stop)
        looked.put_off += len(left)

    def once(self, should_stop: Callable[[], bool] = lambda: False) -> Looked:
        """Do what is due, as a daemon does beside its work: one lot, within the bound for a day."""
        looked, settings = Looked(), self._shop.settings.recheck
        is_idle = not settings.enabled or self._shop.settings.offline
        if is_idle or self._shop.library.trouble() is not None:
            return looked
        now = self._shop.clock.time()
        with reading(self._shop.settings.database) as connection:
            room = settings.per_day - begun_since(connection, now - DAY_S)
        wanted = self.due(Which(), limit=max(0, min(LOT, room)))
        if wanted:
            looked.put_off += len(self.look(wanted, looked, should_stop))
        looked.entries = put_back_due(self._engine, self._shop.clock, limit=LOT)
        for entry_id in looked.entries:
            log.info("entry_looked_for_again", job=entry_id)
        if settings.retractions and not should_stop():
            self.notices(looked)
        return looked

    def notices(self, looked: Looked) -> None:
        """Look up the works for retractions whose month is over, as many as fit into one request."""
        now = self._shop.clock.time()
        with reading(self._shop.settings.database) as connection:
            works = notices_due(connection, now=now, limit=BATCH)
        if not works or self._shop.settings.offline:
            return
        checked = check_notices(self._shop.network.calls, list(works.values()))
        found = {work_id: with_notices(work, checked) for work_id, work in works.items()}
        changed = {work_id for work_id, work in found.items() if work != works[work_id]}
        due = {
            work_id: now + DAY_S if _is_open(work, checked) else next_notices(work_id, now=now)
            for work_id, work in works.items()
        }
        note_notices(self._engine, found, changed, due)
        for work_id in sorted(changed):
            if found[work_id].is_retracted and not works[work_id].is_retracted:
                looked.retracted.append(work_id)
                log.warning("retracted", job=work_id, title=found[work_id].title)

    def _upgrade(self, look: Look, work: Work, should_stop: Callable[[], bool]) -> _Ended:
        """Look for a better copy of one work. Thread-safe."""
        clock = self._shop.clock
        if look.held is None or should_stop():
            end_look(self._engine, look, done=look.done, due_at=clock.time())
            return _Stays.UNASKED
        began, start = clock.time(), clock.monotonic()
        ticket = self._tickets.pop(look.work_id, None)
        found = self._shop.upgrader.upgrade(look.work_id, work, look.held, ticket=ticket)
        if isinstance(found, Later):
            self._tickets[look.work_id] = clock.time() + found.after
            end_look(self._engine, look, done=look.done, due_at=self._tickets[look.work_id])
            return _Stays.FOR_NOW
        if isinstance(found, Better):
            came = Came(facts=found.facts, started_at=began, seconds=clock.monotonic() - start, trail=found.trail)
            if (upgraded := self._take(look, came)) is not None:
                return upgraded
        elif should_stop():  # it may have been cut off: as if nothing had been begun
            end_look(self._engine, look, done=look.done, due_at=clock.time())
            return _Stays.UNASKED
        end_look(self._engine, look, done=look.done + 1, due_at=self._again(look, found))
        log.info("no_better_version", job=look.work_id, detail=_why(found))
        return _Stays.AS_IT_IS

    def _take(self, look: Look, came: Came) -> Upgraded | None:
        """Let the file take the place of the one before where it is better; else remove it."""
        facts, library = came.facts, self._shop.library
        upgraded = None
        if is_upgrade(look, facts) and replace_file(self._engine, look, came, self._shop.clock):
            dispose(self._engine, library, keep=self._shop.settings.recheck.keep_superseded)
            status = status_of(facts)
            upgraded = Upgraded(look.work_id, look.work.title, look.reason, status, facts.path)
            log.info("upgraded", job=look.work_id, before=look.reason.value, now=status.value, file=facts.path)
        else:
            with self._engine.connect() as connection:
                is_ours = owner_of(connection, facts.path) is not None
            if not is_ours:
                library.remove(facts.path)
        library.clear(look.work_id)
        return upgraded

    def _again(self, look: Look, found: Upgrade) -> float | None:
        """When a work is looked at again that stays as it is (epoch seconds)."""
        now, done = self._shop.clock.time(), look.done + 1
        regular = next_look(look.reason, look.work_id, done=done, now=now)
        match found:
            case Failed(reason):
                soon = next_look(reason, look.work_id, done=done, now=now)
                return soon if soon is not None and regular is not None else regular
            case Better() | Later():
                return regular
            case _:
                return found.again or regular

    def _wait(self, seconds: float, should_stop: Callable[[], bool]) -> None:
        end = self._shop.clock.monotonic() + max(0.0, seconds)
        while not should_stop() and (left := end - self._shop.clock.monotonic()) > 0:
            self._pause.wait(min(0.2, left))


def counted(wanted: Sequence[Look]) -> dict[str, int]:
    """How many there are of each reason, the most frequent first."""
    return dict(Counter(one.reason.value for one in wanted).most_common())


def _is_open(work: Work, checked: CheckedNotices) -> bool:
    """Whether the work is still to be asked about: there may be notices, and nobody answered."""
    return work.doi is not None and work.doi not in checked.notices and work.doi not in checked.elsewhere


def _why(found: Upgrade) -> str:
    match found:
        case Better(facts):
            return f"what came is {status_of(facts).value}, no better than what is there"
        case Failed(reason, detail):
            return f"{reason.value}: {detail}"
        case Later(reason):
            return reason.value
        case _:
            return found.why
