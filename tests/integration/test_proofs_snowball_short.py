"""Snowballing in short: a small world that cites itself, run in this process and held against the plan."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from proofs.snowball.judging import Picture, Plan, picture, problems
from proofs.snowball.world import Size, World, world

from dl_lit.app.run import RunResult, run_once
from dl_lit.app.workshop import Workshop
from dl_lit.settings import load

PLAN = Plan(depth=2, per_level=3, max_references=20)


class NeverStop:
    def should_stop(self) -> bool:
        return False

    def should_hurry(self) -> bool:
        return False


def run(place: World, folder: Path, **wanted: str) -> RunResult:
    env = place.environment(folder) | {
        "HOME": str(folder),
        "DL_LIT_SNOWBALL_DEPTH": "2",
        "DL_LIT_SNOWBALL_PER_LEVEL": "3",
        "DL_LIT_SNOWBALL_MAX_REFERENCES": "20",
        "DL_LIT_SNOWBALL_LEAST_NEW": "0",
        **wanted,
    }
    with Workshop(load(env=env).settings, "process-folder") as shop:
        return run_once(shop, sorted(place.papers.glob("*.pdf")), NeverStop())


@dataclass(frozen=True)
class Done:
    """Two runs on the same papers, and what each left."""

    place: World
    database: Path
    first: RunResult
    again: RunResult
    after_first: Picture


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Done]:
    base = tmp_path_factory.mktemp("snowball")
    with world(base, Size(sources=2, works=40, entries=4, giant=35)) as place:
        first = run(place, base, DL_LIT_SNOWBALL_CITED_BY="true", DL_LIT_SNOWBALL_CITED_BY_MAX="2")
        after_first = picture(base / "bench.db")
        yield Done(place, base / "bench.db", first, run(place, base), after_first)


def test_a_folder_is_read_two_levels_deep_as_planned_and_nothing_is_fetched_twice(done: Done) -> None:
    document = done.first.document
    assert list(problems(done.database, PLAN, document["run"])) == []
    assert max(done.place.fetched().values()) == 1
    assert done.after_first.sources == {0: 2, 1: 3, 2: 3}
    assert done.after_first.cut > 0
    assert [level["stopped"] for level in document["levels"]] == ["level-budget", "level-budget", "depth"]


def test_works_that_cite_ones_own_papers_are_taken_in_once(done: Done) -> None:
    found = done.first.document["citing"]
    assert (found["sources"], found["put_off"]) == (2, 0)
    assert found["works"] <= 4
    assert len(done.place.asked("filter=cites")) == 2
    assert done.again.document["citing"] is None


def test_the_same_run_once_more_finds_all_of_it_done(done: Done) -> None:
    """It has the same sources, found by the run before it, and adds nothing."""
    assert picture(done.database) == done.after_first
    assert done.again.document["run"] == done.first.document["run"] + 1
    assert [one["next"] for one in done.again.document["levels"]] == [
        one["next"] for one in done.first.document["levels"]
    ]


def test_the_judge_sees_what_is_not_as_planned(done: Done) -> None:
    """A proof that saw nothing would prove nothing."""
    found = list(problems(done.database, Plan(depth=0, per_level=1, max_references=1), 99))
    assert any("beyond the depth" in one for one in found)
    assert any("references were taken" in one for one in found)
    assert any("the run has 0 sources" in one for one in found)
