"""Concurrent against sequential, on 1, 10 and 50 papers against the replica, with the busiest resource's bound beside.

    scripts/bench pipeline [--json] [--sources 1,10,50] [--sequential/--no-sequential]

The replica serves in this process, the program under test runs in a child, as a user would start it. All latencies and
all windows are divided by the workload's time scale; what the program computes by itself is not, so a larger scale makes
the program look worse, never better. The sequential run is the same command with `--sequential`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import click

from benchmarks.workload import Workload
from dl_lit.core.services import SERVICES, Lane
from dl_lit.replica.access import Shares
from dl_lit.replica.bound import HostLimits, ServiceLimits, lower_bound
from dl_lit.replica.latency import Latency
from dl_lit.replica.server import Replica
from dl_lit.replica.universe import Universe

CHECKOUT = Path(__file__).resolve().parents[2]
_SHARES = Shares(pdf_linked=1.0, unlisted=0.0, missing_in_openalex=0.0, second_copy=0.0)


def environment(workload: Workload, replica: Replica, folder: Path) -> dict[str, str]:
    """What points the program at the replica, with every limit divided by the time scale."""
    scale = workload.scale
    env = {name: value for name, value in os.environ.items() if not name.startswith("DL_LIT_")}
    env |= replica.env()
    env |= {
        "PYTHONPATH": str(CHECKOUT),
        "DL_LIT_DB": str(folder / "bench.db"),
        "DL_LIT_LIBRARY": str(folder / "library"),
        "DL_LIT_STATE_FOLDER": str(folder / "state"),
        "DL_LIT_CACHE_FOLDER": str(folder / "cache"),
        "DL_LIT_LOG_FILE": str(folder / "log.jsonl"),
        "DL_LIT_CONTACT_EMAIL": "bench@dl-lit.invalid.org",
        "DL_LIT_OPENALEX_KEY": "bench-key",
        "DL_LIT_HOST_GAP_S": str(workload.raw["host_gap_s"] / scale),
        "DL_LIT_HOST_WAIT_S": str(1.0 / scale),
    }
    for service in SERVICES:
        name = service.name.upper()
        env[f"DL_LIT_{name}_RATE"] = _rate(service.polite, scale)
        for lane, polite, _ in service.lanes:
            env[f"DL_LIT_{name}_{lane.upper()}_RATE"] = _rate(polite, scale)
    for stage, count in workload.raw["workers"].items():
        env[f"DL_LIT_WORKERS_{stage.upper()}"] = str(count)
    return env


def _rate(lane: Lane, scale: float) -> str:
    return ", ".join(f"{window.permits}/{window.seconds / scale:.6f}" for window in lane.windows)


def run(workload: Workload, sources: int, *, sequential: bool) -> dict[str, Any]:
    """One run of the real command on fresh folders; its own summary, the wall time, and the bound of what it asked."""
    with tempfile.TemporaryDirectory(prefix="dl-lit-bench-") as temporary:
        folder = Path(temporary)
        pdfs, universe = workload.write(folder, sources)
        latency = {name: Latency(*span) for name, span in workload.raw["latency_s"].items()}
        replica = Replica(
            Universe.load(universe, cache_dir=folder / "universe-cache"),
            seed=workload.raw["seed"],
            latency=latency,
            time_scale=workload.scale,
            hosts=workload.raw["hosts"],
            shares=_SHARES,
        )
        with replica:
            command = [sys.executable, "-m", "dl_lit", "process-folder-concurrent", str(pdfs), "--json", "--quiet", "--no-report"]
            if sequential:
                command.append("--sequential")
            start = time.perf_counter()
            child = subprocess.run(command, env=environment(workload, replica, folder), capture_output=True, text=True, check=False)
            wall_s = time.perf_counter() - start
            if child.returncode not in {0, 3}:
                raise click.ClickException(f"the run ended with {child.returncode}: {child.stderr[-2000:]}")
            document = json.loads(child.stdout)
            bound = lower_bound(replica.log.entries(), services(workload), hosts(workload))
    return {
        "seconds": document["seconds"],
        "wall_s": round(wall_s, 3),
        "bound_s": round(bound.seconds, 3),
        "busiest": bound.resource,
        "downloaded": document["downloaded"],
        "references": document["references"],
        "failed": document["failed"],
        "requests": document["requests"],
        "rate_limit_hits": sum(use["rate_limit_hits"] for use in document["services"].values()),
        "order_violations": sum(use["order_violations"] for use in document["services"].values()),
    }
