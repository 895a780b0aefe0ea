"""Settings of language models: profiles, tiers, keys under their usual names, and what is told at the start."""

from __future__ import annotations

from pathlib import Path

import pytest

from dl_lit.core.errors import DlLitError, NeedsConfiguration
from dl_lit.settings import Loaded, load, shown
from dl_lit.settings.check_llm import require_model

GEMINI = {"DL_LIT_LLM_PROVIDER": "gemini", "DL_LIT_LLM_MODEL": "gemini-2.5-flash"}
CONCURRENCY = (
    *("max_concurrent_section_tasks", "max_concurrent_uploads", "max_concurrent_splits"),
    *("max_memory_usage_mb", "memory_throttle_threshold_mb"),
)


def loaded(options: dict[str, tuple[str, object]] | None = None, /, **environment: str) -> Loaded:
    return load(env={"HOME": "/h", **environment}, options=options)


def values(found: Loaded, names: tuple[str, ...]) -> tuple[object, ...]:
    return tuple(found.values[name].value for name in names)


def test_no_model_is_asked_unless_a_provider_is_named() -> None:
    assert not loaded(DL_LIT_LLM_MODEL="m", DL_LIT_LLM_KEY="k").settings.llm.is_on
    assert loaded(**GEMINI, DL_LIT_LLM_KEY="k").settings.llm.is_on


def test_the_documented_defaults_hold() -> None:
    settings = loaded().settings
    assert values(loaded(), CONCURRENCY) == (5, 3, 4, 1_024, 768)
    assert (settings.section_task_timeout_seconds, settings.upload_timeout_seconds) == (600.0, 300.0)
    assert settings.split_timeout_seconds == 120.0
    assert settings.enable_memory_monitoring
    assert settings.enable_concurrent_processing
    assert settings.max_concurrent_model_calls == 10
    assert (settings.llm.batch_width, settings.llm.batch_first, settings.llm.batch_timeout_s) == (50, 5, 300.0)


@pytest.mark.parametrize(
    ("variable", "name", "text", "value"),
    [
        ("DL_LIT_MAX_CONCURRENT_MODEL_CALLS", "max_concurrent_model_calls", "4", 4),
        ("DL_LIT_MAX_CONCURRENT_SECTION_TASKS", "max_concurrent_section_tasks", "7", 7),
        ("DL_LIT_MAX_CONCURRENT_UPLOADS", "max_concurrent_uploads", "7", 7),
        ("DL_LIT_MAX_CONCURRENT_SPLITS", "max_concurrent_splits", "7", 7),
        ("DL_LIT_SECTION_TASK_TIMEOUT_SECONDS", "section_task_timeout_seconds", "1.5", 1.5),
        ("DL_LIT_UPLOAD_TIMEOUT_SECONDS", "upload_timeout_seconds", "1.5", 1.5),
        ("DL_LIT_SPLIT_TIMEOUT_SECONDS", "split_timeout_seconds", "1.5", 1.5),
        ("DL_LIT_ENABLE_MEMORY_MONITORING", "enable_memory_monitoring", "false", False),
        ("DL_LIT_MAX_MEMORY_USAGE_MB", "max_memory_usage_mb", "4096", 4_096),
        ("DL_LIT_MEMORY_THROTTLE_THRESHOLD_MB", "memory_throttle_threshold_mb", "100", 100),
        ("DL_LIT_ENABLE_CONCURRENT_PROCESSING", "enable_concurrent_processing", "false", False),
        ("DL_LIT_LLM_BATCH_WIDTH", "llm.batch_width", "20", 20),
        ("DL_LIT_RATE_LIMIT_BUFFER", "http.rate_limit_buffer", "0.5", 0.5),
        ("DL_LIT_HTTP_RATE_LIMIT_BUFFER", "http.rate_limit_buffer", "0.5", 0.5),
        ("DL_LIT_LLM_BASE_URLS", "llm.base_urls", "http://a:1/v1, http://b:1/v1", ("http://a:1/v1", "http://b:1/v1")),
    ],
)
def test_each_can_be_set_by_its_variable(variable: str, name: str, text: str, value: object) -> None:
    assert loaded(**{variable: text}).values[name].value == value


