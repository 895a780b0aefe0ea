"""What was recognised is checked for retractions, many works to a request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from stages.enrichment.desk import Desk
from stages.enrichment.entries import Entry
from stages.notices import check_notices, with_notices


def check(desk: Desk, entries: Sequence[Entry]) -> None:
    """Add what notices say about the works of `entries`; whoever cannot be asked now costs no recognition."""
    works = [entry.resolved.work for entry in entries if entry.resolved]
    if not works or not desk.habits.check_retractions:
        return
    checked = check_notices(desk.calls, works)
    for entry in entries:
        if entry.resolved:
            work = entry.resolved.work
            entry.resolved = replace(entry.resolved, work=with_notices(work, checked))
            if work.doi and work.doi in checked.asked:
                entry.note(checked.asked[work.doi])
