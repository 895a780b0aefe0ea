"""Hand-segmented reference strings with one set of labels, whatever their makers called them."""

from __future__ import annotations

import gzip
import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dl_lit.pdf.fields.labels import Label

_TAG = re.compile(r"<(/?)([A-Za-z][\w-]*)([^<>]*?)(/?)>")
_ATTRIBUTE = re.compile(r"\b(?:level|leve|type|unit)=\"([^\"]*)\"")
_IN = re.compile(r"(?:^|[\s.,;:(\[])(?:in|dans|en|em)\s*:?\s*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Example:
    """A string and where its parts stand: (label, start, end), in order, never overlapping."""

    text: str
    spans: tuple[tuple[Label, int, int], ...]
    source: str  # which corpus


def read_examples(data: Path) -> list[Example]:
    """All examples of `data`/citation_strings.jsonl.gz in their order, marked as their makers did."""
    with gzip.open(data / "citation_strings.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [example for line in lines if (example := _example(json.loads(line))).text]


def _example(row: dict[str, Any]) -> Example:
    if row["set"] == "grobid-corpus":
        text, parts = _untagged(row["tagged"])
        return Example(text, tuple(_grobid_spans(text, parts)), row["set"])
    if row["set"] == "anystyle-core":
        text, parts = _untagged(row["tagged"])
        return Example(text, tuple(_anystyle_spans(text, parts)), row["set"])
    return _linkedbooks(row)


@dataclass(frozen=True, slots=True)
class _Part:
    """An element of the mark-up, innermost only."""

    name: str
    kind: str
    start: int
    end: int


def _untagged(tagged: str) -> tuple[str, list[_Part]]:
    """The text with white space folded, and the elements in it (an inner one takes its text from the outer)."""
    characters: list[str] = []
    parts: list[_Part] = []
    open_tags: list[tuple[str, str]] = []
    begin = 0
    position = 0

    def close() -> None:
        end = len(characters)
        if open_tags and end > begin and open_tags[-1][0] != "bibl":
            parts.append(_Part(*open_tags[-1], begin, end))

    for match in [*_TAG.finditer(tagged), None]:
        for character in html.unescape(tagged[position : match.start() if match else len(tagged)]):
            if not character.isspace():
                characters.append(character)
            elif characters and characters[-1] != " ":
                characters.append(" ")
        if match is None:
            break
        position = match.end()
        closing, name, attributes, empty = match.groups()
        if name == "lb" or empty:
            if characters and characters[-1] != " ":
                characters.append(" ")
            continue
        close()
        if not closing:
            kind = _ATTRIBUTE.search(attributes)
            open_tags.append((name.lower(), kind.group(1).lower() if kind else ""))
        elif open_tags:
            open_tags.pop()
        begin = len(characters)
    return "".join(characters), parts


_PLAIN = {
    "author": Label.AUTHOR,
    "authors": Label.AUTHOR,
    "editor": Label.EDITOR,
    "date": Label.DATE,
    "publisher": Label.PUBLISHER,
    "publishe": Label.PUBLISHER,
    "pubplace": Label.PLACE,
    "ptr": Label.URL,
    "notes": Label.NOTE,
    "volumes": Label.VOLUME,
    "page": Label.PAGES,
}
_SCOPES = {
    "vol": Label.VOLUME,
    "volume": Label.VOLUME,
    "issue": Label.ISSUE,
    "pp": Label.PAGES,
    "page": Label.PAGES,
    "pages": Label.PAGES,
    "date": Label.DATE,
}
_NUMBERS = {"doi": Label.DOI, "arxiv": Label.ARXIV, "arxive": Label.ARXIV, "report": Label.NUMBER, "": Label.NUMBER}
_TITLES = {"j": Label.CONTAINER, "s": Label.SERIES, "short": Label.CONTAINER, "a": Label.TITLE}


def _grobid_label(part: _Part, *, has_title: bool, before: str) -> Label | None:
    match part.name:
        case "title" if part.kind == "m":
            return Label.BOOKTITLE if has_title or _IN.search(before) else Label.TITLE
        case "title":
            return _TITLES.get(part.kind)
        case "biblscope" | "biblstruct":
            return _SCOPES.get(part.kind)
        case "idno":
            return _NUMBERS.get(part.kind, Label.IDENTIFIER)
        case "orgname":
            return Label.COLLABORATION if part.kind == "collaboration" else Label.INSTITUTION
        case "note":
            return Label.REPORT if part.kind == "report" else Label.NOTE
        case name:
            return _PLAIN.get(name)


def _grobid_spans(text: str, parts: list[_Part]) -> Iterator[tuple[Label, int, int]]:
    has_title = any(part.name == "title" and part.kind == "a" for part in parts)
    previous = 0
    for part in parts:
        label = _grobid_label(part, has_title=has_title, before=text[previous : part.start])
        previous = part.end
        if label is Label.TITLE:
            has_title = True
        if label and (span := _trimmed(text, part.start, part.end)):
            yield label, *span


_ANYSTYLE = {
    "author": Label.AUTHOR,
    "editor": Label.EDITOR,
    "translator": Label.NOTE,
    "director": Label.AUTHOR,
    "producer": Label.AUTHOR,
    "title": Label.TITLE,
    "journal": Label.CONTAINER,
    "container-title": Label.BOOKTITLE,
    "booktitle": Label.BOOKTITLE,
    "collection-title": Label.SERIES,
    "series": Label.SERIES,
    "publisher": Label.PUBLISHER,
    "institution": Label.INSTITUTION,
    "location": Label.PLACE,
    "date": Label.DATE,
    "volume": Label.VOLUME,
    "issue": Label.ISSUE,
    "pages": Label.PAGES,
    "edition": Label.EDITION,
    "genre": Label.REPORT,
    "note": Label.NOTE,
    "url": Label.URL,
    "doi": Label.DOI,
    "isbn": Label.IDENTIFIER,
}
_EDITION_WORDS = re.compile(r"\b(?:editors?|eds?|hrsg|hg|herausgegeben|a cura di|dir|éds?)\b\.?", re.IGNORECASE)
_VOLUME_AND_ISSUE = re.compile(r"(\w+)\s*(?:[(,:/]|no\.?|n[°º.])[\s(]*((?:no\.?\s*)?\d[\w/–-]*)$", re.IGNORECASE)
_LEADS = {
    Label.DOI: re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi\s*:?)\s*", re.IGNORECASE),
    Label.URL: re.compile(r".*?(?=(?:https?|ftp)\s?:|www\.|$)", re.IGNORECASE),
    Label.PAGES: re.compile(r"[\s(:,]*(?:pp?|pgs?|pages?|seiten?|s|págs?)\b[\s.:]*", re.IGNORECASE),
    Label.VOLUME: re.compile(r"[\s(,]*(?:vols?|volumes?|bd|band|t|tome)\b[\s.:]*", re.IGNORECASE),
    Label.ISSUE: re.compile(r"[\s(,:]*(?:nos?|nr|number|issue|heft|n[°º])\b[\s.:°º]*", re.IGNORECASE),
    Label.BOOKTITLE: re.compile(r"[\s(,]*in\b[\s:.]*", re.IGNORECASE),
    Label.CONTAINER: re.compile(r"[\s(,]*in\b[\s:.]*(?=\S)", re.IGNORECASE),
    Label.EDITOR: re.compile(r"[\s(,]*(?:in\b[\s:.]*|(?:edited|ed\.?|eds\.?)\s+by\s+)+", re.IGNORECASE),
}


def _anystyle_spans(text: str, parts: list[_Part]) -> Iterator[tuple[Label, int, int]]:
    for part in parts:
        label = _ANYSTYLE.get(part.name)
        if label is None:
            continue
        start, end = part.start, part.end
        if (lead := _LEADS.get(label)) and (match := lead.match(text, start, end)):
            start = match.end()
        if label is Label.EDITOR and (word := _EDITION_WORDS.search(text, start, end)):
            start, end = (word.end(), end) if word.start() == start else (start, word.start())
        if not (span := _trimmed(text, start, end, marks=" ,;:.()[]“”\"'«»")):
            continue
        if label is Label.VOLUME and (both := _VOLUME_AND_ISSUE.match(text, *span)):
            yield Label.VOLUME, *both.span(1)
            yield Label.ISSUE, *both.span(2)
        else:
            yield label, *_with_stop(text, label, *span)


def _trimmed(text: str, start: int, end: int, marks: str = " ") -> tuple[int, int] | None:
    """The span without white space (and `marks`) at its ends; None when nothing is left."""
    while start < end and text[start] in marks:
        start += 1
    while end > start and text[end - 1] in marks:
        end -= 1
    return (start, end) if start < end else None


def _with_stop(text: str, label: Label, start: int, end: int) -> tuple[int, int]:
    """The span with the full stop of a last initial, or of "et al.", in it."""
    names = label in {Label.AUTHOR, Label.EDITOR}
    return start, end + (names and text[end : end + 1] == "." and bool(_STOPPED.search(text, start, end)))


_STOPPED = re.compile(r"(?:\b[^\W\d_]|\bal|\bJr|\bSr)$")
_LINKEDBOOKS = {
    "author": Label.AUTHOR,
    "title": Label.TITLE,
    "publicationplace": Label.PLACE,
    "publisher": Label.PUBLISHER,
    "year": Label.DATE,
    "pagination": Label.PAGES,
}


def _linkedbooks(row: dict[str, Any]) -> Example:
    text = row["raw"]
    spans: list[tuple[Label, int, int]] = []
    position = 0
    last: Label | None = None
    for word, name in row["labels"]:
        found = text.find(word, position)
        if found < 0:
            return Example("", (), row["set"])
        position = found + len(word)
        label = _LINKEDBOOKS.get(name)
        if label and label is last and spans:
            spans[-1] = (label, spans[-1][1], position)
        elif label:
            spans.append((label, found, position))
        last = label
    settled = []
    titled = False
    for label, start, end in spans:
        kind = label
        if label is Label.TITLE and titled:
            kind = Label.CONTAINER if row["fields"].get("type") == "meta-annotation" else Label.BOOKTITLE
        titled = titled or label is Label.TITLE
        if span := _trimmed(text, start, end, marks=' ,;:.()[]“”"«»'):
            settled.append((kind, *_with_stop(text, kind, *span)))
    return Example(text, tuple(settled), row["set"])
