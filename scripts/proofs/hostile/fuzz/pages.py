"""What reads pages, hosts' rules and the head of a file: whatever a link leads to."""

from __future__ import annotations

from proofs.hostile.fuzz.target import Target, parts, recorded, text

from dl_lit.core.errors import FetchError
from dl_lit.core.markup import tamed
from dl_lit.core.model import Name, Work
from dl_lit.core.ports import Page
from dl_lit.landing import find_pdf_links
from dl_lit.landing.link_header import links_of
from dl_lit.net import reservations, url_patterns
from dl_lit.net.contents import kind_of, text_of
from dl_lit.net.robots import read_robots
from dl_lit.net.walls import wall_of_address, wall_of_page

_WORK = Work(
    title="On the motion of small particles suspended in liquids at rest",
    doi="10.1002/andp.19053220806",
    authors=(Name(family="Einstein", given="A."),),
    year=1905,
)


def _landing(data: bytes) -> object:
    """Address, headers one a line, and the page."""
    url, head, body = parts(data, 3)
    headers = dict(zip(("link", "date", "refresh", "content-type"), head.decode("latin-1").split("\n"), strict=False))
    html = text_of(body, headers.get("content-type", ""))
    page = Page("https://j.example/" + text(url), html, headers)
    tamed(html)
    return (
        find_pdf_links(page, _WORK),
        wall_of_page(html, page.url),
        wall_of_address(page.url),
        links_of(head.decode("latin-1")),
    )


def _page_seeds() -> list[bytes]:
    head = (
        b'article/7?x=1\0<https://j.example/a.pdf>; rel="item"; type="application/pdf", </b>; rel=cite-as\n'
        b"Mon, 23 Nov 2026 10:00:00 GMT\n5; url=/next\ntext/html; charset=utf-8\0"
    )
    title = _WORK.title.encode()
    pages = (
        b"<!doctype html><html><head><title>" + title + b'</title><meta name="citation_title" content="' + title + b'">'
        b'<meta name=citation_doi content="10.1002/andp.19053220806"><meta name="citation_pdf_url" content="/m.pdf">'
        b"<link rel=alternate type=application/pdf href=/l.pdf></head><body><h1>" + title + b"</h1>"
        b'<iframe src="/viewer?file=%2Fe.pdf"></iframe><a class="obj_galley_link pdf" href="/article/view/7/8">PDF</a>'
        b'<div class="references"><ol><li><a href="/f/x.pdf">PDF</a></ol></div></body></html>',
        (
            b'<p>Available from 1 May 2099<a href="/bitstream/handle/1/2/thesis.pdf?sequence=1&amp;x=y">Open</a>'
            b'<table><tr><td>x<td><a href="javascript:void(0)" data-url="/z.pdf">Full text</a></table>'
        ),
        b"<html><title>Just a moment...</title><script>window._cf_chl_opt={}</script>",
        (
            b'<script type="application/ld+json">{"@type":"ScholarlyArticle","encoding":{"contentUrl":"/q"}}</script>'
            b"<object data=/o.pdf></object><embed src=/p.pdf><base href=//other/><!-- <a href=/c.pdf> -->&lt;&#x0;"
        ),
        *recorded("scholar_archive"),
    )
    return [head + page for page in pages] + [b"\0\n\n\ntext/html; charset=iso-8859-1\0" + pages[0]]


def _rules(data: bytes) -> object:
    body, path = parts(data, 2)
    where = url_patterns.path_of("https://x.example/" + text(path))
    host, told = read_robots(body), reservations.read_tdmrep(body)
    return (
        host.allows(where),
        told.of(where),
        reservations.of_page(text(body)),
        reservations.permits_mining(text(path)),
        reservations.of_headers({"tdm-reservation": text(path), "tdm-policy": text(body)}),
    )


_ROBOTS = (
    b"User-agent: *\nDisallow: /search\nAllow: /search/*.pdf$\nCrawl-delay: 10\n\nUser-agent: dl_lit\nDisallow: /x*y*z",
    b'[{"location": "/a/*", "tdm-reservation": 1, "tdm-policy": "https://x.example/p"}]',
    b'<meta name="tdm-reservation" content="1"><meta name=tdm-policy content=x>',
)


def _beginning(data: bytes) -> object:
    kind, body = parts(data, 2)
    return kind_of(body, text(kind)), text_of(body, kind.decode("latin-1"))


TARGETS = (
    Target("landing-pages", _landing, _page_seeds),
    Target("site-rules", _rules, lambda: [one + b"\0search/a.pdf?q=%41" for one in _ROBOTS]),
    Target(
        "first-bytes",
        _beginning,
        lambda: [
            b"text/html; charset=utf-8\0<!doctype html><html>\xe4",
            b"application/pdf\0junk%PDF-1.4\n",
            b"multipart/byteranges\0--x\r\nContent-Type: a\r\n\r\n%PDF-",
            b"text/html; charset=utf-16\0<\0h\0",
        ],
        (FetchError,),
    ),
)
