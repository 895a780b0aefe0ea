"""Hosts of files are spared by all processes of the machine together."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from db.machine.states import MachineStates, read_states, states_file
from dl_lit.core.clock import SystemClock
from dl_lit.core.errors import FetchError
from dl_lit.core.reasons import Reason
from dl_lit.net.hosts import HostPolicy, HostTurns
from dl_lit.net.neighbours import Neighbours


@pytest.fixture
def two(tmp_path: Path) -> Iterator[tuple[HostTurns, HostTurns]]:
    """What two processes have, with one folder of states."""
    clock = SystemClock()
    states = [MachineStates(tmp_path, clock) for _ in range(2)]
    first, second = (
        HostTurns(
            clock=clock,
            rng=random.Random(1),
            policy=HostPolicy(gap_s=0.1),
            host_wait_s=2.0,
            neighbours=Neighbours(one, clock),
        )
        for one in states
    )
    yield first, second
    for one in states:
        one.close()


def test_the_gap_is_kept_between_processes(two: tuple[HostTurns, HostTurns]) -> None:
    starts, lock = [], threading.Lock()

    def work(turns: HostTurns, name: str) -> None:
        for number in range(4):
            with turns.turn("h", f"{name} {number}"), lock:
                starts.append(time.monotonic())

    threads = [threading.Thread(target=work, args=(turns, str(place))) for place, turns in enumerate(two)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    starts.sort()
    assert len(starts) == 8
    assert min(later - earlier for earlier, later in pairwise(starts)) > 0.1 - 0.05
    assert starts[-1] - starts[0] >= 7 * 0.099 - 0.05


def test_the_gap_that_a_host_asks_for_is_kept_between_processes_too(two: tuple[HostTurns, HostTurns]) -> None:
    first, second = two
    with first.turn("h", "a", gap_s=30.0):
        pass
    with pytest.raises(FetchError) as raised, second.turn("h", "b", gap_s=30.0):
        pytest.fail("the host wants rest")
    assert raised.value.reason is Reason.HOST_BUSY
    assert raised.value.after == pytest.approx(30.0, abs=1.5)


def test_a_connection_that_took_its_time_lengthens_the_gap_for_all(two: tuple[HostTurns, HostTurns]) -> None:
    first, second = two
    with first.turn("h", "a", gap_s=30.0):
        threading.Event().wait(0.2)
        first.sent("h")
        first.sent("h")
    first.sent("nobody is there")
    with pytest.raises(FetchError) as raised, second.turn("h", "b", gap_s=30.0):
        pytest.fail("the host wants rest")
    assert (raised.value.after or 0.0) > 29.9


def test_one_connection_for_all_and_other_hosts_are_free(two: tuple[HostTurns, HostTurns]) -> None:
    first, second = two
    with first.turn("h", "a"):
        with pytest.raises(FetchError) as raised, second.turn("h", "b"):
            pytest.fail("that is the first one's")
        with second.turn("other", "b"):
            pass
    assert (raised.value.reason, raised.value.costs_attempt) == (Reason.HOST_BUSY, False)
    with second.turn("h", "b"):
        pass


def test_a_host_that_challenged_one_process_is_left_alone_by_all(
    two: tuple[HostTurns, HostTurns], tmp_path: Path
) -> None:
    first, second = two
    first.challenged("h")
    first.challenged("h")
    with pytest.raises(FetchError) as raised, second.turn("h", "b"):
        pytest.fail("it is parked")
    assert (raised.value.reason, raised.value.costs_attempt) == (Reason.HOST_PARKED, True)
    assert raised.value.after == pytest.approx(6 * 3_600, abs=5)
    assert read_states(states_file(tmp_path)) == {}, "hosts are not among the services"


def test_a_services_own_turns_are_minded_by_its_gate(two: tuple[HostTurns, HostTurns]) -> None:
    first, second = two
    with (
        first.turn("service:arxiv", "a", policy=HostPolicy(0.0)),
        second.turn("service:arxiv", "b", policy=HostPolicy(0.0)),
    ):
        pass
