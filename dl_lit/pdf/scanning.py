"""A page's characters made lines, each with its box, size and weight.

Only a line's first and last characters are asked for their boxes, and what looks raised or badly spaced: asking for all
costs more than half of the speed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import pairwise

from dl_lit.core.values import dataclass
from dl_lit.pdf.cleaning import clean
from dl_lit.pdf.document import Line, Word
from dl_lit.pdf.frames import Box
from dl_lit.pdf.glyphs import Glyphs
from dl_lit.pdf.raised import candidates, is_raised
from dl_lit.pdf.spacing import respaced, suspicion

# PDFium puts no line break after a hyphen at a line's end that it took for soft: break there too.
# No line is longer: what is made to look like one would keep patterns busy that go back and forth in it.
_PIECE = re.compile(r"[^\r\n\ufffe\x02]{1,2000}[\ufffe\x02]?")
_WORD = re.compile(r"[^\s\ufffe\x02]+")
_WIDE = 0.55  # of the page's width: a wider line may run across the gutter of two columns
_WIDE_PAGE = 0.7  # of a page's lines: more wide ones, and it has one column, where a sample of them is looked at
_SAMPLE_STEP = 3
_GAP_POINTS, _GAP_HEIGHTS = 14.0, 1.8  # between two words, at least, where a line may be cut
_JUMP = 40.0  # points to the left, from one word to the next: they stand on different lines
_SIDEWAYS = 0.6  # of the page's characters, at least, for the page to be turned
_LEADING = re.compile(r"\d{1,4}(\s+)(?=\S)")
_TRAILING = re.compile(r"(?<=\S)(\s+)\d{1,4}\Z")
_FEWEST_NUMBERED, _NUMBERED_SHARE = 8, 0.7  # stretches of a page that begin or end with a number, if all lines have one
_FEWEST_FIFTHS = 4  # if every fifth line has one
_NUMBER_GAP = 0.8  # heights, between a line and its number
_FLAT = 2.2  # times the height of its first character: a higher stretch does not run straight from left to right
_SHORTEST_TELLING = 4  # characters of a line whose direction counts


@dataclass(frozen=True, slots=True)
class Stretch:
    """A run of characters on one line, with the boxes of its ends."""

    first: int
    last: int
    head: Box
    tail: Box

    @property
    def is_flat(self) -> bool:
        """Whether it runs straight from left to right."""
        head, tail = self.head, self.tail
        return max(head[3], tail[3]) - min(head[2], tail[2]) <= _FLAT * (head[3] - head[2])


@dataclass(frozen=True, slots=True)
class ScannedLine:
    """A line, and how its text comes from the page's characters."""

    line: Line
    first: int  # of the page's characters, its first and its last
    last: int
    offset: Callable[[int], int]  # where in the line's text a character of the page stands


def scan(glyphs: Glyphs, number: int) -> list[ScannedLine]:
    """The lines of page `number`, in the file's own order; turns the frame of `glyphs` upright first."""
    stretches = _stretches(glyphs)
    if turns := _turns(glyphs, stretches):
        glyphs.turn(turns)
        stretches = _stretches(glyphs)
    if turns or not all(stretch.is_flat for stretch in stretches):
        stretches = [part for stretch in stretches for part in _rows(glyphs, stretch, is_turned=turns != 0)]
    stretches = _without_numbers(glyphs, stretches)
    wide = _WIDE * glyphs.frame.width
    parts = [part for stretch in _uncut(glyphs, stretches, wide) for part in stretch]
    marks = list(candidates(glyphs.units))
    is_badly_spaced = suspicion(glyphs.units)
    lines: list[ScannedLine] = []
    at = 0
    for part in parts:
        while at < len(marks) and marks[at][0] < part.first:
            at += 1
        end = at
        while end < len(marks) and marks[end][0] <= part.last:
            end += 1
        line = _line(glyphs, part, number, marks[at:end], is_badly_spaced)
        if line is not None:
            lines.append(line)
    return lines


def _without_numbers(glyphs: Glyphs, stretches: list[Stretch]) -> list[Stretch]:
    """The stretches; where most begin or end with a number that stands apart, that is a stretch of its own.

    Manuscripts have their lines numbered so. Numbers of entries are put back when pieces of one row are joined.
    """
    units = glyphs.units
    leading = [stretch for stretch in stretches if units[stretch.first].isdigit()]
    trailing = sum(units[stretch.last].isdigit() for stretch in stretches)
    least = max(_FEWEST_NUMBERED, _NUMBERED_SHARE * len(stretches))
    look_before = len(leading) >= least or _is_every_fifth(units, leading)
    look_behind = trailing >= least
    if not (look_before or look_behind):
        return stretches
    found: list[Stretch] = []
    for stretch in stretches:
        text = units[stretch.first : stretch.last + 1]
        match = (look_before and _LEADING.match(text)) or (look_behind and _TRAILING.search(text)) or None
        ends = (stretch.first + match.start(1) - 1, stretch.first + match.end(1)) if match else None
        before, after = (glyphs.box(ends[0]), glyphs.box(ends[1])) if ends else (None, None)
        if ends and before and after and after[0] - before[1] > _NUMBER_GAP * (before[3] - before[2]):
            found.append(Stretch(stretch.first, ends[0], stretch.head, before))
            found.append(Stretch(ends[1], stretch.last, after, stretch.tail))
        else:
            found.append(stretch)
    return found


