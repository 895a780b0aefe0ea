"""Several processes ask one service, on one machine or on several: together they keep to what one of them may."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from db.machine.states import read_states, states_file
from dl_lit.core.breaker import BreakerState
from dl_lit.core.errors import ServiceError
from dl_lit.core.reasons import Reason
from tests.fakes.asker import Errand, place_of
from tests.fakes.loopback_server import LoopbackServer, Reply
from tests.fakes.program import until

JSON = {"Content-Type": "application/json"}
LATE_S = 0.1  # processes that share two cores deliver their requests this much later than they were let go, or less


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    with LoopbackServer({"*": Reply(200, JSON, b"{}")}) as server:
        yield server


@pytest.fixture(params=["machine", "fleet"])
def shared(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where the processes meet: the folder of a machine, or the database of many."""
    if request.param == "machine":
        return str(tmp_path)
    make: Callable[[], str] = request.getfixturevalue("postgres_database")
    return make()


def slow(seconds: float) -> object:
    """A route that takes so long."""

    def answer(_seen: object) -> Reply:
        threading.Event().wait(seconds)
        return Reply(200, JSON, b"{}")

    return answer


def told(processes: list[object]) -> dict[str, int]:
    """What all processes counted, added up."""
    total: dict[str, int] = {}
    for process in processes:
        out, err = process.communicate(timeout=60)
        assert process.returncode == 0, err
        for reason, number in json.loads(out.splitlines()[-1]).items():
            total[reason] = total.get(reason, 0) + number
    return total


def state_of(shared: str | Path, service: str = "crossref"):
    """What is kept of the service; its place is the server's."""
    states = read_states(states_file(place_of(str(shared))))
    found = {place.partition(" ")[0]: state for place, state in states.items()}
    return found[service]


def test_processes_share_the_window_and_use_all_of_it(server: LoopbackServer, shared: str) -> None:
    """20 in half a second for all three together: 60 requests take a second, and never more than 20 in any half."""
    errand = Errand(shared, server.netloc, permits=20, seconds=0.5, requests=20, threads=5)
    assert told([errand.start() for _ in range(3)]) == {"answered": 60}
    times = sorted(seen.at for seen in server.seen)
    spread = [later - earlier for earlier, later in zip(times, times[20:], strict=False)]
    assert min(spread) > 0.5 - LATE_S
    assert times[-1] - times[0] < 30.0
    assert state_of(shared).in_flight() == 0


def test_processes_share_the_places_in_flight(server: LoopbackServer, tmp_path: Path) -> None:
    server.routes["*"] = slow(0.05)
    errand = Errand(str(tmp_path), server.netloc, concurrency=3, requests=20, threads=5)
    assert told([errand.start() for _ in range(2)]) == {"answered": 40}
    assert server.handling_peak == 3


def test_arxiv_is_asked_once_in_three_seconds_by_all_together(server: LoopbackServer, tmp_path: Path) -> None:
    """At ten times the speed: one request at a time, 0.3 seconds apart."""
    server.routes["*"] = slow(0.05)
    errand = Errand(
        str(tmp_path), server.netloc, service="arxiv", permits=1, seconds=0.3, concurrency=1, requests=3, threads=1
    )
    assert told([errand.start() for _ in range(3)]) == {"answered": 9}
    times = sorted(seen.at for seen in server.seen)
    assert min(later - earlier for earlier, later in pairwise(times)) > 0.3 - LATE_S
    assert times[-1] - times[0] >= 8 * (0.3 - 0.02) - LATE_S
    assert server.handling_peak == 1


def test_processes_share_the_credits_of_a_key_and_not_those_of_another(server: LoopbackServer, tmp_path: Path) -> None:
    errand = Errand(
        str(tmp_path), server.netloc, service="openalex", credits_per_day=100, credits=10, requests=8, key="first"
    )
    assert told([errand.start() for _ in range(2)]) == {"answered": 10, "budget-exhausted": 6}
    other = Errand(
        str(tmp_path), server.netloc, service="openalex", credits_per_day=100, credits=10, requests=8, key="second"
    )
    assert told([other.start()]) == {"answered": 8}
    assert b"first" not in states_file(tmp_path).read_bytes()
    with errand.asking() as (_, politeness):
        left, resets_in = politeness.budget("openalex")
    assert left == 0
    assert 0 < resets_in <= 86_400


