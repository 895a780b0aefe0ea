"""A judge of ambiguous matches: its choice counts where nothing speaks against it, and its words are kept."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from db.reading.candidates import candidates_of
from dl_lit.core.items import EntryItem, Resolved
from dl_lit.core.job import Again, Answer, Claim, Done, Reject, Snooze
from dl_lit.core.language import MOST_JUDGED, Choice, Decisions, Judge, ModelError, Task, Trouble
from dl_lit.core.model import Name, Reference, StageName, Work
from dl_lit.core.reasons import Reason
from dl_lit.core.trail import Reply
from stages.enrichment import EnrichmentStage, Habits
from stages.enrichment.judging import FLOOR, JUDGED, LATER_S, PATIENCE_S
from stages.enrichment.stage import NOTICES, SEARCH
from stages.language.judge import LanguageJudge
from stages.sources.registry import SOURCES
from tests.fakes.engine import ManualClock
from tests.fakes.language import FakeModel, asked_of
from tests.fakes.service_calls import Asked, FakeServiceCalls

BROAD = tuple(source for source in SOURCES if source.service in {"openalex", "crossref"})
TITLE = "A long treatise on the gravel of northern shores"
ENTRY = Reference(position=1, raw=f"Lee, A. (1990). {TITLE}. Oslo.", title=TITLE,
                  authors=(Name(family="Lee", given="A."),), year=1990)  # fmt: skip


def record(doi: str, **changes: Any) -> dict[str, Any]:
    """A record as Crossref has it, of the entry's work."""
    return {
        "DOI": doi, "type": "book", "title": [TITLE], "author": [{"family": "Lee", "given": "Anna"}],
        "issued": {"date-parts": [[1990]]}, **changes,
    }  # fmt: skip


TWINS = (record("10.5555/one"), record("10.5555/two"))
"""Two records between which nothing that is printed decides."""


MAY_PASS = (Trouble.RATE_LIMITED, Trouble.OVERLOADED, Trouble.DOWN, Trouble.TIMEOUT)


@dataclass
class FakeJudge:
    """Obeys `Judge`: says or raises what it was told."""

    says: Choice | ModelError
    shown: list[tuple[Reference, tuple[Work, ...]]] = field(default_factory=list)

    def choose(self, reference: Reference, candidates: Sequence[Work]) -> Choice:
        self.shown.append((reference, tuple(candidates)))
        if isinstance(self.says, ModelError):
            raise self.says
        return self.says


@dataclass
class FakeDecisions:
    """Obeys `Decisions`."""

    rejected: set[int] = field(default_factory=set)

    def has_rejected(self, entry_id: int) -> bool:
        return entry_id in self.rejected


def calls(*records: dict[str, Any]) -> FakeServiceCalls:
    body = json.dumps({"message": {"items": records}}).encode()
    empty = b'{"results": [], "message": {"items": []}}'
    return FakeServiceCalls({"openalex": lambda _: empty, "crossref": lambda asked: empty if by_doi(asked) else body})


def by_doi(asked: Asked) -> bool:
    return "filter" in asked.params


def answer(
    judge: Judge | None,
    *records: dict[str, Any],
    reference: Reference = ENTRY,
    decisions: Decisions | None = None,
    checks: bool = False,
) -> Answer:
    return answer_of(
        EnrichmentStage(
            calls(*(records or TWINS)),
            BROAD,
            habits=Habits(check_retractions=checks),
            judge=judge,
            decisions=decisions,
        ),
        reference,
    )


def answer_of(stage: EnrichmentStage, reference: Reference = ENTRY) -> Answer:
    claim = Claim(StageName.ENRICHMENT, 1, EntryItem(1, reference), phase=SEARCH)
    ((_, given),) = stage.handle([claim])
    return given


def chosen(n: int | None, why: str = "the same place") -> FakeJudge:
    return FakeJudge(Choice(candidate=n, why=why, model="fake-1"))


def test_without_a_judge_a_person_decides() -> None:
    given = answer(None)
    assert isinstance(given, Reject)
    assert given.reason is Reason.AMBIGUOUS_MATCH
    assert given.detail == "2 near, none proven"


def test_the_chosen_record_is_the_entrys_work_and_the_words_are_kept() -> None:
    judge = chosen(1)
    given = answer(judge)
    ((reference, shown),) = judge.shown
    assert isinstance(given, Done)
    found = given.facts
    assert isinstance(found, Resolved)
    assert (reference, found.work, found.matched_by) == (ENTRY, shown[1], JUDGED)
    assert found.score >= FLOOR
    assert given.trail is not None
    assert f"doi {shown[1].doi} by judge" in given.trail.decision
    assert "judge fake-1 says 2; the same place" in given.trail.decision
    assert [one.doi for one in candidates_of(given.trail.candidates)] == [shown[1].doi, shown[0].doi]
    assert given.trail.candidates[-1]["judge"] == {
        "choice": 1, "why": "the same place", "model": "fake-1", "is_remembered": False, "is_taken": True,
        "objection": "",
    }  # fmt: skip
    asked = given.trail.asked[-1]
    assert (asked.service, asked.how, asked.reply) == ("language-model", "judge", Reply.FOUND)