def _is_every_fifth(units: str, leading: list[Stretch]) -> bool:
    """Whether the numbers at the beginnings of the stretches are those of every fifth line."""
    if len(leading) < _FEWEST_FIFTHS:
        return False
    matches = (_LEADING.match(units, stretch.first, stretch.last + 1) for stretch in leading)
    numbers = [int(match.group().split()[0]) for match in matches if match]
    fifths = [number for number in numbers if number % 5 == 0]
    steps = [after - before for before, after in pairwise(fifths)]
    return len(fifths) >= max(_FEWEST_FIFTHS, 0.8 * len(leading)) and all(step in {5, 10} for step in steps)


def words(glyphs: Glyphs, page_number: int) -> Iterator[Word]:
    """All words of a page with their boxes, in the file's own order: every character is asked for its box."""
    for match in _WORD.finditer(glyphs.units):
        boxes = [box for at in range(match.start(), match.end()) if (box := glyphs.box(at)) is not None]
        text = clean(match.group())
        if boxes and text:
            yield Word(
                text,
                page_number,
                min(box[0] for box in boxes),
                max(box[1] for box in boxes),
                min(box[2] for box in boxes),
                max(box[3] for box in boxes),
            )


def _stretches(glyphs: Glyphs) -> list[Stretch]:
    found: list[Stretch] = []
    units, box = glyphs.units, glyphs.box
    for match in _PIECE.finditer(units):
        first, last = match.span()
        last -= 1
        while first <= last and units[first].isspace():
            first += 1
        while last > first and units[last].isspace():
            last -= 1
        if first > last:
            continue
        head = box(first)
        tail = box(last) if last > first else head
        if head is not None and tail is not None:
            found.append(Stretch(first, last, head, tail))
    return found


