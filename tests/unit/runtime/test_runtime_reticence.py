"""No image of the memory is left, and a secret among the words of the command does not stay readable."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
PROGRAM = """
import resource, sys
from pathlib import Path
from dl_lit.runtime.reticence import hide_word, leave_no_dump
leave_no_dump()
print(resource.getrlimit(resource.RLIMIT_CORE), hide_word(sys.argv[2]), hide_word("never there"))
print(Path("/proc/self/cmdline").read_bytes().split(b"\\0")[-4:])
"""


def test_a_process_keeps_its_secrets_to_itself() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, "serve", "a-secret-é", "--more"],
        env={"PYTHONPATH": str(ROOT), "PATH": os.defpath, "LANG": "C.UTF-8"}, capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    limits, words = done.stdout.splitlines()
    assert limits in {"(1, 1) True True", "(0, 0) True True"}
    assert words == "[b'serve', b'xxxxxxxxxxx', b'--more', b'']"
