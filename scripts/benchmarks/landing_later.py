"""The benchmark's second hold-out: written when the first had been measured, again before the finder saw a page."""

from __future__ import annotations

from benchmarks.landing_cases import DOI, TITLE, Case, metas, page

from dl_lit.core.reasons import Reason

_H = "https://host.example"
_UUID = "0b5e7c1a-7f0c-4a1d-9f0e-1234567890ab"


def _at(name: str, path: str, body: str, *right: str, head: str = "", why: Reason | None = None, **more: str) -> Case:
    """A page at `path` of one host; `right` are paths there or whole addresses."""
    html = page(body, head=head or metas(), **more)  # type: ignore[arg-type]
    links = tuple(one if one.startswith("http") else _H + one for one in right)
    return Case(name=name, url=_H + path, html=html, right=links, why=why)


def cases() -> list[Case]:
    """All of them."""
    return [*_files(), *_lists()]


def _files() -> list[Case]:
    return [
        _at(
            "pure files",
            "/en/publications/tidal-mixing",
            '<h3>Access to Document</h3><a href="/files/5512/Tidal_mixing.pdf">Final published version, 1.9 '
            'MB</a><a href="https://doi.org/10.5555/x">DOI</a>',
            "/files/5512/Tidal_mixing.pdf",
            other="/files/6{n}/o.pdf",
        ),
        _at(
            "dspace-cris content",
            f"/items/{_UUID}",
            f'<a class="btn" href="/server/api/core/bitstreams/{_UUID}/content">Download</a>',
            f"/server/api/core/bitstreams/{_UUID}/content",
        ),
        _at(
            "ssoar",
            "/ssoar/handle/document/4242",
            "<a "
            'href="/ssoar/bitstream/handle/document/4242/ssoar-2019-moreau-Tidal.pdf?sequence=1&'
            'amp;lnkname=ssoar-2019-moreau-Tidal.pdf">Volltext herunterladen (1.2 MB)</a>',
            "/ssoar/bitstream/handle/document/4242/ssoar-2019-moreau-Tidal.pdf?sequence=1&"
            "lnkname=ssoar-2019-moreau-Tidal.pdf",
            style="german",
        ),
        _at(
            "world bank",
            "/handle/10986/4242",
            '<a href="/bitstream/handle/10986/4242/eels.pdf">English PDF (1.2 MB)</a> <a '
            'href="/bitstream/handle/10986/4242/eels.txt">English Text (90 KB)</a>',
            "/bitstream/handle/10986/4242/eels.pdf",
        ),
        _at(
            "cyberleninka",
            "/article/n/tidal-mixing-and-eels",
            '<a class="btn" href="/article/n/tidal-mixing-and-eels/pdf">Скачать PDF</a>',
            "/article/n/tidal-mixing-and-eels/pdf",
            other="/article/n/other-{n}/pdf",
        ),
        _at(
            "openedition",
            "/ss/4242",
            '<a href="/ss/pdf/4242">PDF 1,2M</a> <a href="/ss/4242?format=reader">Format Reader</a>',
            "/ss/pdf/4242",
            other="/ss/pdf/9{n}",
        ),
        _at(
            "numdam",
            "/item/SS_2019__7_1_42_0/",
            '<a href="/item/10.5555/eel.2019.042.pdf">Full (PDF)</a>',
            "/item/10.5555/eel.2019.042.pdf",
            other="/item/10.5555/o.{n}.pdf",
        ),
        _at(
            "euclid",
            f"/journals/ss/volume-7/issue-1/Tidal/{DOI}.full",
            '<a class="btn" href="/journalArticle/Download?urlid=10.5555%2Feel.2019.042">DOWNLOAD PDF + '
            "SAVE TO MY LIBRARY</a>",
            "/journalArticle/Download?urlid=10.5555%2Feel.2019.042",
        ),
        _at(
            "koreascience",
            "/article/JAKO201912345678901.page",
            '<a class="btn-pdf" href="/article/JAKO201912345678901.pdf">PDF KSCI</a>',
            "/article/JAKO201912345678901.pdf",
            other="/article/JAKO20181234567890{n}.pdf",
        ),
        _at(
            "jmlr",
            "/papers/v20/18-042.html",
            '<p>[<a href="/papers/v20/18-042.html">abs</a>][<a target=_blank '
            'href="/papers/volume20/18-042/18-042.pdf">pdf</a>][<a href="/papers/v20/18-042.bib">bib</a>'
            "]</p>",
            "/papers/volume20/18-042/18-042.pdf",
        ),
        _at(
            "pmlr",
            "/v97/moreau19a.html",
            '<ul><li><a href="/v97/moreau19a/moreau19a.pdf">Download PDF</a></li><li><a '
            'href="/v97/moreau19a/moreau19a-supp.pdf">Supplementary PDF</a></li></ul>',
            "/v97/moreau19a/moreau19a.pdf",
        ),
        _at(
            "cvf",
            "/content/html/Moreau_Tidal_2019_paper.html",
            '[<a href="../papers/Moreau_Tidal_2019_paper.pdf">pdf</a>] [<a '
            'href="../supplemental/Moreau_Tidal_2019_supplemental.pdf">supp</a>] [<a href="#bib">bibtex</a>]',
            "/content/papers/Moreau_Tidal_2019_paper.pdf",
        ),
        _at(
            "iacr",
            "/2019/042",
            '<a class="btn btn-sm btn-outline-dark" href="/2019/042.pdf">PDF</a>',
            "/2019/042.pdf",
            other="/2018/10{n}.pdf",
        ),
        _at(
            "repec",
            "/p/xyz/wpaper/042.html",
            "<h2>Download full text from publisher</h2><p>File URL: <a "
            'href="https://ftp.wp.example/wp/042.pdf">https://ftp.wp.example/wp/042.pdf</a></p>',
            "https://ftp.wp.example/wp/042.pdf",
        ),
        _at(
            "osti",
            "/biblio/1234567",
            '<a href="/servlets/purl/1234567">Accepted Manuscript (DOE)</a><a href="/biblio/1234567/cite">Cite</a>',
            "/servlets/purl/1234567",
            other="/servlets/purl/999{n}",
        ),
        _at(
            "ntrs",
            "/citations/20190004242",
            '<a href="/api/citations/20190004242/downloads/20190004242.pdf?attachment=true">20190004242.pdf</a>',
            "/api/citations/20190004242/downloads/20190004242.pdf?attachment=true",
        ),
        _at(
            "eric",
            "/?id=ED424242",
            '<a href="/fulltext/ED424242.pdf"><img alt="PDF on ERIC"> Download full text</a>',
            "/fulltext/ED424242.pdf",
        ),
        _at(
            "biorxiv",
            "/content/10.5555/2019.01.02.042v1",
            '<a class="article-dl-pdf-link link-icon" href="/content/10.5555/2019.01.02.042v1.full.pdf">'
            "Download PDF</a>",
            "/content/10.5555/2019.01.02.042v1.full.pdf",
            head=metas(doi="10.5555/2019.01.02.042"),
            other="/content/10.5555/2018.0{n}.01v1.full.pdf",
        ),
        _at(
            "cell",
            "/ss/fulltext/S0001-2345(19)30042-1",
            '<a class="article-tools__item__link" href="/action/showPdf?pii=S0001-2345%2819%2930042-1">PDF</a>',
            "/action/showPdf?pii=S0001-2345%2819%2930042-1",
            other="/action/showPdf?pii=S0001-2345%2818%293000{n}-1",
        ),
        _at(
            "brill",
            "/view/journals/ss/7/1/article-p42_3.xml",
            '<a href="/downloadpdf/view/journals/ss/7/1/article-p42_3.xml">Download PDF</a>',
            "/downloadpdf/view/journals/ss/7/1/article-p42_3.xml",
        ),
        _at(
            "thieme",
            "/products/ejournals/abstract/10.5555/s-0039-1234",
            '<ul><li><a href="/products/ejournals/pdf/10.5555/s-0039-1234.pdf">PDF (300 kb)</a></li></ul>',
            "/products/ejournals/pdf/10.5555/s-0039-1234.pdf",
            head=metas(doi="10.5555/s-0039-1234"),
        ),
        _at(
            "pensoft",
            "/article/26391/",
            '<a href="/article/26391/download/pdf/">PDF</a><a href="/article/26391/download/xml/">XML</a>',
            "/article/26391/download/pdf/",
            other="/article/1{n}/download/pdf/",
        ),
        _at(
            "hindawi",
            "/journals/ss/2019/4242042/",
            '<a href="https://downloads.host.example/journals/ss/2019/4242042.pdf">Download PDF</a>',
            "https://downloads.host.example/journals/ss/2019/4242042.pdf",
        ),
        _at(
            "dovepress",
            "/tidal-mixing-peer-reviewed-fulltext-article-SS",
            '<a id="download-pdf" href="getfile.php?fileID=4242">Download Article [PDF]</a>',
            "/getfile.php?fileID=4242",
        ),
        _at(
            "thesis in files",
            "/thesis/42",
            '<h4>Files</h4><table><tr><td><a href="/thesis/42/01_title.pdf">01_title.pdf</a></td></tr><tr>'
            '<td><a href="/thesis/42/moreau_thesis.pdf">Full text (12 MB)</a></td></tr></table>',
            "/thesis/42/moreau_thesis.pdf",
        ),
        _at(
            "sidebar",
            "/x/42",
            '<aside class="sidebar"><div class="download"><a href="/x/42/fulltext.pdf"><span>Article</span> '
            "<span>PDF</span></a></div></aside>",
            "/x/42/fulltext.pdf",
        ),
        _at(
            "uppercase markup",
            "/x/42",
            '<P><A CLASS="Pdf" HREF=/x/42/FULL.PDF><B>PDF</B></A></P>',
            "/x/42/FULL.PDF",
            style="headings",
        ),
        _at("greek", "/x/42", '<a href="/x/42.pdf">Πλήρες κείμενο</a>', "/x/42.pdf"),
        _at("hungarian", "/x/42", '<a href="/x/42.pdf">Teljes szöveg (PDF)</a>', "/x/42.pdf"),
        _at("arabic", "/x/42", '<a href="/x/42.pdf">تحميل النص الكامل</a>', "/x/42.pdf"),
    ]


