"""The one thread that writes."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest

from dl_lit.core.errors import DatabaseDamaged, DatabaseFull, DatabaseUnusable
from dl_lit.core.items import Duplicate, SourceItem
from dl_lit.core.job import Claim, Done, Reject, Retry
from dl_lit.core.model import StageName
from dl_lit.core.reasons import Reason
from dl_lit.core.store import Finished, Recorded
from dl_lit.runtime.recorder import Recorder
from tests.fakes.engine import ManualClock, eventually, facts_for


def outcome(number: int, attempt: int = 1) -> Finished:
    claim = Claim(StageName.EXTRACTION, number, SourceItem("/x.pdf", "x"), attempt=attempt)
    return Finished(claim, Done(facts_for(claim)), 0.0, 0.0)


class Ledger:
    """A store of which only `record` is used; refuses what it is told to."""

    def __init__(self) -> None:
        self.written: list[Finished] = []
        self.groups: list[int] = []
        self.refuse: dict[int, Exception] = {}  # by the claim's id, while it is a Done
        self.closed_for: Exception | None = None  # whatever comes

    def record(self, finished: Sequence[Finished]) -> Recorded:
        if self.closed_for is not None:
            raise self.closed_for
        for one in finished:
            if one.claim.id in self.refuse and isinstance(one.outcome, Done):
                raise self.refuse[one.claim.id]
        self.written.extend(finished)
        self.groups.append(len(finished))
        return Recorded(finished)


def recorder(ledger: Ledger, heard: list[int] | None = None) -> Recorder:
    def hear(group: Sequence[Finished]) -> None:
        if heard is not None:
            heard.extend(one.claim.id for one in group)

    return Recorder(ledger, hear)  # type: ignore[arg-type]


def test_what_has_gathered_is_written_in_one_group_and_told_afterwards() -> None:
    ledger, heard = Ledger(), []
    one = recorder(ledger, heard)
    for number in range(5):
        one.put(outcome(number))
    assert one.backlog == 5
    assert one.record_once(0.0) == 5
    assert ledger.groups == [5]
    assert heard == [0, 1, 2, 3, 4]
    assert one.backlog == 0


def test_nothing_to_write_is_told_after_the_time_out() -> None:
    assert recorder(Ledger()).record_once(0.0) == 0


def test_rows_are_on_their_way_until_they_are_written_or_never_will_be() -> None:
    """As many as the finds bring the room ahead; what is refused for good brings none, what waits longer still does."""
    ledger = Ledger()
    one = recorder(ledger)
    read = Claim(StageName.EXTRACTION, 1, SourceItem("/x.pdf", "x"))
    known = Claim(StageName.QUEUEING, 2, SourceItem("/x.pdf", "x"))
    one.put(Finished(read, Done(facts_for(read, references=3)), 0.0, 0.0))
    one.put(Finished(known, Done(Duplicate(1, "doi")), 0.0, 0.0))
    one.put(Finished(read, Reject(Reason.DAMAGED_PDF), 0.0, 0.0))
    assert [one.arriving(stage) for stage in StageName] == [0, 3, 0, 0]
    ledger.closed_for = DatabaseFull("no space left")
    one.close()
    one.record_once(0.0)
    assert one.arriving(StageName.ENRICHMENT) == 3
    ledger.closed_for, ledger.refuse[1] = None, ValueError("nobody can write that")
    one.record_once(0.0)
    assert [one.arriving(stage) for stage in StageName] == [0, 0, 0, 0]
    assert [type(each.outcome) for each in ledger.written] == [Retry, Done, Reject]


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Up to five outcomes a group, and up to eight that wait."""
    monkeypatch.setattr("dl_lit.runtime.recorder.GROUP", 5)
    monkeypatch.setattr("dl_lit.runtime.recorder.BACKLOG", 8)


@pytest.mark.usefixtures("small")
def test_groups_have_a_bound() -> None:
    one = recorder(Ledger())
    for number in range(8):
        one.put(outcome(number))
    assert [one.record_once(0.0), one.record_once(0.0)] == [5, 3]


@pytest.mark.usefixtures("small")
def test_workers_wait_when_too_much_has_gathered() -> None:
    one = recorder(Ledger())
    for number in range(8):
        one.put(outcome(number))
    late = threading.Thread(target=one.put, args=(outcome(-1),))
    late.start()
    assert late.is_alive()
    assert one.backlog == 8
    one.record_once(0.0)
    late.join(30)
    assert one.backlog == 8 - 5 + 1


def test_a_bad_outcome_does_not_take_its_group_along() -> None:
    ledger, heard = Ledger(), []
    ledger.refuse[3] = ValueError("no such column")
    one = recorder(ledger, heard)
    for number in range(6):
        one.put(outcome(number))
    one.record_once(0.0)
    written = {one.claim.id: one.outcome for one in ledger.written}
    assert sorted(written) == sorted(heard) == list(range(6))
    assert isinstance(written.pop(3), Retry)
    assert all(isinstance(kept, Done) for kept in written.values())


def test_an_item_whose_outcome_is_refused_at_every_attempt_is_given_up() -> None:
    ledger = Ledger()
    ledger.refuse[1] = ValueError("no such column")
    one = recorder(ledger)
    one.put(outcome(1, attempt=5))
    one.record_once(0.0)
    (written,) = ledger.written
    assert isinstance(written.outcome, Reject)
    assert written.outcome.reason is Reason.INTERNAL_ERROR
    assert "no such column" in written.outcome.detail


