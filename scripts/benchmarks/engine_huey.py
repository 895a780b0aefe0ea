"""huey with its SQLite storage, as it comes: every item a chain of four tasks, eight worker threads.

    python -m benchmarks.engine_huey FOLDER --items N [--told FD]

The storage's `fsync` is left as it comes, which is SQLite's own default: `synchronous=FULL`. Each finished item is a
row in a table beside huey's, so that a second process can count them. Without `--items` it works off what is left.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import sqlite3
import threading
import time
from pathlib import Path

import click
from huey import SqliteHuey
from huey.consumer import Consumer

_WORKERS = 8


def run(folder: Path, *, items: int, expected: int, told: int | None, patience_s: float) -> dict[str, float]:
    """Queue `items` chains and work until `expected` items are finished, or no task was run for `patience_s`."""
    huey = SqliteHuey("bench", filename=str(folder / "huey.db"))
    done = sqlite3.connect(folder / "done.db", isolation_level=None, check_same_thread=False)
    done.execute("PRAGMA synchronous=OFF")  # the count must not be what is measured
    done.execute("PRAGMA journal_mode=WAL")
    done.execute("CREATE TABLE IF NOT EXISTS done (item INTEGER)")
    lock, finished, last = threading.Lock(), threading.Event(), [time.monotonic()]
    (count,) = done.execute("SELECT count(DISTINCT item) FROM done").fetchone()
    counted = [count]

    def extraction(item: int) -> int:
        last[0] = time.monotonic()
        return item

    def enrichment(item: int) -> int:
        last[0] = time.monotonic()
        return item

    def queueing(item: int) -> int:
        last[0] = time.monotonic()
        return item

    def download(item: int) -> None:
        with lock:
            last[0] = time.monotonic()
            done.execute("INSERT INTO done VALUES (?)", (item,))
            counted[0] += 1
            if told is not None:
                os.write(told, f"{counted[0]}\n".encode())
            if counted[0] >= expected:
                finished.set()

    tasks = [huey.task()(step) for step in (extraction, enrichment, queueing, download)]
    for item in range(items):
        huey.enqueue(tasks[0].s(item).then(tasks[1]).then(tasks[2]).then(tasks[3]))
    # Its consumer wants the signals of the main thread, which are ours here.
    consumer = Consumer(huey, workers=_WORKERS, periodic=False, initial_delay=0.01, max_delay=0.1)
    consumer._set_signal_handlers = lambda: None  # noqa: SLF001 - as above
    wall, cpu = time.perf_counter(), time.process_time()
    last[0] = time.monotonic()
    consumer.start()
    while not finished.wait(0.05):
        if time.monotonic() - last[0] > patience_s:
            break
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    (count,) = done.execute("SELECT count(DISTINCT item) FROM done").fetchone()
    return {"seconds": wall, "cpu_s": cpu, "done": count}


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--items", type=int, default=0)
@click.option("--expected", type=int, required=True)
@click.option("--told", type=int)
@click.option("--patience-s", type=float, default=5.0)
def main(folder: Path, items: int, expected: int, told: int | None, patience_s: float) -> None:
    """Run, and print the figures."""
    logging.disable(logging.CRITICAL)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    figures = run(folder, items=items, expected=expected, told=told, patience_s=patience_s)
    click.echo(json.dumps(figures))
    os._exit(0)  # its threads are not waited for: only the figures were wanted


if __name__ == "__main__":
    main()
