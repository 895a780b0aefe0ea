"""Right files that look wrong, or come in a difficult way: each has to end in the library, or be held for review."""

from __future__ import annotations

from dataclasses import replace

from dl_lit.core.model import Alias, HostType, Version, Work
from dl_lit.core.reasons import Reason
from dl_lit.replica.ranges import file_response
from dl_lit.replica.sheets import Printed
from dl_lit.replica.site_rules import SiteRules
from dl_lit.replica.traps import papers
from dl_lit.replica.traps.answers import (
    PDF,
    citation,
    html,
    packed,
    page,
    pdf,
    ranged,
    redirect,
    resumable,
    status,
    turns,
    with_cookie,
)  # fmt: skip
from dl_lit.replica.traps.model import IN_QUARANTINE, PAGE_AT, At, Case, Visit, library, other_work
from dl_lit.replica.wire import Response

OK = library()
_TRANSLATED = "Beobachtungen aus zwei Jahren und ihre Bedeutung"
_HTTP_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\n\r\n"


def _junk(work: Work) -> bytes:
    return _HTTP_HEAD + papers.plain(work)


def _without_end(work: Work) -> bytes:
    return papers.plain(work).removesuffix(b"%%EOF\n")


def _lost_table(work: Work) -> bytes:
    """The cross-reference table is not where the file says."""
    whole = papers.plain(work)
    start = whole.rindex(b"startxref")
    return whole[:start] + b"startxref\n7\n%%EOF\n"


def _trailing(work: Work) -> bytes:
    return papers.plain(work) + b"\r\n<!-- served by node 7 in 0.21 s -->\r\n"


def _changed(visit: Visit) -> Response:
    """The file was replaced by a new edition meanwhile: who asks with If-Range is sent that whole."""
    return file_response(visit.request, papers.paper(visit.work, note="Corrected printing."), (PDF,))


def _rest(visit: Visit) -> Response:
    return file_response(visit.request, papers.plain(visit.work), (PDF,))


def _signed(visit: Visit) -> Response:
    """Names an address that holds for this one visit of the page."""
    return page("", head=citation(f"{{a}}/get?signature=s{visit.times}"))(visit)


def _by_signature(visit: Visit) -> Response:
    """The first signature has run out when it is used; what the page names the next time works."""
    if visit.request.params().get("signature") == "s1":
        return status(403, title="Request has expired")(visit)
    return pdf()(visit)


def _facing(work: Work) -> bytes:
    """A thesis: the title on the third sheet, after a cover and a blank page."""
    return papers.paper(work, before=(Printed(((20, ["University of Norwall", "Dissertation Series 41"]),)), Printed()))


_SEE_FILE = citation("{a}/paper.pdf")
_BOTH = (At(url="/one.pdf"), At(url="b:/two", is_pdf=False))

