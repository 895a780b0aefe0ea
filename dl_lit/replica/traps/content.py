"""Bytes that came and are not the right ones, and files that are another work."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import replace

from dl_lit.core.model import Name, Work, WorkType
from dl_lit.core.reasons import Reason
from dl_lit.replica.pdfs import damaged
from dl_lit.replica.ranges import file_response
from dl_lit.replica.traps import papers
from dl_lit.replica.traps.answers import (
    PDF,
    announced,
    bomb,
    citation,
    cut,
    endless,
    html,
    page,
    pdf,
    raw,
    resumable,
    status,
)  # fmt: skip
from dl_lit.replica.traps.model import IN_QUARANTINE, PAGE_AT, Case, Visit, failed, other_work
from dl_lit.replica.wire import Response

_PAGE = "<!DOCTYPE html><html><head><title>Welcome</title></head><body><p>Please come in.</p></body></html>"
_GB = 1_000_000_000
_NOBODYS = "x9"  # a password that nobody was told


def _polyglot_html(work: Work) -> bytes:
    return b"<!DOCTYPE html><html><body><script>document.title='x'</script><!--\n" + papers.plain(work)


def _polyglot_zip(work: Work) -> bytes:
    """A ZIP whose first, stored member is the PDF: its header stands within the first kilobyte."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(zipfile.ZipInfo("paper.pdf"), papers.plain(work))
    return packed.getvalue()


def _docx() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(zipfile.ZipInfo("word/document.xml"), "<w:document/>" * 50)
    return packed.getvalue()