@pytest.mark.parametrize(
    ("profile", "expected"), [("production", (3, 2, 3, 2_048, 1_536)), ("development", (8, 5, 6, 1_024, 768))]
)
def test_a_profile_sets_five_settings_together_and_says_that_it_did(profile: str, expected: tuple[int, ...]) -> None:
    found = loaded({"profile": ("--profile", profile)})
    assert values(found, CONCURRENCY) == expected
    assert {found.values[name].origin for name in CONCURRENCY} == {f"profile {profile}"}
    assert loaded(DL_LIT_PROFILE=profile).settings.max_concurrent_splits == expected[2]


def test_what_is_set_explicitly_stands_above_the_profile_wherever_it_is_set(tmp_path: Path) -> None:
    file = tmp_path / "c.toml"
    file.write_text('profile = "production"\nmax_concurrent_uploads = 9\n', encoding="utf-8")
    found = load(config=file, env={"HOME": "/h", "DL_LIT_MAX_CONCURRENT_SPLITS": "1"})
    assert values(found, CONCURRENCY) == (3, 9, 1, 2_048, 1_536)


@pytest.mark.parametrize(("tier", "calls"), [("free", 2), ("1", 5), ("2", 10)])
def test_a_tier_sets_the_calls_at_once_where_nobody_else_does(tier: str, calls: int) -> None:
    found = loaded(DL_LIT_LLM_TIER=tier)
    assert found.settings.max_concurrent_model_calls == calls
    assert found.values["max_concurrent_model_calls"].origin == f"llm.tier {tier}"
    explicit = loaded(DL_LIT_LLM_TIER=tier, DL_LIT_MAX_CONCURRENT_MODEL_CALLS="7")
    assert explicit.settings.max_concurrent_model_calls == 7


def test_a_narrower_batch_begins_no_wider_than_it_may_become() -> None:
    assert loaded(DL_LIT_LLM_BATCH_WIDTH="3").settings.llm.batch_first == 3
    with pytest.raises(NeedsConfiguration, match=r"llm\.batch_first \(9, .*may not exceed llm\.batch_width"):
        loaded(DL_LIT_LLM_BATCH_WIDTH="8", DL_LIT_LLM_BATCH_FIRST="9")


def test_the_usual_variable_of_the_named_provider_gives_the_key_and_no_other_does() -> None:
    found = loaded(**GEMINI, GEMINI_API_KEY="g", OPENAI_API_KEY="o")
    assert found.settings.llm.key == "g"
    assert found.values["llm.key"].origin == "env GEMINI_API_KEY"
    assert loaded(**GEMINI, GEMINI_API_KEY="g", DL_LIT_LLM_KEY="ours").settings.llm.key == "ours"
    assert loaded(GEMINI_API_KEY="g").settings.llm.key is None
    with pytest.raises(NeedsConfiguration, match=r"llm\.key"):
        require_model(loaded(**GEMINI, OPENAI_API_KEY="o").settings)


