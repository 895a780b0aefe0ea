"""`dl-lit review`: on a terminal, from options and from a file of decisions; records are had at least cost."""

from __future__ import annotations

import json
import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import pytest
from click.testing import CliRunner, Result

from db.reading.doctor import invariants
from db.reading.explain import explain
from db.reading.opening import reading
from dl_lit.cli import cli
from dl_lit.core.model import Name, StageName, WorkType
from dl_lit.core.reasons import Reason
from dl_lit.core.services import BY_NAME
from dl_lit.core.trail import Asked, Reply, Trail
from dl_lit.demo.pace import quick_motion
from dl_lit.matching.decide import Scored
from dl_lit.matching.evidence import weigh
from stages.enrichment.trails import as_evidence
from tests.fakes import loopback_server
from tests.fakes.loopback_server import LoopbackServer
from tests.fakes.scenario import Scenario, work

ROOT = Path(__file__).parents[3]
PATIENCE_S = 60.0
TIDES = work("On the general theory of tides", doi="10.1016/tides.2", year=2018, container_title="Sea")
REPLY = work("On the general theory of tides", doi="10.1016/tides.3", authors=(Name("Byron"),), year=2009)
BOOK = work("The book of waters", doi="10.1016/waters", type=WorkType.BOOK)
CROSSREF = {
    "message": {
        "items": [
            {
                "DOI": "10.1016/tides.2",
                "type": "journal-article",
                "title": ["On the general theory of tides"],
                "author": [{"given": "Ada", "family": "Lovelace"}],
                "issued": {"date-parts": [[2018]]},
                "container-title": ["Sea"],
                "publisher": "Shoreline Press",
                "page": "1-20",
            }
        ]
    }
}


@pytest.fixture
def scenario(folder: Path) -> Iterator[Scenario]:
    """e1 to e3 wait for a person, e4 has a vetoed record only, e5 has no match, e6 is a work with BOOK's DOI."""
    with Scenario(folder) as one:
        (source,) = one.add("paper.pdf")
        titles = ["On the general theory of tides"] * 3 + ["On the tides, part II", "Heard of", "The book of waters"]
        one.extract(source, titles)
        for entry in (1, 2, 3):
            one.answer(StageName.ENRICHMENT, {entry: _ambiguous(TIDES, REPLY)})
        one.answer(StageName.ENRICHMENT, {4: _ambiguous(TIDES, veto="another part", reason=Reason.VETOED)})
        one.reject(StageName.ENRICHMENT, 5, Reason.NO_MATCH)
        one.resolve(6, BOOK, by="doi")
        yield one
        with reading(one.path) as connection:
            assert [finding for finding in invariants(connection) if not finding.holds] == []


def _ambiguous(*works: Any, veto: str | None = None, reason: Reason = Reason.AMBIGUOUS_MATCH) -> Any:
    from dl_lit.core.job import Reject  # noqa: PLC0415
    from dl_lit.core.model import Reference  # noqa: PLC0415

    printed = Reference(position=1, raw="Lovelace, A. On the general theory of tides. 2017.", year=2017, title="On")
    evidence = [as_evidence(Scored(one, 0.4, weigh(printed, one))) for one in works]
    if veto:
        evidence = [{**one, "veto": veto} for one in evidence]
    asked = (
        Asked(service="crossref", how="search", reply=Reply.FOUND, requests=1, detail="2 records"),
        Asked(service="openalex", how="search", reply=Reply.ABSENT, requests=1, credits=10),
        Asked(service="hal", how="search", reply=Reply.ABSENT, is_remembered=True),
    )
    trail = Trail(asked=asked, candidates=tuple(evidence), decision=f"{len(evidence)} near, none proven")
    return Reject(reason, f"{len(evidence)} near, none proven", evidence, trail)


def dl_lit(*arguments: str, given: str | None = None) -> Result:
    result = CliRunner().invoke(cli, ["review", *arguments], input=given)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def decisions(*arguments: str, given: str | None = None) -> list[dict[str, Any]]:
    found = json.loads(dl_lit(*arguments, "--json", given=given).stdout)
    assert found["schema"] == "dl-lit/review/1"
    return found["decisions"]


@pytest.fixture
def services(scenario: Scenario, monkeypatch: pytest.MonkeyPatch) -> Iterator[LoopbackServer]:
    """All services on one address, which know nothing; tests say what Crossref has."""
    as_json = {"Content-Type": "application/json"}
    nothing = loopback_server.Reply(200, as_json, b'{"results": [], "message": {"items": []}}')
    with LoopbackServer({"*": nothing}) as server:
        for name in set(BY_NAME) - {"grobid"}:
            monkeypatch.setenv(f"DL_LIT_{name.upper()}_URL", server.url(f"/{name}"))
        server.routes["/crossref/works"] = loopback_server.Reply(200, as_json, json.dumps(CROSSREF).encode())
        yield server


