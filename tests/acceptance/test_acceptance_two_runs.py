"""Two runs on two databases at the same time: together they ask no more than one of them may."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from tests.fakes.program import Home, replica_of, write_papers

SCALE = 4.0  # the replica's time against ours: slow enough that two cores deliver requests when they were let go


def test_two_runs_keep_the_services_limits_together(make_home: Callable[..., Home], tmp_path: Path) -> None:
    """By the replica's own log, which refuses whoever comes too early: nobody does."""
    papers = write_papers(tmp_path / "papers", sources=2, entries=8, arxiv_percent=20, hosts=8)
    with replica_of(papers.records, scale=SCALE, latency_s=0.2, hosts=16) as replica:
        shared = tmp_path / "state"
        homes = [make_home(replica, name, scale=SCALE, STATE_FOLDER=shared) for name in ("first", "second")]
        running = [home.start("process-folder-concurrent", papers.folder, "--json", "--quiet") for home in homes]
        ended = [program.end(100.0) for program in running]
        status = homes[0].run("status", "--json").document
        entries = replica.log.entries()
    assert [one.code for one in ended] == [0, 0], [one.err for one in ended]
    asked: dict[str, int] = {}
    for one in ended:
        for name, number in one.document["requests"].items():
            asked[name] = asked.get(name, 0) + number
    services = {one["service"]: one for one in status["services"]}
    for name in ("openalex", "crossref", "arxiv"):
        mine = [entry for entry in entries if entry.site == name]
        assert [entry for entry in mine if entry.refused or entry.status == 429] == [], name
        assert services[name]["requests_today"] == asked[name] > 0
    spent = services["openalex"]["credits_per_day"] - services["openalex"]["credits_left"]
    assert spent == sum(entry.credits for entry in entries if entry.site == "openalex")
    assert {one["in_flight"] for one in services.values()} == {0}
    assert "a-key" not in json.dumps(status)
