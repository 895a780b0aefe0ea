"""A landing page read once: its head, its frames, its links with the part of the page that each stands in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import field
from urllib.parse import unquote

from selectolax.lexbor import LexborHTMLParser, LexborNode

from dl_lit.core.markup import tamed
from dl_lit.core.ports import Page
from dl_lit.core.values import dataclass
from dl_lit.landing.address import absolute, host_of, split
from dl_lit.landing.regions import Region, region_of_heading, region_of_names

_MAX_ANCHORS = 4_000
_MAX_NODES = 120_000
_MAX_TEXT = 150_000  # characters of the page's own words that are kept
_MAX_ROW = 1_500  # characters: more is no row of a list
_ROWS = frozenset({"li", "tr", "dd", "dt", "article", "section", "div", "p"})
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_LOOSE_HEADINGS = frozenset(
    {"p", "div", "dt", "span", "header", "summary", "legend", "caption", "th", "button", "center"}
)
_LOOSE = 7  # the level of a heading that is no heading element
_ADDRESSES = ("href", "data-pdf-url", "data-pdf", "data-popup", "data-href", "data-url")
_MANY_ENTRIES = 4  # from so many entries on, an ordered list of dated texts is a list of references
_MAX_READ = 20_000_000  # characters of texts of links
_UNLINKED = frozenset({"link", "base", "iframe", "embed", "object"})
_YEAR = re.compile(r"\b(?:1[6-9]|20)\d\d\b")


@dataclass(frozen=True, slots=True)
class Anchor:
    """One link of the page's body that does not stand in a part about other works or other matters."""

    url: str  # absolute
    address: str  # the same, decoded
    text: str  # what is read on it, white space folded
    names: str  # its classes, id, title and label in lower case
    type: str  # the media type it promises, lower case; "" where none
    region: Region | None  # the table of contents; None: a part of the work's own
    heading: str  # the nearest heading before it in its part; "" where there is none
    node: LexborNode = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Sheet:
    """What the ways of finding a PDF look at."""

    url: str  # the page's own
    base: str  # what its relative links count from
    html: str  # as it came
    metas: tuple[tuple[str, str], ...]  # (name or property in lower case, content), in the page's order
    anchors: tuple[Anchor, ...]
    title: str
    first_heading: str  # the text of the first h1
    text: str  # the words of the page without references, related works, navigation
    whole_text: str  # its first words, parts of all kinds together
    has_scripts: bool
    tree: LexborHTMLParser = field(repr=False, compare=False)

    @property
    def host(self) -> str:
        """The page's host in lower case, without port."""
        return host_of(self.url)

    @property
    def path(self) -> str:
        """The path of the page's address."""
        return split(self.url).path

    @property
    def generator(self) -> str:
        """What made the page, by its own word, in lower case; "" where it does not say."""
        return next((content.lower() for name, content in self.metas if name == "generator"), "")

    def meta(self, *names: str) -> Iterator[str]:
        """The contents of the meta tags so named, in the order of `names`."""
        for wanted in names:
            for name, content in self.metas:
                if name == wanted and content.strip():
                    yield content.strip()

    def absolute(self, link: str | None) -> str | None:
        """The web address that a link on this page means; None for what is none."""
        return absolute(self.base, link) if link else None


def read_sheet(page: Page) -> Sheet:
    """Read `page`; never raises, whatever it holds."""
    tree = LexborHTMLParser(tamed(page.html))
    base = page.url
    node = tree.css_first("base[href]")
    if node is not None:
        base = absolute(page.url, node.attributes.get("href") or "") or page.url
    walk = _Walk(base)
    if tree.root is not None:
        walk.through(tree.root)
    title, heading = tree.css_first("title"), tree.css_first("h1")
    return Sheet(
        url=page.url,
        base=base,
        html=page.html,
        metas=tuple((_name(meta), meta.attributes.get("content") or "") for meta in tree.css("meta")[:5_000]),
        anchors=tuple(walk.anchors),
        title=_folded(title.text()) if title is not None else "",
        first_heading=_folded(heading.text())[:1_000] if heading is not None else "",
        text=" ".join(walk.own),
        whole_text=" ".join(walk.all),
        has_scripts=tree.css_first("script") is not None,
        tree=tree,
    )


def row_text(node: LexborNode) -> str:
    """The text of the entry that a link stands in: its row, list item or block; "" where that is the whole page."""
    text = ""
    parent = node.parent
    for _ in range(5):
        if parent is None or parent.tag in {"body", "main", "html", "form"}:
            break
        if parent.tag in _ROWS:
            wider = _folded(parent.text())
            if len(wider) > _MAX_ROW:
                break
            text = wider
            if parent.tag in {"li", "tr", "article"}:
                break
        parent = parent.parent
    return text


@dataclass(slots=True)
class _Part:
    """Where in the page the walk is."""

    region: Region | None = None  # by an element around
    under: Region | None = None  # by a heading before, among the same parent's children
    level: int = 99  # of that heading
    heading: str = ""


