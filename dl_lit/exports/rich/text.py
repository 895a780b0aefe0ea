"""Titles as services give them, with HTML, JATS, MathML, entities and TeX's math, taken apart once for every format.

Only marks that are surely meant as such count: elements of a known name that are opened and closed again, entities with
their semicolon, dollars round what reads as a formula. Everything else is text: the letter <h>, $5 and $6, a &c.
"""

from __future__ import annotations

import html
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from dl_lit.exports.latex.letters import MATHS
from dl_lit.exports.record import one_line
from dl_lit.exports.rich.formulas import cut_out_of_document, is_formula


class Style(StrEnum):
    """How letters of a title may look."""

    ITALIC = "italic"
    BOLD = "bold"
    SUPER = "super"
    SUB = "sub"
    SMALL_CAPS = "small-caps"


Styles = tuple[Style, ...]  # from the outermost on, each once


@dataclass(frozen=True, slots=True)
class Span:
    """Text of one look."""

    text: str
    styles: Styles = ()


@dataclass(frozen=True, slots=True)
class Formula:
    """Math as TeX has it, without the dollars around it; it has been looked through and can do no harm."""

    tex: str


Piece = Span | Formula

_STYLES = {
    "i": Style.ITALIC, "em": Style.ITALIC, "italic": Style.ITALIC,
    "b": Style.BOLD, "strong": Style.BOLD, "bold": Style.BOLD,
    "sup": Style.SUPER, "sub": Style.SUB, "inf": Style.SUB,
    "sc": Style.SMALL_CAPS, "scp": Style.SMALL_CAPS, "smallcaps": Style.SMALL_CAPS, "small-caps": Style.SMALL_CAPS,
}  # fmt: skip
_BREAKS = frozenset({"p", "title", "div", "li", "ul", "ol", "sec", "list", "list-item"})
_INLINE = """
    u underline tt monospace roman sans-serif span font small a inline-formula disp-formula alternatives styled-content
    named-content ext-link
"""
_PLAIN = frozenset(_INLINE.split())  # their look says nothing
_NAMES = "|".join(sorted([*_STYLES, *_BREAKS, *_PLAIN, "br", "math", "tex-math"], key=len, reverse=True))
_TAG = re.compile(rf"<(?P<close>/)?(?:[a-z]+:)?(?P<name>{_NAMES})(?P<rest>\s[^<>]*)?(?P<empty>/)?>", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,31});", re.IGNORECASE)
_MARKED = re.compile(r"[<&$]|\\documentclass")
_DOLLARS = re.compile(r"(\$\$?)(?=[^\s$])((?:[^$\\]|\\.)*?[^\s$\\]|(?:[^$\\]|\\.)*?\\.)\1(?![\d$])")
SIGNS = {f"\\{name}": sign for sign, name in MATHS.items()}
"""Formulas that are one sign alone, which Unicode has."""
_ENTITIES_DEEP = 2  # what was escaped twice is common, more is not


def pieces(text: str) -> tuple[Piece, ...]:
    """`text` on one line, taken apart."""
    text = one_line(text)
    if not _MARKED.search(text):
        return (Span(text),) if text else ()
    if "&" in text:
        for _ in range(_ENTITIES_DEEP):
            text = _ENTITY.sub(lambda match: html.unescape(match[0]), text)
        text = one_line(text)  # an entity may stand for a break or a control
    text = cut_out_of_document(text)
    found = _apart(text) if "<" in text else [Span(text)]
    return tuple(with_formulas(found)) if "$" in text else tuple(found)


def plain(text: str) -> str:
    """`text` on one line without its marks: "H<sub>2</sub>O" is "H2O"; math stays as TeX has it, in dollars."""
    if not _MARKED.search(text):
        return one_line(text)
    return one_line("".join(one.text if isinstance(one, Span) else f"${one.tex}$" for one in pieces(text)))


def with_formulas(spans: list[Span]) -> Iterator[Piece]:
    """The spans, with a formula for each that stands within one between dollars."""
    for span in spans:
        at = 0
        for match in _DOLLARS.finditer(span.text):
            if is_formula(match[2]):
                if span.text[at : match.start()]:
                    yield Span(span.text[at : match.start()], span.styles)
                sign = SIGNS.get(match[2].strip())
                yield Span(sign, span.styles) if sign else Formula(match[2])
                at = match.end()
        if span.text[at:]:
            yield Span(span.text[at:], span.styles)


def _apart(text: str) -> list[Span]:
    """Spans by the elements that are opened and closed."""
    from dl_lit.exports.rich.mathml import math_spans  # noqa: PLC0415 - it is made of our spans

    tags = list(_TAG.finditer(text))
    ends = _ends(tags)
    has_mathml = any(tag["name"].lower() == "math" and number in ends for number, tag in enumerate(tags))
    spans: list[Span] = []
    active: Counter[Style] = Counter()
    at, skip_to = 0, 0
    closing = set(ends.values())
    for number, tag in enumerate(tags):
        name = tag["name"].lower()
        if tag.start() < skip_to or not (number in ends or number in closing or name == "br"):
            continue
        _add(spans, text[at : tag.start()], active)
        at = tag.end()
        style = _style(name, tag["rest"])
        if number in closing and style:
            active[style] -= 1
        elif style:
            active[style] += 1
        elif name in _BREAKS or name == "br":
            _add(spans, " ", active)
        elif name in {"math", "tex-math"} and number in ends:
            end = tags[ends[number]]
            if name == "math":
                spans += math_spans(text[tag.end() : end.start()], _now(active))
            elif not has_mathml:
                _add(spans, text[tag.end() : end.start()], active)
            at = skip_to = end.end()
    _add(spans, text[at:], active)
    return spans


def _ends(tags: list[re.Match[str]]) -> dict[int, int]:
    """The number of the closing tag for that of each opening one that has one."""
    waiting: defaultdict[str, list[int]] = defaultdict(list)
    ends: dict[int, int] = {}
    for number, tag in enumerate(tags):
        name = tag["name"].lower()
        if name == "br" or tag["empty"]:
            continue
        if not tag["close"]:
            waiting[name].append(number)
        elif waiting[name]:
            ends[waiting[name].pop()] = number
    return ends


def _style(name: str, rest: str | None) -> Style | None:
    if name == "span" and rest and re.search(r"small-?caps", rest, re.IGNORECASE):
        return Style.SMALL_CAPS
    return _STYLES.get(name)


def _now(active: Counter[Style]) -> Styles:
    return tuple(style for style, times in active.items() if times > 0)


def _add(spans: list[Span], text: str, active: Counter[Style]) -> None:
    if text:
        spans.append(Span(text, _now(active)))
