"""A folder that several hosts put files into at once."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from dl_lit.core.clock import SystemClock
from dl_lit.core.errors import FetchError
from dl_lit.library.folder import FolderLibrary
from dl_lit.library.holder import OTHERS_PARTS_S, OTHERS_S, Holder, host_mark
from tests.unit.library.test_library_folder import NAME, OTHER, files, place

THERE = Holder("f00d00", 77, 5)  # a process of another host


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "library"


def aged(path: Path, seconds: float) -> None:
    then = path.stat().st_mtime - seconds
    os.utime(path, (then, then))


def test_two_hosts_that_want_one_name_get_two_and_overwrite_nothing(root: Path) -> None:
    here, there = FolderLibrary(root, SystemClock()), FolderLibrary(root, SystemClock(), holder=THERE)
    one, other = place(here, 1, b"%PDF-1"), place(there, 2, b"%PDF-2", OTHER)
    assert one.path == NAME
    assert other.path != NAME
    assert [(root / path).read_bytes() for path in (one.path, other.path)] == [b"%PDF-1", b"%PDF-2"]


def test_a_start_leaves_what_another_host_has_in_hand(root: Path) -> None:
    """Neither its unfinished files nor its receipts are touched, whether the file they promise is there yet or not."""
    there = FolderLibrary(root, SystemClock(), holder=THERE)
    part = there.incoming(3)
    placed, promised = place(there, 1, b"%PDF-1"), place(there, 2, b"%PDF-2", OTHER)
    (root / promised.path).unlink()
    before = files(root)
    assert FolderLibrary(root, SystemClock()).recover() == []
    assert files(root) == before
    assert part.exists()
    assert (root / placed.path).exists()


def test_what_a_dead_host_left_is_taken_over_when_it_is_old(root: Path) -> None:
    there = FolderLibrary(root, SystemClock(), holder=THERE)
    part, facts = there.incoming(3), place(there, 1, b"%PDF-1")
    aged(root / ".incoming" / "work-1.receipt.json", OTHERS_S + 1)
    aged(part, OTHERS_PARTS_S + 1)
    here = FolderLibrary(root, SystemClock())
    assert here.recover() == [(1, facts)]
    here.clear(1)
    assert files(root) == {NAME}


def test_a_host_that_lost_its_work_to_another_keeps_its_own_receipt(root: Path) -> None:
    """Each clears its own: what one has placed and not committed must be found again after its death."""
    there, here = FolderLibrary(root, SystemClock(), holder=THERE), FolderLibrary(root, SystemClock())
    place(there, 1, b"%PDF-1")
    second = place(here, 1, b"%PDF-2")
    here.clear(1)
    assert files(root) == {NAME, second.path, ".incoming/work-1.receipt.json"}
    there.clear(1)
    assert files(root) == {NAME, second.path}


def test_a_number_that_another_process_got_meanwhile_keeps_no_receipt(root: Path) -> None:
    """Numbers of processes come again: who holds a receipt is told by when it began as well."""
    me = Holder.here()
    parent = Holder(host_mark(), os.getppid(), Holder.here().born + 1)
    facts = place(FolderLibrary(root, SystemClock(), holder=parent), 1, b"%PDF-1")
    assert FolderLibrary(root, SystemClock()).recover() == [(1, facts)]
    assert not replace(me, born=1).lives_beside_us


def test_a_name_that_is_free_is_not_looked_for_among_receipts_of_others(root: Path) -> None:
    """The same content for two works of two hosts: each has a name of its own until a row says whose the first is."""
    there, here = FolderLibrary(root, SystemClock(), holder=THERE), FolderLibrary(root, SystemClock())
    one, other = place(there, 1, b"%PDF-1"), place(here, 2, b"%PDF-1", OTHER)
    assert one.path != other.path
    (root / ".incoming").rename(root / "gone")
    with pytest.raises(FetchError):
        here.incoming(3)
