"""How the soak's figures are made: slopes that single jumps do not move, and of which stretch they are taken."""

from __future__ import annotations

import os
import statistics
from typing import Any

import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from proofs.soak.measure import growth, idle_percent, in_mb, process_figures, size_of, slope, stretch

MINUTES = [60.0 * minute for minute in range(60)]


@settings(max_examples=20)
@given(st.floats(-50, 50), st.floats(1_000, 100_000), st.integers(2, 900))
def test_the_slope_of_a_line_is_that_of_the_line(per_h: float, start: float, count: int) -> None:
    times = [5.0 * number for number in range(count)]
    values = [start + per_h * at / 3_600 for at in times]
    found = slope(times, values)
    assert found.per_h == pytest.approx(per_h, rel=1e-3, abs=1e-3)
    assert found.percent_per_h == pytest.approx(100 * per_h / statistics.fmean(values), rel=1e-3, abs=1e-3)


@given(st.lists(st.integers(0, 59), min_size=1, max_size=12, unique=True), st.floats(-1e6, 1e6))
def test_a_fifth_of_wild_points_does_not_make_a_flat_figure_grow(places: list[int], wild: float) -> None:
    values = [100.0] * 60
    for place in places:
        values[place] = wild
    assert slope(MINUTES, values).per_h == 0.0


def test_a_single_step_is_no_growth_and_steps_all_along_are() -> None:
    """A program that takes one more megabyte once does not leak; one that does so every ten minutes does."""
    assert slope(MINUTES, [100.0] * 12 + [101.0] * 48).per_h == 0.0
    assert slope(MINUTES, [100.0 + minute // 10 for minute in range(60)]).per_h == pytest.approx(6.0, rel=0.1)


@pytest.mark.parametrize("values", [[], [5.0]])
def test_too_few_points_have_no_slope(values: list[float]) -> None:
    assert slope(MINUTES[: len(values)], values).per_h == 0.0


def samples(
    segment: int, minutes: int, *, start: float = 0.0, phase: str = "work", rss: int = 1
) -> list[dict[str, Any]]:
    return [
        {"segment": segment, "phase": phase, "at": start + 60.0 * minute, "rss": rss} for minute in range(minutes + 1)
    ]


def test_the_last_hour_of_the_process_that_worked_longest_is_taken() -> None:
    every = samples(0, 30) + samples(1, 100, start=10_000) + samples(1, 50, start=17_000, phase="idle")
    every += samples(2, 90, start=30_000)
    found = stretch(every)
    assert (found.segment, found.of_s) == (1, 6_000.0)
    assert [found.samples[0]["at"], found.samples[-1]["at"]] == [12_400.0, 16_000.0]
    assert found.says == "last hour of the 100.0 min that process 2 of 3 worked"


def test_where_none_worked_for_an_hour_the_last_half_is_taken() -> None:
    found = stretch(samples(0, 20))
    assert [found.samples[0]["at"], found.samples[-1]["at"]] == [600.0, 1_200.0]
    assert found.says.startswith("last half of the 20.0 min")


def test_nothing_measured_is_said_to_be_nothing() -> None:
    assert (stretch([]).samples, stretch([]).says) == ((), "nothing was measured")
    assert idle_percent([]) is None
    assert in_mb([], "rss") == {"start": 0.0, "end": 0.0, "peak": 0.0}


def test_figures_that_only_some_samples_have_grow_over_those() -> None:
    some = [{"at": at, **({"cache": int(at)} if at % 120 == 0 else {})} for at in MINUTES]
    assert growth(some, "cache").per_h == pytest.approx(3_600.0)


def test_idleness_counts_the_last_process_and_its_children_while_idle() -> None:
    def at(second: int, own: float, children: float, segment: int = 1, phase: str = "idle") -> dict[str, Any]:
        return {"segment": segment, "phase": phase, "at": second, "cpu_s": own, "children_cpu_s": children}

    found = idle_percent(
        [at(0, 90, 9, 0), at(10, 9, 2, phase="work"), at(100, 10, 3), at(200, 10.3, 3.1), at(300, 11, 3.2)]
    )
    assert found == {"all": 0.6, "own": 0.5, "children": 0.1, "seconds": 200}


def test_a_process_is_measured_from_outside() -> None:
    figures = process_figures(psutil.Process(os.getpid()))
    assert figures["rss"] >= figures["anonymous"] > 1_000_000
    assert min(figures["fds"], figures["threads"], figures["cpu_s"]) > 0


def test_sizes_are_those_of_all_files_below(tmp_path: Any) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "one").write_bytes(b"12345")
    (tmp_path / "a" / "b" / "two").write_bytes(b"123")
    assert [size_of(tmp_path), size_of(tmp_path / "a" / "one"), size_of(tmp_path / "none")] == [8, 5, 0]
