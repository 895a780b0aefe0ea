"""A list of references cut into its entries: by labels, by hanging indents, by gaps, or by how entries begin."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from dl_lit.pdf.document import Line
from dl_lit.pdf.joining import join

_YEAR = re.compile(r"(?<!\d)(?:1[5-9]|20)\d{2}(?!\d)")
_UPPER = "A-ZÀ-ÖØ-ÞĀĂĄĆČĎĐĒĖĘĚĞĢĪĮİĶĹĻĽŁŃŅŇŌŐŒŔŘŚŞŠŢŤŪŮŰŲŹŻŽА-ЯЁ"
_WORD = rf"[{_UPPER}][\w'’´`\-–]*"
_PARTICLE = (
    r"(?:(?:[Vv]an|[Vv]on|[Dd]e|[Dd]er|[Dd]en|[Dd]el|[Dd]ella|[Dd]i|[Dd]a|[Dd]os|[Dd]as|[Dd]u|[Ll]a|[Ll]e|"
    r"[Tt]en|[Tt]er|[Zz]u|[Zz]ur|[Aa]l|[Ee]l|bin|d['’]|[Oo]['’])[\s\-]?){0,3}"
)
_STARTS = re.compile(
    rf"^[\"“„«‘'(]?(?:"
    rf"{_PARTICLE}{_WORD}(?:[ \-]{_WORD}){{0,3}},\s*(?:{_PARTICLE}(?:[{_UPPER}]\.|{_WORD}))"  # Knuth, D.
    rf"|{_PARTICLE}{_WORD}(?:[ \-]{_WORD}){{0,2}}\s[{_UPPER}][{_UPPER}\-]{{0,3}}(?=[,.:;\s(])"  # Knuth DE
    rf"|(?:[{_UPPER}]\.[\s\-]*){{1,4}}{_PARTICLE}{_WORD}"  # D. E. Knuth
    rf"|{_WORD}(?:\s[{_UPPER}]\.)?\s{_PARTICLE}{_WORD}(?:,|\sand\s|\.\s)"  # Donald E. Knuth,
    rf"|.{{3,120}}?\(?(?:(?:1[5-9]|20)\d\d[a-z]?|n\.\s?d\.)\)?[.,:]"  # Some Body (2001).
    rf"|(?:---|———|–––|___|— —|⸺|⸻|\*\*\*)"
    rf")"
)
_STARTS_STRICT = re.compile(
    rf"^[\"“„«‘']?(?:"
    rf"{_PARTICLE}{_WORD}(?:[ \-]{_WORD}){{0,2}},\s*(?:[{_UPPER}]\.|{_WORD}(?:\s[{_UPPER}]\.)?\s?[,.(&;/]|"
    rf"{_WORD}\s(?:and|und|et|y|e|&)\s)"
    rf"|{_PARTICLE}{_WORD}(?:[ \-]{_WORD}){{0,1}}\s[{_UPPER}]{{1,3}}[,.:]\s"
    rf"|(?:[{_UPPER}]\.[\s\-]*){{1,3}}{_PARTICLE}{_WORD}(?:,|\sand\s|\s&\s)"
    rf"|[{_UPPER}][\w .'’&\-]{{2,60}}\(?(?:1[5-9]|20)\d\d[a-z]?\)?[.,:]"
    rf")"
)
_HEAD = 160  # characters of a line that are looked at: enough for its first name, or its year
_ENDS_ENTRY = re.compile(
    r"(?:[.\])]|\d|https?://\S+|\b10\.\d{4,9}/\S+|[?!»”\"]|/)\s*$",
)
_ENDS_OPEN = re.compile(r"(?:,|;|:|&|\band|\bund|\bet|\bIn:?|\bpp\.|\bvol\.|\bno\.|\bVol\.|\bdoi:?|[-–—(])\s*$")

# How much wider than the usual gap the gaps before entries are; the less, the plainer the words must speak: the share
# of first lines that look like beginnings, at least, and of the others that do, at most.
_GAP_TRIALS = ((1.18, 0.5, 1.0), (1.08, 0.75, 0.4), (1.015, 0.85, 0.25))


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as printed."""

    text: str
    page: int  # 1-based, where it begins
    label: str | None = None
    number: int | None = None  # what a numeric label says
    uris: tuple[str, ...] = ()  # targets of the links that lie on it, in order
    lines: tuple[Line, ...] = ()  # as the page has them, the label still on the first


