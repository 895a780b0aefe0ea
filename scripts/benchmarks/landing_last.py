"""The benchmark's third hold-out: written when the second had been mended; its first measurement stands in the docs."""

from __future__ import annotations

from benchmarks.landing_cases import DOI, TITLE, WORK, Case, clutter, metas, page

from dl_lit.core.model import Name, Work, WorkType
from dl_lit.core.reasons import Reason

_H = "https://site.example"
_RELATED = '<a href="/r/1.pdf">PDF</a>'
_BOOK = Work(title="The history of small harbours", type=WorkType.BOOK, authors=(Name(family="Lund"),), year=2011)


def _at(name: str, path: str, html: str, *right: str, why: Reason | None = None, work: Work = WORK) -> Case:
    """A page at `path` of one host; `right` are paths there or whole addresses."""
    links = tuple(one if one.startswith("http") else _H + one for one in right)
    return Case(name=name, url=_H + path, html=html, right=links, why=why, work=work)


def _page(*parts: str, head: str | None = None) -> str:
    return page("".join(parts), head=metas() if head is None else head, style="headings")


def cases() -> list[Case]:
    """All of them."""
    return [*_articles(), *_repositories(), *_astray()]


def _articles() -> list[Case]:
    return [
        _at(
            "tools in a header",
            "/a/42",
            _page('<header class="article-header"><a class="pdf" href="/a/42.pdf">PDF</a></header>'),
            "/a/42.pdf",
        ),
        _at(
            "two formats",
            "/a/42",
            _page('<p>Download: <a href="/a/42/pdf/">PDF</a> | <a href="/a/42/epub/">EPUB</a></p>'),
            "/a/42/pdf/",
        ),
        _at(
            "letter and A4",
            "/a/42",
            _page('<a href="/a/42-a4.pdf">PDF (A4)</a> <a href="/a/42-letter.pdf">PDF (Letter)</a>'),
            "/a/42-a4.pdf",
            "/a/42-letter.pdf",
        ),
        _at(
            "signed address",
            "/a/42",
            _page('<a href="https://cdn.example/42.pdf?X-Amz-Expires=300&amp;X-Amz-Signature=ab">Download PDF</a>'),
            "https://cdn.example/42.pdf?X-Amz-Expires=300&X-Amz-Signature=ab",
        ),
        _at(
            "session in the path",
            "/a/42",
            _page('<a href="/get/42.pdf;jsessionid=AB12">Full text</a>'),
            "/get/42.pdf;jsessionid=AB12",
        ),
        _at(
            "query for a format",
            "/a/42",
            _page('<a href="/a/42?format=pdf">Print version</a>', '<a href="/a/42?format=pdf&amp;download=1">PDF</a>'),
            "/a/42?format=pdf&download=1",
            "/a/42?format=pdf",
        ),
        _at(
            "data attribute",
            "/a/42",
            _page('<a href="#" data-href="/dl/42.pdf" class="btn">Download PDF</a>'),
            "/dl/42.pdf",
        ),
        _at(
            "title attribute",
            "/a/42",
            _page('<a href="/dl?id=42" title="PDF"><span class="icon"></span></a>'),
            "/dl?id=42",
        ),
        _at("indonesian", "/a/42", _page('<a href="/dl/42.pdf">Unduh PDF</a>'), "/dl/42.pdf"),
        _at("vietnamese", "/a/42", _page('<a href="/dl/42.pdf">Toàn văn (PDF)</a>'), "/dl/42.pdf"),
        _at("romanian", "/a/42", _page('<a href="/dl/42.pdf">Descarcă articolul</a>'), "/dl/42.pdf"),
        _at("persian", "/a/42", _page('<a href="/dl/42.pdf">متن کامل</a>'), "/dl/42.pdf"),
        _at("size only", "/a/42", _page('<h3>Full text</h3><p><a href="/dl/42.pdf">1.4 MB</a></p>'), "/dl/42.pdf"),
        _at(
            "erudit",
            "/fr/revues/ss/2019-v7-n1-ss0042/1043569ar/",
            _page('<a href="/fr/revues/ss/2019-v7-n1-ss0042/1043569ar.pdf">Télécharger le PDF</a>'),
            "/fr/revues/ss/2019-v7-n1-ss0042/1043569ar.pdf",
        ),
        _at(
            "ojs with a cover image",
            "/ss/article/view/42",
            _page(
                '<div class="cover_image"><a href="/ss/issue/view/7"><img src="/c.jpg"></a></div><a '
                'class="obj_galley_link pdf" href="/ss/article/view/42/9">PDF</a>'
            ),
            "/ss/article/download/42/9",
        ),
        _at(
            "annual review",
            f"/doi/10.1146/{DOI[8:]}",
            _page(
                f'<a class="btn" href="/doi/pdf/10.1146/{DOI[8:]}">Download PDF</a>',
                head=metas(doi=f"10.1146/{DOI[8:]}"),
            ),
            f"/doi/pdf/10.1146/{DOI[8:]}",
            work=Work(title=TITLE),
        ),
    ]


