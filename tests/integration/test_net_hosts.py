"""Turns at hosts: one connection, a gap, a line that holds up no worker."""

from __future__ import annotations

import random
import threading
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from freezegun import freeze_time

from dl_lit.core.clock import SystemClock
from dl_lit.core.errors import FetchError
from dl_lit.core.reasons import Reason
from dl_lit.net import hosts as hosts_module
from dl_lit.net.hosts import HostPolicy, HostTurns
from tests.fakes.engine import eventually


def turns_of(*, gap_s: float = 2.0, wait_s: float = 0.0) -> HostTurns:
    return HostTurns(clock=SystemClock(), rng=random.Random(1), policy=HostPolicy(gap_s), host_wait_s=wait_s)


def away(turns: HostTurns, host: str, key: str, ticket: float | None = None) -> FetchError:
    with pytest.raises(FetchError) as raised, turns.turn(host, key, ticket):
        pass
    assert raised.value.reason in {Reason.HOST_BUSY, Reason.HOST_PARKED}
    return raised.value


def visit(turns: HostTurns, host: str, key: str, ticket: float | None = None) -> None:
    with turns.turn(host, key, ticket):
        pass


NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_turns_are_given_out_by_arithmetic_and_kept() -> None:
    """Ten claims for one host are sent away with ten different times, and each then has its turn at once."""
    turns = turns_of()
    with freeze_time(NOON) as frozen:
        visit(turns, "h", "first")
        afters = [away(turns, "h", f"k{n}").after for n in range(10)]
        assert afters == pytest.approx([2.0 * (n + 1) for n in range(10)])
        for n in range(10):
            frozen.tick(2)
            visit(turns, "h", f"k{n}", ticket=NOON.timestamp() + 2.0 * (n + 1))
    use = turns.use()
    assert (use.starts, use.sent_away, use.connections_peak, use.hosts) == (11, 10, 1, 1)


def test_who_comes_early_is_sent_away_again_without_a_new_turn() -> None:
    turns = turns_of()
    with freeze_time(NOON) as frozen:
        visit(turns, "h", "first")
        assert away(turns, "h", "a").after == pytest.approx(2.0)
        frozen.tick(0.5)
        assert away(turns, "h", "a").after == pytest.approx(1.5)
        assert away(turns, "h", "b").after == pytest.approx(3.5)


def test_hosts_do_not_wait_for_each_other() -> None:
    turns = turns_of()
    with freeze_time(NOON), ExitStack() as stack:
        for n in range(40):
            stack.enter_context(turns.turn(f"h{n}", "k"))
        assert turns.use().starts == 40


def test_a_busy_connection_sends_the_next_away_until_it_is_likely_to_be_free() -> None:
    turns = turns_of()
    with freeze_time(NOON) as frozen:
        with turns.turn("h", "a"):
            frozen.tick(30)
        with turns.turn("h", "b"):
            frozen.tick(3)
            assert away(turns, "h", "c").after == pytest.approx(27.0)
        frozen.tick(2)
        assert away(turns, "h", "d").after > 20.0, "turns are as far apart as the host is slow"


def test_the_overdue_are_sent_away_in_the_order_of_their_turns() -> None:
    turns = turns_of()
    with freeze_time(NOON) as frozen:
        visit(turns, "h", "first")
        for key in "abc":
            away(turns, "h", key)
        frozen.tick(10)
        with turns.turn("h", "d-without-a-line", ticket=NOON.timestamp()):
            frozen.tick(0.1)
            afters = [away(turns, "h", key).after for key in "abc"]
        assert afters == sorted(afters)
        assert len(set(afters)) == 3


def test_beyond_an_hour_no_turn_is_given_out() -> None:
    turns = turns_of(gap_s=600.0)
    with freeze_time(NOON):
        visit(turns, "h", "first")
        for n in range(6):
            away(turns, "h", f"k{n}")
        for n in range(20):
            assert 1_800.0 <= away(turns, "h", f"late{n}").after <= 3_600.0
        assert len(turns._hosts["h"].turns) == 6


def test_a_ticket_from_before_a_restart_enters_when_the_host_is_free() -> None:
    turns = turns_of()
    with freeze_time(NOON) as frozen:
        visit(turns, "h", "a")
        away(turns, "h", "b")
        away(turns, "h", "c")
        frozen.tick(2)
        visit(turns, "h", "old", ticket=NOON.timestamp())
        assert away(turns, "h", "b").after == pytest.approx(2.0), "the gap is kept all the same"
        assert away(turns, "h", "new", ticket=NOON.timestamp() + 99.0).after > 2.0, "a ticket not due is no ticket"


def test_the_next_page_of_a_visit_goes_before_the_line() -> None:
    """A landing page's PDF on the same host waits only for the gap, however long the line is."""
    turns = turns_of(gap_s=0.15)
    started = time.monotonic()
    visit(turns, "h", "landing")
    afters = [away(turns, "h", f"k{n}").after for n in range(100)]
    visit(turns, "h", "landing")
    assert 0.145 < time.monotonic() - started < afters[-1] < 15.1


