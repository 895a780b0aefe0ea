"""The engine's measures follow the settings."""

from __future__ import annotations

from dataclasses import replace

from dl_lit.app.measures import shape_of, silent_s
from dl_lit.core.model import StageName
from dl_lit.settings import load

EXTRACTION, ENRICHMENT, QUEUEING, DOWNLOAD = StageName


def test_hands_move_between_the_least_and_the_most_unless_scaling_is_off() -> None:
    settings = load(env={}).settings
    shape = shape_of(settings)
    assert [shape.workers_least[stage] for stage in StageName] == [1, 2, 1, 4]
    assert (shape.workers[DOWNLOAD], shape.idle_s) == (64, 60.0)
    fixed = shape_of(replace(settings, scaling=replace(settings.scaling, enabled=False)))
    assert fixed.workers_least == fixed.workers


def test_hands_may_be_silent_for_as_long_as_all_limits_of_their_work() -> None:
    settings = load(env={}).settings
    plain = silent_s(settings)
    assert plain == {EXTRACTION: 600.0 + 3 * 120.0, DOWNLOAD: 600.0 + 20 * 300.0}
    with_grobid = silent_s(load(env={"DL_LIT_GROBID_URL": "http://127.0.0.1:8070"}).settings)
    assert with_grobid[EXTRACTION] == plain[EXTRACTION] + 3 * (30.0 + 2.0 * 120.0)
    model = {"DL_LIT_LLM_PROVIDER": "ollama", "DL_LIT_LLM_MODEL": "m"}
    with_model = silent_s(load(env=model).settings)  # 2 hands, 18 sections each, 5 at once
    assert with_model[EXTRACTION] == plain[EXTRACTION] + 120.0 + 8 * 600.0 + 300.0
    assert silent_s(load(env={**model, "DL_LIT_LLM_READS": "false"}).settings) == plain
