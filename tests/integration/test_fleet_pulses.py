"""Several daemons on one database: whoever asks, on whichever host, is told the same of all of them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from db.connect import open_database
from db.postgres import daemons as seats
from db.postgres.daemons import Membership
from db.postgres.engine import engine_at, forget
from db.postgres.fleet import pulses
from db.postgres.fleet.pulses import OwnPulse, daemons_at
from db.reading.status import at_work
from dl_lit.app.answers.health import Health
from dl_lit.app.now.pulse import pulse_of, read_own_pulse, read_pulse
from dl_lit.app.now.snapshot import snapshot
from dl_lit.cli import status_text
from dl_lit.core.clock import SystemClock
from dl_lit.core.conditions import Ailment, Condition
from dl_lit.core.database_address import signpost
from dl_lit.core.model import StageName
from dl_lit.core.pulse import Pulse, ServicePulse, StagePulse
from dl_lit.settings import load
from tests.fakes.control import settings_in

HANDS = StagePulse(waiting=9, queued=1, running=2, workers=4, workers_least=1, workers_most=8, done=5, failed={"a": 1})
ILL = Condition(ailment=Ailment.DISK_LOW, subject="/", says="low", remedy="", since=50.0)
PULSE = Pulse(
    pid=os.getpid(),
    command="watch",
    began_at=100.0,
    at=200.0,
    stages={StageName.DOWNLOAD: HANDS},
    services={"crossref": ServicePulse(requests=3, waiting=1, waited_s=0.5, held_by={"download": 1})},
    memory_mb=10.0,
    disk_free_mb=500.0,
    conditions=(ILL,),
)


@pytest.fixture
def post(postgres_database: Callable[[], str], tmp_path: Path) -> Iterator[Path]:
    path = signpost(postgres_database(), tmp_path)
    open_database(path)
    yield path
    forget(path)


def test_all_hosts_are_told_of_all_daemons(
    post: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One is here, another elsewhere with a clock of its own, a third has told nothing yet."""
    assert daemons_at(post) == ()
    assert read_pulse(post) is None
    assert at_work(post) is None
    mine = Membership(post, lease_s=60.0, stages="download", version="1")
    mine.join()
    own = OwnPulse(post)
    own.keep(PULSE)
    own.keep(replace(PULSE, at=time.time()))
    others = []
    for name in ("big", "new"):
        for module in (seats, pulses):
            monkeypatch.setattr(module, "seat_of", lambda _path, name=name: f"{name} 1")
        others.append((Membership(post, lease_s=60.0, stages="extraction", version="1"), OwnPulse(post)))
        others[-1][0].join()
    monkeypatch.undo()
    others[0][1].keep(replace(PULSE, at=5.0, began_at=1.0))

    told = daemons_at(post)
    assert [(one.is_here, one.stages, one.pulse is not None) for one in told] == [
        (True, ("download",), True),
        (False, ("extraction",), True),
        (False, ("extraction",), False),
    ]
    pulse = read_pulse(post)
    assert pulse is not None
    assert pulse.stages[StageName.DOWNLOAD].running == 4
    assert [one.running for one in pulse.daemons] == [2, 2, 0]
    assert abs(pulse.at - time.time()) < 5.0, "by this host's clock"
    assert abs(pulse.daemons[0].up_s) < 60.0
    assert pulse_of(post, "anybody") is not None
    assert read_own_pulse(post) is None
    working = at_work(post)
    assert working is not None
    assert working.count(f"process {os.getpid()} on ") == 3

    settings = replace(settings_in(tmp_path), database=post)
    now = snapshot(settings, SystemClock())
    document = now.document()
    assert len(document["process"]["daemons"]) == 3
    assert now.stages[-1].hands is not None
    status_text.tell(now)
    shown = capsys.readouterr().out
    assert "works extraction: has told nothing yet" in shown
    assert "works download: 2 items in hand" in shown
    health = Health(settings, SystemClock()).health()
    assert health["pipeline"]["stages"]["download"]["running"] == 4

    own.close()
    mine.leave()
    assert [one.is_here for one in daemons_at(post)] == [False, False]
    for membership, row in others:
        row.close()
        membership.leave()


def test_as_many_connections_are_kept_as_are_set(postgres_database: Callable[[], str], tmp_path: Path) -> None:
    loaded = load(env={"HOME": str(tmp_path), "DL_LIT_DB": postgres_database(), "DL_LIT_DATABASE_POOL_SIZE": "2"})
    database = loaded.settings.database
    engine = engine_at(database, read_only=True)
    with ExitStack() as opened:
        for _ in range(4):
            opened.enter_context(engine.connect())
    assert (engine.pool.size(), engine.pool.checkedin()) == (2, 2)
    forget(database)
