"""When a way of finding PDFs on landing pages is given up at a host, and when it is tried again."""

from __future__ import annotations

FAILURES = 5  # in a row, at one host, one success between them starts the count again
REST_S = 30 * 86_400.0


def is_dropped(failed_in_a_row: int, tried_at: float, now: float) -> bool:
    """Whether a technique that last was tried at `tried_at` (epoch s) is left out at its host now.

    It comes back 30 days after the last try: one more failure drops it for as long again. A try in the future, as
    after a clock was set back, drops nothing.
    """
    return failed_in_a_row >= FAILURES and 0.0 <= now - tried_at < REST_S
