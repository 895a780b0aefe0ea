"""Concurrent against sequential, on 1, 10 and 50 papers against the replica, with the busiest resource's bound beside.

    scripts/bench pipeline [--json] [--sources 1,10,50] [--sequential/--no-sequential]

The replica serves in this process, the program under test runs in a child, as a user would start it. All latencies
and windows are divided by the workload's time scale; what the program computes by itself is not, so a larger scale
makes the program look worse, never better. The sequential run is the same command with `--sequential`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import click
from benchmarks.workload import Workload

from dl_lit.core.services import SERVICES
from dl_lit.demo.pace import GAP_S, quick_motion, quickened
from dl_lit.replica.access import Shares
from dl_lit.replica.bound import HostRule, Limits, calls_from_log, lower_bound
from dl_lit.replica.latency import Latency
from dl_lit.replica.server import Replica
from dl_lit.replica.universe import Universe

CHECKOUT = Path(__file__).resolve().parents[2]
_SHARES = Shares(pdf_linked=1.0, unlisted=0.0, missing_in_openalex=0.0, second_copy=0.0)


def environment(workload: Workload, replica: Replica, folder: Path) -> dict[str, str]:
    """What points the program at the replica, with every limit divided by the time scale."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("DL_LIT_")}
    env |= replica.env() | quick_motion(workload.scale)
    env |= {
        "PYTHONPATH": str(CHECKOUT),
        "DL_LIT_DB": str(folder / "bench.db"),
        "DL_LIT_LIBRARY": str(folder / "library"),
        "DL_LIT_STATE_FOLDER": str(folder / "state"),
        "DL_LIT_CACHE_FOLDER": str(folder / "cache"),
        "DL_LIT_LOG_FILE": str(folder / "log.jsonl"),
        "DL_LIT_CONTACT_EMAIL": "bench@dl-lit.invalid.org",
        "DL_LIT_OPENALEX_KEY": "bench-key",
    }
    for stage, count in workload.raw["workers"].items():
        env[f"DL_LIT_WORKERS_{stage.upper()}"] = str(count)
    return env


def limits(workload: Workload) -> Limits:
    """What the services and hosts allow, at the run's time scale: the same rules the program is given."""
    gap = HostRule(connections=1, gap_s=GAP_S / workload.scale)
    lists = {kind: lane for service in SERVICES for _, lane, _ in service.lanes for kind in ("search", "batch")}
    return Limits(
        services={service.name: quickened(service.polite, workload.scale) for service in SERVICES},
        lanes={("crossref", kind): quickened(lane, workload.scale) for kind, lane in lists.items()},
        hosts={"publisher": gap, "repository": gap},
    )


def replica_of(workload: Workload, universe: Path) -> Replica:
    """The replica as the workload describes it; not started."""
    return Replica(
        Universe.load(universe, cache_dir=universe.parent / "universe-cache"),
        seed=workload.raw["seed"],
        latency={name: Latency(*span) for name, span in workload.raw["latency_s"].items()},
        time_scale=workload.scale,
        hosts=workload.raw["hosts"],
        shares=_SHARES,
    )


def run(workload: Workload, sources: int, *, sequential: bool) -> dict[str, Any]:
    """One run of the real command on fresh folders: its own summary, and the bound of what it asked."""
    with tempfile.TemporaryDirectory(prefix="dl-lit-bench-") as temporary:
        folder = Path(temporary)
        pdfs, universe = workload.write(folder, sources)
        with replica_of(workload, universe) as replica:
            command = [sys.executable, "-m", "dl_lit", "process-folder-concurrent", str(pdfs)]
            command += ["--json", "--quiet", "--no-report", *(["--sequential"] if sequential else [])]
            child = subprocess.run(
                command, env=environment(workload, replica, folder), capture_output=True, text=True, check=False
            )
            if child.returncode not in {0, 3}:
                raise click.ClickException(f"the run ended with {child.returncode}: {child.stderr[-2000:]}")
            calls = calls_from_log(entry.to_json() for entry in replica.log.entries())
            problems = replica.problems
        document = json.loads(child.stdout)
        bound = lower_bound(calls, limits(workload))
    services = document["services"].values()
    return {
        "seconds": document["seconds"],
        "bound_s": round(bound.seconds, 3),
        "busiest": bound.resource,
        "references": document["references"],
        "resolved": document["resolved"],
        "downloaded": document["downloaded"],
        "failed": document["failed"],
        "requests": document["requests"],
        "rate_limit_hits": sum(use["rate_limit_hits"] for use in services),
        "order_violations": sum(use["order_violations"] for use in services),
        "replica_problems": len(problems),
    }


@click.command()
@click.option("--sources", default="1,10,50", show_default=True, help="Papers in each run, separated by commas.")
@click.option("--sequential/--no-sequential", default=True, help="Run the yardstick too; it takes several minutes.")
@click.option("--json", "as_json", is_flag=True)
def command(sources: str, *, sequential: bool, as_json: bool) -> None:
    """Measure the whole pipeline against the replica."""
    workload = Workload.load()
    result: dict[str, Any] = {"schema": "dl-lit/bench-pipeline/1", "workload": workload.raw, "runs": {}}
    for count in (int(part) for part in sources.split(",")):
        concurrent = run(workload, count, sequential=False)
        runs = result["runs"][str(count)] = {"concurrent": concurrent}
        result[f"bound_ratio_{count}"] = round(concurrent["bound_s"] / concurrent["seconds"], 3)
        _say(count, "concurrent", concurrent)
        if sequential:
            runs["sequential"] = run(workload, count, sequential=True)
            result[f"speedup_{count}"] = round(runs["sequential"]["seconds"] / concurrent["seconds"], 2)
            result[f"equal_{count}"] = all(
                concurrent[name] == runs["sequential"][name]
                for name in ("references", "resolved", "downloaded", "failed")
            )
            _say(count, "sequential", runs["sequential"])
    if as_json:
        click.echo(json.dumps(result, indent=1))
        return
    for name, value in result.items():
        if name.startswith(("bound_ratio", "speedup", "equal")):
            click.echo(f"{name:16} {value}")


def _say(count: int, mode: str, figures: dict[str, Any]) -> None:
    click.echo(
        f"{count:3} papers {mode:11} {figures['seconds']:8.2f} s, {figures['downloaded']} files, "
        f"bound {figures['bound_s']:7.2f} s ({figures['busiest']})",
        err=True,
    )
