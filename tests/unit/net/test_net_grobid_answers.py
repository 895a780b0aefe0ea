"""What GROBID's statuses mean: back-pressure, a file it cannot read, nothing found, trouble."""

from __future__ import annotations

import pytest

from dl_lit.core.errors import RequestRefused
from dl_lit.core.reasons import Reason
from dl_lit.core.services import BY_NAME
from dl_lit.net.answers import judge
from dl_lit.net.gate import Verdict

GROBID = BY_NAME["grobid"]


@pytest.mark.parametrize(("headers", "after"), [({}, 5.0), ({"retry-after": "9"}, 9.0), ({"retry-after": "0"}, 1.0)])
def test_all_engines_busy_is_back_pressure(headers: dict[str, str], after: float) -> None:
    """It says nothing of its health, costs no attempt, and nobody asks until the time is over."""
    refused = judge(GROBID, 503, headers, b"", 0.0)
    assert refused is not None
    assert (refused.error.reason, refused.error.costs_attempt) == (Reason.RATE_LIMITED, False)
    assert (refused.error.after, refused.park_s, refused.verdict) == (after, after, Verdict.SAYS_NOTHING)


def test_503_of_any_other_service_is_a_failure() -> None:
    refused = judge(BY_NAME["crossref"], 503, {}, b"", 0.0)
    assert refused is not None
    assert (refused.error.reason, refused.verdict) == (Reason.SERVICE_DOWN, Verdict.FAILED)


@pytest.mark.parametrize(
    "code",
    [
        *("BAD_INPUT_DATA", "NO_BLOCKS", "TOO_MANY_BLOCKS", "TOO_MANY_TOKENS"),
        *("TAGGING_ERROR", "PARSING_ERROR", "PDFALTO_CONVERSION_FAILURE"),
    ],
)
def test_a_file_it_cannot_read_is_refused_for_good(code: str) -> None:
    refused = judge(GROBID, 500, {}, f"[{code}] PDF to XML conversion failed".encode(), 0.0)
    assert refused is not None
    assert isinstance(refused.error, RequestRefused)
    assert refused.verdict is Verdict.ANSWERED


def test_a_file_that_took_it_too_long_says_nothing_of_its_health() -> None:
    refused = judge(GROBID, 500, {}, b"[TIMEOUT] PDF to XML conversion timed out", 0.0)
    assert refused is not None
    assert (refused.error.reason, refused.verdict) == (Reason.SERVICE_DOWN, Verdict.SAYS_NOTHING)


@pytest.mark.parametrize(("status", "body"), [(500, b"[GENERAL] An exception occurred"), (408, b""), (502, b"")])
def test_other_trouble_is_a_failure_that_may_pass(status: int, body: bytes) -> None:
    refused = judge(GROBID, status, {}, body, 0.0)
    assert refused is not None
    assert (refused.error.reason, refused.verdict) == (Reason.SERVICE_DOWN, Verdict.FAILED)


def test_204_is_an_answer_of_grobid_alone() -> None:
    assert judge(GROBID, 204, {}, b"", 0.0) is None
    assert judge(BY_NAME["crossref"], 204, {}, b"", 0.0) is not None
