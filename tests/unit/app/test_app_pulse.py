"""What a running process tells of itself, read by another."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from db.lock import PipelineLock
from dl_lit.app.now.pulse import forget_drafts, last_pulse, pulse_file, read_pulse, write_pulse
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


def test_where_no_new_file_can_be_had_the_one_that_is_there_is_written_over(tmp_path: Path) -> None:
    """A full disk takes no new file; it must not make a pulse old, and nothing is left of the attempt."""
    database = tmp_path / "dl-lit.db"
    write_pulse(database, _PULSE)
    before = pulse_file(database).stat()
    draft = tmp_path / f"dl-lit.db.pulse.{os.getpid()}.new"
    draft.mkdir()  # no file can be made here
    longer = replace(_PULSE, at=3.0, conditions=_PULSE.conditions * 20)
    write_pulse(database, longer)
    assert last_pulse(database) == longer
    after = pulse_file(database).stat()
    assert (after.st_ino, after.st_size) == (before.st_ino, before.st_size)  # no more room was asked for
    many = {f"service-{number}": _PULSE.services["crossref"] for number in range(300)}
    write_pulse(database, replace(longer, at=4.0, services=many))
    assert last_pulse(database) == replace(longer, at=4.0, services={}, folders=())


def test_a_draft_that_the_disk_did_not_take_is_removed(tmp_path: Path) -> None:
    """Or each process would leave one behind."""
    database = tmp_path / "dl-lit.db"
    pulse_file(database).mkdir()  # nothing can be put in its place
    write_pulse(database, _PULSE)
    assert [one.name for one in tmp_path.iterdir()] == ["dl-lit.db.pulse"]


def test_a_pulse_that_cannot_be_read_or_written_is_none(tmp_path: Path) -> None:
    """Neither a torn file nor a missing folder is anybody's trouble."""
    database = tmp_path / "dl-lit.db"
    pulse_file(database).write_text("{")
    assert last_pulse(database) is None
    write_pulse(tmp_path / "gone" / "dl-lit.db", _PULSE)
    assert last_pulse(tmp_path / "gone" / "dl-lit.db") is None


def test_drafts_of_processes_that_were_killed_go(tmp_path: Path) -> None:
    database = tmp_path / "dl-lit.db"
    write_pulse(database, _PULSE)
    (tmp_path / "dl-lit.db.pulse.12.new").write_bytes(b"{")
    forget_drafts(database)
    assert [one.name for one in tmp_path.iterdir()] == ["dl-lit.db.pulse"]
    assert last_pulse(database) == _PULSE
