"""scripts/setup makes the environment once, whatever happens meanwhile. Real environments, with empty lock files."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
INSTALLING = "installing the packages"
# What a caller's own environment may hold and the script must do without.
ENV = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), "PYTHON": sys.executable}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout whose environment has been made, by two calls at once, after one that was killed (`kill -9`)."""
    checkout = tmp_path_factory.mktemp("checkout")
    shutil.copytree(ROOT / "scripts", checkout / "scripts")
    for kind in ("", "-dev", "-ocr", "-csl", "-objects", "-postgres", "-corpus"):
        (checkout / f"requirements{kind}.lock").write_text("# nothing\n", encoding="utf-8")
    package = checkout / "dl_lit"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "__main__.py").write_text("import sys, os\nprint(sys.argv[1:], sys.path[0])\n", encoding="utf-8")
    (checkout / ".venv").mkdir()
    (checkout / ".venv" / ".unfinished").touch()
    (checkout / ".venv" / "half").touch()
    calls = [start(checkout), start(checkout)]
    told = [call.communicate(timeout=100)[1] for call in calls]
    assert [call.returncode for call in calls] == [0, 0]
    assert sum(INSTALLING in text for text in told) == 1, "two first calls at once make it once"
    assert sum("starting afresh" in text for text in told) == 1
    assert not (checkout / ".venv" / "half").exists()
    assert not (checkout / ".venv" / ".unfinished").exists()
    return checkout


def start(checkout: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [checkout / "scripts" / "setup", *arguments],
        env=ENV,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def setup(checkout: Path, *arguments: str) -> tuple[int, str]:
    process = start(checkout, *arguments)
    out, told = process.communicate(timeout=100)
    assert out == "", "standard output belongs to the program that is started"
    return process.returncode, told


def test_a_second_call_is_silent_and_does_nothing(made: Path) -> None:
    assert setup(made) == (0, "")


def test_a_changed_lock_file_is_installed_anew_without_starting_afresh(made: Path) -> None:
    (made / ".venv" / "kept").touch()
    (made / "requirements.lock").write_text("# nothing, but newer\n", encoding="utf-8")
    code, told = setup(made)
    assert code == 0
    assert INSTALLING in told
    assert (made / ".venv" / "kept").exists()
    assert setup(made) == (0, "")


@pytest.fixture
def asked(made: Path, tmp_path: Path) -> Iterator[Path]:
    """What pip is asked, a line each time, which then has nothing to do: to start it takes most of a second."""
    python, told = made / ".venv" / "bin" / "python", tmp_path / "asked"
    real = python.readlink()
    python.unlink()
    others = f'exec -a "$0" "{python.with_name(str(real))}" "$@"'
    python.write_text(f'#!/bin/bash\n[[ $* == "-m pip "* ]] || {others}\necho "$*" >>"{told}"\n', encoding="utf-8")
    python.chmod(0o755)
    yield told
    python.unlink()
    python.symlink_to(real)


def test_extras_and_the_developers_environment_are_installed_beside_what_is_there(made: Path, asked: Path) -> None:
    kinds = ("dev", "ocr", "csl", "objects", "postgres", "corpus")
    for kind in kinds:
        code, told = setup(made, f"--{kind}")
        assert (code, f"requirements-{kind}.lock" in told) == (0, True)
    asked_for = asked.read_text(encoding="utf-8").splitlines()
    assert [line.rpartition(" -r ")[2] for line in asked_for] == [f"{made}/requirements-{kind}.lock" for kind in kinds]
    assert all("pip install -qq --require-hashes --only-binary :all:" in line for line in asked_for)
    for kind in reversed(kinds):
        assert setup(made, f"--{kind}") == (0, "")
    assert setup(made) == (0, "")


def test_an_unknown_argument_is_a_usage_error(made: Path) -> None:
    assert setup(made, "--production")[0] == 2


def test_the_program_is_found_from_anywhere_and_gets_its_arguments_as_they_are(made: Path, tmp_path: Path) -> None:
    """Through a symbolic link, from a folder with a package of the same name, arguments with spaces and all."""
    (tmp_path / "dl_lit").mkdir()
    (tmp_path / "dl_lit" / "__init__.py").write_text("raise SystemExit('wrong one')\n", encoding="utf-8")
    (tmp_path / "link").symlink_to(made / "scripts" / "dl-lit")
    done = subprocess.run(
        ["./link", "a b", "*"], cwd=tmp_path, env=ENV, capture_output=True, text=True, timeout=100, check=True
    )
    assert done.stdout == f"['a b', '*'] {made}\n"


def test_what_cannot_be_installed_is_told_and_leaves_the_mark_of_an_unfinished_set_up(made: Path) -> None:
    """The next call begins anew, as the one that made this environment did. The last test: it leaves it broken."""
    (made / "requirements.lock").write_text("/nowhere/x.whl --hash=sha256:" + "0" * 64 + "\n", encoding="utf-8")
    code, told = setup(made)
    assert code == 1
    assert "could not install" in told
    assert (made / ".venv" / ".unfinished").exists()