RIGHT: tuple[Case, ...] = (
    Case(name="plain", end=OK, answers={"/paper.pdf": pdf()}),
    Case(
        name="accepted-version",
        end=library(Reason.OK_ACCEPTED_VERSION),
        answers={"/paper.pdf": pdf()},
        at=(At(url="/paper.pdf", version=Version.ACCEPTED),),
    ),
    Case(
        name="preprint",
        end=library(Reason.OK_PREPRINT),
        answers={"/paper.pdf": pdf()},
        at=(At(url="/paper.pdf", version=Version.SUBMITTED),),
    ),
    Case(
        name="preprint-for-published",
        end=library(Reason.OK_PREPRINT),
        answers={
            "/paper.pdf": pdf(
                lambda work: papers.paper(
                    work,
                    note="arXiv:1801.01234v2 [physics.flu-dyn] 4 Jan 2018. Preprint, submitted for publication. "
                    "This manuscript has not been peer reviewed.",
                )
            )
        },
        why="the location calls it published, the file itself says that it is not",
    ),
    Case(
        name="accepted-for-published",
        end=library(Reason.OK_ACCEPTED_VERSION),
        answers={"/paper.pdf": pdf(lambda work: papers.paper(work, before=(papers.cover(work),)))},
        why="the cover sheet says which version it is",
    ),
    Case(name="scan", end=library(Reason.OK_UNVERIFIED), answers={"/paper.pdf": pdf(lambda _work: papers.scan())}),
    Case(
        name="garbled-text-layer",
        end=library(Reason.OK_UNVERIFIED),
        answers={"/paper.pdf": pdf(lambda work: papers.paper(work, is_garbled=True))},
        why="nothing that stands there can be read, as in a scan: the words of 4.4 for it are the same",
    ),
    Case(name="wrong-content-type", end=OK, answers={"/paper.pdf": pdf(content_type="text/html; charset=utf-8")}),
    Case(name="octet-stream", end=OK, answers={"/paper.pdf": pdf(content_type="application/octet-stream")}),
    Case(name="no-content-type", end=OK, answers={"/paper.pdf": pdf(content_type=None)}),
    Case(
        name="attachment-without-name",
        end=OK,
        at=(At(url="/download?id=77"),),
        answers={
            "/download": pdf(
                papers.plain,
                ("content-disposition", 'attachment; filename="paper.pdf"'),
                content_type="application/force-download",
            )
        },
    ),
    Case(name="junk-before-header", end=OK, answers={"/paper.pdf": pdf(_junk)}),
    Case(name="junk-after-end", end=OK, answers={"/paper.pdf": pdf(_trailing)}),
    Case(name="missing-eof", end=OK, answers={"/paper.pdf": pdf(_without_end)}, why="all of it is there but the mark"),
    Case(name="lost-cross-references", end=OK, answers={"/paper.pdf": pdf(_lost_table)}, why="readers rebuild them"),
    Case(
        name="third-location",
        end=OK,
        at=(At(url="/one.pdf"), At(url="b:/two.pdf"), At(url="c:/three.pdf")),
        answers={
            "/one.pdf": status(404),
            "b:/two.pdf": html("<html><body>Welcome</body></html>"),
            "c:/three.pdf": pdf(),
        },
    ),
    Case(
        name="page-after-failed-file",
        end=OK,
        at=_BOTH,
        answers={
            "/one.pdf": status(410),
            "b:/two": page("", head=citation("{b}/two.pdf")),
            "b:/two.pdf": pdf(),
        },
    ),
    Case(
        name="wrong-work-then-right",
        end=OK,
        wrong=("/one.pdf",),
        at=(At(url="/one.pdf"), At(url="b:/two.pdf")),
        answers={"/one.pdf": pdf(lambda work: papers.plain(other_work(work))), "b:/two.pdf": pdf()},
    ),
    Case(
        name="review-needed-then-right",
        end=OK,
        wrong=("/one.pdf",),
        at=(At(url="/one.pdf"), At(url="b:/two.pdf")),
        answers={
            "/one.pdf": pdf(
                lambda work: papers.paper(
                    replace(work, title="Beobachtungen aus zwei Jahren und ihre Bedeutung", doi=None)
                )
            ),
            "b:/two.pdf": pdf(),
        },
        why="the first copy has the authors and another title; the second proves itself",
    ),
    Case(
        name="citation-link-dead",
        end=OK,
        at=PAGE_AT,
        answers={
            "/article": page('<a class="download" href="/right.pdf">Download PDF</a>', head=citation("{a}/gone.pdf")),
            "/gone.pdf": status(404),
            "/right.pdf": pdf(),
        },
        why="what the meta tag names is gone, what a reader would click works",
    ),
    Case(
        name="citation-link-to-other-work",
        end=OK,
        wrong=("/other.pdf",),
        at=PAGE_AT,
        answers={
            "/article": page('<a class="download" href="/right.pdf">Download PDF</a>', head=citation("{a}/other.pdf")),
            "/other.pdf": pdf(lambda work: papers.plain(other_work(work))),
            "/right.pdf": pdf(),
        },
    ),
    Case(name="signed-link-runs-out", end=OK, at=PAGE_AT, answers={"/article": _signed, "/get": _by_signature}),
    Case(name="resumed", end=OK, answers={"/paper.pdf": resumable(papers.plain, _rest)}),
    Case(
        name="resumed-after-change",
        end=OK,
        answers={"/paper.pdf": resumable(papers.plain, _changed)},
        why="the halves of two editions are no file: If-Range has the new one sent whole",
    ),
    Case(name="ranges-unasked", end=OK, answers={"/paper.pdf": ranged()}),
    Case(name="packed-unasked", end=OK, answers={"/paper.pdf": packed()}),
    Case(
        name="encrypted-for-everybody",
        end=OK,
        answers={"/paper.pdf": pdf(lambda work: papers.paper(work, password=""))},
    ),
    Case(
        name="cover-sheet",
        end=library(Reason.OK_ACCEPTED_VERSION),
        at=(At(url="/paper.pdf", version=Version.ACCEPTED),),
        answers={"/paper.pdf": pdf(lambda work: papers.paper(work, before=(papers.cover(work),)))},
    ),
    Case(name="thesis-after-cover-and-blank", end=OK, answers={"/paper.pdf": pdf(_facing)}),
    Case(
        name="capitals",
        end=OK,
        answers={"/paper.pdf": pdf(lambda work: papers.paper(work, shown=work.title.upper()))},
    ),
    Case(
        name="ligatures",
        end=OK,
        facts={"title": "Official affinities: efficient flow in difficult fields"},
        answers={
            "/paper.pdf": pdf(lambda work: papers.paper(replace(work, doi=None), shown=papers.ligated(work.title)))
        },
    ),
    Case(
        name="letterspaced",
        end=OK,
        answers={
            "/paper.pdf": pdf(lambda work: papers.paper(replace(work, doi=None), shown=papers.letterspaced(work.title)))
        },
    ),
    Case(
        name="hyphenated-title",
        end=OK,
        facts={"title": "Hydrogeochemical characterisation of overexploited aquifers"},
        answers={
            "/paper.pdf": pdf(
                lambda work: papers.paper(
                    replace(work, doi=None), shown="Hydrogeochemical characteri- sation of overex- ploited aquifers"
                )
            )
        },
    ),
    Case(
        name="record-without-subtitle",
        end=OK,
        answers={
            "/paper.pdf": pdf(
                lambda work: papers.paper(
                    replace(work, doi=None), shown=f"{work.title}: a reassessment of the evidence from two seasons"
                )
            )
        },
        why="records often leave the subtitle out; authors, journal and year are the work's",
    ),
    Case(
        name="formula-in-title",
        end=OK,
        facts={"title": "Spin waves in CuGeO<sub>3</sub> below <i>T</i><sub>N</sub>"},
        answers={
            "/paper.pdf": pdf(lambda work: papers.paper(replace(work, doi=None), shown="Spin waves in CuGeO3 below TN"))
        },
    ),
    Case(
        name="translated-title-with-doi",
        end=IN_QUARANTINE,
        answers={"/paper.pdf": pdf(lambda work: papers.paper(work, shown=_TRANSLATED))},
        why="the DOI says that it is the work, the title says that it is not: where the evidence is divided, abstain",
    ),
    Case(
        name="translated-title-known",
        end=OK,
        facts={"aliases": (Alias(title="Beobachtungen aus zwei Jahren und ihre Bedeutung", language="de"),)},
        answers={"/paper.pdf": pdf(lambda work: papers.paper(replace(work, doi=None), shown=_TRANSLATED))},
        why="the record has the title in that language too",
    ),
    Case(
        name="stamped-by-publisher",
        end=OK,
        answers={
            "/paper.pdf": pdf(
                lambda work: papers.paper(
                    work,
                    stamp="Downloaded from https://journals.invalid by 10.2.3.4 on 4 May 2026. All rights reserved.",
                )
            )
        },
    ),
    Case(
        name="wrong-metadata-inside",
        end=OK,
        answers={
            "/paper.pdf": pdf(
                lambda work: papers.paper(
                    work, info={"Title": "Microsoft Word - final_v7_REALLY.doc", "Author": "user"}
                )
            )
        },
    ),
    Case(
        name="meta-refresh",
        end=OK,
        at=PAGE_AT,
        answers={
            "/article": html(
                '<html><head><meta http-equiv="refresh" content="0; url=/paper.pdf"></head>'
                "<body>Your download begins shortly.</body></html>"
            ),
            "/paper.pdf": pdf(),
        },
    ),
    Case(
        name="viewer-in-frame",
        end=OK,
        at=PAGE_AT,
        answers={
            "/article": page('<iframe src="/viewer/web/viewer.html?file=%2Fpaper.pdf"></iframe>'),
            "/paper.pdf": pdf(),
        },
    ),
    Case(
        name="signposted",
        end=OK,
        at=PAGE_AT,
        answers={
            "/article": page("", headers=(("link", '<{a}/files/1>; rel="item"; type="application/pdf"'),)),
            "/files/1": pdf(),
        },
    ),
    Case(
        name="page-under-publisher",
        end=OK,
        at=(At(url="/article", is_pdf=False, host_type=HostType.PUBLISHER),),
        answers={"/article": page("", head=_SEE_FILE), "/paper.pdf": pdf()},
    ),
    Case(
        name="cookie-on-the-way",
        end=OK,
        answers={"/paper.pdf": with_cookie(pdf(), redirect("{a}/paper.pdf", ("set-cookie", "seen=1; Path=/")))},
        why="a cookie kept for the length of one visit is no wall that is dodged",
    ),
    Case(
        name="five-redirects",
        end=OK,
        answers={
            "/paper.pdf": redirect("/1"),
            "/1": redirect("{b}/2", code=301),
            "b:/2": redirect("/3", code=307),
            "b:/3": redirect("{a}/4", code=308),
            "/4": redirect("/5", code=303),
            "/5": pdf(),
        },
    ),
    Case(
        name="back-after-503",
        end=OK,
        answers={"/paper.pdf": turns(status(503), pdf())},
    ),
    Case(
        name="back-after-429",
        end=OK,
        answers={"/paper.pdf": turns(status(429, ("retry-after", "1")), pdf())},
    ),
    Case(
        name="robots-allow-this-file",
        end=OK,
        rules={"a": SiteRules(robots="User-agent: *\nDisallow: /\nAllow: /paper.pdf$\n")},
        answers={"/paper.pdf": pdf()},
    ),
)
