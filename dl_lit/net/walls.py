"""Logins, paywalls and challenges: recognised and reported, never solved or dodged. Pure.

The markers come from recorded pages and from sandcrawler's lists (https://github.com/internetarchive/sandcrawler,
read 2026-11-22).
"""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser

from dl_lit.core.markup import tamed
from dl_lit.core.reasons import Reason

_LOGIN_ADDRESS = re.compile(
    r"SAMLRequest=|/login\?TARGET=|/idp/profile/|//id\.elsevier\.com/|/openathens|/Shibboleth\.sso/|//wayf\.",
    re.IGNORECASE,
)
_COOKIE_ADDRESS = re.compile(r"/cookieAbsent|error=cookies_not_supported", re.IGNORECASE)
_COOKIE_END = re.compile(r"cookieSet=1", re.IGNORECASE)

_CHALLENGE_TITLE = re.compile(
    r"just a moment|client challenge|session verification|preparing to download|making sure you.{0,10}re not a bot"
    r"|attention required|access denied|security (?:check|verification)|are you a robot|captcha|verify(?:ing)? you are"
    r"|human verification|checking your browser|ddos-guard|pardon our interruption|validate user",
    re.IGNORECASE,
)
_CHALLENGE_BODY = re.compile(
    r"cf-chl|challenge-platform|client challenge|anubis_challenge|making sure you.{0,10}re not a bot|captcha"
    r"|error code: 10(?:15|20)|preparing to download|session verification|_incapsula_resource|px-captcha",
    re.IGNORECASE,
)
_LOGIN_TITLE = re.compile(
    r"\b(?:log|sign)[ -]?in\b|\blogin\b|authentication|anmeld|connexion|iniciar sesi|shibboleth|single sign",
    re.IGNORECASE,
)
_FEDERATED = re.compile(r"/Shibboleth\.sso/|\bentityID\b|openathens|\bwayf\b|SAMLDS", re.IGNORECASE)
"""On pages where people choose the institution that is to vouch for them."""

_COOKIE_TITLE = re.compile(r"cookies? (?:are )?(?:absent|required|disabled|not supported)", re.IGNORECASE)
_SMALL_TEXT = 400  # characters that a person sees of a challenge; a page with more only carries its script


def wall_of_address(url: str) -> Reason | None:
    """The wall that an address by itself gives away; None when it looks like any other."""
    if _LOGIN_ADDRESS.search(url):
        return Reason.BLOCKED_LOGIN
    return Reason.BLOCKED_COOKIE if _COOKIE_ADDRESS.search(url) else None


def wall_of_page(html: str, url: str = "", *, is_answer: bool = True) -> Reason | None:
    """The wall a page is; None for a page worth looking at.

    `is_answer` False: it came with an error status, so that weaker signs are enough.
    """
    tree = LexborHTMLParser(tamed(html))
    title = _title(tree)
    is_article = tree.css_first('meta[name^="citation_" i], meta[property^="citation_" i]') is not None
    if _CHALLENGE_TITLE.search(title) and not is_article:
        return Reason.BLOCKED_CAPTCHA
    if _CHALLENGE_BODY.search(html) and not is_article and (not is_answer or len(_text(tree)) < _SMALL_TEXT):
        return Reason.BLOCKED_CAPTCHA
    if _COOKIE_TITLE.search(title) or (_COOKIE_END.search(url) and not is_article):
        return Reason.BLOCKED_COOKIE
    has_password = tree.css_first('input[type="password" i]') is not None
    asks_who = has_password or (tree.css_first("form") is not None and _FEDERATED.search(html) is not None)
    if asks_who and not is_article and _LOGIN_TITLE.search(title):
        return Reason.BLOCKED_LOGIN
    return None


def _title(tree: LexborHTMLParser) -> str:
    node = tree.css_first("title")
    return " ".join(node.text().split()) if node is not None else ""


def _text(tree: LexborHTMLParser) -> str:
    """What a person would read: the body without scripts and styles."""
    body = LexborHTMLParser(tree.html or "").body
    if body is None:
        return ""
    for node in body.css("script, style, noscript, template"):
        node.decompose()
    return " ".join(body.text(separator=" ").split())
