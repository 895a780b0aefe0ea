"""The metrics: what the database, the machine's shared state, the disk and the running process tell in numbers."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from db.reading.history import BUCKETS_S, attempts_by_reason, durations
from db.reading.opening import reading
from db.reading.status import Status, status
from dl_lit import __version__
from dl_lit.app.services_now import ServiceNow, services_now
from dl_lit.core.clock import Clock
from dl_lit.core.reasons import Reason
from dl_lit.settings import Settings
from dl_lit.web.metrics import Metric, Sample


class Metrics:
    """All families of one database, gathered anew each time they are asked for. Thread-safe."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        """Nothing is opened before it is asked for."""
        self._settings = settings
        self._database = settings.database
        self._library = settings.library
        self._clock = clock

    def gathered(self) -> Iterator[Metric]:
        """What the database, the lock and the disk tell; the running process has more to tell of itself."""
        with reading(self._database) as connection:
            now = status(connection, self._database, self._clock.time(), recent=0)
            attempts = attempts_by_reason(connection)
            took = durations(connection)
        yield Metric("dl_lit_build_info", "gauge", "The version at work.", (Sample(1, {"version": __version__}),))
        yield from _of_stages(now)
        yield from _of_services([one for one in services_now(self._settings, self._clock.time()) if one.is_asked])
        yield Metric(
            "dl_lit_attempts_total",
            "counter",
            "Attempts that were made, by how they ended.",
            tuple(
                Sample(n, {"stage": stage, "reason": reason, "class": _class(reason)})
                for (stage, reason), n in attempts.items()
            ),
        )
        yield Metric(
            "dl_lit_stage_duration_seconds",
            "histogram",
            "How long a stage worked on an item.",
            tuple(
                sample for stage, one in took.items() for sample in _histogram(stage, one.at_most, one.sum_s, one.count)
            ),
        )
        yield _gauge("dl_lit_pipeline_running", "Whether a pipeline works the database.", now.worked_on_by is not None)
        yield _gauge("dl_lit_sources_with_gaps", "Sources whose bibliography was not read whole.", now.incomplete)
        if now.coverage is not None:
            yield _gauge("dl_lit_coverage_ratio", "Mean share of the bibliographies that was read.", now.coverage)
        yield _gauge("dl_lit_database_bytes", "Size of the database with its log.", now.size_bytes)
        yield _gauge("dl_lit_library_bytes", "Size of the PDFs in the library.", now.downloaded_bytes)
        yield _gauge("dl_lit_disk_free_bytes", "Free space where the library is.", self._disk_free())
        again = now.rechecks
        yield _gauge("dl_lit_rechecks_due", "Works whose day to be looked at again has come.", again.due)
        yield _gauge("dl_lit_rechecks_planned", "Works that are looked at again on a later day.", again.planned)
        yield _gauge("dl_lit_rechecks_begun_today", "Works looked at again in the last 24 hours.", again.looked_today)
        yield _gauge("dl_lit_works_upgradable", "Works in the library in a lesser version.", again.upgradable)
        yield _gauge("dl_lit_files_in_quarantine", "Files that wait for a person's decision.", again.in_quarantine)
        if now.last_download:
            yield _gauge("dl_lit_last_success_timestamp_seconds", "When the last PDF came.", _epoch(now.last_download))

    def _disk_free(self) -> int:
        place = next((one for one in (self._library, *self._library.parents) if one.exists()), Path("/"))
        return shutil.disk_usage(place).free


def _of_stages(now: Status) -> Iterator[Metric]:
    stages = now.stages

    def each(name: str, text: str, values: dict[str, float]) -> Metric:
        return Metric(name, "gauge", text, tuple(Sample(value, {"stage": stage}) for stage, value in values.items()))

    yield each("dl_lit_items", "Items that wait for the stage.", {one.stage.value: one.waiting for one in stages})
    yield each("dl_lit_items_put_off", "Of these, not due yet.", {one.stage.value: one.later for one in stages})
    yield each("dl_lit_items_done", "Items the stage has done.", {one.stage.value: one.done for one in stages})
    yield each("dl_lit_items_for_review", "Items for a person.", {one.stage.value: one.needs_review for one in stages})
    yield Metric(
        "dl_lit_items_failed",
        "gauge",
        "Items that failed in the stage.",
        tuple(
            Sample(number, {"stage": one.stage.value, "reason": reason, "class": _class(reason)})
            for one in stages
            for reason, number in one.failed.items()
        ),
    )
    yield each(
        "dl_lit_oldest_pending_timestamp_seconds",
        "Since when the oldest item waits.",
        {one.stage.value: _epoch(one.oldest_waiting) for one in stages if one.oldest_waiting},
    )


def _of_services(services: Sequence[ServiceNow]) -> Iterator[Metric]:
    def each(name: str, text: str, values: dict[str, float]) -> Metric:
        return Metric(name, "gauge", text, tuple(Sample(value, {"service": one}) for one, value in values.items()))

    yield each(
        "dl_lit_service_requests_today",
        "Requests since midnight UTC, by all processes of the machine.",
        {one.service: one.requests_today for one in services},
    )
    yield each(
        "dl_lit_service_in_flight", "Requests under way, as above.", {one.service: one.in_flight for one in services}
    )
    yield each(
        "dl_lit_service_credits_left",
        "Credits left today, where the service counts them.",
        {one.service: one.credits_left for one in services if one.credits_left is not None},
    )
    yield each(
        "dl_lit_service_at_rest",
        "Whether the service is left alone: parked, or its breaker open.",
        {one.service: float(bool(one.parked_until or one.breaker_until)) for one in services},
    )
    yield each(
        "dl_lit_service_share",
        "Share of its allowance that refusals have left.",
        {one.service: min(lane.share for lane in one.lanes) for one in services},
    )


def _histogram(stage: str, at_most: tuple[int, ...], sum_s: float, count: int) -> Iterator[Sample]:
    for bound, number in zip(BUCKETS_S, at_most, strict=True):
        yield Sample(number, {"stage": stage, "le": f"{bound:g}"}, "_bucket")
    yield Sample(count, {"stage": stage, "le": "+Inf"}, "_bucket")
    yield Sample(sum_s, {"stage": stage}, "_sum")
    yield Sample(count, {"stage": stage}, "_count")


def _class(reason: str) -> str:
    """The class of a reason; that of another version of dl_lit is not known."""
    try:
        return Reason(reason).category.value
    except ValueError:
        return "unknown"


def _gauge(name: str, text: str, value: float) -> Metric:
    return Metric(name, "gauge", text, (Sample(float(value)),))


def _epoch(stamp: str) -> float:
    return datetime.fromisoformat(stamp).timestamp()
