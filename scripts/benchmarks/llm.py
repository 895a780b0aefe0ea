"""Language models against a replica: how soon, in which order, how cheaply, and that nothing invented is taken over.

    scripts/bench llm [--json] [--scale 1] [--only entries,sections,faults,cache]

The replica is a process of its own; the program's parts are put together from settings as in a run, and asked directly:
`fifty_in_flight_speedup` is 50 entries of a second, all in flight, against one at a time; `ten_entries_five_workers_s`
is 10 entries of three seconds with five workers; `hundred_entries_speedup` the same with 100 (of 0.3 s: what the
program takes for itself counts for more). Connections, and the children that open PDFs, are there before clocks start,
as in a program that has asked before. Sections are real PDFs, split, uploaded, processed, asked about and deleted;
`of_bound` is the time that like sections take when nothing is lost between their steps, by that taken. `--scale` is of
the replica's latencies alone: with a smaller one the program looks worse.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import click
from benchmarks.llm_entries import fifty_in_flight, prompt_caches, with_five_workers, within_the_rate
from benchmarks.llm_faults import entries_among_faults, sections_among_faults
from benchmarks.llm_scene import Replica, replica
from benchmarks.llm_sections import sections_of

from dl_lit import logs

_PARTS = ("entries", "sections", "faults", "cache")
_PROCESSING_S = 0.2


def measured(served: Replica, scale: float, parts: tuple[str, ...], folder: Path) -> dict[str, Any]:
    """All figures of these parts."""
    found: dict[str, Any] = {"schema": "dl-lit/bench-llm/1", "scale": scale}
    detail: dict[str, Any] = {}
    if "entries" in parts:
        detail["fifty"] = _said("fifty entries", fifty_in_flight(served, scale))
        detail["ten"] = _said("ten entries", with_five_workers(served, 10, 3.0 * scale))
        detail["hundred"] = _said("a hundred entries", with_five_workers(served, 100, 0.3 * scale))
        detail["rate"] = _said("within the rate", within_the_rate(served, 300, 1_200))
        found["fifty_in_flight_speedup"] = detail["fifty"]["speedup"]
        found["ten_entries_five_workers_s"] = detail["ten"]["seconds"]
        found["ten_entries_speedup"] = detail["ten"]["speedup"]
        found["hundred_entries_speedup"] = detail["hundred"]["speedup"]
    if "sections" in parts:
        five = _said("five sections", sections_of(served, 5, scale, folder))
        twelve = _said("twelve sections", sections_of(served, 12, scale, folder, raised=12))
        found["sections"] = {"5": five, "12": twelve}
        detail["sections_5"], detail["sections_12"] = five, twelve
    if "cache" in parts:
        found["prompt_cache"] = _said("prompt cache", prompt_caches(served, 50, 0.2 * scale, 50))
        detail["cache"] = found["prompt_cache"]
    if "faults" in parts:
        entries = _said("entries among faults", entries_among_faults(served, 600, 0.1 * scale))
        sections = _said("sections among faults", sections_among_faults(served, 30, scale, folder))
        found["faults"] = {"entries": entries, "sections": sections}
        detail["faulty_entries"], detail["faulty_sections"] = entries, sections
    found["order_violations"] = sum(one.get("order_violations", 0) for one in detail.values())
    found["invented_accepted"] = sum(
        one.get("invented", 0) + one.get("invented_accepted", 0) + one.get("wrong", 0) for one in detail.values()
    )
    found["remote_files_left"] = sum(one.get("files_left", 0) for one in detail.values())
    found["limits_exceeded"] = sum(
        one.get("limits_exceeded", 0) + one.get("raised", {}).get("limits_exceeded", 0) for one in detail.values()
    )
    found["replica_problems"] = len(served.problems())
    found |= {name: one for name, one in detail.items() if name in {"fifty", "ten", "hundred", "rate"}}
    return found


def _said(what: str, figures: dict[str, Any]) -> dict[str, Any]:
    """Progress on stderr."""
    shown = {name: value for name, value in figures.items() if isinstance(value, int | float)}
    click.echo(f"{what}: {', '.join(f'{name} {value}' for name, value in shown.items())}", err=True)
    return figures


@click.command()
@click.option("--scale", default=1.0, show_default=True, help="Of the replica's latencies.")
@click.option("--only", default=",".join(_PARTS), show_default=True, help="Parts, separated by commas.")
@click.option("--json", "as_json", is_flag=True)
def command(scale: float, only: str, *, as_json: bool) -> None:
    """Measure what asks language models."""
    parts = tuple(part.strip() for part in only.split(","))
    if unknown := set(parts) - set(_PARTS):
        raise click.UsageError(f"no part called {', '.join(sorted(unknown))}: there are {', '.join(_PARTS)}")
    logs.configure(level="error", form="json", file=None)
    with tempfile.TemporaryDirectory(prefix="dl-lit-bench-") as temporary, replica(_PROCESSING_S * scale) as served:
        result = measured(served, scale, parts, Path(temporary))
    if as_json:
        click.echo(json.dumps(result, indent=1))
        return
    for name, value in result.items():
        click.echo(f"{name:28} {json.dumps(value)}")
