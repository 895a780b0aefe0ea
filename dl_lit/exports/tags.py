"""The tags that a work gets in reference managers: what became of it, and whether it should still be relied on."""

from __future__ import annotations

from dl_lit.exports.record import ExportRecord
from dl_lit.exports.standing import is_withdrawn

PREFIX = "dl-lit: "
RETRACTED = "retracted"


def tags_of(record: ExportRecord) -> tuple[str, ...]:
    """Its state as "dl-lit: downloaded", and "retracted" where it is; in the same words wherever works are tagged."""
    return (f"{PREFIX}{record.state.value}", *((RETRACTED,) if is_withdrawn(record.work) else ()))
