"""On which pages each list of references stands, and how many entries it should have: pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dl_lit.core.model import ListKind, ListSpan, Reference
from dl_lit.pdf.coverage import promised_by_each
from dl_lit.pdf.document import Section


def list_spans(
    sections: Sequence[Section],
    lists: Mapping[int, Sequence[Reference]],
    notes: Sequence[Reference],
    expected: int | None,
) -> tuple[ListSpan, ...]:
    """The spans of `sections` that hold lines, as they are printed.

    `lists` are the entries read from those that are lists, by the section's number; all others are notes, read
    together, with `notes` in them. `expected` is what the whole document promises: what the lists' own numbers do not
    account for, since the text cites beyond the highest, is missing from the last list that is numbered.
    """
    promises = dict(zip(lists, promised_by_each(list(lists.values())), strict=True))
    counted = {number: len(lists[number]) if promise is None else promise for number, promise in promises.items()}
    numbered = [number for number, promise in promises.items() if promise is not None]
    telling = numbered or (list(lists) if len(lists) == 1 else [])
    if expected is not None and telling:
        surplus = expected - len(notes) - sum(counted.values())
        promises[telling[-1]] = counted[telling[-1]] + max(0, surplus)
    spans = [
        _span([one], len(lists[number]), promises[number])
        for number, one in enumerate(sections)
        if number in lists and one.lines
    ]
    others = [one for number, one in enumerate(sections) if number not in lists and one.lines]
    if others:
        spans.append(_span(others, len(notes), None, ListKind.FOOTNOTES))
    return tuple(sorted(spans, key=lambda one: (one.first_page, one.last_page)))


def _span(sections: Sequence[Section], found: int, expected: int | None, kind: ListKind = ListKind.LIST) -> ListSpan:
    headings = [one.heading for one in sections if one.heading]
    pages = [line.page for line in (*headings, *(line for one in sections for line in one.lines))]
    return ListSpan(
        heading=headings[0].text if headings else None,
        first_page=min(pages),
        last_page=max(pages),
        found=found,
        expected=expected,
        kind=kind,
    )
