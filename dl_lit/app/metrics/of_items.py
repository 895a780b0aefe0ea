"""How many items are where, what came of them, and how long that took: from the database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from db.reading.history import BUCKETS_S, Durations
from db.reading.status import Status
from dl_lit.app.metrics.building import family, gauge, gauges
from dl_lit.core.reasons import Reason
from dl_lit.web.metrics import Metric, Sample


def of_stages(now: Status) -> Iterator[Metric]:
    """The rooms."""
    stages = now.stages
    yield gauges("dl_lit_items", "Items that wait for the stage.", "stage", {s.stage: s.waiting for s in stages})
    yield gauges(
        "dl_lit_items_put_off",
        "Items that wait for the stage and are not due yet.",
        "stage",
        {s.stage: s.later for s in stages},
    )
    yield gauges("dl_lit_items_done", "Items the stage has done.", "stage", {s.stage: s.done for s in stages})
    yield gauges("dl_lit_items_for_review", "Items for a person.", "stage", {s.stage: s.needs_review for s in stages})
    yield family(
        "gauge",
        "dl_lit_items_failed",
        "Items that failed in the stage.",
        (
            ({"stage": one.stage, "reason": reason, "class": class_of(reason)}, number)
            for one in stages
            for reason, number in one.failed.items()
        ),
    )
    yield gauges(
        "dl_lit_oldest_pending_timestamp_seconds",
        "Since when the oldest item waits.",
        "stage",
        {one.stage: _epoch(one.oldest_waiting) for one in stages},
    )


def of_attempts(attempts: Mapping[tuple[str, str], int], took: Mapping[str, Durations]) -> Iterator[Metric]:
    """What was ever tried."""
    yield family(
        "counter",
        "dl_lit_attempts_total",
        "Attempts that were made, by how they ended.",
        (
            ({"stage": stage, "reason": reason, "class": class_of(reason)}, number)
            for (stage, reason), number in attempts.items()
        ),
    )
    yield Metric(
        "dl_lit_stage_duration_seconds",
        "histogram",
        "How long a stage worked on an item.",
        tuple(sample for stage, one in took.items() for sample in _histogram(stage, one)),
    )


def of_database(now: Status, *, is_running: bool) -> Iterator[Metric]:
    """The rest that the tables tell."""
    yield gauge("dl_lit_pipeline_running", "Whether a pipeline works the database.", is_running)
    yield gauge("dl_lit_sources", "PDFs whose bibliographies are read.", now.sources)
    yield gauge("dl_lit_sources_with_gaps", "Sources whose bibliography was not read whole.", now.incomplete)
    yield gauge("dl_lit_entries", "Entries of these bibliographies.", now.entries)
    yield gauge("dl_lit_works", "Works that entries were recognised as.", now.works)
    yield gauge("dl_lit_coverage_ratio", "Mean share of the bibliographies that was read.", now.coverage)
    yield gauge("dl_lit_database_bytes", "Size of the database with its log.", now.size_bytes)
    yield gauge("dl_lit_library_bytes", "Size of the PDFs in the library.", now.downloaded_bytes)
    again = now.rechecks
    yield gauge("dl_lit_rechecks_due", "Works whose day to be looked at again has come.", again.due)
    yield gauge("dl_lit_rechecks_planned", "Works that are looked at again on a later day.", again.planned)
    yield gauge("dl_lit_rechecks_begun_today", "Works looked at again in the last 24 hours.", again.looked_today)
    yield gauge("dl_lit_works_upgradable", "Works in the library in a lesser version.", again.upgradable)
    yield gauge("dl_lit_files_in_quarantine", "Files that wait for a person's decision.", again.in_quarantine)
    yield gauge("dl_lit_last_success_timestamp_seconds", "When the last PDF came.", _epoch(now.last_download))


def class_of(reason: str) -> str:
    """The class of a reason; that of another version of dl_lit is not known."""
    try:
        return Reason(reason).category.value
    except ValueError:
        return "unknown"


def _histogram(stage: str, took: Durations) -> Iterator[Sample]:
    for bound, number in zip(BUCKETS_S, took.at_most, strict=True):
        yield Sample(number, {"stage": stage, "le": f"{bound:g}"}, "_bucket")
    yield Sample(took.count, {"stage": stage, "le": "+Inf"}, "_bucket")
    yield Sample(took.sum_s, {"stage": stage}, "_sum")
    yield Sample(took.count, {"stage": stage}, "_count")


def _epoch(stamp: str | None) -> float | None:
    return None if stamp is None else datetime.fromisoformat(stamp).timestamp()
