"""Answers are decoded in many threads at once from the first one on."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
MANY = """
import sys, threading
from dataclasses import make_dataclass
from stages.answers import decode

sys.setswitchinterval(1e-6)
found = []
for number in range(100):
    inner = make_dataclass(f"Inner{number}", [("a", int), ("b", "str")])
    outer = make_dataclass(f"Outer{number}", [("x", int), ("y", "str"), ("z", list[inner])])
    gate = threading.Barrier(6)

    def work():
        gate.wait()
        found.append(decode(b'{"x": 1, "y": "s", "z": [{"a": 2, "b": "t"}]}', outer, "crossref").z[0].b)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
print(found == ["t"] * 600)
"""


def test_kinds_that_many_threads_meet_at_once_are_decoded() -> None:
    """In a process of its own: where msgspec is left to itself, it dies of a segmentation fault."""
    done = subprocess.run(
        [sys.executable, "-c", MANY], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stdout) == (0, "True\n"), done.stderr
