"""What starting and doing nothing cost: CPU of --help, and CPU and memory of a daemon that watches an empty folder.

scripts/bench startup [--json] [--rounds 7] [--seconds 10]
"""

from __future__ import annotations

import json
import os
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import click
import psutil

CHECKOUT = Path(__file__).resolve().parents[2]


def help_cpu_s(rounds: int) -> float:
    """CPU seconds of `python -m dl_lit --help`, interpreter included; the median."""
    used = []
    for _ in range(rounds):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-m", "dl_lit", "--help"], check=True, stdout=subprocess.DEVNULL, cwd=CHECKOUT)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        used.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return statistics.median(used)


def idle(seconds: float, settle_s: float) -> dict[str, Any]:
    """The watching daemon on an empty folder: CPU in percent of one core, resident memory, both with its children."""
    with tempfile.TemporaryDirectory(prefix="dl-lit-bench-") as name:
        folder = Path(name)
        (folder / "inbox").mkdir()
        command = [
            *(sys.executable, "-m", "dl_lit", "watch-folder-concurrent", str(folder / "inbox")),
            *("--db", str(folder / "idle.db"), "--library", str(folder / "library")),
        ]
        with (folder / "log").open("wb") as log:
            env = _environment(folder)
            daemon = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=env)
        try:
            time.sleep(settle_s)
            if daemon.poll() is not None:
                raise click.ClickException(f"the daemon ended: {(folder / 'log').read_text(encoding='utf-8')[-2000:]}")
            before, start = _cpu_s(daemon.pid), time.perf_counter()
            time.sleep(seconds)
            percent = 100.0 * (_cpu_s(daemon.pid) - before) / (time.perf_counter() - start)
            return {"idle_cpu_percent": round(percent, 3), "idle_rss_mb": round(_rss_mb(daemon.pid), 1)}
        finally:
            daemon.send_signal(signal.SIGTERM)
            try:
                daemon.wait(30)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()


def _environment(folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DL_LIT_")}
    return kept | {
        "PYTHONPATH": str(CHECKOUT),
        "DL_LIT_STATE_FOLDER": str(folder / "state"),
        "DL_LIT_CACHE_FOLDER": str(folder / "cache"),
    }


def _family(pid: int) -> list[psutil.Process]:
    daemon = psutil.Process(pid)
    return [daemon, *daemon.children(recursive=True)]


def _cpu_s(pid: int) -> float:
    return sum(sum(process.cpu_times()[:2]) for process in _family(pid))


def _rss_mb(pid: int) -> float:
    return sum(float(process.memory_info().rss) for process in _family(pid)) / 1_048_576


@click.command()
@click.option("--rounds", default=7, show_default=True, help="Calls of --help; the median is told.")
@click.option("--seconds", default=10.0, show_default=True, help="How long the idle daemon is watched.")
@click.option("--settle", "settle_s", default=3.0, show_default=True, help="How long it is given to start, before.")
@click.option("--json", "as_json", is_flag=True)
def command(rounds: int, seconds: float, settle_s: float, *, as_json: bool) -> None:
    """Measure start-up and idleness."""
    figures = {
        "schema": "dl-lit/bench-startup/1",
        "help_cpu_s": round(help_cpu_s(rounds), 3),
        **idle(seconds, settle_s),
    }
    if as_json:
        click.echo(json.dumps(figures, indent=1))
        return
    for name, value in figures.items():
        click.echo(f"{name:18} {value}")
