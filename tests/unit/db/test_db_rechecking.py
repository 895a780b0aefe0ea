"""Works that come back on their day, better copies in the place of lesser ones, files that a person decides on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine

from db.adopting import Adopted, adopt_beside
from db.connect import connect
from db.files import owner_of
from db.held_files import HeldFile, accept_file, held_file, held_files, refuse_file
from db.reading.doctor import invariants
from db.reading.opening import reading
from db.rechecking import (
    LOW,
    Look,
    Which,
    begun_since,
    looks,
    make_due,
    next_due,
    note_notices,
    notices_due,
    put_back,
    take_up,
)
from db.retrying import Wanted
from db.retrying import put_back as retry
from db.upgrading import Came, end_look, held_copy, is_upgrade, left_behind, put_away, replace_file
from dl_lit.core.errors import BadInput
from dl_lit.core.items import Downloaded, DownloadItem
from dl_lit.core.job import Done, Reject
from dl_lit.core.model import Location, StageName, Version
from dl_lit.core.proof import Proof, Verdict
from dl_lit.core.reasons import Reason
from dl_lit.core.retry_rules import DAY_S
from dl_lit.core.trail import Trail
from tests.fakes.engine import VERIFIED, downloaded
from tests.fakes.recognising import RECOGNISER
from tests.fakes.scenario import Scenario, location, work

QUEUEING, DOWNLOAD = StageName.QUEUEING, StageName.DOWNLOAD
DOUBT = Proof(verdict=Verdict.NEEDS_REVIEW, score=0.6, evidence=("title 0.71 on page 1",))
FIRST, SECOND = location("https://a.example/1.pdf"), location("https://b.example/2.pdf")
PREPRINT = replace(FIRST, version=Version.SUBMITTED)


@pytest.fixture
def scenario(tmp_path: Path) -> Iterator[Scenario]:
    with Scenario(tmp_path) as one:
        yield one
        with reading(one.path) as connection:
            assert [found for found in invariants(connection) if not found.holds] == []


@pytest.fixture
def engine(scenario: Scenario) -> Iterator[Engine]:
    engine = connect(scenario.path, synchronous="NORMAL")
    yield engine
    engine.dispose()


def works(scenario: Scenario, count: int) -> list[int]:
    """So many works that wait for open copies."""
    titles = [f"On the matter of {number}" for number in range(count)]
    entries = scenario.extract(scenario.add("a.pdf")[0], titles)
    return [
        scenario.resolve(entry, work(title, doi=f"10.1000/{title[-1]}"))
        for entry, title in zip(entries, titles, strict=True)
    ]


def came(scenario: Scenario, work_id: int, **changed: object) -> Downloaded:
    """The work was downloaded so."""
    facts = downloaded(work_id, **{"location": PREPRINT, **changed})
    scenario.queue(work_id, FIRST, SECOND)
    scenario.answer(DOWNLOAD, {work_id: Done(facts)})
    return facts


def due(scenario: Scenario, which: Which | None = None, **more: int) -> list[Look]:
    with reading(scenario.path) as connection:
        return looks(connection, which or Which(), now=scenario.clock.time(), **{"resolver": 1, **more})


def test_what_ended_comes_back_on_its_day(scenario: Scenario) -> None:
    closed, gone, preprint, wall, good = works(scenario, 5)
    scenario.reject(QUEUEING, closed, Reason.NO_OA_LOCATION)
    scenario.reject(QUEUEING, gone, Reason.HTTP_404)
    scenario.reject(QUEUEING, wall, Reason.BLOCKED_PAYWALL)
    came(scenario, preprint)
    came(scenario, good, location=FIRST)
    assert due(scenario) == []
    with reading(scenario.path) as connection:
        first = next_due(connection)
    assert first is not None
    assert 30 <= (first - scenario.clock.time()) / DAY_S < 32
    scenario.clock.at += 32 * DAY_S
    assert [one.work_id for one in due(scenario)] == [gone]
    scenario.clock.at += 65 * DAY_S
    assert {one.work_id: one.held is None for one in due(scenario)} == {gone: True, closed: True, preprint: False}
    assert len(due(scenario, limit=1)) == 1
    assert {one.work_id for one in due(scenario, Which(every=True))} == {closed, gone, preprint, wall}
    assert [one.work_id for one in due(scenario, Which(reasons=[Reason.BLOCKED_PAYWALL]))] == [wall]
    assert [one.work_id for one in due(scenario, Which(works=[wall]))] == [wall]
    with pytest.raises(BadInput, match=f"nothing to look for again of w{good}"):
        due(scenario, Which(works=[good]))


def test_works_that_ended_at_a_page_come_back_with_a_newer_finder(scenario: Scenario) -> None:
    (page,) = works(scenario, 1)
    scenario.queue(page)
    scenario.reject(DOWNLOAD, page, Reason.NO_PDF_LINK)
    scenario.clock.at += 400 * DAY_S
    assert due(scenario) == []
    assert [one.work_id for one in due(scenario, resolver=2)] == [page]


def test_a_failure_is_looked_up_anew_behind_all_others(scenario: Scenario, engine: Engine) -> None:
    """With the locations that are known now; it keeps its place in the count, and is not due meanwhile."""
    one, other = works(scenario, 2)
    scenario.queue(one)
    scenario.reject(DOWNLOAD, one, Reason.HTTP_404)
    scenario.clock.at += 40 * DAY_S
    found = due(scenario)
    assert put_back(engine, found, {one: (SECOND,)}, scenario.clock) == (one,)
    scenario.store.notice()
    assert put_back(engine, found, {}, scenario.clock) == ()  # no failure any more
    claims = scenario.store.claim(QUEUEING, 10)
    assert [claim.id for claim in claims] == [other, one]
    assert claims[1].item.work.locations == (SECOND,)  # type: ignore[union-attr]
    scenario.store.release(claims)
    assert scenario.rows("SELECT priority FROM with_metadata ORDER BY work_id") == [(LOW,), (0,)]
    assert due(scenario, resolver=9) == []
    scenario.reject(QUEUEING, one, Reason.HTTP_404)
    assert scenario.rows("SELECT done, due_at FROM rechecks") == [(1, None)]
    with reading(scenario.path) as connection:
        assert begun_since(connection, scenario.clock.time() - 1) == 1


def test_a_better_copy_takes_the_place_without_the_work_leaving_its_room(scenario: Scenario, engine: Engine) -> None:
    """The row changes at once; the file before is named until somebody has put it away."""
    (one,) = works(scenario, 1)
    before = came(scenario, one, path="old.pdf")
    (look,) = due(scenario, Which(works=[one]))
    better = downloaded(one, path="new.pdf", sha256="b" * 64, location=replace(SECOND, version=Version.PUBLISHED))
    assert is_upgrade(look, better)
    assert not is_upgrade(look, before)
    assert not is_upgrade(look, replace(better, proof=DOUBT))
    take_up(engine, [look], scenario.clock)
    news = Came(facts=better, started_at=scenario.clock.time(), seconds=1.5, trail=Trail(decision="published by now"))
    assert replace_file(engine, look, news, scenario.clock)
    assert not replace_file(engine, look, news, scenario.clock)  # it is not as it was seen any more
    assert scenario.rows("SELECT status, file_path, replaces, processing_duration_ms FROM downloaded_references") == [
        ("ok", "new.pdf", "old.pdf", 1500.0)
    ]
    assert scenario.rows("SELECT reason, done, due_at FROM rechecks") == [("ok", 0, None)]
    assert scenario.rows("SELECT outcome, reason, detail FROM attempts ORDER BY id DESC LIMIT 1") == [
        ("done", "ok", "in the place of ok-preprint: old.pdf")
    ]
    with reading(scenario.path) as connection:
        assert left_behind(connection) == [(one, "old.pdf")]
        assert owner_of(connection, "old.pdf") is not None
    put_away(engine, one, "old.pdf")
    with reading(scenario.path) as connection:
        assert left_behind(connection) == []
        assert owner_of(connection, "old.pdf") is None


def test_a_copy_that_stays_is_looked_at_again_some_other_day(scenario: Scenario, engine: Engine) -> None:
    (one,) = works(scenario, 1)
    came(scenario, one)
    (look,) = due(scenario, Which(every=True))
    take_up(engine, [look], scenario.clock)
    assert due(scenario) == []
    scenario.clock.at += 3_601
    assert [(again.work_id, again.done) for again in due(scenario)] == [(one, 1)]  # nothing was heard of it
    take_up(engine, [replace(look, done=7)], scenario.clock)
    scenario.clock.at += 3_601
    assert due(scenario) == []  # what ends the process each time comes to an end as well
    end_look(engine, look, done=1, due_at=scenario.clock.time() + DAY_S)
    assert due(scenario) == []
    assert scenario.rows("SELECT status, file_path FROM downloaded_references") == [("ok-preprint", f"{one}.pdf")]
    make_due(engine, [look], scenario.clock)
    assert [again.done for again in due(scenario)] == [1]


def test_works_in_the_library_are_looked_up_for_retractions(scenario: Scenario, engine: Engine) -> None:
    one, other = works(scenario, 2)
    came(scenario, one)
    scenario.reject(QUEUEING, other, Reason.NO_OA_LOCATION)
    with reading(scenario.path) as connection:
        assert notices_due(connection, now=scenario.clock.time(), limit=9) == {}
        later = scenario.clock.time() + 32 * DAY_S
        found = notices_due(connection, now=later, limit=9)
    assert list(found) == [one]
    note_notices(engine, {one: replace(found[one], is_retracted=True)}, {one}, {one: later + DAY_S})
    with reading(scenario.path) as connection:
        assert notices_due(connection, now=later, limit=9) == {}
        assert notices_due(connection, now=later + DAY_S, limit=9)[one].is_retracted


# --- files in quarantine


def held(scenario: Scenario, *places: Location) -> HeldFile:
    """A work whose file waits for a decision."""
    (one,) = works(scenario, 1)
    scenario.queue(one, *(places or (FIRST, SECOND)))
    facts = downloaded(one, path="quarantine/x.pdf", proof=DOUBT, location=FIRST)
    scenario.answer(DOWNLOAD, {one: Done(facts)})
    with reading(scenario.path) as connection:
        (found,) = held_files(connection)
    assert (found.work_id, found.facts) == (one, facts)
    return found


def test_an_accepted_file_is_a_download_as_any_other(scenario: Scenario, engine: Engine) -> None:
    seen = held(scenario)
    released = replace(seen.facts, path="x.pdf", proof=VERIFIED)
    accept_file(engine, seen, released, RECOGNISER, scenario.clock, "accepted in review")
    assert scenario.rows("SELECT status, file_path, replaces FROM downloaded_references") == [
        ("ok", "x.pdf", "quarantine/x.pdf")
    ]
    with pytest.raises(BadInput, match="not as it was shown"):
        accept_file(engine, seen, released, RECOGNISER, scenario.clock, "twice")
    with pytest.raises(BadInput, match="not as it was shown"):
        refuse_file(engine, seen, scenario.clock)
    with reading(scenario.path) as connection, pytest.raises(BadInput, match="no file of w1 waits"):
        held_file(connection, 1)


def test_a_refused_file_is_not_taken_again_and_the_others_are_tried(scenario: Scenario, engine: Engine) -> None:
    seen = held(scenario)
    assert refuse_file(engine, seen, scenario.clock)
    scenario.store.notice()
    (claim,) = scenario.store.claim(DOWNLOAD, 1)
    assert isinstance(claim.item, DownloadItem)
    assert claim.item.locations == (SECOND,)
    assert claim.item.refused == (seen.facts.sha256,)
    scenario.store.release([claim])
    with reading(scenario.path) as connection:
        assert left_behind(connection) == [(seen.work_id, "quarantine/x.pdf")]
    put_away(engine, seen.work_id, "quarantine/x.pdf")
    # Whoever looks its locations up again is told the same address, which is left out.
    scenario.answer(DOWNLOAD, {seen.work_id: Reject(Reason.HTTP_404)})
    put_back(engine, due(scenario, Which(every=True)), {}, scenario.clock)
    scenario.store.notice()
    scenario.queue(seen.work_id, FIRST, SECOND)
    (claim,) = scenario.store.claim(DOWNLOAD, 1)
    assert isinstance(claim.item, DownloadItem)
    assert claim.item.locations == (SECOND,)


def test_a_refused_file_that_was_the_only_one_is_a_wrong_work(scenario: Scenario, engine: Engine) -> None:
    seen = held(scenario, FIRST)
    assert not refuse_file(engine, seen, scenario.clock)
    assert scenario.rows("SELECT reason, detail, needs_review, held FROM failed_downloads") == [
        ("wrong-work", "refused in review", 0, None)
    ]


def test_a_work_with_a_file_in_quarantine_is_not_retried_past_it(scenario: Scenario, engine: Engine) -> None:
    seen = held(scenario)
    assert retry(engine, Wanted(every_reason=True), scenario.clock).total == 0
    assert due(scenario, Which(every=True)) == []
    with pytest.raises(BadInput, match="waits for your decision"):
        retry(engine, Wanted(works=[seen.work_id]), scenario.clock)


# --- after a sudden death


def test_an_acceptance_that_was_cut_off_is_finished(scenario: Scenario, engine: Engine) -> None:
    """The file has its name in the library, its row has not moved."""
    seen = held(scenario)
    released = replace(seen.facts, path="x.pdf", proof=VERIFIED)
    assert adopt_beside(engine, seen.work_id, seen.facts, RECOGNISER, scenario.clock) is Adopted.KNOWN
    assert adopt_beside(engine, seen.work_id, released, RECOGNISER, scenario.clock) is Adopted.WRITTEN
    assert adopt_beside(engine, seen.work_id, released, RECOGNISER, scenario.clock) is Adopted.KNOWN
    assert scenario.rows("SELECT file_path FROM downloaded_references") == [("x.pdf",)]


def test_an_upgrade_that_was_cut_off_is_finished_and_a_lesser_file_is_wanted_by_nobody(
    scenario: Scenario, engine: Engine
) -> None:
    (one,) = works(scenario, 1)
    came(scenario, one)
    published = downloaded(one, path="new.pdf", sha256="b" * 64, location=FIRST)
    lesser = downloaded(one, path="other.pdf", sha256="c" * 64, location=PREPRINT)
    assert adopt_beside(engine, one, lesser, RECOGNISER, scenario.clock) is Adopted.UNWANTED
    assert adopt_beside(engine, one, published, RECOGNISER, scenario.clock) is Adopted.WRITTEN
    with reading(scenario.path) as connection:
        copy = held_copy(connection, one)
        assert held_copy(connection, 99) is None
    assert copy is not None
    assert (copy.path, copy.reason) == ("new.pdf", Reason.OK)


def test_a_quarantined_file_that_was_not_written_down_is_adopted(scenario: Scenario) -> None:
    (one,) = works(scenario, 1)
    scenario.queue(one)
    facts = downloaded(one, path="quarantine/x.pdf", proof=DOUBT)
    assert scenario.store.adopt(one, facts)
    assert scenario.rows("SELECT reason, held ->> '$.path' FROM failed_downloads") == [
        ("needs-review", "quarantine/x.pdf")
    ]
