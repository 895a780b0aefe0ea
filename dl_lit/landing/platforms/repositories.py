"""Repositories' software: where each keeps the files of a record. Shapes read 2026-11-23 in their documentation.

https://wiki.lyrasis.org/display/DSDOC7x (DSpace), https://wiki.eprints.org (EPrints), https://www.mycore.de/documentation
(MyCoRe), https://inveniordm.docs.cern.ch (Invenio), https://samvera.github.io (Hyrax), https://doc.hal.science (HAL).
"""

from __future__ import annotations

from dl_lit.landing.platforms.rule import Rule

RULES = (
    # DSpace 5, 6: /handle/prefix/number, files below /bitstream; from 7 on /items/uuid and /bitstreams/uuid/download
    Rule(
        name="dspace",
        path=r"/handle/(?P<id>[\w.]+/[\w.-]+)",
        link=r"/bitstreams?/(?:handle/|id/)?[^?#]+\.pdf(?:$|[?;])",
        any_text=False,
    ),
    Rule(
        name="dspace",
        path=r"/(?:items|entities/\w+)/[0-9a-f-]{36}|/handle/",
        link=r"/(?:server/api/core/)?bitstreams/[0-9a-f-]{36}/(?:download|content|retrieve)",
        text=r"\.pdf|pdf|[\d.,]+\s?[km]b|download|^$",
    ),
    Rule(name="dspace", generator="dspace", link=r"/(?:bitstream|retrieve)/[^?#]+\.pdf(?:$|[?;])"),
    Rule(
        name="pure",
        link=r"/(?:ws/)?(?:portalfiles/portal|files)/\d+/[^?#]+\.pdf(?:$|\?)",
        path=r"/(?:publications?|portal|files|research-?outputs?|activit)",
    ),
    Rule(name="pure", link=r"/ws/(?:portal)?files/"),
    Rule(
        name="hal",
        path=r"/(?P<id>(?:[a-z]+_)?[a-z]+-\d{5,})(?:v\d+)?/?(?:$|\?)",
        link=r"-\d{5,}(?:v\d+)?/(?:document|file/[^?#]+\.pdf)(?:$|\?)",
        same=True,
        any_text=True,
    ),
    Rule(name="eprints", names=r"\bep_document_link\b", link=r"/\d+/[^?#]+\.pdf(?:$|\?)"),
    Rule(
        name="eprints",
        generator="eprints",
        path=r"/(?P<id>\d+)/?(?:$|\?)",
        link=r"/\d+/\d+/[^?#]+\.pdf(?:$|\?)",
        same=True,
    ),
    Rule(
        name="eprints",
        shows=r"name=.eprints\.",
        path=r"/(?P<id>\d+)/?(?:$|\?)",
        link=r"/\d+/\d+/[^?#]+\.pdf(?:$|\?)",
        same=True,
    ),
    # Invenio: Zenodo, CDS, JOIN², WEKO3
    Rule(
        name="invenio",
        path=r"/records?/(?P<id>[\w-]+)/?(?:$|\?)",
        link=r"/records?/[\w-]+/files/[^?#]+\.pdf(?:$|[?/])",
        same=True,
    ),
    Rule(
        name="invenio",
        path=r"/records?/(?P<id>[\w-]+)/?(?:$|\?)",
        link=r"/api/records/[\w-]+/files/[^?#]+\.pdf/content",
        same=True,
    ),
    Rule(
        name="islandora",
        path=r"/islandora/object/(?P<id>[^/?]+)",
        link=r"/datastream/(?:OBJ|PDF|FULL_?TEXT)/(?:view|download)",
        same=True,
        any_text=True,
    ),
    Rule(name="mycore", link=r"/(?:servlets/)?MCRFileNodeServlet/[^?#]+\.pdf(?:$|\?)"),
    Rule(
        name="mycore",
        generator="mycore",
        link=r"/rsc/(?:viewer|stat)/[^?#]+\.pdf(?:$|\?)",
        address=("/rsc/(?:viewer|stat)/", "/servlets/MCRFileNodeServlet/"),
    ),
    Rule(
        name="dlibra", path=r"/dlibra/|/publication/|/docmetadata", link=r"/Content/\d+/(?:download|PDF/|[^?#]+\.pdf)"
    ),
    Rule(name="plone", link=r"/(?:at_download/\w+|@@download/file(?:/[^?#]+\.pdf)?)$", generator="plone"),
    Rule(name="plone", link=r"/at_download/\w+$", text=r"pdf"),
    Rule(
        name="hyrax",
        path=r"/concern/[\w-]+/(?P<id>[\w-]+)",
        link=r"/downloads/[\w-]+(?!.*file=thumbnail)",
        text=r"download|pdf",
    ),
    Rule(
        name="digital-commons",
        shows=r"bepress|digital ?commons",
        link=r"/cgi/viewcontent\.cgi\?(?!.*(?:type=additional|filename=))",
        text=r"download|pdf|full",
    ),
    Rule(
        name="diva", path=r"pid=(?P<id>diva2(?:%3a|:)\d+)|/record\.jsf", link=r"/smash/get/diva2:\d+/FULLTEXT\d+\.pdf"
    ),
    Rule(
        name="opus",
        path=r"/docId/(?P<id>\d+)|/frontdoor/\w+/(?P<other>\d+)",
        link=r"/(?:frontdoor/deliver/index/docId/\d+/file/|files/\d+/)[^?#]+\.pdf$",
    ),
    Rule(
        name="internet-archive",
        path=r"^/details/(?P<id>[^/?]+)",
        link=r"/download/[^/]+/(?![^/]*_text\.pdf)[^/?#]+\.pdf(?:$|\?)",
        same=True,
        any_text=True,
    ),
    Rule(name="oapen", path=r"/handle/20\.500\.\d+/", link=r"/bitstream/id/[0-9a-f-]{36}/[^?#]+\.pdf"),
    Rule(
        name="fedora",
        link=r"/fedora/(?:objects|get|repository)/[^?#]+(?:/datastreams?)?/(?:PDF|OBJ|DS\d|FULL-?TEXT)\w*(?:/content)?$",
    ),
    Rule(
        name="figshare",
        link=r"ndownloader\.figshare\.com/files/\d+|/ndownloader/files/\d+",
        text=r"\.pdf|^download(?! all)",
        host=r"figshare",
    ),
    Rule(name="figshare", host=r"figshare|chemrxiv", script=r'"exportPdfDownloadUrl"\s*:\s*"([^"]{8,600})"'),
    Rule(
        name="figshare",
        host=r"figshare",
        script=r'"name"\s*:\s*"[^"]{1,200}\.pdf"[^{}\[\]]{0,600}?"downloadUrl"\s*:\s*"([^"]{8,600})"',
    ),
    Rule(
        name="figshare",
        host=r"figshare",
        script=r'"downloadUrl"\s*:\s*"([^"]{8,600})"[^{}\[\]]{0,600}?"name"\s*:\s*"[^"]{1,200}\.pdf"',
    ),
    Rule(
        name="core",
        host=r"(?:^|\.)core\.ac\.uk$",
        path=r"/(?:display|works|outputs)/(?P<id>\d+)",
        link=r"/download/(?:pdf/)?\d+(?:\.pdf)?$",
        any_text=True,
    ),
)
