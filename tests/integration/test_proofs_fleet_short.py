"""The proof of fleets, in short: two daemons on PostgreSQL do what one does on SQLite, with one of them killed."""

from __future__ import annotations

from pathlib import Path

from benchmarks.fleet_places import Places
from postgres_server import Server
from proofs.fleet.crew import Ground, fleet
from proofs.fleet.kinds import LOCKED_S, Course, kill_one
from proofs.fleet.left import judged
from proofs.fleet.proof import on_sqlite
from proofs.scene import scene

_FAST = 100
_LATENCY_S = dict.fromkeys(("openalex", "crossref", "publisher", "repository"), (20.0, 20.0))

_WORKERS = {"extraction": 1, "enrichment": 1, "queueing": 1, "download": 2}  # nobody takes all at once


def test_a_killed_daemon_costs_nothing_and_the_result_is_that_of_sqlite(postgres: Server, tmp_path: Path) -> None:
    with scene(tmp_path, 1, entries=6, time_scale=_FAST, workers=_WORKERS, latency_s=_LATENCY_S) as place:
        ground = Ground(place, Places("loopback", are_apart=False), postgres, daemons=2, lease_s=30.0)
        expected = on_sqlite(ground, tmp_path / "sqlite")
        course = Course()
        with fleet(ground, tmp_path / "fleet", "fleet_short") as crew:
            kill_one(crew, course, 1)
            crew.begin(1)  # it removes its unfinished files; nobody else does within a day
            assert crew.finish() == []
            found, differing = judged(crew, expected)
    assert course.amiss == []
    assert course.disturbances == 1
    assert all(one.freed_s <= LOCKED_S for one in course.takeovers)
    assert found.files
    assert differing.told == ()
