"""What a running process tells of itself, read by another."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from db.lock import PipelineLock
from dl_lit.app.pulse import last_pulse, pulse_file, read_pulse, write_pulse
from dl_lit.core.clock import SystemClock
from dl_lit.core.conditions import Ailment, Condition
from dl_lit.core.model import StageName
from dl_lit.core.pulse import FolderPulse, Pulse, ServicePulse, StagePulse

_PULSE = Pulse(
    pid=os.getpid(),
    command="watch",
    began_at=1.0,
    at=2.0,
    stages={
        StageName.DOWNLOAD: StagePulse(
            waiting=3, queued=2, running=1, workers=4, workers_least=1, workers_most=8, done=9, failed={"http-404": 2}
        )
    },
    services={"crossref": ServicePulse(requests=3, waiting=1, waited_s=0.5, held_by={"enrichment": 1})},
    folders=(FolderPulse(path="/in", use="sources", how="events", blind="gone"),),
    conditions=(Condition(ailment=Ailment.WATCHER_BLIND, subject="/in", says="gone", remedy="mount it", since=1.5),),
)


def test_a_pulse_is_read_as_it_was_written_while_its_process_works(tmp_path: Path) -> None:
    """Who only reads the database learns what no table knows."""
    database = tmp_path / "dl-lit.db"
    with PipelineLock(database, "watch", SystemClock()):
        assert read_pulse(database) is None  # not told yet
        write_pulse(database, _PULSE)
        assert read_pulse(database) == _PULSE
        write_pulse(database, replace(_PULSE, pid=1))
        assert read_pulse(database) is None  # a process before it
        write_pulse(database, _PULSE)
    assert read_pulse(database) is None  # nobody works any more
    assert last_pulse(database) == _PULSE


def test_a_pulse_that_cannot_be_read_or_written_is_none(tmp_path: Path) -> None:
    """Neither a torn file nor a missing folder is anybody's trouble."""
    database = tmp_path / "dl-lit.db"
    pulse_file(database).write_text("{")
    assert last_pulse(database) is None
    write_pulse(tmp_path / "gone" / "dl-lit.db", _PULSE)
    assert last_pulse(tmp_path / "gone" / "dl-lit.db") is None