def _turns(glyphs: Glyphs, stretches: list[Stretch]) -> int:
    """Quarter turns, clockwise, after which most of the text runs from left to right; 0 where it does already."""
    total = 0
    sideways = [0.0, 0.0, 0.0, 0.0]
    for stretch in stretches:
        length = stretch.last - stretch.first
        if length < _SHORTEST_TELLING:
            continue
        total += length
        head, tail = stretch.head, stretch.tail
        if not stretch.is_flat:
            quarters = [glyphs.quarter(stretch.first + length * part // 4) for part in range(1, 4)]
            for quarter in quarters:
                sideways[-quarter % 4] += length / len(quarters)
            if not any(quarters) and abs(tail[2] - head[2]) > 3 * abs(tail[0] - head[0]):
                sideways[1 if tail[2] > head[2] else 3] += length  # upright characters below one another
    turns = max(range(1, 4), key=sideways.__getitem__)
    return turns if sideways[turns] > _SIDEWAYS * total else 0


def _rows(glyphs: Glyphs, stretch: Stretch, *, is_turned: bool) -> Iterator[Stretch]:
    """The stretch cut wherever a word stands on another line than the one before, or left of it; sideways words go.

    PDFium looks for lines along the page's own direction, and often takes a turned table for a single one.
    """
    if stretch.is_flat and not is_turned:
        yield stretch
        return
    first, head, last, tail = -1, stretch.head, -1, stretch.head
    for match in _WORD.finditer(glyphs.units, stretch.first, stretch.last + 1):
        begin, end = glyphs.box(match.start()), glyphs.box(match.end() - 1)
        if begin is None or end is None or glyphs.quarter(match.start()):
            continue
        if first < 0:
            first, head = match.start(), begin
        else:
            overlap = min(begin[3], tail[3]) - max(begin[2], tail[2])
            if overlap < 0.4 * min(begin[3] - begin[2], tail[3] - tail[2]) or begin[0] < tail[0]:
                yield Stretch(first, last, head, tail)
                first, head = match.start(), begin
        last, tail = match.end() - 1, end
    if first >= 0:
        yield Stretch(first, last, head, tail)


def _uncut(glyphs: Glyphs, stretches: list[Stretch], wide: float) -> Iterator[list[Stretch]]:
    """Each stretch, cut where it runs across a gutter or jumps back to the left.

    On a page of wide lines a sample is looked at first: where none of it has a gap, there is no gutter.
    """
    are_wide = [stretch.tail[1] - stretch.head[0] > wide for stretch in stretches]
    count = sum(are_wide)
    looked_at = range(len(stretches))
    cuts: dict[int, list[Stretch]] = {}
    if count > _WIDE_PAGE * len(stretches) and count >= 4 * _SAMPLE_STEP:
        sample = [index for index, is_wide in enumerate(are_wide) if is_wide][::_SAMPLE_STEP]
        for index in sample:
            cuts[index] = _parts(glyphs, stretches[index], wide)
        if all(len(cuts[index]) == 1 for index in sample):
            looked_at = range(0)
    for index, stretch in enumerate(stretches):
        is_back = stretch.tail[1] < stretch.head[0]
        if index in cuts:
            yield cuts[index]
        elif is_back or (are_wide[index] and index in looked_at):
            yield _parts(glyphs, stretch, wide)
        else:
            yield [stretch]


def _parts(glyphs: Glyphs, stretch: Stretch, wide: float) -> list[Stretch]:
    """The stretch, cut into as many as stand on different lines or columns."""
    parts: list[Stretch] = []
    rest = stretch
    while rest.tail[1] < rest.head[0] or rest.tail[1] - rest.head[0] > wide:
        cut = _cut(glyphs, rest)
        if cut is None:
            break
        before, box_before, after, box_after = cut
        parts += _parts(glyphs, Stretch(rest.first, before, rest.head, box_before), wide)
        rest = Stretch(after, rest.last, box_after, rest.tail)
    parts.append(rest)
    return parts


def _cut(glyphs: Glyphs, stretch: Stretch) -> tuple[int, Box, int, Box] | None:
    """The characters on either side of the widest gap between words, or of a jump back; `None` for ordinary lines."""
    units, box = glyphs.units, glyphs.box
    widest = max(_GAP_POINTS, _GAP_HEIGHTS * (stretch.head[3] - stretch.head[2]))
    cut: tuple[int, Box, int, Box] | None = None
    for match in re.finditer(r"(?<=\S)\s+(?=\S)", units[stretch.first : stretch.last + 1]):
        before, after = stretch.first + match.start() - 1, stretch.first + match.end()
        box_before, box_after = box(before), box(after)
        if box_before is None or box_after is None:
            continue
        if box_after[1] < box_before[0] - _JUMP:
            return before, box_before, after, box_after
        gap = box_after[0] - box_before[1]
        if gap > widest:
            widest, cut = gap, (before, box_before, after, box_after)
    return cut


def _line(
    glyphs: Glyphs, part: Stretch, number: int, marks: list[tuple[int, int]], is_badly_spaced: Callable[[str], bool]
) -> ScannedLine | None:
    first, last = part.first, part.last
    raw = glyphs.units[first : last + 1]
    text = clean(raw)
    if not text:
        return None
    offset = _Offsets(raw, first)
    if is_badly_spaced(raw) and (repaired := respaced(glyphs, first, last)) is not None:
        offset = _Offsets(repaired[0], first, repaired[1])
        text = clean(repaired[0])
    body, box = first, part.head
    raised: list[tuple[int, int]] = []
    if marks:
        body, box = _body(glyphs, part, marks)
        raised = [
            (start, min(end, last + 1))
            for start, end in marks
            if is_raised(glyphs, start, box) and not start <= body < end
        ]
        if not raised or raised[0][0] != first:
            body, box = first, part.head
    tail = box if raised and raised[-1][1] > last else part.tail
    head = part.head
    line = Line(
        text,
        number,
        min(head[0], part.tail[0]),
        max(head[1], part.tail[1]),
        min(box[2], tail[2]),
        max(box[3], tail[3]),
        glyphs.size(body),
        glyphs.is_bold(body) and glyphs.is_bold(last),
        raised=tuple((offset(start), offset(end)) for start, end in raised),
    )
    return ScannedLine(line, first, last, offset)


def _body(glyphs: Glyphs, part: Stretch, marks: list[tuple[int, int]]) -> tuple[int, Box]:
    """An ordinary character of the line, the first that nothing makes suspect of being raised, and its box."""
    at = part.first
    for start, end in marks:
        if at < start:
            break
        at = end
        while at <= part.last and glyphs.units[at].isspace():
            at += 1
    if at > part.last:
        return part.first, part.head
    return at, (glyphs.box(at) if at > part.first else None) or part.head


class _Offsets:
    """Where in a line's clean text a character of the page stands."""

    def __init__(self, raw: str, first: int, places: list[int] | None = None) -> None:
        self._raw = raw
        self._first = first
        self._places = places

    def __call__(self, at: int) -> int:
        """The offset of the page's character `at`, which is one of the line's or the one after its last."""
        count = max(at - self._first, 0)
        if self._places is not None:
            count = self._places[count] if count < len(self._places) else len(self._raw)
        before = self._raw[:count]
        return len(clean(before)) + (1 if before.strip() and before[-1:].isspace() else 0)
