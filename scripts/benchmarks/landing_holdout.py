"""The benchmark's hold-out: pages written before the finder had seen any, and measured apart."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from benchmarks.landing_cases import DOI, TITLE, WORK, Case, metas, page

from dl_lit.core.reasons import Reason

_J = "https://press.example"
_R = "https://archive.example"


def _case(name: str, url: str, html: str, *right: str, **more: object) -> Case:
    return Case(name=name, url=url, html=html, right=right, **more)  # type: ignore[arg-type]


def cases() -> list[Case]:
    """All of them."""
    return [*_platforms(), *_words(), *_without()]


def _platforms() -> list[Case]:
    return [
        _case(
            "ojs 3 preprints",
            f"{_J}/ops/preprint/view/17",
            page(
                '<a class="obj_galley_link pdf" href="/ops/preprint/view/17/31">Download PDF</a>',
                head='<meta name="generator" content="Open Preprint Systems 3.3">',
                style="headings",
            ),
            f"{_J}/ops/preprint/download/17/31",
        ),
        _case(
            "ojs 3 two languages",
            f"{_J}/rev/article/view/88",
            page(
                '<a class="obj_galley_link pdf" href="/rev/article/view/88/100">PDF (Español)</a> <a '
                'class="obj_galley_link pdf" href="/rev/article/view/88/101">PDF (English)</a> <a '
                'class="obj_galley_link file" href="/rev/article/view/88/102">EPUB</a>',
                style="spanish",
                other="/rev/article/view/{n}0/1",
            ),
            f"{_J}/rev/article/download/88/100",
            f"{_J}/rev/article/download/88/101",
        ),
        _case(
            "ojs localised",
            f"{_J}/index.php/zs/article/view/5",
            page(
                '<h2>Downloads</h2><ul><li><a class="btn galley-link obj_galley_link pdf" '
                'href="https://press.example/index.php/zs/article/view/5/6">PDF</a></li></ul>',
                style="german",
                head=metas(),
            ),
            f"{_J}/index.php/zs/article/download/5/6",
        ),
        _case(
            "dspace jspui",
            f"{_R}/jspui/handle/123456789/77",
            page(
                '<table class="panel-body"><tr><th>File</th><th>Description</th></tr><tr><td><a target="_blank" '
                'href="/jspui/bitstream/123456789/77/1/Moreau_2019.pdf">Moreau_2019.pdf</a></td><td>Main '
                'article</td></tr><tr><td><a href="/jspui/bitstream/123456789/77/2/Cover.pdf">Cover.pdf</a></td>'
                "</tr></table>"
            ),
            f"{_R}/jspui/bitstream/123456789/77/1/Moreau_2019.pdf",
        ),
        _case(
            "dspace 7 with licence",
            f"{_R}/entities/publication/0b5e7c1a-7f0c-4a1d-9f0e-1234567890ab",
            page(
                '<div class="file-section"><a href="/bitstreams/aaaa7c1a-7f0c-4a1d-9f0e-1234567890ab/download">'
                'moreau2019.pdf (4.2 MB)</a><a href="/bitstreams/bbbb7c1a-7f0c-4a1d-9f0e-1234567890ab/download">'
                "license.txt (1.7 KB)</a></div>",
                style="headings",
            ),
            f"{_R}/bitstreams/aaaa7c1a-7f0c-4a1d-9f0e-1234567890ab/download",
        ),
        _case(
            "eprints summary",
            f"{_R}/id/eprint/3141/",
            page(
                '<table><tr><td><a href="/id/eprint/3141/1/eels%20final.pdf"><img alt="[img]" '
                'src="/style/images/fileicons/application_pdf.png"></a></td><td>PDF - Accepted Post-Print Version '
                '<a href="/id/eprint/3141/1/eels%20final.pdf">Download (800kB)</a></td></tr></table>',
                head='<meta name="eprints.title" content="' + TITLE + '">',
            ),
            f"{_R}/id/eprint/3141/1/eels%20final.pdf",
        ),
        _case(
            "invenio rdm",
            f"{_R}/records/abcd1-efg23",
            page(
                '<div id="files"><h3>Files</h3><a class="ui button" '
                'href="/records/abcd1-efg23/files/eels.pdf?download=1">Download</a><a '
                'href="/records/abcd1-efg23/preview/eels.pdf">Preview</a></div>',
                head=metas(),
            ),
            f"{_R}/records/abcd1-efg23/files/eels.pdf?download=1",
        ),
        _case(
            "join2",
            f"{_R}/record/765432",
            page(
                '<a href="https://archive.example/record/765432/files/765432.pdf">Volltext herunterladen PDF</a>',
                style="german",
            ),
            f"{_R}/record/765432/files/765432.pdf",
        ),
        _case(
            "opus",
            f"{_R}/frontdoor/index/index/docId/912",
            page(
                '<h3>Volltext Dateien herunterladen</h3><ul><li><a class="application_pdf" '
                'href="/files/912/Moreau_Aale.pdf">Moreau_Aale.pdf</a> (2.3 MB)</li></ul>',
                style="german",
            ),
            f"{_R}/files/912/Moreau_Aale.pdf",
        ),
        _case(
            "diva",
            "https://diva.example/smash/record.jsf?pid=diva2:130042",
            page('<a href="/smash/get/diva2:130042/FULLTEXT01.pdf">fulltext</a>', head=metas()),
            "https://diva.example/smash/get/diva2:130042/FULLTEXT01.pdf",
        ),
        _case(
            "mycore receive",
            f"{_R}/receive/dp_mods_00071",
            page(
                '<div class="mir-preview"><noscript><ul><li><a '
                'href="https://archive.example/servlets/MCRFileNodeServlet/dp_derivate_00031/Moreau.pdf?view=fit">'
                "Moreau.pdf</a></li></ul></noscript></div>",
                style="german",
            ),
            f"{_R}/servlets/MCRFileNodeServlet/dp_derivate_00031/Moreau.pdf?view=fit",
        ),
        _case(
            "sage",
            f"https://sage.example/doi/abs/{DOI}",
            page(
                f'<ul class="tools"><li><a data-item-name="download-PDF" href="/doi/pdf/{DOI}?download=true">'
                f"Download PDF</a></li></ul>",
                head=metas(),
                other="/doi/pdf/10.5555/x.{n}?download=true",
            ),
            f"https://sage.example/doi/pdf/{DOI}?download=true",
        ),
        _case(
            "acs reader",
            f"https://acs.example/doi/{DOI}",
            page(
                f'<a class="article__btn__secondary" title="Read online" href="/doi/reader/{DOI}">Open PDF</a>',
                head='<meta name="dc.Identifier" scheme="doi" content="' + DOI + '">',
                other="/doi/reader/10.5555/x.{n}",
            ),
            f"https://acs.example/doi/pdf/{DOI}",
            tolerated=(f"https://acs.example/doi/reader/{DOI}",),
        ),
        _case(
            "springer",
            f"https://sp.example/article/{DOI}",
            page(
                f'<div class="c-pdf-download"><a class="u-button c-pdf-download__link" data-article-pdf="true" '
                f'href="/content/pdf/{DOI}.pdf">Download PDF</a></div>',
                other="/content/pdf/10.5555/o{n}.pdf",
            ),
            f"https://sp.example/content/pdf/{DOI}.pdf",
        ),
        _case(
            "nature",
            "https://nat.example/articles/s41000-019-0042-7",
            page(
                '<a data-test="download-pdf" href="/articles/s41000-019-0042-7.pdf">Download PDF</a>',
                head=metas(),
                other="/articles/s41000-018-000{n}-1.pdf",
            ),
            "https://nat.example/articles/s41000-019-0042-7.pdf",
        ),
        _case(
            "elife",
            "https://elife.example/articles/59841",
            page(
                '<a class="article-download-links-list__link" data-download-type="pdf-article" '
                'href="https://elife.example/download/aHR0cHM6/elife-59841-v2.pdf?_hash=xyz">Article PDF</a><a '
                'data-download-type="pdf-figures" '
                'href="https://elife.example/download/aHR0/elife-59841-figures-v2.pdf">Figures PDF</a>',
                head=metas(),
            ),
            "https://elife.example/download/aHR0cHM6/elife-59841-v2.pdf?_hash=xyz",
        ),
        _case(
            "peerj",
            "https://peerj.example/articles/4242/",
            page(
                '<a class="btn" href="/articles/4242.pdf">Download PDF</a><a href="/articles/4242/reviews/">Peer '
                "review</a>",
                head=metas(),
                other="/articles/90{n}.pdf",
            ),
            "https://peerj.example/articles/4242.pdf",
        ),
        _case(
            "iop",
            f"https://iop.example/article/{DOI}/meta",
            page(
                f'<a class="btn btn-primary" href="/article/{DOI}/pdf">Article PDF</a>',
                head=metas(),
                other="/article/10.5555/o{n}/pdf",
            ),
            f"https://iop.example/article/{DOI}/pdf",
        ),
        _case(
            "science open",
            "https://scienceopen.example/document?vid=0b5e",
            page(
                '<a class="so-btn" href="/document_file/0b5e7c1a-7f0c-4a1d-9f0e-1234567890ab/ScienceOpen/eel.pdf">'
                "Download PDF</a>",
                head=metas(),
            ),
            "https://scienceopen.example/document_file/0b5e7c1a-7f0c-4a1d-9f0e-1234567890ab/ScienceOpen/eel.pdf",
        ),
        _case(
            "redalyc",
            "https://redalyc.example/articulo.oa?id=12345678042",
            page(
                "<div onclick=\"window.open('/pdf/123/12345678042.pdf')\">PDF</div><script>var "
                'u="/pdf/123/12345678042.pdf";</script>',
                style="spanish",
            ),
            "https://redalyc.example/pdf/123/12345678042.pdf",
        ),
        _case(
            "dialnet",
            "https://dialnet.example/servlet/articulo?codigo=7042042",
            page(
                '<a class="textoCompleto" href="/descarga/articulo/7042042.pdf">Texto completo (pdf)</a>',
                style="spanish",
                other="/descarga/articulo/60000{n}.pdf",
            ),
            "https://dialnet.example/descarga/articulo/7042042.pdf",
        ),
        _case(
            "persee",
            "https://persee.example/doc/ss_0001-1234_2019_num_7_1_42",
            page(
                '<a href="/docAsPDF/ss_0001-1234_2019_num_7_1_42.pdf">Télécharger le document</a>',
                other="/docAsPDF/ss_0001-1234_2018_num_6_{n}_1.pdf",
            ),
            "https://persee.example/docAsPDF/ss_0001-1234_2019_num_7_1_42.pdf",
        ),
        _case(
            "scielo new",
            "https://scielo.example/j/ss/a/bcDfGhJkLmNpQrStVwXyZ12/?lang=en",
            page(
                '<ul><li><a href="/j/ss/a/bcDfGhJkLmNpQrStVwXyZ12/?format=pdf&amp;lang=en">Download PDF '
                "(English)</a></li></ul>",
                head=metas(),
                other="/j/ss/a/ZZDfGhJkLmNpQrStVwXyZ1{n}/?format=pdf&lang=en",
            ),
            "https://scielo.example/j/ss/a/bcDfGhJkLmNpQrStVwXyZ12/?format=pdf&lang=en",
        ),
        _case(
            "sciencedirect",
            "https://sd.example/science/article/pii/S0001234519300421",
            page(
                '<li class="ViewPDF"><a class="link-button" aria-label="View PDF. Opens in a new window." '
                'href="/science/article/pii/S0001234519300421/pdfft?md5=ab&amp;pid=1-s2.0-S0001234519300421-main.pdf">'
                "View PDF</a></li>",
                head=metas(),
                other="/science/article/pii/S000123451800{n}111/pdfft?md5=a&pid=x-main.pdf",
            ),
            "https://sd.example/science/article/pii/S0001234519300421/pdfft?md5=ab&pid=1-s2.0-S0001234519300421-main.pdf",
        ),
        _case(
            "hyrax work",
            f"{_R}/concern/theses/k0698900j",
            page(
                '<table class="related-files-table"><tr><td><a class="btn" href="/downloads/9p290c50g">Download '
                "PDF</a></td></tr></table>",
                head=metas(),
            ),
            f"{_R}/downloads/9p290c50g",
        ),
        _case(
            "fedora islandora 8",
            f"{_R}/node/4242",
            page(
                '<div class="field--name-field-media-document"><a type="application/pdf" '
                'href="/sites/default/files/2019-05/eel-thesis.pdf">eel-thesis.pdf</a></div>'
            ),
            f"{_R}/sites/default/files/2019-05/eel-thesis.pdf",
        ),
        _case(
            "figshare files",
            "https://inst.figshare.com/articles/thesis/Eels/4242",
            page('<a href="https://ndownloader.figshare.com/files/7777">Download (1.3 MB)</a>', head=metas()),
            "https://ndownloader.figshare.com/files/7777",
        ),
        _case(
            "header without quotes",
            f"{_R}/x/1",
            page(""),
            f"{_R}/x/1,2.pdf",
            headers={
                "link": (
                    "<https://archive.example/x/1,2.pdf>;type=application/pdf;rel=item, <https://archive.example/x/1>"
                    ';rel="cite-as"'
                )
            },
        ),
        _case(
            "neurips",
            "https://papers.example/paper/2019/hash/0a1b2c3d4e5f60718293a4b5c6d7e8f9-Abstract.html",
            page(
                '<a href="/paper/2019/file/0a1b2c3d4e5f60718293a4b5c6d7e8f9-Paper.pdf">Paper</a> <a '
                'href="/paper/2019/file/0a1b2c3d4e5f60718293a4b5c6d7e8f9-Supplemental.pdf">Supplemental</a>'
            ),
            "https://papers.example/paper/2019/file/0a1b2c3d4e5f60718293a4b5c6d7e8f9-Paper.pdf",
        ),
        _case(
            "researchers' list",
            "https://www.uni.example/~moreau/",
            "<html><body><h1>Anaïs Moreau</h1><h2>Publications</h2><ul>"
            + "".join(
                f"<li>Moreau A., <i>{t}</i>, Shelf Seas, 20{n} [<a href='p/{n}.pdf'>pdf</a>] [<a href='p/{n}.bib'>"
                f"bib</a>]</li>"
                for n, t in (
                    (19, TITLE),
                    (18, "Salt in motion"),
                    (17, "On tides"),
                    (16, "Mud flats"),
                    (15, "Sand"),
                    (14, "Fronts"),
                )
            )
            + "</ul></body></html>",
            "https://www.uni.example/~moreau/p/19.pdf",
        ),
    ]


def _words() -> list[Case]:
    def said(name: str, body: str, right: str, style: str = "headings") -> Case:
        return _case(name, f"{_J}/doc/9", page(body, style=style), right)

    return [
        said("italian", '<a href="/d/9.pdf">Scarica il documento</a>', f"{_J}/d/9.pdf"),
        said("dutch", '<a href="/d/9.pdf">Volledige tekst</a>', f"{_J}/d/9.pdf"),
        said("ukrainian", '<a href="/d/9.pdf">Завантажити статтю</a>', f"{_J}/d/9.pdf"),
        said("danish", '<a href="/d/9.pdf">Hent artikel</a>', f"{_J}/d/9.pdf"),
        said("norwegian", '<a href="/d/9.pdf">Last ned</a>', f"{_J}/d/9.pdf"),
        said(
            "no extension",
            '<a href="/download.php?id=9">Download full text (PDF, 1.2 MB)</a>',
            f"{_J}/download.php?id=9",
        ),
        said(
            "postprint",
            '<a href="/attachment/9">Author accepted manuscript</a><a href="/attachment/10">Cover letter</a>',
            f"{_J}/attachment/9",
        ),
        said("button", '<button data-pdf-url="/d/9.pdf">PDF</button>', f"{_J}/d/9.pdf", "classes"),
        said(
            "viewer link",
            '<a href="https://docs.google.com/gview?url=https://press.example/d/9.pdf">View PDF</a>',
            f"{_J}/d/9.pdf",
        ),
        said(
            "dropdown menu",
            '<div class="dropdown"><ul class="dropdown-menu"><li><a href="/d/9.pdf">PDF</a></li><li><a '
            'href="/d/9.xml">XML</a></li></ul></div>',
            f"{_J}/d/9.pdf",
            "classes",
        ),
        said(
            "appended words",
            '<a href="/d/9.pdf">PDF</a> <a href="/d/9-appendix.pdf">PDF</a> <a href="/d/item_1.pdf">PDF</a> <a '
            'href="/d/poster.pdf">PDF</a>',
            f"{_J}/d/9.pdf",
        ),
    ]


def _without() -> list[Case]:
    part_two = replace(WORK, title=TITLE + ". Part II", doi="10.5555/eel.2020.001")
    return [
        _case(
            "part one for part two",
            f"{_J}/a/1",
            page(
                '<a href="/a/1.pdf">PDF</a>',
                title=TITLE + ". Part I",
                head=metas(title=TITLE + ". Part I", pdf="/a/1.pdf"),
            ),
            why=Reason.WRONG_WORK,
            work=part_two,
        ),
        _case(
            "german paywall",
            f"{_J}/a/1",
            page("<p>Artikel kaufen: 29,95 EUR</p>", head=metas(), style="german"),
            why=Reason.BLOCKED_PAYWALL,
        ),
        _case(
            "request a copy",
            f"{_R}/item/1",
            page("<p>The file is restricted. Request a copy from the author.</p>", head=metas()),
            why=Reason.LANDING_ONLY,
        ),
        _case(
            "french embargo",
            f"{_R}/item/1",
            page("<p>Fichier sous embargo jusqu'au 15 mars 2028</p>", head=metas()),
            why=Reason.EMBARGOED,
            open_from=date(2028, 3, 15),
        ),
        _case(
            "german embargo",
            f"{_R}/item/1",
            page("<p>Sperrfrist bis 01.10.2027</p>", head=metas()),
            why=Reason.EMBARGOED,
            open_from=date(2027, 10, 1),
        ),
        _case(
            "supplement only",
            f"{_J}/a/1",
            page(
                '<a href="/a/1-supp.pdf">Supporting Information (PDF)</a> <a href="/a/abstract.pdf">Abstract only</a>',
                head=metas(),
            ),
            why=Reason.NO_PDF_LINK,
        ),
        _case(
            "led back",
            f"{_J}/a/1",
            page("", head=metas(pdf="/a/1.pdf")),
            why=Reason.LINK_LOOP,
            hops=((f"{_J}/a/1.pdf", 302), (f"{_J}/a/1", 200)),
        ),
    ]