def _repositories() -> list[Case]:
    return [
        _at(
            "many bitstreams",
            "/handle/1/42",
            _page(
                "".join(
                    f'<tr><td>{name}</td><td><a href="/bitstream/1/42/{n}/{name}">View/Open</a></td></tr>'
                    for n, name in enumerate(("abstract.pdf", "moreau.pdf", "Annex1.pdf", "licence.pdf"), 1)
                )
            ),
            "/bitstream/1/42/2/moreau.pdf",
        ),
        _at(
            "dspace thumbnail",
            "/xmlui/handle/1/42",
            _page(
                '<div class="thumbnail"><a href="/xmlui/bitstream/handle/1/42/moreau.pdf?sequence=1"><img '
                'alt="Thumbnail" src="/t.jpg"></a></div><a '
                'href="/xmlui/bitstream/handle/1/42/moreau.pdf?sequence=1">moreau.pdf (1.1Mb)</a>'
            ),
            "/xmlui/bitstream/handle/1/42/moreau.pdf?sequence=1",
        ),
        _at(
            "research portal",
            "/portal/en/pub(12-ab).html",
            _page(
                '<h3>Documents</h3><ul><li><a href="/portal/files/42/moreau.pdf">moreau</a><p>Accepted author '
                "manuscript, 900 KB, PDF document</p></li></ul>"
            ),
            "/portal/files/42/moreau.pdf",
        ),
        _at(
            "deposit in spanish",
            "/record/42",
            _page('<h3>Archivos</h3><a href="/record/42/files/moreau.pdf">moreau.pdf</a>'),
            "/record/42/files/moreau.pdf",
        ),
        _at(
            "book scan",
            "/details/harbours",
            page(
                '<a class="format-summary download-pill" href="/download/harbours/harbours.pdf">PDF download</a>'
                '<a href="/download/harbours/harbours_djvu.txt">FULL TEXT</a>',
                title=_BOOK.title,
                other="/download/o{n}/o.pdf",
            ),
            "/download/harbours/harbours.pdf",
            work=_BOOK,
        ),
        _at(
            "press page of a book",
            "/books/harbours",
            page(
                '<a href="/books/harbours/flyer.pdf">Flyer (PDF)</a><a href="/books/harbours/harbours.pdf">'
                'Download free PDF</a><a href="/books/harbours/toc.pdf">Contents (PDF)</a>',
                title=_BOOK.title,
            ),
            "/books/harbours/harbours.pdf",
            work=_BOOK,
        ),
    ]


def _astray() -> list[Case]:
    listing = "".join(
        f"<li>{t}. Moreau, 2019. {_RELATED.replace('1.pdf', f'{n}.pdf')}</li>"
        for n, t in enumerate(("Salt", "Mud", "Sand", "Light"))
    )
    return [
        _at(
            "issue without the work",
            "/issue/7",
            f"<html><body><h1>Volume 7</h1><ul>{listing}</ul></body></html>",
            why=Reason.NO_PDF_LINK,
        ),
        _at(
            "erratum beside it",
            "/a/42",
            _page('<a href="/a/42.pdf">PDF</a> <a href="/a/42-erratum.pdf">Erratum (PDF)</a>'),
            "/a/42.pdf",
        ),
        _at(
            "translations beside it",
            "/a/42",
            _page(
                '<a href="/a/42.pdf">PDF</a><h3>Similar articles</h3><div><div><a href="/s/1.pdf">PDF</a></div></div>'
            ),
            "/a/42.pdf",
        ),
        _at(
            "whole issue beside it",
            "/a/42",
            _page('<a href="/i/7.pdf">Complete issue (PDF)</a> <a href="/a/42.pdf">Article (PDF)</a>'),
            "/a/42.pdf",
        ),
        _at(
            "reviews beside it",
            "/a/42",
            _page('<a href="/a/42/reviews.pdf">Peer review file (PDF)</a> <a href="/a/42.pdf">PDF</a>'),
            "/a/42.pdf",
        ),
        _at("only a flyer", "/a/42", _page('<a href="/flyer.pdf">Download flyer (PDF)</a>'), why=Reason.NO_PDF_LINK),
        _at(
            "recommended, nested",
            "/a/42",
            _page(
                '<a href="/a/42.pdf">Download</a><section><div class="x"><div><span>Recommended</span></div>'
                '<div class="y"><a href="/q/1.pdf">Download</a></div></div></section>'
            ),
            "/a/42.pdf",
        ),
        _at(
            "a page of clutter",
            "/a/42",
            f"<html><head>{metas()}</head><body><h1>{TITLE}</h1>{clutter('/z/{n}.pdf', 'german')}</body></html>",
            why=Reason.NO_PDF_LINK,
        ),
        _at(
            "login page",
            "/login",
            "<html><head><title>Log in</title></head><body><form><input type=password></form></body></html>",
            why=Reason.NO_PDF_LINK,
        ),
    ]
