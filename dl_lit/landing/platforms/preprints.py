"""Preprint servers and working papers."""

from __future__ import annotations

from dl_lit.landing.platforms.rule import Rule

_OSF = r"(?:^|\.)(?:osf\.io|\w*rxiv\.(?:org|com)|thesiscommons\.org)$"

RULES = (
    Rule(
        name="arxiv",
        path=r"^/abs/(?P<id>[\w.-]+(?:/\d+)?)",
        link=r"/pdf/[\w.-]+(?:/\d+)?(?:v\d+)?(?:\.pdf)?$",
        same=True,
        any_text=True,
    ),
    Rule(
        name="osf",
        path=r"^/(?:preprints/\w+/)?(?P<id>[a-z0-9]{5}(?:_v\d+)?)/?(?:$|\?)",
        link=r"/download/?(?:$|\?)",
        same=True,
        any_text=True,
    ),
    Rule(
        name="osf",
        host=_OSF,
        shows=r"osf\.io",
        path=r"^/preprints/\w+/(?P<id>[a-z0-9]{5}(?:_v\d+)?)/?(?:$|\?)",
        own=(r"^(https?://[^/]+)/preprints/\w+/([a-z0-9]{5}(?:_v\d+)?)/?$", r"\1/\2/download"),
    ),
    Rule(
        name="research-square",
        path=r"/article/(?P<id>rs-\d+)/v\d+",
        script=r'"(https:(?:\\?/|\\u002F){2}(?:assets|www)\.researchsquare\.com(?:\\?/|\\u002F)(?:files|article)[^"]{1,300}?(?:manuscript|_covered|/v\d+)[^"]{0,80}\.pdf[^"]{0,60})"',
        same=False,
    ),
    Rule(
        name="research-square",
        path=r"/article/(?P<id>rs-\d+)/v\d+",
        link=r"/(?:article|files)/rs-\d+/v\d+[^?#]*\.pdf",
        same=True,
    ),
    Rule(name="protocols-io", path=r"^/view/(?P<id>[\w-]+)", link=r"/view/[\w-]+\.pdf$", same=True, any_text=True),
    Rule(
        name="protocols-io",
        host=r"(?:^|\.)protocols\.io$",
        path=r"^/view/(?P<id>[\w-]+?)(?:\.html)?$",
        shows=r"protocols\.io",
        own=(r"^(https?://[^/]+/view/[\w-]+?)(?:\.html)?$", r"\1.pdf"),
    ),
    Rule(
        name="ssrn",
        path=r"abstract_?id=(?P<id>\d+)|/abstract=(?P<other>\d+)",
        link=r"Delivery\.cfm/[^?#]*\.pdf\?.*abstractid=\d+",
    ),
    Rule(
        name="nber",
        path=r"^/papers/(?P<id>[wth]\d+)",
        link=r"/system/files/[\w/-]+/\w+\.pdf|/papers/\w+\.pdf",
        same=True,
        any_text=True,
    ),
    Rule(
        name="scienceopen",
        link=r"/document_file/[0-9a-f-]+/[^?#]*\.pdf|/hosted-document\?.*",
        path=r"^/(?:hosted-)?document",
        text=r"pdf|download|full",
    ),
    Rule(
        name="openreview",
        path=r"^/forum\?id=(?P<id>[\w-]+)",
        link=r"/(?:pdf|attachment)\?id=[\w-]+(?:$|&name=pdf)",
        same=True,
        any_text=True,
    ),
    Rule(
        name="preprints-org",
        path=r"^/manuscript/(?P<id>[\d.]+)/v\d+",
        link=r"/manuscript/[\d.]+/v\d+/download",
        same=True,
        any_text=True,
    ),
    Rule(
        name="europepmc",
        path=r"/article/(?:pmc|med|ppr)/|/articles/pmc",
        link=r"/articles/PMC\d+\?pdf=render|ptpmcrender\.fcgi\?.*blobtype=pdf",
        any_text=True,
    ),
)
