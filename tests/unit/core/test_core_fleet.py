"""Services as several hosts see them: by the database's clock, told from its answers."""

from __future__ import annotations

from dl_lit.core.fleet import LATE_S, FleetState, ServerTime
from dl_lit.core.grants import Grants
from dl_lit.core.services import Window
from dl_lit.core.sharing import Granted, Held, Holder, LaneWish, Lease, Wish

ME, OTHER = Holder(1, "a", "h 1"), Holder(2, "b", "h 2")


def wish(window: Window, at: float, credits_: int = 0) -> Wish:
    return Wish(holder=ME, lanes=(LaneWish("", (window,), 0.0, 5),), at=at, now=at, credits=credits_)


def state_at(moment: float, server: float = 1.0) -> FleetState:
    state = FleetState()
    state.begin(moment, server)
    return state


def test_the_servers_clock_is_told_from_its_answers_and_never_before_them() -> None:
    told = ServerTime()
    assert not told.is_known
    told.hear(1_000.0, asked=10.0, heard=10.4)
    told.hear(1_001.0, asked=11.1, heard=11.2)
    assert told.is_known
    assert told.there_s == 11.2 - 11.1
    assert abs(told.at(11.2) - 1_001.1) < 1e-9, "what was said last, and the quickest way there and back"
    told.hear(1_002.0, asked=12.5, heard=12.9)
    assert told.at(13.0) > 1_002.0 + 0.1
    told.restart()
    assert abs(told.at(13.0) - (1_002.1 + 0.4)) < 1e-9
    told.hear(1_100.0, asked=110.0, heard=110.1)
    assert len(told.samples) == 1, "what is old is forgotten: clocks drift"


def test_what_hosts_think_it_is_does_not_matter() -> None:
    state = state_at(500.0)
    assert state.turn(9e9) == 500.0
    for at in (9e9, -9e9):
        answer = state.grant(wish(Window(10, 1.0), at), lambda _holder: True)
        assert isinstance(answer, Granted)
        assert 500.0 - LATE_S <= answer.at <= 500.0
    assert state.gave


def test_permits_of_slow_services_and_of_counted_days_are_on_disk_before_they_are_given() -> None:
    for window, credits_, is_slow in (
        (Window(1, 3.0), 0, True),
        (Window(100, 1.0), 0, False),
        (Window(100, 1.0), 1, True),
        (Window(900_000, 86_400.0), 0, True),
    ):
        state = state_at(500.0)
        state.grant(wish(window, 500.0, credits_), lambda _holder: True)
        assert (state.gave, state.slow) == (True, is_slow)


def test_what_is_not_given_need_not_be_on_disk() -> None:
    state = state_at(500.0)
    assert isinstance(state.grant(wish(Window(1, 3.0), 500.0), lambda _holder: True), Granted)
    state.begin(500.1, 1.0)
    assert isinstance(state.grant(wish(Window(1, 3.0), 500.1), lambda _holder: True), Held)
    assert not state.gave


def test_another_server_may_have_forgotten_the_latest_permits() -> None:
    state = state_at(500.0)
    state.begin(500.0, 1.0)
    assert isinstance(state.grant(wish(Window(100, 2.0), 500.0), lambda _holder: True), Granted)
    state.begin(501.0, 500.5)
    assert state.grant(wish(Window(100, 2.0), 501.0), lambda _holder: True) == Held("", 502.5)
    state.begin(502.6, 500.5)
    assert isinstance(state.grant(wish(Window(100, 2.0), 502.6), lambda _holder: True), Granted)
    assert state.forgot_at == 0.0


def test_a_holders_leases_are_what_he_knows_of_them() -> None:
    state = state_at(500.0)
    theirs, lost, kept = Lease(1, OTHER, "", 9e9), Lease(2, ME, "", 9e9), Lease(3, ME, "", 9e9)
    state.leases = [theirs, lost]
    state.reconcile(ME, [kept])
    assert state.leases == [theirs, kept]
    for _ in range(2):
        state.reconcile(ME, [])
        assert state.leases == [theirs]


def test_what_is_grave_shows() -> None:
    state = state_at(500.0)
    before = state.grave()
    state.key_trouble.clear()
    assert state.grave() == before
    state.park(600.0, "rate-limited")
    assert state.grave() != before


def test_a_window_is_kept_from_when_a_request_set_out() -> None:
    grants, windows = Grants(), (Window(2, 1.0),)
    for at in (10.0, 10.2):
        grants.take(at, windows)
    grants.departed(10.0, 10.1)
    assert grants.due(windows, 0.0) == 11.1
    grants.departed(10.1, 10.5)
    assert grants.times == [10.2, 10.5]
    grants.departed(10.1, 10.7)
    grants.departed(10.5, 10.4)
    assert grants.times == [10.2, 10.5], "one that is not known, or that set out early, changes nothing"
