"""Odd behaviour on the wire and odd wishes of hosts, beyond what breaks by itself."""

from __future__ import annotations

from dl_lit.core.reasons import Reason
from dl_lit.replica.site_rules import SiteRules
from dl_lit.replica.traps import papers
from dl_lit.replica.traps.answers import announced, citation, html, page, pdf, raw, redirect, status
from dl_lit.replica.traps.model import PAGE_AT, At, Case, Visit, failed, library, waiting
from dl_lit.replica.wire import Response

_CHALLENGE = (
    "<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>"
    '<script src="/cdn-cgi/challenge-platform/h/b/orchestrate/chl_page/v1"></script></body></html>'
)
_OWN_ROBOTS = SiteRules(is_answered=False)
_UNLICENSED = (At(url="/paper.pdf", licence=None),)


def _ever_new_cookies(visit: Visit) -> Response:
    """Back to itself, each time with another cookie."""
    return redirect("/paper.pdf", ("set-cookie", f"visit={visit.times}; Path=/"))(visit)


def _chunks(visit: Visit) -> Response:
    """In chunks, and the last one never comes."""
    body = papers.plain(visit.work)[:2_000]
    head = (
        b"HTTP/1.1 200 OK\r\ncontent-type: application/pdf\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n"
    )
    return Response(0, head + b"%x\r\n" % len(body) + body + b"\r\n")


EXCHANGES: tuple[Case, ...] = (
    Case(
        name="too-short-announced",
        end=failed(Reason.TRUNCATED),
        answers={"/paper.pdf": announced(papers.plain, 900)},
        why="the host says 900 bytes, and so many are taken: the file breaks off there",
    ),
    Case(name="chunks-cut-short", end=failed(Reason.TRUNCATED), answers={"/paper.pdf": _chunks}),
    Case(
        name="no-http",
        end=waiting(Reason.CONNECTION_RESET),
        answers={"/paper.pdf": lambda _visit: Response(0, b"\x00\x01what?\r\n\r\n")},
        why="there was no exchange: of the words for broken connections the nearest",
    ),
    Case(
        name="ever-new-cookies",
        end=failed(Reason.TOO_MANY_REDIRECTS),
        answers={"/paper.pdf": _ever_new_cookies},
        why="never the same state twice, so no loop that could be told from a way",
    ),
    Case(
        name="challenge-in-503", end=failed(Reason.BLOCKED_CAPTCHA), answers={"/paper.pdf": html(_CHALLENGE, code=503)}
    ),
    Case(
        name="challenge-in-429", end=failed(Reason.BLOCKED_CAPTCHA), answers={"/paper.pdf": html(_CHALLENGE, code=429)}
    ),
    Case(
        name="challenge-on-the-way",
        end=failed(Reason.BLOCKED_CAPTCHA),
        answers={"/paper.pdf": redirect("{b}/check"), "b:/check": html(_CHALLENGE)},
    ),
    Case(
        name="robots-out-of-order",
        end=waiting(Reason.HTTP_5XX),
        answers={"/paper.pdf": pdf()},
        rules={"a": SiteRules(robots_status=503)},
        why="RFC 9309: who cannot be asked forbids everything, until it can: that passes, so not blocked-robots",
    ),
    Case(
        name="no-robots",
        end=library(),
        answers={"/paper.pdf": pdf()},
        rules={"a": SiteRules(robots=None)},
    ),
    Case(
        name="robots-refused",
        end=library(),
        answers={"/paper.pdf": pdf()},
        rules={"a": SiteRules(robots_status=403)},
        why="RFC 9309: a robots.txt that is refused (4xx) is none",
    ),
    Case(
        name="robots-are-a-page",
        end=library(),
        answers={"/paper.pdf": pdf(), "/robots.txt": html("<html><body>Disallow: /</body></html>")},
        rules={"a": _OWN_ROBOTS},
        why="a page in its place has no rules",
    ),
    Case(
        name="robots-elsewhere",
        end=failed(Reason.BLOCKED_ROBOTS),
        answers={
            "/robots.txt": redirect("/rules.txt", code=301),
            "/rules.txt": raw(b"User-agent: *\nDisallow: /\n", "text/plain"),
            "/paper.pdf": pdf(),
        },
        rules={"a": _OWN_ROBOTS},
    ),
    Case(
        name="robots-lead-to-private-host",
        end=library(),
        answers={"/robots.txt": redirect("{canary}/robots.txt"), "/paper.pdf": pdf()},
        rules={"a": _OWN_ROBOTS},
        why="a robots.txt that cannot be had by its address is none; what counts is that nobody is asked there",
    ),
    Case(
        name="crawl-delay",
        end=library(),
        at=PAGE_AT,
        rules={"a": SiteRules(robots="User-agent: *\nCrawl-delay: 1.5\n")},
        answers={"/article": page("", head=citation("{a}/paper.pdf")), "/paper.pdf": pdf()},
        why="the pace is held against the log",
    ),
    Case(
        name="mining-not-reserved",
        end=library(),
        at=_UNLICENSED,
        answers={"/paper.pdf": pdf()},
        rules={"a": SiteRules(tdm_reservation=0)},
    ),
    Case(
        name="mining-reserved-elsewhere",
        end=library(),
        at=_UNLICENSED,
        answers={"/paper.pdf": pdf()},
        rules={"a": SiteRules(tdm_places=(("/books/*", 1),))},
    ),
    Case(
        name="mining-reserved-of-free-copy",
        end=library(),
        answers={"/paper.pdf": pdf()},
        rules={"a": SiteRules(tdm_reservation=1)},
        why="the copy is under CC BY, a permission that a reservation does not take back",
    ),
    Case(
        name="nowhere-in-particular",
        end=failed(Reason.UNSAFE_URL),
        at=(At(url="http://0.0.0.0:{port}/paper.pdf"),),
        why="Linux connects it to itself",
    ),
    Case(name="own-machine-as-zero", end=failed(Reason.UNSAFE_URL), at=(At(url="http://0:{port}/paper.pdf"),)),
    Case(
        name="refused-then-found-elsewhere",
        end=library(Reason.OK),
        at=(At(url="/one.pdf"), At(url="b:/two.pdf")),
        answers={"/one.pdf": status(403), "b:/two.pdf": pdf()},
        rules={"a": SiteRules(robots="User-agent: *\nDisallow: /x\n")},
    ),
)
