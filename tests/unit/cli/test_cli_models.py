"""Language models on the command line: what is told at the start, and `dl-lit llm`."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dl_lit.cli import cli

GEMINI = {"DL_LIT_LLM_PROVIDER": "gemini", "DL_LIT_LLM_MODEL": "gemini-2.5-flash"}


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "CONFIGURATION_DIRECTORY", "STATE_DIRECTORY"):
        monkeypatch.delenv(name, raising=False)
    for name in ("GEMINI_API_KEY", "DL_LIT_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))


def call(*arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(cli, arguments, env=environment)


def test_a_run_whose_model_lacks_a_key_ends_with_6_and_begins_nothing(tmp_path: Path) -> None:
    (tmp_path / "one.pdf").write_bytes(b"%PDF-1.4")
    done = call("process-pdf-concurrent", str(tmp_path / "one.pdf"), "--json", **GEMINI)
    assert done.exit_code == 6
    assert done.stderr.splitlines()[-1].startswith("dl-lit: llm.key is not set: gemini wants one; set DL_LIT_LLM_KEY")
    assert not (tmp_path / ".local" / "share" / "dl-lit" / "dl-lit.db").exists()