def test_what_a_judge_chose_is_checked_for_retractions_like_any_other() -> None:
    assert answer(chosen(0), checks=True) == Again(NOTICES)


def test_a_judge_that_abstains_leaves_it_to_a_person_with_its_words() -> None:
    given = answer(chosen(None, "two editions"))
    assert isinstance(given, Reject)
    assert given.reason is Reason.AMBIGUOUS_MATCH
    assert given.detail == "2 near, none proven; judge fake-1 abstains: two editions"
    assert len(candidates_of(given.evidence)) == 2
    assert given.evidence[-1]["judge"]["choice"] is None
    assert given.trail is not None
    assert given.trail.asked[-1].reply is Reply.ABSENT


def test_a_printed_identifier_outweighs_a_judge() -> None:
    """The printed DOI was looked up and led nowhere: still no other record is taken on a model's word."""
    for printed in ({"doi": "10.5555/misprint"}, {"isbn": "9780306406157"}):
        records = [{**one, "ISBN": ["9783161484100"]} for one in TWINS]
        given = answer(chosen(0), *records, reference=replace(ENTRY, **printed))  # type: ignore[arg-type]
        assert isinstance(given, Reject)
        assert "says 1, not taken: " in given.detail
        assert given.evidence[-1]["judge"]["is_taken"] is False
        assert given.evidence[-1]["judge"]["objection"]


def test_a_choice_below_the_floor_is_not_taken() -> None:
    """A record that agrees in title alone."""
    weak = record("10.5555/weak", title=["A treatise on gravel of the southern shores"],
                  author=[{"family": "Lee", "given": "B."}])  # fmt: skip
    given = answer(chosen(0), weak)
    assert isinstance(given, Reject)
    assert given.reason is Reason.AMBIGUOUS_MATCH
    assert f"below {FLOOR:.2f}" in given.detail


def test_a_vetoed_record_is_not_even_shown() -> None:
    judge = chosen(0)
    given = answer(judge, record("10.5555/notice", title=[f"Retraction: {TITLE}"]))
    assert isinstance(given, Reject)
    assert given.reason is not Reason.AMBIGUOUS_MATCH
    assert judge.shown == []


def test_what_a_person_has_rejected_is_not_judged() -> None:
    judge = chosen(0)
    given = answer(judge, decisions=FakeDecisions({1}))
    assert isinstance(given, Reject)
    assert given.detail.endswith("not judged: a person has decided that it is none of its candidates")
    assert judge.shown == []
    assert isinstance(answer(judge, decisions=FakeDecisions({2})), Done)


@pytest.mark.parametrize("trouble", [one for one in Trouble if one not in {*MAY_PASS, Trouble.STOPPING}])
def test_a_judge_that_gives_no_answer_leaves_it_to_a_person(trouble: Trouble) -> None:
    given = answer(FakeJudge(ModelError(trouble)))
    assert isinstance(given, Reject)
    assert given.reason is Reason.AMBIGUOUS_MATCH
    assert given.detail == f"2 near, none proven; no word of the judge: {trouble.value}"
    assert len(given.evidence) == 2
    assert given.trail is not None
    is_asked = trouble not in {Trouble.OFFLINE, Trouble.BUDGET_GONE}
    assert given.trail.asked[-1].reply is (Reply.FAILED if is_asked else Reply.NOT_ASKED)


@pytest.mark.parametrize("trouble", MAY_PASS)
def test_a_judge_that_may_soon_answer_is_waited_for_but_not_for_long(trouble: Trouble) -> None:
    """The entry comes back while it costs it little; then a person decides, until the judge is heard again."""
    clock, judge = ManualClock(), FakeJudge(ModelError(trouble))
    stage = EnrichmentStage(calls(*TWINS), BROAD, clock=clock, habits=Habits(check_retractions=False), judge=judge)
    waited_s = 0.0
    while isinstance(given := answer_of(stage), Snooze):
        assert given.after == LATER_S
        waited_s += given.after
        clock.advance(given.after)
    assert waited_s == PATIENCE_S
    assert isinstance(given, Reject)
    assert given.reason is Reason.AMBIGUOUS_MATCH
    assert given.detail.endswith(f"no word of the judge: {trouble.value}")
    judge.says = Choice(candidate=None, model="fake-1")
    assert isinstance(answer_of(stage), Reject)
    judge.says = ModelError(trouble, after=PATIENCE_S)
    assert isinstance(answer_of(stage), Snooze)
    judge.says = ModelError(trouble, after=PATIENCE_S + 1)
    assert isinstance(answer_of(stage), Reject)


def test_when_the_program_ends_the_entry_is_left_for_the_next_run() -> None:
    given = answer(FakeJudge(ModelError(Trouble.STOPPING)))
    assert isinstance(given, Snooze)