@dataclass(frozen=True, slots=True)
class LabelStyle:
    """How entries may be numbered."""

    name: str
    pattern: re.Pattern[str]
    least: int  # entries that it takes to believe it


_STYLES = (
    LabelStyle("brackets", re.compile(r"\s*([\[［]\s*(\d{1,4})\s*[\]］][.:]?)\s*"), 2),
    LabelStyle("full stop", re.compile(r"\s*((\d{1,4})\s?\.)(?!\d)\s*"), 3),
    LabelStyle("round", re.compile(r"\s*(\(\s?(\d{1,4})\s?\)\.?)\s*"), 3),
    LabelStyle("half round", re.compile(r"\s*((\d{1,4})\))\s*"), 3),
    LabelStyle("prefix", re.compile(r"\s*([RSP]\s?(\d{1,3})[.:]?)\s+(?=\S)"), 3),
    LabelStyle(
        "bare",
        re.compile(
            r"\s*((\d{1,4}))(?=\s+[^\W\d_a-z]|\s+(?:van|von|de|del|da|di|la|le|der|den|el)\s|"
            r"\s*[A-ZÀ-Þ][\w'’\-]+[ ,]|\s*$|\s+[\"“‘])\s*"
        ),
        4,
    ),
)
_KEY = re.compile(r"\s*(\[\s*([A-Z][A-Za-zÀ-ÿ+*\-&. ]{0,24}?\s?['’]?\d{2,4}[a-z]?|[A-Z][A-Za-z+*]{1,10})\s*\])\s*")


def split_entries(lines: Sequence[Line]) -> list[Entry]:
    """The entries of one list, in order."""
    if not lines:
        return []
    starts, labels = _by_labels(lines) or _by_keys(lines) or (None, None)
    if starts is None or labels is None:
        starts = _by_layout(lines)
        labels = {}
    groups = [list(lines[a:b]) for a, b in zip(starts, [*starts[1:], len(lines)], strict=True)]
    entries = [_entry(group, labels.get(start)) for start, group in zip(starts, groups, strict=True)]
    return [entry for entry in entries if entry.text]


def _entry(lines: Sequence[Line], label: tuple[str, str, int | None] | None) -> Entry:
    texts = [line.text for line in lines]
    if label:
        texts[0] = label[1]
    uris = tuple(dict.fromkeys(uri for line in lines for uri in line.uris))
    text = join(texts)
    return Entry(text, lines[0].page, label[0] if label else None, label[2] if label else None, uris, tuple(lines))


Labels = dict[int, tuple[str, str, int | None]]


def _by_labels(lines: Sequence[Line]) -> tuple[list[int], Labels] | None:
    """Entries that count 1, 2, 3 …; `None` if the list does not."""
    best: tuple[float, list[int], Labels] | None = None
    for style in _STYLES:
        found = _chain(lines, style)
        if found is None:
            continue
        starts, labels = found
        # The share of the list that the numbering explains: few entries over very many lines are no numbering.
        weight = len(starts) - (0.2 if style.name in {"bare", "full stop"} else 0.0)
        if best is None or weight > best[0]:
            best = (weight, starts, labels)
    if best is None:
        return None
    _, starts, labels = best
    if len(lines) / len(starts) > 14 and len(starts) < 20:
        return None
    return starts, labels


