"""What one request came to: handed in at the gate with its permit."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from dl_lit.core.learning import Announced
from dl_lit.core.values import dataclass

OVERLOAD = frozenset({429, 503})


class Verdict(StrEnum):
    """What a request tells about the service's health."""

    ANSWERED = "answered"
    FAILED = "failed"
    SAYS_NOTHING = "says-nothing"  # cancelled, rate-limited, refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What an answer's headers say about limits."""

    rate: Announced | None = None  # of this kind of request
    credits_per_day: int | None = None
    credits_left: int | None = None
    resets_in_s: float | None = None  # until all credits come back
    rest_s: float = 0.0  # until a window that is used up has room again


class Report(NamedTuple):
    """How a request ended."""

    verdict: Verdict = Verdict.SAYS_NOTHING
    status: int | None = None  # None: no answer came
    latency_s: float = 0.0
    left_at: float = 0.0  # when it set out, epoch seconds by the clock of the states; 0: nobody looked
    size_bytes: int = 0
    retry_after_s: float | None = None
    is_overdue: bool = False  # it was given up when its time was over
    is_file: bool = False  # a file's length says nothing about the pace of calls
    said: Said | None = None
