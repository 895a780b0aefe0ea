"""From what the database shows to the list of what is missing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from db.reading.lacking import Prospect, prospects, source_paths
from db.reading.opening import Connection
from db.reading.places import EntryView, Place, WorkView, entries_of
from db.reading.scope import Scope
from dl_lit.app.outcome.printed import work_of
from dl_lit.core.model import Reference, Work
from dl_lit.core.reasons import Reason, ReasonClass
from dl_lit.exports.missing import MissingItem, Visit
from dl_lit.exports.record import ItemState

_MISSING = {Place.FAILED: ItemState.FAILED, Place.NEEDS_REVIEW: ItemState.NEEDS_REVIEW}
_NOBODY_CAN = frozenset({ReasonClass.TRANSIENT, ReasonClass.PERMANENT, ReasonClass.CONTENT})
"""Addresses that ended so do not help a person either."""
_MOST_VISITS = 5


def missing_items(
    connection: Connection,
    source_ids: Iterable[int] | None = None,
    *,
    resolve: Callable[[Work], str | None] = lambda _work: None,
    with_waiting: bool = False,
) -> list[MissingItem]:
    """The works cited by these sources (all when None) whose PDF is not here, those that most sources cite first.

    Entries that are not recognised are among them. `resolve` makes the link to the user's library; `with_waiting` adds
    what dl_lit is still looking for.
    """
    groups: dict[str, list[EntryView]] = {}
    for entry in entries_of(connection, Scope(source_ids)):
        if entry.place in _MISSING or (with_waiting and entry.place is Place.WAITING):
            groups.setdefault(f"w{entry.work.id}" if entry.work else f"e{entry.id}", []).append(entry)
    paths, hopes = source_paths(connection), prospects(connection)
    items = [_item(name, entries, paths, hopes, resolve) for name, entries in groups.items()]
    return sorted(items, key=lambda item: -item.cited_by)  # stable: otherwise as printed


def _item(
    name: str,
    entries: Sequence[EntryView],
    sources: Mapping[int, str],
    hopes: Mapping[int, Prospect],
    resolve: Callable[[Work], str | None],
) -> MissingItem:
    first = entries[0]
    work = first.work.work if first.work else _printed(first.reference)
    failure = first.failure or (first.work.failure if first.work else None)
    hope = hopes.get(first.work.id) if first.work else None
    waiting = first.waiting or (first.work.waiting if first.work else None)
    reason = failure.reason if failure else (waiting.last_reason if waiting else None) or Reason.HOST_BUSY.value
    return MissingItem(
        name=name,
        work=work,
        is_recognised=first.work is not None,
        state=_MISSING.get(first.place, ItemState.WAITING),
        reason=Reason(reason),
        detail=failure.detail if failure else "",
        sources=tuple(dict.fromkeys(_cited(one, sources) for one in entries)),
        cited_by=len({one.source_id for one in entries}),
        visits=_visits(first.work),
        resolver=resolve(work),
        held=hope.held if hope else None,
        look_again=hope.look_again if hope else None,
        raw=first.reference.raw,
    )


def _cited(entry: EntryView, sources: Mapping[int, str]) -> str:
    label = entry.reference.label or f"[{entry.reference.position}]"
    return f"{Path(sources[entry.source_id]).name} {label}"


def _visits(view: WorkView | None) -> tuple[Visit, ...]:
    """Addresses where a person may get further: walls and pages first."""
    evidence: Any = view.failure.evidence if view and view.failure else None
    found: dict[str, Visit] = {}
    for one in evidence if isinstance(evidence, list) else ():
        url, word = (one.get("url"), one.get("reason")) if isinstance(one, dict) else (None, None)
        if isinstance(url, str) and word in {reason.value for reason in Reason}:
            reason = Reason(word)
            if reason.category not in _NOBODY_CAN:
                found.setdefault(url, Visit(url=url, reason=reason))
    return tuple(found.values())[:_MOST_VISITS]


def _printed(reference: Reference) -> Work:
    """What is printed of an entry that is not recognised: the whole of it where no title was read."""
    work = work_of(reference)
    return work if work.title else replace(work, title=reference.raw)