def _half(work: Work) -> bytes:
    whole = papers.plain(work)
    return whole[: len(whole) // 3]


def _part_unasked(visit: Visit) -> Response:
    """A 206 to who asked for the whole."""
    body = papers.plain(visit.work)
    told = ("content-range", f"bytes 900-{len(body) - 1}/{len(body)}")
    return Response(206, body[900:], (PDF, told))


def _wrong_part(visit: Visit) -> Response:
    """The beginning once more, and called the rest."""
    body = papers.plain(visit.work)
    return Response(206, body[: len(body) // 2], (PDF, ("content-range", f"bytes 0-{len(body) // 2 - 1}/{len(body)}")))


def _rest_of_another(visit: Visit) -> Response:
    """The rest of another edition, from a server that does not heed If-Range."""
    body = papers.paper(visit.work, note="Corrected printing, with a longer note than the first one had.")
    unheeded = {name: value for name, value in visit.request.headers.items() if name != "if-range"}
    return file_response(replace(visit.request, headers=unheeded), body, (PDF,))


def _part_two(work: Work) -> bytes:
    return papers.paper(replace(work, title=work.title.replace(" II. ", " I. "), doi=None))


def _cover_of_another(work: Work) -> bytes:
    return papers.paper(other_work(work), before=(papers.cover(work),))


def _about(kind: str, text: str, **facts: object) -> Callable[[Work], bytes]:
    def make(work: Work) -> bytes:
        about = replace(other_work(work), container_title=work.container_title, **facts)  # type: ignore[arg-type]
        return papers.about(work, about, kind=kind, text=text.format(title=work.title, doi=work.doi))

    return make


def _citing(work: Work) -> bytes:
    """Another paper on whose first page the work is discussed by title and DOI."""
    other = other_work(work)
    text = f"We extend the results of {work.authors[0].family} ({work.year}), {work.title}, https://doi.org/{work.doi}."
    return papers.about(work, other, kind="", text=text, pages=8)


def _same_authors(work: Work) -> bytes:
    title = "A portable frame for the quick survey of shallow excavations"
    return papers.paper(replace(work, title=title, doi="10.5555/trap.same-issue"))


def _contents_page(work: Work) -> bytes:
    """The table of contents of the issue: the title stands on it, the text does not follow."""
    other = other_work(work, title=f"Contents of volume {work.volume}")
    listed = [f"{number}. Report from station {number} . . . . {number * 10}" for number in range(1, 9)]
    return papers.about(work, other, kind="", text="\n".join([*listed, f"{work.title} . . . . 101", "Index . . . 140"]))


def _licence(work: Work) -> bytes:
    return papers.about(
        work, other_work(work, title="Licence agreement and copyright transfer form"), kind="",
        text="This form must be signed by the corresponding author before an article can be published.",
    )  # fmt: skip


def _chapter(work: Work) -> bytes:
    chapter = replace(work, title="Chapter 7. Instruments and their errors", doi=None, type=WorkType.CHAPTER)
    return papers.paper(chapter, note=f"In: {work.title}. {work.publisher or 'Norwall University Press'}, {work.year}.")


_BOOK: dict[str, object] = {
    "type": WorkType.BOOK, "title": "The Measured Landscape: Instruments and Observers in the North", "pages": None,
    "container_title": None, "volume": None, "publisher": "Norwall University Press", "doi": "10.5555/trap.book",
}  # fmt: skip
_LATE: dict[str, object] = {"authors": (Name("Okonkwo", "Chidi"),), "year": 2019, "doi": "10.5555/trap.review"}

CONTENT: tuple[Case, ...] = (
    Case(
        name="html-as-pdf",
        end=failed(Reason.HTML_AS_PDF),
        answers={"/paper.pdf": html(_PAGE, content_type="application/pdf")},
    ),
    Case(
        name="html-in-place-of-pdf",
        end=failed(Reason.HTML_AS_PDF),
        answers={"/paper.pdf": html(_PAGE)},
        why="the services call the address a PDF, the host sends a page that leads nowhere",
    ),
    Case(
        name="polyglot-html",
        end=failed(Reason.HTML_AS_PDF),
        answers={"/paper.pdf": pdf(_polyglot_html)},
        why="a browser that sniffs runs it: bytes that begin as a page are one, whatever follows",
    ),
    Case(
        name="polyglot-zip",
        end=failed(Reason.WRONG_MIMETYPE),
        answers={"/paper.pdf": pdf(_polyglot_zip)},
        why="bytes that begin as an archive are one",
    ),
    Case(
        name="picture",
        end=failed(Reason.WRONG_MIMETYPE),
        answers={"/paper.pdf": raw(b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(900), "image/jpeg")},
    ),
    Case(
        name="word-document", end=failed(Reason.WRONG_MIMETYPE), answers={"/paper.pdf": raw(_docx(), "application/pdf")}
    ),
    Case(
        name="json-error",
        end=failed(Reason.WRONG_MIMETYPE),
        answers={"/paper.pdf": raw(b'{"error":"no such file"}', "application/json")},
    ),
    Case(name="empty-body", end=failed(Reason.EMPTY_BODY), answers={"/paper.pdf": raw(b"", "application/pdf")}),
    Case(
        name="no-content",
        end=failed(Reason.EMPTY_BODY),
        answers={"/paper.pdf": raw(b"", "application/pdf", status=204)},
    ),
    Case(
        name="truncated",
        end=failed(Reason.TRUNCATED),
        answers={"/paper.pdf": cut()},
        why="breaks off every time, and the server knows no ranges",
    ),
    Case(
        name="part-unasked",
        end=failed(Reason.TRUNCATED),
        answers={"/paper.pdf": _part_unasked},
        why="a part that nobody asked for is not the file",
    ),
    Case(name="wrong-part", end=failed(Reason.TRUNCATED), answers={"/paper.pdf": resumable(papers.plain, _wrong_part)}),
    Case(
        name="rest-of-another-file",
        end=failed(Reason.TRUNCATED),
        answers={"/paper.pdf": resumable(papers.plain, _rest_of_another)},
        why="the halves of two files are no file, though each is sent as it should be",
    ),
    Case(
        name="stored-in-part",
        end=failed(Reason.TRUNCATED),
        answers={"/paper.pdf": pdf(_half)},
        why="the wire lost nothing, the host's own file is the first third: broken off tells more than damaged",
    ),
    Case(
        name="too-large-announced",
        end=failed(Reason.TOO_LARGE),
        answers={"/paper.pdf": announced(papers.plain, 2 * _GB)},
    ),
    Case(
        name="too-large-unannounced",
        end=failed(Reason.TOO_LARGE),
        answers={"/paper.pdf": endless(b"%PDF-1.4\n" + bytes(262_144), pause_s=0.0)},
    ),
    Case(
        name="gzip-bomb",
        end=failed(Reason.TOO_LARGE),
        answers={"/paper.pdf": bomb()},
        why="what it unpacks to is over the bound: its packing is in order, so not bad-encoding",
    ),
    Case(
        name="bad-encoding",
        end=failed(Reason.BAD_ENCODING),
        answers={"/paper.pdf": pdf(papers.plain, ("content-encoding", "gzip"))},
    ),
    Case(
        name="unknown-encoding",
        end=failed(Reason.BAD_ENCODING),
        answers={"/paper.pdf": pdf(papers.plain, ("content-encoding", "compress"))},
    ),
    Case(
        name="encrypted",
        end=failed(Reason.ENCRYPTED_PDF),
        answers={"/paper.pdf": pdf(lambda work: papers.paper(work, password=_NOBODYS))},
    ),
    Case(
        name="damaged",
        end=failed(Reason.DAMAGED_PDF),
        answers={"/paper.pdf": pdf(lambda work: damaged(papers.plain(work)))},
    ),
    Case(
        name="blank-pages",
        end=failed(Reason.NO_TEXT_LAYER),
        answers={"/paper.pdf": pdf(lambda _work: papers.blank())},
        why="neither text nor pictures: nothing that a person could look at either, so not ok-unverified",
    ),
    Case(
        name="preview",
        end=failed(Reason.PREVIEW_ONLY),
        answers={"/paper.pdf": pdf(lambda work: papers.preview(work, is_told=True))},
    ),
    Case(
        name="page-one",
        end=failed(Reason.PREVIEW_ONLY),
        answers={"/paper.pdf": pdf(lambda work: papers.preview(work, is_told=False))},
        why="one page of an article that has eighteen",
    ),
    Case(name="supplement", end=failed(Reason.SUPPLEMENT_ONLY), answers={"/paper.pdf": pdf(papers.supplement)}),
    Case(
        name="appendix",
        end=failed(Reason.SUPPLEMENT_ONLY),
        answers={
            "/paper.pdf": pdf(lambda work: papers.supplement(work, head="Appendix S1. Online supporting material to"))
        },
    ),
    Case(
        name="other-work",
        end=failed(Reason.WRONG_WORK),
        answers={"/paper.pdf": pdf(lambda work: papers.plain(other_work(work)))},
    ),
    Case(
        name="same-title-other-work",
        end=failed(Reason.WRONG_WORK),
        facts={"title": "An introduction to the special issue"},
        answers={"/paper.pdf": pdf(lambda work: papers.plain(other_work(work, title=work.title)))},
    ),
    Case(
        name="part-one-for-part-two",
        end=failed(Reason.WRONG_WORK),
        facts={"title": "On the motion of glaciers. II. Observations"},
        answers={"/paper.pdf": pdf(_part_two)},
        why="same authors, same year, one numeral",
    ),
    Case(name="cover-with-other-work", end=failed(Reason.WRONG_WORK), answers={"/paper.pdf": pdf(_cover_of_another)}),
    Case(
        name="review-of-the-book",
        end=failed(Reason.WRONG_WORK),
        facts=_BOOK,
        answers={
            "/paper.pdf": pdf(
                _about(
                    "Book review",
                    "Reviewed work: {title}. Norwall University Press, 412 pages, cloth. "
                    "This handsome volume will be welcomed by all who work in the field.",
                    **_LATE,
                )
            )
        },
    ),
    Case(
        name="erratum",
        end=failed(Reason.WRONG_WORK),
        answers={
            "/paper.pdf": pdf(
                lambda work: papers.about(
                    work,
                    replace(work, doi="10.5555/trap.erratum"),
                    kind="Erratum to",
                    text=f"In {work.title} (https://doi.org/{work.doi}) the labels of figure 2 were exchanged.",
                )
            )
        },
        why="the authors and the journal are the work's, and so is the DOI in the text",
    ),
    Case(
        name="retraction-notice",
        end=failed(Reason.WRONG_WORK),
        answers={
            "/paper.pdf": pdf(
                lambda work: papers.about(
                    work,
                    replace(work, doi="10.5555/trap.retraction"),
                    kind="Retraction note",
                    text=f"The editors have retracted this article, https://doi.org/{work.doi}, as its authors asked.",
                )
            )
        },
    ),
    Case(
        name="comment",
        end=failed(Reason.WRONG_WORK),
        answers={
            "/paper.pdf": pdf(
                _about(
                    'Comment on "',
                    "We read the article with great interest and disagree. It was published as https://doi.org/{doi}.",
                    **_LATE,
                )
            )
        },
    ),
    Case(
        name="reply-to-comment",
        end=failed(Reason.WRONG_WORK),
        answers={
            "/paper.pdf": pdf(
                lambda work: papers.about(
                    work,
                    replace(work, doi="10.5555/trap.reply", year=(work.year or 2000) + 1),
                    kind="Reply to comment on",
                    text="We thank our critics for their close reading.",
                )
            )
        },
    ),
    Case(
        name="whole-proceedings",
        end=IN_QUARANTINE,
        facts={"type": WorkType.PAPER_CONFERENCE},
        answers={"/paper.pdf": pdf(papers.proceedings)},
        why="the work is in it, and much else: not proven, not refuted",
    ),
    Case(
        name="chapter-for-book",
        end=failed(Reason.WRONG_WORK),
        facts={**_BOOK, "doi": "10.5555/trap.book2"},
        answers={"/paper.pdf": pdf(_chapter)},
    ),
    Case(name="contents-page", end=failed(Reason.WRONG_WORK), answers={"/paper.pdf": pdf(_contents_page)}),
    Case(name="licence-form", end=failed(Reason.WRONG_WORK), answers={"/paper.pdf": pdf(_licence)}),
    Case(name="paper-that-cites-it", end=failed(Reason.WRONG_WORK), answers={"/paper.pdf": pdf(_citing)}),
    Case(name="same-authors-same-issue", end=failed(Reason.WRONG_WORK), answers={"/paper.pdf": pdf(_same_authors)}),
    Case(
        name="translated-title-without-doi",
        end=IN_QUARANTINE,
        answers={
            "/paper.pdf": pdf(
                lambda work: papers.paper(
                    replace(work, title="Beobachtungen aus zwei Jahren und ihre Bedeutung für die Verfahren", doi=None)
                )
            )
        },
        why="authors, journal, volume and year are the work's, the title is another and in another language: it may be "
        "the work, so a person has to see it; refusing it unseen would lose a right file",
    ),
    Case(
        name="file-on-page-of-other-work",
        end=failed(Reason.WRONG_WORK),
        at=PAGE_AT,
        answers={
            "/article": page("", head=citation("{a}/other.pdf")),
            "/other.pdf": pdf(lambda work: papers.plain(other_work(work))),
            "/paper.pdf": status(404),
        },
    ),
)