# --- listing


def test_what_waits_is_shown_side_by_side(scenario: Scenario) -> None:
    text = dl_lit("--list").stdout
    assert "[1] score 0.40" in text
    assert "printed" in text
    assert "10.1016/tides.3" in text
    assert all(len(row) <= 100 for row in text.splitlines())
    assert text.count("ambiguous-match") == 3
    assert "another part" in dl_lit("--list", "--vetoed").stdout
    assert "… and 2 more" in dl_lit("--list", "--limit", "1").stdout
    assert dl_lit("--list", "--source", "s1").stdout == text
    assert dl_lit("--list", "--source", "s9").exit_code == 2


def test_programs_get_candidates_with_their_numbers(scenario: Scenario) -> None:
    found = json.loads(dl_lit("--list", "--json").stdout)
    assert (found["schema"], found["waiting"], len(found["cases"])) == ("dl-lit/review/1", 3, 3)
    first = found["cases"][0]
    assert (first["entry"], first["reason"], first["source"]["id"]) == (1, "ambiguous-match", 1)
    assert [(one["number"], one["doi"]) for one in first["candidates"]] == [
        (1, "10.1016/tides.2"),
        (2, "10.1016/tides.3"),
    ]
    assert first["candidates"][0]["agreement"]["year"] == "close"


def test_without_a_terminal_nothing_is_asked(scenario: Scenario) -> None:
    result = dl_lit()
    assert (result.exit_code, result.stdout) == (2, "")
    assert "--apply FILE" in result.stderr


# --- deciding


def test_the_whole_record_is_asked_for_once_of_the_service_that_has_it(
    scenario: Scenario, services: LoopbackServer
) -> None:
    (one,) = decisions("e1", "--accept", "1")
    assert (one["outcome"], one["record_from"], one["is_summary"]) == ("accepted", "crossref", False)
    assert len(services.seen) == 1
    (again,) = decisions("2", "--accept", "1")
    assert again["record_from"] == "known"
    assert len(services.seen) == 1
    with reading(scenario.path) as connection:
        (story,) = explain(connection, "e1").stories
    assert story.entry is not None
    assert story.entry.work is not None
    assert story.entry.work.work.publisher == "Shoreline Press"
    last = story.attempts[-1]
    assert last.detail == "accepted in review"
    assert last.trail is not None
    assert last.trail.decision.startswith("accepted in review: candidate 1 of 2, score 0.40")
    assert [(asked.service, asked.requests) for asked in last.trail.asked] == [("crossref", 1)]


def test_a_summary_is_stored_where_nobody_can_give_more(scenario: Scenario, services: LoopbackServer) -> None:
    services.routes["/crossref/works"] = loopback_server.Reply(500)
    (one,) = decisions("e1", "--accept", "2")
    assert (one["outcome"], one["is_summary"], one["doi"]) == ("accepted", True, "10.1016/tides.3")


def test_offline_an_entry_whose_record_is_not_at_hand_is_left(scenario: Scenario) -> None:
    result = dl_lit("e1", "--accept", "1", "--offline")
    assert result.exit_code == 3
    assert "offline, and its whole record is not at hand" in result.stdout
    (one,) = decisions("e1", "--doi", BOOK.doi or "", "--offline", "--force")
    assert (one["outcome"], one["record_from"]) == ("accepted", "known")


def test_a_doi_that_is_another_work_needs_a_second_yes(scenario: Scenario) -> None:
    result = dl_lit("e1", "--doi", "https://doi.org/10.1016/waters", "--offline")
    assert result.exit_code == 3
    assert "'The book of waters' (2017), is not what is printed" in " ".join(result.stdout.split())
    assert dl_lit("e1", "--doi", "nonsense").exit_code == 2
    (one,) = decisions("e1", "--doi", "10.1016/waters", "--force")
    assert one["outcome"] == "accepted"
    assert one["doubt"]


def test_a_doi_can_be_entered_for_an_entry_without_candidates(scenario: Scenario, services: LoopbackServer) -> None:
    """What no service found by a search, its reader may know."""
    services.routes["/crossref/works"] = loopback_server.Reply(
        200, {}, json.dumps(CROSSREF).replace("On the general theory of tides", "Heard of").encode()
    )
    (one,) = decisions("e5", "--doi", "10.1016/tides.2")
    assert (one["outcome"], one["title"], one["doubt"]) == ("accepted", "Heard of", None)
    assert dl_lit("e5", "--reject").exit_code == 2
    (absent,) = decisions("e1", "--doi", "10.1016/nobody")
    assert (absent["outcome"], absent["detail"]) == (
        "left",
        "no service has a record of 10.1016/nobody: is it misspelt?",
    )


