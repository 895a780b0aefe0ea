"""What several daemons ask of one service together, held against what one is allowed: from the replica's log.

Each has a state of its own and knows of the others by the database alone. The replica answers all, so that nothing but
the daemons' own politeness bounds them.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

from benchmarks.fleet_asker import SERVICE
from benchmarks.fleet_crew import Crew, Worker
from benchmarks.fleet_places import Places
from benchmarks.fleet_speed import Bench

from dl_lit.replica.server import Replica
from dl_lit.replica.universe import Universe

RATE = 20
"""Requests a second that the service allows."""

_THREADS = 8
_RECORD = {"title": "A work", "doi": "10.1000/1", "year": 2020, "type": "article-journal"}


def limits(bench: Bench, places: Places, *, seconds: float) -> dict[str, Any]:
    """`limit_ratio`: of what may be asked, how much was, from one request to the one that has it leave its window."""
    del places  # the replica is on loopback, which a namespace does not reach
    place = bench.place()
    address = bench.database(1, place)
    with Replica(Universe.from_records([_RECORD]), enforce_limits=False, hosts=4) as replica:
        workers = []
        for number in range(bench.daemons):
            own = place / f"asker-{number}"
            own.mkdir()
            environment = {
                **replica.env(),
                **{f"XDG_{name}_HOME": str(own / name.lower()) for name in ("CONFIG", "DATA", "STATE", "CACHE")},
                "DL_LIT_DB": address,
                "DL_LIT_CONTACT_EMAIL": "reader@library-of-shores.org",
                f"DL_LIT_{SERVICE.upper()}_RATE": f"{RATE}/1",
                f"DL_LIT_{SERVICE.upper()}_CONCURRENCY": "16",
            }
            command = [sys.executable, "-m", "benchmarks.fleet_asker", str(own / "ran"), str(_THREADS)]
            workers.append(Worker(command, own / "ran", environment))
        with Crew(workers) as crew:
            crew.go()
            time.sleep(seconds)
        moments = sorted(one.at for one in replica.log.entries() if one.group == SERVICE)
        agents = Counter(one.user_agent for one in replica.log.entries())
    return {
        "limit_ratio": _share(moments),
        "limit_busiest_second": _busiest(moments),
        "limit_per_s": RATE,
        "limit_requests": len(moments),
        "limit_user_agents": len(agents),
    }


def _share(moments: Sequence[float]) -> float | None:
    if len(moments) <= RATE:
        return None
    windows = [later - earlier for earlier, later in zip(moments, moments[RATE:], strict=False)]
    return round(len(windows) / sum(windows), 3)


def _busiest(moments: Sequence[float]) -> int:
    """Most requests within any one second."""
    most = first = 0
    for last, moment in enumerate(moments):
        while moment - moments[first] >= 1.0:
            first += 1
        most = max(most, last - first + 1)
    return most
