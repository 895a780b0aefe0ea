"""The manual page and the completion scripts say what --help says."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest
from click.testing import CliRunner

from dl_lit.cli import COMMANDS, cli
from dl_lit.cli.completion import SHELLS


@pytest.fixture(scope="module")
def page() -> str:
    return CliRunner().invoke(cli, ["man"]).output


def test_the_page_has_every_command_and_the_sections_people_look_for(page: str) -> None:
    """Nothing is told that --help does not tell."""
    for heading in ("NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "COMMANDS", "EXIT STATUS", "ENVIRONMENT", "FILES"):
        assert f".SH {heading}\n" in page
    for commands in COMMANDS.values():
        for name, _ in commands:
            assert ".SS dl\\-lit " + name.replace("-", "\\-") in page


def test_no_line_of_text_is_taken_for_a_command_of_roff(page: str) -> None:
    """A text that begins with a dot would vanish."""
    macros = {".TH", ".SH", ".SS", ".TP", ".B", ".PP", ".nf", ".fi"}
    assert {line.split()[0] for line in page.splitlines() if line.startswith((".", "'"))} <= macros
    assert "\b" not in page


@pytest.mark.skipif(shutil.which("groff") is None, reason="needs groff")
def test_groff_sets_the_page_without_a_warning(page: str) -> None:
    """As man does."""
    done = subprocess.run(
        ["groff", "-man", "-Tutf8", "-ww"], input=page, capture_output=True, text=True, check=True, timeout=30
    )
    assert done.stderr == ""
    assert "watch-folder-concurrent" in re.sub(".\b", "", done.stdout)  # bold is struck twice


@pytest.mark.parametrize("shell", SHELLS)
def test_each_shell_gets_its_script(shell: str) -> None:
    """It asks dl-lit itself, so it never falls behind."""
    result = CliRunner().invoke(cli, ["completion", shell])
    assert result.exit_code == 0
    assert f"_DL_LIT_COMPLETE={shell}_complete" in result.output
