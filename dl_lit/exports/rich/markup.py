"""Titles with the marks that CSL's processors and Zotero understand: i, b, sup, sub, small capitals.

https://citeproc-js.readthedocs.io/en/latest/csl-json/markup.html (read 2026-11-23)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import groupby

from dl_lit.exports.rich.text import Piece, Span, Style, pieces

_ELEMENTS = {
    Style.ITALIC: ("<i>", "</i>"),
    Style.BOLD: ("<b>", "</b>"),
    Style.SUPER: ("<sup>", "</sup>"),
    Style.SUB: ("<sub>", "</sub>"),
    Style.SMALL_CAPS: ('<span style="font-variant:small-caps;">', "</span>"),
}


def marked(text: str) -> str:
    """`text` with no other marks than these; its other angle brackets stay, as both programs expect."""
    return " ".join(styled(pieces(text), _ELEMENTS, _raw).split())


def styled(found: Iterable[Piece], marks: Mapping[Style, tuple[str, str]], write: Callable[[Piece], str]) -> str:
    """The pieces written by `write`, with the marks before and behind what has a style; neighbours share them."""
    return _nested([(one.styles if isinstance(one, Span) else (), write(one)) for one in found], 0, marks)


def _nested(written: list[tuple[tuple[Style, ...], str]], depth: int, marks: Mapping[Style, tuple[str, str]]) -> str:
    parts = []
    for style, group in groupby(written, lambda one: one[0][depth] if len(one[0]) > depth else None):
        if style is None:
            parts += [text for _, text in group]
        else:
            before, behind = marks[style]
            parts.append(f"{before}{_nested(list(group), depth + 1, marks)}{behind}")
    return "".join(parts)


def _raw(piece: Piece) -> str:
    return piece.text if isinstance(piece, Span) else f"${piece.tex}$"
