"""Walls as the makers of walls build them, by the marks they are known by, and pages that only look like files."""

from __future__ import annotations

from dl_lit.core.model import Work
from dl_lit.core.reasons import Reason
from dl_lit.replica.sheets import Printed, bind
from dl_lit.replica.traps import papers
from dl_lit.replica.traps.answers import html, page, pdf, raw, redirect
from dl_lit.replica.traps.model import PAGE_AT, Case, failed, library, other_work

_CAPTCHA = failed(Reason.BLOCKED_CAPTCHA)
_LOGIN = failed(Reason.BLOCKED_LOGIN)


def _page(title: str, body: str) -> str:
    return f"<!DOCTYPE html><html><head><title>{title}</title></head><body>{body}</body></html>"


_INCAPSULA = (
    '<html><head><META NAME="robots" CONTENT="noindex,nofollow"></head><iframe src="/_Incapsula_Resource?SWUDNSAI=31" '
    'width="100%" height="100%">Request unsuccessful. Incapsula incident ID: 1-2</iframe></html>'
)
_DATADOME = (
    '<html lang="en"><head><title>journals.invalid</title></head><body><p id="cmsg">Please enable JS and disable any '
    "ad blocker</p><script data-cfasync=\"false\">var dd={'host':'geo.captcha-delivery.com'}</script></body></html>"
)
_ANUBIS = _page(
    "Making sure you&#39;re not a bot!",
    '<p>Loading...</p><script id="anubis_challenge" type="application/json">{}</script>',
)
_WAYF = _page(
    "Choose your institution - Sign in",
    '<h1>Access through your institution</h1><form action="/Shibboleth.sso/Login"><input name="entityID"><button>Go'
    "</button></form><p>Sign in with OpenAthens or Shibboleth to read this content.</p>",
)


def _held_back(work: Work) -> bytes:
    """One printed page in place of the file, as repositories send it while an embargo lasts."""
    text = "The full text of this item is not available from this repository until the end of the publisher's embargo."
    return bind((Printed(((14, [work.title]), (11, [text]))),))


def _lying_metadata(work: Work) -> bytes:
    return papers.paper(other_work(work), info={"Title": work.title, "doi": work.doi or ""})


CHALLENGES: tuple[Case, ...] = (
    Case(
        name="aws-challenge",
        end=_CAPTCHA,
        answers={"/paper.pdf": raw(b"", "text/html", ("x-amzn-waf-action", "challenge"), status=202)},
        why="https://docs.aws.amazon.com/waf/latest/developerguide/waf-captcha-and-challenge.html: 202 and the header",
    ),
    Case(
        name="aws-captcha",
        end=_CAPTCHA,
        answers={
            "/paper.pdf": html(
                _page("Human Verification", "<p>Let us confirm you are human</p>"),
                ("x-amzn-waf-action", "captcha"),
                code=405,
            )
        },
    ),
    Case(name="incapsula", end=_CAPTCHA, answers={"/paper.pdf": html(_INCAPSULA)}),
    Case(name="datadome", end=_CAPTCHA, answers={"/paper.pdf": html(_DATADOME, ("x-datadome", "protected"), code=403)}),
    Case(name="anubis", end=_CAPTCHA, answers={"/paper.pdf": html(_ANUBIS)}),
    Case(name="anubis-on-landing-page", end=_CAPTCHA, at=PAGE_AT, answers={"/article": html(_ANUBIS)}),
    Case(name="choice-of-institution", end=_LOGIN, answers={"/paper.pdf": redirect("/wayf"), "/wayf": html(_WAYF)}),
    Case(
        name="refresh-by-header",
        end=library(),
        at=PAGE_AT,
        answers={
            "/article": html(
                _page("Download", "<p>Your download begins shortly.</p>"), ("refresh", "1; url=/paper.pdf")
            ),
            "/paper.pdf": pdf(),
        },
        why="a meta refresh may stand in the head of the answer as well",
    ),
    Case(
        name="redirect-to-data",
        end=failed(Reason.BAD_REDIRECT),
        answers={"/paper.pdf": redirect("data:application/pdf;base64,JVBERi0xLjQK")},
    ),
    Case(
        name="page-by-its-type",
        end=failed(Reason.NO_PDF_LINK),
        at=PAGE_AT,
        answers={"/article": page("<p>Page not found. Try the search.</p>")},
        why="a page that says so with a 200 names no file either",
    ),
    Case(
        name="placeholder",
        end=failed(Reason.PREVIEW_ONLY),
        answers={"/paper.pdf": pdf(_held_back)},
        why="the title on one page, and that the rest is held back: less of the work than in a preview",
    ),
    Case(name="lying-metadata", end=failed(Reason.WRONG_WORK), answers={"/paper.pdf": pdf(_lying_metadata)}),
)