def _chain(lines: Sequence[Line], style: LabelStyle) -> tuple[list[int], Labels] | None:
    """The best ascending run of labels of one style; numbers may be missing where a label was not read."""
    candidates: list[tuple[int, int, re.Match[str]]] = []
    for index, line in enumerate(lines):
        match = style.pattern.match(line.text)
        if match and int(match.group(2)) < 3000:
            candidates.append((index, int(match.group(2)), match))
    if style.name == "brackets" and len(candidates) == 1 and candidates[0][:2] == (0, 1):
        match = candidates[0][2]
        return [0], {0: (match.group(1).strip(), lines[0].text[match.end() :], 1)}
    if len(candidates) < style.least:
        return None
    # Longest chain in which each label is the one before plus one (cheap) or plus a few (dear).
    scores: list[float] = []
    back: list[int] = []
    for at, (index, number, _) in enumerate(candidates):
        score, previous = (1.0 if number == 1 or index == 0 else 0.3 if number < 4 else -0.7), -1
        for other in range(at - 1, max(-1, at - 40), -1):
            step = number - candidates[other][1]
            gained = scores[other] + _step_value(step, candidates[other][0], index)
            if gained > score:
                score, previous = gained, other
        scores.append(score)
        back.append(previous)
    at = max(range(len(candidates)), key=scores.__getitem__)
    if scores[at] < style.least - 0.8:
        return None
    chain: list[int] = []
    while at >= 0:
        chain.append(at)
        at = back[at]
    chain.reverse()
    starts = [candidates[i][0] for i in chain]
    labels: Labels = {
        candidates[i][0]: (
            candidates[i][2].group(1).strip(),
            lines[candidates[i][0]].text[candidates[i][2].end() :],
            candidates[i][1],
        )
        for i in chain
    }
    if starts[0] > 0 and candidates[chain[0]][1] > 1:
        starts.insert(0, 0)
    return starts, labels


def _step_value(step: int, from_index: int, to_index: int) -> float:
    if not 1 <= step <= 4:
        return -50.0
    value = 1.0 if step == 1 else 0.35
    return value - 0.6 if to_index - from_index > 12 * step else value


def _by_keys(lines: Sequence[Line]) -> tuple[list[int], Labels] | None:
    """Entries labelled with letters and years: [Knu97]."""
    starts: list[int] = []
    labels: Labels = {}
    for index, line in enumerate(lines):
        if match := _KEY.match(line.text):
            starts.append(index)
            labels[index] = (match.group(1), line.text[match.end() :], None)
    if len(starts) < 2 or starts[0] > 4 or len(lines) / len(starts) > 12:
        return None
    return starts, labels


def _by_layout(lines: Sequence[Line]) -> list[int]:
    """Line indices at which unlabelled entries begin."""
    edges = _edges(lines)
    indents = [line.x0 - edges[line.page, line.column] for line in lines]
    hanging = _hanging(lines, indents)
    if hanging is not None:
        return hanging
    gaps = _by_gaps(lines)
    if gaps is not None:
        return gaps
    return _by_words(lines)


def _edges(lines: Sequence[Line]) -> dict[tuple[int, int], float]:
    """The left edge of every column that the list runs through."""
    edges: dict[tuple[int, int], float] = {}
    for key in {(line.page, line.column) for line in lines}:
        lefts = sorted(line.x0 for line in lines if (line.page, line.column) == key)
        # The leftmost edge that more than a stray line has; where there are few lines, each counts.
        least = 2 if len(lefts) >= 8 else 1
        edges[key] = next((x for x in lefts if sum(abs(other - x) < 2 for other in lefts) >= least), lefts[0])
    return edges


def _hanging(lines: Sequence[Line], indents: Sequence[float]) -> list[int] | None:
    """Starts where first lines and the others differ in indent; `None` where they do not."""
    unit = max(_median([line.height for line in lines]), 4.0)
    outer = [i for i, indent in enumerate(indents) if indent < 0.35 * unit]
    inner = [i for i, indent in enumerate(indents) if 0.5 * unit <= indent < 8 * unit]
    if len(inner) < 0.18 * len(lines) or len(outer) < 0.1 * len(lines):
        return None
    outer_like = _share(lines, outer, _STARTS)
    inner_like = _share(lines, inner, _STARTS)
    if outer_like >= inner_like:
        return _hanging_starts(lines, indents, lambda indent: indent < 0.35 * unit)
    if inner_like > outer_like + 0.25 and len(inner) < 0.75 * len(lines):
        common = _common([indents[i] for i in inner])
        return _hanging_starts(lines, indents, lambda indent: abs(indent - common) < 0.3 * unit)
    return None


