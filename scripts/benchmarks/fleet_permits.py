"""How many permits of one service several processes get through the database, how long they wait, how fairly.

    python -m benchmarks.fleet_permits [--seconds 6] [--processes 3] [--threads 8]

from scripts/: a server of its own with fsync, a limit that nobody reaches, each permit given back at once. One line of
JSON. What it tells of the machine that it was run on stands in docs/fleet-limits.md.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
from postgres_server import Server

from db.postgres.fleet.states import FleetStates
from dl_lit.core.clock import SystemClock
from dl_lit.core.database_address import signpost
from dl_lit.core.services import Window
from dl_lit.core.sharing import Granted, LaneWish, Wish

_LANE = LaneWish("", (Window(100_000, 1.0),), 0.0, 1_000)
_PLACE = "bench"


def permits(server: Server, *, seconds: float, processes: int, threads: int) -> dict[str, Any]:
    """`permits_per_s` of all processes together, those of each, and the longest that one thread waited."""
    address = server.new_database("permits")
    command = [sys.executable, "-m", "benchmarks.fleet_permits", "--at", address]
    command += ["--seconds", str(seconds), "--threads", str(threads)]
    here = Path(__file__).parents[1]
    children = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=here) for _ in range(processes)]
    told = [json.loads(child.communicate()[0].splitlines()[-1]) for child in children]
    each = [one["permits"] for one in told]
    return {
        "permits_per_s": round(sum(each) / seconds, 1),
        "permits_each": each,
        "longest_wait_s": max(one["longest_wait_s"] for one in told),
        "refused": sum(one["refused"] for one in told),
    }


def ask(address: str, seconds: float, threads: int) -> dict[str, Any]:
    """What one process gets."""
    got, waits, refused, lock = [0] * threads, [0.0], [0], threading.Lock()
    with TemporaryDirectory() as folder:
        states = FleetStates(signpost(address, Path(folder)), SystemClock())
        states.change(_PLACE, lambda _state: None)
        end = time.monotonic() + seconds

        def work(number: int) -> None:
            while (asked := time.monotonic()) < end:
                is_given = _got_one(states)
                got[number] += is_given
                with lock:
                    refused[0] += not is_given
                    waits.append(time.monotonic() - asked)

        hands = [threading.Thread(target=work, args=(number,)) for number in range(threads)]
        for hand in hands:
            hand.start()
        for hand in hands:
            hand.join()
        states.close()
    return {"permits": sum(got), "longest_wait_s": round(max(waits), 3), "refused": refused[0]}


def _got_one(states: FleetStates) -> bool:
    """Ask for a permit, and give it back."""
    now = states.time(0.0)
    wish = Wish(holder=states.me, lanes=(_LANE,), at=now, now=now)
    answer = states.change(_PLACE, lambda state: state.grant(wish, states.is_alive))
    if not isinstance(answer, Granted):
        return False
    states.change(_PLACE, lambda state: state.end(states.me, answer.lease))
    return True


@click.command()
@click.option("--at", "address", help="Be one of the processes, on this database.")
@click.option("--seconds", default=6.0, show_default=True)
@click.option("--processes", default=3, show_default=True)
@click.option("--threads", default=8, show_default=True)
def main(address: str | None, seconds: float, processes: int, threads: int) -> None:
    """Ask for permits as fast as they are given."""
    if address is not None:
        told = ask(address, seconds, threads)
    else:
        with Server(durable=True) as server:
            told = permits(server, seconds=seconds, processes=processes, threads=threads)
    click.echo(json.dumps(told))


if __name__ == "__main__":
    main()
