"""Journals' software and publishers' platforms."""

from __future__ import annotations

from dl_lit.landing.platforms.rule import Rule

_DOI = r"(?P<id>10\.\d{4,9}/[^?#]+?)"

RULES = (
    # OJS 3 and 2: galleys are shown at /article/view/article/galley and sent by /article/download/article/galley
    Rule(
        name="ojs",
        names=r"\bobj_galley_link\b(?!_supplementary)(?!.*supplementary)",
        link=r"/(?:article|catalog|preprint|monograph)/view/",
        text=r"pdf|full[\s-]?text|volltext|texto|texte",
        address=(r"/(article|catalog|preprint)/view/([^?#]+)$", r"/\1/download/\2"),
    ),
    Rule(
        name="ojs",
        path=r"/article/view(?:Article)?/(?P<id>\d+|[\w.-]+)(?:/\d+)?/?(?:$|\?)",
        link=r"/article/(?:view|viewFile|download)/[\w.-]+/\w+",
        text=r"pdf",
        same=True,
        address=(r"/article/(?:view|viewFile)/([^?#]+)$", r"/article/download/\1"),
    ),
    Rule(
        name="ojs",
        names=r"pdfdownloadlink|\bpdf_download_link\b",
        any_text=True,
        link=r"/article/(?:download|viewFile|view)/",
        address=(r"/article/(?:view|viewFile)/([^?#]+)$", r"/article/download/\1"),
    ),
    Rule(
        name="ojs",
        path=r"/article/view/(?P<id>\d+)/\d+",
        names=r"\bdownload\b",
        link=r"/article/download/\d+/\d+",
        same=True,
        any_text=True,
    ),
    Rule(
        name="ojs",
        names=r"\bcmp_download_link\b",
        link=r"/(?:catalog|preprint)/view/",
        address=(r"/(catalog|preprint)/view/", r"/\1/download/"),
    ),
    # Atypon: Wiley, Taylor & Francis, SAGE, ACS, ACM, University of Chicago, ...
    Rule(
        name="atypon",
        path=rf"/doi/(?:abs/|full/|figure/|citedby/|references/|epdf/|pdf/|reader/|epub/)?{_DOI}/?(?:$|\?)",
        link=r"/doi/(?:pdf|pdfdirect|epdf|pdfplus|reader)/10\.",
        same=True,
        any_text=True,
        address=(r"/doi/(?:epdf|reader)/", "/doi/pdf/"),
    ),
    Rule(
        name="atypon",
        path=rf"/doi/(?:pdf|epdf)/{_DOI}$",
        shows=r"/doi/pdfdirect/",
        own=(r"/doi/e?pdf/", "/doi/pdfdirect/"),
    ),
    Rule(
        name="de-gruyter",
        path=rf"/document/doi/{_DOI}/html",
        link=r"/document/doi/10\.[^?#]+/pdf",
        same=True,
        any_text=True,
    ),
    Rule(
        name="jmir", path=r"^/(?P<id>\d{4}/\d+/e\d+)/?(?:$|\?)", link=r"/\d{4}/\d+/e\d+/pdf", same=True, any_text=True
    ),
    Rule(
        name="jmir",
        path=r"^/preprint/(?P<id>\d+)",
        link=r"/preprint/\d+/(?:accepted|submitted|pdf)|\.pdf",
        names=r"pdf",
        same=True,
    ),
    Rule(
        name="scielo",
        path=r"/scielo\.php\?.*pid=(?P<id>[SX][\dX-]+)",
        link=r"/pdf/[^?#]+\.pdf$|script=sci_pdf.*pid=|/scielo\.php/script_sci_pdf",
        any_text=True,
    ),
    Rule(
        name="scielo", path=r"^/j/\w+/a/(?P<id>\w{20,})", link=r"/a/\w{20,}/?\?.*format=pdf", same=True, any_text=True
    ),
    Rule(
        name="j-stage",
        path=r"/article/(?P<id>[\w-]+/[\w.-]+/[\w.-]+/[\w.-]+)/_article",
        link=r"/article/[^?#]+/_pdf",
        same=True,
        any_text=True,
    ),
    Rule(name="silverchair", link=r"/article-pdf/", names=r"pdf", any_text=True),
    Rule(name="silverchair", link=r"/article-pdf/", path=r"/article(?:-abstract)?/"),
    Rule(
        name="highwire",
        path=r"/content/(?P<id>[\w./-]*?\d+)(?:\.(?:full|abstract|long|short))?(?:\?|$)",
        link=r"/content/[^?#]+\.full(?:-text)?\.pdf(?:\+html)?$",
        same=True,
        any_text=True,
        address=(r"\+html$", ""),
    ),
    Rule(
        name="usenix",
        path=r"/conference/\w+/(?:presentation|technical-sessions/presentation)/",
        link=r"/(?:system/)?files/(?!.*slides)[^?#]*\.pdf$",
    ),
    Rule(
        name="acl-anthology",
        path=r"^/(?P<id>[A-Z]\d{2}-\d{4}|\d{4}\.[\w-]+\.\d+)/?$",
        link=r"/[\w.-]+\.pdf$",
        same=True,
        any_text=True,
    ),
    Rule(
        name="mdpi",
        path=r"^/(?P<id>\d{4}-\d{3}[\dX]/\d+/\d+/\d+)",
        link=r"/\d{4}-\d{3}[\dX]/\d+/\d+/\d+/pdf",
        same=True,
        any_text=True,
    ),
    Rule(
        name="plos",
        path=r"/article\?.*id=(?P<id>10\.\d+/[\w.]+)",
        link=r"/article/file\?.*type=printable",
        same=True,
        any_text=True,
    ),
    Rule(name="elife", names=r"pdf-article|article-pdf", link=r"elife.*\.pdf|/download/"),
    Rule(
        name="copernicus",
        path=r"/articles/(?P<id>\d+/\d+/\d{4})/?",
        link=r"/articles/\d+/\d+/\d{4}/(?![^?#]*(?:supplement|discussion|-ac\d|-rc\d|-corrigendum))[^?#]+\.pdf$",
        same=True,
        any_text=True,
    ),
    Rule(name="cambridge", path=r"/core/(?:journals|books)/", link=r"/aop-cambridge-core/content/view/[^?#]+\.pdf"),
    Rule(
        name="sciencedirect",
        path=r"/science/article/(?:abs/)?pii/(?P<id>[A-Z\d]+)",
        link=r"/pii/\w+/pdf",
        same=True,
        any_text=True,
    ),
    Rule(
        name="ieee",
        path=r"^/(?:abstract/)?document/(?P<id>\d+)",
        script=r'"pdf(?:Path|Url)"\s*:\s*"([^"]{4,300}\.pdf|/stamp/[^"]{4,200})"',
        same=False,
    ),
    Rule(
        name="dialnet",
        path=r"/servlet/(?:articulo|libro|tesis)\?codigo=(?P<id>\d+)",
        link=r"/descarga/\w+/\d+(?:\.pdf)?$",
        same=True,
        any_text=True,
    ),
    Rule(name="redalyc", path=r"articulo\.oa\?id=(?P<id>\d+)|/journal/\d+/\d+", link=r"/pdf/\d+/\d+\.pdf$"),
    Rule(
        name="redalyc",
        path=r"articulo\.oa\?id=(?P<id>\d{6,})",
        script=r"""["'(]((?:https?://[\w.]{1,60})?/pdf/\d{1,8}/\d{6,20}\.pdf)["')]""",
        same=True,
    ),
    Rule(name="persee", path=r"/doc/(?P<id>[\w-]+)", link=r"/docAsPDF/[^?#]+\.pdf", any_text=True, same=True),
    Rule(
        name="openedition",
        path=r"^/(?:[\w-]+/)?(?P<id>\d+)/?(?:$|\?)",
        link=r"/pdf/\d+$|/\d+\?file=1$",
        same=True,
        any_text=True,
    ),
    Rule(
        name="cairn",
        link=r"/load_pdf\.php\?.*ID_ARTICLE=",
        path=r"/(?:revue|article|magazine)-|^/article\.php",
        any_text=True,
    ),
    Rule(
        name="cyberleninka", path=r"/article/n/(?P<id>[\w-]+)", link=r"/article/n/[\w-]+/pdf$", same=True, any_text=True
    ),
    Rule(
        name="neurips",
        path=r"/(?P<id>[\da-f]{20,})-Abstract",
        link=r"/[\da-f]{20,}-Paper[^?#]*\.pdf$",
        same=True,
        any_text=True,
    ),
    # publishers whose file's address is the article's own with "/pdf" or ".pdf" behind it, and who link to it so
    Rule(
        name="doi-path",
        path=rf"{_DOI}(?:/(?:full|meta|html|abstract|fulltext|tables|figures))?/?(?:$|\?)",
        link=r"10\.\d{4,9}/[^?#]+?(?:/pdf/?|\.pdf)$|/pdf/10\.\d{4,9}/[^?#]+$|/content/pdf/10\.",
        same=True,
    ),
    Rule(
        name="article-path",
        path=r"/(?:articles?|papers?|chapters?|stable|item|view)/(?P<id>(?=[\w.-]{4})[\w.-]*\d[\w.-]*?)(?:\.html?|/full|/fulltext|/abstract|/summary)?/?(?:$|\?)",
        link=r"/(?:[\w.-]+/)*[\w.-]+(?:\.pdf|/pdf)/?$",
        same=True,
    ),
    Rule(
        name="journal-markup",
        names=r"\b(?:show-pdf|download-?pdf|downloadpdf|pdf-download(?:-link|-button)?|article-pdflink|intent_pdf_link|c-pdf-download__link|pdf-link|pdflink|btn-pdf|download-files-pdf|full-text-pdf|fulltext-pdf|article__pdf|pdf-button)\b",
        any_text=False,
    ),
)
