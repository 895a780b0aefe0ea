"""The services' states in the database: hosts' clocks do not matter, nothing is given blindly, no place is lost."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from db.machine.states import read_states, states_file, states_trouble
from db.postgres.engine import connection_to, forget
from db.postgres.fleet import states as fleet
from db.postgres.fleet.states import FleetStates
from dl_lit.core.clock import SystemClock
from dl_lit.core.database_address import signpost
from dl_lit.core.services import Window
from dl_lit.core.sharing import Granted, Held, LaneWish, ServiceState, Wish

pytest.importorskip("psycopg")


class Elsewhere(SystemClock):
    """The clock of a host that is off, and runs at a speed of its own."""

    def __init__(self, off_s: float, speed: float = 1.0) -> None:
        self.off_s, self.speed = off_s, speed

    def time(self) -> float:
        return super().time() * self.speed + self.off_s

    def monotonic(self) -> float:
        return super().monotonic() * self.speed


@pytest.fixture
def post(postgres_database: Callable[[], str], tmp_path: Path) -> Iterator[Path]:
    path = signpost(postgres_database(), tmp_path)
    yield path
    forget(path)


@pytest.fixture
def hosts(post: Path) -> Iterator[Callable[..., FleetStates]]:
    """Makes hosts that share the database."""
    opened: list[FleetStates] = []

    def make(off_s: float = 0.0, speed: float = 1.0) -> FleetStates:
        opened.append(FleetStates(post, Elsewhere(off_s, speed)))
        return opened[-1]

    yield make
    for one in opened:
        one.close()


@pytest.fixture
def admin(post: Path) -> Iterator[Any]:
    connection = connection_to(post)
    yield connection.cursor()
    connection.close()


def ask(states: FleetStates, *windows: Window, concurrency: int = 1_000, credits_: int = 0) -> Any:
    lane = LaneWish("", windows, 0.0, concurrency)
    now = states.time(0.0)
    wish = Wish(holder=states.me, lanes=(lane,), at=now, now=now, credits=credits_, credits_per_day=100)
    return states.change("s", lambda state: state.grant(wish, states.is_alive))


def end(states: FleetStates, given: Granted) -> None:
    states.change("s", lambda state: state.end(states.me, given.lease))


def leases(states: FleetStates) -> int:
    return states.change("s", lambda state: len(state.leases))


def test_hosts_whose_clocks_are_hours_off_or_run_at_other_speeds_keep_one_window(
    hosts: Callable[..., FleetStates], admin: Any
) -> None:
    """What stands in the database is checked: never more than ten in any 0.2 seconds."""
    window = Window(10, 0.2)
    three = [hosts(), hosts(-7_200.0, 1.2), hosts(86_400.0, 0.9)]
    told: list[float] = []
    until = time.monotonic() + 30.0

    def work(states: FleetStates) -> None:
        while len(told) < 50 and time.monotonic() < until:
            answer = ask(states, window)
            if isinstance(answer, Granted):
                told.append(answer.at)
            else:
                threading.Event().wait(max(0.0, min(0.02, answer.until - states.time(0.0))))

    threads = [threading.Thread(target=work, args=(one,)) for one in three]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    told.sort()
    assert all(later - earlier >= 0.2 - 1e-6 for earlier, later in zip(told, told[10:], strict=False))
    assert len(told) >= 50, "however slow the machine, five windows do not take half a minute"
    server = admin.execute("SELECT extract(epoch FROM clock_timestamp())::float8", {}).fetchone()[0]
    assert server - 5.0 < told[-1] <= server, "by the database's clock"


def test_a_permit_whose_moment_has_not_come_there_is_refused(hosts: Callable[..., FleetStates]) -> None:
    """Even to a host that is sure that it has."""
    states = hosts()
    given = ask(states, Window(1, 50.0))
    assert isinstance(given, Granted)
    states._told.samples.clear()
    states._told.hear(states._clock.time() + 3_600.0, 0.0, states._clock.monotonic())  # an hour ahead
    answer = ask(states, Window(1, 50.0))
    assert isinstance(answer, Held)
    assert answer.until == pytest.approx(given.at + 50.0, abs=0.1)


def test_while_the_database_does_not_answer_nobody_is_given_a_permit_and_reports_are_brought_later(
    hosts: Callable[..., FleetStates], monkeypatch: pytest.MonkeyPatch
) -> None:
    cut_off, other = hosts(), hosts()
    given = ask(cut_off)
    assert leases(other) == 1
    whole = fleet.Sessions._taken

    def gone(_sessions: object) -> None:
        raise fleet.psycopg.OperationalError("gone")

    with monkeypatch.context() as patch:
        patch.setattr(cut_off._sessions, "_taken", lambda: gone(None))
        assert isinstance(ask(cut_off), Held)
        end(cut_off, given)
        assert isinstance(ask(cut_off), Held)
        assert leases(cut_off) == 0
    assert leases(other) == 1
    assert fleet.Sessions._taken is whole
    cut_off._alone_until = 0.0
    cut_off.beat()
    assert leases(other) == 0
    assert isinstance(ask(cut_off), Granted)


class Lossy:
    """A session's cursor that breaks off where a change is kept: with the answer lost, or before it is."""

    def __init__(self, cursor: Any, told: list[str], *, is_kept: bool) -> None:
        self._cursor, self._told, self._is_kept = cursor, told, is_kept

    def execute(self, query: str, values: dict[str, Any]) -> Lossy:
        self._cursor.execute(query, values)
        return self

    def fetchone(self) -> Any:
        row = self._cursor.fetchone()
        if row[0] == "done" and not self._cursor.connection.in_transaction:
            self._break_off("at once")
        return row

    def script(self, statements: str) -> None:
        if statements != "COMMIT":
            self._cursor.script(statements)
            return
        if self._is_kept:
            self._cursor.script(statements)
        self._break_off("in line")

    def _break_off(self, where: str) -> None:
        self._told.append(where)
        raise fleet.psycopg.OperationalError("the answer was lost")


