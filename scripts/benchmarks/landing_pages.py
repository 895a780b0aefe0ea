"""The benchmark's pages that the finder was built against, modelled on what platforms show."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from benchmarks.landing_cases import DOI, TITLE, WORK, Case, clutter, metas, page

from dl_lit.core.reasons import Reason

_J = "https://journal.example"
_R = "https://repo.example"
_OTHER_TITLE = "Bond markets under negative interest rates"


def _case(name: str, url: str, html: str, *right: str, **more: object) -> Case:
    return Case(name=name, url=url, html=html, right=right, **more)  # type: ignore[arg-type]


def cases() -> list[Case]:
    """All of them."""
    return [*_stated(), *_embedded(), *_repositories(), *_journals(), *_anchors(), *_without()]


def _stated() -> list[Case]:
    return [
        _case("meta name", f"{_J}/a/1", page("", head=metas(pdf=f"{_J}/a/1/file")), f"{_J}/a/1/file"),
        _case("meta relative", f"{_J}/a/1", page("", head=metas(pdf="/get/1.pdf")), f"{_J}/get/1.pdf"),
        _case(
            "meta property",
            f"{_J}/a/1",
            page("", head=metas() + '<META PROPERTY="citation_pdf_url" CONTENT="/p.pdf">'),
            f"{_J}/p.pdf",
        ),
        _case(
            "bepress meta",
            f"{_J}/a/1",
            page(
                "",
                head=(
                    '<meta name="bepress_citation_pdf_url" '
                    'content="https://dc.example/cgi/viewcontent.cgi?article=1&amp;context=x">'
                ),
            ),
            "https://dc.example/cgi/viewcontent.cgi?article=1&context=x",
        ),
        _case(
            "wkhealth meta",
            f"{_J}/a/1",
            page("", head=metas() + '<meta name="wkhealth_pdf_url" content="https://pdfs.example/1.pdf">'),
            "https://pdfs.example/1.pdf",
        ),
        _case(
            "eprints meta",
            f"{_R}/12/",
            page(
                "",
                head=(
                    '<meta name="eprints.document_url" content="/12/9/fig.png"><meta name="eprints.document_url" '
                    'content="/12/1/moreau.pdf">'
                ),
            ),
            f"{_R}/12/1/moreau.pdf",
        ),
        _case(
            "dc identifier",
            f"{_R}/x",
            page(
                "",
                head=f'<meta name="DC.identifier" content="{DOI}"><meta name="DC.Identifier" content="{_R}/f/eel.pdf">',
            ),
            f"{_R}/f/eel.pdf",
        ),
        _case(
            "link alternate",
            f"{_J}/a/1",
            page("", head='<link rel="alternate" type="application/pdf" href="1/full">'),
            f"{_J}/a/1/full",
        ),
        _case(
            "link header",
            f"{_R}/rec/1",
            page(""),
            f"{_R}/rec/1/eel.pdf",
            headers={
                "link": (
                    f'<{_R}/rec/1/data.csv>; rel="item"; type="text/csv", </rec/1/eel.pdf> ; rel="item" ; '
                    f'type="application/pdf", <https://orcid.org/0>; rel="author"'
                )
            },
        ),
        _case(
            "link item",
            f"{_R}/rec/1",
            page(
                "",
                head=(
                    '<link rel="item" type="application/pdf" href="/rec/1/eel.pdf"><link rel="item" type="text/csv" '
                    'href="/d.csv">'
                ),
            ),
            f"{_R}/rec/1/eel.pdf",
        ),
        _case(
            "meta wrong, link right",
            f"{_J}/a/1",
            page('<a class="pdf" href="/a/1/pdf">PDF</a>', head=metas(pdf="https://old.example/gone.pdf")),
            "https://old.example/gone.pdf",
            f"{_J}/a/1/pdf",
        ),
        _case(
            "meta is doi.org",
            f"{_J}/a/1",
            page('<a href="/a/1.pdf">PDF</a>', head=metas(pdf=f"https://doi.org/{DOI}")),
            f"{_J}/a/1.pdf",
        ),
        _case(
            "meta is self",
            f"{_J}/a/1",
            page('<a href="/dl/1.pdf">Download PDF</a>', head=metas(pdf=f"{_J}/a/1")),
            f"{_J}/dl/1.pdf",
        ),
        _case(
            "meta title page",
            f"{_J}/a/1",
            page('<a href="/dl/1.pdf">Download PDF</a>', head=metas(pdf="/dl/TitlePage.pdf")),
            f"{_J}/dl/1.pdf",
        ),
        _case(
            "base element",
            f"{_J}/a/1",
            page('<a href="1.pdf">PDF</a>', head='<base href="https://cdn.example/x/">' + metas()),
            "https://cdn.example/x/1.pdf",
        ),
        _case(
            "base is a script",
            f"{_J}/a/1",
            page('<a href="1.pdf">PDF</a>', head='<base href="javascript:alert(1)">' + metas()),
            f"{_J}/a/1.pdf",
        ),
    ]


def _embedded() -> list[Case]:
    return [
        _case("iframe", f"{_R}/v/1", page('<iframe src="/files/eel.pdf#page=1"></iframe>'), f"{_R}/files/eel.pdf"),
        _case("embed", f"{_R}/v/1", page('<embed type="application/pdf" src="/show?id=1">'), f"{_R}/show?id=1"),
        _case(
            "object", f"{_R}/v/1", page('<object data="/o/1" type="application/pdf">no viewer</object>'), f"{_R}/o/1"
        ),
        _case(
            "frame",
            f"{_R}/v/1",
            "<frameset><frame src='menu.html'><frame src='doc/eel.pdf'></frameset>",
            f"{_R}/v/doc/eel.pdf",
        ),
        _case(
            "google viewer",
            f"{_R}/v/1",
            page(
                "<iframe "
                'src="https://docs.google.com/viewer?url=https%3A%2F%2Frepo.example%2Ff%2Feel.pdf&amp;embedded=true"></iframe>'
            ),
            f"{_R}/f/eel.pdf",
        ),
        _case(
            "pdf.js",
            f"{_R}/v/1",
            page(
                "<iframe "
                'src="/plugins/pdfJsViewer/pdf.js/web/viewer.html?file=https%3A%2F%2Frepo.example%2Fdownload%2F1%2F2"></iframe>'
            ),
            f"{_R}/download/1/2",
        ),
        _case(
            "meta refresh",
            f"{_R}/v/1",
            '<html><head><meta http-equiv="Refresh" content="3; URL=/f/eel.pdf"></head><body>Your download starts '
            "soon</body></html>",
            f"{_R}/f/eel.pdf",
        ),
        _case(
            "refresh to a download",
            f"{_R}/v/1",
            "<html><head><meta http-equiv=refresh content='0;url=download.php?id=9'></head><body>Please wait for "
            "your PDF</body></html>",
            f"{_R}/v/download.php?id=9",
        ),
    ]


def _repositories() -> list[Case]:
    ds = "/bitstream/handle/10400/{n}7/other{n}.pdf"
    uuid = "0b5e7c1a-7f0c-4a1d-9f0e-1234567890ab"
    return [
        _case(
            "dspace 5",
            f"{_R}/handle/10400/42",
            page(
                "<h5>Files in this item</h5><a "
                'href="/bitstream/handle/10400/42/eel.pdf?sequence=1&amp;isAllowed=y">View/Open</a><a '
                'href="/bitstream/handle/10400/42/license.txt?sequence=2">License</a><img '
                'src="/bitstream/handle/10400/42/eel.pdf.jpg">',
                head=metas(generator="DSpace 5.6"),
                other=ds,
            ),
            f"{_R}/bitstream/handle/10400/42/eel.pdf?sequence=1&isAllowed=y",
        ),
        _case(
            "dspace 6 german",
            f"{_R}/xmlui/handle/10400/42",
            page(
                '<a href="/xmlui/bitstream/handle/10400/42/diss.pdf?sequence=3">Öffnen</a><a '
                'href="/xmlui/bitstream/handle/10400/42/appendix.pdf?sequence=4">Öffnen</a>',
                head=metas(generator="DSpace 6.3"),
                other=ds,
                style="german",
            ),
            f"{_R}/xmlui/bitstream/handle/10400/42/diss.pdf?sequence=3",
        ),
        _case(
            "dspace 7",
            f"{_R}/items/{uuid}",
            page(
                f'<ds-item-page-file-section><h2>Files</h2><a href="/bitstreams/{uuid}/download">eel.pdf (1.2 '
                f"MB)</a></ds-item-page-file-section>",
                head=metas(),
                other="/bitstreams/{n}b5e7c1a-7f0c-4a1d-9f0e-1234567890ff/download",
            ),
            f"{_R}/bitstreams/{uuid}/download",
        ),
        _case(
            "pure",
            f"{_R}/en/publications/eels",
            page(
                '<ul class="relations documents"><li><a class="link document-link" '
                'href="/ws/portalfiles/portal/55/eel.pdf">Final published version, 1.1 MB</a></li></ul>',
                head=metas(),
                other="/ws/portalfiles/portal/9{n}/x.pdf",
            ),
            f"{_R}/ws/portalfiles/portal/55/eel.pdf",
        ),
        _case(
            "hal",
            "https://hal.example/hal-02345678",
            page(
                '<a href="/hal-02345678/document">Voir le document</a><a href="/hal-02345678v1/bibtex">BibTeX</a>',
                head=metas(),
                other="/hal-0999000{n}/document",
            ),
            "https://hal.example/hal-02345678/document",
        ),
        _case(
            "eprints",
            f"{_R}/4711/",
            page(
                '<a class="ep_document_link" href="/4711/1/eel.pdf">PDF (Accepted Version)</a><a '
                'class="ep_document_link" href="/4711/2/appendix.pdf">PDF (Appendix)</a>',
                head=metas(generator="EPrints 3.4"),
                other="/88{n}/1/x.pdf",
            ),
            f"{_R}/4711/1/eel.pdf",
        ),
        _case(
            "zenodo",
            "https://zenodo.example/records/1196821",
            page(
                '<h2>Files</h2><a href="/records/1196821/files/eel.pdf?download=1">eel.pdf</a><a '
                'href="/records/1196821/files/data.zip?download=1">data.zip</a>',
                head=metas(),
                other="/records/22222{n}/files/x.pdf",
            ),
            "https://zenodo.example/records/1196821/files/eel.pdf?download=1",
        ),
        _case(
            "islandora",
            f"{_R}/islandora/object/uuid:42",
            page(
                '<a href="/islandora/object/uuid:42/datastream/PDF/view">View</a><a '
                'href="/islandora/object/uuid:42/datastream/MODS/download">MODS</a>',
                head=metas(),
                other="/islandora/object/uuid:9{n}/datastream/PDF/view",
            ),
            f"{_R}/islandora/object/uuid:42/datastream/PDF/view",
        ),
        _case(
            "mycore",
            f"{_R}/receive/repo_mods_00042",
            page(
                '<noscript><a href="/servlets/MCRFileNodeServlet/repo_derivate_00007/eel.pdf">eel.pdf</a>'
                '</noscript><div id="viewer"></div>',
                head=metas(generator="MyCoRe 2020"),
                other="/servlets/MCRFileNodeServlet/repo_derivate_0000{n}9/x.pdf",
                style="german",
            ),
            f"{_R}/servlets/MCRFileNodeServlet/repo_derivate_00007/eel.pdf",
        ),
        _case(
            "dlibra",
            f"{_R}/dlibra/publication/42/edition/40",
            page(
                '<iframe src="/Content/40/PDF/eel.pdf"></iframe><a href="/Content/40/download/">Pobierz</a>',
                head=metas(),
            ),
            f"{_R}/Content/40/PDF/eel.pdf",
            tolerated=(f"{_R}/Content/40/download/",),
        ),
        _case(
            "plone",
            f"{_R}/pub/eel",
            page(
                '<a href="/pub/eel/at_download/file">PDF document, 900 KB</a>',
                head=metas(generator="Plone - http://plone.org"),
                other="/pub/o{n}/at_download/file",
            ),
            f"{_R}/pub/eel/at_download/file",
        ),
        _case(
            "hyrax",
            f"{_R}/concern/articles/7s75dc36z",
            page(
                '<h2>Items</h2><a id="file_download" href="/downloads/x346d4165?locale=en">Download</a><img '
                'src="/downloads/x346d4165?file=thumbnail">',
                head=metas(),
                other="/concern/articles/o{n}",
            ),
            f"{_R}/downloads/x346d4165?locale=en",
        ),
        _case(
            "digital commons",
            f"{_R}/eels/7",
            page(
                '<a id="pdf" class="btn" href="/cgi/viewcontent.cgi?article=1007&amp;context=eels">Download</a>'
                '<div id="attach"><a '
                'href="/cgi/viewcontent.cgi?filename=0&amp;article=1007&amp;context=eels&amp;type=additional">'
                "Download</a></div>",
                head=metas(pdf=None) + '<meta name="bepress_is_article_cover_page" content="1">',
                other="/cgi/viewcontent.cgi?article=2{n}&context=x",
            ),
            f"{_R}/cgi/viewcontent.cgi?article=1007&context=eels",
        ),
        _case(
            "internet archive",
            "https://archive.example/details/eelsbook",
            page(
                '<a class="stealth download-pill" href="/download/eelsbook/eelsbook_text.pdf">PDF WITH TEXT</a><a '
                'class="stealth download-pill" href="/download/eelsbook/eelsbook.pdf">PDF</a><a '
                'href="/download/eelsbook/eelsbook.epub">EPUB</a>',
                other="/download/other{n}/other.pdf",
            ),
            "https://archive.example/download/eelsbook/eelsbook.pdf",
            tolerated=("https://archive.example/download/eelsbook/eelsbook_text.pdf",),
        ),
        _case(
            "oapen",
            "https://library.example/handle/20.500.12657/42",
            page(
                '<a href="/bitstream/id/0b5e7c1a-7f0c-4a1d-9f0e-1234567890ab/9783000000000.pdf">Download</a><a '
                'href="/bitstream/id/1b5e7c1a-7f0c-4a1d-9f0e-1234567890ab/cover.pdf">Download</a>',
                other="/bitstream/id/0b5e7c1a-7f0c-4a1d-9f0e-1234567890{n}f/x.pdf",
            ),
            "https://library.example/bitstream/id/0b5e7c1a-7f0c-4a1d-9f0e-1234567890ab/9783000000000.pdf",
        ),
        _case(
            "figshare json",
            "https://figshare.example/articles/journal_contribution/Eels/10101419",
            page(
                '<script id="app-data" type="text/json">'
                '{"article":{"exportPdfDownloadUrl":"https:\\/\\/s3.example\\/itempdf\\/10101419\\/Eels_v1.pdf"}}</script>'
            ),
            "https://s3.example/itempdf/10101419/Eels_v1.pdf",
        ),
        _case(
            "embargo with a link",
            f"{_R}/handle/10400/9",
            page(
                '<p>Embargoed until 2027-01-01.</p><a href="/bitstream/10400/9/1/eel.pdf">View/Open</a>',
                head=metas(generator="DSpace 6"),
                other=ds,
            ),
            f"{_R}/bitstream/10400/9/1/eel.pdf",
            open_from=date(2027, 1, 1),
        ),
    ]


def _journals() -> list[Case]:
    ojs = (
        '<ul class="galleys_links"><li><a class="obj_galley_link pdf" '
        'href="/index.php/ss/article/view/42/40">PDF</a></li></ul><ul class="supplementary_galleys_links">'
        '<li><a class="obj_galley_link_supplementary pdf" href="/index.php/ss/article/view/42/41">PDF</a>'
        "</li></ul>"
    )
    issue = "".join(
        f'<div class="obj_article_summary"><h3><a href="/ss/article/view/{n}">{t}</a></h3><a class="obj_galley_link '
        f'pdf" href="/ss/article/view/{n}/{n}0">PDF</a></div>'
        for n, t in ((1, "Wind and waves"), (2, "Salt"), (3, TITLE), (4, "Mud"), (5, "Sand banks"), (6, "Light"))
    )
    return [
        _case(
            "ojs 3",
            f"{_J}/index.php/ss/article/view/42",
            page(ojs, head=metas(generator="Open Journal Systems 3.3.0.8"), other="/index.php/ss/article/view/{n}9/1"),
            f"{_J}/index.php/ss/article/download/42/40",
        ),
        _case(
            "ojs 2",
            f"{_J}/index.php/ss/article/viewArticle/42",
            page(
                '<div id="articleFullText"><h4>Full Text:</h4><a class="file" '
                'href="/index.php/ss/article/view/42/55">PDF</a> <a class="file" '
                'href="/index.php/ss/article/view/42/56">HTML</a></div>',
                other="/index.php/ss/article/view/{n}9/1",
            ),
            f"{_J}/index.php/ss/article/download/42/55",
        ),
        _case(
            "ojs 2 galley",
            f"{_J}/ss/article/view/42/55",
            page(
                '<a class="action" id="pdfDownloadLink" href="/ss/article/download/42/55">Download this PDF file</a>'
                '<iframe src="/ss/article/viewFile/42/55"></iframe>'
            ),
            f"{_J}/ss/article/download/42/55",
        ),
        _case(
            "ojs issue",
            f"{_J}/ss/issue/view/7",
            page(
                issue,
                title="Vol 7 (2019)",
                heading=False,
                head='<meta name="generator" content="Open Journal Systems 3.2">',
            ),
            f"{_J}/ss/article/download/3/30",
        ),
        _case(
            "atypon",
            f"{_J}/doi/full/{DOI}",
            page(
                f'<a class="show-pdf" title="PDF" href="/doi/pdf/{DOI}">PDF</a><a href="/doi/epub/{DOI}">EPUB</a>',
                head=metas(),
                other="/doi/pdf/10.5555/other.{n}",
            ),
            f"{_J}/doi/pdf/{DOI}",
        ),
        _case(
            "wiley epdf",
            f"https://wiley.example/doi/{DOI}",
            page(
                f'<a class="coolBar__ctrl pdf-download" href="/doi/epdf/{DOI}">PDF</a>',
                head=metas(),
                other="/doi/epdf/10.5555/other.{n}",
            ),
            f"https://wiley.example/doi/pdf/{DOI}",
            tolerated=(f"https://wiley.example/doi/epdf/{DOI}",),
        ),
        _case(
            "wiley bare page",
            f"https://wiley.example/doi/pdf/{DOI}",
            f'<html><head><title>Wiley</title></head><body><iframe id="pdf-iframe" src="/doi/pdfdirect/{DOI}">'
            f"</iframe></body></html>",
            f"https://wiley.example/doi/pdfdirect/{DOI}",
        ),
        _case(
            "jmir",
            "https://jmir.example/2019/7/e42/",
            page(
                '<a data-test="pdf-button" href="/2019/7/e42/pdf">Download PDF</a>',
                head=metas(),
                other="/2018/3/e{n}/pdf",
            ),
            "https://jmir.example/2019/7/e42/pdf",
        ),
        _case(
            "de gruyter",
            f"https://dg.example/document/doi/{DOI}/html",
            page(
                f'<a class="downloadPdf" href="/document/doi/{DOI}/pdf">Download PDF</a>',
                head=metas(),
                other="/document/doi/10.5555/o{n}/pdf",
            ),
            f"https://dg.example/document/doi/{DOI}/pdf",
        ),
        _case(
            "arxiv",
            "https://arxiv.example/abs/1902.01234v2",
            page(
                '<ul><li><a class="download-pdf" href="/pdf/1902.01234v2">View PDF</a></li><li><a '
                'href="/format/1902.01234v2">Other Formats</a></li></ul>',
                other="/pdf/1801.0{n}234",
            ),
            "https://arxiv.example/pdf/1902.01234v2",
        ),
        _case(
            "osf",
            "https://osf.io/preprints/marxiv/8phvx",
            '<html><head><title>OSF</title></head><body><div id="app"></div><script '
            'src="https://osf.io/static/app.js"></script></body></html>',
            "https://osf.io/8phvx/download",
        ),
        _case(
            "research square",
            "https://rs.example/article/rs-4242/v1",
            page(
                "<script>"
                'window.__DATA__={"files":[{"url":"https:\\u002F\\u002Fassets.researchsquare.com\\u002Ffiles\\u002Frs-4242\\u002Fv1\\u002Fmanuscript.pdf?c=1"}]}</script>',
                head=metas(),
            ),
            "https://assets.researchsquare.com/files/rs-4242/v1/manuscript.pdf?c=1",
        ),
        _case(
            "protocols.io",
            "https://www.protocols.io/view/eel-tagging-mgdc3s6",
            page("", head='<meta property="og:site_name" content="protocols.io">'),
            "https://www.protocols.io/view/eel-tagging-mgdc3s6.pdf",
        ),
        _case(
            "pmc",
            "https://pmc.ncbi.nlm.nih.gov/articles/PMC7654321/",
            page(
                '<a href="pdf/eel.pdf">PDF (1.2 MB)</a>',
                head=metas(pdf="https://pmc.ncbi.nlm.nih.gov/articles/PMC7654321/pdf/eel.pdf"),
            ),
            "https://pmc-oa-opendata.s3.amazonaws.com/PMC7654321.1/PMC7654321.1.pdf",
        ),
        _case(
            "scielo classic",
            "http://scielo.example/scielo.php?script=sci_arttext&pid=S0001-37652019000100042&lng=en",
            page(
                '<a href="/pdf/ss/v7n1/0001-3765-ss-7-01-42.pdf">text new page (beta)</a><a '
                'href="/pdf/ss/v7n1/0001-3765-ss-7-01-42.pdf">English (pdf)</a>',
                other="/pdf/ss/v6n{n}/x.pdf",
                style="spanish",
            ),
            "http://scielo.example/pdf/ss/v7n1/0001-3765-ss-7-01-42.pdf",
        ),
        _case(
            "j-stage",
            "https://jstage.example/article/ss/7/1/7_42/_article/-char/en",
            page(
                '<a class="thirdlevel-pdf-btn" href="https://jstage.example/article/ss/7/1/7_42/_pdf/-char/en">'
                "Download PDF (1200K)</a>",
                head=metas(),
                other="/article/ss/6/1/6_{n}/_pdf",
            ),
            "https://jstage.example/article/ss/7/1/7_42/_pdf/-char/en",
        ),
        _case(
            "silverchair",
            "https://academic.example/ss/article/7/1/42/5555555",
            page(
                '<a class="al-link pdf article-pdfLink" href="/ss/article-pdf/7/1/42/2222/eel.pdf"><i></i> PDF</a>',
                head=metas(),
                other="/ss/article-pdf/6/{n}/1/9/o.pdf",
            ),
            "https://academic.example/ss/article-pdf/7/1/42/2222/eel.pdf",
        ),
        _case(
            "highwire",
            "https://hw.example/content/7/1/42",
            page('<a href="/content/7/1/42.full.pdf+html">PDF</a>', head=metas(), other="/content/6/{n}/1.full.pdf"),
            "https://hw.example/content/7/1/42.full.pdf",
            tolerated=("https://hw.example/content/7/1/42.full.pdf+html",),
        ),
        _case(
            "acl",
            "https://acl.example/P19-1042/",
            page(
                '<a class="btn btn-primary" href="https://acl.example/P19-1042.pdf">PDF</a><a '
                'href="/P19-1042.Poster.pdf">Poster</a><a href="/attachments/P19-1042.Supplementary.pdf">'
                "Supplementary</a>",
                other="/P18-100{n}.pdf",
            ),
            "https://acl.example/P19-1042.pdf",
        ),
        _case(
            "mdpi",
            "https://mdpi.example/2073-4441/7/1/42",
            page(
                '<a class="UD_ArticlePDF" href="/2073-4441/7/1/42/pdf?version=155">Download PDF</a><a '
                'href="/2073-4441/7/1/42/s1.pdf">Supplementary Material (PDF)</a>',
                head=metas(),
                other="/2073-4441/6/{n}/1/pdf",
            ),
            "https://mdpi.example/2073-4441/7/1/42/pdf?version=155",
        ),
        _case(
            "frontiers",
            f"https://frontiers.example/articles/{DOI}/full",
            page(
                f'<a class="download-files-pdf" href="/articles/{DOI}/pdf">PDF</a>',
                head=metas(),
                other="/articles/10.5555/o{n}/pdf",
            ),
            f"https://frontiers.example/articles/{DOI}/pdf",
        ),
        _case(
            "plos",
            f"https://plos.example/plosone/article?id={DOI}",
            page(
                f'<a id="downloadPdf" href="/plosone/article/file?id={DOI}&amp;type=printable">Download PDF</a>',
                head=metas(),
                other="/plosone/article/file?id=10.5555/o{n}&type=printable",
            ),
            f"https://plos.example/plosone/article/file?id={DOI}&type=printable",
        ),
        _case(
            "copernicus",
            "https://os.example/articles/15/42/2019/",
            page(
                '<a class="triangle" href="https://os.example/articles/15/42/2019/os-15-42-2019.pdf">Article (PDF, '
                '3 MB)</a><a href="https://os.example/articles/15/42/2019/os-15-42-2019-supplement.pdf">Supplement '
                "(400 KB)</a>",
                head=metas(),
                other="/articles/14/{n}/2018/os-14-{n}-2018.pdf",
            ),
            "https://os.example/articles/15/42/2019/os-15-42-2019.pdf",
        ),
        _case(
            "nber",
            "https://nber.example/papers/w25942",
            page(
                '<a class="btn" href="/system/files/working_papers/w25942/w25942.pdf">Download a PDF</a>',
                head=metas(),
                other="/system/files/working_papers/w2000{n}/w2000{n}.pdf",
            ),
            "https://nber.example/system/files/working_papers/w25942/w25942.pdf",
        ),
        _case(
            "usenix",
            "https://usenix.example/conference/eel19/presentation/moreau",
            page(
                '<a href="https://usenix.example/system/files/eel19-moreau.pdf">Moreau PDF</a><a '
                'href="https://usenix.example/system/files/eel19_slides_moreau.pdf">View the slides</a>'
            ),
            "https://usenix.example/system/files/eel19-moreau.pdf",
        ),
    ]


def _anchors() -> list[Case]:
    def said(name: str, text: str, style: str = "classes") -> Case:
        return _case(
            f"anchor {name}",
            f"{_R}/pub/42",
            page(f'<p><a href="/get/42.pdf">{text}</a></p>', style=style),
            f"{_R}/get/42.pdf",
        )

    listed = "".join(
        f'<li><a href="vol/{n}.pdf">{t}</a>, A. Author</li>'
        for n, t in ((1, "Wind and waves"), (2, "Salt"), (3, TITLE), (4, "Mud"))
    )
    return [
        said("german", "Volltext herunterladen", "german"),
        said("french", "Télécharger l'article"),
        said("spanish", "Descargar el artículo", "spanish"),
        said("portuguese", "Baixar o artigo"),
        said("russian", "Скачать статью"),
        said("chinese", "全文下载"),
        said("japanese", "本文ダウンロード"),
        said("korean", "원문보기"),
        said("turkish", "Tam metin"),
        said("polish", "Pełny tekst"),
        said("czech", "Stáhnout článek"),
        said("swedish", "Ladda ner artikel"),
        said("finnish", "Koko teksti"),
        said("own title", TITLE, "headings"),
        _case(
            "anchor image",
            f"{_R}/pub/42",
            page('<a href="/get/42.pdf"><img src="/i/pdf_icon.gif" alt=""></a>', style="headings"),
            f"{_R}/get/42.pdf",
        ),
        _case(
            "anchor versions",
            f"{_R}/pub/42",
            page('<a href="/f/sub.pdf">Submitted version (PDF)</a> <a href="/f/pub.pdf">Published version (PDF)</a>'),
            f"{_R}/f/pub.pdf",
            tolerated=(f"{_R}/f/sub.pdf",),
        ),
        _case(
            "proceedings list",
            "https://ceur.example/Vol-42/",
            f"<html><head><title>Vol-42</title></head><body><h1>Proceedings</h1><ul>{listed}</ul></body></html>",
            "https://ceur.example/Vol-42/vol/3.pdf",
        ),
        _case(
            "guess",
            f"{_J}/art/eel42",
            page('<script>var pdf = "/art/eel42.pdf";</script>', head=metas()),
            f"{_J}/art/eel42.pdf",
        ),
    ]


def _without() -> list[Case]:
    other = replace(WORK, title=_OTHER_TITLE, doi="10.5555/bonds.1")
    return [
        _case(
            "paywall",
            f"{_J}/a/1",
            page("<p>Purchase access to this article for 39 EUR</p>", head=metas()),
            why=Reason.BLOCKED_PAYWALL,
        ),
        _case(
            "scripts only",
            f"{_J}/a/1",
            "<html><head><title>App</title></head><body><div id=root></div><script src=/app.js></script></body></html>",
            why=Reason.JS_ONLY_PAGE,
        ),
        _case(
            "no file",
            f"{_R}/handle/1/2",
            page("<p>There are no files associated with this item.</p>", head=metas()),
            why=Reason.LANDING_ONLY,
        ),
        _case("no link", f"{_J}/a/1", page("", head=metas(), style="headings"), why=Reason.NO_PDF_LINK),
        _case(
            "embargo",
            f"{_R}/handle/1/2",
            page("<p>Full text embargoed until 1 January 2027</p>", head=metas()),
            why=Reason.EMBARGOED,
            open_from=date(2027, 1, 1),
        ),
        _case(
            "embargo machine",
            f"{_R}/handle/1/3",
            page("", head=metas() + '<meta name="DC.date" content="info:eu-repo/date/embargoEnd/2028-06-30">'),
            why=Reason.EMBARGOED,
            open_from=date(2028, 6, 30),
        ),
        _case(
            "another work",
            f"{_J}/a/1",
            page('<a href="/a/1.pdf">PDF</a>', head=metas(pdf="/a/1.pdf")),
            why=Reason.WRONG_WORK,
            work=other,
        ),
        _case(
            "a list of others",
            f"{_J}/list",
            f"<html><body><h1>Recent papers</h1>{clutter('/f/{n}.pdf')}"
            + "".join(f'<p>Paper {n} <a href="/g/{n}.pdf">PDF</a></p>' for n in range(8))
            + "</body></html>",
            why=Reason.NO_PDF_LINK,
        ),
    ]
