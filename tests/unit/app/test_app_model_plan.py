"""What a model would be asked is told before it is."""

from __future__ import annotations

from dl_lit.app.language.plan import ModelPlan, model_plan
from dl_lit.core.model import Bibliography, ListSpan, Reference
from dl_lit.settings import Settings, load


def settings(**environment: str) -> Settings:
    model = {"DL_LIT_LLM_PROVIDER": "ollama", "DL_LIT_LLM_MODEL": "m", "DL_LIT_LLM_SECTION_PAGES": "2"}
    return load(env={"HOME": "/h", **model, **environment}).settings


def entry(position: int, page: int, confidence: float) -> Reference:
    return Reference(position=position, page=page, raw="x", confidence=confidence)


GAP = Bibliography(
    page_count=20,
    references=tuple(entry(n, 10, 0.9) for n in range(1, 4)),
    lists=(ListSpan(heading="References", first_page=10, last_page=12, found=3, expected=30),),
)
UNSURE = Bibliography(page_count=9, references=(entry(1, 8, 0.1), entry(2, 8, 0.9), entry(3, 9, 0.2)))
FINE = Bibliography(page_count=9, references=(entry(1, 8, 0.9),))


def test_pages_with_gaps_and_doubtful_entries_are_counted_and_nothing_else() -> None:
    assert model_plan(settings(), [GAP, UNSURE, FINE]) == ModelPlan(
        model="ollama/m", sources=2, pages=3, entries=2, questions=4
    )
    together = model_plan(settings(DL_LIT_LLM_ENTRIES_TOGETHER="5"), [UNSURE])
    assert together is not None
    assert together.questions == 1


def test_there_is_no_plan_where_no_model_reads() -> None:
    assert model_plan(settings(DL_LIT_LLM_ENABLED="false"), [GAP]) is None
    assert model_plan(settings(DL_LIT_LLM_READS="false"), [GAP]) is None
    assert model_plan(load(env={"HOME": "/h"}).settings, [GAP]) is None
