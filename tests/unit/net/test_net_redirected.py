"""Visits that wait where a redirect has led them: with their cookies, for an hour, and no longer."""

from __future__ import annotations

import httpx
from fakes.engine import ManualClock

from dl_lit.net.redirected import Redirected


def test_a_visit_goes_on_with_its_cookies() -> None:
    halts = Redirected(ManualClock())
    jar = httpx.Cookies()
    jar.set("seen", "yes", domain="a.example")
    halts.keep("http://a.example/1", "http://b.example/1", jar, (("http://a.example/1", 302),))
    halt = halts.take("http://a.example/1")
    assert halt is not None
    assert halt.jar.get("seen", domain="a.example") == "yes"
    assert halts.take("http://a.example/1") is None


def test_what_nobody_came_back_for_in_an_hour_is_forgotten() -> None:
    clock = ManualClock()
    halts = Redirected(clock)
    halts.keep("http://a.example/1", "http://b.example/1", httpx.Cookies(), ())
    clock.advance(3_601.0)
    halts.keep("http://a.example/2", "http://b.example/2", httpx.Cookies(), ())
    assert list(halts._halts) == ["http://a.example/2"]
    clock.advance(3_601.0)
    assert halts.take("http://a.example/2") is None
