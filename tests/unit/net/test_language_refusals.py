"""What providers' refusals mean, and when they want us back."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dl_lit.core.backoff import RETRY_AFTER_CAP_S
from dl_lit.core.language import Trouble
from dl_lit.net.language.coming_back import come_back_s
from dl_lit.net.language.refusing import LONGEST_REST_S, error_of, refusal, status_inside

NOW = 1_796_000_000.0


@pytest.mark.parametrize(
    ("headers", "error", "after_s"),
    [
        ({}, {}, None),
        ({"retry-after": "7"}, {}, 7.0),
        ({"retry-after-ms": "1500", "retry-after": "2"}, {}, 1.5),
        ({"retry-after": "Mon, 30 Nov 2026 00:53:25 GMT"}, {}, 5.0),
        (
            {
                "x-ratelimit-remaining-requests": "0",
                "x-ratelimit-reset-requests": "1m3s",
                "x-ratelimit-remaining-tokens": "5",
                "x-ratelimit-reset-tokens": "6h",
            },
            {},
            63.0,
        ),
        ({"x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "6ms"}, {}, 0.006),
        ({"x-ratelimit-reset": str(int(NOW * 1_000) + 4_000)}, {}, 4.0),
        ({"x-ratelimit-reset": str(int(NOW) + 4)}, {}, 4.0),
        ({"x-ratelimit-reset": "12"}, {}, 12.0),
        ({}, {"metadata": {"headers": {"X-RateLimit-Reset": str(int(NOW * 1_000) + 9_000)}}}, 9.0),
        (
            {
                "anthropic-ratelimit-requests-remaining": "0",
                "anthropic-ratelimit-requests-reset": "2026-11-30T00:53:30Z",
            },
            {},
            10.0,
        ),
        ({}, {"details": [{"@type": "x/google.rpc.Help"}, {"retryDelay": "34.07s"}]}, 34.07),
        ({}, {"message": "Rate limit reached. Please try again in 1.2s. Visit"}, 1.2),
        ({}, {"message": "Rate limit reached. Please try again in 20ms."}, 0.02),
        ({}, {"message": "Please try again in 6m0s."}, 360.0),
        ({}, {"message": "Please retry after 6 seconds."}, 6.0),
        ({}, {"message": "Please retry in 2 minutes"}, 120.0),
        ({"x-ratelimit-reset": "1"}, {"message": "try later", "details": "none", "metadata": 3}, 1.0),
        ({"retry-after": "99999999"}, {}, RETRY_AFTER_CAP_S),
        ({"x-ratelimit-reset": "5"}, {"details": [{"retryDelay": "soon"}]}, 5.0),
    ],
)
def test_every_form_of_when_to_come_back_is_read(
    headers: dict[str, str], error: dict[str, Any], after_s: float | None
) -> None:
    got = come_back_s(headers, error, NOW)
    assert got == (None if after_s is None else pytest.approx(after_s, abs=0.01))


@given(
    st.dictionaries(st.sampled_from(["retry-after", "retry-after-ms", "x-ratelimit-reset"]), st.text(max_size=12)),
    st.dictionaries(st.sampled_from(["message", "details", "metadata"]), st.text(max_size=30) | st.none()),
)
def test_whatever_stands_there_is_a_time_to_come_or_nothing(headers: dict[str, str], error: dict[str, Any]) -> None:
    got = come_back_s(headers, error, NOW)
    assert got is None or 0.0 <= got <= RETRY_AFTER_CAP_S


@pytest.mark.parametrize(
    ("status", "error", "trouble"),
    [
        (429, {"message": "slow down"}, Trouble.RATE_LIMITED),
        (429, {"code": "insufficient_quota"}, Trouble.BUDGET_GONE),
        (429, {"details": [{"violations": [{"quotaId": "GenerateRequestsPerDayPerProject"}]}]}, Trouble.BUDGET_GONE),
        (402, {"message": "Insufficient credits"}, Trouble.BUDGET_GONE),
        (400, {"message": "Your credit balance is too low"}, Trouble.BUDGET_GONE),
        (401, {"message": "Incorrect API key"}, Trouble.KEY_REFUSED),
        (403, {"message": "Country not supported"}, Trouble.KEY_REFUSED),
        (400, {"message": "API key not valid. Please pass a valid API key."}, Trouble.KEY_REFUSED),
        (403, {"message": "Your input was flagged", "metadata": {"reasons": ["x"]}}, Trouble.REFUSED),
        (400, {"code": "content_filter"}, Trouble.REFUSED),
        (403, {"message": "You do not have permission to access the File x or it may not exist."}, Trouble.BAD_ANSWER),
        (404, {"message": "File not found: file_1"}, Trouble.BAD_ANSWER),
        (400, {"message": "context_length_exceeded"}, Trouble.BAD_REQUEST),
        (404, {"message": "no such model"}, Trouble.BAD_REQUEST),
        (413, {}, Trouble.BAD_REQUEST),
        (307, {}, Trouble.BAD_REQUEST),
        (408, {}, Trouble.OVERLOADED),
        (503, {}, Trouble.OVERLOADED),
        (529, {"type": "overloaded_error"}, Trouble.OVERLOADED),
    ],
)
def test_statuses_and_words_tell_what_is_wrong(status: int, error: dict[str, Any], trouble: Trouble) -> None:
    assert refusal(status, {}, error, NOW).trouble is trouble


@pytest.mark.parametrize(("status", "after_s"), [(429, LONGEST_REST_S), (503, LONGEST_REST_S), (402, 604_800.0)])
def test_nobody_is_left_alone_for_days_but_who_wants_money(status: int, after_s: float) -> None:
    """One answer would silence the model for all processes of the machine."""
    assert refusal(status, {"retry-after": "999999"}, {}, NOW).after == after_s


def test_of_an_error_nothing_is_kept_that_is_said_to_people() -> None:
    """The status, and words for programs."""
    error = {
        "message": "no such key: sk-1234567890",
        "code": "invalid_api_key",
        "type": "two words",
        "status": "x" * 65,
        "details": [{"reason": "API_KEY_INVALID"}, {"reason": ["?"]}, 7],
    }
    assert refusal(401, {}, error, NOW).detail == "HTTP 401 invalid_api_key API_KEY_INVALID"
    assert refusal(400, {}, {"code": 400, "message": "no"}, NOW).detail == "HTTP 400"
    assert refusal(400, {}, {"code": "400"}, NOW).detail == "HTTP 400"


def test_an_error_inside_an_answer_stands_for_a_status() -> None:
    """A number, its digits, or a word; a server's own error where it says nothing."""
    assert status_inside({"code": 429}) == 429
    assert status_inside({"code": "503"}) == 503
    assert status_inside({"code": 7, "status": "RESOURCE_EXHAUSTED"}) == 429
    assert status_inside({"type": "overloaded_error"}) == 529
    assert status_inside({"code": None, "message": "what"}) == 502


def test_errors_are_found_in_all_their_wrappings() -> None:
    assert error_of([{"error": {"code": 1}}]) == {"code": 1}
    assert error_of({"error": "model not found"}) == {"message": "model not found"}
    assert error_of({"error": None}) == error_of([]) == error_of("x") == {}
