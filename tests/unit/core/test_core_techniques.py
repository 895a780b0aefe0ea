"""When a technique is dropped at a host."""

from __future__ import annotations

import pytest

from dl_lit.core.techniques import FAILURES, REST_S, is_dropped

TRIED = 1_795_000_000.0


@pytest.mark.parametrize(
    ("failures", "later_s", "dropped"),
    [
        (0, 0.0, False),
        (FAILURES - 1, 0.0, False),
        (FAILURES, 0.0, True),
        (FAILURES + 7, REST_S - 1.0, True),
        (FAILURES, REST_S, False),
        (FAILURES, -1.0, False),
    ],
)
def test_it_rests_a_month_after_five_failures(failures: int, later_s: float, dropped: bool) -> None:
    assert is_dropped(failures, TRIED, TRIED + later_s) is dropped
