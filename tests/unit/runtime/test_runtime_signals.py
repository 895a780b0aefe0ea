"""Stopping in two steps."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from dl_lit.runtime.signals import DaemonSignals, StopSignals


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_asks_for_a_drain_the_second_for_an_end_at_once(number: signal.Signals) -> None:
    with StopSignals() as stop:
        assert (stop.should_stop(), stop.should_hurry()) == (False, False)
        os.kill(os.getpid(), number)
        assert (stop.should_stop(), stop.should_hurry()) == (True, False)
        os.kill(os.getpid(), number)
        assert (stop.should_stop(), stop.should_hurry()) == (True, True)


def test_the_two_signals_count_together() -> None:
    with StopSignals() as stop:
        os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGINT)
        assert stop.should_hurry()


def test_what_was_installed_before_comes_back() -> None:
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    with StopSignals():
        assert signal.getsignal(signal.SIGINT) is not before[0]
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


def test_a_hangup_asks_a_daemon_for_its_settings_once() -> None:
    with DaemonSignals() as stop:
        assert not stop.should_reload()
        os.kill(os.getpid(), signal.SIGHUP)
        os.kill(os.getpid(), signal.SIGHUP)
        assert (stop.should_reload(), stop.should_reload(), stop.should_stop()) == (True, False, False)
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_DFL


_ON_A_TERMINAL = """
import os, sys, time
from dl_lit.runtime.signals import DaemonSignals
with DaemonSignals() as stop:
    os.write(int(sys.argv[1]), b"ready")
    end = time.monotonic() + 20
    while not stop.hangups and time.monotonic() < end:
        time.sleep(0.01)
    os.write(int(sys.argv[1]), b"reload" if stop.should_reload() else b"stop" if stop.should_stop() else b"nothing")
"""


@pytest.mark.parametrize(
    ("how", "becomes"), [("kill", b"reload"), ("terminal goes", b"stop"), ("terminal goes, nohup", b"reload")]
)
def test_a_terminal_that_goes_ends_what_was_not_meant_to_outlive_it(how: str, becomes: bytes) -> None:
    """Started from a terminal: a hangup that somebody sends reloads; the terminal's end stops, but for `nohup`."""
    master, slave = os.openpty()
    told, tell = os.pipe()

    def on_the_terminal() -> None:
        os.setsid()
        fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
        if "nohup" in how:
            signal.signal(signal.SIGHUP, signal.SIG_IGN)

    child = subprocess.Popen(
        [sys.executable, "-c", _ON_A_TERMINAL, str(tell)],
        stdin=slave,
        pass_fds=[tell],
        cwd=Path(__file__).parents[3],
        preexec_fn=on_the_terminal,  # noqa: PLW1509 - no other thread runs here
    )
    os.close(slave)
    os.close(tell)
    with os.fdopen(told, "rb", buffering=0) as pipe:
        assert pipe.read(5) == b"ready"
        if how == "kill":
            child.send_signal(signal.SIGHUP)
        else:
            os.close(master)
        assert pipe.read(7) == becomes
    assert child.wait(10) == 0
    if how == "kill":
        os.close(master)


_WHILE_LOADING = """
import os, signal, sys
from dl_lit.runtime.signals import DaemonSignals, mind_from_the_start, mind_no_more
mind_from_the_start(sys.argv[2:])
kill = "import os, signal; os.kill(os.getpid(), signal.SIGTERM)"
try:
    if sys.argv[1] == "another":
        exec(kill)  # as dataclasses are made
    elif sys.argv[1] == "mistaken":
        exec(kill)
        mind_no_more()
    else:
        os.kill(os.getpid(), signal.SIGHUP)
        exec(kill)
        if sys.argv[1] == "twice":
            exec(kill)
        with DaemonSignals() as stop:
            told = stop.should_reload(), stop.should_stop(), stop.should_hurry()
            if told != (True, True, False):
                sys.exit(f"told {told}")
            if sys.argv[1] == "forced":
                exec(kill)
            stop.started()
            exec(kill)
            if not stop.should_hurry():
                sys.exit("no hurry")
        exec(kill)  # all is as for other commands again
except KeyboardInterrupt:
    sys.exit(130)
"""


@pytest.mark.parametrize(
    ("case", "command"),
    [
        ("another", "status"),
        ("mistaken", "watch-folder-concurrent"),
        ("twice", "watch-folder-concurrent"),
        ("forced", "watch-folder-concurrent"),
        ("drained", "watch-folder-concurrent"),
    ],
)
def test_what_comes_while_the_program_is_being_loaded_counts(case: str, command: str) -> None:
    """A daemon goes by it once it can, anything else is interrupted, and always with the exit code that it wants."""
    ended = subprocess.run(
        [sys.executable, "-c", _WHILE_LOADING, case, command], check=False, capture_output=True, text=True, timeout=60
    )
    assert (ended.returncode, ended.stderr) == (130, "")
