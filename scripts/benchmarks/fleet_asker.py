"""One daemon's network side, asking one service as fast as it is let.

    python -m benchmarks.fleet_asker RAN THREADS

Settings come from the environment. "ready" is said once all is open, a line awaited; it asks until it is ended.
"""

from __future__ import annotations

import itertools
import os
import random
import signal
import sys
import threading
from contextlib import suppress
from pathlib import Path

import click

from dl_lit.app.network import Network
from dl_lit.core.clock import SystemClock
from dl_lit.core.errors import RequestRefused, ServiceError
from dl_lit.settings import load

SERVICE = "datacite"  # it tells no limits of its own, which would count as well


@click.command()
@click.argument("ran", type=click.Path(path_type=Path))
@click.argument("threads", type=int)
def main(ran: Path, threads: int) -> None:
    """Ask until ended."""
    numbers, ended = itertools.count(), threading.Event()
    with Network(load().settings, clock=SystemClock(), chance=random.Random(os.getpid())) as network:

        def ask() -> None:
            while not ended.is_set():
                with suppress(RequestRefused, ServiceError):
                    network.direct.get(
                        SERVICE, "/dois", [("page[size]", "1"), ("query", f"{os.getpid()}-{next(numbers)}")]
                    )

        signal.signal(signal.SIGTERM, lambda *_: ended.set())
        click.echo("ready")
        sys.stdout.flush()
        sys.stdin.readline()
        ran.touch()
        asking = [threading.Thread(target=ask, daemon=True) for _ in range(threads)]
        for thread in asking:
            thread.start()
        while not ended.wait(0.1):
            pass
        network.stop()


if __name__ == "__main__":
    main()
