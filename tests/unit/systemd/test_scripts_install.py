"""scripts/install and scripts/uninstall, below a root of their own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fakes.service_manager import ROOT

pytestmark = pytest.mark.skipif(shutil.which("realpath") is None or os.name != "posix", reason="needs coreutils")
ENVIRONMENT = Path(sys.prefix)


def call(script: str, *arguments: object, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [ROOT / "scripts" / script, *map(str, arguments)],
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}


def test_it_installs_is_brought_up_to_date_and_goes_without_the_data(tmp_path: Path) -> None:
    """Once into an empty root, then over itself with settings of the owner's, then away."""
    root = tmp_path / "root"
    common = ("--root", root, "--prefix", "/usr/local/lib/dl-lit")
    done = call("install", *common, "--environment", ENVIRONMENT)
    assert done.returncode == 0, done.stderr
    assert files(root) >= {
        *("etc/systemd/system/dl-lit.service", "etc/sysusers.d/dl-lit.conf", "etc/tmpfiles.d/dl-lit.conf"),
        *("etc/dl-lit/config.toml", "etc/dl-lit/dl-lit.env", "usr/local/bin/dl-lit", "usr/local/bin/dl-lit-service"),
        *("usr/local/share/man/man1/dl-lit.1", "usr/local/share/bash-completion/completions/dl-lit"),
        *("usr/local/share/fish/vendor_completions.d/dl-lit.fish", "usr/local/share/zsh/site-functions/_dl-lit"),
        "usr/local/lib/dl-lit/dl_lit/__main__.py",
    }
    unit = (root / "etc/systemd/system/dl-lit.service").read_text(encoding="utf-8")
    assert "/opt/dl-lit" not in unit
    assert "ExecStart=/usr/local/lib/dl-lit/.venv/bin/python -m dl_lit" in unit
    assert (root / "etc/dl-lit/config.toml").stat().st_mode & 0o777 == 0o640
    if os.geteuid() == 0 and shutil.which("systemd-tmpfiles") and shutil.which("systemd-sysusers"):
        assert (root / "srv/dl-lit/inbox").stat().st_mode & 0o7777 == 0o2770
        assert (root / "etc/dl-lit/credentials").stat().st_mode & 0o7777 == 0o700
    assert not (root / "usr/local/lib/dl-lit.new").exists()

    (root / "etc/dl-lit/config.toml").write_text("offline = true\n")
    (root / "usr/local/lib/dl-lit/gone-with-the-old").touch()
    planned = call("install", *common, "--environment", ENVIRONMENT, "--dry-run")
    assert planned.returncode == 0, planned.stderr
    assert "would run: 'mv' '-T'" in planned.stderr
    assert (root / "usr/local/lib/dl-lit/gone-with-the-old").exists()

    (root / "var/lib/dl-lit").mkdir(parents=True)
    (root / "srv/dl-lit/inbox").mkdir(parents=True, exist_ok=True)
    (root / "srv/dl-lit/inbox/of-a-person.pdf").touch()
    assert call("uninstall", *common).returncode == 0
    assert {"etc/dl-lit/config.toml", "srv/dl-lit/inbox/of-a-person.pdf"} <= files(root)
    assert not [one for one in files(root) if one.startswith(("usr/", "etc/systemd/", "etc/tmpfiles.d/"))]
    if os.geteuid() == 0 and shutil.which("userdel"):
        assert call("uninstall", *common, "--purge").returncode == 0
        assert not (root / "etc/dl-lit").exists()
        assert not (root / "var/lib/dl-lit").exists()
    assert (root / "srv/dl-lit/inbox/of-a-person.pdf").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["--nonsense"], 2, "unknown argument: --nonsense"),
        (["--prefix"], 2, "--prefix needs a value"),
        (["--prefix", "/", "--dry-run"], 2, "not a folder to install into"),
        (["--prefix", "/srv/with space/dl-lit", "--dry-run"], 2, "not a folder to install into"),
        (["--prefix", str(ROOT / "docs"), "--dry-run"], 1, "holds something else than dl-lit"),
        (["--environment", "/nowhere", "--root", "/tmp/nowhere", "--dry-run"], 1, "no Python environment"),
    ],
)
def test_what_it_cannot_do_it_says(arguments: list[str], code: int, says: str) -> None:
    done = call("install", *arguments)
    assert (done.returncode, says in done.stderr) == (code, True), done.stderr


def test_without_root_it_says_what_else_there_is(tmp_path: Path) -> None:
    """Somebody who is not root is told before anything is done."""
    shutil.copytree(ROOT / "scripts" / "lib", tmp_path / "scripts" / "lib")
    for name in ("install", "uninstall"):
        shutil.copy(ROOT / "scripts" / name, tmp_path / "scripts" / name)
    nobody = tmp_path / "bin"
    nobody.mkdir()
    (nobody / "id").write_text("#!/bin/sh\necho 1000\n")
    (nobody / "id").chmod(0o755)
    path = f"{nobody}:{os.environ['PATH']}"
    for name in ("install", "uninstall"):
        done = subprocess.run(
            [tmp_path / "scripts" / name], env={"PATH": path, "HOME": str(tmp_path)}, capture_output=True, check=False
        )
        assert done.returncode == 1
        assert b"needs root" in done.stderr


def test_a_users_own_needs_no_root(tmp_path: Path) -> None:
    home = {"HOME": "/home/ann", "XDG_CONFIG_HOME": ""}
    done = call("install", "--user", "--root", tmp_path, "--environment", ENVIRONMENT, "--dry-run", **home)
    assert done.returncode == 0, done.stderr
    for path in (
        *(".config/systemd/user/dl-lit.service", ".config/dl-lit/config.toml", ".local/lib/dl-lit", ".local/bin"),
        "dl-lit/inbox",
    ):
        assert f"{tmp_path}/home/ann/{path}" in done.stderr
    assert "sysusers" not in done.stderr
