"""Families of numbers, put together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from dl_lit.web.metrics import Metric, Sample

Value = float | int | bool | None
Labelled = Iterable[tuple[Mapping[str, str], Value]]


def gauge(name: str, text: str, value: Value) -> Metric:
    """One number that goes up and down; without one where it is not known."""
    return family("gauge", name, text, [({}, value)])


def counter(name: str, text: str, value: Value) -> Metric:
    """One number that only grows."""
    return family("counter", name, text, [({}, value)])


def gauges(name: str, text: str, label: str, values: Mapping[str, Value]) -> Metric:
    """A number for each value of one label."""
    return family("gauge", name, text, (({label: key}, value) for key, value in values.items()))


def family(kind: Literal["gauge", "counter"], name: str, text: str, values: Labelled) -> Metric:
    """Numbers under their labels; those that are not known are left out."""
    return Metric(name, kind, text, tuple(Sample(float(one), labels) for labels, one in values if one is not None))
