"""Lists of references whose entries' first lines are known: GROBID's hand-corrected ones, and strings set in type here.

Sources: kermitt2/grobid, grobid-trainer/resources/dataset/reference-segmenter (Apache-2.0), packed in
`grobid-lines.tar.xz`; hand-segmented reference strings of `citation_strings.jsonl.gz`, and strings rendered from real
records (`training.strings`), both broken into lines as a page would break them.
"""

from __future__ import annotations

import gzip
import html
import json
import random
import re
import tarfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from training.strings import rendered

from dl_lit.pdf.document import Line

ARCHIVE, STRINGS = "grobid-lines.tar.xz", "citation_strings.jsonl.gz"
_FOLDER = "grobid-trainer/resources/dataset/reference-segmenter/corpus/tei/"
_LIST = re.compile(r"<listBibl[^>]*>(.*)</listBibl>", re.DOTALL)
_TOKEN = re.compile(r"(<lb ?/>|</?bibl[^>]*>|</?label[^>]*>|<[^>]+>)")
_LABEL = re.compile(r"^(?:\[[^\]]{1,12}\]|\(?\d{1,3}[.)\]]?)\s*[.,]?\s*")
_RUN = 24  # strings that are set as one list: neighbours, which keep one style
_FEWEST_RENDERED = 6  # strings of one style that are set as a list
_SHORTEST, _LONGEST = 20, 900  # characters of a string
_NARROW, _WIDE = frozenset("iljtfr.,;:'|!()[]- "), frozenset("mwMWQOGDHNU@%")


@dataclass(frozen=True, slots=True)
class LabelledList:
    """One list of references."""

    name: str
    lines: tuple[Line, ...]
    firsts: frozenset[int]  # indices of the lines that begin an entry
    is_numbered: bool = False  # its labels were taken off


def read_lists(data: Path) -> Iterator[LabelledList]:
    """The hand-corrected lists of the archive in the folder `data`, by name, labels taken off."""
    teis: dict[str, str] = {}
    with tarfile.open(data / ARCHIVE, "r:xz") as archive:
        for member in archive:
            path = member.name.removeprefix("./")
            if member.isfile() and path.startswith(_FOLDER) and path.endswith(".tei.xml"):
                file = archive.extractfile(member)
                if file is not None:
                    teis[path.rsplit("/", 1)[-1]] = file.read().decode("utf-8", "replace")
    for name in sorted(teis):
        found = _list_of(name, teis[name])
        if found is not None:
            yield found


def _list_of(name: str, text: str) -> LabelledList | None:
    """The list of one TEI file; `None` where it has hardly any."""
    inside = _LIST.search(text)
    if inside is None:
        return None
    lines, begun, current = [], [], ""
    labels = 0
    for token in _TOKEN.split(inside.group(1).replace("\n", " ")):
        if token.startswith("<lb"):
            lines.append(" ".join(current.split()))
            current = ""
        elif token.startswith("<bibl"):
            begun.append((len(lines), not current.strip(), labels))
        elif token.startswith("<label"):
            labels += 1
        elif not token.startswith("<"):
            current += " ".join(f"|{html.unescape(token)}|".split())[1:-1]
    lines.append(" ".join(current.split()))
    is_numbered = labels > 0.3 * len(begun)
    counts = [later[2] - one[2] for one, later in zip(begun, [*begun[1:], (0, False, labels)], strict=True)]
    firsts = {at for (at, heads, _), own in zip(begun, counts, strict=True) if heads and (own > 0 or not is_numbered)}
    if not firsts or len(lines) < 4:
        return None
    start = min(firsts)
    kept = [at for at in range(start, len(lines)) if lines[at]]
    texts = [_LABEL.sub("", lines[at]) if is_numbered and at in firsts else lines[at] for at in kept]
    rows = [
        Line(text, 1, 50.0, 50.0 + 5 * len(text), 700.0 - 10 * place, 709.0 - 10 * place, 9.0)
        for place, text in enumerate(texts)
    ]
    places = frozenset(place for place, at in enumerate(kept) if at in firsts)
    return LabelledList(name, tuple(rows), places, is_numbered) if len(rows) >= 4 else None


def read_runs(data: Path) -> list[list[str]]:
    """Neighbouring reference strings of one source, in runs that could stand in one list."""
    runs: list[list[str]] = []
    key: tuple[str, str | None] | None = None
    with gzip.open(data / STRINGS, "rt", encoding="utf-8") as rows:
        for row in rows:
            record = json.loads(row)
            raw = " ".join(record["raw"].split())
            own = (record["set"], record.get("file"))
            if own != key or len(runs[-1]) >= _RUN:
                runs.append([])
                key = own
            if _SHORTEST <= len(raw) <= _LONGEST:
                runs[-1].append(raw)
    return [run for run in runs if len(run) >= 4]


