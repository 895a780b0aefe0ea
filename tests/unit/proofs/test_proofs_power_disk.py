"""What a disk may keep when the power goes: the rules of the replayer, on journals made by hand."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from proofs.power.disk import SECTOR, Kept, Outage, files_in, materialise, remains
from proofs.power.tape import Tape, Unknown, played
from proofs.shim.journal import Call

OLD = b"old " * 300
NEW = b"new!" * 600
NEVER = 10**9


class Script:
    """Calls on a folder that has the file `old`, and what is left of it."""

    def __init__(self, root: Path) -> None:
        root.mkdir()
        (root / "old").write_bytes(OLD)
        self.root = root
        self.tape = Tape.of_folder(root)
        self.inodes = {"old": (root / "old").stat().st_ino, "": root.stat().st_ino}
        self.calls: list[Call] = []

    def _call(self, call: str, path: str, second: str = "", **more: object) -> Script:
        facts = {"offset": 0, "size": 0, "flags": 0, "data": b"", "inode": self.inodes.get(second or path, 0)} | more
        there = [str(self.root / one) if one else "" for one in (path, second)]
        there[0] = there[0] or str(self.root)
        number = len(self.calls) + 1
        self.calls.append(Call("k", number, 1, call, there[0], there[1], failed=False, **facts))  # type: ignore[arg-type]
        return self

    def make(self, path: str, call: str = "open", flags: int = os.O_CREAT) -> Script:
        self.inodes.setdefault(path, 10_000_000 + len(self.inodes))
        return self._call(call, path, flags=flags)

    def write(self, path: str, data: bytes = NEW, offset: int = 0) -> Script:
        return self._call("write", path, data=data, offset=offset, size=len(data))

    def sync(self, path: str) -> Script:
        return self._call("fsync", path)

    def cut_off(self, path: str, size: int) -> Script:
        return self._call("ftruncate", path, size=size)

    def rename(self, path: str, second: str) -> Script:
        self.inodes[second] = self.inodes.pop(path)
        return self._call("rename", path, second)

    def link(self, path: str, second: str) -> Script:
        self.inodes[second] = self.inodes[path]
        return self._call("link", path, second)

    def unlink(self, path: str) -> Script:
        return self._call("unlink", path, inode=0)

    def left(self, names: Kept, data: Kept | None, *, strict: bool = True, seed: int = 0) -> dict[str, bytes]:
        tape = Tape.of_folder(self.root)
        tape.record(self.calls)
        return dict(files_in(tape, remains(tape, Outage(NEVER, strict, names, data, seed))))


@pytest.fixture
def disk(tmp_path: Path) -> Script:
    return Script(tmp_path / "disk")


def test_what_was_not_synced_may_be_gone_name_and_all(disk: Script) -> None:
    disk.make("new").write("new").write("old", b"NEWER")
    assert disk.left(Kept.NOTHING, Kept.NOTHING) == {"old": OLD}
    assert disk.left(Kept.ALL, Kept.ALL) == {"old": b"NEWER" + OLD[5:], "new": NEW}


def test_a_name_without_its_bytes_is_empty_or_zeros(disk: Script) -> None:
    disk.make("new").write("new")
    assert disk.left(Kept.ALL, Kept.NOTHING)["new"] == b""
    assert disk.left(Kept.ALL, Kept.EMPTY)["new"] == bytes(len(NEW))


def test_a_file_that_was_synced_keeps_its_bytes_but_its_name_only_by_its_folder(disk: Script) -> None:
    disk.make("new").write("new").sync("new")
    assert "new" not in disk.left(Kept.NOTHING, Kept.NOTHING)
    assert disk.left(Kept.NOTHING, Kept.NOTHING, strict=False)["new"] == NEW  # a journaled disk is kinder
    assert disk.sync("").left(Kept.NOTHING, Kept.NOTHING)["new"] == NEW


def test_what_was_written_after_the_sync_is_not_sure(disk: Script) -> None:
    disk.make("new").write("new").sync("new").sync("").write("new", b"more", offset=len(NEW))
    assert disk.left(Kept.NOTHING, Kept.NOTHING)["new"] == NEW
    assert disk.left(Kept.NOTHING, Kept.ALL)["new"] == NEW + b"more"


def test_a_rename_happens_whole(disk: Script) -> None:
    disk.make("new").write("new").sync("new").sync("").rename("new", "old")
    assert disk.left(Kept.NOTHING, Kept.NOTHING) == {"old": OLD, "new": NEW}
    assert disk.left(Kept.ALL, Kept.NOTHING) == {"old": NEW}


def test_a_file_renamed_over_another_before_its_bytes_came_takes_its_place_empty(disk: Script) -> None:
    disk.make("new").write("new").rename("new", "old").sync("")
    assert disk.left(Kept.NOTHING, Kept.NOTHING) == {"old": b""}


def test_what_lies_in_a_folder_whose_name_was_not_synced_goes_with_it(disk: Script) -> None:
    disk.make("in", "mkdir").make("in/new").write("in/new").sync("in/new").sync("in")
    assert disk.left(Kept.NOTHING, Kept.NOTHING) == {"old": OLD}
    assert disk.left(Kept.ALL, Kept.NOTHING) == {"old": OLD, "in/new": NEW}


def test_a_file_that_was_removed_may_be_back(disk: Script) -> None:
    disk.unlink("old")
    assert disk.left(Kept.NOTHING, Kept.ALL) == {"old": OLD}
    assert disk.sync("").left(Kept.NOTHING, Kept.ALL) == {}


def test_a_file_cut_off_may_be_whole_again_but_nothing_written_later_is_older(disk: Script) -> None:
    disk.cut_off("old", 0).write("old", b"x")
    assert disk.left(Kept.ALL, Kept.NOTHING) == {"old": OLD}
    found = {disk.left(Kept.ALL, Kept.SOME, seed=seed)["old"] for seed in range(60)}
    assert found == {OLD, b"", b"x"}


def test_shared_memory_is_not_kept(disk: Script) -> None:
    disk.make("db-shm").write("db-shm").sync("db-shm").sync("")
    assert disk.left(Kept.ALL, Kept.ALL) == {"old": OLD}


def test_names_have_no_holes_in_their_history(disk: Script) -> None:
    disk.make("a").rename("a", "b").link("b", "c").unlink("b").make("b").rename("c", "d")
    for seed in range(200):
        found = disk.left(Kept.SOME, Kept.ALL, seed=seed)
        assert set(found) <= {"old", "a", "b", "c", "d"}
        assert not {"c", "d"} <= set(found)  # one file that was renamed


def test_the_same_seed_leaves_the_same(disk: Script) -> None:
    disk.make("a").write("a").make("b").write("b").rename("b", "old")
    for seed in range(20):
        assert disk.left(Kept.SOME, None, seed=seed) == disk.left(Kept.SOME, None, seed=seed)


def test_what_the_journal_has_not_told_of_is_noticed(disk: Script) -> None:
    disk.inodes["unseen"] = 77
    disk.write("unseen")
    with pytest.raises(Unknown):
        disk.left(Kept.ALL, Kept.ALL)


def test_links_stay_links_and_times_stay_when_the_folder_is_made_again(disk: Script, tmp_path: Path) -> None:
    disk.link("old", "too")
    tape = Tape.of_folder(disk.root)
    tape.record(disk.calls)
    materialise(tape, remains(tape, Outage(NEVER, True, Kept.ALL, Kept.ALL, 0)), tmp_path / "again")
    assert (tmp_path / "again" / "old").samefile(tmp_path / "again" / "too")
    assert (tmp_path / "again" / "old").stat().st_mtime_ns == (disk.root / "old").stat().st_mtime_ns


writes = some.lists(some.tuples(some.integers(0, 3_000), some.binary(min_size=1, max_size=2_000)), max_size=6)


@settings(max_examples=25)
@given(sure=writes, open_ones=writes, seed=some.integers(0, 1_000), kind=some.sampled_from([*Kept, None]))
def test_each_sector_is_as_it_was_or_as_something_has_written_it(
    tmp_path_factory: pytest.TempPathFactory, sure: Sequence, open_ones: Sequence, seed: int, kind: Kept | None
) -> None:
    """Whatever is chosen: what was synced stands wherever nothing was written later, or zeros."""
    disk = Script(tmp_path_factory.mktemp("sectors") / "disk")
    for at, data in sure:
        disk.write("old", data, at)
    disk.sync("old")
    for at, data in open_ones:
        disk.write("old", data, at)
    found = disk.left(Kept.ALL, kind, seed=seed)["old"]
    tape = Tape.of_folder(disk.root)
    tape.record(disk.calls)
    steps = [step for step in tape.steps if hasattr(step, "data")]
    states = [played(OLD, steps[:number]) for number in range(len(sure), len(steps) + 1)]  # type: ignore[arg-type]
    longest = max(map(len, states))
    assert len(found) <= longest
    for at in range(0, len(found), SECTOR):
        sector = range(at, min(at + SECTOR, len(found)))
        for place in sector:
            possible = {state[place] if place < len(state) else 0 for state in states} | {0}
            possible |= {data[place - start] for start, data in open_ones if start <= place < start + len(data)}
            assert found[place] in possible