def _lists() -> list[Case]:
    references = "".join(
        f"<tr class=r><td>{n}.</td><td>Author {n} (200{n}). A title. <a href='/r/{n}.pdf'>PDF</a></td></tr>"
        for n in range(1, 9)
    )
    chapters = "".join(
        f'<li>{t} <a href="/ch/{n}.pdf">PDF</a></li>'
        for n, t in ((1, "Foreword"), (2, "Winds and currents"), (3, TITLE), (4, "Coasts"), (5, "Outlook"))
    )
    more = "".join(f'<p><a href="/m/{n}.pdf">Another paper {n} (PDF)</a></p>' for n in range(4))
    book = (
        f"<html><head><title>Seas: a book</title></head><body><h1>Seas</h1><h2>Table of contents</h2><ul>"
        f"{chapters}</ul></body></html>"
    )
    home = (
        "<html><head><title>Shelf Seas</title></head><body><h1>Shelf Seas</h1><p>The journal of shallow water.</p>"
        '<a href="/current.pdf">Current issue (PDF)</a><a href="/authors.pdf">Instructions for authors '
        "(PDF)</a></body></html>"
    )
    return [
        _at(
            "references in a table",
            "/x/42",
            f'<a href="/x/42.pdf">PDF</a><p><b>References</b></p><table>{references}</table>',
            "/x/42.pdf",
        ),
        _at(
            "more from this author",
            "/x/42",
            f'<a href="/x/42.pdf">PDF</a><div><div><h2>More from these authors</h2></div><div>{more}</div></div>',
            "/x/42.pdf",
        ),
        Case(name="a chapter by its title", url=f"{_H}/book/9", html=book, right=(f"{_H}/ch/3.pdf",)),
        Case(name="the journal's home", url=f"{_H}/", html=home, why=Reason.NO_PDF_LINK),
        _at(
            "sign in first",
            "/x/42",
            '<a href="/login?return=/x/42.pdf">Sign in to download the PDF</a>',
            why=Reason.NO_PDF_LINK,
        ),
        _at(
            "only the record",
            "/x/42",
            '<a href="https://doi.org/10.5555/eel.2019.042">Full text at the publisher</a>',
            why=Reason.NO_PDF_LINK,
        ),
        _at(
            "tabs",
            "/x/42",
            '<ul role="tablist"><li><a href="#references">References</a></li></ul><div class="tab-content">'
            '<a href="/x/42.pdf">Download</a></div>',
            "/x/42.pdf",
        ),
        _at(
            "cited by",
            "/x/42",
            '<a href="/x/42.pdf">Full Text (PDF)</a><div class="citedByEntry"><a href="/c/1.pdf">PDF</a>'
            '</div><div data-title="Cited By"><h4>Cited by 3</h4><a href="/c/2.pdf">PDF</a></div>',
            "/x/42.pdf",
        ),
    ]
