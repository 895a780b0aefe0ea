"""Stopping in two steps."""

from __future__ import annotations

import os
import signal

import pytest

from dl_lit.runtime.signals import StopSignals


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