def test_a_visit_that_cannot_go_on_keeps_the_front_of_the_line() -> None:
    turns = turns_of(gap_s=0.2)
    with freeze_time(NOON) as frozen:
        visit(turns, "h", "landing")
        assert away(turns, "h", "landing").after == pytest.approx(0.2)
        away(turns, "h", "other")
        frozen.tick(0.2)
        visit(turns, "h", "landing")


def test_a_turn_that_is_near_is_waited_for() -> None:
    turns = turns_of(gap_s=0.1, wait_s=1.0)
    began = time.monotonic()
    for n in range(4):
        with turns.turn("h", str(n)):
            assert time.monotonic() - began >= 0.1 * n - 0.005


def test_whoever_waited_in_a_line_may_go_ahead_of_those_who_are_away() -> None:
    turns = turns_of(gap_s=0.05, wait_s=0.0)
    calls: list[tuple[str, float]] = []
    turns.on_free = lambda host, after_s: calls.append((host, after_s))
    with turns.turn("h", "first"):
        errors = []
        for key in ("second", "third", "fourth"):
            with pytest.raises(FetchError) as raised, turns.turn("h", key):
                pass
            errors.append(raised.value)
    assert {error.line for error in errors} == {"h"}
    assert [host for host, _ in calls] == ["h"]
    assert 0.0 <= calls[0][1] <= 0.05
    threading.Event().wait(calls[0][1])
    with turns.turn("h", "fourth"):
        pass
    threading.Event().wait(0.05)
    with pytest.raises(FetchError), turns.turn("h", "newcomer"):
        pass


def test_a_gap_that_a_host_asks_for_holds_for_those_who_wait_already() -> None:
    turns = turns_of(gap_s=0.0, wait_s=5.0)
    starts: list[float] = []

    def wait() -> None:
        with turns.turn("h", "second"):
            starts.append(time.monotonic())

    with turns.turn("h", "first"):
        starts.append(time.monotonic())
        waiting = threading.Thread(target=wait)
        waiting.start()
        eventually(lambda: any(one.key == "second" for one in turns._known("h").waiters))
        turns.asks_for("h", 0.2)
    waiting.join(10)
    assert starts[1] - starts[0] >= 0.195


def test_threads_at_one_host_never_share_it_and_keep_the_gap() -> None:
    turns = turns_of(gap_s=0.05, wait_s=5.0)
    starts, lock = [], threading.Lock()
    inside = 0
    peak = 0

    def work(number: int) -> None:
        nonlocal inside, peak
        with turns.turn("h", str(number)):
            with lock:
                inside += 1
                peak = max(peak, inside)
                starts.append(time.monotonic())  # before it is told: the next one keeps its gap from there
            turns.sent("h")
            with lock:
                inside -= 1

    threads = [threading.Thread(target=work, args=(n,)) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    starts.sort()
    assert (len(starts), peak, turns.use().connections_peak) == (16, 1, 1)
    assert min(later - earlier for earlier, later in pairwise(starts)) > 0.0499


def test_stopping_ends_the_waits() -> None:
    turns = turns_of(gap_s=60.0, wait_s=60.0)
    visit(turns, "h", "first")
    errors = []
    thread = threading.Thread(target=lambda: errors.append(away(turns, "h", "second")))
    thread.start()
    while not turns._hosts["h"].waiters:
        pass
    turns.stop()
    thread.join(5)
    assert [error.after for error in errors] == [0.0]
    assert away(turns, "other", "x").after == 0.0


def test_a_parked_host_sends_everybody_away() -> None:
    turns = turns_of()
    with freeze_time(NOON) as frozen:
        turns.park("h", 100.0)
        error = away(turns, "h", "a")
        assert (error.reason, error.after, error.costs_attempt) == (Reason.HOST_PARKED, 100.0, False)
        frozen.tick(100)
        visit(turns, "h", "a")
    assert turns.use().parked == 1


def test_two_challenges_in_a_row_park_a_host_for_hours() -> None:
    turns = turns_of()
    with freeze_time(NOON):
        turns.challenged("h")
        turns.welcomed("h")
        turns.challenged("h")
        visit(turns, "h", "a")
        turns.challenged("h")
        error = away(turns, "h", "b")
        assert (error.reason, error.after, error.costs_attempt) == (Reason.HOST_PARKED, 6 * 3_600.0, True)


def test_idle_hosts_are_forgotten_when_there_are_too_many(monkeypatch) -> None:
    monkeypatch.setattr(hosts_module, "_MAX_HOSTS", 10)
    turns = turns_of()
    with freeze_time(NOON) as frozen:
        turns.park("parked", 10_000.0)
        for n in range(50):
            visit(turns, f"h{n}", "k")
            frozen.tick(30)
        assert len(turns._hosts) <= 12
        assert away(turns, "parked", "k").reason is Reason.HOST_PARKED
    assert turns.use().hosts == 51


def test_a_host_of_a_service_may_have_its_own_policy() -> None:
    turns = turns_of()
    with freeze_time(NOON), ExitStack() as stack:
        for n in range(3):
            stack.enter_context(turns.turn("s", str(n), policy=HostPolicy(0.0, 3)))
        with pytest.raises(FetchError):
            stack.enter_context(turns.turn("s", "4", policy=HostPolicy(0.0, 3)))
        assert turns.use().connections_peak == 3