def test_the_key_comes_from_a_credential_and_is_never_shown(tmp_path: Path) -> None:
    (tmp_path / "llm_key").write_text("hush\n", encoding="utf-8")
    found = loaded(**GEMINI, CREDENTIALS_DIRECTORY=str(tmp_path), GEMINI_API_KEY="another")
    assert found.settings.llm.key == "hush"
    assert found.values["llm.key"].origin == "credential llm_key"
    line = next(one for one in shown(found) if one.name == "llm.key")
    assert line.value == "(set)"
    assert "hush" not in repr(found.settings)


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({"DL_LIT_LLM_PROVIDER": "hal"}, r"llm\.provider \(env DL_LIT_LLM_PROVIDER\)"),
        ({"DL_LIT_LLM_PROVIDER": "openai"}, r"llm\.model is not set"),
        ({"DL_LIT_LLM_PROVIDER": "openai", "DL_LIT_LLM_MODEL": "m"}, r"llm\.key is not set.*OPENAI_API_KEY"),
        ({"DL_LIT_LLM_PROVIDER": "compatible", "DL_LIT_LLM_MODEL": "m"}, r"llm\.base_urls is not set"),
        ({"DL_LIT_LLM_PROVIDER": "azure", "DL_LIT_LLM_MODEL": "m", "DL_LIT_LLM_KEY": "k"}, r"llm\.base_urls"),
        ({"DL_LIT_LLM_API_VERSION": "latest"}, r"llm\.api_version .*2024-10-21"),
        ({**GEMINI, "DL_LIT_LLM_KEY": "k", "DL_LIT_LLM_DOLLARS_PER_DAY": "2"}, r"llm\.price_input.*dollars_per_day"),
        (
            {**GEMINI, "DL_LIT_LLM_KEY": "k", "DL_LIT_LLM_DOLLARS_PER_DAY": "2", "DL_LIT_LLM_PRICE_INPUT": "1"},
            r"llm\.price_output",
        ),
        ({"DL_LIT_LLM_BASE_URLS": "ftp://x"}, r"llm\.base_urls .*no http or https address"),
        ({"DL_LIT_LLM_BASE_URLS": "http://x,http://x"}, r"llm\.base_urls .*named twice"),
        ({"DL_LIT_LLM_MODEL": "a model"}, r"llm\.model"),
        ({"DL_LIT_MAX_MEMORY_USAGE_MB": "500"}, r"memory_throttle_threshold_mb .*max_memory_usage_mb"),
        ({"DL_LIT_PROFILE": "holiday"}, r"profile \(env DL_LIT_PROFILE\)"),
    ],
)
def test_what_will_not_do_is_told_at_the_start_in_one_line(environment: dict[str, str], told: str) -> None:
    with pytest.raises(NeedsConfiguration, match=told) as raised:
        require_model(loaded(**environment).settings)
    assert raised.value.exit_code == 6
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"DL_LIT_LLM_PROVIDER": "ollama", "DL_LIT_LLM_MODEL": "llama3.1:8b"},
        {
            "DL_LIT_LLM_PROVIDER": "openrouter",
            "DL_LIT_LLM_MODEL": "google/gemini-2.5-flash",
            "OPENROUTER_API_KEY": "k",
            "DL_LIT_LLM_DOLLARS_PER_DAY": "2",
        },
        {
            "DL_LIT_LLM_PROVIDER": "azure",
            "DL_LIT_LLM_MODEL": "deployment",
            "AZURE_OPENAI_API_KEY": "k",
            "DL_LIT_LLM_BASE_URLS": "https://x.openai.azure.com",
        },
    ],
)
def test_servers_of_ones_own_need_no_key_and_a_provider_that_tells_the_cost_no_prices(
    environment: dict[str, str],
) -> None:
    require_model(loaded(**environment).settings)


def test_without_models_by_option_nothing_is_lacking() -> None:
    """`--no-llm` wins over whatever the environment and the file say, and asks for no key."""
    found = loaded({"llm.enabled": ("--no-llm", False)}, DL_LIT_LLM_ENABLED="true", **GEMINI)
    assert not found.settings.llm.is_on
    require_model(found.settings)


def test_who_asks_no_model_may_lack_its_key() -> None:
    """The daemon alone may read it: `dl-lit status` needs none."""
    assert loaded(**GEMINI).settings.llm.is_on


def test_a_key_that_will_not_do_is_not_repeated() -> None:
    with pytest.raises(DlLitError) as raised:
        loaded(**GEMINI, DL_LIT_LLM_KEY="very secret")
    assert "very" not in str(raised.value)
