"""What is wrong at a moment, and what lasts."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dl_lit.app.now.conditions import Facts, Limits, judge
from dl_lit.app.now.lasting import Complaints, Lasting, at_once
from dl_lit.app.wording import how_long
from dl_lit.core.conditions import Ailment, Condition, Finding
from dl_lit.core.model import StageName
from dl_lit.core.pulse import FolderPulse
from tests.fakes.pulses import RESTING, language, model, pulse_at, service
from tests.fakes.scenario import NOON

LIMITS = Limits(disk_downloads_mb=1_024, disk_mb=200, memory_mb=1_024, search_credits={"openalex": 10})
DAY_S = 86_400.0


def facts(**found: Any) -> Facts:
    return Facts(**{"now": NOON, "limits": LIMITS, "pulse": pulse_at(), **found})


def folder(**found: Any) -> Facts:
    return facts(pulse=pulse_at(folders=(FolderPulse(**{"path": "/in", "use": "sources", "how": "events", **found}),)))


CASES = [
    (Ailment.PIPELINE_WEDGED, "", facts(wedged="recorder has not turned for 400 s"), "recorder has not turned"),
    (Ailment.PIPELINE_WEDGED, "", facts(pulse=pulse_at(NOON - 40)), "has told nothing for 40 s"),
    (Ailment.DATABASE_UNWRITABLE, "", facts(pulse=pulse_at(unwritten_s=30.0)), "taken nothing for 30 s"),
    (
        Ailment.DATABASE_UNWRITABLE,
        "",
        facts(pulse=pulse_at(NOON - 40), disk_free_mb=0.4, limits=replace(LIMITS, disk_mb=0, disk_downloads_mb=0)),
        "disk is full: for 40 s process",
    ),
    (Ailment.DISK_LOW, "", facts(disk_free_mb=150.0), "150 MB of disk are free.*all work pauses"),
    (Ailment.NOT_RUNNING, "", facts(pulse=None, last=pulse_at(NOON - 90), ready={StageName.DOWNLOAD: 3}), "3 items"),
    (Ailment.DISK_LOW, "", facts(pulse=pulse_at(disk_free_mb=900.0)), "900 MB of disk are free.*downloads pause"),
    (Ailment.DISK_LOW, "", facts(pulse=pulse_at(disk_free_mb=100.0)), "all work pauses"),
    (Ailment.MEMORY_HIGH, "", facts(pulse=pulse_at(memory_mb=1_100.0)), "1,100 MB"),
    (Ailment.LIBRARY_UNREACHABLE, "", facts(pulse=pulse_at(library_trouble="not mounted")), "not mounted"),
    (Ailment.WATCHER_BLIND, "/in", folder(blind="it is gone"), "/in cannot be seen: it is gone"),
    (Ailment.WATCHER_POLLING, "/in", folder(how="polling", polls_because="no more watches"), "no more watches"),
    (Ailment.FILES_NOT_TAKEN, "/in", folder(not_taken="permission denied"), "taken over: permission denied"),
    (Ailment.FILES_NOT_TAKEN, "/in", folder(not_filed="read-only"), "completed/ or failed/: read-only"),
    (Ailment.STAGE_PAUSED, "download", facts(paused={StageName.DOWNLOAD: "since 11:00 by ada"}), "by ada"),
    (
        Ailment.STAGE_STALLED,
        "download",
        facts(
            pulse=pulse_at(stages={StageName.DOWNLOAD: replace(RESTING, stalled_s=700.0, stalled_by="timeout-read")})
        ),
        "had work for 12 min and got nothing done: timeout-read",
    ),
    (Ailment.BACKLOG_OLD, "enrichment", facts(oldest={StageName.ENRICHMENT: NOON - 4 * DAY_S}), "for 4 d"),
    (Ailment.SERVICE_DOWN, "crossref", facts(services=[service(breaker="half-open")]), "crossref does not answer"),
    (
        Ailment.SERVICE_PARKED,
        "crossref",
        facts(services=[service(parked_until="2026-11-23T03:00:00+00:00", parked_for="rate-limited")]),
        "until tomorrow 03:00 UTC",
    ),
    (
        Ailment.BUDGET_GONE,
        "openalex",
        facts(services=[service(service="openalex", credits_per_day=1_000, credits_left=9)]),
        "of openalex's 1,000 credits a day 9 are left",
    ),
    (Ailment.KEY_REFUSED, "crossref", facts(services=[service(key_trouble="refused")]), "key: refused"),
    (Ailment.CONTACT_REFUSED, "crossref", facts(services=[service(contact_trouble="a placeholder")]), "placeholder"),
    (
        Ailment.KEY_REFUSED,
        "language model",
        facts(model=model(), pulse=pulse_at(language=language(key_trouble="no such key"))),
        "openrouter/reader-1 does not take the key: no such key; bibliographies are read by the rules alone",
    ),
    (
        Ailment.SERVICE_DOWN,
        "language model",
        facts(model=model(), pulse=pulse_at(language=language(at_rest={"http://a/v1": "service-down"}))),
        "does not answer at http://a/v1: it is left alone there",
    ),
    (
        Ailment.BUDGET_GONE,
        "language model",
        facts(model=model(), pulse=pulse_at(language=language(cost_trouble="answers tell no cost"))),
        "openrouter/reader-1: answers tell no cost; bibliographies are read by the rules alone",
    ),
    (
        Ailment.BUDGET_GONE,
        "language model",
        facts(model=model(), pulse=pulse_at(language=language(at_rest={"http://a/v1": "budget-exhausted"}))),
        "wants money",
    ),
    (
        Ailment.BUDGET_GONE,
        "language model",
        facts(model=model(is_budget_gone=True, requests_today=500, dollars_today=1.5)),
        r"today's budget for openrouter/reader-1 is used up \(500 requests, \$1.50\)",
    ),
    (
        Ailment.REMOTE_FILES_LEFT,
        "language model",
        facts(model=model(remote_files=2, remote_since="2026-11-22T09:00:00+00:00")),
        "2 files sent to openrouter/reader-1 could not be deleted there for",
    ),
]


@pytest.mark.parametrize(("ailment", "subject", "found", "says"), CASES)
def test_each_ailment_is_seen_and_said(ailment: Ailment, subject: str, found: Facts, says: str) -> None:
    """With its subject, in a sentence that has the reason in it, and nothing else besides."""
    (finding,) = judge(found)
    assert finding.key == (ailment, subject)
    assert re.search(says, finding.says)


def test_a_well_process_has_no_conditions() -> None:
    """Nor has a service that nobody asks, a stage that rests, or work that waits while one-off runs are usual."""
    assert judge(facts(services=[service(is_asked=False, breaker="open")])) == []
    resting = pulse_at(language=language(at_rest={"http://a/v1": "rate-limited"}))
    just_now = model(remote_files=2, remote_since="2026-11-22T11:50:00+00:00")
    assert judge(facts(model=just_now, pulse=resting)) == []
    one_off = pulse_at(NOON - 9_000, command="process-folder-concurrent /in")
    assert judge(facts(pulse=None, last=one_off, ready={StageName.DOWNLOAD: 3})) == []
    assert judge(facts(pulse=None, last=pulse_at(NOON - 9_000))) == []
    assert judge(facts(pulse=None, last=pulse_at(NOON - 20), ready={StageName.DOWNLOAD: 3})) == []


def test_what_was_too_little_is_enough_only_a_tenth_above() -> None:
    """One file more or less changes nothing."""
    between = facts(pulse=pulse_at(disk_free_mb=1_060.0, memory_mb=1_000.0))
    assert judge(between) == []
    held = {(Ailment.DISK_LOW, ""), (Ailment.MEMORY_HIGH, "")}
    assert {one.ailment for one in judge(between, held)} == {Ailment.DISK_LOW, Ailment.MEMORY_HIGH}


def test_the_page_of_conditions_tells_of_each() -> None:
    """Each kind is judged, or reported by who meets it, and stands in the documentation with its severity."""
    page = (Path(__file__).parents[3] / "docs" / "conditions.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `([a-z-]+)` \| (\w+) \|", page, re.MULTILINE))
    assert rows == {one.value: one.severity.value for one in Ailment}
    reported = {
        *(Ailment.CONTROL_CLOSED, Ailment.DATABASE_UNUSABLE, Ailment.RELOAD_FAILED),
        *(Ailment.RESTART_NEEDED, Ailment.NOTIFYING_FAILED),
    }
    assert {ailment for ailment, *_ in CASES} | reported == set(Ailment)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (45, "45 s"),
        (720, "12 min"),
        (12_000, "3 h 20 min"),
        (50_000, "13 h 53 min"),
        (400_000, "4 d 15 h"),
        (7_200, "2 h"),
    ],
)
def test_durations_for_people(seconds: float, said: str) -> None:
    assert how_long(seconds) == said


DOWN = Finding(ailment=Ailment.SERVICE_DOWN, subject="crossref", says="down")
DISK = Finding(ailment=Ailment.DISK_LOW, says="9 MB free")


def test_nothing_begins_or_ends_for_a_flicker() -> None:
    """A breaker that opens for a moment is no condition, and one that closes for a moment is still one."""
    lasting = Lasting()
    assert lasting.update([DOWN], 0.0).begun == ()
    assert lasting.update([], 1.0).begun == ()
    assert lasting.update([DOWN], 2.0).begun == ()
    (begun,) = lasting.update([DOWN], 8.0).begun
    assert (begun.subject, begun.since) == ("crossref", 2.0)
    assert lasting.update([], 12.0).ended == ()
    assert lasting.update([DOWN], 13.0).begun == ()
    (ended,) = lasting.update([], 40.0).ended
    assert ended.key == DOWN.key
    assert lasting.conditions == ()


def test_what_is_said_follows_the_numbers_while_since_stays() -> None:
    lasting = Lasting()
    assert lasting.update([DISK], 5.0).begun[0].says == "9 MB free"
    assert lasting.update([replace(DISK, says="8 MB free")], 6.0).begun == ()
    assert [(one.says, one.since) for one in lasting.conditions] == [("8 MB free", 5.0)]


def condition(ailment: Ailment, since: float) -> Condition:
    return Condition(ailment=ailment, subject="", says="as before", remedy="", since=since)


def test_a_restart_neither_begins_what_went_on_nor_forgets_what_ended_meanwhile() -> None:
    lasting = Lasting([condition(Ailment.DISK_LOW, 1.0), condition(Ailment.MEMORY_HIGH, 2.0)])
    assert lasting.update([DISK], 100.0).begun == ()
    assert [one.since for one in lasting.conditions] == [1.0]
    assert lasting.update([DISK], 130.0).ended == ()
    assert [one.ailment for one in lasting.update([DISK], 161.0).ended] == [Ailment.MEMORY_HIGH]


def test_the_gravest_come_first() -> None:
    found = [
        Finding(ailment=Ailment.BACKLOG_OLD, says="old"),
        DISK,
        Finding(ailment=Ailment.DATABASE_UNWRITABLE, says="no"),
    ]
    shown = at_once(found, 9.0, [condition(Ailment.DISK_LOW, 3.0)])
    assert [(one.ailment, one.since) for one in shown] == [
        (Ailment.DATABASE_UNWRITABLE, 9.0),
        (Ailment.DISK_LOW, 3.0),
        (Ailment.BACKLOG_OLD, 9.0),
    ]


def test_a_complaint_stands_until_it_is_settled() -> None:
    complaints = Complaints()
    complaints.make(Ailment.CONTROL_CLOSED, says="the port is taken", remedy="choose another")
    assert judge(facts(told=complaints.standing)) == [
        Finding(ailment=Ailment.CONTROL_CLOSED, says="the port is taken", remedy="choose another")
    ]
    complaints.settle(Ailment.CONTROL_CLOSED)
    complaints.settle(Ailment.RELOAD_FAILED)
    assert complaints.standing == ()
