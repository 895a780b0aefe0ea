"""The floor: four stages of threads, a queue each, one recorder that commits what has gathered. Nothing else.

    python -m benchmarks.engine_floor FOLDER --items N

No retries, no fences, no due times, no duplicates, no permits, no logs, no JSON: an item's move is a row deleted here,
a row added there and a row in the log of attempts, as any engine of this kind must write them durably.
"""

from __future__ import annotations

import json
import queue
import sqlite3
import threading
import time
from pathlib import Path

import click

_WORKERS = (2, 4, 2, 8)
_ROOMS = ("r0", "r1", "r2", "r3", "r4")
_LEAVE = tuple(f"DELETE FROM {room} WHERE id = ?" for room in _ROOMS)  # noqa: S608 - names of ours
_ENTER = tuple(f"INSERT INTO {room} VALUES (?, ?)" for room in _ROOMS)  # noqa: S608
_GROUP = 256


class Floor:
    """The bare loop."""

    def __init__(self, database: Path, items: int) -> None:
        """Make the tables and fill the first room."""
        self._items = items
        self._connection = sqlite3.connect(database, isolation_level=None, check_same_thread=False)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=FULL")
        for room in _ROOMS:
            self._connection.execute(f"CREATE TABLE {room} (id INTEGER PRIMARY KEY, payload TEXT NOT NULL)")
        self._connection.execute("CREATE TABLE attempts (id INTEGER PRIMARY KEY, stage INTEGER, item INTEGER)")
        self._connection.execute("BEGIN")
        self._connection.executemany("INSERT INTO r0 VALUES (?, ?)", ((n, f"/papers/{n}.pdf") for n in range(items)))
        self._connection.execute("COMMIT")
        self._queues: list[queue.Queue[tuple[int, str] | None]] = [queue.Queue(32) for _ in _WORKERS]
        self._answers: queue.Queue[tuple[int, int, str]] = queue.Queue(512)

    def _work(self, stage: int) -> None:
        while (item := self._queues[stage].get()) is not None:
            self._answers.put((stage, item[0], f"{item[1]} {stage}"))

    def _feed(self) -> None:
        for row in self._connection.execute("SELECT id, payload FROM r0").fetchall():
            self._queues[0].put(row)

    def _record(self, ready: list[queue.SimpleQueue[tuple[int, str]]]) -> None:
        left = self._items
        while left:
            group = [self._answers.get()]
            while len(group) < _GROUP and not self._answers.empty():
                group.append(self._answers.get())
            self._connection.execute("BEGIN IMMEDIATE")
            for stage in range(4):
                moved = [(item, payload) for at, item, payload in group if at == stage]
                if moved:
                    self._connection.executemany(_LEAVE[stage], [(item,) for item, _ in moved])
                    self._connection.executemany(_ENTER[stage + 1], moved)
            self._connection.executemany(
                "INSERT INTO attempts (stage, item) VALUES (?, ?)", [(stage, item) for stage, item, _ in group]
            )
            self._connection.execute("COMMIT")
            for stage, item, payload in group:
                if stage < 3:
                    ready[stage].put((item, payload))
                else:
                    left -= 1

    def _hand_on(self, stage: int, ready: queue.SimpleQueue[tuple[int, str]]) -> None:
        for _ in range(self._items):
            self._queues[stage + 1].put(ready.get())

    def run(self) -> dict[str, float]:
        """Work everything off."""
        ready: list[queue.SimpleQueue[tuple[int, str]]] = [queue.SimpleQueue() for _ in range(3)]
        workers = [
            threading.Thread(target=self._work, args=(stage,))
            for stage, count in enumerate(_WORKERS)
            for _ in range(count)
        ]
        others = [threading.Thread(target=self._hand_on, args=(stage, ready[stage])) for stage in range(3)]
        others += [threading.Thread(target=self._feed), threading.Thread(target=self._record, args=(ready,))]
        wall, cpu = time.perf_counter(), time.process_time()
        for thread in (*workers, *others):
            thread.start()
        for thread in others:
            thread.join()
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        for stage, count in enumerate(_WORKERS):
            for _ in range(count):
                self._queues[stage].put(None)
        for thread in workers:
            thread.join()
        (done,) = self._connection.execute("SELECT count(*) FROM r4").fetchone()
        self._connection.close()
        return {"seconds": wall, "cpu_s": cpu, "done": done}


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--items", type=int, required=True)
def main(folder: Path, items: int) -> None:
    """Run, and print the figures."""
    click.echo(json.dumps(Floor(folder / "floor.db", items).run()))


if __name__ == "__main__":
    main()
