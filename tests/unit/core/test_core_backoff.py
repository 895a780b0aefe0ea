"""Back-off and Retry-After."""

from __future__ import annotations

import random
from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dl_lit.core.backoff import ceiling_s, delay_s, retry_after_s

NOW = 1_795_000_000.0


@given(st.integers(-3, 10_000), st.integers())
def test_the_wait_lies_between_nothing_and_the_ceiling(attempt: int, seed: int) -> None:
    assert 0.0 <= delay_s(attempt, random.Random(seed)) <= ceiling_s(attempt) <= 300.0


def test_the_ceiling_doubles_up_to_the_cap() -> None:
    assert [ceiling_s(n) for n in (1, 2, 3, 9, 10, 100_000)] == [1.0, 2.0, 4.0, 256.0, 300.0, 300.0]


def test_full_jitter_uses_the_whole_range() -> None:
    rng = random.Random(1)
    waits = [delay_s(5, rng) for _ in range(2_000)]
    assert min(waits) < 0.2
    assert max(waits) > 15.8


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120.0),
        (" 1.5 ", 1.5),
        ("53578", 53_578.0),
        ("999999999999", 604_800.0),
        ("0", 0.0),
        (formatdate(NOW + 90, usegmt=True), 90.0),
        (formatdate(NOW - 90, usegmt=True), 0.0),
        ("Wed, 18 Nov 2026 00:00:00 -0000", 0.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 604_800.0),
        (None, None),
        ("", None),
        ("-5", None),
        ("soon", None),
        ("nan", None),
        ("١٢", None),
        ("Mon, 99 Foo 20260 99:99:99 GMT", None),
    ],
)
def test_retry_after_is_read_in_both_forms_and_capped(header: str | None, seconds: float | None) -> None:
    assert retry_after_s(header, NOW) == (None if seconds is None else pytest.approx(seconds))


@given(st.text(max_size=40))
def test_no_header_value_can_break_it(header: str) -> None:
    found = retry_after_s(header, NOW, cap_s=100.0)
    assert found is None or 0.0 <= found <= 100.0
