"""When others are told, what, and what becomes of it if they cannot be."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from structlog.testing import capture_logs

from db.ledger.store import DiskLedger
from dl_lit.app.batches import Batches
from dl_lit.app.notices.telling import Messenger, Teller, Told, document, is_wanted, test_event, ways_of
from dl_lit.app.now.lasting import Changes, Complaints
from dl_lit.core.clock import SystemClock
from dl_lit.core.conditions import Ailment, Condition
from dl_lit.core.events import Batch, Event, Occasion
from dl_lit.core.model import StageName
from dl_lit.core.pulse import Pulse, StagePulse
from dl_lit.settings import Settings, load
from tests.fakes.pulses import RESTING, pulse_at
from tests.fakes.scenario import NOON

test_event.__test__ = False  # type: ignore[attr-defined]  # it is none


def given(**env: str) -> Settings:
    return load(env={"HOME": "/nowhere", **env}).settings


def condition(ailment: Ailment = Ailment.DISK_LOW, since: float = NOON) -> Condition:
    return Condition(ailment=ailment, subject="", says="9 MB free", remedy="make room", since=since)


class Heard:
    """A teller and what it has told."""

    def __init__(self, before: tuple[Condition, ...] = (), **env: str) -> None:
        self.events: list[Event] = []
        self.left = 0
        self.teller = Teller(given(**env), Batches(lambda _moment: self.left), self.events.append, before)

    def beat(self, pulse: Pulse, *ended: Condition) -> list[tuple[Occasion, str]]:
        """What this beat makes it tell."""
        self.events.clear()
        self.teller.hear(pulse, Changes(ended=ended))
        return [(one.occasion, one.says) for one in self.events]


def test_trouble_is_told_when_it_has_lasted_and_its_end_as_well() -> None:
    """Once; a notice is nobody's trouble."""
    heard, disk = Heard(), condition()
    notice = condition(Ailment.STAGE_PAUSED)
    assert heard.beat(pulse_at(NOON + 2, conditions=(disk, notice))) == []
    told = heard.beat(pulse_at(NOON + 11, conditions=(disk, notice)))
    assert told == [(Occasion.TROUBLE, "degraded: 9 MB free. What to do: make room")]
    assert heard.beat(pulse_at(NOON + 300, conditions=(disk, notice))) == []
    assert heard.beat(pulse_at(NOON + 720), disk) == [(Occasion.RECOVERY, "well again after 12 min: 9 MB free")]
    assert heard.beat(pulse_at(NOON + 730), disk, notice) == []


def test_the_same_trouble_is_not_told_again_within_a_minute_but_later_if_it_lasts() -> None:
    heard = Heard(DL_LIT_NOTIFY_LEAST_S="60")
    assert len(heard.beat(pulse_at(NOON + 11, conditions=(condition(),)))) == 1
    assert len(heard.beat(pulse_at(NOON + 20), condition())) == 1
    again = condition(since=NOON + 25)
    assert heard.beat(pulse_at(NOON + 40, conditions=(again,))) == []
    assert len(heard.beat(pulse_at(NOON + 75, conditions=(again,)))) == 1


def test_what_the_process_before_told_is_told_again_only_when_it_is_over() -> None:
    heard = Heard((condition(since=NOON - 900),))
    assert heard.beat(pulse_at(NOON + 1, conditions=(condition(since=NOON - 900),))) == []
    assert heard.beat(pulse_at(NOON + 2), condition(since=NOON - 900))[0][0] is Occasion.RECOVERY


def test_only_what_is_wished_for_is_told() -> None:
    heard = Heard(DL_LIT_NOTIFY_ON="recovery")
    assert heard.beat(pulse_at(NOON + 11, conditions=(condition(),))) == []
    assert len(heard.beat(pulse_at(NOON + 12), condition())) == 1


def at_work(at: float, *, running: int = 0, **done: int) -> Pulse:
    """A process that has done so much."""
    stages: Mapping[StageName, StagePulse] = {
        stage: replace(RESTING, done=done.get(stage.value, 0), running=running, moved_at=at if running else NOON)
        for stage in StageName
    }
    return pulse_at(at, stages)


def test_a_batch_ends_when_nothing_is_left_that_is_due_soon() -> None:
    """A gap between two items ends none, and what the next one did is counted apart."""
    heard = Heard()
    assert heard.beat(at_work(NOON, running=2)) == []
    heard.left = 3
    assert heard.beat(at_work(NOON + 30, extraction=1, enrichment=30)) == []
    heard.left = 0
    assert heard.beat(at_work(NOON + 40, running=1, extraction=1, enrichment=30)) == []
    assert heard.beat(at_work(NOON + 42, extraction=1, enrichment=30, download=20)) == []
    ((occasion, says),) = heard.beat(at_work(NOON + 47, extraction=1, enrichment=30, download=20))
    assert occasion is Occasion.BATCH
    assert says == ("a batch ended after 41 s: 1 paper read, 30 of 30 references recognised, 20 PDFs fetched")
    assert heard.beat(at_work(NOON + 60, extraction=1, enrichment=30, download=20)) == []
    assert heard.beat(at_work(NOON + 70, running=1, extraction=1, enrichment=30, download=20)) == []
    ((_, says),) = heard.beat(at_work(NOON + 80, extraction=2, enrichment=30, download=20))
    assert says.endswith(": 1 paper read")


