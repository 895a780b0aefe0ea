"""Memory that only holds itself is freed when it is swept, however calm the collector is."""

from __future__ import annotations

import gc
import subprocess
import sys
import weakref
from collections.abc import Iterator

import pytest

from dl_lit.runtime import collector


@pytest.fixture(autouse=True)
def collector_as_before() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)
    gc.unfreeze()


class Answer:
    """Holds itself, as an answer and its stream do."""

    def __init__(self) -> None:
        self.stream = self


def test_what_holds_itself_is_freed_by_a_sweep() -> None:
    collector.calm()
    gone = weakref.ref(Answer())
    assert gone() is not None
    collector.sweep()
    assert gone() is None


def test_what_several_runs_of_one_process_throw_away_does_not_gather() -> None:
    collector.calm()
    gone = weakref.ref(Answer())
    collector.calm()
    collector.sweep()
    assert gone() is None


def test_what_was_freed_goes_back_to_the_system() -> None:
    """In a process of its own: threads that come and go leave it no larger than it was, give or take some megabytes."""
    code = """
import threading
from pathlib import Path
from dl_lit.runtime import collector
def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096
def work():
    blocks = [b"x" * (9_000 + n % 5_000) for n in range(300)]
    gate.wait(30)
    gate.wait(30)
    kept.append(blocks[:1])
kept = []
collector.calm()
before = resident()
gate = threading.Barrier(17)
threads = [threading.Thread(target=work) for _ in range(16)]
for one in threads: one.start()
gate.wait(30)
peak = resident()
gate.wait(30)
for one in threads: one.join()
collector.sweep()
print((peak - before) // 2**20, (resident() - before) // 2**20)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    grown, left = map(int, done.stdout.split())
    assert grown > 30
    assert left <= 2  # 5 or 6 where nothing is given back
