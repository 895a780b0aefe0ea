"""Makes a hostile HTML page harmless to a parser: the same links and texts, in markup that cannot take its time.

HTML's own rules let a page of a few hundred kilobytes keep a correct parser busy for minutes (deep nesting, open
formatting, endless attributes). So the page is read once from front to end and written anew: known elements, known
attributes, a bounded depth, no scripts and no comments.
"""

from __future__ import annotations

import re
from collections import Counter

MAX_CHARACTERS = 4_000_000
MAX_DEPTH = 200  # of elements that do not close each other
_MAX_VALUE = 8_000  # characters of an attribute

_ELEMENTS = frozenset(
    [
        "html",
        "head",
        "body",
        "title",
        "meta",
        "link",
        "base",
        "a",
        "area",
        "p",
        "div",
        "section",
        "article",
        "aside",
        "nav",
        "header",
        "footer",
        "main",
        "ul",
        "ol",
        "li",
        "dl",
        "dt",
        "dd",
        "table",
        "thead",
        "tbody",
        "tfoot",
        "tr",
        "td",
        "th",
        "caption",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "span",
        "button",
        "form",
        "input",
        "label",
        "iframe",
        "frame",
        "frameset",
        "embed",
        "object",
        "param",
        "noscript",
        "script",
        "figure",
        "figcaption",
        "blockquote",
        "pre",
        "details",
        "summary",
        "dialog",
        "img",
        "br",
        "hr",
        "fieldset",
        "legend",
        "center",
        "address",
        "cite",
        "time",
    ]
)
_VOID = frozenset(["meta", "link", "base", "area", "input", "frame", "embed", "param", "img", "br", "hr"])
_SELF_CLOSING = frozenset(
    ["html", "head", "body", "p", "li", "dt", "dd", "tr", "td", "th", "thead", "tbody", "tfoot", "caption", "a"]
)
_RAW = frozenset(["script", "style", "textarea", "title", "xmp", "iframe", "noembed"])
_ATTRIBUTES = frozenset(
    [
        "href",
        "src",
        "data",
        "type",
        "rel",
        "name",
        "property",
        "content",
        "id",
        "class",
        "title",
        "http-equiv",
        "role",
        "value",
        "alt",
        "action",
        "scheme",
        "itemprop",
        "lang",
        "aria-label",
        "data-pdf-url",
        "data-pdf",
        "data-popup",
        "data-href",
        "data-url",
        "data-download-type",
        "data-test",
    ]
)
_TAG = re.compile(
    r"<(?:(?P<comment>!--)|(?P<bogus>[!?])|(?P<close>/)?(?P<name>[a-zA-Z][^\s/>]*+)"
    r"""(?P<rest>(?:[\s/]++|[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:"[^"]*+"?|'[^']*+'?|[^\s>"'][^\s>]*+|))?+)*+)>?)"""
)
_ATTRIBUTE = re.compile(r"""([^\s/>][^\s/>=]*+)(?:\s*+=\s*+(?:"([^"]*+)"?|'([^']*+)'?|([^\s>"'][^\s>]*+|)))?+""")
_CUSTOM = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)+")
_MAX_ATTRIBUTES = 60  # of one element that are looked at


def tamed(html: str) -> str:
    """The page written anew, in time and size linear in `html`; what lies beyond 4 million characters is cut off.

    Scripts stay as empty elements, with the address they are loaded from; formatting (b, i, sup, font) leaves its text
    only; attributes that say nothing of links or of a part's role are left out.
    """
    html = html[:MAX_CHARACTERS].replace("\0", "").encode("utf-8", "replace").decode("utf-8")
    return "".join(_Writer(html).write())


class _Writer:
    """Reads one page from front to end."""

    def __init__(self, html: str) -> None:
        self._html = html
        self._open: Counter[str] = Counter()
        self._depth = 0

    def write(self) -> list[str]:
        html, parts, at = self._html, [], 0
        while (tag := _TAG.search(html, at)) is not None:
            parts.append(_text(html[at : tag.start()]))
            at = tag.end()
            if tag["comment"]:
                at = _after(html, "-->", tag.start() + 2)
            elif tag["bogus"]:
                at = _after(html, ">", at)
            elif tag["close"]:
                parts.append(self._closed(tag["name"].lower()))
            else:
                name = tag["name"].lower()
                if name in _RAW:
                    written, at = self._raw(name, tag["rest"], at)
                    parts.append(written)
                else:
                    parts.append(self._opened(name, tag["rest"]))
        parts.append(_text(html[at:]))
        return parts

    def _opened(self, name: str, rest: str) -> str:
        if name not in _ELEMENTS and not _CUSTOM.fullmatch(name[:40]):
            return ""
        if name not in _VOID and name not in _SELF_CLOSING:
            if self._depth >= MAX_DEPTH:
                return ""
            self._depth += 1
            self._open[name] += 1
        return f"<{name}{_attributes(rest)}>"

    def _closed(self, name: str) -> str:
        if name in _SELF_CLOSING:
            return f"</{name}>"
        if not self._open[name]:
            return ""
        self._open[name] -= 1
        self._depth -= 1
        return f"</{name}>"

    def _raw(self, name: str, rest: str, at: int) -> tuple[str, int]:
        """An element whose content is no markup: only a title's is kept. Also where what follows it begins."""
        end = re.compile(rf"</{name}(?=[\s/>])[^>]*+>?", re.IGNORECASE).search(self._html, at)
        content = self._html[at : end.start() if end else len(self._html)]
        after = end.end() if end else len(self._html)
        if name == "title":
            return f"<title>{_text(content[:_MAX_VALUE])}</title>", after
        return (f"<{name}{_attributes(rest)}></{name}>" if name in _ELEMENTS else ""), after


def _attributes(rest: str) -> str:
    found: dict[str, str] = {}
    for number, match in enumerate(_ATTRIBUTE.finditer(rest)):
        if number >= _MAX_ATTRIBUTES:
            break
        name, quoted, single, bare = match.groups()
        if (name := name.lower()) in _ATTRIBUTES and name not in found:
            found[name] = (quoted or single or bare or "")[:_MAX_VALUE].replace('"', "&quot;")
    return "".join(f' {name}="{value}"' for name, value in found.items())


def _text(text: str) -> str:
    return text.replace("<", "&lt;") if "<" in text else text


def _after(html: str, mark: str, at: int) -> int:
    """Where what follows the next `mark` begins; the end where there is none."""
    found = html.find(mark, at)
    return len(html) if found < 0 else found + len(mark)
