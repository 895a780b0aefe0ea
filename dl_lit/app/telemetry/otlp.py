"""Metrics and spans as OTLP has them in JSON.

Sources: https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding and the messages of
https://github.com/open-telemetry/opentelemetry-proto (version 1, stable; read 2026-11-23). Names are in camel case,
identifiers in hexadecimal, 64-bit whole numbers are texts, enumerations numbers.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Any

from dl_lit import __version__
from dl_lit.core.job import Reject, Retry
from dl_lit.core.reasons import ReasonClass
from dl_lit.core.store import Finished
from dl_lit.core.values import dataclass
from dl_lit.web.metrics import Metric, Sample

_SCOPE = {"name": "dl_lit", "version": __version__}
_CUMULATIVE = 2  # AGGREGATION_TEMPORALITY_CUMULATIVE
_INTERNAL = 1  # SPAN_KIND_INTERNAL
_ERROR = 2  # STATUS_CODE_ERROR
_UNITS = {"seconds": "s", "bytes": "By", "dollars": "{USD}", "ratio": "1"}
_TOLD_ELSEWHERE = frozenset({"seconds", "stage"})


def resource(run_id: str) -> dict[str, Any]:
    """Who tells it."""
    return {
        "attributes": _attributes(
            {
                "service.name": "dl_lit",
                "service.version": __version__,
                "service.instance.id": run_id,
                "host.name": socket.gethostname(),
                "process.pid": os.getpid(),
            }
        )
    }


def metrics_document(metrics: Iterable[Metric], about: Mapping[str, Any], now: float) -> dict[str, Any]:
    """What is posted to /v1/metrics: the numbers as of `now` (epoch seconds), counters since whenever they began."""
    told = [_metric(one, _nanoseconds(now)) for one in metrics if one.samples]
    return {"resourceMetrics": [{"resource": about, "scopeMetrics": [{"scope": _SCOPE, "metrics": told}]}]}


def _metric(metric: Metric, at: str) -> dict[str, Any]:
    whole = {"name": metric.name, "description": metric.help, "unit": _unit(metric.name)}
    if metric.kind == "histogram":
        points = [_distribution(labels, group, at) for labels, group in _grouped(metric.samples)]
        return whole | {"histogram": {"aggregationTemporality": _CUMULATIVE, "dataPoints": points}}
    points = [
        {"attributes": _attributes(one.labels), "timeUnixNano": at, "asDouble": one.value} for one in metric.samples
    ]
    if metric.kind == "counter":
        return whole | {"sum": {"aggregationTemporality": _CUMULATIVE, "isMonotonic": True, "dataPoints": points}}
    return whole | {"gauge": {"dataPoints": points}}


def _grouped(samples: Sequence[Sample]) -> list[tuple[dict[str, str], list[Sample]]]:
    """The samples of a histogram by their labels without the bound."""
    groups: dict[tuple[tuple[str, str], ...], list[Sample]] = {}
    for one in samples:
        groups.setdefault(tuple((key, value) for key, value in one.labels.items() if key != "le"), []).append(one)
    return [(dict(labels), group) for labels, group in groups.items()]


def _distribution(labels: Mapping[str, str], group: Sequence[Sample], at: str) -> dict[str, Any]:
    """Prometheus counts what is below each bound; OTLP what is between two."""
    below = [(float(one.labels["le"]), int(one.value)) for one in group if one.suffix == "_bucket"]
    between = [number - before for (_, number), before in zip(below, [0, *(n for _, n in below)], strict=False)]
    return {
        "attributes": _attributes(labels),
        "timeUnixNano": at,
        "count": str(below[-1][1]),
        "sum": next(one.value for one in group if one.suffix == "_sum"),
        "explicitBounds": [bound for bound, _ in below[:-1]],
        "bucketCounts": [str(number) for number in between],
    }


@dataclass(frozen=True, slots=True)
class Ended:
    """An attempt at an item, and what its line in the log says."""

    finished: Finished
    fields: Mapping[str, Any]
    span_id: str  # 16 hexadecimal digits


def spans_document(ended: Iterable[Ended], about: Mapping[str, Any], database: str) -> dict[str, Any]:
    """What is posted to /v1/traces: a span for each attempt; the attempts at one item of a database are one trace."""
    told = [_span(one, database) for one in ended]
    return {"resourceSpans": [{"resource": about, "scopeSpans": [{"scope": _SCOPE, "spans": told}]}]}


def _span(one: Ended, database: str) -> dict[str, Any]:
    finished, fields = one.finished, one.fields
    kind = next((kind for kind in ("work", "entry", "source") if kind in fields), "item")
    trace = blake2b(f"{database}\0{kind}\0{finished.claim.id}".encode(), digest_size=16).hexdigest()
    span = {
        "traceId": trace,
        "spanId": one.span_id,
        "name": finished.claim.stage.value,
        "kind": _INTERNAL,
        "startTimeUnixNano": _nanoseconds(finished.started_at),
        "endTimeUnixNano": _nanoseconds(finished.started_at + finished.seconds),
        "attributes": _attributes(
            {f"dl_lit.{name}": value for name, value in fields.items() if name not in _TOLD_ELSEWHERE}
        ),
    }
    return span | {"status": {"code": _ERROR, "message": fields["reason"]}} if _is_error(finished) else span


def _is_error(finished: Finished) -> bool:
    """That nothing can be had lawfully is an answer; that something broke is none."""
    outcome = finished.outcome
    return isinstance(outcome, Retry) or (isinstance(outcome, Reject) and outcome.reason.category is ReasonClass.OURS)


def _attributes(values: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{"key": key, "value": _value(value)} for key, value in values.items() if value is not None]


def _value(value: object) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    return {"doubleValue": value} if isinstance(value, float) else {"stringValue": str(value)}


def _unit(name: str) -> str:
    return _UNITS.get(name.removesuffix("_total").rpartition("_")[2], "1")


def _nanoseconds(epoch_s: float) -> str:
    return f"{round(epoch_s * 1_000_000)}000"  # what is below a microsecond is noise
