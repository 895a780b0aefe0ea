"""The daemon under a systemd that runs, as a transient unit; skipped where there is none that we may use."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.program import until
from tests.fakes.service_manager import ROOT

WHOSE = () if os.geteuid() == 0 else ("--user",)


def systemctl(*arguments: str) -> str:
    done = subprocess.run(["systemctl", *WHOSE, *arguments], capture_output=True, text=True, timeout=60, check=False)
    return done.stdout.strip()


def is_usable() -> bool:
    if not Path("/run/systemd/system").is_dir() or shutil.which("systemd-run") is None:
        return False
    return systemctl("is-system-running") in {"running", "degraded"}


pytestmark = pytest.mark.skipif(not is_usable(), reason="no systemd runs here that we may use")
UNIT = f"dl-lit-test-{os.getpid()}.service"


@pytest.fixture
def unit(tmp_path: Path) -> Iterator[str]:
    """A started unit; `systemd-run` returns when it is ready."""
    (tmp_path / "inbox").mkdir()
    (tmp_path / "config.toml").write_text("offline = true\n")
    contract = {
        "Type": "notify",
        "NotifyAccess": "main",
        "WatchdogSec": "2",
        "TimeoutAbortSec": "1",
        "Restart": "on-failure",
        "RestartSec": "100ms",
        "ExecReload": "/bin/kill -HUP $MAINPID",
        "StandardOutput": f"append:{tmp_path}/journal",
        "StandardError": f"append:{tmp_path}/journal",
    }
    env = {
        "PYTHONPATH": str(ROOT),
        "PYTHONSAFEPATH": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "STATE_DIRECTORY": str(tmp_path / "state"),
        "CACHE_DIRECTORY": str(tmp_path / "cache"),
        "CONFIGURATION_DIRECTORY": str(tmp_path),
    }
    command = [
        *("systemd-run", *WHOSE, "--quiet", f"--unit={UNIT}"),
        *(f"--property={name}={value}" for name, value in contract.items()),
        *(f"--setenv={name}={value}" for name, value in env.items()),
        *(sys.executable, "-m", "dl_lit", "watch-folder-concurrent", str(tmp_path / "inbox")),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    journal = tmp_path / "journal"
    try:
        assert done.returncode == 0, done.stderr + (journal.read_text() if journal.exists() else "")
        yield UNIT
    finally:
        systemctl("stop", UNIT)
        systemctl("reset-failed", UNIT)


def shown(unit: str, name: str) -> str:
    return systemctl("show", "--value", f"--property={name}", unit)


def test_it_is_ready_reloads_is_started_again_and_drains(unit: str, tmp_path: Path) -> None:
    assert shown(unit, "ActiveState") == "active"
    assert shown(unit, "StatusText") == "nothing to do"
    (tmp_path / "config.toml").write_text("offline = true\n[engine]\nhigh_water = 1500\n")
    systemctl("reload", unit)
    until(lambda: shown(unit, "StatusText") == "settings taken over: engine.high_water", "the reload")
    main = shown(unit, "MainPID")
    systemctl("kill", "--kill-whom=main", "--signal=STOP", unit)
    until(lambda: shown(unit, "NRestarts") == "1" and shown(unit, "ActiveState") == "active", "another start")
    assert shown(unit, "MainPID") != main
    systemctl("stop", unit)
    # Systemd forgets a transient unit that ended well, and keeps one that failed.
    assert shown(unit, "LoadState") == "not-found" or shown(unit, "Result") == "success"
