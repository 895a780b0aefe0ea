"""`dl-lit notify --test` says who was told, and who was not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dl_lit import logs
from dl_lit.cli import cli


@pytest.fixture(autouse=True)
def _empty_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))


def tried(*arguments: str, **environment: str) -> Result:
    env = {f"DL_LIT_{name}": value for name, value in environment.items()}
    try:
        return CliRunner().invoke(cli, ["notify", "--test", *arguments], env=env)
    finally:
        logs.close()


def test_offline_an_address_elsewhere_is_not_told_and_that_is_said() -> None:
    result = tried(OFFLINE="true", NOTIFY_URL="https://hooks.example.org/x", NOTIFY_COMMAND="true")
    assert result.exit_code == 1
    assert "notify.command: set: told\n" in result.stdout
    assert "notify.url: set: not told: offline" in result.stdout
    found = json.loads(tried("--json", OFFLINE="true", NOTIFY_URL="https://hooks.example.org/x").stdout)
    assert found["ways"]["notify.url"]["trouble"].startswith("offline")


def test_a_command_that_fails_is_said() -> None:
    result = tried(NOTIFY_COMMAND="false")
    assert result.exit_code == 1
    assert "notify.command: set: not told: " in result.stdout
