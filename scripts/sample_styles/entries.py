"""A reference with its fields marked, and what is made of it: typst's markup, the printed text, the gold list's entry.

"{a:Knuth}, D. E. ({y:1984}). {t:Literate programming}. {C:The Computer Journal}, 27(2), 97–111." The marks are a for
the first author's family name, t for the title, c for what it appeared in, y for the year, d for the DOI; T and C are
set in italics, {i:…} is italics alone.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

_MARK = re.compile(r"\{([atTcCydi]):([^{}]*)\}")
_ITALIC = frozenset("TCi")


@dataclass(frozen=True, slots=True)
class Entry:
    """One reference as printed."""

    marked: str
    label: str | None = None
    type: str = "article-journal"
    first_author: str | None = None  # where the print has a dash for it

    @property
    def raw(self) -> str:
        """The printed text."""
        return plain(self.marked)

    def gold(self, position: int) -> dict[str, Any]:
        """The entry of the gold list."""
        fields = {mark.lower(): text for mark, text in reversed(_MARK.findall(self.marked))}
        year = re.search(r"\d{4}", fields.get("y", ""))
        return {
            "position": position,
            "label": self.label,
            "raw": self.raw,
            "type": self.type,
            "title": fields.get("t"),
            "first_author": self.first_author or fields.get("a"),
            "year": year[0] if year else None,
            "doi": fields["d"].lower() if "d" in fields else None,
            "container": fields.get("c"),
        }


@dataclass(frozen=True, slots=True)
class Short:
    """A short form and the position of the reference it stands for; None where nobody can tell."""

    raw: str
    refers_to: int | None

    def gold(self) -> dict[str, Any]:
        """The entry of the gold list."""
        return {"raw": self.raw, "refers_to": self.refers_to}


def plain(marked: str) -> str:
    """The text without its marks."""
    return _MARK.sub(lambda found: found[2], marked)


def typst(marked: str) -> str:
    """The text in typst's markup: every piece a string, so that nothing in it means anything to typst."""
    pieces, start = [], 0
    for found in _MARK.finditer(marked):
        pieces += [_string(marked[start : found.start()])]
        text = json.dumps(found[2], ensure_ascii=False)
        pieces.append(f"#emph({text});" if found[1] in _ITALIC else f"#{text};")
        start = found.end()
    return "".join([*pieces, _string(marked[start:])])


def _string(text: str) -> str:
    return f"#{json.dumps(text, ensure_ascii=False)};" if text else ""
