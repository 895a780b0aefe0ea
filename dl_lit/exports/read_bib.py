"""Reads a list of references from a .bib, .ris or CSL-JSON file, for `dl-lit import-bib`."""

from __future__ import annotations

import re

from dl_lit.exports.imported import Imported, unless_text
from dl_lit.exports.read_bibtex import read_bibtex
from dl_lit.exports.read_csl_json import read_csl_json
from dl_lit.exports.read_ris import read_ris

_JSON = re.compile(r"\s*(?:\[\s*[\]{]|\{\s*\")")
_BEGIN = re.compile(r"^\ufeff?[ \t]*(?:(?P<ris>TY  ?- )|@\w+\s*[{(])", re.MULTILINE)


def read_bib(data: bytes) -> Imported:
    """The entries and problems of a file's bytes; which of the three it is its beginning says, not its name."""
    text = decode(data)
    if no_text := unless_text(text):
        return no_text
    if _JSON.match(text):
        return read_csl_json(text)
    first = _BEGIN.search(text)
    return read_ris(text) if first and first["ris"] else read_bibtex(text)


def decode(data: bytes) -> str:
    """The bytes as text: UTF-8 or UTF-16 as marked, else UTF-8, else the Windows code page of Western Europe."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")
