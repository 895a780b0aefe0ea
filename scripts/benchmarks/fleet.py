"""Several daemons on one PostgreSQL: their speed beside Procrastinate's and PgQueuer's, and what failures cost.

    scripts/bench fleet [--json] [--items 6000] [--rounds 3] [--kills 5] [--daemons 3] [--short]

The server is one of our own (`scripts/postgres_server`), durable as PostgreSQL is by default. Rounds are interleaved
and medians told; the peers get fewer items, since their rates do not depend on the number, and as many processes as we
have. Ours does at first: each daemon meets its statements for the first time, which costs it some 0.2 s of processors.
Where root and iproute2 are there the daemons that fail stand in network namespaces of their own.
"""

from __future__ import annotations

import json
import random
import statistics
from collections.abc import Callable
from functools import partial
from typing import Any

import click
from benchmarks import fleet_peers
from benchmarks.engine import scratch
from benchmarks.extraction_peers import NotToBeHad
from benchmarks.fleet_limits import limits
from benchmarks.fleet_places import Places
from benchmarks.fleet_speed import Bench, Deaths, Round, kill_one, ours, pause, peer
from benchmarks.fleet_takeover import takeovers
from postgres_server import Server

_SHARE = {"procrastinate": 20, "pgqueuer": 4}  # a peer is given so many times fewer items
_FEWEST = 60
_LEASE_S = 5.0


def measure(items: int, rounds: int, kills: int, daemons: int, limit_s: float) -> dict[str, Any]:
    """All figures."""
    with scratch() as folder, Places.made() as places, Server(durable=True, listen=places.listen) as server:
        bench = Bench(server, folder, daemons)
        speeds = _speeds(bench, items, rounds)
        deaths, chance = Deaths(), random.Random(20261123)
        for number in range(kills):
            kill_one(bench, max(60, items // 5), chance, deaths)
            click.echo(f"kill {number + 1}: {deaths.lost} lost, {deaths.doubled} doubled", err=True)
        taken = takeovers(bench, places, lease_s=_LEASE_S, times=min(3, max(1, kills)))
        asked = limits(bench, places, seconds=limit_s)
        version = server.version
    own = speeds["ours"]
    return {
        "schema": "dl-lit/bench-fleet/1",
        "postgresql": version,
        "daemons": daemons,
        "items": items,
        "namespaces": places.are_apart,
        "items_per_s": _rate(own),
        "cpu_ms_per_item": _cpu(own),
        **_beside(speeds, daemons),
        "kills": deaths.kills,
        "lost": sum(one.lost for one in own) + deaths.lost,
        "doubled": sum(one.doubled for one in own) + deaths.doubled,
        "interrupted": deaths.interrupted,
        "lease_s": _LEASE_S,
        "takeover_s": taken.killed_s,
        "takeover_cut_off_s": taken.cut_off_s,
        **asked,
    }


def _speeds(bench: Bench, items: int, rounds: int) -> dict[str, list[Round]]:
    runs: dict[str, Callable[[], Round]] = {"ours": lambda: ours(bench, items)}
    try:
        python = fleet_peers.prepare()
        for name, settings in fleet_peers.SETTINGS.items():
            few = max(_FEWEST, items // _SHARE[name])
            for setting in settings:
                runs[f"{name} {setting}"] = partial(peer, bench, python, name, setting, few)
    except NotToBeHad as error:
        click.echo(str(error), err=True)
    speeds: dict[str, list[Round]] = {name: [] for name in runs}
    for number in range(rounds):
        for name, run in runs.items():
            speeds[name].append(run())
            pause()
        told = ", ".join(f"{name} {done[-1].rate:.0f}/s" for name, done in speeds.items())
        click.echo(f"round {number + 1}: {told}", err=True)
    return speeds


def _rate(rounds: list[Round]) -> float | None:
    return round(statistics.median(one.rate for one in rounds), 1) if rounds else None


def _cpu(rounds: list[Round]) -> dict[str, float]:
    """Milliseconds of processors for one item: steadier than seconds where others are at work on the machine."""
    return {
        "workers": round(statistics.median(one.workers_cpu_s / one.items * 1_000 for one in rounds), 3),
        "server": round(statistics.median(one.server_cpu_s / one.items * 1_000 for one in rounds), 3),
    }


def _beside(speeds: dict[str, list[Round]], daemons: int) -> dict[str, Any]:
    """The peers' figures; None where a peer was left out."""
    found: dict[str, Any] = {}
    for name, settings in fleet_peers.SETTINGS.items():
        measured = {setting: speeds[key] for setting in settings if (key := f"{name} {setting}") in speeds}
        best, theirs = max(measured.items(), key=lambda one: _rate(one[1]) or 0.0, default=(None, []))
        ratios = [mine.rate / its.rate for mine, its in zip(speeds["ours"], theirs, strict=False)]
        found[f"{name}_items_per_s"] = _rate(theirs)
        found[f"ratio_to_{name}"] = round(statistics.median(ratios), 1) if ratios else None
        if theirs:
            found[name] = {
                "items": theirs[0].items,
                "cpu_ms_per_item": _cpu(theirs),
                "workers": daemons,
                "setting": best,
                "items_per_s_by_setting": {str(setting): _rate(rounds) for setting, rounds in measured.items()},
                "lost": sum(one.lost for one in theirs),
                "doubled": sum(one.doubled for one in theirs),
            }
    return found


@click.command()
@click.option("--items", default=6_000, show_default=True, help="Items through the four stages.")
@click.option("--rounds", default=3, show_default=True, help="Interleaved rounds; medians are told.")
@click.option("--kills", default=5, show_default=True, help="How often a daemon is killed in the middle.")
@click.option("--daemons", default=3, show_default=True, help="Processes at once, ours and a peer's.")
@click.option("--limit-s", default=20.0, show_default=True, help="For how long a service is asked by all daemons.")
@click.option("--short", is_flag=True, help="A few items and one of everything: whether it works, not how fast.")
@click.option("--json", "as_json", is_flag=True)
def command(items: int, rounds: int, kills: int, daemons: int, limit_s: float, *, short: bool, as_json: bool) -> None:
    """Measure several daemons on one PostgreSQL, beside other queues on it."""
    if short:
        items, rounds, kills, limit_s = 60, 1, 1, 4.0
    result = measure(items, rounds, kills, daemons, limit_s)
    if as_json:
        click.echo(json.dumps(result, indent=1))
        return
    for name, value in result.items():
        click.echo(f"{name:28} {json.dumps(value) if isinstance(value, dict) else value}")