@pytest.mark.parametrize("doi", ["10.1016/tides.2", "10.7717/peerj-cs.103"])
def test_a_doi_is_not_blamed_where_nobody_answers(
    scenario: Scenario, services: LoopbackServer, monkeypatch: pytest.MonkeyPatch, doi: str
) -> None:
    """The Anthology knows at sight that a DOI is none of its own: that says nothing about the others."""
    with LoopbackServer({}) as gone:
        for name in set(BY_NAME) - {"grobid"}:
            monkeypatch.setenv(f"DL_LIT_{name.upper()}_URL", gone.url(f"/{name}"))
    for name, value in quick_motion(100.0).items():
        monkeypatch.setenv(name, value)
    (left,) = decisions("e5", "--doi", doi)
    assert left["outcome"] == "left"
    assert left["detail"].startswith(f"{doi} could not be looked up now (")
    assert "misspelt" not in left["detail"]


def test_a_number_that_is_not_offered_is_told_with_the_right_count(scenario: Scenario) -> None:
    assert "e4 has 1 candidate, no 2" in dl_lit("e4", "--accept", "2", "--vetoed").stderr
    assert "e1 has 2 candidates, no 7" in dl_lit("e1", "--accept", "7").stderr


def test_vetoed_records_are_taken_only_where_asked_for(scenario: Scenario, services: LoopbackServer) -> None:
    result = dl_lit("e4", "--accept", "1")
    assert result.exit_code == 2
    assert "vetoed (another part)" in result.stderr
    assert decisions("e4", "--accept", "1", "--vetoed")[0]["outcome"] == "accepted"


@pytest.mark.parametrize(
    "arguments",
    [
        ["--accept", "1"],
        ["e1", "--accept", "1", "--reject"],
        ["e1", "--accept", "7"],
        ["e99", "--reject"],
        ["e6", "--reject"],
        ["x1", "--skip"],
        ["e1", "--apply", "-"],
        ["e1", "--list", "--reject"],
        ["--apply", "/no/such/file"],
    ],
)
def test_what_makes_no_sense_is_a_usage_error(scenario: Scenario, arguments: list[str]) -> None:
    assert dl_lit(*arguments).exit_code == 2


def test_decisions_from_a_file_are_carried_out_line_by_line(scenario: Scenario, services: LoopbackServer) -> None:
    lines = [
        '{"entry": 1, "action": "accept", "candidate": 1}',
        "",
        '{"entry": "e2", "action": "reject"}',
        '{"entry": 2, "action": "reject"}',
        '{"entry": 3, "action": "skip"}',
        '{"entry": 3, "action": "accept"}',
        '{"entry": 4, "action": "accept", "candidate": 1, "vetoed": true}',
        '{"entry": 4, "action": "dance"}',
        "nonsense",
    ]
    told = decisions("--apply", "-", given="\n".join(lines))
    assert [(one["line"], one["entry"], one["outcome"]) for one in told] == [
        (1, 1, "accepted"),
        (3, 2, "rejected"),
        (4, 2, "refused"),
        (5, 3, "skipped"),
        (6, 3, "refused"),
        (7, 4, "accepted"),
        (8, None, "refused"),
        (9, None, "refused"),
    ]
    assert dl_lit("--apply", "-", given=lines[4]).exit_code == 0
    assert "line 1: no decision: " in dl_lit("--apply", "-", given="x").stdout


def test_explain_shows_who_was_asked_at_what_cost_and_how_to_decide(scenario: Scenario) -> None:
    text = CliRunner().invoke(cli, ["explain", "e1"]).stdout
    assert "openalex          search       has none  1 request, 10 credits" in text
    assert "hal               search       has none  from memory, free" in text
    assert "in all: 2 requests, 10 credits, 1 answered from memory" in text
    assert "decide: dl-lit review e1 --accept 1" in text
    assert "score 0.40, below the 0.50 that is needed" in " ".join(text.split())
    assert all(len(row) <= 100 for row in text.splitlines())


def test_explain_names_the_entry_in_its_advice_and_says_it_once(scenario: Scenario) -> None:
    text = CliRunner().invoke(cli, ["explain", "e5"]).stdout
    assert " ENTRY " not in text
    assert " ".join(text.split()).count("dl-lit review e5 --doi DOI") == 1


def test_explain_says_that_a_person_rejected_what_was_found(scenario: Scenario) -> None:
    """Records were found: it would be false that none was."""
    assert dl_lit("e1", "--reject").exit_code == 0
    text = " ".join(CliRunner().invoke(cli, ["explain", "e1"]).stdout.split())
    assert "No record of this work was found" not in text
    assert "Somebody said in review that it is none of the records found" in text
    assert "dl-lit retry e1" in text


