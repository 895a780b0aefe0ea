"""The paths of attachments as the programs find them, told again from their own rules, and whether a file is there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

from proofs.roundtrip.reading import Facts

_TOLD = re.compile(r"^% (?P<key>\S+): .*no \.bib file can hold: (?P<path>.*)$", re.MULTILINE)


def as_zotero(field: str) -> str:
    """The path of a `file` field as Zotero's BibTeX.js takes it out: between colons that no backslash escapes."""
    parts, start, at = [], 0, 0
    while at < len(field):
        if field[at] == "\\":
            at += 1
        elif field[at] == ":":
            parts.append(field[start:at])
            start = at + 1
        at += 1
    parts.append(field[start:])
    path = parts[1] if len(parts) == 3 else parts[0]
    return re.sub(r"\\([^A-Za-z0-9.])", r"\1", path).strip()


def as_jabref(field: str) -> str:
    """The same as JabRef's FileFieldParser does: a backslash makes the next character one of the text."""
    parts, is_escaped = [""], False
    for character in field:
        if character == "\\" and not is_escaped:
            is_escaped = True
        elif character == ":" and not is_escaped:
            parts.append("")
        else:
            parts[-1] += character
            is_escaped = False
    return parts[1] if len(parts) == 3 else parts[0]


def told_beside(text: str) -> dict[str, str]:
    """The paths that a .bib file tells in a comment, by key."""
    return {match["key"]: unquote(match["path"]) for match in _TOLD.finditer(text)}


def lost(found: dict[str, Facts], told: dict[str, str], folder: Path, form: str) -> Iterator[str]:
    """The keys of records whose file is not where the export says."""
    for key, facts in found.items():
        field = facts.get("file", "")
        match form:
            case "bibtex" | "biblatex" if not field:
                paths = [told.get(key, "")]
            case "bibtex" | "biblatex":
                paths = [as_zotero(field), as_jabref(field)]
            case "ris" | "csv":
                paths = [field if (folder / field).is_file() else unquote(field)]
            case "zotero-rdf":
                paths = [unquote(field)]
            case _:
                paths = [field]
        if not all(path and (folder / path).is_file() for path in paths):
            yield key
