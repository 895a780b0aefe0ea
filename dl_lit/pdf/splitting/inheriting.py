"""What the works of one entry share: authors, and for "ibid." the journal, are printed with the first alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dl_lit.core.model import Reference
from dl_lit.pdf.splitting.entry import Entry


def inherit(references: Sequence[Reference], entries: Sequence[Entry]) -> list[Reference]:
    """`references` with what their entries leave out taken from the one before; `entries` has one for each."""
    found: list[Reference] = []
    for reference, entry in zip(references, entries, strict=True):
        found.append(_like(found[-1], reference, entry.follows) if entry.follows and found else reference)
    return found


def _like(before: Reference, reference: Reference, left_out: str) -> Reference:
    shared = replace(reference, authors=before.authors, editors=before.editors)
    if left_out != "place":
        return shared
    return replace(shared, title=None, container_title=before.container_title, type=before.type)
