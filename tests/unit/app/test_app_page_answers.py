"""The page's own questions: what they are asked with, and what makes no sense."""

from __future__ import annotations

import pytest

from dl_lit.app.control_surface.page_answers import PageAnswers
from dl_lit.core.errors import BadInput
from dl_lit.core.model import StageName
from dl_lit.core.reasons import Reason
from tests.fakes.scenario import HandClock, Scenario, typical


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> PageAnswers:
    with Scenario(tmp_path_factory.mktemp("answers")) as scenario:
        typical(scenario)
        return PageAnswers(scenario.path, HandClock())


@pytest.mark.parametrize(
    ("path", "asked", "key"),
    [
        ("/api/throughput", {"hours": "1"}, "stages"),
        ("/api/recent", {"limit": "5"}, "events"),
        ("/api/bibliographies", {"state": "failed", "order": "coverage"}, "sources"),
        ("/api/bibliographies", {"source": "s2"}, "sources"),
        ("/api/bibliography", {"source": "2"}, "entries"),
        ("/api/library", {"state": "failed", "order": "newest"}, "works"),
        ("/api/failures", {"stage": "enrichment", "reason": "no-match"}, "failures"),
        ("/api/search", {"text": "lovelace"}, "works"),
        ("/api/graph", {}, "links"),
        ("/api/reasons", {}, "reasons"),
    ],
)
def test_every_question_has_an_answer_with_its_schema(
    answers: PageAnswers, path: str, asked: dict[str, str], key: str
) -> None:
    told = answers.extras()[path].answer(asked)
    assert told["schema"] == f"dl-lit/{path.removeprefix('/api/')}/1"
    assert len(told[key]) > 0


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("/api/throughput", {"hours": "0"}),
        ("/api/throughput", {"hours": "169"}),
        ("/api/recent", {"limit": "501"}),
        ("/api/recent", {"after": "-1"}),
        ("/api/bibliographies", {"state": "happy"}),
        ("/api/bibliographies", {"order": "best"}),
        ("/api/bibliography", {}),
        ("/api/bibliography", {"source": "e2"}),
        ("/api/library", {"state": "extracted"}),
        ("/api/failures", {"stage": "enrichment"}),
        ("/api/failures", {"stage": "brewing", "reason": "no-match"}),
        ("/api/graph", {"works": "401"}),
        ("/api/search", {"limit": "many"}),
    ],
)
def test_what_makes_no_sense_is_refused(answers: PageAnswers, path: str, asked: dict[str, str]) -> None:
    with pytest.raises(BadInput):
        answers.extras()[path].answer(asked)


def test_every_reason_is_told_with_its_class_and_meaning(answers: PageAnswers) -> None:
    told = answers.reasons({})["reasons"]
    assert set(told) == {reason.value for reason in Reason}
    assert told["no-oa-location"]["class"] == "nothing"


def test_the_throughput_has_every_stage(answers: PageAnswers) -> None:
    told = answers.throughput({"hours": "1"})
    assert list(told["stages"]) == list(StageName)
    assert sum(told["stages"]["download"]["done"]) == 1
