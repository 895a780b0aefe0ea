"""Readers that have nothing to do with the writers: of HTML, of terminals, of metrics and of the journal's messages."""

from __future__ import annotations

import re
import struct
from collections import Counter
from html.parser import HTMLParser

from proofs.text.attacks import FORGED, acting

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_SAMPLE = re.compile(
    r"(?P<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(?P<labels>(?:[a-zA-Z_]\w*=\"(?:[^\"\\\n]|\\[\\\"n])*\",?)*)\})? [^ ]+"
)
_LABEL = re.compile(r"([a-zA-Z_]\w*)=\"((?:[^\"\\]|\\.)*)\"")
_GOOD_LINKS = ("https://", "http://", "#", "%")


class Page(HTMLParser):
    """An HTML page as a browser sees it: elements with the names of their attributes, links, and text."""

    def __init__(self, page: str) -> None:
        """Read `page`."""
        super().__init__(convert_charrefs=True)
        self.elements: Counter[str] = Counter()
        self.links: list[str] = []
        self._said: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.elements[" ".join((tag, *sorted(name for name, _ in attrs)))] += 1
        self.links += [value or "" for name, value in attrs if name in {"href", "src", "action", "formaction"}]

    def handle_data(self, data: str) -> None:
        """Note a text."""
        self._said.append(data)

    def handle_comment(self, data: str) -> None:
        """Note a comment as an element: no page has any."""
        self.elements[f"!-- {data}"] += 1

    @property
    def text(self) -> str:
        """All text, on one line."""
        return " ".join("".join(self._said).split())

    @property
    def strange_links(self) -> list[str]:
        """Links that are none to the web, within the page or to a file beside it."""
        return [one for one in self.links if not one.startswith(_GOOD_LINKS) and (":" in one or one.startswith("//"))]


def on_terminal(shown: bytes, allowed: str = "\n") -> str | None:
    """What a terminal would do that is not showing text in colours; None where there is nothing."""
    try:
        text = shown.decode("utf-8")
    except UnicodeDecodeError as error:
        return f"bytes that are no text: {error}"
    rest = _COLOUR.sub("", text).replace("\r\n", "\n")
    if found := acting(rest, allowed):
        return f"obeys {', '.join(found)}"
    if any(line.startswith(FORGED) for line in rest.splitlines()):
        return "shows a forged line"
    return None


def samples(exposition: str) -> tuple[list[tuple[str, dict[str, str]]], list[str]]:
    """Name and labels of each sample of a text of metrics, and the lines that are none."""
    found, odd = [], []
    for line in exposition.split("\n"):
        if not line or line.startswith("# "):
            continue
        match = _SAMPLE.fullmatch(line)
        if match is None:
            odd.append(line)
            continue
        labels = dict(_LABEL.findall(match["labels"] or ""))
        found.append((match["name"], labels))
    return found, odd


def journal_fields(message: bytes) -> list[tuple[str, bytes]]:
    """The fields of a message to the journal, as it reads them; raises `ValueError`, `struct.error` for none."""
    fields = []
    while message:
        line, _, rest = message.partition(b"\n")
        name, is_plain, value = line.partition(b"=")
        if not is_plain:
            (length,) = struct.unpack_from("<Q", rest)
            value, rest = rest[8 : 8 + length], rest[9 + length :]
        fields.append((name.decode("ascii"), value))
        message = rest
    return fields
