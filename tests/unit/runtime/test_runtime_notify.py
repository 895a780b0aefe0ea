"""What the service manager is told, and when."""

from __future__ import annotations

import itertools
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from dl_lit.runtime.notify import Reporter, ServiceManager
from tests.fakes.engine import ManualClock


class Listener:
    """Where a service manager listens."""

    def __init__(self, address: str) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind("\0" + address[1:] if address.startswith("@") else address)
        self.socket.setblocking(False)
        self.address = address

    def heard(self) -> list[str]:
        """Everything told since the last time."""
        found = []
        while True:
            try:
                found.append(self.socket.recv(4_096).decode())
            except BlockingIOError:
                return found


_NUMBERS = itertools.count()


@pytest.fixture(params=["path", "abstract"])
def listener(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Listener]:
    name = f"@dl-lit-test-{os.getpid()}-{next(_NUMBERS)}"
    one = Listener(name if request.param == "abstract" else str(tmp_path / "notify"))
    yield one
    one.socket.close()


def test_each_state_has_its_words(listener: Listener) -> None:
    manager = ServiceManager(listener.address)
    before = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1_000
    assert manager.ready("nothing\nto  do")
    manager.status("busy")
    manager.reloading()
    manager.stopping("going")
    manager.extend(1.5)
    manager.alive()
    ready, status, reloading, *rest = listener.heard()
    assert (ready, status) == ("READY=1\nSTATUS=nothing to do", "STATUS=busy")
    word, _, moment = reloading.partition("\nMONOTONIC_USEC=")
    assert word == "RELOADING=1"
    assert before <= int(moment) <= time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1_000
    assert rest == ["STOPPING=1\nSTATUS=going", "EXTEND_TIMEOUT_USEC=1500000", "WATCHDOG=1"]


@pytest.mark.parametrize(
    ("given", "is_there", "watchdog_s"),
    [
        ({}, False, None),
        ({"NOTIFY_SOCKET": ""}, False, None),
        ({"NOTIFY_SOCKET": "vsock:2:1234"}, False, None),
        ({"NOTIFY_SOCKET": "/run/n"}, True, None),
        ({"NOTIFY_SOCKET": "@n", "WATCHDOG_USEC": "2000000"}, True, 2.0),
        ({"NOTIFY_SOCKET": "@n", "WATCHDOG_USEC": "2000000", "WATCHDOG_PID": "7"}, True, 2.0),
        ({"NOTIFY_SOCKET": "@n", "WATCHDOG_USEC": "2000000", "WATCHDOG_PID": "8"}, True, None),
        ({"NOTIFY_SOCKET": "@n", "WATCHDOG_USEC": "0"}, True, None),
        ({"NOTIFY_SOCKET": "@n", "WATCHDOG_USEC": "often"}, True, None),
        ({"WATCHDOG_USEC": "2000000"}, False, None),
    ],
)
def test_it_is_taken_from_the_environment_and_not_left_to_children(
    given: dict[str, str], is_there: bool, watchdog_s: float | None
) -> None:
    environment = {**given, "PATH": "/bin"}
    manager = ServiceManager.take_from(environment, pid=7)
    assert (manager.is_there, manager.watchdog_s) == (is_there, watchdog_s)
    assert environment == {"PATH": "/bin"}


def test_a_manager_that_is_gone_stops_nothing(tmp_path: Path) -> None:
    manager = ServiceManager(str(tmp_path / "nobody"))
    assert not manager.ready("well")
    assert not ServiceManager(f"/{'long' * 60}").ready("well")
    assert not ServiceManager(None).ready("well")