@pytest.mark.parametrize("error", [DatabaseFull("no space"), DatabaseUnusable("database is locked")])
@pytest.mark.parametrize("count", [1, 7])
def test_a_database_that_takes_nothing_at_present_loses_nothing(error: Exception, count: int) -> None:
    """It waits, says so, and goes on by itself; items are not to blame."""
    ledger, heard = Ledger(), []
    ledger.closed_for = error
    one = recorder(ledger, heard)
    for number in range(count):
        one.put(outcome(number))
    thread = threading.Thread(target=one.loop)
    thread.start()
    eventually(lambda: one.is_full)
    assert heard == []
    ledger.closed_for = None
    eventually(lambda: len(heard) == count)
    assert not one.is_full
    one.close()
    thread.join(30)
    assert sorted(heard) == list(range(count))
    assert all(isinstance(kept.outcome, Done) for kept in ledger.written)


def test_a_disk_that_fills_up_in_the_middle_of_a_group_with_a_bad_outcome_loses_nothing() -> None:
    ledger, heard = Ledger(), []
    ledger.refuse[0] = ValueError("bad")
    ledger.refuse[2] = DatabaseFull("no space")
    one = recorder(ledger, heard)
    for number in range(5):
        one.put(outcome(number))
    one.close()  # so that it does not wait a second
    one.record_once(0.0)
    assert (sorted(heard), one.backlog) == ([0, 1], 3)
    ledger.refuse.clear()
    one.record_once(0.0)
    assert sorted(heard) == list(range(5))


@pytest.mark.usefixtures("small")
def test_closing_writes_what_is_left_first() -> None:
    ledger = Ledger()
    one = recorder(ledger)
    for number in range(7):
        one.put(outcome(number))
    one.close()
    one.loop()
    assert ledger.groups == [5, 2]


def test_closing_on_a_full_disk_ends_all_the_same() -> None:
    ledger = Ledger()
    ledger.closed_for = DatabaseFull("no space")
    one = recorder(ledger)
    one.put(outcome(1))
    one.close()
    one.loop()
    assert one.backlog == 1


def test_an_error_that_nothing_can_be_done_about_is_raised() -> None:
    """It must not end the thread in silence; the pipeline tells its owner."""
    ledger = Ledger()
    ledger.closed_for = ValueError("file is not a database")
    one = recorder(ledger)
    one.put(outcome(1))
    with pytest.raises(ValueError, match="not a database"):
        one.loop()


def test_how_long_nothing_could_be_written_is_known() -> None:
    """A one-off run ends when a full disk has been waited for in vain."""
    ledger, clock = Ledger(), ManualClock()
    recorder = Recorder(ledger, lambda _group: None, clock=clock)  # type: ignore[arg-type]
    recorder.put(outcome(1))
    recorder.close()  # so that it does not wait in real time
    ledger.closed_for = DatabaseFull("full")
    recorder.record_once(0.0)
    clock.advance(2.0)
    recorder.record_once(0.0)
    assert recorder.in_vain_s == 2.0
    ledger.closed_for = None
    recorder.record_once(0.0)
    assert (recorder.in_vain_s, len(ledger.written)) == (0.0, 1)


def test_waiting_for_another_programs_lock_counts_while_it_lasts() -> None:
    """SQLite waits half a minute before it says no; it used to be a second's trouble by then."""
    clock = ManualClock()
    seen: list[float] = []

    class Locked(Ledger):
        def record(self, finished: Sequence[Finished]) -> Recorded:
            clock.advance(12.0)
            seen.append(one.in_vain_s)
            return super().record(finished)

    one = Recorder(Locked(), lambda _group: None, clock=clock)  # type: ignore[arg-type]
    one.put(outcome(1))
    one.record_once(0.0)
    assert (seen, one.in_vain_s) == ([12.0], 0.0)


def test_nothing_goes_into_a_damaged_database() -> None:
    """The outcome is not turned into a failure of its item, which would have to be written, too."""
    ledger = Ledger()
    ledger.closed_for = DatabaseDamaged("damaged")
    one = recorder(ledger)
    one.put(outcome(1))
    with pytest.raises(DatabaseDamaged):
        one.loop()
    assert ledger.written == []


def test_only_what_was_written_is_told_of_and_what_others_were_given_in_one_line(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Shared(Ledger):
        def record(self, finished: Sequence[Finished]) -> Recorded:
            return Recorded(finished[:1], moved_on=finished[1:2], taken_over=finished[2:])

    heard: list[int] = []
    dropped: list[Recorded] = []
    one = Recorder(
        Shared(),  # type: ignore[arg-type]
        lambda group: heard.extend(one.claim.id for one in group),
        on_dropped=dropped.append,
    )
    for number in range(4):
        one.put(outcome(number))
    one.record_once(0.0)
    assert heard == [0]
    assert [[each.claim.id for each in some] for some in (dropped[0].moved_on, dropped[0].taken_over)] == [[1], [2, 3]]
    assert [record.getMessage() for record in caplog.records if record.levelname == "WARNING"] == [
        "taken_over: 2 extraction finished here too late and not written down; others were given them"
    ]
