"""What the settings say of the language model, as the network and the threads want it."""

from __future__ import annotations

from dl_lit.core.section_limits import SectionLimits
from dl_lit.core.width import BatchLimits
from dl_lit.net.language.place import CallLimits
from dl_lit.settings import Settings
from dl_lit.settings.model import CacheSettings
from stages.language.doubts import Bounds

_REMEMBERED_DAYS = 180.0
"""How long answers are remembered unless all are for a shorter time: the same question gets no better answer."""


def call_limits(settings: Settings) -> CallLimits:
    """How much is asked at a time."""
    llm, http, days = settings.llm, settings.http, settings.cache.lifetime_days
    return CallLimits(
        at_once=settings.max_concurrent_model_calls,
        per_minute=llm.requests_per_minute,
        buffer=http.rate_limit_buffer,
        tries=llm.tries,
        try_again_s=llm.try_again_s,
        timeout_s=llm.timeout_s,
        needs_cost=llm.dollars_per_day is not None,
        patience_s=llm.batch_timeout_s,
        breaker_failures=http.breaker_failures,
        breaker_open_s=http.breaker_open_s,
        remember_days=_REMEMBERED_DAYS if days >= CacheSettings().lifetime_days else min(_REMEMBERED_DAYS, days),
    )


def batch_limits(settings: Settings) -> BatchLimits:
    """How many entries are asked about at once."""
    llm = settings.llm
    is_concurrent = settings.enable_concurrent_processing
    return BatchLimits(
        width=llm.batch_width if is_concurrent else 1,
        first=llm.batch_first if is_concurrent else 1,
        timeout_s=llm.batch_timeout_s,
        tries=llm.tries,
        base_s=llm.try_again_s,
    )


def section_limits(settings: Settings) -> SectionLimits:
    """How much is done at once for sections."""
    return SectionLimits(
        tasks=settings.max_concurrent_section_tasks,
        splits=settings.max_concurrent_splits,
        uploads=settings.max_concurrent_uploads,
        task_s=settings.section_task_timeout_seconds,
        split_s=settings.split_timeout_seconds,
        upload_s=settings.upload_timeout_seconds,
        is_concurrent=settings.enable_concurrent_processing,
        watches_memory=settings.enable_memory_monitoring,
        most_memory_mb=settings.max_memory_usage_mb,
        throttle_memory_mb=settings.memory_throttle_threshold_mb,
        tries=settings.llm.tries,
        base_s=settings.llm.try_again_s,
    )


def bounds_of(settings: Settings) -> Bounds:
    """What of a reading is doubtful, and how much of it the model may see."""
    llm = settings.llm
    return Bounds(
        doubtful_below=llm.doubtful_below,
        gap_below=llm.gap_below,
        most_pages=llm.most_pages,
        section_pages=llm.section_pages,
    )
