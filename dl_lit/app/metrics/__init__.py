"""The metrics: what the database, the machine's shared state, the disk and the running process tell in numbers.

`docs/metrics.md` lists them; a test keeps it complete.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from db.ledger.reading import requests_made
from db.reading.history import attempts_by_reason, durations
from db.reading.opening import reading
from dl_lit import __version__
from dl_lit.app.metrics.building import gauge, gauges
from dl_lit.app.metrics.of_items import of_attempts, of_database, of_stages
from dl_lit.app.metrics.of_models import of_model, of_model_use
from dl_lit.app.metrics.of_process import of_conditions, of_folders, of_hands, of_permits, of_process
from dl_lit.app.metrics.of_services import of_requests, of_services
from dl_lit.app.now.snapshot import Snapshots
from dl_lit.core.clock import Clock
from dl_lit.settings import Settings
from dl_lit.web.metrics import Metric


class Metrics:
    """All families of one database, gathered whenever they are asked for. Thread-safe."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        """Nothing is opened before it is asked for."""
        self._settings = settings
        self._clock = clock
        self._snapshots = Snapshots(settings, clock, recent=0)

    def gathered(self, *, is_over: bool = False) -> Iterator[Metric]:
        """Each family once; those without numbers included. Raises `DatabaseUnusable`.

        `is_over`: what they are once the process at work, which asks, has ended.
        """
        began = self._clock.monotonic()
        settings = self._settings
        now = self._snapshots.take()
        with reading(settings.database) as connection:
            attempts, took = attempts_by_reason(connection), durations(connection)
        yield gauges("dl_lit_build_info", "The version at work.", "version", {__version__: 1})
        yield from of_stages(now.database)
        yield from of_attempts(attempts, took)
        yield of_requests(requests_made(settings.shared_state))
        yield from of_services([one for one in now.services if one.is_asked])
        yield from of_model(now.model)
        yield from of_database(now.database, is_running=now.database.worked_on_by is not None and not is_over)
        yield gauge("dl_lit_disk_free_bytes", "Free space where the library is.", _disk_free(settings.library_folder))
        yield gauge("dl_lit_eta_seconds", "Until nothing is left to do, about.", now.eta.seconds)
        yield of_conditions(now.conditions)
        if now.pulse is not None and not is_over:
            yield from of_process(now.pulse, self._clock.time())
            yield from of_hands({stage.value: one for stage, one in now.pulse.stages.items()})
            yield from of_permits(now.pulse.services)
            yield from of_model_use(now.pulse.language)
            yield from of_folders(now.pulse.folders)
        yield gauge(
            "dl_lit_gathering_seconds", "How long it took to gather these numbers.", self._clock.monotonic() - began
        )


def _disk_free(library: Path) -> int | None:
    place = next((one for one in (library, *library.parents) if one.exists()), Path("/"))
    try:
        return shutil.disk_usage(place).free
    except OSError:  # a mount that has gone; there is a condition for that
        return None
