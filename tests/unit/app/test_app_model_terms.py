"""Every setting of language models reaches what goes by it."""

from __future__ import annotations

import pytest

from dl_lit.app.language.place import model_place
from dl_lit.app.language.terms import batch_limits, call_limits, section_limits
from dl_lit.core.errors import NeedsConfiguration
from dl_lit.core.language import Provider
from dl_lit.core.section_limits import SectionWork
from dl_lit.core.width import BatchLimits
from dl_lit.settings import Settings, load

SET = {
    "DL_LIT_LLM_PROVIDER": "azure",
    "DL_LIT_LLM_MODEL": "deployment",
    "DL_LIT_LLM_BASE_URLS": "http://127.0.0.1:1,http://127.0.0.1:2",
    "DL_LIT_LLM_KEY": "k",
    "DL_LIT_LLM_API_VERSION": "2025-01-01-preview",
    "DL_LIT_LLM_JSON_SCHEMA": "false",
    "DL_LIT_LLM_PRICE_INPUT": "1",
    "DL_LIT_LLM_PRICE_CACHED": "2",
    "DL_LIT_LLM_PRICE_WRITTEN": "3",
    "DL_LIT_LLM_PRICE_OUTPUT": "4",
    "DL_LIT_LLM_REQUESTS_PER_MINUTE": "5",
    "DL_LIT_RATE_LIMIT_BUFFER": "0.5",
    "DL_LIT_LLM_TRIES": "6",
    "DL_LIT_LLM_TRY_AGAIN_S": "7",
    "DL_LIT_LLM_TIMEOUT_S": "8",
    "DL_LIT_LLM_BATCH_TIMEOUT_S": "9",
    "DL_LIT_LLM_BATCH_WIDTH": "40",
    "DL_LIT_LLM_BATCH_FIRST": "4",
    "DL_LIT_MAX_CONCURRENT_MODEL_CALLS": "10",
    "DL_LIT_HTTP_BREAKER_FAILURES": "11",
    "DL_LIT_HTTP_BREAKER_OPEN_S": "12",
    "DL_LIT_MAX_CONCURRENT_SECTION_TASKS": "13",
    "DL_LIT_MAX_CONCURRENT_SPLITS": "14",
    "DL_LIT_MAX_CONCURRENT_UPLOADS": "15",
    "DL_LIT_SECTION_TASK_TIMEOUT_SECONDS": "16",
    "DL_LIT_SPLIT_TIMEOUT_SECONDS": "17",
    "DL_LIT_UPLOAD_TIMEOUT_SECONDS": "18",
    "DL_LIT_MAX_MEMORY_USAGE_MB": "20",
    "DL_LIT_MEMORY_THROTTLE_THRESHOLD_MB": "19",
}


def settings(**environment: str) -> Settings:
    return load(env={"HOME": "/h", **environment}).settings


def test_the_place() -> None:
    place = model_place(settings(**SET))
    assert (place.provider, place.model, place.key) == (Provider.AZURE, "deployment", "k")
    assert place.base_urls == ("http://127.0.0.1:1", "http://127.0.0.1:2")
    assert (place.api_version, place.json_schema, place.is_offline) == ("2025-01-01-preview", False, False)
    prices = place.prices
    assert (prices.input, prices.cached, prices.written, prices.output) == (1.0, 2.0, 3.0, 4.0)
    assert model_place(settings(**SET, DL_LIT_OFFLINE="1")).is_offline


@pytest.mark.parametrize(("switch", "warms_up"), [("auto", None), ("on", True), ("off", False)])
def test_the_warming_of_the_prompt_cache(switch: str, *, warms_up: bool | None) -> None:
    assert model_place(settings(**SET, DL_LIT_LLM_WARM_UP=switch)).warm_up is warms_up


def test_there_is_no_place_without_a_model() -> None:
    with pytest.raises(NeedsConfiguration):
        model_place(settings())


def test_the_limits_of_calls() -> None:
    limits = call_limits(settings(**SET))
    assert (limits.per_minute, limits.buffer, limits.tries, limits.try_again_s) == (5, 0.5, 6, 7.0)
    assert (limits.timeout_s, limits.patience_s, limits.at_once) == (8.0, 9.0, 10)
    assert (limits.breaker_failures, limits.breaker_open_s) == (11, 12.0)


@pytest.mark.parametrize(("days", "kept"), [("30", 180.0), ("40", 180.0), ("7", 7.0), ("0", 0.0)])
def test_answers_are_remembered_for_long_unless_all_are_for_a_shorter_time(days: str, kept: float) -> None:
    assert call_limits(settings(DL_LIT_CACHE_LIFETIME_DAYS=days)).remember_days == kept


def test_the_limits_of_batches() -> None:
    limits = batch_limits(settings(**SET))
    assert limits == BatchLimits(width=40, first=4, timeout_s=9.0, tries=6, base_s=7.0)


def test_in_sequence_one_question_follows_the_other() -> None:
    for found in (settings(**SET).sequential, settings(**SET, DL_LIT_ENABLE_CONCURRENT_PROCESSING="false")):
        limits, sections = batch_limits(found), section_limits(found)
        assert (limits.width, limits.first) == (1, 1)
        assert {sections.most(kind) for kind in SectionWork} == {1}


def test_the_limits_of_sections() -> None:
    limits = section_limits(settings(**SET))
    assert (limits.tasks, limits.splits, limits.uploads) == (13, 14, 15)
    assert (limits.task_s, limits.split_s, limits.upload_s) == (16.0, 17.0, 18.0)
    assert (limits.throttle_memory_mb, limits.most_memory_mb, limits.tries, limits.base_s) == (19, 20, 6, 7.0)
    assert limits.watches_memory
    assert limits.is_concurrent
    switched = section_limits(
        settings(DL_LIT_ENABLE_MEMORY_MONITORING="false", DL_LIT_ENABLE_CONCURRENT_PROCESSING="false")
    )
    assert not switched.watches_memory
    assert not switched.is_concurrent
