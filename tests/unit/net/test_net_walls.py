"""Walls: logins, challenges, cookie tests."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dl_lit.core.reasons import Reason
from dl_lit.net.refusals import refusal
from dl_lit.net.walls import wall_of_address, wall_of_page


@given(st.text(max_size=300))
def test_no_page_breaks_the_recognition(html: str) -> None:
    wall_of_page(html)


@pytest.mark.parametrize(
    ("url", "wall"),
    [
        ("https://idp.example/sso?SAMLRequest=abc", Reason.BLOCKED_LOGIN),
        ("https://x.example/login?TARGET=y", Reason.BLOCKED_LOGIN),
        ("https://id.elsevier.com/as/authorization", Reason.BLOCKED_LOGIN),
        ("https://pubs.example/action/cookieAbsent", Reason.BLOCKED_COOKIE),
        ("https://x.example/?error=cookies_not_supported&code=1", Reason.BLOCKED_COOKIE),
        ("https://x.example/article.pdf?cookieSet=1", None),
        ("https://x.example/article.pdf", None),
    ],
)
def test_an_address_can_give_the_wall_away(url: str, wall: Reason | None) -> None:
    assert wall_of_address(url) is wall


LONG = "<p>" + "An abstract with many words. " * 40


@pytest.mark.parametrize(
    ("html", "url", "is_answer", "wall"),
    [
        ("<title>Just a moment...</title>", "", True, Reason.BLOCKED_CAPTCHA),
        ("<title>Client Challenge</title>", "", True, Reason.BLOCKED_CAPTCHA),
        ("<title>Making sure you&#39;re not a bot!</title>", "", True, Reason.BLOCKED_CAPTCHA),
        ("<p>error code: 1015", "", False, Reason.BLOCKED_CAPTCHA),
        ("<p>Please solve the captcha", "", True, Reason.BLOCKED_CAPTCHA),
        ("<title>Access Denied</title>", "", False, Reason.BLOCKED_CAPTCHA),
        (f"<script src=/cdn-cgi/challenge-platform/x.js></script>{LONG}", "", True, None),
        (f"<script src=/cdn-cgi/challenge-platform/x.js></script>{LONG}", "", False, Reason.BLOCKED_CAPTCHA),
        ('<meta name="citation_title" content="x"><title>Access denied: a study</title>', "", True, None),
        ("<title>Cookie Absent</title>", "", True, Reason.BLOCKED_COOKIE),
        ("<title>x</title>", "https://x/a?cookieSet=1", True, Reason.BLOCKED_COOKIE),
        ("<title>Sign in</title><input type=password>", "", True, Reason.BLOCKED_LOGIN),
        ("<title>An article</title><input type=password>", "", True, None),
        ("<title>Sign in</title><form action='/Shibboleth.sso/Login'></form>", "", True, Reason.BLOCKED_LOGIN),
        ("<title>Sign in</title><form action='/search'></form>", "", True, None),
        ("<title>403 Forbidden</title>", "", False, None),
        ("", "", True, None),
    ],
)
def test_a_wall_is_told_from_a_page(html: str, url: str, is_answer: bool, wall: Reason | None) -> None:
    assert wall_of_page(html, url, is_answer=is_answer) is wall


@pytest.mark.parametrize(
    ("status", "headers", "reason"),
    [
        (202, {"x-amzn-waf-action": "challenge"}, Reason.BLOCKED_CAPTCHA),
        (405, {"x-amzn-waf-action": "captcha"}, Reason.BLOCKED_CAPTCHA),
        (403, {"cf-mitigated": "challenge"}, Reason.BLOCKED_CAPTCHA),
        (403, {}, Reason.BLOCKED_FORBIDDEN),
        (202, {}, Reason.WRONG_MIMETYPE),
    ],
)
def test_some_walls_say_so_in_the_head_of_the_answer(status: int, headers: dict[str, str], reason: Reason) -> None:
    assert refusal(status, headers, b"", "https://x.example/1", None).reason is reason


@pytest.mark.shared
def test_recorded_pages_are_recognised() -> None:
    folder = Path(__file__).parents[4] / "shared" / "recorded"
    if not folder.is_dir():
        pytest.skip("no ../shared")
    challenge = json.loads((folder / "publisher-html" / "litpipe__springer_bmc_client_challenge.json").read_text())
    assert wall_of_page(challenge["body"]) is Reason.BLOCKED_CAPTCHA
