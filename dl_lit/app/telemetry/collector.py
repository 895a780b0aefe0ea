"""Sends metrics and spans to an OpenTelemetry collector, without ever holding up the work."""

from __future__ import annotations

import gzip
import json
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import structlog

from dl_lit import logs
from dl_lit.app.item_log import line_of
from dl_lit.app.telemetry.otlp import Ended, metrics_document, resource, spans_document
from dl_lit.core.clock import Clock
from dl_lit.core.job import Snooze
from dl_lit.core.store import Finished
from dl_lit.net.posting import Posted, Poster
from dl_lit.web.metrics import Metric

WAITING_SPANS = 2_048
"""Attempts at most that wait to be sent; older ones are dropped and counted."""

_TOGETHER = 512  # spans in one request
_REST_S = 60.0  # after an answer that asks for rest without saying how long

log = structlog.get_logger("dl_lit.telemetry")


class Collector:
    """One collector. `note` is for the recorder's thread, `send` for another one."""

    def __init__(self, url: str, header: str | None, poster: Poster, clock: Clock, database: str) -> None:
        """`url` without /v1/metrics; `header` as "NAME: VALUE"; `poster` is ours to close."""
        base = url.rstrip("/").removesuffix("/v1/metrics").removesuffix("/v1/traces")
        self._metrics_url, self._traces_url = f"{base}/v1/metrics", f"{base}/v1/traces"
        name, _, value = (header or "").partition(":")
        self._headers = {"content-type": "application/json", "content-encoding": "gzip"}
        if name:
            self._headers[name.strip()] = value.strip()
        self._poster, self._clock, self._database = poster, clock, database
        self._about = resource(logs.run_id())
        self._waiting: deque[Finished] = deque()
        self._lock = threading.Lock()
        self._dropped = 0
        self._rests_until = 0.0  # monotonic
        self._trouble = ""  # as it was told last

    def note(self, group: Sequence[Finished]) -> None:
        """Remember attempts to be told; snoozes are none."""
        with self._lock:
            self._waiting.extend(one for one in group if not isinstance(one.outcome, Snooze))
            while len(self._waiting) > WAITING_SPANS:
                self._waiting.popleft()
                self._dropped += 1

    def send(self, gather: Callable[[], Iterable[Metric]]) -> None:
        """Send all metrics as they are now, and the attempts since; what is not taken is sent the next time."""
        if self._clock.monotonic() < self._rests_until:
            return
        numbers = metrics_document(gather(), self._about, self._clock.time())
        ended = self._post(self._metrics_url, numbers)
        while ended.is_taken and (some := self._next()):
            ended = self._post(self._traces_url, spans_document(map(_told, some), self._about, self._database))
            if not ended.is_taken and ended.may_repeat:
                with self._lock:
                    self._waiting.extendleft(reversed(some))
        self._tell(ended)

    def _next(self) -> list[Finished]:
        with self._lock:
            return [self._waiting.popleft() for _ in range(min(_TOGETHER, len(self._waiting)))]

    def _post(self, url: str, document: Mapping[str, Any]) -> Posted:
        body = gzip.compress(json.dumps(document, separators=(",", ":")).encode(), compresslevel=3, mtime=0)
        return self._poster.post(url, body, self._headers)

    def _tell(self, ended: Posted) -> None:
        """Say once that it does not work, and once that it does again."""
        if not ended.is_taken and ended.status is not None:
            self._rests_until = self._clock.monotonic() + (ended.after_s or _REST_S)
        if ended.why != self._trouble:
            self._trouble = ended.why
            with self._lock:
                dropped, self._dropped = self._dropped, 0
            if ended.why:
                log.warning("collector_takes_nothing", why=ended.why)
            else:
                log.info("collector_takes_again", spans_dropped=dropped)

    def close(self) -> None:
        """Let go of the connection."""
        self._poster.close()


def _told(finished: Finished) -> Ended:
    return Ended(finished, line_of(finished)[2], os.urandom(8).hex())