def _hanging_starts(lines: Sequence[Line], indents: Sequence[float], is_first: Callable[[float], bool]) -> list[int]:
    starts = [0]
    for index in range(1, len(lines)):
        if not is_first(indents[index]):
            continue
        line, before = lines[index], lines[index - 1]
        moved = (line.page, line.column) != (before.page, before.column)
        if moved and not _has_inner(lines, indents, line) and not _begins(line.text, before.text):
            continue
        if _is_surely_inside(line.text, before.text):
            continue
        starts.append(index)
    return starts


def _has_inner(lines: Sequence[Line], indents: Sequence[float], line: Line) -> bool:
    """Whether the column of `line` has indented lines, so that its edge is the entries' edge."""
    return any(
        other.page == line.page and other.column == line.column and indent > 3
        for other, indent in zip(lines, indents, strict=True)
    )


def _is_surely_inside(text: str, before: str) -> bool:
    """Whether a line at the outer edge goes on with the entry all the same."""
    if text[:1].islower() and not re.match(rf"(?:{_PARTICLE}){_WORD},|[a-z]{{1,3}}[{_UPPER}]|e-|d['’]", text):
        return True
    if re.match(r"(?:https?://|doi:|10\.\d{4}|\d{1,4}[–-]\d|\(\d{4}\))", text, re.IGNORECASE):
        return True
    return bool(_ENDS_OPEN.search(before) and not _STARTS_STRICT.match(text[:_HEAD]))


def _share(lines: Sequence[Line], indices: Sequence[int], pattern: re.Pattern[str]) -> float:
    return sum(bool(pattern.match(lines[i].text[:_HEAD])) for i in indices) / len(indices) if indices else 0.0


def _median(values: Sequence[float]) -> float:
    ordered = sorted(values)
    return ordered[len(ordered) // 2] if ordered else 0.0


def _common(values: Sequence[float]) -> float:
    rounded = [round(value) for value in values]
    return float(max(set(rounded), key=rounded.count))


def _by_gaps(lines: Sequence[Line]) -> list[int] | None:
    """Starts where entries are set apart by vertical space; `None` where they are not."""
    gaps: list[float | None] = [None]
    for before, line in pairwise(lines):
        together = (line.page, line.column) == (before.page, before.column)
        gaps.append(before.y0 - line.y0 if together else None)
    known = [gap for gap in gaps if gap is not None and gap > 0]
    if len(known) < 4:
        return None
    tight = sorted(known)[len(known) // 4]
    for ratio, least_like, most_unlike in _GAP_TRIALS:
        starts = _starts_by_gap(lines, gaps, ratio * tight)
        others = [index for index in range(len(lines)) if index not in set(starts)]
        if not 0.08 * len(lines) <= len(starts) <= 0.9 * len(lines):
            continue
        if _share(lines, starts, _STARTS) >= least_like and _share(lines, others, _STARTS_STRICT) <= most_unlike:
            return starts
    return None


def _starts_by_gap(lines: Sequence[Line], gaps: Sequence[float | None], least: float) -> list[int]:
    starts = [0]
    for index in range(1, len(lines)):
        gap = gaps[index]
        text, text_before = lines[index].text, lines[index - 1].text
        if gap is None:
            is_start = _begins(text, text_before)
        else:
            is_start = gap > least and not _is_surely_inside(text, text_before)
        if is_start:
            starts.append(index)
    return starts


def _begins(text: str, before: str) -> bool:
    """Whether `text` begins an entry, judged by words alone, after `before`."""
    if _ENDS_OPEN.search(before) or not _ENDS_ENTRY.search(before):
        return False
    return bool(_STARTS_STRICT.match(text[:_HEAD]))


def _by_words(lines: Sequence[Line]) -> list[int]:
    """Starts where a line looks like an entry's beginning after one that looks like an entry's end."""
    starts = [0]
    for index in range(1, len(lines)):
        if _begins(lines[index].text, lines[index - 1].text):
            since = join([line.text for line in lines[starts[-1] : index]])
            if _YEAR.search(since) or re.search(r"n\.\s?d\.|press|forthcoming", since):
                starts.append(index)
    return starts
