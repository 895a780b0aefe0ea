"""Metrics that a running pipeline gives away by itself: into a file, or to an OpenTelemetry collector.

Costs nothing where neither is set.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import structlog

from db.ledger.store import DiskLedger
from dl_lit import __version__
from dl_lit.app.metrics import Metrics
from dl_lit.app.telemetry.collector import Collector
from dl_lit.app.telemetry.textfile import write_textfile
from dl_lit.core.clock import Clock
from dl_lit.core.database_address import shown
from dl_lit.core.store import Finished
from dl_lit.net.connections import user_agent
from dl_lit.net.posting import Poster
from dl_lit.runtime.repeating import Repeating
from dl_lit.settings import Settings

_TIMEOUT_S = 10.0

Hear = Callable[[Sequence[Finished]], None]

log = structlog.get_logger("dl_lit.telemetry")


@contextmanager
def publishing(settings: Settings, clock: Clock, hearers: list[Hear]) -> Iterator[None]:
    """Tell how everything is every `metrics.every_s` seconds while entered, and once more at the end.

    Adds to `hearers`, to be told of each group of outcomes, where a collector wants spans.
    """
    wanted = settings.metrics
    if wanted.textfile is None and wanted.otlp_url is None:
        yield
        return
    metrics = Metrics(settings, clock)
    actions: list[Callable[[], None]] = []
    with ExitStack() as opened:
        if wanted.textfile is not None:
            file = _File(wanted.textfile, metrics)
            opened.callback(file.write, is_over=True)
            actions.append(file.write)
        if wanted.otlp_url is not None:
            collector = opened.enter_context(_collector(settings, clock))
            hearers.append(collector.note)
            opened.callback(hearers.remove, collector.note)
            opened.callback(collector.send, partial(metrics.gathered, is_over=True))
            actions.append(partial(collector.send, metrics.gathered))
        opened.enter_context(Repeating("telemetry", wanted.every_s, actions))
        yield


@contextmanager
def _collector(settings: Settings, clock: Clock) -> Iterator[Collector]:
    wanted = settings.metrics
    ledger = DiskLedger(settings.shared_state, clock, keep_days=settings.ledger.keep_days)
    poster = Poster(
        wanted.otlp_url or "",
        user_agent=user_agent(__version__),
        clock=clock,
        purpose="otlp",
        timeout_s=_TIMEOUT_S,
        ledger=ledger,
        offline=settings.offline,
    )
    collector = Collector(wanted.otlp_url or "", wanted.otlp_header, poster, clock, shown(settings.database))
    with ExitStack() as opened:
        opened.callback(ledger.close)
        opened.callback(collector.close)
        with Repeating("telemetry-ledger", wanted.every_s, [ledger.flush]):
            yield collector


class _File:
    """The file; a disk that takes nothing is said once."""

    def __init__(self, path: Path, metrics: Metrics) -> None:
        self._path, self._metrics = path, metrics
        self._is_told = False

    def write(self, *, is_over: bool = False) -> None:
        try:
            write_textfile(self._path, self._metrics.gathered(is_over=is_over))
        except OSError as error:
            if not self._is_told:
                self._is_told = True
                log.warning("metrics_not_written", path=str(self._path), why=error.strerror)
        else:
            self._is_told = False
