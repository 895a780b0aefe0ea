"""Reads a list of references from a .bib or .ris file, for `dl-lit import-bib`."""

from __future__ import annotations

import re

from dl_lit.exports.imported import Imported
from dl_lit.exports.read_bibtex import read_bibtex
from dl_lit.exports.read_ris import read_ris

_BEGIN = re.compile(r"^\ufeff?[ \t]*(?:(?P<ris>TY  ?- )|@\w+\s*[{(])", re.MULTILINE)


def read_bib(data: bytes) -> Imported:
    """The entries and problems of a file's bytes; RIS is told from BibTeX by what begins first, not by a name."""
    text = decode(data)
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
