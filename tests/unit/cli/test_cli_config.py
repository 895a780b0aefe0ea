"""`dl-lit config` shows what holds and who set it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dl_lit import logs
from dl_lit.cli import cli
from dl_lit.runtime import signals


def config(*arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(cli, ["config", *arguments], env=environment)


@pytest.fixture(autouse=True)
def _empty_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "CONFIGURATION_DIRECTORY", "STATE_DIRECTORY", "DL_LIT_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))


def test_the_document_has_a_schema_and_every_setting_with_value_origin_and_variable(tmp_path: Path) -> None:
    result = config("--json", "--db", "/x.db", DL_LIT_CONTACT_EMAIL="ada@uni.edu", DL_LIT_NOWHERE="1")
    document = json.loads(result.stdout)
    assert document["schema"] == "dl-lit/config/1"
    settings = document["settings"]
    assert settings["database"] == {"value": "/x.db", "origin": "option --db", "variable": "DL_LIT_DB"}
    assert settings["contact_email"]["origin"] == "env DL_LIT_CONTACT_EMAIL"
    assert settings["library"]["value"] == str(tmp_path / ".local/share/dl-lit/library")
    assert document["unused_variables"] == ["DL_LIT_NOWHERE"]


def test_keys_are_shown_as_set_only() -> None:
    result = config(DL_LIT_OPENALEX_KEY="hush-hush")
    assert "hush" not in result.output
    assert '"(set)"  (env DL_LIT_OPENALEX_KEY)' in result.stdout


def test_changed_leaves_out_the_defaults() -> None:
    result = config("--changed", DL_LIT_WORKERS_DOWNLOAD="3")
    assert result.stdout == "workers.download  3  (env DL_LIT_WORKERS_DOWNLOAD)\n"


def test_a_variable_that_sets_nothing_is_told_on_standard_error() -> None:
    result = config(DL_LIT_CONTACT_EMIAL="ada@uni.edu")
    assert "DL_LIT_CONTACT_EMIAL" in result.stderr
    assert "DL_LIT_CONTACT_EMIAL" not in result.stdout


def test_a_wrong_setting_ends_with_6_and_one_line() -> None:
    result = config(DL_LIT_WORKERS_DOWNLOAD="many")
    assert result.exit_code == 6
    assert result.stderr.startswith("dl-lit: workers.download (env DL_LIT_WORKERS_DOWNLOAD)")
    assert result.stderr.count("\n") == 1


def test_as_a_settings_file_it_says_the_same(tmp_path: Path) -> None:
    """What was set in whatever way can be kept; defaults and keys are left to be filled in."""
    env = {"DL_LIT_WORKERS_DOWNLOAD": "3", "DL_LIT_WATCH_IGNORE": "drafts/*,*_cover.pdf", "DL_LIT_CROSSREF_RATE": "2/1"}
    text = config("--toml", DL_LIT_OPENALEX_KEY="hush-hush", **env).stdout
    assert "hush" not in text
    file = tmp_path / "config.toml"
    file.write_text(text)
    before = json.loads(config("--json", **env).stdout)["settings"]
    after = json.loads(config("--json", "--config", str(file)).stdout)["settings"]
    assert {name: one["value"] for name, one in after.items()} == {name: one["value"] for name, one in before.items()}
    everything = "\n".join(line.removeprefix("# ") for line in text.splitlines()[1:] if " = ..." not in line)
    file.write_text(everything)
    assert config("--config", str(file)).exit_code == 0  # every default can be written down


def test_what_the_daemon_would_refuse_is_not_approved(tmp_path: Path) -> None:
    """The settings are shown all the same; the daemon takes no file either."""
    address = {"DL_LIT_SERVE_ADDRESS": "0.0.0.0:8765"}
    result = config("--changed", **address)
    assert result.exit_code == 6
    assert result.stdout == 'serve.address  "0.0.0.0:8765"  (env DL_LIT_SERVE_ADDRESS)\n'
    assert result.stderr.startswith("dl-lit: others can reach 0.0.0.0: set a token (serve.token")
    assert config(**address, DL_LIT_SERVE_TOKEN="open-sesame").exit_code == 0
    (tmp_path / "in").mkdir()
    refused = CliRunner().invoke(cli, ["watch-folder-concurrent", str(tmp_path / "in")], env=address)
    assert (refused.exit_code, refused.stderr) == (6, result.stderr)
    assert [one.name for one in tmp_path.iterdir()] == ["in"]


def test_a_model_that_could_not_be_asked_is_told() -> None:
    result = config("--changed", DL_LIT_LLM_PROVIDER="gemini")
    assert (result.exit_code, result.stderr.startswith("dl-lit: llm.model is not set")) == (6, True)


def test_a_daemon_that_is_stopped_while_it_starts_ends_in_good_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With 0, as when it has drained; nothing has begun."""
    early = signals.EarlySignals()
    early.count = 1
    monkeypatch.setattr(signals, "_early", early)
    (tmp_path / "in").mkdir()
    result = CliRunner().invoke(cli, ["watch-folder-concurrent", str(tmp_path / "in"), "--json"])
    logs.close()
    assert (result.exit_code, json.loads(result.stdout)["clean"]) == (0, True)
    assert [one.name for one in tmp_path.iterdir()] == ["in"]