def test_a_killed_process_frees_its_places_at_once(server: LoopbackServer, shared: str) -> None:
    """Its requests had all places; the next process is served long before they would have run out."""
    held = threading.Event()
    server.routes["/held"] = Reply(200, JSON, b"{}", wait=held)
    holder = Errand(shared, server.netloc, concurrency=2, requests=2, threads=2, path="/held").start()
    try:
        until(lambda: server.handling == 2, "both places are taken")
        patient = Errand(shared, server.netloc, concurrency=2, requests=2, patience_s=0.3)
        assert patient.run() == {"rate-limited": 2}
        holder.kill()
        holder.communicate()
        started = time.monotonic()
        assert patient.run() == {"answered": 2}
        assert time.monotonic() - started < 60.0, "a lease is a quarter of an hour"
    finally:
        held.set()
        holder.kill()
        holder.communicate()


def test_a_restart_remembers_credits_a_park_of_hours_and_an_open_breaker(server: LoopbackServer, shared: str) -> None:
    """The first process ends; the second knows without asking."""
    budget = Errand(shared, server.netloc, service="openalex", credits_per_day=100, credits=60, requests=1, threads=1)
    told([budget.start()])
    server.routes["/parked"] = Reply(429, {**JSON, "Retry-After": "53578"}, b"{}")
    parked = Errand(shared, server.netloc, service="crossref", requests=1, threads=1, path="/parked")
    told([parked.start()])
    server.routes["/broken"] = Reply(500, JSON, b"{}")
    broken = Errand(shared, server.netloc, service="datacite", requests=12, threads=1, path="/broken")
    assert told([broken.start()]) == {"service-down": 12}
    asked = len(server.seen)
    assert asked == 12, "ten failures open the breaker"

    with budget.asking() as (calls, politeness):
        assert politeness.budget("openalex")[0] == 40
        with pytest.raises(ServiceError) as raised:
            calls.get("openalex", "/x", credits=60)
    assert raised.value.reason is Reason.BUDGET_EXHAUSTED
    with parked.asking() as (calls, _), pytest.raises(ServiceError) as raised:
        calls.get("crossref", "/x")
    assert raised.value.after is not None
    assert 53_000 < raised.value.after <= 53_578
    with broken.asking() as (calls, _), pytest.raises(ServiceError) as raised:
        calls.get("datacite", "/x")
    assert (raised.value.reason, raised.value.costs_attempt) == (Reason.SERVICE_DOWN, False)
    assert len(server.seen) == asked
    assert state_of(shared, "datacite").breaker.state(time.time()) is BreakerState.OPEN


def test_a_damaged_file_is_set_aside_and_made_anew(server: LoopbackServer, tmp_path: Path) -> None:
    errand = Errand(str(tmp_path), server.netloc, requests=2)
    states_file(tmp_path).write_bytes(b"no database at all, and long enough to look like one" * 100)
    assert errand.run() == {"answered": 2}
    assert errand.run() == {"answered": 2}
    assert states_file(tmp_path).with_name(f"{states_file(tmp_path).name}.damaged").exists()
    assert state_of(tmp_path).requests_today(time.time()) >= 2


def test_a_file_that_is_locked_or_cannot_be_made_costs_only_the_sharing(server: LoopbackServer, tmp_path: Path) -> None:
    """The process goes on with limits of its own, and is not held up for long."""
    errand = Errand(str(tmp_path), server.netloc, requests=4, permits=2, seconds=0.2)
    errand.run()
    with sqlite3.connect(states_file(tmp_path), isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        started, before = time.monotonic(), len(server.seen)
        assert errand.run() == {"answered": 4}
        assert time.monotonic() - started < 30.0
        other.execute("ROLLBACK")
    other.close()
    times = [seen.at for seen in server.seen[before:]]
    assert times[2] - times[0] > 0.2 - LATE_S
    nowhere = Errand(str(tmp_path / "file" / "below"), server.netloc, requests=4)
    (tmp_path / "file").write_text("in the way")
    assert nowhere.run() == {"answered": 4}
