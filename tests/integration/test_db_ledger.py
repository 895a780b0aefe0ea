"""The network ledger on disk: added up by hour, shared by processes, never in the way."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from db.ledger.reading import ledger, requests_made
from db.ledger.schema import ledger_file
from db.ledger.store import DiskLedger
from dl_lit.core.memory import Departure, Ending

DAY_S = 86_400.0


class Hands:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.at = 1_700_000_000.0  # 2023-11-14 22:13:20 UTC

    def time(self) -> float:
        return self.at


@pytest.fixture
def clock() -> Hands:
    return Hands()


@pytest.fixture
def book(tmp_path: Path, clock: Hands) -> Iterator[DiskLedger]:
    found = DiskLedger(tmp_path, clock, keep_days=400)
    yield found
    found.close()


def sent(host: str = "api.crossref.org", purpose: str = "crossref", **more: object) -> Departure:
    told = {"method": "GET", "ending": Ending.OK, "sent_bytes": 200, "received_bytes": 1_000, **more}
    return Departure(host=host, purpose=purpose, **told)


def test_requests_are_added_up_by_host_with_bytes_and_endings(tmp_path: Path, book: DiskLedger, clock: Hands) -> None:
    book.note(sent())
    clock.at += 10
    book.note(sent(ending=Ending.ERROR))
    book.note(sent("files.test:8080", "files", ending=Ending.FAILED, received_bytes=0))
    book.note(sent(requests=0, sent_bytes=0, received_bytes=5_000))
    book.flush()
    view = ledger(tmp_path)
    crossref, files = view.lines
    assert (crossref.key, crossref.requests, crossref.sent_bytes, crossref.received_bytes) == (
        "api.crossref.org",
        2,
        400,
        7_000,
    )
    assert (crossref.ok, crossref.errors, crossref.failed, crossref.purposes) == (1, 1, 0, ("crossref",))
    assert (crossref.first_at, crossref.last_at) == (1_700_000_000.0, 1_700_000_010.0)
    assert (files.key, files.failed, files.purposes) == ("files.test:8080", 1, ("files",))
    assert (view.total.requests, view.total.sent_bytes) == (3, 600)


def test_it_adds_up_by_service_day_and_hour(tmp_path: Path, book: DiskLedger, clock: Hands) -> None:
    book.note(sent())
    book.note(sent("a.test", "files"))
    clock.at += 3_600
    book.note(sent("b.test", "files"))
    clock.at += 3_600
    book.note(sent("b.test", "files"))
    book.flush()
    assert [(line.key, line.requests) for line in ledger(tmp_path, by="service").lines] == [
        ("files", 3),
        ("crossref", 1),
    ]
    assert [(line.key, line.requests) for line in ledger(tmp_path, by="day").lines] == [
        ("2023-11-15", 1),
        ("2023-11-14", 3),
    ]
    assert [line.key for line in ledger(tmp_path, by="hour").lines][-1] == "2023-11-14T22:00Z"


def test_since_takes_full_hours_and_the_limit_says_what_it_left_out(
    tmp_path: Path, book: DiskLedger, clock: Hands
) -> None:
    book.note(sent("old.test"))
    clock.at += DAY_S
    for number in range(5):
        book.note(sent(f"h{number}.test"))
    book.flush()
    view = ledger(tmp_path, since=clock.at - 60, limit=2)
    assert (view.total.requests, len(view.lines), view.more) == (5, 2, 3)
    assert view.since is not None
    assert view.since % 3_600 == 0


def test_nothing_noted_yet_is_told_without_making_a_file(tmp_path: Path) -> None:
    view = ledger(tmp_path)
    assert (view.total.requests, view.lines) == (0, ())
    assert list(tmp_path.iterdir()) == []


def test_what_is_too_old_goes(tmp_path: Path, clock: Hands) -> None:
    book = DiskLedger(tmp_path, clock, keep_days=2)
    book.note(sent("old.test"))
    book.flush()
    clock.at += 3 * DAY_S
    book.note(sent("new.test"))
    book.flush()
    book.close()
    assert [line.key for line in ledger(tmp_path).lines] == ["new.test"]


def test_what_has_gone_stays_counted(tmp_path: Path, clock: Hands) -> None:
    """Counters never fall; what a ledger of an earlier release holds is counted when it is first used."""
    assert requests_made(tmp_path) == {}
    book = DiskLedger(tmp_path, clock, keep_days=1)
    book.note(sent())
    book.note(sent(ending=Ending.ERROR))
    book.flush()
    with sqlite3.connect(ledger_file(tmp_path)) as connection:
        connection.execute("DROP TABLE totals")
    connection.close()
    assert requests_made(tmp_path) == {}
    clock.at += 3 * DAY_S
    book.note(sent(requests=5))
    book.close()
    assert ledger(tmp_path).total.requests == 5
    assert requests_made(tmp_path) == {("crossref", "2xx"): 6, ("crossref", "5xx"): 1}


def test_three_processes_add_to_one_ledger(tmp_path: Path) -> None:
    program = """
import sys
from pathlib import Path
from db.ledger.store import DiskLedger
from dl_lit.core.clock import SystemClock
from dl_lit.core.memory import Departure, Ending
book = DiskLedger(Path(sys.argv[1]), SystemClock(), keep_days=400)
for n in range(200):
    book.note(Departure(host="a.test", purpose="files", method="GET", ending=Ending.OK, sent_bytes=1))
    book.flush()
book.close()
"""
    children = [subprocess.Popen([sys.executable, "-c", program, str(tmp_path)]) for _ in range(3)]
    assert [child.wait(60) for child in children] == [0, 0, 0]
    assert (ledger(tmp_path).total.requests, ledger(tmp_path).total.sent_bytes) == (600, 600)


def test_what_cannot_be_written_waits_in_memory_and_is_said_once(tmp_path: Path, clock: Hands) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("no folder")
    book = DiskLedger(in_the_way, clock, keep_days=400)
    with capture_logs() as logs:
        for _ in range(3):
            book.note(sent())
            book.flush()
    assert [entry["event"] for entry in logs] == ["side_file_unusable"]
    in_the_way.unlink()
    book._file._rests_until.clear()
    book.close()
    assert ledger(in_the_way).total.requests == 3


def test_memory_is_bounded_while_nothing_can_be_written(tmp_path: Path, book: DiskLedger) -> None:
    for number in range(6_000):
        book.note(sent(f"h{number}.test"))
    assert len(book._waiting) <= 5_001
    book.flush()
    assert ledger(tmp_path).total.requests == 6_000


def test_a_damaged_ledger_is_set_aside_and_the_new_one_has_the_rest(tmp_path: Path, clock: Hands) -> None:
    ledger_file(tmp_path).write_bytes(b"rubbish" * 1_000)
    book = DiskLedger(tmp_path, clock, keep_days=400)
    book.note(sent())
    book.flush()
    book.note(sent())
    book.close()
    assert ledger(tmp_path).total.requests == 2
    assert ledger_file(tmp_path).with_name("ledger.db.damaged").read_bytes().startswith(b"rubbish")
