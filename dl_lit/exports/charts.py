"""Drawings of reports: SVG without scripts or assets, each with title and description; all texts are escaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from dl_lit.core.controls import without_controls
from dl_lit.core.values import dataclass

_MOST_COLUMNS = 60
_WIDTH, _HEIGHT, _FOOT, _HEAD = 720, 200, 24, 18
_LINE = 19
_SPANS = (1, 5, 10, 50, *(10**power for power in range(2, 20)))  # of years in a column: a service may tell any number
_BOX, _SIDE, _GAP = 330, 330, 40


@dataclass(frozen=True, slots=True)
class Step:
    """A box of a flow, and beside it what leaves the flow there."""

    heading: str
    lines: Sequence[tuple[str, int]]
    out: str = ""  # heading of the box beside it; empty: nothing leaves
    out_lines: Sequence[tuple[str, int]] = ()


def year_columns(years: Mapping[int, int], name: str = "years") -> str:
    """Cited works by their year of publication; many years are put together, five or more at a time."""
    if not years:
        return ""
    first, last = min(years), max(years)
    span = next(one for one in _SPANS if (last - first) // one < _MOST_COLUMNS)
    start = first - first % span
    together: dict[int, int] = dict.fromkeys(range(start, last + 1, span), 0)
    for year, number in years.items():
        together[year - year % span] += number
    highest = max(together.values())
    step = _WIDTH / len(together)
    room = _HEIGHT - _FOOT - _HEAD
    label_every = max(1, -(-len(together) // 12))
    parts = []
    for place, (begin, number) in enumerate(together.items()):
        height = room * number / highest
        said = f"{begin}" if span == 1 else f"{begin}–{begin + span - 1}"
        x = place * step
        parts.append(
            f'<rect x="{x + step * 0.1:.1f}" y="{_HEIGHT - _FOOT - height:.1f}" width="{step * 0.8:.1f}" '
            f'height="{height:.1f}"><title>{said}: {number:,}</title></rect>'
        )
        if place % label_every == 0:
            at, anchor = (x + step / 2, "middle") if place else (0, "start")
            parts.append(f'<text x="{at:.1f}" y="{_HEIGHT - 6}" text-anchor="{anchor}">{begin}</text>')
    parts.append(f'<text x="0" y="12">{highest:,} at most</text>')
    unit = "a year" if span == 1 else f"{span} years"
    said = f"Cited works by year of publication, {first} to {last}; at most {highest:,} in {unit}."
    return _drawing(f"{name}-drawing", "Years of the cited works", said, (_WIDTH, _HEIGHT), parts, kind="columns")


def flow(steps: Sequence[Step], name: str = "flow") -> str:
    """A flow diagram from top to bottom, with what leaves it at the right."""
    parts: list[str] = []
    y = 4
    for place, step in enumerate(steps):
        height = _box_height(step.lines)
        beside = _box_height(step.out_lines) if step.out else 0
        parts += _box((0, y, _BOX, height), step.heading, step.lines)
        if step.out:
            parts += _box((_BOX + _GAP, y, _SIDE, beside), step.out, step.out_lines)
            middle = y + min(height, beside) // 2
            parts.append(f'<path d="M{_BOX} {middle}H{_BOX + _GAP - 2}" marker-end="url(#{name}-arrow)"/>')
        bottom = y + height
        y += max(height, beside) + _GAP
        if place < len(steps) - 1:
            parts.append(f'<path d="M{_BOX // 2} {bottom}V{y - 2}" marker-end="url(#{name}-arrow)"/>')
    arrow = (
        f'<defs><marker id="{name}-arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" '
        'orient="auto"><path d="M0 0L8 4L0 8z" class="head"/></marker></defs>'
    )
    said = "; ".join(
        f"{step.heading}: {', '.join(f'{text} {number:,}' for text, number in step.lines)}" for step in steps
    )
    return _drawing(
        f"{name}-drawing",
        "Flow of records, PRISMA 2020",
        said,
        (_BOX + _GAP + _SIDE + 4, y - _GAP + 4),
        [arrow, *parts],
        kind="flow",
    )


def _box_height(lines: Sequence[tuple[str, int]]) -> int:
    return 34 + _LINE * len(lines)


def _box(place: tuple[int, int, int, int], heading: str, lines: Sequence[tuple[str, int]]) -> list[str]:
    x, y, width, height = place
    found = [
        f'<rect x="{x + 1}" y="{y}" width="{width}" height="{height}" rx="5"/>',
        f'<text x="{x + 12}" y="{y + 21}" class="heading">{escape(without_controls(heading))}</text>',
    ]
    for row, (text, number) in enumerate(lines):
        at = y + 41 + row * _LINE
        shown = without_controls(text)
        shown = shown if len(shown) <= 42 else shown[:41] + "…"
        found.append(f'<text x="{x + 12}" y="{at}">{escape(shown)}</text>')
        found.append(f'<text x="{x + width - 11}" y="{at}" text-anchor="end">{number:,}</text>')
    return found


def _drawing(id_: str, title: str, said: str, size: tuple[int, int], parts: Sequence[str], *, kind: str) -> str:
    width, height = size
    return (
        f'<svg class="drawing {kind}" viewBox="0 0 {width} {height}" role="img" aria-labelledby="{id_}-t {id_}-d" '
        f'xmlns="http://www.w3.org/2000/svg"><title id="{id_}-t">{escape(title)}</title>'
        f'<desc id="{id_}-d">{escape(without_controls(said))}</desc>{"".join(parts)}</svg>'
    )
