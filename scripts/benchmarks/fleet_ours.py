"""One daemon of dl_lit's engine on PostgreSQL, with four stages that find everything at once.

    python -m benchmarks.fleet_ours ADDRESS FOLDER RAN [--lease-s 60] [--hold]

"ready" is said once all is open, a line awaited, and a line written to RAN for every item that a stage is asked about;
it works until it is ended. `--hold`: no item is ever finished. What surrounds an item is as in `engine_ours`.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import threading
from pathlib import Path

import click
from benchmarks.engine_ours import WORKERS, AtOnce, gate

from db.lock import PipelineLock
from db.stores import open_store
from dl_lit import logs
from dl_lit.app.item_log import log_items
from dl_lit.app.recognising import RECOGNISER
from dl_lit.core.clock import SystemClock
from dl_lit.core.database_address import signpost
from dl_lit.core.job import Claim
from dl_lit.core.model import StageName
from dl_lit.net.gate import Verdict
from dl_lit.runtime import collector
from dl_lit.runtime.brakes import Gauges
from dl_lit.runtime.lease import keeping_lease
from dl_lit.runtime.line import Surroundings
from dl_lit.runtime.outage import Outage
from dl_lit.runtime.pipeline import Pipeline, Shape


def work(address: str, folder: Path, ran: Path, *, lease_s: float, hold: bool) -> None:
    """Work what is in the database at `address`; `folder` is this daemon's own."""
    folder.mkdir(parents=True, exist_ok=True)
    clock, chance, ended = SystemClock(), random.Random(os.getpid()), threading.Event()
    logs.configure(form="json", file=folder / "items.log", file_mb=1_000)
    written = os.open(ran, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    permits = gate(clock, chance)
    never = threading.Event()

    def asked(claim: Claim) -> None:
        os.write(written, f"{claim.stage.value} {claim.id}\n".encode())
        if hold:
            never.wait()
        if claim.stage is StageName.ENRICHMENT:
            permits.release(permits.acquire(), Verdict.ANSWERED, status=200)

    path = signpost(address, folder)
    with PipelineLock(path, "bench", clock):
        store, outage = open_store(path, clock, RECOGNISER, lease_s=lease_s), Outage(clock)
        pipeline = Pipeline(
            [AtOnce(name, asked) for name in StageName],
            store,
            Shape(workers=WORKERS, queue_size=256),
            clock=clock,
            chance=chance,
            read_pressure=Gauges((folder,), clock).read,
            on_recorded=log_items,
            surroundings=Surroundings(outage=outage),
        )
        signal.signal(signal.SIGTERM, lambda *_: ended.set())
        collector.calm()
        with keeping_lease(store, pipeline.look_at_once, outage):
            click.echo("ready")
            sys.stdout.flush()
            sys.stdin.readline()
            pipeline.start()
            pipeline.run_until(ended.is_set)
            pipeline.stop(hurry=lambda: hold)
        store.close()
    logs.close()


@click.command()
@click.argument("address")
@click.argument("folder", type=click.Path(path_type=Path))
@click.argument("ran", type=click.Path(path_type=Path))
@click.option("--lease-s", default=60.0)
@click.option("--hold", is_flag=True)
def main(address: str, folder: Path, ran: Path, lease_s: float, *, hold: bool) -> None:
    """Work until ended."""
    work(address, folder, ran, lease_s=lease_s, hold=hold)


if __name__ == "__main__":
    main()
