"""The soak's life and weather follow from the seed, and its folder remembers how far it is."""

from __future__ import annotations

import json
from itertools import islice
from pathlib import Path

import click
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from proofs.soak.folder import SoakFolder, Terms
from proofs.soak.life import ENTRIES_MOST, arrival, cited, work, write_universe
from proofs.soak.weather import episodes, in_force

from dl_lit.replica.faults import Fault

TERMS = Terms(seed=3, every_s=15.0, time_scale=10.0, port=4_711)


# --- life


def test_files_that_arrive_are_new_but_for_the_copies_and_the_same_for_one_seed() -> None:
    arrivals = [arrival(1, number) for number in range(24)]
    contents = {one.content for one in arrivals}
    assert len(contents) == 24 - sum(one.kind == "copy" for one in arrivals)
    assert {one.kind for one in arrivals} >= {"made", "sample", "copy"}
    assert len({one.name for one in arrivals}) == 24
    assert arrival(1, 7).name == arrivals[7].name
    assert arrival(2, 7).content != arrivals[7].content


def test_papers_cite_new_works_known_ones_and_some_that_nobody_has(tmp_path: Path) -> None:
    write_universe(tmp_path / "universe.jsonl", 40)
    lines = (tmp_path / "universe.jsonl").read_text(encoding="utf-8").splitlines()
    known = {json.loads(line)["title"] for line in lines}
    seen: set[int] = set()
    new = again = absent = 0
    for number in range(40):
        for one in cited(1, number):
            again += one in seen
            new += one not in seen and work(one)["title"] in known
            absent += work(one)["title"] not in known
            seen.add(one)
    assert new > 4 * again > 0
    assert new > 4 * absent > 0


def test_the_universe_is_only_ever_made_longer(tmp_path: Path) -> None:
    path = tmp_path / "universe.jsonl"
    write_universe(path, 3)
    short = path.read_bytes()
    write_universe(path, 5)
    long = path.read_bytes()
    write_universe(path, 4)
    assert path.read_bytes() == long
    assert long.startswith(short)
    assert long.count(b"\n") - short.count(b"\n") == 2 * ENTRIES_MOST


def test_no_two_works_share_a_title_or_a_doi() -> None:
    works = [work(number) for number in range(5_000)]
    assert len({one["title"] for one in works}) == 5_000
    assert len({one["doi"] for one in works if "doi" in one}) == sum("doi" in one for one in works)


# --- weather


@given(st.integers(0, 50), st.floats(0, 20_000))
@settings(max_examples=40)
def test_the_weather_is_the_same_whenever_it_is_asked(seed: int, at_s: float) -> None:
    until = [one for one in islice(episodes(seed), 600) if one.start_s <= at_s < one.end_s]
    assert in_force(seed, at_s) == [one.fault for one in until] == in_force(seed, at_s)


def test_faults_come_and_go_and_are_such_as_the_replica_takes() -> None:
    some = list(islice(episodes(1), 300))
    assert len({Fault.from_json(one.fault).kind for one in some}) > 15
    busy = [len(in_force(1, second)) for second in range(0, 7_200, 30)]
    assert min(busy) == 0
    assert 1 < sum(busy) / len(busy) < 4


# --- folder


def test_a_soak_goes_on_where_it_was_though_its_last_line_was_cut_off(tmp_path: Path) -> None:
    folder = SoakFolder(tmp_path / "soak")
    folder.agree(TERMS)
    folder.add_sample({"done_s": 61.5, "at": 1.0})
    folder.add_arrival({"name": "000000-made.pdf"})
    folder.add_segment({"segment": 0, "pid": 12})
    with (folder.path / "samples.jsonl").open("ab") as file:
        file.write(b'{"done_s": 66')
    again = SoakFolder(tmp_path / "soak")
    with again.held():
        assert (again.done_s, len(again.arrivals)) == (61.5, 1)
        again.add_sample({"done_s": 70.0, "at": 2.0})
    assert [one["done_s"] for one in again.samples] == [61.5, 70.0]
    assert again.agreed(Terms(seed=9, every_s=1.0, time_scale=1.0)) == TERMS


def test_a_new_soak_keeps_to_what_is_asked_for(tmp_path: Path) -> None:
    folder = SoakFolder(tmp_path)
    assert (folder.agreed(TERMS), folder.done_s, folder.samples, folder.segments) == (TERMS, 0.0, [], [])


def test_what_is_known_of_a_process_is_told_together(tmp_path: Path) -> None:
    folder = SoakFolder(tmp_path)
    folder.add_segment({"segment": 0, "pid": 12})
    folder.add_segment({"segment": 1, "pid": 13})
    folder.add_segment({"segment": 1, "code": 0})
    assert folder.segments == [{"segment": 0, "pid": 12}, {"segment": 1, "pid": 13, "code": 0}]


def test_two_soaks_do_not_share_a_folder(tmp_path: Path) -> None:
    with SoakFolder(tmp_path).held(), pytest.raises(click.ClickException, match="runs in"), SoakFolder(tmp_path).held():
        pass
