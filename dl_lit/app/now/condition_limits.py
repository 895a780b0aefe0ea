"""The settings that conditions are judged by."""

from __future__ import annotations

from dl_lit.app.now.conditions import Limits
from dl_lit.settings import Settings
from stages.sources.registry import SOURCES


def limits_of(settings: Settings) -> Limits:
    """What `app.conditions` needs of the settings."""
    return Limits(
        disk_downloads_mb=settings.disk.downloads_pause_below_mb,
        disk_mb=settings.disk.everything_below_mb,
        memory_mb=settings.memory.hard_mb,
        search_credits={one.service: one.search_credits for one in SOURCES if one.search_credits},
    )
