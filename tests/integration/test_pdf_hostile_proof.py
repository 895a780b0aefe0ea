"""The proof on hostile files, in short: broken papers and rubbish end in one typed outcome each."""

import json
import os
import random
import subprocess
import sys
from pathlib import Path

from dl_lit.core.reasons import Reason

ROOT = Path(__file__).parents[2]


def prove(*arguments: str) -> tuple[int, dict]:
    """The exit code and the report of `scripts/prove hostile` with these arguments."""
    done = subprocess.run(
        [sys.executable, "-m", "proofs", "hostile", "--json", "--timeout", "8", *arguments],
        capture_output=True,
        check=False,
        text=True,
        timeout=280,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'scripts'}"},
    )
    return done.returncode, json.loads(done.stdout)


def test_broken_papers_and_rubbish_end_in_one_typed_outcome_each():
    """Cut, flipped, looped, nested and inflated files; no crash, nothing over its limits, nothing left running."""
    code, report = prove()
    assert report["failures"] == []
    assert code == 0
    assert report["files"] == sum(report["outcomes"].values()) >= 28
    assert {"read", Reason.DAMAGED_PDF, Reason.EMPTY_FILE, Reason.NOT_A_PDF, Reason.ENCRYPTED_PDF} <= set(
        report["outcomes"]
    )


def test_files_of_a_folder_are_read_however_deep(tmp_path):
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "noise").write_bytes(random.Random(1).randbytes(999))
    code, report = prove("--files", str(tmp_path))
    assert (code, report["outcomes"]) == (0, {"not-a-pdf": 1})
