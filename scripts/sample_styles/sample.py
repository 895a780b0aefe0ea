"""A sample: what is printed, and what is to be read in it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from .entries import Entry, Short, typst

LATIN = "Libertinus Serif"
CJK = "Droid Sans Fallback"  # Apache-2.0; Debian's fonts-droid-fallback


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One sample document."""

    name: str  # of the file, without suffix
    style: str  # what it shows
    title: str
    body: str  # typst's markup, the references in it
    entries: tuple[Entry, ...]  # in printed order
    shorts: tuple[Short, ...] = ()
    language: str = "en"  # ISO 639-1
    font: str = LATIN
    size_pt: float = 10.5
    columns: int = 1
    author: str = "Cornelius Abernethy-Falk"
    setup: str = ""  # more of typst's markup, before the body
    partial: bool = False  # more is printed than the gold list holds
    note: str = field(default="", repr=False)  # why, for who reads the gold list

    def gold(self) -> dict[str, Any]:
        """The gold list."""
        listing: dict[str, Any] = {
            "source": f"{self.name}.pdf",
            "doi": None,
            "title": self.title,
            "language": self.language,
            "style": self.style,
            "gold_from": "typesetting",
        }
        if self.partial:
            listing |= {"partial": True, "note": self.note}
        listing["references"] = [entry.gold(place) for place, entry in enumerate(self.entries, 1)]
        if self.shorts:
            listing["short_forms"] = [short.gold() for short in self.shorts]
        return listing

    def source(self) -> str:
        """The document in typst's language."""
        title, author = (json.dumps(text, ensure_ascii=False) for text in (self.title, self.author))
        return f"""#set document(title: {title}, author: ({author},), date: none)
#set page(paper: "a4", columns: {self.columns}, margin: (x: 28mm, y: 26mm), numbering: "1",
  footer: context [#set text(8pt); Sample document of the dl_lit project #h(1fr) #counter(page).display()])
#set text(font: ("{self.font}", "{LATIN}"), size: {self.size_pt}pt, lang: "{self.language}")
#set smartquote(enabled: false)
#set par(justify: true, first-line-indent: 1.2em, leading: .58em, spacing: .62em)
#show heading: it => block(above: 1.3em, below: .7em, it)
#show footnote.entry: set text(size: {self.size_pt - 2}pt)
{self.setup}
#place(top + center, scope: "parent", float: true, clearance: 1.6em)[#set par(justify: false)
  #text(size: {self.size_pt * 1.6:.1f}pt, weight: 700)[#{title};] \\ #v(.3em) #{author};]
{self.body}
"""


def paragraphs(*texts: str) -> str:
    """Running text, each a paragraph; typst's markup is taken as it is."""
    return "\n\n".join(texts)


def listing(
    entries: Iterable[Entry], *, hanging: str = "1.6em", gap: str = ".7em", size: str = "1em", labels: bool = True
) -> str:
    """Paragraphs with hanging indent, each with its label in front where it has one."""
    lines = [f"#[#set par(first-line-indent: 0pt, hanging-indent: {hanging}, spacing: {gap}); #set text(size: {size})"]
    for entry in entries:
        label = f"{typst(entry.label)}#h(.5em)" if labels and entry.label else ""
        lines.append(f"{label}{typst(entry.marked)}")
    return "\n\n".join(lines) + "\n]"


def table_listing(entries: Sequence[Entry], width: str = "2.2em", gap: str = ".65em") -> str:
    """Labels in a column of their own."""
    rows = ", ".join(f"[{typst(entry.label or '')}], [{typst(entry.marked)}]" for entry in entries)
    return f"#[#set par(first-line-indent: 0pt)\n#grid(columns: ({width}, 1fr), row-gutter: {gap}, {rows})]"


def note(*parts: str | Entry | Short) -> str:
    """A footnote of references, short forms and words between them."""
    return f"#footnote[{''.join(_part(one) for one in parts)}]"


def _part(one: str | Entry | Short) -> str:
    if isinstance(one, Entry):
        return typst(one.marked)
    return typst(one.raw if isinstance(one, Short) else one)