def test_a_few_works_looked_at_again_are_no_batch() -> None:
    heard = Heard()
    heard.beat(at_work(NOON, running=1))
    assert heard.beat(at_work(NOON + 10, queueing=3, download=3)) == []


def test_a_one_off_run_ends_its_batch_and_a_daemon_does_not() -> None:
    """Whatever is left: it says so."""
    for command, told in (("process-folder-concurrent /in", 1), ("watch-folder-concurrent /in", 0)):
        heard = Heard()
        heard.beat(at_work(NOON, running=1))
        last = replace(at_work(NOON + 1, extraction=1), command=command)
        waiting = {StageName.DOWNLOAD: replace(RESTING, waiting=4)}
        heard.teller.end(replace(last, stages={**last.stages, **waiting}))
        assert len(heard.events) == told
        assert all("4 items wait for later" in one.says for one in heard.events)


def test_what_cannot_be_told_is_one_line_and_a_condition_until_it_can() -> None:
    complaints, answers = Complaints(), ["it answered 500", "it answered 500", ""]
    messenger = Messenger([lambda _event, _body: Told("notify.url", answers.pop(0))], complaints, "/x.db")
    with capture_logs() as logs:
        for _ in range(2):
            messenger.tell(test_event(SystemClock()))
    assert [one["event"] for one in logs] == ["notify_failed"]
    assert [one.key for one in complaints.standing] == [(Ailment.NOTIFYING_FAILED, "notify.url")]
    messenger.tell(test_event(SystemClock()))
    assert complaints.standing == ()


def test_an_event_as_json_has_all_that_its_sentence_was_made_of() -> None:
    batch = Batch(began_at=NOON, seconds=9.0, done={StageName.EXTRACTION: 2}, failed={StageName.DOWNLOAD: {"x": 3}})
    event = Event(id="evt_1", occasion=Occasion.BATCH, at=NOON, says="done", condition=condition(), batch=batch)
    found = json.loads(json.dumps(document(event, "/x.db")))
    assert (found["schema"], found["event"], found["id"]) == ("dl-lit/event/1", "batch", "evt_1")
    assert (found["batch"]["sources"], found["batch"]["missing"]) == (2, 3)
    assert found["batch"]["failed"] == {"download": {"x": 3}}
    assert (found["condition"]["ailment"], found["condition"]["severity"]) == ("disk-low", "degraded")
    assert found["text"].endswith(": done")


def test_offline_nobody_outside_is_told_and_it_is_not_said_that_somebody_was(tmp_path: Path) -> None:
    """Nor that anything is wrong."""
    settings = given(DL_LIT_NOTIFY_URL="https://hooks.example.org/x", DL_LIT_OFFLINE="true")
    complaints, ledger = Complaints(), DiskLedger(tmp_path, SystemClock(), keep_days=1)
    with ways_of(settings, SystemClock(), ledger) as ways, capture_logs() as logs:
        told = Messenger(ways, complaints, "/x.db").tell(test_event(SystemClock()))
    ledger.close()
    assert told == [Told("notify.url", is_offline=True)]
    assert [one["event"] for one in logs] == ["notify_offline"]
    assert complaints.standing == ()


def test_nobody_is_told_unless_somebody_is_named() -> None:
    assert not is_wanted(given())
    assert is_wanted(given(DL_LIT_NOTIFY_URL="https://hooks.example.org/x"))


def test_what_names_a_file_with_a_strange_name_is_told_all_the_same() -> None:
    """File names may hold halves of surrogate pairs, which no JSON takes, and controls."""
    heard: list[tuple[Event, bytes]] = []

    def way(event: Event, body: bytes) -> Told:
        heard.append((event, body))
        return Told("notify.command")

    about = Condition(ailment=Ailment.FILES_NOT_TAKEN, subject="/in/\udcff\x1b[2J", says="a\nb", remedy="", since=0.0)
    event = Event(id="evt_1", occasion=Occasion.TROUBLE, at=0.0, says="/in/\udcff", condition=about)
    Messenger([way], Complaints(), "/x\udcff.db").tell(event)
    ((told, body),) = heard
    assert told.condition is not None
    assert (told.says, told.condition.subject, told.condition.says) == (r"/in/\udcff", r"/in/\udcff\x1b[2J", r"a\x0ab")
    assert json.loads(body)["condition"]["subject"] == r"/in/\udcff\x1b[2J"
