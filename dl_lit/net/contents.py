"""What the first kilobytes of an answer are: a PDF, a page, or something else, whatever the server calls it. Pure."""

from __future__ import annotations

import re
from enum import Enum

from dl_lit.core.errors import FetchError
from dl_lit.core.reasons import Reason

_LOOKED_AT = 1_024  # bytes in which a PDF has to begin: Adobe's readers look no further
_PDF = b"%PDF-"
_HTML_TYPES = ("text/html", "application/xhtml")
_HTML_STARTS = (b"<!doctype html", b"<html", b"<head", b"<body", b"<!--", b"<script", b"<title", b"<meta")
_MARKUP = re.compile(rb"<(?:!doctype\s+html|html|head|body|script|meta|title)[\s>]", re.IGNORECASE)
_MULTIPART = re.compile(rb"\A\s*--[^\r\n]{1,200}\r?\n(?:[\w-]+:[^\r\n]*\r?\n){1,20}\r?\n", re.IGNORECASE)
_OTHER_FORMATS = (
    b"PK\x03\x04", b"\x89PNG", b"GIF8", b"\xff\xd8\xff", b"\x1f\x8b", b"BZh", b"7z\xbc\xaf", b"Rar!", b"\xfd7zXZ",
    b"\x7fELF", b"MZ\x90", b"{\\rtf", b"%!PS", b"\xd0\xcf\x11\xe0",
)  # fmt: skip
"""Files that begin so are these, even if a PDF hides in them."""


class Kind(Enum):
    """What an answer is."""

    PDF = "pdf"
    PAGE = "page"  # and says so
    DISGUISED_PAGE = "disguised page"  # HTML under another name


def kind_of(start: bytes, content_type: str) -> Kind:
    """What begins with `start`; raises `FetchError` for what is neither PDF nor page.

    Some bytes of junk may stand before a PDF, but neither markup nor the beginning of another format.
    """
    if not start:
        raise FetchError(Reason.EMPTY_BODY)
    says_html = content_type.lower().strip().startswith(_HTML_TYPES)
    place = start[:_LOOKED_AT].find(_PDF)
    if place >= 0 and not _is_other(start[:place]):
        return Kind.PDF
    if says_html or looks_like_html(start):
        return Kind.PAGE if says_html else Kind.DISGUISED_PAGE
    raise FetchError(Reason.WRONG_MIMETYPE, f"{content_type[:80] or 'no type'}: {start[:16]!r}")


def looks_like_html(start: bytes) -> bool:
    """Whether it begins like a web page."""
    beginning = start[:_LOOKED_AT].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return beginning.startswith(_HTML_STARTS) or (
        beginning.startswith(b"<?xml") and b"<html" in start[: 2 * _LOOKED_AT].lower()
    )


def _is_other(before: bytes) -> bool:
    """Whether what stands before the PDF makes the whole something else."""
    return (
        before.startswith(_OTHER_FORMATS)
        or looks_like_html(before)
        or _MARKUP.search(before) is not None
        or _MULTIPART.match(before) is not None
    )


def text_of(body: bytes, content_type: str) -> str:
    """A page as text, in the encoding that it names, else UTF-8."""
    _, _, charset = content_type.lower().partition("charset=")
    try:
        return body.decode(charset.split(";")[0].strip(" \"'") or "utf-8", "replace")
    except (LookupError, ValueError):  # ValueError: an encoding of domain names ("idna"), or with a NUL in its name
        return body.decode("utf-8", "replace")
