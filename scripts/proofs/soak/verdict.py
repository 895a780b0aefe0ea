"""What a soak has shown: its figures, and which of them hold what is promised."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from proofs.soak import measure
from proofs.soak import told as tell
from proofs.soak.folder import SoakFolder

SCHEMA = "dl-lit/prove-soak/1"
RSS_PERCENT_PER_H = 1.0
FDS_PER_H = 1.0
IDLE_CPU_PERCENT = 0.5
_JUDGED_FROM_S = 3_600.0  # slopes of shorter soaks are told, but not judged: a program that warms up grows


@dataclass(frozen=True, slots=True)
class End:
    """How a soak ended."""

    exit_code: int | None  # of the daemon; None: it had to be killed
    problems: int  # errors of the replica's own


def told(folder: SoakFolder, end: End | None) -> dict[str, Any]:
    """Everything a soak has to say; without an end: so far."""
    samples = folder.samples
    stretch = measure.stretch(samples)
    some = stretch.samples
    rss, fds = measure.growth(some, "rss"), measure.growth(some, "fds")
    idle = measure.idle_percent(samples)
    of_segment = [one for one in samples if one["segment"] == stretch.segment]
    works = tell.works_told(folder.database)
    missing = tell.lost(folder)
    result: dict[str, Any] = {
        "references": works.pop("references"),
        "rss_slope_percent_per_h": round(rss.percent_per_h, 3),
        "fd_slope": round(fds.per_h, 3),
        "idle_cpu_percent": idle and idle["all"],
        "minutes": round(folder.done_s / 60, 1),
        "slopes_of": stretch.says,
        "samples": len(some),
        "anonymous_slope_percent_per_h": round(measure.growth(some, "anonymous").percent_per_h, 3),
        "children_rss_slope_percent_per_h": round(measure.growth(some, "children_rss").percent_per_h, 3),
        "thread_slope": round(measure.growth(some, "threads").per_h, 3),
        "idle": idle,
        "segments": folder.segments,
        "deaths": sum("died" in one for one in folder.segments),
        "exit_code": end and end.exit_code,
        "invariants": tell.broken(folder),
        "lost": sum(missing.values()),
        "missing": missing,
        **works,
        "arrived": tell.arrived(folder.arrivals),
        **tell.asked(folder),
        "replica_problems": end and end.problems,
        "rss_mb": measure.in_mb(of_segment, "rss"),
        "children_rss_mb": measure.in_mb(of_segment, "children_rss"),
        "fds": _most(of_segment, "fds"),
        "threads": _most(of_segment, "threads"),
        **{f"{name}_mb": measure.in_mb(samples, name) for name in ("db", "state", "cache")},
        "wal_mb_peak": measure.in_mb(samples, "wal")["peak"],
    }
    is_long = stretch.of_s >= _JUDGED_FROM_S
    result["judged"] = {
        "memory_flat": rss.percent_per_h < RSS_PERCENT_PER_H if is_long else None,
        "descriptors_flat": fds.per_h < FDS_PER_H if is_long else None,
        "rests": idle["all"] < IDLE_CPU_PERCENT if idle else None,
        "ended_well": end.exit_code == 0 and not result["deaths"] if end else None,
        "sound": not (result["invariants"] or result["lost"] or end.problems) if end else None,
    }
    result["holds"] = False not in result["judged"].values() if end else None
    return result


def _most(samples: list[dict[str, Any]], name: str) -> dict[str, int]:
    values = [one[name] for one in samples] or [0]
    return {"start": values[0], "end": values[-1], "peak": max(values)}
