"""Numbers in the text format of Prometheus.

Source: https://prometheus.io/docs/instrumenting/exposition_formats/ (read 2026-11-22).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from typing import Literal

from dl_lit.core.controls import controls_shown
from dl_lit.core.values import dataclass

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Sample:
    """One number."""

    value: float
    labels: Mapping[str, str] = field(default_factory=dict)
    suffix: str = ""  # of a histogram: _bucket, _sum, _count


@dataclass(frozen=True, slots=True)
class Metric:
    """A name with its numbers."""

    name: str
    kind: Literal["gauge", "counter", "histogram"]
    help: str
    samples: tuple[Sample, ...]


def rendered(metrics: Iterable[Metric]) -> str:
    """The metrics as one text; those without numbers are left out."""
    return "".join(f"{line}\n" for metric in metrics if metric.samples for line in _lines(metric))


def _lines(metric: Metric) -> Iterator[str]:
    yield f"# HELP {metric.name} {metric.help}"
    yield f"# TYPE {metric.name} {metric.kind}"
    for sample in metric.samples:
        labels = ",".join(f'{name}="{_escaped(value)}"' for name, value in sample.labels.items())
        yield f"{metric.name}{sample.suffix}{'{' + labels + '}' if labels else ''} {sample.value:.15g}"


def _escaped(value: str) -> str:
    shown = "\n".join(map(controls_shown, value.split("\n")))
    return shown.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def document(metrics: Iterable[Metric]) -> dict[str, object]:
    """The same as JSON."""
    return {
        "schema": "dl-lit/metrics/1",
        "metrics": [
            {
                "name": metric.name,
                "type": metric.kind,
                "help": metric.help,
                "samples": [
                    {"value": one.value, "labels": dict(one.labels)} | ({"suffix": one.suffix} if one.suffix else {})
                    for one in metric.samples
                ],
            }
            for metric in metrics
            if metric.samples
        ],
    }
