"""The disk fails from its n-th write on, in short: what is kept by hand alone, and the proof's own detectors."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from proofs.machine.row import Trial, verdict
from proofs.machine.writes import Ground, Round, Way, amiss, chosen
from proofs.picture import Picture
from proofs.said import outbursts, said
from proofs.shim.journal import Call, calls
from proofs.shim.loaded import Fault

from tests.fakes.failing import KEPT, KIND
from tests.fakes.shimmed import needs_compiler, shim

CHECKOUT = Path(__file__).resolve().parents[2]


@needs_compiler
def test_on_a_disk_that_fails_everything_is_kept_or_explained_in_one_line(tmp_path: Path) -> None:
    """And kept when the disk is well again; a database of new folders and its backup included."""
    root = tmp_path / "root"
    root.mkdir()
    env = os.environ | {"PYTHONPATH": str(CHECKOUT)} | shim().environment(root, {KIND: root})
    plans = ["library:5:99", "upload:5:99", "export:5:99", "backup:150:300", "pipeline:4:99"]
    command = [sys.executable, "-m", "tests.fakes.failing", str(root), *plans]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=True, timeout=120)
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(told) >= 15
    assert [one for one in told if "\n" in one["ended"]] == []
    assert [one for one in told if one["again"] != KEPT] == []
    assert sum(one["ended"] != KEPT for one in told) >= 12


@needs_compiler
def test_the_shim_cuts_the_first_write_short_and_fails_the_others_until_it_is_told(tmp_path: Path) -> None:
    root, journal, ended = tmp_path / "root", tmp_path / "journal", tmp_path / "ended"
    root.mkdir()
    code = f"""
import os
file = os.open("one", os.O_WRONLY | os.O_CREAT)
print(os.write(file, b"12345678"))
for what in (lambda: os.write(file, b"x"), lambda: open("two", "w"), lambda: os.mkdir("three"), lambda: os.fsync(file)):
    try:
        what()
    except OSError as error:
        print(error.strerror)
os.unlink("one")
open({str(ended)!r}, "w").close()
print(os.write(file, b"y"))
"""
    fault = Fault("all", 2, "ENOSPC", until=ended)
    env = os.environ | shim().environment(root, {"all": root}, journal=journal, fault=fault)
    told = subprocess.run([sys.executable, "-c", code], env=env, cwd=root, capture_output=True, text=True, check=True)
    assert told.stdout.split("\n") == ["4", *["No space left on device"] * 4, "1", ""]
    seen = [(call.call, call.size, call.failed) for call in calls(journal, ["all"])]
    assert seen == [
        *(("open", 0, False), ("write", 4, False), ("write", 0, True), ("open", 0, True), ("mkdir", 0, True)),
        *(("fsync", 0, True), ("unlink", 0, False), ("write", 1, False)),
    ]


def call(number: int, name: str, path: str) -> Call:
    return Call("library", number, 1, name, path, "", 0, 0, 0, 0, failed=False, data=b"")


def test_the_first_call_at_each_place_comes_before_any_second() -> None:
    seen = [call(number, "write", f"/l/.incoming/work-{number}-77-abcdefabcdef.part") for number in range(1, 9)]
    seen += [call(9, "link", "/l/One.pdf"), call(10, "link", "/l/Two.pdf"), call(11, "mmap", "/l/x")]
    ground = Ground(Way("one-off"), Picture([], [], {}, {}, []), seen)
    few = chosen([ground], 2, random.Random(1))
    assert [(one.call.call, one.call.number) for one in few] == [("write", 1), ("link", 9)]
    more = chosen([ground], 5, random.Random(1))
    assert [one.call.number for one in more] == [1, 9, 2, 4, 7]
    assert len(chosen([ground], 500, random.Random(1))) == 10
    assert str(few[0]).startswith("one-off, library write 1 ENOSPC") or few[0].error in str(few[0])
    assert Round(ground.way, seen[0], "EROFS", is_lasting=True).row == "disk that is read-only: library"


def test_a_traceback_is_found_wherever_it_stands() -> None:
    traceback = 'Traceback (most recent call last):\n  File "/x/db/lock.py", line 3, in f\n    g()\nOSError: full'
    log = "\n".join(
        json.dumps(line)
        for line in (
            {"event": "look_failed", "exception": traceback},
            {"event": "item", "outcome": "retry", "reason": "internal-error", "stage": "download", "job": 4},
            {"event": "item", "outcome": "snooze", "reason": "disk-full"},
            {"event": "condition", "ailment": "disk-low"},
            {"event": "side_file_unusable", "level": "warning"},
        )
    )
    found = outbursts(log + '\n{"cut', f"dl-lit: no\n{traceback}\n")
    assert [line.partition(":")[0] for line in found] == [
        "traceback on standard error",
        "traceback in the log, at look_failed",
        "download 4 ended as internal-error",
    ]
    assert all("OSError: full" in line for line in found[:2])
    assert said(log, "dl-lit: no\n") == ("internal-error", "disk-full", "disk-low", "side_file_unusable", "dl-lit: no")
    assert outbursts("", "dl-lit: the disk is full") == []


@pytest.mark.parametrize(
    ("code", "errors", "is_told", "is_well"),
    [
        (0, "", False, True),
        (1, "dl-lit: cannot open the database: disk is full\n", False, True),
        (1, "", False, False),
        (1, "Traceback", False, False),
        (3, "", False, True),
        (130, "", True, True),
        (130, "", False, False),
        (-15, "", True, True),
        (-15, "", False, False),
        (-7, "", True, False),
    ],
)
def test_an_ending_is_ours_where_it_is_explained(code: int, errors: str, is_told: bool, is_well: bool) -> None:
    assert (amiss(code, errors, is_told=is_told) is None) == is_well


def test_what_trials_lost_is_in_the_verdict() -> None:
    trials = [
        Trial("disk full: library", "library write 1 ENOSPC", saw=("disk-low", "exit 0")),
        Trial("disk full: library", "library link 2 EIO", lost=1, untyped=1, failures=("lost: e1",)),
    ]
    found = verdict("machine", trials)
    assert not found.sound
    assert (found.tried, found.lost, found.untyped) == (2, 1, 1)
    assert found.failures == ["disk full: library: library link 2 EIO: lost: e1"]
    row = {"tried": 2, "lost": 1, "doubled": 0, "untyped": 1, "failed": 1, "saw": {"disk-low": 1, "exit 0": 1}}
    assert found.more["rows"] == {"disk full: library": row}
