"""The cache on disk: real files, several processes, and disks that will not have it."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from db.cache.schema import cache_file
from db.cache.store import DiskCache
from db.cache.use import cache_use, clear_cache
from dl_lit.core.clock import SystemClock
from dl_lit.core.memory import ToKeep

MB = 1_048_576


class Hands:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.at = 1_700_000_000.0

    def time(self) -> float:
        return self.at

    def monotonic(self) -> float:
        return self.at


@pytest.fixture
def clock() -> Hands:
    return Hands()


@pytest.fixture
def cache(tmp_path: Path, clock: Hands) -> Iterator[DiskCache]:
    found = DiskCache(tmp_path, clock, max_bytes=100 * MB)
    yield found
    found.close()


def kept(cache: DiskCache, *keys: str, service: str = "crossref") -> dict[str, bytes | None]:
    return {key: one.body for key, one in cache.get_many(service, keys).items()}


def keep(cache: DiskCache, clock: Hands, days: float = 30, /, **answers: bytes | None) -> None:
    expires = clock.at + days * 86_400
    cache.put_many("crossref", [ToKeep(key, body, expires) for key, body in answers.items()])


def test_what_is_kept_is_found_and_absence_is_told_from_nothing(cache: DiskCache, clock: Hands) -> None:
    keep(cache, clock, a=b"A" * 5_000, nothing=None, empty=b"")
    assert kept(cache, "a", "nothing", "empty", "never") == {"a": b"A" * 5_000, "nothing": None, "empty": b""}


def test_services_do_not_answer_for_each_other(cache: DiskCache, clock: Hands) -> None:
    keep(cache, clock, a=b"1")
    assert kept(cache, "a", service="openalex") == {}


def test_it_outlives_the_process_and_knows_when_it_was_stored(tmp_path: Path, cache: DiskCache, clock: Hands) -> None:
    keep(cache, clock, a=b"1")
    cache.close()
    again = DiskCache(tmp_path, clock, max_bytes=MB)
    assert again.get_many("crossref", ["a"])["a"].stored_at == clock.at
    again.close()


def test_what_has_expired_is_not_given_and_what_is_new_replaces_it(cache: DiskCache, clock: Hands) -> None:
    keep(cache, clock, 7, a=None)
    clock.at += 7 * 86_400
    assert kept(cache, "a") == {}
    keep(cache, clock, 30, a=b"now")
    assert kept(cache, "a") == {"a": b"now"}


def test_many_keys_at_once(cache: DiskCache, clock: Hands) -> None:
    """More than a statement takes parameters for."""
    keep(cache, clock, **{f"k{n}": str(n).encode() for n in range(1_500)})
    assert len(kept(cache, *(f"k{n}" for n in range(2_000)))) == 1_500


def test_the_least_recently_used_go_first_and_the_file_keeps_to_its_cap(tmp_path: Path, clock: Hands) -> None:
    cap = 4 * MB
    cache = DiskCache(tmp_path, clock, max_bytes=cap)
    keep(cache, clock, favourite=os.urandom(4_000))
    largest = 0
    for number in range(3_000):
        clock.at += 60
        keep(cache, clock, **{f"k{number}": os.urandom(4_000)})
        if number % 100 == 0:
            assert kept(cache, "favourite"), number
        largest = max(largest, cache_file(tmp_path).stat().st_size)
    assert largest < cap * 1.1
    assert kept(cache, "k2999")
    assert not kept(cache, "k0")
    assert cache_use(tmp_path).services[0].entries * 4_000 > cap * 0.7
    cache.close()


def test_a_smaller_cap_is_reached_with_a_few_answers(tmp_path: Path, clock: Hands) -> None:
    large = DiskCache(tmp_path, clock, max_bytes=100 * MB)
    keep(large, clock, **{f"k{n}": os.urandom(10_000) for n in range(1_000)})
    large.close()
    small = DiskCache(tmp_path, clock, max_bytes=2 * MB)
    for number in range(10):
        keep(small, clock, **{f"new{number}": os.urandom(1_000)})
    small.close()
    assert cache_file(tmp_path).stat().st_size < 3 * MB


def test_what_has_expired_goes_before_what_is_still_good(tmp_path: Path, clock: Hands) -> None:
    cache = DiskCache(tmp_path, clock, max_bytes=2 * MB)
    keep(cache, clock, 365, good=os.urandom(4_000))
    clock.at += 60
    keep(cache, clock, 1, **{f"old{n}": os.urandom(4_000) for n in range(400)})
    clock.at += 2 * 86_400
    keep(cache, clock, **{f"new{n}": os.urandom(4_000) for n in range(150)})
    assert len(kept(cache, "good", *(f"new{n}" for n in range(150)))) == 151
    assert cache_use(tmp_path).services[0].entries < 500
    cache.close()


def test_one_answer_does_not_empty_the_cache(tmp_path: Path, clock: Hands) -> None:
    cache = DiskCache(tmp_path, clock, max_bytes=MB)
    keep(cache, clock, small=b"1")
    keep(cache, clock, huge=os.urandom(MB))
    assert kept(cache, "small", "huge") == {"small": b"1"}
    cache.close()


@pytest.mark.parametrize("damage", ["rubbish", "cut", "foreign", "middle"])
def test_a_damaged_file_is_set_aside_and_made_anew(tmp_path: Path, clock: Hands, damage: str) -> None:
    first = DiskCache(tmp_path, clock, max_bytes=100 * MB)
    keep(first, clock, **{f"k{n}": os.urandom(3_000) for n in range(300)})
    first.close()
    path = cache_file(tmp_path)
    whole = path.read_bytes()
    if damage == "rubbish":
        path.write_bytes(b"not a database at all " * 500)
    elif damage == "cut":
        path.write_bytes(whole[: len(whole) // 3])
    elif damage == "foreign":
        path.unlink()
        with sqlite3.connect(path) as other:
            other.execute("CREATE TABLE somebody_elses (x)")
    else:
        path.write_bytes(whole[:4_096] + b"\xff" * (len(whole) - 4_096))
    cache = DiskCache(tmp_path, clock, max_bytes=100 * MB)
    with capture_logs() as logs:
        for _ in range(3):
            kept(cache, *(f"k{n}" for n in range(300)))
            keep(cache, clock, new=b"1")
    assert kept(cache, "new") == {"new": b"1"}
    cache.close()
    assert [entry["event"] for entry in logs] == ["side_file_damaged"]
    assert path.with_name(path.name + ".damaged").exists()


def test_a_body_that_is_not_what_was_written_is_not_given(tmp_path: Path, cache: DiskCache, clock: Hands) -> None:
    keep(cache, clock, a=b"A" * 1_000)
    with sqlite3.connect(cache_file(tmp_path)) as file:
        file.execute("UPDATE answers SET body = x'789c00'")
    assert kept(cache, "a") == {}


def test_a_folder_that_cannot_be_written_costs_the_cache_alone_and_is_said_once(tmp_path: Path, clock: Hands) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("no folder")
    cache = DiskCache(in_the_way / "below", clock, max_bytes=MB)
    with capture_logs() as logs:
        for _ in range(3):
            keep(cache, clock, a=b"1")
            assert kept(cache, "a") == {}
    cache.close()
    assert [entry["event"] for entry in logs] == ["side_file_unusable"]


def test_a_full_disk_costs_the_cache_alone_and_is_said_once(
    tmp_path: Path, cache: DiskCache, clock: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file may not grow any more, as on a full disk; what is there is still read."""
    keep(cache, clock, a=b"1")
    connection = cache._file._open["writing"][0]
    connection.execute("PRAGMA max_page_count=1")
    with capture_logs() as logs:
        for number in range(3):
            keep(cache, clock, **{f"b{number}": os.urandom(200_000)})
            assert kept(cache, "a") == {"a": b"1"}
    assert [entry["event"] for entry in logs] == ["side_file_unusable"]


