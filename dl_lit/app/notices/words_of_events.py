"""What others are told, in sentences."""

from __future__ import annotations

from dl_lit.app.wording import count, how_long
from dl_lit.core.conditions import Condition
from dl_lit.core.events import Batch


def of_trouble(one: Condition) -> str:
    """What is wrong, and what to do."""
    return f"{one.severity.value}: {one.says}" + (f". What to do: {one.remedy}" if one.remedy else "")


def of_recovery(one: Condition, now: float) -> str:
    """What is well again."""
    return f"well again after {how_long(now - one.since)}: {one.says}"


def of_batch(one: Batch) -> str:
    """What a batch came to."""
    not_read = sum(sum(reasons.values()) for stage, reasons in one.failed.items() if stage.value == "extraction")
    unread = f", {not_read:,} could not be read" if not_read else ""
    references = one.recognised + one.unrecognised
    parts = [
        f"{count(one.sources, 'paper read', 'papers read')}{unread}",
        *([f"{one.recognised:,} of {count(references, 'reference')} recognised"] if references else []),
        *([f"{count(one.downloaded, 'PDF')} fetched"] if one.downloaded or one.missing else []),
        *([f"{one.missing:,} not to be had"] if one.missing else []),
    ]
    later = f"; {count(one.waiting, 'item waits', 'items wait')} for later" if one.waiting else ""
    return f"a batch ended after {how_long(one.seconds)}: {', '.join(parts)}{later}"
