"""MathML in titles as text with raised and lowered letters: what titles hold needs no more, and every format has it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from dl_lit.exports.rich.text import Span, Style, Styles

_TOKEN = re.compile(
    r"<(?P<close>/)?(?:[a-z]+:)?(?P<name>[a-z][\w-]*)(?:\s[^<>]*?)?(?P<empty>/)?>|[^<]+|<", re.IGNORECASE
)
_LEFT_OUT = frozenset({"annotation", "annotation-xml", "mphantom"})
_ACCENTS = {"¯": "\u0304", "‾": "\u0304", "―": "\u0304", "ˉ": "\u0304", "_": "\u0304", "^": "\u0302", "ˆ": "\u0302"}
_ACCENTS |= {"~": "\u0303", "˜": "\u0303", "→": "\u20d7", "⃗": "\u20d7", "˙": "\u0307", ".": "\u0307", "¨": "\u0308"}
_DEEPEST = 60


@dataclass(slots=True)
class _Element:
    name: str
    children: list[_Element | str] = field(default_factory=list)

    @property
    def parts(self) -> list[_Element | str]:
        """What it is made of, without the white space between."""
        return [one for one in self.children if isinstance(one, _Element) or one.strip()]


def math_spans(markup: str, styles: Styles = ()) -> list[Span]:
    """What stands within a `math` element as spans that look like `styles`, raised and lowered where it says so."""
    return [span for span in _written(_tree(markup), styles) if span.text]


def _tree(markup: str) -> _Element:
    root = _Element("mrow")
    path = [root]
    for token in _TOKEN.finditer(markup):
        name = (token["name"] or "").lower()
        if not name:
            path[-1].children.append(token[0])
        elif token["close"]:
            if len(path) > 1 and any(one.name == name for one in path[1:]):
                while path.pop().name != name:
                    pass
        else:
            element = _Element(name)
            path[-1].children.append(element)
            if not token["empty"] and len(path) < _DEEPEST:
                path.append(element)
    return root


def _written(element: _Element | str, styles: Styles) -> Iterator[Span]:
    if isinstance(element, str):
        yield Span(element.strip(), styles)
        return
    parts = element.parts
    match element.name, parts:
        case name, _ if name in _LEFT_OUT:
            return
        case "mspace", _:
            yield Span(" ", styles)
        case "mtext", _:
            yield Span("".join(one for one in element.children if isinstance(one, str)), styles)
        case "msub", [base, low]:
            yield from (*_written(base, styles), *_written(low, _with(styles, Style.SUB)))
        case "msup", [base, high]:
            yield from (*_written(base, styles), *_written(high, _with(styles, Style.SUPER)))
        case "msubsup" | "munderover", [base, low, high]:
            yield from (*_written(base, styles), *_written(low, _with(styles, Style.SUB)))
            yield from _written(high, _with(styles, Style.SUPER))
        case "mover" | "munder", [base, mark]:
            yield from _marked(base, mark, styles, Style.SUPER if element.name == "mover" else Style.SUB)
        case "mfrac", [above, below]:
            yield from (*_held(above, styles), Span("/", styles), *_held(below, styles))
        case "msqrt", _:
            yield from (Span("√", styles), *_held(_Element("mrow", element.children), styles))
        case "mroot", [base, index]:
            yield from (*_written(index, _with(styles, Style.SUPER)), Span("√", styles), *_held(base, styles))
        case "mfenced", _:
            yield Span("(", styles)
            for number, one in enumerate(parts):
                yield from (Span(", " if number else "", styles), *_written(one, styles))
            yield Span(")", styles)
        case _:
            for one in parts:
                yield from _written(one, styles)


def _marked(base: _Element | str, mark: _Element | str, styles: Styles, otherwise: Style) -> Iterator[Span]:
    """A letter with what stands over or under it: an accent where it is one."""
    accent = _ACCENTS.get(_letters(list(_written(mark, ())))) if otherwise is Style.SUPER else None
    if accent is None:
        yield from (*_written(base, styles), *_written(mark, _with(styles, otherwise)))
    else:
        yield Span(unicodedata.normalize("NFC", _letters(list(_written(base, ()))) + accent), styles)


def _held(element: _Element | str, styles: Styles) -> Iterator[Span]:
    """In parentheses, where it is more than one sign or number."""
    spans = list(_written(element, styles))
    is_one = re.fullmatch(r".?|\d+", _letters(spans)) is not None
    yield from spans if is_one else (Span("(", styles), *spans, Span(")", styles))


def _letters(spans: Sequence[Span]) -> str:
    return "".join(span.text for span in spans)


def _with(styles: Styles, style: Style) -> Styles:
    return styles if style in styles else (*styles, style)
