"""Landing pages and walls."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dl_lit.core.reasons import Reason
from dl_lit.net.landing import pdf_links
from dl_lit.net.walls import wall_of_address, wall_of_page, why_no_pdf

BASE = "https://j.example/article/1"


@pytest.mark.parametrize(
    ("html", "links"),
    [
        (
            '<meta name="citation_pdf_url" content="/article/1.pdf">',
            [("https://j.example/article/1.pdf", "meta-citation_pdf_url")],
        ),
        (
            '<META PROPERTY="Citation_PDF_URL" CONTENT=" https://cdn.example/a b.pdf ">',
            [("https://cdn.example/a%20b.pdf", "meta-citation_pdf_url")],
        ),
        (
            '<meta name="eprints.document_url" content="e.pdf"><meta name="citation_pdf_url" content="c.pdf">',
            [
                ("https://j.example/article/c.pdf", "meta-citation_pdf_url"),
                ("https://j.example/article/e.pdf", "meta-eprints.document_url"),
            ],
        ),
        (
            '<meta name="DC.Identifier" content="https://r.example/x.PDF"><meta name="DC.Identifier" content="1.pdf">',
            [("https://r.example/x.PDF", "meta-dc.identifier")],
        ),
        (
            '<base href="https://b.example/"><link rel="Alternate" type="application/pdf" href="x">',
            [("https://b.example/x", "link-alternate")],
        ),
        ('<embed type="application/pdf" src="v?id=1">', [("https://j.example/article/v?id=1", "embedded")]),
        ('<object type="application/pdf" data="/o"></object>', [("https://j.example/o", "embedded")]),
        ('<iframe src="/full.pdf?x=1"></iframe><iframe src="/a">', [("https://j.example/full.pdf?x=1", "embedded")]),
        ('<meta name="citation_pdf_url" content="javascript:void(0)">', []),
        ('<meta name="citation_pdf_url" content="">', []),
        ('<meta name="citation_pdf_url" content="http://[::1">', []),
        ('<iframe src="http://[::1/x.pdf"></iframe>', []),
        (f'<meta name="citation_pdf_url" content="{BASE}#page">', []),
        ("", []),
    ],
)  # fmt: skip
def test_a_page_names_its_pdf(html: str, links: list[tuple[str, str]]) -> None:
    assert pdf_links(html, BASE) == links


def test_the_link_header_counts_and_nothing_comes_twice() -> None:
    headers = {"link": '</a.pdf>; rel="item"; type="application/pdf", <https://x>; rel="author"'}
    html = '<meta name="citation_pdf_url" content="/m.pdf"><link rel=alternate type=application/pdf href=/a.pdf>'
    assert pdf_links(html, BASE, headers) == [
        ("https://j.example/m.pdf", "meta-citation_pdf_url"),
        ("https://j.example/a.pdf", "link-alternate"),
    ]
    assert pdf_links("", BASE, headers) == [("https://j.example/a.pdf", "link-header")]


@given(st.text(max_size=300), st.text(max_size=60))
def test_no_page_breaks_the_search(html: str, link: str) -> None:
    for url, _ in pdf_links(f'{html}<meta name="citation_pdf_url" content="{link}">', BASE):
        assert url.startswith(("http://", "https://"))
    wall_of_page(html)
    why_no_pdf(html)


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
        ("<title>403 Forbidden</title>", "", False, None),
        ("", "", True, None),
    ],
)
def test_a_wall_is_told_from_a_page(html: str, url: str, is_answer: bool, wall: Reason | None) -> None:
    assert wall_of_page(html, url, is_answer=is_answer) is wall


@pytest.mark.parametrize(
    ("html", "why"),
    [
        (LONG, Reason.NO_PDF_LINK),
        (f"{LONG} Purchase access for 39 EUR", Reason.BLOCKED_PAYWALL),
        ("<body><div id=root></div><script>app()</script>", Reason.JS_ONLY_PAGE),
        ("<body>Moved", Reason.NO_PDF_LINK),
        ("", Reason.NO_PDF_LINK),
    ],
)
def test_a_page_without_a_link_says_why(html: str, why: Reason) -> None:
    assert why_no_pdf(html) is why


@pytest.mark.shared
def test_recorded_pages_are_recognised() -> None:
    folder = Path(__file__).parents[4] / "shared" / "recorded"
    if not folder.is_dir():
        pytest.skip("no ../shared")
    challenge = json.loads((folder / "publisher-html" / "litpipe__springer_bmc_client_challenge.json").read_text())
    assert wall_of_page(challenge["body"]) is Reason.BLOCKED_CAPTCHA
    pages = [json.loads(path.read_text()) for path in folder.glob("*/commonmeta-py*arxiv*.json")]
    found = [
        pdf_links(page["body"], page["request"]["url"])
        for page in pages
        if "<html" in str(page.get("body"))[:500].lower()
    ]
    assert [("https://arxiv.org/pdf/1902.02534", "meta-citation_pdf_url")] in found
