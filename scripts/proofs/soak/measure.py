"""Measures of a running program from outside, and how fast they grow, told so that single jumps do not count."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import psutil

HOUR_S = 3_600.0
_POINTS_MOST = 400  # more are thinned out: the estimator looks at all pairs
_MB = 1_048_576

Sample = Mapping[str, Any]


def process_figures(process: psutil.Process) -> dict[str, Any]:
    """Memory (bytes), descriptors, threads and processor time (seconds) of `process`; its children apart.

    `cpu_s` is its own time, `children_cpu_s` that of all children, those that have ended too. Raises `psutil.Error`.
    """
    with process.oneshot():
        times = process.cpu_times()
        figures = {
            "rss": process.memory_info().rss,
            "anonymous": _anonymous(process.pid),
            "fds": process.num_fds(),
            "threads": process.num_threads(),
            "cpu_s": round(times.user + times.system, 3),
        }
    children_rss, children_cpu_s, count = 0, times.children_user + times.children_system, 0
    for child in process.children(recursive=True):
        with suppress(psutil.Error):  # it has ended meanwhile
            used = child.cpu_times()
            children_rss += child.memory_info().rss
            children_cpu_s += used.user + used.system + used.children_user + used.children_system
            count += 1
    return figures | {"children": count, "children_rss": children_rss, "children_cpu_s": round(children_cpu_s, 3)}


def _anonymous(pid: int) -> int:
    """Bytes of memory that no file stands behind; 0 where the system does not say."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
            if line.startswith("RssAnon:"):
                return int(line.split()[1]) * 1024
    return 0


def size_of(path: Path) -> int:
    """Bytes of a file, or of all files below a folder; 0 where there is none."""
    if not path.is_dir():
        with suppress(OSError):
            return path.stat().st_size
        return 0
    total = 0
    for file in path.rglob("*"):
        with suppress(OSError):
            total += file.stat().st_size if file.is_file() else 0
    return total


@dataclass(frozen=True, slots=True)
class Slope:
    """How a figure grows."""

    per_h: float  # in the figure's own unit
    percent_per_h: float  # of its mean


def slope(times_s: Sequence[float], values: Sequence[float]) -> Slope:
    """The median of the slopes between all pairs of points (Theil-Sen); 0 where there are fewer than two.

    Up to 29 % of the points may be wild without moving it (https://en.wikipedia.org/wiki/Theil-Sen_estimator).
    """
    step = max(1, len(times_s) // _POINTS_MOST)
    points = list(zip(times_s, values, strict=True))[::step]
    slopes = [
        (later[1] - earlier[1]) / (later[0] - earlier[0])
        for place, earlier in enumerate(points)
        for later in points[place + 1 :]
        if later[0] > earlier[0]
    ]
    if not slopes:
        return Slope(0.0, 0.0)
    per_h = statistics.median(slopes) * HOUR_S
    mean = statistics.fmean(values)
    return Slope(per_h, 100.0 * per_h / mean if mean else 0.0)


@dataclass(frozen=True, slots=True)
class Stretch:
    """The samples that slopes are taken of, and which these are."""

    samples: Sequence[Sample]
    segment: int  # the process, counted from 0; -1 where there is none
    of_s: float  # how long that process worked
    says: str


def stretch(samples: Sequence[Sample]) -> Stretch:
    """The last hour at work of the process that worked longest; the last half where none worked for an hour.

    Samples have `segment`, `phase` and `at` (seconds); only those of the phase "work" count.
    """
    at_work = [one for one in samples if one["phase"] == "work"]
    segments = [list(group) for _, group in groupby(at_work, key=lambda one: one["segment"])]
    if not segments:
        return Stretch((), -1, 0.0, "nothing was measured")
    longest = max(segments, key=_span)
    span_s, segment = _span(longest), longest[-1]["segment"]
    kept_s, which = (HOUR_S, "last hour") if span_s > HOUR_S else (span_s / 2.0, "last half")
    from_s = longest[-1]["at"] - kept_s
    says = f"{which} of the {span_s / 60:.1f} min that process {segment + 1} of {len(segments)} worked"
    return Stretch([one for one in longest if one["at"] >= from_s], segment, span_s, says)


def _span(samples: Sequence[Sample]) -> float:
    return float(samples[-1]["at"] - samples[0]["at"])


def growth(samples: Sequence[Sample], name: str) -> Slope:
    """How the figure `name` grows over the samples."""
    some = [one for one in samples if name in one]
    return slope([one["at"] for one in some], [one[name] for one in some])


def idle_percent(samples: Sequence[Sample]) -> dict[str, float] | None:
    """Processor time in percent of the time that passed in the last process's phase "idle"; None where it had none."""
    idle = [one for one in samples if one["phase"] == "idle"]
    idle = [one for one in idle if one["segment"] == idle[-1]["segment"]]
    if len(idle) < 2:
        return None
    passed_s = _span(idle)
    own, children = (idle[-1][name] - idle[0][name] for name in ("cpu_s", "children_cpu_s"))
    return {
        "all": round(100.0 * (own + children) / passed_s, 3),
        "own": round(100.0 * own / passed_s, 3),
        "children": round(100.0 * children / passed_s, 3),
        "seconds": round(passed_s, 1),
    }


def in_mb(samples: Sequence[Sample], name: str) -> dict[str, float]:
    """Start, end and peak of a figure in bytes, in MB."""
    values = [one[name] for one in samples if name in one] or [0]
    return {
        "start": round(values[0] / _MB, 1),
        "end": round(values[-1] / _MB, 1),
        "peak": round(max(values) / _MB, 1),
    }