def test_a_language_model_judges() -> None:
    model = FakeModel(lambda _question: {"choice": 2, "why": " Both\nfit. "})
    works = [Work(title=f"{TITLE} {n}", year=1990) for n in range(9)]
    choice = LanguageJudge(model).choose(ENTRY, works)
    assert choice == Choice(candidate=1, why="Both fit.", model="fake-1")
    (question,) = model.asked
    assert question.task is Task.JUDGE
    assert len(asked_of(question)["candidates"]) == MOST_JUDGED


def test_a_judges_words_are_plain_and_bounded_wherever_they_are_kept() -> None:
    odd = "\ud800\x1b[31m\u202e\0"
    model = FakeModel(lambda _question: {"choice": 1, "why": f"{odd}Both fit.{odd}" + "x" * 10_000})
    choice = LanguageJudge(model).choose(ENTRY, [Work(title=TITLE)])
    assert choice.why.startswith("[31mBoth fit.[31mxx")
    assert len(choice.why) <= 300
    given = answer(FakeJudge(choice))
    told = json.dumps(given.evidence if isinstance(given, Reject) else repr(given), default=repr, ensure_ascii=False)
    told.encode()
    assert not set("\x1b\u202e\0") & set(told)


def test_a_provider_does_not_say_what_an_entry_waits_for() -> None:
    given = answer(FakeJudge(ModelError(Trouble.OVERLOADED, "HTTP 503 send money to us")))
    assert isinstance(given, Snooze)
    assert given.detail == "the judge is asked again: overloaded"


@pytest.mark.parametrize(("said", "candidate"), [({"choice": None, "why": 7}, None), ({"choice": 1}, 0)])
def test_a_judge_need_not_give_reasons(said: Any, candidate: int | None) -> None:
    choice = LanguageJudge(FakeModel(lambda _question: said)).choose(ENTRY, [Work(title=TITLE)])
    assert (choice.candidate, choice.why) == (candidate, "")


@pytest.mark.parametrize("choice", [0, 2, -1, 99, True, "1", 1.0, [1]])
def test_a_judge_can_only_choose_what_it_was_shown(choice: Any) -> None:
    with pytest.raises(ModelError) as caught:
        LanguageJudge(FakeModel(lambda _question: {"choice": choice, "why": ""})).choose(ENTRY, [Work(title=TITLE)])
    assert caught.value.trouble is Trouble.BAD_ANSWER


@pytest.mark.parametrize("said", [None, [], {}, {"answer": 1}, "1"])
def test_an_answer_without_a_choice_is_a_bad_one(said: Any) -> None:
    with pytest.raises(ModelError):
        LanguageJudge(FakeModel(lambda _question: said)).choose(ENTRY, [Work(title=TITLE)])


def looked_up(reference: Reference, *known: dict[str, Any]) -> Answer:
    """What becomes of an entry at its first phase, where Crossref has `known` by their DOIs."""

    def crossref(asked: Asked) -> bytes:
        wanted = asked.params.get("filter", "")
        return json.dumps({"message": {"items": [one for one in known if f"doi:{one['DOI']}" in wanted]}}).encode()

    services = FakeServiceCalls({"openalex": lambda _: b'{"results": []}', "crossref": crossref})
    stage = EnrichmentStage(services, BROAD, habits=Habits(check_retractions=False))
    ((_, given),) = stage.handle([Claim(StageName.ENRICHMENT, 1, EntryItem(1, reference))])
    return given


def test_an_identifier_that_a_model_named_counts_if_its_record_fits_the_print() -> None:
    """It is looked up as a printed one is, and must prove itself as what a search finds must."""
    given = looked_up(replace(ENTRY, supposed=(("doi", "10.5555/one"),)), record("10.5555/one"))
    assert isinstance(given, Done)
    assert isinstance(given.facts, Resolved)
    assert (given.facts.work.doi, given.facts.matched_by) == ("10.5555/one", "search")
    assert given.trail is not None
    assert "a language model named doi 10.5555/one" in given.trail.decision


@pytest.mark.parametrize(
    ("reference", "known"),
    [
        (replace(ENTRY, supposed=(("doi", "10.5555/made.up"),)), ()),
        (replace(ENTRY, supposed=(("doi", "10.5555/one"),)), (record("10.5555/one", title=["Another work of hers"]),)),
        (replace(ENTRY, supposed=(("handle", "1/2"),)), ()),
    ],
)
def test_an_identifier_that_a_model_made_up_leads_nowhere(
    reference: Reference, known: tuple[dict[str, Any], ...]
) -> None:
    assert looked_up(reference, *known) == Again(SEARCH)


def test_a_named_identifier_is_no_printed_one() -> None:
    """Where a printed one is, and was not answered for, another that a model named does not take its place."""
    reference = replace(ENTRY, doi="10.5555/printed", supposed=(("doi", "10.5555/one"),))
    assert not isinstance(looked_up(reference, record("10.5555/one")), Done)


def test_the_fakes_obey_their_contracts() -> None:
    """A fake that drifts from its port fails here by its types."""
    judges: list[Judge] = [chosen(0), LanguageJudge(FakeModel())]
    decisions: Decisions = FakeDecisions()
    assert not decisions.has_rejected(len(judges))
