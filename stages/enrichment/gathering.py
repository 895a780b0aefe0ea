"""Whole bibliographies for workers that hold claims of some of their entries.

The first worker with an entry of a source plans for all of it that is open; what it finds for entries in nobody's hands
is kept until their claims come. A second worker with entries of the same source waits for the first. Several small
bibliographies are planned together, so that requests are full.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from dl_lit.core.model import CitingWork
from stages.enrichment.desk import Desk
from stages.enrichment.entries import Entry
from stages.enrichment.recognising import is_to_be_asked, recognise

KEPT = 5_000  # entries found or on their way; beyond that the oldest are forgotten, and asked for again
SOURCES_KEPT = 1_000
FRESH_S = 30.0  # so long counts that a service did not answer: later it is asked again
FULL = 50  # entries that fill a request: a plan for fewer waits for the one under way, so that more come together
JOIN_S = 5.0  # ... but not for longer than this
_WAIT_S = 0.5


@dataclass(frozen=True, slots=True)
class _Lot:
    """What one worker plans for."""

    entries: Sequence[Entry]
    source_ids: frozenset[int]


class Gathering:
    """What was planned and not yet fetched. Thread-safe."""

    def __init__(self, desk: Desk) -> None:
        """Nothing is planned yet."""
        self._desk = desk
        self._changed = threading.Condition(threading.Lock())
        self._ready: OrderedDict[int, Entry] = OrderedDict()
        self._later: OrderedDict[int, Entry] = OrderedDict()
        self._planned: OrderedDict[int, set[int]] = OrderedDict()  # by source: entries that had their turn
        self._under_way: set[int] = set()  # sources
        self._wanted: dict[int, dict[int, Entry]] = {}  # by source: entries whose workers wait

    def found_for(self, entries: Sequence[Entry]) -> Iterator[Entry]:
        """Each of `entries` once, as soon as it is recognised or all has been asked that is asked for many together."""
        mine = {entry.id: entry for entry in entries}
        waits_since = self._desk.clock.monotonic()
        try:
            while mine:
                yield from self._fetch(mine)
                lot = self._begin(mine, waits_since) if mine else None
                if lot is not None:
                    yield from self._plan(lot, mine)
                    waits_since = self._desk.clock.monotonic()
        finally:
            self._withdraw(mine)

    def keep(self, entry: Entry) -> None:
        """Keep an entry for its next phase."""
        with self._changed:
            _put(self._later, entry)

    def kept(self, entry: Entry) -> Entry:
        """The entry as it was kept, or as it is given where nothing was."""
        with self._changed:
            return self._later.pop(entry.id, entry)

    # --- planning

    def _plan(self, lot: _Lot, mine: dict[int, Entry]) -> Iterator[Entry]:
        """Plan for the lot: ours are given at once, the others kept for theirs."""
        try:
            for entry in recognise(self._desk, lot.entries, self._citing(lot)):
                entry.planned_at = self._desk.clock.monotonic()
                if mine.pop(entry.id, None) is not None:
                    yield entry
                else:
                    with self._changed:
                        _put(self._ready, entry)
                        self._changed.notify_all()
        finally:
            with self._changed:
                self._under_way -= lot.source_ids
                self._changed.notify_all()

    def _citing(self, lot: _Lot) -> Mapping[int, CitingWork]:
        return self._desk.bibliographies.citing_works(sorted(lot.source_ids))

    def _begin(self, mine: Mapping[int, Entry], waits_since: float) -> _Lot | None:
        """Take sources that nobody plans for; None, after a while, where it is better to wait."""
        with self._changed:
            free = {entry.source_id for entry in mine.values()} - self._under_way
            for entry in mine.values():
                self._wanted.setdefault(entry.source_id, {})[entry.id] = entry
            wanted = [one for source, entries in self._wanted.items() if source in free for one in entries.values()]
            waited = self._desk.clock.monotonic() - waits_since
            if not free or (self._under_way and len(wanted) < FULL and waited < JOIN_S):
                self._changed.wait(_WAIT_S)
                return None
            taken = self._take(free, len(mine))
            self._under_way |= taken.keys()
        source_ids = frozenset(taken)
        try:
            entries = self._with_the_rest(taken)
        except BaseException:
            with self._changed:
                self._under_way -= source_ids
                self._changed.notify_all()
            raise
        return _Lot(entries, source_ids)

    def _take(self, ours: set[int], count: int) -> dict[int, list[Entry]]:
        """Our own sources, and those that others wait for as long as there is room."""
        taken = {source: list(self._wanted.pop(source, {}).values()) for source in sorted(ours)}
        for source in [one for one in self._wanted if one not in self._under_way]:
            if count >= self._desk.habits.together:
                break
            taken[source] = list(self._wanted.pop(source).values())
            count += len(taken[source])
        return taken

    def _with_the_rest(self, taken: Mapping[int, Sequence[Entry]]) -> list[Entry]:
        """The entries in hands, and what else is open of their bibliographies and had no turn yet."""
        entries = [entry for some in taken.values() for entry in some]
        in_hands = {entry.id for entry in entries}
        new = [source for source, some in taken.items() if any(entry.is_first for entry in some)]
        room = self._desk.habits.together - len(entries)
        opened = self._desk.bibliographies.open_entries(new) if new and room > 0 else {}
        with self._changed:
            others = [
                entry
                for source, rows in opened.items()
                for number, reference in rows
                if number not in in_hands and number not in self._planned.get(source, ())
                and is_to_be_asked(entry := Entry(id=number, source_id=source, reference=reference))
            ][: max(0, room)]  # fmt: skip
            entries += others
            for entry in entries:
                self._planned.setdefault(entry.source_id, set()).add(entry.id)
                self._planned.move_to_end(entry.source_id)
            while len(self._planned) > SOURCES_KEPT:
                self._planned.popitem(last=False)
        return entries

    # --- fetching

    def _fetch(self, mine: dict[int, Entry]) -> Iterator[Entry]:
        now = self._desk.clock.monotonic()
        found = []
        with self._changed:
            for number in list(mine):
                entry = self._ready.pop(number, None)
                if entry is not None and (entry.is_settled or now - entry.planned_at < FRESH_S):
                    found.append(entry)
                    del mine[number]
                    self._unwant(entry)
        yield from found

    def _withdraw(self, mine: Mapping[int, Entry]) -> None:
        """Wait for these no longer."""
        with self._changed:
            for entry in mine.values():
                self._unwant(entry)

    def _unwant(self, entry: Entry) -> None:
        wanted = self._wanted.get(entry.source_id)
        if wanted is not None:
            wanted.pop(entry.id, None)
            if not wanted:
                del self._wanted[entry.source_id]


def _put(kept: OrderedDict[int, Entry], entry: Entry) -> None:
    kept[entry.id] = entry
    kept.move_to_end(entry.id)
    while len(kept) > KEPT:
        kept.popitem(last=False)
