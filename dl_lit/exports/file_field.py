r"""The `file` field of .bib files, in the forms of the two programs that have it.

Both write `description:path:type` and a backslash before what would be read as a border. Zotero also puts one before
"$" and names the type as MIME does; JabRef leaves the description empty and has its own names of types. Each reads the
other's form. https://docs.jabref.org/finding-sorting-and-cleaning-entries/filelinks, and Zotero's translator
BibTeX.js (read 2026-11-23).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum

from dl_lit.core.controls import acts


class FileForm(StrEnum):
    """Whose form of the field."""

    ZOTERO = "zotero"
    JABREF = "jabref"


_DESCRIPTION = "Full Text PDF"
_BORDERS = {FileForm.ZOTERO: re.compile(r"[\\:;$]"), FileForm.JABREF: re.compile(r"[\\:;]")}
_PARTS = {FileForm.ZOTERO: f"{_DESCRIPTION}:%s:application/pdf", FileForm.JABREF: ":%s:PDF"}
_ESCAPED = re.compile(r"\\([^A-Za-z0-9\s.])")
_MENDELEYS_BACKSLASH = "$\\backslash$"


def file_field(path: str, form: FileForm = FileForm.ZOTERO) -> str | None:
    """The field for a PDF at `path`; None where it cannot be in a .bib file: braces that do not match, controls."""
    if acts(path) or not _is_even(path) or path != path.strip():
        return None
    return _PARTS[form].replace("%s", _BORDERS[form].sub(r"\\\g<0>", path), 1)


def file_paths(field: str) -> Iterator[str]:
    r"""The paths of a `file` field: "path", or "description:path:type", several joined by ";", with "\" as escape."""
    for attachment in _split_unescaped(field.replace(_MENDELEYS_BACKSLASH, "\\"), ";"):
        parts = _split_unescaped(attachment, ":")
        path = parts[1] if len(parts) == 3 else attachment  # one part, or an unescaped path with a drive letter
        if path.strip():
            yield _ESCAPED.sub(r"\1", path.strip())


def _is_even(path: str) -> bool:
    depth = 0
    for character in path:
        depth += (character == "{") - (character == "}")
        if depth < 0:
            return False
    return depth == 0


def _split_unescaped(text: str, mark: str) -> list[str]:
    pieces = [""]
    for token in re.findall(r"\\.|.", text, re.DOTALL):
        if token == mark:
            pieces.append("")
        else:
            pieces[-1] += token
    return pieces
