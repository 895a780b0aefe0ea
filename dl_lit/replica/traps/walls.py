"""Walls, which are reported and never dodged, and pages that lead nowhere."""

from __future__ import annotations

from dl_lit.core.reasons import Reason
from dl_lit.replica.site_rules import SiteRules
from dl_lit.replica.traps.answers import citation, html, page, pdf, raw, redirect, status
from dl_lit.replica.traps.model import PAGE_AT, At, Case, Visit, failed
from dl_lit.replica.wire import Response

_LOGIN = (
    "<!DOCTYPE html><html><head><title>Sign in</title></head><body><h1>Log in to your account</h1>"
    '<form method="post" action="/login"><input name="user"><input type="password" name="password"></form></body>'
    "</html>"
)
_CHALLENGE = (
    '<!DOCTYPE html><html lang="en-US"><head><title>Just a moment...</title></head><body><form id="challenge-form" '
    'method="POST"></form><script src="/cdn-cgi/challenge-platform/h/b/orchestrate/chl_page/v1"></script></body></html>'
)
_CAPTCHA = (
    "<!DOCTYPE html><html><head><title>Validate User</title></head><body><p>To continue, complete the CAPTCHA.</p>"
    '<div class="g-recaptcha"></div></body></html>'
)
_COOKIES = (
    "<!DOCTYPE html><html><head><title>Cookies are required</title></head><body><p>Your browser must accept cookies to "
    "view this site.</p></body></html>"
)
_SCRIPTED = (
    '<!DOCTYPE html><html><head></head><body><div id="root"></div><script src="/static/main.4f2a.js"></script></body>'
    "</html>"
)
_RELATED = (
    '<section class="related-articles"><h2>Related articles</h2><a href="/other.pdf">PDF</a></section>'
    '<section id="references"><h2>References</h2><ol><li>Thistlewood (1981). <a href="/cited.pdf">PDF</a></li></ol>'
    "</section>"
)
_PAYWALL = (
    '<div class="access"><h2>Get access to the full version of this article</h2><a href="/cart">Add to cart</a> '
    '<a href="/buy">Purchase PDF - 39.95</a> <a href="/login">Access through your institution</a></div>'
)


def _ever_on(visit: Visit) -> Response:
    """One redirect after the other, each to an address of its own."""
    step = int(visit.request.params().get("step", "0")) + 1
    return redirect(f"/paper.pdf?step={step}")(visit)


WALLS: tuple[Case, ...] = (
    Case(name="login-page", end=failed(Reason.BLOCKED_LOGIN), answers={"/paper.pdf": html(_LOGIN)}),
    Case(
        name="saml-redirect",
        end=failed(Reason.BLOCKED_LOGIN),
        answers={"/paper.pdf": redirect("{b}/sso?SAMLRequest=fZJNb4MwDIb&RelayState=x"), "b:/sso": html(_LOGIN)},
    ),
    Case(name="paywall", end=failed(Reason.BLOCKED_PAYWALL), at=PAGE_AT, answers={"/article": page(_PAYWALL)}),
    Case(name="payment-required", end=failed(Reason.BLOCKED_PAYWALL), answers={"/paper.pdf": status(402)}),
    Case(name="cookie-page", end=failed(Reason.BLOCKED_COOKIE), answers={"/paper.pdf": html(_COOKIES)}),
    Case(
        name="cookie-wall",
        end=failed(Reason.BLOCKED_COOKIE),
        answers={"/paper.pdf": redirect("/action/cookieAbsent"), "/action/cookieAbsent": html(_COOKIES)},
    ),
    Case(name="challenge-in-200", end=failed(Reason.BLOCKED_CAPTCHA), answers={"/paper.pdf": html(_CHALLENGE)}),
    Case(
        name="challenge-in-403",
        end=failed(Reason.BLOCKED_CAPTCHA),
        answers={"/paper.pdf": html(_CHALLENGE, ("cf-mitigated", "challenge"), code=403)},
    ),
    Case(
        name="captcha-as-pdf",
        end=failed(Reason.BLOCKED_CAPTCHA),
        answers={"/paper.pdf": html(_CAPTCHA, content_type="application/pdf")},
        why="both html-as-pdf and a wall; the wall is what a person has to know",
    ),
    Case(
        name="forbidden", end=failed(Reason.BLOCKED_FORBIDDEN), answers={"/paper.pdf": status(403, title="Forbidden")}
    ),
    Case(
        name="robots-forbid-all",
        end=failed(Reason.BLOCKED_ROBOTS),
        answers={"/paper.pdf": pdf()},
        rules={"a": SiteRules(robots="User-agent: *\nDisallow: /\n")},
    ),
    Case(
        name="robots-forbid-files",
        end=failed(Reason.BLOCKED_ROBOTS),
        at=PAGE_AT,
        answers={"/article": page("", head=citation("{a}/content/paper.pdf")), "/content/paper.pdf": pdf()},
        rules={"a": SiteRules(robots="User-agent: *\nDisallow: /content/*.pdf$\n")},
    ),
    Case(
        name="robots-forbid-us",
        end=failed(Reason.BLOCKED_ROBOTS),
        answers={"/paper.pdf": pdf()},
        rules={"a": SiteRules(robots="User-agent: *\nAllow: /\n\nUser-agent: dl_lit\nDisallow: /\n")},
    ),
    Case(
        name="robots-forbid-second-hop",
        end=failed(Reason.BLOCKED_ROBOTS),
        answers={"/paper.pdf": redirect("{b}/held/paper.pdf"), "b:/held/paper.pdf": pdf()},
        rules={"b": SiteRules(robots="User-agent: *\nDisallow: /held/\n")},
    ),
    Case(
        name="mining-reserved",
        at=(At(url="/paper.pdf", licence=None),),
        end=failed(Reason.SKIP_POLICY),
        answers={"/paper.pdf": pdf()},
        rules={"a": SiteRules(tdm_reservation=1)},
        why="the header reserves text and data mining",
    ),
    Case(
        name="mining-reserved-in-file",
        at=(At(url="/paper.pdf", licence=None),),
        end=failed(Reason.SKIP_POLICY),
        answers={"/paper.pdf": pdf()},
        rules={"a": SiteRules(tdm_places=(("/*.pdf", 1),))},
        why="tdmrep.json reserves it",
    ),
    Case(
        name="excluded-host",
        end=failed(Reason.SKIP_POLICY),
        at=(At(url="http://files.mirror.trap.test:{port}/paper.pdf"),),
        excluded=("mirror.trap.test",),
        names={"files.mirror.trap.test": ("a",)},
        answers={"/paper.pdf": pdf()},
        why="a copy is known; that nothing is fetched from there is a policy, not that there is none",
    ),
    Case(
        name="credentials-wanted",
        end=failed(Reason.HTTP_401),
        answers={"/paper.pdf": status(401, ("www-authenticate", "Basic"))},
    ),
)

