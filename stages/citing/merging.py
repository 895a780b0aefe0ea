"""Several services' lists of what one work cites, made one list. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dl_lit.core.model import CitedList, Listed
from dl_lit.matching.aligning import How, align, as_reference, combined


def merge(lists: Sequence[CitedList]) -> tuple[Listed, ...]:
    """One entry for each cited work, with all identifiers and the richest data.

    Entries are one where they share an identifier, else where title, author and year or the place of publication show
    it. Ordered lists lead; what only the others have comes after, in their order.
    """
    merged: list[Listed] = []
    for cited in sorted(lists, key=lambda one: not any(entry.position for entry in one.entries)):
        merged = _merged(merged, _each_once(cited.entries)) if merged else _each_once(cited.entries)
    return tuple(merged)


def _merged(first: Sequence[Listed], second: Sequence[Listed]) -> list[Listed]:
    found = align([as_reference(one, place) for place, one in enumerate(first)], second)
    pairs = {
        pair.reference.position: pair.listed
        for pair in found.pairs
        if pair.how is not How.ORDER  # order says nothing across two services' gaps
    }
    by_order = [pair.listed for pair in found.pairs if pair.how is How.ORDER]
    kept = [combined(one, pairs[place]) if place in pairs else one for place, one in enumerate(first)]
    return [*kept, *found.unprinted, *by_order]


def _each_once(entries: Iterable[Listed]) -> list[Listed]:
    """The entries, those with one DOI or OpenAlex identifier made one."""
    kept: list[Listed] = []
    places: dict[str, int] = {}
    for entry in entries:
        keys = [key for key in (entry.doi, entry.openalex_id) if key]
        known = next((places[key] for key in keys if key in places), None)
        if known is None:
            places.update(dict.fromkeys(keys, len(kept)))
            kept.append(entry)
        else:
            kept[known] = combined(kept[known], entry)
            places.update(dict.fromkeys(keys, known))
    return kept