@contextmanager
def breaking_off(states: FleetStates, *, is_kept: bool = True) -> Iterator[list[str]]:
    """Every session of `states` does; where it did."""
    told: list[str] = []
    whole = states._sessions.one

    @contextmanager
    def lossy() -> Iterator[Lossy]:
        with whole() as cursor:
            yield Lossy(cursor, told, is_kept=is_kept)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(states._sessions, "one", lossy)
        yield told
    states._alone_until = 0.0


@pytest.mark.parametrize("were_others_quicker", [False, True])
def test_a_permit_that_was_kept_but_never_heard_of_is_given_back(
    hosts: Callable[..., FleetStates], *, were_others_quicker: bool
) -> None:
    """Whether it was given at once, or in the line for the row, as where others changed the state meanwhile."""
    states, other = hosts(), hosts()
    leases(states)
    if were_others_quicker:
        other.change("s", lambda state: state.park(1.0, "rate-limited"))
    with breaking_off(states) as told:
        assert isinstance(ask(states), Held)
    assert told == ["in line"] if were_others_quicker else told in (["at once"], ["in line"])
    assert leases(other) == 1
    assert isinstance(ask(states), Granted)
    assert leases(other) == 1, "its own, and not that of before"


@pytest.mark.parametrize("is_kept", [False, True])
def test_what_was_told_in_a_transaction_that_broke_off_is_told_again(
    hosts: Callable[..., FleetStates], *, is_kept: bool
) -> None:
    """And nobody's change is written over by one who takes his own for kept."""
    states, other = hosts(), hosts()
    assert isinstance(ask(states), Granted)
    states._alone_until = float("inf")
    states.change("s", lambda state: state.distrust("ours, owed", "says", 1.0))
    states._alone_until = 0.0
    other.change("s", lambda state: state.distrust("first", "says", 1.0))
    with breaking_off(states, is_kept=is_kept) as told:
        states.change("s", lambda state: state.distrust("ours", "says", 1.0))
    assert told == ["in line"]
    other.change("s", lambda state: state.distrust("second", "says", 1.0))
    states.beat()
    known = {"ours, owed", "ours", "first", "second"}
    assert set(other.change("s", lambda state: state.key_trouble)) == known
    assert leases(other) == 1


