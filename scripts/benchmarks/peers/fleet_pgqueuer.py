"""PgQueuer on asyncpg, its quicker driver: every item four jobs, each enqueued by the one before.

    python fleet_pgqueuer.py URL RAN BATCH [--fill ITEMS]

As `fleet_procrastinate.py`; BATCH is how many jobs it takes at once.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from datetime import timedelta

import asyncpg
import uvloop
from pgqueuer import PgQueuer, Queries
from pgqueuer.models import Job

STAGES = ("extraction", "enrichment", "queueing", "download")


async def main(url: str, ran: str, batch: int, fill: int) -> None:
    """Fill, or work."""
    file = os.open(ran, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    connection = await asyncpg.connect(url)
    if fill:
        queries = Queries.from_asyncpg_connection(connection)
        await queries.install()
        for start in range(0, fill, 500):
            items = [str(item).encode() for item in range(start, min(fill, start + 500))]
            await queries.enqueue([STAGES[0]] * len(items), list(items), [0] * len(items))
        await connection.close()
        return
    queuer = PgQueuer.from_asyncpg_connection(connection)

    def make(number: int) -> None:
        @queuer.entrypoint(STAGES[number])
        async def step(job: Job) -> None:
            os.write(file, f"{STAGES[number]} {(job.payload or b'').decode()}\n".encode())
            if number + 1 < len(STAGES):
                await queuer.queries.enqueue(STAGES[number + 1], job.payload)

    for number in range(len(STAGES)):
        make(number)
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    await queuer.run(dequeue_timeout=timedelta(seconds=0.2), batch_size=batch)


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    uvloop.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[5]) if len(sys.argv) > 5 else 0))
