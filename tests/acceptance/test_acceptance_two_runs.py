"""Two runs at the same time, on two databases or of two hosts: together they ask no more than one of them may."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

from dl_lit.replica.log import Entry
from tests.fakes.databases import ON_POSTGRES, database_in, named
from tests.fakes.program import Home, replica_of, write_papers

SCALE = 4.0  # the replica's time against ours: slow enough that two cores deliver requests when they were let go
ON_THE_WAY_S = 0.25  # that one request may take longer to arrive than the next: a third of arXiv's gap


def early_s(entries: Sequence[Entry]) -> list[float]:
    """By how much refused requests came too early, in our seconds; without an end where it was not only a moment.

    Who is refused by the one arXiv allows in three seconds may have been overtaken by the machine's own delays.
    """
    found = []
    for before, entry in pairwise([None, *entries]):
        if entry is not None and (entry.refused or entry.status == 429):
            is_gap = before is not None and entry.site == "arxiv" and entry.refused == "rate"
            found.append(3.0 / SCALE - (entry.at - before.at) if is_gap else math.inf)
    return found


def test_two_runs_keep_the_services_limits_together(make_home: Callable[..., Home], tmp_path: Path) -> None:
    """By the replica's own log, which refuses whoever comes too early: nobody sends anything too early."""
    papers = write_papers(tmp_path / "papers", sources=2, entries=8, arxiv_percent=20, hosts=8)
    with replica_of(papers.records, scale=SCALE, latency_s=0.2, hosts=16) as replica:
        # What one machine's processes have in common is a folder; what hosts have, their database.
        common = {"DB": named(database_in(tmp_path))} if ON_POSTGRES else {"STATE_FOLDER": tmp_path / "state"}
        homes = [make_home(replica, name, scale=SCALE, **common) for name in ("first", "second")]
        running = [home.start("process-folder-concurrent", papers.folder, "--json", "--quiet") for home in homes]
        ended = [program.end(100.0) for program in running]
        status = homes[0].here("status", "--json").document
        entries = replica.log.entries()
    assert [one.code for one in ended] == [0, 0], [one.err for one in ended]
    asked: dict[str, int] = {}
    for one in ended:
        for name, number in one.document["requests"].items():
            asked[name] = asked.get(name, 0) + number
    services = {one["service"]: one for one in status["services"]}
    for name in ("openalex", "crossref", "arxiv"):
        mine = [entry for entry in entries if entry.site == name]
        assert [late for late in early_s(mine) if late > ON_THE_WAY_S] == [], name
        assert services[name]["requests_today"] == asked[name] > 0
    spent = services["openalex"]["credits_per_day"] - services["openalex"]["credits_left"]
    assert spent == sum(entry.credits for entry in entries if entry.site == "openalex")
    assert {one["in_flight"] for one in services.values()} == {0}
    assert "a-key" not in json.dumps(status)
