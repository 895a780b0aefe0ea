"""GROBID's hand-corrected line corpus as labelled lines: features say where blocks begin, TEI what lines are.

Source: kermitt2/grobid, grobid-trainer/resources/dataset/segmentation (Apache-2.0), packed as `grobid-lines.tar.xz`.
"""

from __future__ import annotations

import html
import re
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

from dl_lit.pdf.headings import opens_references
from dl_lit.pdf.lines.facts import LineFacts

ARCHIVE = "grobid-lines.tar.xz"
_FOLDER = "grobid-trainer/resources/dataset/segmentation/corpus/"
_RAW, _TEI = ".training.segmentation", ".training.segmentation.tei.xml"
_TAG = re.compile(r"<(/?)([A-Za-z]+)([^>]*?)(/?)>")
_KIND = re.compile(r'(?:type|place)="(\w+)"')
_LEFT_OUT = frozenset(("page", "note:headnote", "node:headnote"))  # the reader's layout drops them as well
_LEAST_ALIGNED = 0.6  # of a document's lines must find their features, or its features are left out


@dataclass(frozen=True, slots=True)
class Document:
    """One labelled document."""

    name: str
    facts: tuple[LineFacts, ...]
    labels: tuple[str, ...]  # H heading of a list, R reference, F footnote, O anything else


@dataclass(frozen=True, slots=True)
class _Flags:
    """A line of a feature file: its first two words and what the page's layout said."""

    words: tuple[str, str]
    opens_page: bool
    opens_block: bool
    size_step: int
    bold: bool


def read_documents(data: Path) -> Iterator[Document]:
    """The labelled documents of the archive in the folder `data`, by name."""
    raws: dict[str, str] = {}
    teis: dict[str, str] = {}
    with tarfile.open(data / ARCHIVE, "r:xz") as archive:
        for member in archive:
            if not member.isfile() or not member.name.removeprefix("./").startswith(_FOLDER):
                continue
            file = archive.extractfile(member)
            if file is None:
                continue
            text = file.read().decode("utf-8")
            name = member.name.rsplit("/", 1)[-1]
            if name.endswith(_TEI):
                teis[name.removesuffix(_TEI)] = text
            elif name.endswith(_RAW):
                raws[name.removesuffix(_RAW)] = text
    for name in sorted(teis):
        lines = list(_tei_lines(teis[name]))
        flags = _aligned(lines, _flags(raws.get(name, "")))
        kept = [(line, flag) for line, flag in zip(lines, flags, strict=True) if line[1] not in _LEFT_OUT]
        labels = _labels([line for line, _ in kept])
        facts = tuple(
            LineFacts(text, flag.opens_page, flag.opens_block, flag.size_step, flag.bold) for (text, _), flag in kept
        )
        if "R" in labels:
            yield Document(name, facts, tuple(labels))


def _tei_lines(text: str) -> Iterator[tuple[str, str]]:
    """Every line of a TEI file with the name of the element it begins in."""
    text = text[text.index("<text") :]
    text = text[text.index(">") + 1 :]
    stack: list[str] = []
    buffer, label, at = "", "", 0
    for tag in _TAG.finditer(text):
        words = text[at : tag.start()]
        at = tag.end()
        if words.strip():
            buffer += words
            label = label or (stack[-1] if stack else "text")
        closes, name, attributes, empty = tag.groups()
        if name == "lb":
            line = " ".join(html.unescape(buffer).split())
            if line:
                yield line, label
            buffer, label = "", ""
        elif closes:
            if stack:
                stack.pop()
        elif not empty:
            kind = _KIND.search(attributes)
            stack.append(f"{name}:{kind.group(1)}" if kind else name)


def _flags(text: str) -> list[_Flags]:
    """The lines of a feature file."""
    found: list[_Flags] = []
    for row in text.splitlines():
        cells = row.split(" ")
        if len(cells) < 13:
            continue
        step = {"HIGHERFONT": 1, "LOWERFONT": -1}.get(cells[10], 0)
        words = (cells[0], cells[1])
        found.append(_Flags(words, cells[8] == "PAGESTART", cells[7] == "BLOCKSTART", step, cells[11] == "1"))
    return found


def _aligned(lines: list[tuple[str, str]], flags: list[_Flags]) -> list[_Flags]:
    """For every line the flags of its line in the feature file; plain ones where the two files disagree."""
    starts: list[tuple[str, str]] = []
    for text, _ in lines:
        words = text.split(maxsplit=2)
        starts.append((words[0], words[1] if len(words) > 1 else words[0]))
    plain = [_Flags(start, opens_page=False, opens_block=False, size_step=0, bold=False) for start in starts]
    matcher = SequenceMatcher(None, starts, [flag.words for flag in flags], autojunk=False)
    blocks = matcher.get_matching_blocks()
    if sum(block.size for block in blocks) < _LEAST_ALIGNED * len(lines):
        return plain
    for block in blocks:
        plain[block.a : block.a + block.size] = flags[block.b : block.b + block.size]
    return plain


def _labels(lines: list[tuple[str, str]]) -> list[str]:
    """The label of every line, the first line of a list told apart where it is a heading."""
    labels: list[str] = []
    before = ""
    for text, element in lines:
        if element == "listBibl":
            is_heading = opens_references(text) or (
                before != "listBibl" and len(text) < 40 and not re.search(r"\d{2}|[,.;:]$", text)
            )
            labels.append("H" if is_heading else "R")
        else:
            labels.append("F" if element == "note:footnote" else "O")
        before = element
    return labels