class Loop:
    """A main loop with everything that can be wrong with it."""

    def __init__(self, listener: Listener | None, watchdog_s: float | None = 8.0) -> None:
        self.listener = listener
        address = listener.address if listener else None
        self.clock = ManualClock()
        self.is_open, self.wedged, self.status = True, None, "fine"
        self.reporter = Reporter(
            ServiceManager(address, watchdog_s=watchdog_s),
            self.clock,
            is_open=lambda: self.is_open,
            wedged=lambda: self.wedged,
            status=lambda: self.status,
        )

    def turn(self, seconds: float) -> list[str]:
        """Turn for so long; what was told meanwhile."""
        heard = []
        for _ in range(round(seconds * 5)):
            self.clock.advance(0.2)
            self.reporter.tick()
            heard += self.listener.heard() if self.listener else []
        return heard


@pytest.fixture
def loop(tmp_path: Path) -> Iterator[Loop]:
    listener = Listener(str(tmp_path / "notify"))
    yield Loop(listener)
    listener.socket.close()


def _said(word: str, heard: list[str]) -> list[str]:
    return [one for one in heard if one.startswith(word)]


def test_it_is_ready_once_all_is_open(loop: Loop) -> None:
    loop.is_open = False
    assert _said("READY", loop.turn(30.0)) == []
    loop.is_open = True
    assert _said("READY", loop.turn(30.0)) == ["READY=1\nSTATUS=fine"]


def test_a_folder_that_never_answers_is_not_waited_for_for_ever(loop: Loop) -> None:
    loop.is_open = False
    assert len(_said("READY", loop.turn(70.0))) == 1


def test_who_did_not_hear_that_it_is_ready_is_told_again(tmp_path: Path) -> None:
    address = str(tmp_path / "notify")
    late = Loop(None)
    late.reporter = Reporter(
        ServiceManager(address), late.clock, is_open=lambda: True, wedged=lambda: None, status=lambda: "fine"
    )
    late.turn(1.0)
    late.listener = Listener(address)
    assert len(_said("READY", late.turn(4.0))) == 1
    late.listener.socket.close()


def test_the_watchdog_is_fed_well_in_time_unless_the_engine_is_wedged(loop: Loop) -> None:
    assert 36 <= len(_said("WATCHDOG", loop.turn(80.0))) <= 41
    loop.wedged = "recorder has not turned for 130 s"
    assert _said("WATCHDOG", loop.turn(80.0)) == []
    loop.wedged = None  # it was only slow after all
    assert _said("WATCHDOG", loop.turn(4.0))


def test_a_status_is_told_when_it_is_another_and_a_reloads_stands_for_a_while(loop: Loop) -> None:
    assert _said("STATUS", loop.turn(10.0)) == ["STATUS=fine"]
    loop.reporter.reload(lambda: "settings taken over: log.level")
    assert loop.listener is not None
    reloading, ready = loop.listener.heard()
    assert (reloading[:11], ready) == ("RELOADING=1", "READY=1\nSTATUS=settings taken over: log.level")
    assert _said("STATUS", loop.turn(19.0)) == []
    assert _said("STATUS", loop.turn(4.0)) == ["STATUS=fine"]


def test_while_draining_time_is_asked_for_again_and_again(loop: Loop) -> None:
    loop.turn(1.0)
    assert loop.listener is not None
    loop.reporter.stopping()
    stopping, *asked = loop.listener.heard()
    for _ in range(200):
        loop.clock.advance(0.05)
        loop.reporter.drain()
    asked += loop.listener.heard()
    assert stopping == "STOPPING=1\nSTATUS=finishing what is in hand"
    assert asked == ["EXTEND_TIMEOUT_USEC=30000000", "WATCHDOG=1"] * (len(asked) // 2)
    assert 4 <= len(asked) <= 6


def test_without_a_manager_nothing_is_asked_of_the_engine() -> None:
    subject = Loop(None)

    def never() -> bool:
        raise AssertionError

    subject.reporter = Reporter(ServiceManager(None), subject.clock, is_open=never, wedged=never, status=never)  # type: ignore[arg-type]
    subject.turn(100.0)
    subject.reporter.stopping()
