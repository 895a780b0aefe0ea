"""Procrastinate with its asynchronous connector: every item four jobs, each deferred by the one before.

    python fleet_procrastinate.py URL RAN CONCURRENCY [--fill ITEMS]

`--fill` makes its tables and the first jobs. Else a worker: "ready" is said, a line awaited, and a line written to RAN
for every job that runs, until it is ended.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys

import procrastinate

STAGES = ("extraction", "enrichment", "queueing", "download")


def app_of(url: str, ran: int, most: int) -> tuple[procrastinate.App, list[procrastinate.tasks.Task]]:
    """Its four tasks."""
    app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=url, min_size=2, max_size=most))
    tasks: list[procrastinate.tasks.Task] = []

    def make(number: int) -> procrastinate.tasks.Task:
        async def step(item: int) -> None:
            os.write(ran, f"{STAGES[number]} {item}\n".encode())
            if number + 1 < len(STAGES):
                await tasks[number + 1].defer_async(item=item)

        return app.task(name=STAGES[number])(step)

    tasks += [make(number) for number in range(len(STAGES))]
    return app, tasks


async def main(url: str, ran: str, concurrency: int, fill: int) -> None:
    """Fill, or work."""
    file = os.open(ran, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    app, tasks = app_of(url, file, 10)
    async with app.open_async():
        if fill:
            await app.schema_manager.apply_schema_async()
            for start in range(0, fill, 500):
                await tasks[0].batch_defer_async(*({"item": item} for item in range(start, min(fill, start + 500))))
            return
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        await app.run_worker_async(
            concurrency=concurrency,
            delete_jobs="successful",
            fetch_job_polling_interval=0.2,
            abort_job_polling_interval=60.0,
            install_signal_handlers=False,
        )


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[5]) if len(sys.argv) > 5 else 0))
