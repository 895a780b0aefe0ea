"""The course of one plan: what costs nothing first, then what is asked for many entries together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from dl_lit.core.model import CitingWork
from stages.enrichment.by_citing_list import recognise_by_lists
from stages.enrichment.by_coordinates import recognise_by_coordinates
from stages.enrichment.by_identifier import printed, recognise_by_identifiers, supposed
from stages.enrichment.by_known import recognise_known
from stages.enrichment.by_titles import recognise_by_titles
from stages.enrichment.desk import Desk
from stages.enrichment.entries import Entry
from stages.enrichment.retractions import check
from stages.enrichment.triage import has_identifier, why_not_a_work

PROMPTLY_S = 10.0  # so long may what is recognised wait for others, to be checked for retractions together

_Step = Callable[[Desk, Sequence[Entry], Mapping[int, CitingWork]], None]


def recognise(desk: Desk, entries: Sequence[Entry], citing: Mapping[int, CitingWork]) -> Iterator[Entry]:
    """Give each entry once, as soon as it is recognised or nothing but a search of its own is left for it."""
    recognise_known(desk, entries)
    given = {entry.id for entry in entries if entry.resolved}
    yield from [entry for entry in entries if entry.id in given]
    since = desk.clock.monotonic()
    for step in _STEPS:
        step(desk, entries, citing)
        if desk.habits.check_retractions and desk.clock.monotonic() - since < PROMPTLY_S and step is not _STEPS[-1]:
            continue
        ready = [entry for entry in entries if entry.resolved and entry.id not in given]
        check(desk, ready)
        given |= {entry.id for entry in ready}
        yield from ready
        since = desk.clock.monotonic()
    yield from [entry for entry in entries if entry.id not in given]


def is_to_be_asked(entry: Entry) -> bool:
    """Whether anybody need be asked about the entry at all."""
    return has_identifier(entry.reference) or why_not_a_work(entry.reference) is None


def _by_identifiers(desk: Desk, entries: Sequence[Entry], citing: Mapping[int, CitingWork]) -> None:
    del citing
    recognise_by_identifiers(desk, printed([entry for entry in entries if entry.resolved is None]))


def _by_lists(desk: Desk, entries: Sequence[Entry], citing: Mapping[int, CitingWork]) -> None:
    # Entries that are recognised already stand in the lists as well: they help to align the others.
    if desk.habits.use_citing_lists:
        recognise_by_lists(desk, entries, citing)


def _by_coordinates(desk: Desk, entries: Sequence[Entry], citing: Mapping[int, CitingWork]) -> None:
    del citing
    recognise_by_coordinates(desk, entries)


def _by_titles(desk: Desk, entries: Sequence[Entry], citing: Mapping[int, CitingWork]) -> None:
    del citing
    recognise_by_titles(desk, entries)


def _by_suppositions(desk: Desk, entries: Sequence[Entry], citing: Mapping[int, CitingWork]) -> None:
    del citing
    recognise_by_identifiers(desk, supposed([entry for entry in entries if entry.resolved is None]))


_STEPS: tuple[_Step, ...] = (_by_identifiers, _by_lists, _by_coordinates, _by_titles, _by_suppositions)
