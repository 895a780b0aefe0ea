"""Whether the folder watcher loses, doubles or half reads a file, and how soon it has one: the real watcher and intake.

scripts/bench watch [--json] [--observer events --observer polling] [--slow-s 12] [--slow-mb 200] [--many 5000]

Everything is done to a folder that people, scanners and network drives do: see `watch_torture`. A file is missed where
its content is in no row in the end, doubled where it was taken more than once unchanged, half read where a row has the
hash of a content that no file ever had when it was finished. The latency is from a file's being finished (closed or
renamed) to its row in the database, that of the observer by events on top. For unmounting, the benchmark starts itself
in a mount namespace of its own (`unshare -rm`).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import click
from benchmarks.watch_desk import Terms
from benchmarks.watch_torture import torture

INSIDE = "DL_LIT_BENCH_NAMESPACE"


def _is_inside() -> bool:
    return os.environ.get(INSIDE) == "yes"


def _start_inside() -> int | None:
    """Start this very command where folders may be mounted; its exit code, None where that is not to be had."""
    try:
        subprocess.run(["unshare", "-rm", "mount", "-t", "tmpfs", "none", "/mnt"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    command = ["unshare", "-rm", sys.executable, "-m", "benchmarks", *sys.argv[1:]]
    return subprocess.run(command, env={**os.environ, INSIDE: "yes"}, check=False).returncode


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.option(
    "--observer", "observers", multiple=True, type=click.Choice(["events", "polling"]), help="Both unless said."
)
@click.option("--slow-s", type=float, default=12.0, show_default=True, help="How long the large file is being copied.")
@click.option("--slow-mb", type=int, default=200, show_default=True, help="How large it is.")
@click.option("--many", type=int, default=5_000, show_default=True, help="Files dropped at once, after 500.")
@click.option("--stable-s", type=float, default=2.0, show_default=True, help="The setting watch.stable_s.")
@click.option("--poll-s", type=float, default=5.0, show_default=True, help="The setting watch.poll_s.")
def command(
    *, as_json: bool, observers: tuple[str, ...], slow_s: float, slow_mb: int, many: int, stable_s: float, poll_s: float
) -> None:
    """Torture the folder watcher."""
    if not _is_inside() and (code := _start_inside()) is not None:
        sys.exit(code)
    terms = Terms(slow_s=slow_s, slow_mb=slow_mb, many=many, stable_s=stable_s, poll_s=poll_s, may_mount=_is_inside())
    figures = {name: torture(name, terms) for name in observers or ("events", "polling")}
    first = next(iter(figures.values()))
    document: dict[str, Any] = {
        "schema": "dl-lit/bench-watch/1",
        **{name: sum(one[name] for one in figures.values()) for name in ("files", "missed", "doubled", "half_read")},
        "latency_p50_ms": first["latency_p50_ms"],
        "latency_p99_ms": first["latency_p99_ms"],
        "unmounted": terms.may_mount,
        "observers": figures,
    }
    if as_json:
        click.echo(json.dumps(document))
        return
    for name, one in figures.items():
        click.echo(
            f"{name}: {one['files']:,} files, {one['missed']} missed, {one['doubled']} doubled, "
            f"{one['half_read']} half read; to the row {one['latency_p50_ms']:,.0f} ms, "
            f"p99 {one['latency_p99_ms']:,.0f} ms"
        )
        for scene, told in one["scenes"].items():
            wait = "" if told["latency_p50_ms"] is None else f", {told['latency_p50_ms']:,.0f} ms"
            click.echo(f"  {scene}: {told['files']:,}{wait}")
    if not terms.may_mount:
        click.echo("The folder was not unmounted: `unshare -rm` is not to be had here (user namespaces are off).")