PAGES: tuple[Case, ...] = (
    Case(
        name="no-link",
        end=failed(Reason.NO_PDF_LINK),
        at=PAGE_AT,
        answers={"/article": page("<p>Volume 12, pages 3 to 9.</p>")},
    ),
    Case(
        name="links-of-others",
        end=failed(Reason.NO_PDF_LINK),
        at=PAGE_AT,
        answers={"/article": page(_RELATED), "/other.pdf": pdf(), "/cited.pdf": pdf()},
        why="files of related articles and of references are not the work's",
    ),
    Case(
        name="only-the-supplement",
        end=failed(Reason.NO_PDF_LINK),
        at=PAGE_AT,
        answers={"/article": page('<a href="/suppl/S1.pdf">Supplementary material (PDF)</a>'), "/suppl/S1.pdf": pdf()},
    ),
    Case(
        name="link-loop",
        end=failed(Reason.LINK_LOOP),
        at=PAGE_AT,
        answers={"/article": page("", head=citation("{a}/view")), "/view": page("", head=citation("{a}/article"))},
    ),
    Case(
        name="landing-only",
        end=failed(Reason.LANDING_ONLY),
        at=PAGE_AT,
        answers={"/article": page("<p>There are no files associated with this item. Metadata only.</p>")},
        why="a page about the work, and it says that it has nothing else",
    ),
    Case(
        name="pages-all-the-way",
        end=failed(Reason.LINK_LOOP),
        at=PAGE_AT,
        answers={
            "/article": page("", head=citation("{a}/view/1")),
            "/view/1": page("", head=citation("{a}/view/2")),
            "/view/2": page("", head=citation("{a}/view/3")),
            "/view/3": page("", head=citation("{a}/view/4")),
        },
        why="what each page calls the PDF is the next page: 4.4 has no other word for links that never lead to a file",
    ),
    Case(
        name="made-by-scripts",
        end=failed(Reason.JS_ONLY_PAGE),
        at=PAGE_AT,
        answers={"/article": html(_SCRIPTED)},
    ),
    Case(
        name="redirect-loop",
        end=failed(Reason.REDIRECT_LOOP),
        answers={"/paper.pdf": redirect("/b"), "/b": redirect("/paper.pdf")},
    ),
    Case(name="too-many-redirects", end=failed(Reason.TOO_MANY_REDIRECTS), answers={"/paper.pdf": _ever_on}),
    Case(
        name="redirect-to-nowhere",
        end=failed(Reason.BAD_REDIRECT),
        answers={"/paper.pdf": raw(b"", "text/html", status=302)},
    ),
    Case(
        name="redirect-to-file-system",
        end=failed(Reason.BAD_REDIRECT),
        answers={"/paper.pdf": redirect("file:///etc/hostname")},
    ),
    Case(
        name="not-modified-unasked",
        end=failed(Reason.BAD_REDIRECT),
        answers={"/paper.pdf": raw(b"", "application/pdf", status=304)},
        why="a 3xx that leads nowhere: nobody said that we had it",
    ),
)
