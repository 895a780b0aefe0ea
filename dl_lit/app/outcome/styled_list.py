"""A source's bibliography as a citation style prints it: recognised works by their records, the rest as it was read."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from typing import Any

from db.reading.places import EntryView
from dl_lit.app.outcome.printed import work_of
from dl_lit.core.items import MatchedAs
from dl_lit.core.model import Work
from dl_lit.core.values import dataclass
from dl_lit.exports.csl_json import csl_item
from dl_lit.exports.csl_style import Style
from dl_lit.exports.record import ExportRecord, ItemState, one_line
from dl_lit.exports.rich.text import plain


@dataclass(frozen=True, slots=True, kw_only=True)
class StyledEntry:
    """One item of the list."""

    number: str  # "[3]", "3."; empty where the style does not number
    text: str
    html: str
    positions: tuple[int, ...]  # of the entries that it stands for, as printed in the source
    work_id: int | None  # None: it is not recognised, and stands here as it was read
    key: str | None  # its citation key, likewise


def styled(entries: Sequence[EntryView], style: Style, keys: Mapping[int, str]) -> list[StyledEntry]:
    """The entries of one source in the order of the style, which numbers them as they are printed in the source.

    A work that several entries cite is there once. What is not recognised, or only as the book of a chapter, has the
    place that its printed fields give it.
    """
    first: dict[str, EntryView] = {}
    positions: dict[str, list[int]] = {}
    for entry in entries:
        name = f"w{entry.work.id}" if _is_known(entry) and entry.work else f"e{entry.id}"
        first.setdefault(name, entry)
        positions.setdefault(name, []).append(entry.reference.position)
    listed = style.listed([_item(name, entry) for name, entry in first.items()])
    found = []
    for one in listed:
        entry = first[one.id]
        work = entry.work if _is_known(entry) else None
        printed = one_line(entry.reference.raw)
        found.append(
            StyledEntry(
                number=one.number,
                text=one_line(one.text) if work else printed,
                html=one_line(one.html) if work else html.escape(printed),
                positions=tuple(positions[one.id]),
                work_id=work.id if work else None,
                key=keys.get(work.id) if work else None,
            )
        )
    return found


def _is_known(entry: EntryView) -> bool:
    return entry.work is not None and entry.matched_as is not MatchedAs.CONTAINER


def _item(name: str, entry: EntryView) -> dict[str, Any]:
    known = entry.work.work if _is_known(entry) and entry.work else None
    work: Work = known or work_of(entry.reference)
    item = csl_item(ExportRecord(key=name, work=work, state=ItemState.WAITING))
    titles = {"title": plain(work.title), "container-title": plain(work.container_title or "")}
    return item | {field: title for field, title in titles.items() if title}
