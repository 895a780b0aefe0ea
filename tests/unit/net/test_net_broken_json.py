"""A 200 whose body is not the JSON that it says it is: a failure of the service, as its breaker counts them."""

from __future__ import annotations

import pytest

from dl_lit.core.reasons import Reason
from dl_lit.core.services import BY_NAME
from dl_lit.net.answers import judge
from dl_lit.net.report import Verdict

JSON = {"content-type": "application/json;charset=UTF-8"}


@pytest.mark.parametrize(
    "body", [b"", b"upstream connect error", b'{"results": [', b'{"a": 1} and more', b"[" * 100_000]
)
def test_what_is_no_json_is_a_failure(body: bytes) -> None:
    """Empty, cut off, something else altogether, or too deep for anybody to read."""
    refused = judge(BY_NAME["openalex"], 200, JSON, body, 0.0)
    assert refused is not None
    assert (refused.error.reason, refused.verdict) == (Reason.BAD_ANSWER, Verdict.FAILED)


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        (JSON, b'{"results": []}'),
        ({"content-type": "application/vnd.api+json"}, b"[]"),
        ({"content-type": "text/xml"}, b"<a/>"),
        ({}, b"x"),
    ],
)
def test_what_is_whole_or_never_said_that_it_was_json_is_none(headers: dict[str, str], body: bytes) -> None:
    """XML, text and whole JSON pass."""
    assert judge(BY_NAME["openalex"], 200, headers, body, 0.0) is None
