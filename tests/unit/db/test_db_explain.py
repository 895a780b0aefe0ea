"""A story tells everything about one thing, by any of its names."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from db.reading.explain import Explanation, Story, explain
from db.reading.opening import reading
from dl_lit.core.errors import BadInput
from dl_lit.core.items import Resolved
from dl_lit.core.job import Done
from dl_lit.core.model import Alias, RelationKind, StageName, WorkType
from dl_lit.core.reasons import Reason
from dl_lit.core.trail import Asked, Reply, Trail
from tests.fakes.scenario import Scenario, typical, work


@pytest.fixture
def scenario(tmp_path: Path) -> Iterator[Scenario]:
    with Scenario(tmp_path) as one:
        typical(one)
        yield one


def told(scenario: Scenario, name: str) -> Explanation:
    with reading(scenario.path) as connection:
        return explain(connection, name)


def story(scenario: Scenario, name: str) -> Story:
    (one,) = told(scenario, name).stories
    return one


@pytest.mark.parametrize("name", ["1", "e1", "E1", " e1 "])
def test_a_number_is_an_entry(scenario: Scenario, name: str) -> None:
    one = story(scenario, name)
    assert one.id == "e1"
    assert one.entry is not None
    assert one.source is not None
    assert one.entry.reference.raw == "[1] Lovelace, A. On computable numbers. 2017."
    assert one.source.path == "/inbox/old.pdf"


def test_an_entrys_attempts_are_told_from_extraction_to_download(scenario: Scenario) -> None:
    assert [(a.stage.value, a.outcome, a.reason) for a in story(scenario, "e1").attempts] == [
        ("extraction", "done", "ok"),
        ("enrichment", "done", "ok"),
        ("queueing", "done", "ok"),
        ("download", "done", "ok"),
    ]


def test_a_work_is_told_with_all_who_cite_it(scenario: Scenario) -> None:
    for name in ("w1", "10.1000/computable", "https://doi.org/10.1000/COMPUTABLE"):
        one = story(scenario, name)
        assert one.work is not None
        assert one.work.file is not None
        assert [entry.id for entry in one.cited_by] == [1, 4]


def test_a_source_is_told_by_its_path_too(scenario: Scenario) -> None:
    assert story(scenario, "/inbox/new.pdf").id == "s3"
    assert [entry.id for entry in story(scenario, "s3").cited_by] == [4, 5, 6, 7]
    assert story(scenario, "s1").attempts[0].reason == "encrypted-pdf"


def test_tries_are_told_in_order_with_their_reasons(scenario: Scenario) -> None:
    (source,) = scenario.add("again.pdf")
    scenario.retry(StageName.EXTRACTION, source, Reason.PARSER_CRASHED, after=5)
    scenario.clock.at += 10
    scenario.extract(source, ["A"])
    assert [(a.attempt, a.outcome, a.reason) for a in story(scenario, f"s{source}").attempts] == [
        (1, "retry", "parser-crashed"),
        (2, "done", "ok"),
    ]


def test_a_printed_doi_finds_entries_whose_work_is_not_known(scenario: Scenario) -> None:
    scenario.sql("UPDATE entries SET doi = '10.1234/printed' WHERE id IN (3, 5)")
    assert [one.id for one in told(scenario, "doi:10.1234/Printed").stories] == ["e3", "e5"]


def test_of_many_that_fit_the_first_are_told_and_all_counted(scenario: Scenario) -> None:
    scenario.extract(scenario.add("more.pdf")[0], [f"T{n}" for n in range(30)])
    scenario.sql("UPDATE entries SET doi = '10.1234/printed' WHERE id > 7")
    found = told(scenario, "10.1234/printed")
    assert (len(found.stories), found.found) == (20, 30)


@pytest.mark.parametrize("name", ["e99", "w99", "s99", "10.9999/nothing"])
def test_what_is_not_known_is_said_so(scenario: Scenario, name: str) -> None:
    with pytest.raises(BadInput, match="nothing is known of"):
        told(scenario, name)


@pytest.mark.parametrize("name", ["", "x1", "e0", "e-1", "no such file.pdf"])
def test_what_is_no_name_is_said_so(scenario: Scenario, name: str) -> None:
    with pytest.raises(BadInput, match="is no id"):
        told(scenario, name)


def test_versions_titles_and_merges_of_a_work_are_told(scenario: Scenario) -> None:
    draft, final, other = scenario.extract(scenario.add("kin.pdf")[0], ["A text", "A text", "Un texte"])
    first = scenario.resolve(draft, work("A text", doi="10.1/draft", type=WorkType.ARTICLE, openalex_id="W5"))
    second = scenario.resolve(final, work("A text", doi="10.1/final"))
    third = scenario.resolve(other, work("Un texte", openalex_id="W5", language="fr"))
    scenario.queue(first)
    scenario.queue(second)
    scenario.duplicate(third, first, "openalex")
    scenario.download(first, "draft.pdf")
    one = story(scenario, f"w{second}")
    (linked,) = one.linked
    assert (linked.kind, linked.view.id, linked.view.file is not None) == (RelationKind.VERSION, first, True)
    one = story(scenario, f"w{third}")
    assert one.id == f"w{first}"
    assert one.titles == (Alias(title="Un texte", language="fr"),)
    assert [(merge.gone_work_id, merge.work_id, merge.matched_on) for merge in one.merges] == [
        (third, first, "openalex")
    ]
    assert story(scenario, f"e{other}").titles == one.titles


def test_the_trail_of_an_attempt_is_told(scenario: Scenario) -> None:
    (entry,) = scenario.extract(scenario.add("trail.pdf")[0], ["Asked for"])
    trail = Trail(asked=(Asked(service="crossref", how="search", reply=Reply.ABSENT),), decision="nothing like it")
    scenario.answer(StageName.ENRICHMENT, {entry: Done(Resolved(work=work("Asked for"), matched_by="x"), trail)})
    assert story(scenario, f"e{entry}").attempts[1].trail == trail
    assert story(scenario, f"e{entry}").attempts[0].trail is None
