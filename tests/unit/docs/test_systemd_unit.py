"""The unit file is as locked down as it says."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
UNIT = ROOT / "systemd" / "dl-lit.service"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
def test_the_units_exposure_is_low() -> None:
    """Systemd's own rating, 0 (best) to 100, stays at or below 20."""
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=yes", "--threshold=20", "--no-pager", str(UNIT)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr


def test_the_unit_keeps_other_folders_off_pythons_path() -> None:
    """Folders named db or stages in the current directory must not be imported."""
    assert "Environment=PYTHONSAFEPATH=1" in UNIT.read_text(encoding="utf-8")
    assert "PYTHONSAFEPATH=1" in (ROOT / "scripts" / "dl-lit").read_text(encoding="utf-8")


def test_the_program_the_unit_starts_is_in_the_checkout() -> None:
    line = next(line for line in UNIT.read_text(encoding="utf-8").splitlines() if line.startswith("ExecStart="))
    program = line.removeprefix("ExecStart=/opt/dl-lit/").split()[0]
    assert (ROOT / program).stat().st_mode & 0o111