def test_a_cache_that_is_deleted_under_us_is_made_anew(tmp_path: Path, cache: DiskCache, clock: Hands) -> None:
    keep(cache, clock, a=b"1")
    for path in tmp_path.iterdir():
        path.unlink()
    assert kept(cache, "a") == {}
    keep(cache, clock, b=b"2")
    assert kept(cache, "b") == {"b": b"2"}


def test_two_processes_share_it_and_lose_nothing(tmp_path: Path, cache: DiskCache, clock: Hands) -> None:
    program = """
import sys
from pathlib import Path
from db.cache.store import DiskCache
from dl_lit.core.clock import SystemClock
from dl_lit.core.memory import ToKeep
cache = DiskCache(Path(sys.argv[1]), SystemClock(), max_bytes=100_000_000)
for n in range(200):
    cache.put_many("crossref", [ToKeep(f"{sys.argv[2]}{n}", b"x" * 500, 4e9)])
    assert cache.get_many("crossref", [f"{sys.argv[2]}{n}"])
cache.close()
"""
    children = [subprocess.Popen([sys.executable, "-c", program, str(tmp_path), name]) for name in "pqr"]
    assert [child.wait(60) for child in children] == [0, 0, 0]
    assert len(kept(cache, *(f"{name}{n}" for name in "pqr" for n in range(200)))) == 600
    assert cache_use(tmp_path).services[0].entries == 600


