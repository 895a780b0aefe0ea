"""How a table is laid out in the room that a terminal has: words stay whole, and what matters least goes first."""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Sequence

from dl_lit.core.values import dataclass

GAP = 2
"""Characters between columns."""

_LEAST = 24  # characters that a column of running text keeps before another column is left out for it
_BRIEF = 6  # ... and that it is cut to, when nothing else helps


@dataclass(frozen=True, slots=True)
class Layout:
    """The lines of a table, that of the headers first, and the headers that there was no room for."""

    lines: tuple[str, ...]
    width: int  # of the longest line there can be
    left_out: tuple[str, ...]


def laid_out(
    headers: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    right: Collection[int] = (),
    room: int | None = None,
    least: Sequence[str] = (),
    mark: str = "…",
) -> Layout:
    """The table in lines of at most `room` characters (None: a line for each row, however long it gets).

    Columns with spaces in them go on below; where that is not enough, the columns that `least` names are left out, the
    first of them first. At last what is longer than its column is cut, which `mark` shows. `right`: columns of numbers.
    """
    kept = list(range(len(headers)))
    natural = [max(len(row[n]) for row in (headers, *rows)) for n in kept]
    words = [max(len(word) for row in (headers, *rows) for word in row[n].split() or [""]) for n in kept]
    narrow = [min(width, max(longest, _LEAST)) for width, longest in zip(natural, words, strict=True)]
    for header in least:
        if room is None or _total(narrow, kept) <= room:
            break
        kept.remove(headers.index(header))
    widths = natural if room is None else _widths(kept, (natural, narrow, words), room)
    lines: list[str] = []
    for row in (headers, *rows):
        cells = [textwrap.wrap(row[n], widths[n], break_long_words=False, break_on_hyphens=False) or [""] for n in kept]
        for number in range(max(map(len, cells))):
            parts = []
            for n, cell in zip(kept, cells, strict=True):
                text = _cut(cell[number] if number < len(cell) else "", widths[n], mark)
                parts.append(text.rjust(widths[n]) if n in right else text.ljust(widths[n]))
            lines.append((" " * GAP).join(parts).rstrip())
    left_out = tuple(header for n, header in enumerate(headers) if n not in kept)
    return Layout(tuple(lines), _total(widths, kept), left_out)


def _widths(kept: Sequence[int], choices: tuple[list[int], list[int], list[int]], room: int) -> list[int]:
    """The width of each column: as much as it wants, as little as its words need, or less, so that all fit."""
    natural, narrow, words = choices
    widths = list(natural)
    for floor in (narrow, words, [min(_BRIEF, width) for width in words]):
        while (excess := _total(widths, kept) - room) > 0:
            slack, widest = max((widths[n] - floor[n], n) for n in kept)
            if slack <= 0:
                break
            widths[widest] -= min(slack, max(1, excess // len(kept)))
        if excess <= 0:
            break
    return widths


def _total(widths: Sequence[int], kept: Sequence[int]) -> int:
    return sum(widths[n] for n in kept) + GAP * (len(kept) - 1)


def _cut(text: str, width: int, mark: str) -> str:
    return text if len(text) <= width else text[: max(0, width - len(mark))] + mark
