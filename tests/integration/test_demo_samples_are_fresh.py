"""The committed samples against a fresh typesetting."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_gold_lists_and_universe_are_what_the_script_makes() -> None:
    """scripts/make_samples --check finds nothing stale: order and text of every list are those of a fresh setting."""
    command = [sys.executable, "-B", str(ROOT / "scripts" / "make_samples"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