class _Walk:
    """One way through the page from front to end."""

    def __init__(self, base: str) -> None:
        self._base = base
        self.anchors: list[Anchor] = []
        self.own: list[str] = []
        self.all: list[str] = []
        self._kept = 0
        self._read = 0

    def through(self, root: LexborNode) -> None:
        """Visit every element below `root`, in the page's order, without recursion."""
        stack: list[tuple[LexborNode, _Part]] = []
        node, part = root.child, _Part()
        for _ in range(_MAX_NODES):
            while node is None:
                if not stack:
                    return
                left, part = stack.pop()
                node = left.next
            inner = self._visit(node, part)
            if inner is not None and node.child is not None:
                stack.append((node, part))
                node, part = node.child, inner
            else:
                node = node.next

    def _visit(self, node: LexborNode, part: _Part) -> _Part | None:
        """Look at one node; what its children are in, None where they need no visit."""
        tag = node.tag or ""
        if tag == "-text":
            self._keep(node.text_content or "", part.region or part.under)
            return None
        if tag in {"title", "-comment", "script", "-doctype"}:
            return None
        attributes = node.attributes
        names = _names(attributes)
        if (heading := _heading_of(node, tag)) is not None:
            text, level = heading
            if level < _LOOSE or region_of_heading(text):
                if part.under is None or level <= part.level:
                    part.under, part.level = region_of_heading(text), level
                part.heading = text[:200]
        region = part.region or part.under or region_of_names(tag, names)
        if region is Region.NAVIGATION and tag == "header" and node.css_first("h1") is not None:
            region = None
        if region is None and tag == "ol" and _is_reference_list(node):
            region = Region.REFERENCES
        if tag not in _UNLINKED and any(name in attributes for name in _ADDRESSES):
            self._add(node, attributes, region, part.heading)
        return _Part(region=region, heading=part.heading)

    def _keep(self, text: str, region: Region | None) -> None:
        text = text.strip()[: _MAX_TEXT - self._kept]
        if not text:
            return
        self._kept += len(text)
        self.all.append(text)
        if region is None:
            self.own.append(text)

    def _add(self, node: LexborNode, attributes: dict[str, str | None], region: Region | None, heading: str) -> None:
        if region not in {None, Region.CONTENTS} or len(self.anchors) >= _MAX_ANCHORS:
            return
        for name in _ADDRESSES:
            url = absolute(self._base, attributes.get(name) or "")
            if url is not None:
                shown = (_names(attributes), attributes.get("title") or "")
                kind = (attributes.get("type") or "").strip().lower()
                text = self._text(node)[:400] or _pictured(node)
                self.anchors.append(
                    Anchor(url, unquote(url), text, " ".join(shown).lower()[:500], kind, region, heading, node)
                )

    def _text(self, node: LexborNode) -> str:
        """The text of an element; nothing more once a page has made us read it too often, nested in itself."""
        if self._read > _MAX_READ:
            return ""
        text = node.text()
        self._read += len(text)
        return _folded(text[:4_000])


def _names(attributes: dict[str, str | None]) -> str:
    return " ".join(
        [
            attributes.get("class") or "",
            attributes.get("id") or "",
            attributes.get("role") or "",
            (attributes.get("aria-label") or "").replace(" ", "-"),
            attributes.get("data-test") or "",
        ]
    )


def _heading_of(node: LexborNode, tag: str) -> tuple[str, int] | None:
    """The text and level of a heading; None where the node is none.

    A block that holds nothing but a heading, or nothing but a few words, is taken for one.
    """
    level = _HEADINGS.get(tag)
    if level is not None:
        return _folded(node.text())[:200], level
    if tag not in _LOOSE_HEADINGS:
        return None
    only = node
    for _ in range(3):
        inner = _only_child(only)
        if inner is None:
            return None
        if inner.tag == "-text":
            text = inner.text_content or ""
            return (_folded(text), _LOOSE) if len(text) < 200 else None
        level = _HEADINGS.get(inner.tag or "")
        if level is not None:
            return _folded(inner.text())[:200], level
        if inner.tag not in _LOOSE_HEADINGS:
            return None
        only = inner
    return None


def _only_child(node: LexborNode) -> LexborNode | None:
    """The only child that is not white space; None where there are several or none."""
    found: LexborNode | None = None
    child = node.child
    for _ in range(6):
        if child is None:
            return found
        if not (child.tag == "-text" and not (child.text_content or "").strip()):
            if found is not None:
                return None
            found = child
        child = child.next
    return None


def _is_reference_list(node: LexborNode) -> bool:
    """Whether an ordered list reads like one of references: many entries, most of them dated."""
    entries, dated, child = 0, 0, node.child
    for _ in range(200):
        if child is None:
            break
        if child.tag == "li":
            text = child.text()[:1_000]
            entries += 1
            dated += len(text) > 40 and _YEAR.search(text) is not None
        child = child.next
    return entries >= _MANY_ENTRIES and dated >= 0.7 * entries


def _pictured(node: LexborNode) -> str:
    """What the picture on a link says."""
    image = node.css_first("img")
    if image is None:
        return ""
    attributes = image.attributes
    source = (attributes.get("src") or "").rsplit("/", 1)[-1]
    return _folded(
        " ".join((attributes.get("alt") or "", attributes.get("title") or "", re.sub(r"[\W_]+", " ", source)))
    )[:400]


def _name(node: LexborNode) -> str:
    attributes = node.attributes
    return (attributes.get("name") or attributes.get("property") or attributes.get("itemprop") or "").strip().lower()


def _folded(text: str) -> str:
    return " ".join(text.split())