def test_the_dead_of_other_hosts_are_known_by_their_lease(
    hosts: Callable[..., FleetStates], admin: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fleet, "is_here", lambda _holder: False)
    dead, living = hosts(), hosts()
    assert isinstance(ask(dead, concurrency=1), Granted)
    assert isinstance(ask(living, concurrency=1), Held), "it may be at work"
    admin.execute(f"DELETE FROM {fleet.SCHEMA}.holders WHERE id = %(id)s", {"id": dead._holders.me})
    living._holders._looked_at = -10.0
    assert isinstance(ask(living, concurrency=1), Granted)


def test_what_another_server_was_told_last_may_be_lost_and_is_waited_out(
    hosts: Callable[..., FleetStates],
) -> None:
    """Permits of fast services are not on disk when they are given: a crash forgets the latest."""
    fast = Window(5_000, 50.0)
    states = hosts()
    states.change("s", lambda state: setattr(state, "server", 1.0))  # another than the present one
    began = states._server
    early = ask(states, fast)
    assert early == Held("", began + 50.0) if isinstance(early, Held) else early.at > began + 50.0
    states.change("s", lambda state: setattr(state, "forgot_at", state.moment))
    forgot_at = states.change("s", lambda state: state.forgot_at)
    assert ask(states, fast) == Held("", forgot_at + 50.0)


def test_threads_and_hosts_that_change_one_place_lose_nothing(hosts: Callable[..., FleetStates]) -> None:
    two = [hosts(), hosts()]

    def work(states: FleetStates) -> None:
        for _ in range(15):
            states.change("s", lambda state: state.requests.update({1: state.requests.get(1, 0) + 1}))

    threads = [threading.Thread(target=work, args=(one,)) for one in two * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert two[0].change("s", lambda state: state.requests[1]) == 60


def test_an_error_in_a_decision_changes_nothing(hosts: Callable[..., FleetStates]) -> None:
    states = hosts()

    def fails(state: ServiceState) -> None:
        state.park(9e12, "rate-limited")
        raise ValueError("a mistake of ours")

    with pytest.raises(ValueError, match="of ours"):
        states.change("s", fails)
    assert states.change("s", lambda state: state.parked_until) == 0.0


def test_states_can_be_looked_at_and_what_cannot_be_read_is_begun_anew(
    hosts: Callable[..., FleetStates], admin: Any, post: Path
) -> None:
    assert read_states(states_file(post)) == {}, "nobody has been here"
    states = hosts()
    states.change("s", lambda state: state.park(9e12, "rate-limited"))
    states.change("host:h", lambda state: state.park(9e12, ""))
    for found in (read_states(states_file(post)), states.read()):
        assert {place: one.parked_until for place, one in found.items()} == {"s": 9e12}
    assert states_trouble(states_file(post)) is None
    admin.execute(f"UPDATE {fleet.SCHEMA}.services SET state = '\\xc1', version = version + 1", {})
    assert states.change("s", lambda state: state.parked_until) == 0.0


def test_places_nobody_asks_are_forgotten_hosts_sooner_than_services(
    hosts: Callable[..., FleetStates], admin: Any
) -> None:
    states = hosts()
    for place, days in itertools.product(("host:h", "s"), (1, 3, 40)):
        states.change(f"{place}{days}", lambda state: state.park(9e12, ""))
        admin.execute(
            f"UPDATE {fleet.SCHEMA}.services SET changed_at = now() - make_interval(days => %(days)s::int4) "
            "WHERE place = %(place)s",
            {"days": days, "place": f"{place}{days}"},
        )
    states.beat()
    rows = admin.execute(f"SELECT place FROM {fleet.SCHEMA}.services ORDER BY place", {}).fetchall()
    assert [row[0] for row in rows] == ["host:h1", "s1", "s3"]