def rendered_runs(data: Path, count: int, seed: int) -> list[list[str]]:
    """`count` strings that are rendered from real records, in runs of one style each, in alphabetical order."""
    begun: defaultdict[str, list[str]] = defaultdict(list)
    runs: list[list[str]] = []
    for one in islice(rendered(data, seed), count):
        raw = " ".join(one.text.split())
        if _SHORTEST <= len(raw) <= _LONGEST:
            run = begun[f"{one.language} {one.style}"]
            run.append(raw)
            if len(run) == _RUN:
                runs.append(sorted(run))
                run.clear()
    return runs + [sorted(run) for run in begun.values() if len(run) >= _FEWEST_RENDERED]


@dataclass(frozen=True, slots=True)
class Setting:
    """How a list is set: lengths in points."""

    size: float
    width: float  # of a column
    columns: int
    hang: float  # indent of the lines after an entry's first
    first: float  # indent of an entry's first line
    lead: float  # from one line to the next
    gap: float  # more than that between entries
    rows: int  # lines in a column
    is_ragged: bool


def any_setting(rng: random.Random, style: str | None = None) -> Setting:
    """A setting by chance; `style` is one of hang, hang-gap, gap, small-gap, first and none."""
    size = rng.choice((7.5, 8, 9, 10, 11, 12))
    columns = rng.choice((1, 1, 2))
    style = style or rng.choice(("hang", "hang", "none", "gap", "hang-gap", "first", "small-gap"))
    lead = size * rng.uniform(1.1, 1.4)
    gaps = {"gap": (0.25, 1.0), "hang-gap": (0.25, 1.0), "small-gap": (0.1, 0.25)}
    return Setting(
        size=size,
        width=rng.uniform(380, 470) if columns == 1 else rng.uniform(215, 250),
        columns=columns,
        hang=rng.uniform(0.8, 2.5) * size if style.startswith("hang") else 0.0,
        first=rng.uniform(0.9, 2.0) * size if style == "first" else 0.0,
        lead=lead,
        gap=lead * rng.uniform(*gaps[style]) if style in gaps else 0.0,
        rows=rng.randrange(25, 60),
        is_ragged=rng.random() < 0.3,
    )


def set_in_type(name: str, entries: list[str], setting: Setting, rng: random.Random) -> LabelledList:
    """`entries` as the lines of a list, from somewhere on a page on."""
    lines: list[Line] = []
    firsts: set[int] = set()
    page, column, top, used = 1, 0, 700.0, rng.randrange(setting.rows)
    for entry in entries:
        rows = _broken(entry, setting, rng)
        for place, text in enumerate(rows):
            used += 1
            if used > setting.rows:
                used, top = 0, 700.0
                column = (column + 1) % setting.columns
                page += column == 0
            else:
                top -= setting.lead + (setting.gap if place == 0 else 0.0)
            left = 50.0 + column * (setting.width + 20)
            x0 = left + (setting.hang if place else setting.first)
            is_full = not setting.is_ragged and place < len(rows) - 1
            x1 = left + setting.width if is_full else x0 + _width(text, setting.size)
            if place == 0:
                firsts.add(len(lines))
            lines.append(Line(text, page, x0, x1, top, top + 1.1 * setting.size, setting.size, column=column))
    return LabelledList(name, tuple(lines), frozenset(firsts))


def _broken(entry: str, setting: Setting, rng: random.Random) -> list[str]:
    """The lines of one entry."""
    rows: list[str] = []
    words, current = entry.split(" ")[::-1], ""
    while words:
        word = words.pop()
        longer = f"{current} {word}" if current else word
        room = setting.width - (setting.hang if rows else setting.first)
        limit = room * rng.uniform(0.93, 1.0) if setting.is_ragged else room
        if _width(longer, setting.size) <= limit:
            current = longer
        elif not current:
            cut = next((at for at in range(len(word), 5, -1) if _width(word[:at], setting.size) <= room), 5)
            rows.append(word[:cut])
            words += [word[cut:]] if word[cut:] else []
        else:
            head = "" if setting.is_ragged or rng.random() < 0.2 else _syllables(word, room, current, setting.size)
            rows.append(f"{current} {head}-" if head else current)
            words.append(word[len(head) :])
            current = ""
    return [*rows, current] if current else rows


def _syllables(word: str, room: float, current: str, size: float) -> str:
    """As much of `word` as still fits with a hyphen; empty where it is not to be broken."""
    if not word.isalpha() or len(word) < 6:
        return ""
    fits = [at for at in range(3, len(word) - 2) if _width(f"{current} {word[:at]}-", size) <= room]
    return word[: fits[-1]] if fits else ""


def _width(text: str, size: float) -> float:
    return size * sum(map(_share, text))


def _share(character: str) -> float:
    """About how wide a character is, in ems."""
    if character in _NARROW:
        return 0.28
    if character in _WIDE:
        return 0.78
    return 0.62 if character.isupper() else 0.5 if ord(character) < 0x2000 else 0.95
