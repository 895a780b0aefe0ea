"""The PMC bucket of open-access articles: listing by prefix, metadata and files, as S3 answers them."""

from __future__ import annotations

import re
from functools import partial
from html import escape

from dl_lit.replica.catalogue import Catalogue
from dl_lit.replica.records import Record
from dl_lit.replica.services.files import Files
from dl_lit.replica.wire import Header, Plan, Request, Response, json_response, text_response

_BUCKET = "pmc-oa-opendata"
_PREFIX = re.compile(r"^(PMC\d+)\.")
_OBJECT = re.compile(r"^/(?:metadata/)?(PMC\d+)\.1(?:/\1\.1)?\.(pdf|xml|txt|json)$")
_COMMON: tuple[Header, ...] = (("server", "AmazonS3"), ("x-amz-bucket-region", "us-east-1"))
_MODIFIED = "2026-08-24T06:11:00.000Z"


class PmcBucket:
    """pmc-oa-opendata.s3.amazonaws.com."""

    def __init__(self, catalogue: Catalogue, files: Files) -> None:
        """Holds one version of every open work with a PMC number."""
        self._catalogue = catalogue
        self._files = files

    def plan(self, request: Request) -> Plan:
        """Listing or object."""
        if request.raw_path == "/":
            return Plan(kind="batch", answer=partial(self._list, request.params()))
        found = _OBJECT.match(request.path)
        record = self._open(found.group(1)) if found else None
        if found is None or record is None:
            return Plan(kind="other", answer=partial(_no_key, request.path.lstrip("/")))
        suffix = found.group(2)
        kind = {"pdf": "pdf", "json": "record"}.get(suffix, "file")
        return Plan(kind=kind, answer=partial(self._object, record, found.group(1), suffix))

    def _open(self, pmcid: str) -> Record | None:
        record = self._catalogue.by_pmcid(pmcid)
        return record if record and self._catalogue.access(record).oa_status != "closed" else None

    def _list(self, params: dict[str, str]) -> Response:
        prefix = params.get("prefix", "")
        found = _PREFIX.match(prefix)
        record = self._open(found.group(1)) if found else None
        delimiter = params.get("delimiter", "")
        content = ""
        count = 0
        if record is not None and found is not None:
            folder = f"{found.group(1)}.1/"
            if delimiter:
                content, count = f"<CommonPrefixes><Prefix>{folder}</Prefix></CommonPrefixes>", 1
            else:
                names = [f"{folder}{found.group(1)}.1.{suffix}" for suffix in ("json", "pdf", "txt", "xml")]
                names = [name for name in names if name.startswith(prefix)]
                content, count = "".join(_entry(name) for name in names), len(names)
        shown = f"<Delimiter>{escape(delimiter)}</Delimiter>" if delimiter else ""
        xml = (
            '<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
            f"<Name>{_BUCKET}</Name><Prefix>{escape(prefix)}</Prefix><KeyCount>{count}</KeyCount><MaxKeys>1000</MaxKeys>"
            f"{shown}<IsTruncated>false</IsTruncated>{content}</ListBucketResult>"
        )
        return text_response(xml, "application/xml", _COMMON)

    def _object(self, record: Record, pmcid: str, suffix: str) -> Response:
        name = f"s3://{_BUCKET}/{pmcid}.1/{pmcid}.1"
        match suffix:
            case "json":
                body = {
                    "pmcid": pmcid,
                    "version": 1,
                    "doi": record.doi,
                    "license": "CC BY",
                    "is_retracted": record.is_retracted,
                    "is_manuscript": False,
                    "pdf_url": f"{name}.pdf",
                    "xml_url": f"{name}.xml",
                    "text_url": f"{name}.txt",
                    "media_urls": [],
                }
                return json_response(body, _COMMON, content_type="binary/octet-stream")
            case "pdf":
                pdf = self._files.pdf(record, "publishedVersion")
                return Response(200, pdf, (("content-type", "binary/octet-stream"), *_COMMON))
            case "xml":
                title = f"<title-group><article-title>{escape(record.title)}</article-title></title-group>"
                xml = f"<article><front><article-meta>{title}</article-meta></front></article>"
                return text_response(xml, "binary/octet-stream", _COMMON)
            case _:
                return text_response(record.title + "\n", "binary/octet-stream", _COMMON)


def _entry(name: str) -> str:
    return (
        f"<Contents><Key>{name}</Key><LastModified>{_MODIFIED}</LastModified><ETag>&quot;{name[-8:]}&quot;</ETag>"
        "<Size>1000</Size><StorageClass>INTELLIGENT_TIERING</StorageClass></Contents>"
    )


def _no_key(name: str) -> Response:
    xml = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>NoSuchKey</Code><Message>The specified key '
        f"does not exist.</Message><Key>{escape(name)}</Key><RequestId>REPLICA</RequestId></Error>"
    )
    return text_response(xml, "application/xml", _COMMON, status=404)
