"""The engine's measures, as the settings have them."""

from __future__ import annotations

import math

from dl_lit.core.model import StageName
from dl_lit.runtime.brakes import Bounds
from dl_lit.runtime.settle import Patience
from dl_lit.runtime.shape import SILENT_S, Shape
from dl_lit.settings import Settings

_OFFLINE_OUTLOOK_S = 5.0
"""Without a network waiting helps only what failed for reasons of this machine's own."""

_SLACK_S = 600.0
"""What a machine that is hard pressed may take longer than any limit says."""

_LOCATIONS = 20
"""Copies of one work that may be tried in one go, each for the time that one download has."""


def shape_of(settings: Settings) -> Shape:
    """How large the engine is and how it behaves in time."""
    engine, disk, memory, scaling = settings.engine, settings.disk, settings.memory, settings.scaling
    most = {stage: getattr(settings.workers, stage.value) for stage in StageName}
    least = {stage: getattr(scaling, f"{stage.value}_least") for stage in StageName} if scaling.enabled else most
    return Shape(
        workers=most,
        workers_least=least,
        idle_s=scaling.idle_s,
        # One plans whole bibliographies and one stands ready with the next; the others search meanwhile.
        first_hands={StageName.ENRICHMENT: 2},
        queue_size=engine.queue_size,
        poll_s=engine.poll_s,
        grace_s=engine.grace_s,
        patience=Patience(max_attempts=engine.max_attempts),
        outlook_s=min(engine.outlook_s, _OFFLINE_OUTLOOK_S) if settings.offline else engine.outlook_s,
        stall_s=engine.stall_s,
        silent_s=silent_s(settings),
        bounds=Bounds(
            high_water=engine.high_water,
            low_water=engine.low_water,
            download_disk_mb=disk.downloads_pause_below_mb,
            disk_mb=disk.everything_below_mb,
            memory_soft_mb=memory.soft_mb,
            memory_soft_delay_s=memory.soft_delay_s,
            memory_hard_mb=memory.hard_mb,
            memory_hard_delay_s=memory.hard_delay_s,
        ),
    )


def silent_s(settings: Settings) -> dict[StageName, float]:
    """How long all hands of a stage can be silent at most, while every limit of their work holds."""
    parsing_s = 3 * settings.pdf.timeout_s  # a child that died is replaced once; scans are looked at first
    grobid = settings.services["grobid"].service
    asking_s = 3 * (settings.http.permit_wait_s + settings.http.timeout_most * grobid.timeout_s)
    return {
        StageName.EXTRACTION: _SLACK_S + parsing_s + (asking_s if grobid.base_url else 0.0) + _model_s(settings),
        StageName.DOWNLOAD: max(SILENT_S, _SLACK_S + _LOCATIONS * settings.download.timeout_s),
    }


def _model_s(settings: Settings) -> float:
    """How long a language model may take for one source while all hands have it read as much as it may."""
    llm = settings.llm
    if not llm.is_on or not llm.reads:
        return 0.0
    sections = settings.workers.extraction * math.ceil(llm.most_pages / max(1, llm.section_pages - 1))
    at_once = settings.max_concurrent_section_tasks if settings.enable_concurrent_processing else 1
    sections_s = math.ceil(sections / at_once) * settings.section_task_timeout_seconds
    return settings.pdf.timeout_s + sections_s + llm.batch_timeout_s