def test_explain_tells_programs_what_each_reason_asks_of_them(scenario: Scenario) -> None:
    found = json.loads(CliRunner().invoke(cli, ["explain", "e1", "--json"]).stdout)
    assert found["schema"] == "dl-lit/explain/1"
    assert found["reasons"]["ambiguous-match"]["to_do"] == "Choose the right one with dl-lit review."
    assert found["stories"][0]["attempts"][-1]["trail"]["asked"][1]["credits"] == 10


# --- a session on a terminal


class Terminal:
    """A person's terminal: what is typed is sent when the program asks."""

    def __init__(self, *arguments: str) -> None:
        self._outer, inner = pty.openpty()
        env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONSAFEPATH": "1", "COLUMNS": "100", "NO_COLOR": "1"}
        command = [sys.executable, "-m", "dl_lit", "review", *arguments]
        self._process = subprocess.Popen(command, env=env, stdin=inner, stdout=inner, stderr=inner)
        os.close(inner)
        self.text = ""
        self._is_asked = False

    def _until_asked(self) -> bool:
        """Whether the program asks something; False where it has ended."""
        asked, deadline = "", time.monotonic() + PATIENCE_S
        while not asked.endswith(" > "):
            assert time.monotonic() < deadline, asked
            if not select.select([self._outer], [], [], 1.0)[0]:
                continue
            try:
                block = os.read(self._outer, 65536)
            except OSError:  # how Linux says that the other end is closed
                block = b""
            if not block:
                self.text += asked
                return False
            asked += block.decode(errors="replace")
        self.text += asked
        return True

    def answer(self, *answers: str) -> str:
        """Type these, each when something is asked; what was shown after the last of them."""
        begun = 0
        for one in answers:
            if not self._is_asked:
                self._is_asked = self._until_asked()
            assert self._is_asked, f"ended before {one!r}: {self.text}"
            begun = len(self.text)
            os.write(self._outer, one.encode() + b"\n")
            self._is_asked = self._until_asked()
        return " ".join(self.text[begun:].split())

    def end(self) -> int:
        os.close(self._outer)
        return self._process.wait(timeout=PATIENCE_S)


class Session(Terminal):
    """A terminal that is closed in the end."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait(timeout=PATIENCE_S)


def places(scenario: Scenario) -> dict[int, str]:
    with reading(scenario.path) as connection:
        return {
            number: (explained.entry.failure.reason if explained.entry.failure else str(explained.entry.matched_by))
            for number in range(1, 6)
            for explained in explain(connection, f"e{number}").stories
            if explained.entry is not None
        }


def test_a_session_accepts_rejects_skips_goes_back_and_undoes(scenario: Scenario, services: LoopbackServer) -> None:
    with Session() as person:
        shown = person.answer("?", "1")
        assert "e1 is w2: On the general theory of tides (crossref)" in shown
        assert "e2 (2 of 3)" in shown
        shown = person.answer("u")
        assert "e1 waits for a decision again" in shown
        assert "e1 (1 of 3)" in shown
        assert "e2 (2 of 3)" in person.answer("r")
        assert "e3 (3 of 3)" in person.answer("s")
        assert "e2 (2 of 3)" in person.answer("b")
        assert "e1 waits for a decision again" in person.answer("u")
        person.answer("r")
        person.answer("2")
        assert "has 2 candidates, no 9" in person.answer("9")
        assert "1 accepted, 1 rejected; 1 still waits" in person.answer("q")
        assert person.end() == 0
    assert places(scenario) == {1: "no-match", 2: "review", 3: "ambiguous-match", 4: "vetoed", 5: "no-match"}


def test_a_session_asks_twice_before_it_takes_a_doi_of_another_work(scenario: Scenario) -> None:
    with Session("e1", "--offline") as person:
        shown = person.answer("d", "10.1016/waters")
        assert "WARNING: the record and the entry do not agree" in shown
        assert "left as it is" in person.answer("no")
        assert "WARNING" in person.answer("10.1016/waters")
        assert "e1 is w1" not in person.text
        shown = person.answer("yes")
        assert "The book of waters (known)" in shown
        assert "that was the last" in shown
        assert "1 accepted; 2 still wait" in person.answer("")
        assert person.end() == 0
    assert places(scenario)[1] == "review"


def test_a_session_without_anything_to_decide_ends_at_once(scenario: Scenario) -> None:
    decisions("--apply", "-", given="\n".join(f'{{"entry": {n}, "action": "reject"}}' for n in (1, 2, 3)))
    with Session() as person:
        assert not person._until_asked()
        assert "nothing waits for a decision" in person.text
        assert person.end() == 0