def test_a_process_that_is_killed_while_it_writes_leaves_a_sound_file(tmp_path: Path, clock: Hands) -> None:
    program = """
import os, sys
from pathlib import Path
from db.cache.store import DiskCache
from dl_lit.core.clock import SystemClock
from dl_lit.core.memory import ToKeep
cache = DiskCache(Path(sys.argv[1]), SystemClock(), max_bytes=2_000_000)
n = 0
while True:
    cache.put_many("crossref", [ToKeep(f"{os.getpid()}-{n}", os.urandom(20_000), 4e9)])
    n += 1
    if n == 150:
        print("going", flush=True)
"""
    for _ in range(3):
        children = [
            subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE) for _ in range(2)
        ]
        for child in children:
            assert child.stdout is not None
            assert child.stdout.readline() == b"going\n"
        for child in children:
            child.kill()
            child.communicate()
    with sqlite3.connect(cache_file(tmp_path)) as file:
        assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    clock.at = SystemClock().time() + 60  # later than what the processes kept, lest this be the oldest and thrown out
    cache = DiskCache(tmp_path, clock, max_bytes=2_000_000)
    keep(cache, clock, a=b"1")
    assert kept(cache, "a") == {"a": b"1"}
    cache.close()


def test_a_process_that_hangs_with_the_lock_costs_the_others_a_moment_only(
    tmp_path: Path, cache: DiskCache, clock: Hands
) -> None:
    keep(cache, clock, a=b"1")
    hanging = sqlite3.connect(cache_file(tmp_path), isolation_level=None)
    hanging.execute("BEGIN IMMEDIATE")
    begun = time.monotonic()
    for number in range(20):
        keep(cache, clock, **{f"b{number}": b"2"})
        assert kept(cache, "a") == {"a": b"1"}
    assert time.monotonic() - begun < 4
    hanging.close()


def test_use_tells_entries_absences_and_hit_rate_by_service(tmp_path: Path, cache: DiskCache, clock: Hands) -> None:
    keep(cache, clock, a=b"A" * 1_000, b=None)
    kept(cache, "a", "b", "c")
    kept(cache, "x", service="openalex")
    cache.flush()
    use = cache_use(tmp_path)
    crossref, openalex = use.services
    assert (crossref.entries, crossref.absences, crossref.body_bytes, crossref.hits, crossref.misses) == (
        2,
        1,
        1_000,
        2,
        1,
    )
    assert crossref.packed_bytes < 100
    assert crossref.hit_rate == pytest.approx(2 / 3)
    assert (openalex.entries, openalex.hit_rate) == (0, 0.0)
    assert use.file_bytes > 0


def test_nothing_kept_yet_is_told_without_making_a_file(tmp_path: Path) -> None:
    assert cache_use(tmp_path).services == ()
    assert clear_cache(tmp_path) == 0
    assert list(tmp_path.iterdir()) == []


def test_clearing_forgets_one_service_or_all_while_the_cache_is_open(
    tmp_path: Path, cache: DiskCache, clock: Hands
) -> None:
    keep(cache, clock, a=b"1", b=b"2")
    cache.put_many("openalex", [ToKeep("a", b"3", 4e9)])
    assert clear_cache(tmp_path, "crossref") == 2
    assert kept(cache, "a", "b") == {}
    assert kept(cache, "a", service="openalex") == {"a": b"3"}
    assert clear_cache(tmp_path) == 1
    assert kept(cache, "a", service="openalex") == {}


def test_the_file_does_not_tell_what_was_asked(tmp_path: Path, cache: DiskCache, clock: Hands) -> None:
    keep(cache, clock, **{"search:a secret interest": b"{}"})
    cache.close()
    assert b"secret interest" not in cache_file(tmp_path).read_bytes()
