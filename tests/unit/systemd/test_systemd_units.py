"""The units are as locked down as they say, and fit the program."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from dl_lit.core.errors import BadInput, DatabaseBusy, DlLitError, NeedsConfiguration
from dl_lit.settings.leaves import leaves
from tests.fakes.service_manager import ROOT, Unit

SYSTEM = ROOT / "systemd" / "dl-lit.service"
USER = ROOT / "systemd" / "user" / "dl-lit.service"
MOST_EXPOSED = 15  # tenths, of a hundred


def analyze(*arguments: object) -> subprocess.CompletedProcess[str]:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("needs systemd-analyze")
    command = [program, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    if "unrecognized option" in done.stderr:
        pytest.skip("this systemd-analyze is too old")
    return done


def test_the_units_exposure_is_low() -> None:
    """Systemd's own rating, 0.0 (best) to 10.0, stays at or below 1.5."""
    threshold = f"--threshold={MOST_EXPOSED}"
    done = analyze("security", "--offline=yes", threshold, "--no-pager", SYSTEM)
    assert done.returncode == 0, done.stdout[-2_000:] + done.stderr


@pytest.mark.parametrize("unit", [SYSTEM, USER])
def test_systemd_understands_every_line(unit: Path, tmp_path: Path) -> None:
    """But for the program and the page, which are not installed here."""
    (tmp_path / unit.name).write_text(unit.read_text(encoding="utf-8"), encoding="utf-8")
    done = analyze("verify", "--man=no", tmp_path / unit.name)
    complaints = [line for line in done.stderr.splitlines() if unit.name in line]
    assert [line for line in complaints if "is not executable" not in line] == []


@pytest.mark.parametrize("unit", [SYSTEM, USER])
def test_the_units_keep_to_what_the_program_does(unit: Path) -> None:
    service = Unit.read(unit)
    assert (service.last("Type"), service.last("NotifyAccess")) == ("notify", "main")
    assert service.last("ExecReload") == "/bin/kill -HUP $MAINPID"
    assert "-m dl_lit watch-folder-concurrent --wait /" in service.last("ExecStart").replace("%h", "/home/ann")
    # Folders named db or stages in the current directory must not be imported.
    assert "PYTHONSAFEPATH=1" in " ".join(service.all("Environment"))
    # It has time to finish what it has in hand, and is fed long before it is thought dead.
    assert service.seconds("TimeoutStopSec") > leaves()["engine.grace_s"].default + 11.0  # type: ignore[operator]
    assert service.seconds("WatchdogSec") >= 60.0
    final = {str(error.exit_code) for error in (BadInput, NeedsConfiguration)}
    assert set(service.last("RestartPreventExitStatus").split()) == final
    assert {str(DatabaseBusy.exit_code), str(DlLitError.exit_code), "130"}.isdisjoint(final)


def test_the_wrapper_keeps_other_folders_off_pythons_path() -> None:
    assert "PYTHONSAFEPATH=1" in (ROOT / "scripts" / "dl-lit").read_text(encoding="utf-8")


def test_the_examples_set_only_what_can_be_set() -> None:
    """In each line that is there to be taken in as well."""
    for name in ("config.toml.example", "config.toml.user.example"):
        section = ""
        for line in (ROOT / "systemd" / name).read_text(encoding="utf-8").splitlines():
            if match := re.fullmatch(r"#?\[([\w.]+)\]", line.strip()):
                section = f"{match[1]}."
            elif match := re.match(r"#?(\w+) = ", line):
                assert f"{section}{match[1]}" in leaves(), line
    variables = {variable for leaf in leaves().values() for variable in leaf.variables}
    named = re.findall(r"DL_LIT_\w+", (ROOT / "systemd" / "dl-lit.env.example").read_text(encoding="utf-8"))
    assert set(named) <= variables


def test_every_key_that_the_manual_names_is_a_credential() -> None:
    credentials = {leaf.credential for leaf in leaves().values() if leaf.is_secret}
    manual = (ROOT / "docs" / "systemd.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(\w+_(?:key|token|secret|url))`", manual))
    assert named
    assert named <= credentials
