"""Language models on the command line: what is told at the start, and `dl-lit llm`."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from db.language.schema import side_file
from db.language.uploads import DiskUploads
from db.language.use import Budget, DiskUse
from dl_lit.cli import cli
from dl_lit.cli.checkup import machine
from dl_lit.cli.setting_notes import explained
from dl_lit.core.clock import SystemClock
from dl_lit.core.language import Provider, Tokens
from dl_lit.settings import load

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


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """Where the processes of this machine keep what they share."""
    return tmp_path / ".local" / "state" / "dl-lit"


def noted(state: Path) -> None:
    """A call of the model today, and an upload whose process is gone."""
    file = side_file(state)
    use = DiskUse(file, "gemini/gemini-2.5-flash", Budget())
    use.take(time.time())
    use.add(Tokens(input=1_000, cached=900, output=50, cost=0.25), time.time())
    DiskUploads(file, SystemClock()).begin(Provider.GEMINI, "http://127.0.0.1:9")
    with file.writing() as connection:
        connection.execute("UPDATE uploads SET started = 'long ago'")
    file.close()


def test_llm_says_why_no_model_is_asked() -> None:
    assert "llm.provider is not set" in call("llm").stdout
    assert "--no-llm was said" in call("llm", "--no-llm", **GEMINI).stdout
    assert json.loads(call("llm", "--json").stdout)["model"]["name"] is None


def test_llm_tells_the_model_its_budget_and_what_was_left_behind(state: Path) -> None:
    noted(state)
    told = call("llm", **GEMINI, DL_LIT_LLM_KEY="hush", DL_LIT_LLM_REQUESTS_PER_DAY="1", DL_LIT_LLM_PRICE_INPUT="1")
    assert told.stdout.startswith("gemini/gemini-2.5-flash\n")
    assert "1 of 1 request, $0.25: gone, renewed tomorrow 00:00 UTC" in told.stdout
    assert "1 left behind: the next run deletes them" in told.stdout
    assert "90%" in told.stdout
    assert "hush" not in told.output


def test_llm_names_the_setting_that_is_lacking() -> None:
    assert "llm.key is not set" in call("llm", **GEMINI).stdout


def test_llm_prints_a_document(state: Path) -> None:
    noted(state)
    document = json.loads(call("llm", "--json", **GEMINI, DL_LIT_LLM_KEY="k").stdout)
    assert document["schema"] == "dl-lit/llm/1"
    assert document["model"]["remote_files_let_go"] == 1
    assert document["days"][0]["cached_tokens"] == 900


def test_what_cannot_be_deleted_is_named_and_can_be_forgotten(state: Path) -> None:
    noted(state)
    told = call("llm", **GEMINI, DL_LIT_LLM_KEY="k").stdout
    assert "gemini at http://127.0.0.1:9: perhaps, its answer never came" in told
    assert "1 forgotten" in call("llm", "--forget").stdout
    document = json.loads(call("llm", "--json").stdout)
    assert (document["left"], document["model"]["remote_files"]) == ([], 0)


def test_only_who_may_ask_the_provider_can_clean_up(state: Path) -> None:
    noted(state)
    done = call("llm", "--clean-up")
    assert done.exit_code == 6
    assert "only who has its key" in done.stderr


@pytest.mark.parametrize(
    ("environment", "level", "says"),
    [
        ({}, "ok", "no language model is asked"),
        (GEMINI, "warning", "no run begins: llm.key is not set"),
        ({**GEMINI, "DL_LIT_LLM_KEY": "k"}, "ok", "gemini/gemini-2.5-flash at https://generativelanguage"),
        ({**GEMINI, "DL_LIT_LLM_KEY": "k", "DL_LIT_LLM_REQUESTS_PER_DAY": "1"}, "warning", "budget is used up"),
    ],
)
def test_doctor_tells_of_the_model(state: Path, environment: dict[str, str], level: str, says: str) -> None:
    noted(state)
    with_model = load(env={"HOME": str(state.parents[2]), **environment})
    checks = {check.name: check for check in machine(with_model)}
    assert checks["model"].level.value == level
    assert says in checks["model"].says
    assert checks["model-files"].level.value == "warning"


def test_the_option_wins_over_environment_and_file(tmp_path: Path) -> None:
    file = tmp_path / "c.toml"
    file.write_text("[llm]\nenabled = true\n", encoding="utf-8")
    shown = call("config", "--config", str(file), "--no-llm", "--json", DL_LIT_LLM_ENABLED="true", **GEMINI).stdout
    setting = json.loads(shown)["settings"]["llm.enabled"]
    assert (setting["value"], setting["origin"]) == (False, "option --no-llm")


def test_config_tells_what_a_profile_set_and_where_a_key_came_from() -> None:
    shown = call("config", "--profile", "production", "--json", **GEMINI, GEMINI_API_KEY="hush").stdout
    settings = json.loads(shown)["settings"]
    assert settings["max_concurrent_uploads"]["value"] == 2
    assert settings["max_concurrent_uploads"]["origin"] == "profile production"
    assert (settings["llm.key"]["value"], settings["llm.key"]["origin"]) == ("(set)", "env GEMINI_API_KEY")
    assert "hush" not in shown


@pytest.mark.parametrize("command", ["process-pdf-concurrent", "process-folder-concurrent", "watch-folder-concurrent"])
def test_whatever_runs_the_pipeline_takes_both_options(command: str) -> None:
    told = call(command, "--help").stdout
    assert "--no-llm" in told
    assert "--profile" in told


def test_doctor_explains_what_follows_from_a_model() -> None:
    base = "http://model.example.org/v1"
    environment = {"DL_LIT_LLM_PROVIDER": "compatible", "DL_LIT_LLM_MODEL": "m", "DL_LIT_LLM_BASE_URLS": base}
    says = [one.says for one in explained(load(env={"HOME": "/h", **environment, "DL_LIT_LLM_KEY": "hush"}))]
    assert any(f"unsure of are sent to {base}" in one for one in says)
    assert f"llm.key goes to {base} unencrypted: use https" in says
    assert any("no budget is set" in one for one in says)
    assert not any("hush" in one for one in says)
    assert not any("llm" in one.says for one in explained(load(env={"HOME": "/h"})))
