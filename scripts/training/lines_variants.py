"""The same documents with other lists: hand-segmented strings of other fields and languages, wrapped into lines.

GROBID's line corpus is English and mostly of the sciences; the humanities print other lists, without initials, volumes
or identifiers. The text around the lists stays as it is.
"""

from __future__ import annotations

import gzip
import json
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

from training.lines_corpus import Document

from dl_lit.pdf.lines.facts import LineFacts

STRINGS = "citation_strings.jsonl.gz"
_SHARES = {"linkedbooks-clean_valid": 5, "anystyle-core": 3, "grobid-corpus": 2}  # of the lists made, by set
_EVERY = 2  # each second document once more
_WIDTHS = (52, 62, 75, 90)  # characters
_SHORTEST, _LONGEST = 6, 60  # strings of a list
_HEADED = 0.6  # of the lists keep their heading


def variants(documents: Sequence[Document], strings: dict[str, list[str]], seed: int = 0) -> Iterator[Document]:
    """Some of `documents` once more, their lists replaced by runs of neighbouring `strings` (by set)."""
    rng = Random(seed)
    sets = [name for name in _SHARES if strings.get(name)]
    if not sets:
        return
    for document in documents[::_EVERY]:
        pool = strings[rng.choices(sets, [_SHARES[name] for name in sets])[0]]
        count = rng.randint(_SHORTEST, _LONGEST)
        first = rng.randrange(max(1, len(pool) - count))
        width = rng.choice(_WIDTHS)
        lines = [line for string in pool[first : first + count] for line in textwrap.wrap(string, width)]
        yield _replaced(document, lines, keeps_heading=rng.random() < _HEADED)


def read_strings(data: Path) -> dict[str, list[str]]:
    """The strings of the file in the folder `data`, by set, in the file's order; empty where there is no such file."""
    path = data / STRINGS
    found: dict[str, list[str]] = {}
    if path.exists():
        with gzip.open(path, "rt", encoding="utf-8") as file:
            for row in map(json.loads, file):
                found.setdefault(row["set"], []).append(row["raw"])
    return found


def _replaced(document: Document, lines: Sequence[str], *, keeps_heading: bool) -> Document:
    """`document` with its references, from the first to the last, replaced by `lines`."""
    places = [at for at, label in enumerate(document.labels) if label == "R"]
    first, last = places[0], places[-1]
    before = [at for at in range(first) if keeps_heading or document.labels[at] != "H"]
    after = range(last + 1, len(document.labels))
    facts = [LineFacts(line) for line in lines]
    if facts:
        old = document.facts[first]
        facts[0] = LineFacts(lines[0], old.opens_page, old.opens_block, old.size_step, old.bold)
    return Document(
        document.name,
        (*(document.facts[at] for at in before), *facts, *(document.facts[at] for at in after)),
        (
            *(document.labels[at] for at in before),
            *("R" for _ in facts),
            *("O" if document.labels[at] in "RH" else document.labels[at] for at in after),
        ),
    )
