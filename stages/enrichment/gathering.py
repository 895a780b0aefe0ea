"""Whole bibliographies for workers that hold claims of some of their entries.

The first worker with an entry of a source plans for all of it that is open; what it finds for entries in nobody's hands
is kept until their claims come. A second worker with entries of the same source waits for the first. Several small
bibliographies are planned together, those of waiting workers first, then those that come next, so that requests are
full.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from dl_lit.core.model import Reference
from dl_lit.core.values import dataclass
from stages.enrichment.desk import Desk
from stages.enrichment.entries import Entry
from stages.enrichment.recognising import is_to_be_asked, recognise

KEPT = 5_000  # entries found or on their way; beyond that the oldest are forgotten, and asked for again
SOURCES_KEPT = 1_000
FRESH_S = 30.0  # so long counts that a service did not answer: later it is asked again
FULL = 200  # entries that fill requests: a plan for fewer is filled up, or waits for the one under way
JOIN_S = 5.0  # ... and seconds after which it waits no longer
NEXT = 1_000  # waiting entries whose bibliographies may fill a plan up
_WAIT_S = 0.5


@dataclass(frozen=True, slots=True)
class _Lot:
    """What one worker plans for."""

    by_source: dict[int, list[Entry]]

    @property
    def entries(self) -> list[Entry]:
        """All of them."""
        return [entry for some in self.by_source.values() for entry in some]


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
            citing = self._desk.bibliographies.citing_works(sorted(lot.by_source))
            for entry in recognise(self._desk, lot.entries, citing):
                entry.planned_at = self._desk.clock.monotonic()
                if mine.pop(entry.id, None) is not None:
                    yield entry
                else:
                    with self._changed:
                        _put(self._ready, entry)
                        self._changed.notify_all()
        finally:
            self._end(lot)

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
        lot = _Lot(taken)
        try:
            self._fill(lot)
        except BaseException:
            self._end(lot)
            raise
        return lot

    def _take(self, ours: set[int], count: int) -> dict[int, list[Entry]]:
        """Our own sources, and those that others wait for as long as there is room."""
        taken = {source: list(self._wanted.pop(source, {}).values()) for source in sorted(ours)}
        for source in [one for one in self._wanted if one not in self._under_way]:
            if count >= self._desk.habits.together:
                break
            taken[source] = list(self._wanted.pop(source).values())
            count += len(taken[source])
        return taken

    def _fill(self, lot: _Lot) -> None:
        """Add what else is open of these bibliographies and had no turn yet; then bibliographies that come next."""
        bibliographies, together = self._desk.bibliographies, self._desk.habits.together
        new = [source for source, some in lot.by_source.items() if any(entry.is_first for entry in some)]
        self._add(lot, bibliographies.open_entries(new) if new else {}, together)
        if new and len(lot.entries) < min(FULL, together):
            following = bibliographies.next_sources(NEXT)
            with self._changed:
                more = [one for one in following if one not in self._under_way and one not in self._planned]
            for source in more:
                if len(lot.entries) >= min(FULL, together):
                    break
                with self._changed:
                    if source in self._under_way:
                        continue
                    self._under_way.add(source)
                    lot.by_source[source] = []
                self._add(lot, bibliographies.open_entries([source]), together)
        with self._changed:
            for source, entries in lot.by_source.items():
                self._planned.setdefault(source, set()).update(entry.id for entry in entries)
                self._planned.move_to_end(source)
            while len(self._planned) > SOURCES_KEPT:
                self._planned.popitem(last=False)

    def _add(self, lot: _Lot, opened: Mapping[int, Sequence[tuple[int, Reference]]], together: int) -> None:
        with self._changed:
            for source, rows in opened.items():
                here = {entry.id for entry in lot.by_source[source]} | self._planned.get(source, set())
                new = (Entry(id=number, source_id=source, reference=one) for number, one in rows if number not in here)
                room = max(0, together - len(lot.entries))
                lot.by_source[source] += islice(filter(is_to_be_asked, new), room)

    def _end(self, lot: _Lot) -> None:
        with self._changed:
            self._under_way -= lot.by_source.keys()
            self._changed.notify_all()

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
