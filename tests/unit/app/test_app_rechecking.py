"""Looking again with the tools of a workshop: real database, real library, made-up services and downloads."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from db.connect import connect
from db.reading.doctor import invariants
from db.reading.files import library_files
from db.reading.opening import reading
from db.rechecking import Which
from db.upgrading import Came, held_copy, replace_file
from dl_lit.app.care.left_over import take_over
from dl_lit.app.care.rechecking import Looked, Rechecks, counted
from dl_lit.app.deciding.reviewing_files import BY_A_PERSON, FileReview
from dl_lit.core.errors import BadInput
from dl_lit.core.items import Downloaded
from dl_lit.core.job import Done
from dl_lit.core.model import Location, StageName, Version, Work
from dl_lit.core.ports import Fetched
from dl_lit.core.proof import Proof, Verdict
from dl_lit.core.reasons import Reason
from dl_lit.core.retry_rules import DAY_S
from dl_lit.core.upgrading import Held
from dl_lit.library.folder import FolderLibrary
from dl_lit.settings.model import EngineSettings, RecheckSettings, Settings
from stages.rechecking import Better, Failed, Later, Nothing, Upgrade
from tests.fakes.engine import VERIFIED
from tests.fakes.scenario import Scenario, work
from tests.fakes.service_calls import FakeServiceCalls

QUEUEING, DOWNLOAD = StageName.QUEUEING, StageName.DOWNLOAD
PREPRINT = Location(url="https://preprints.example/1.pdf", version=Version.SUBMITTED)
PUBLISHED = Location(url="https://journal.example/1.pdf", version=Version.PUBLISHED)
DOUBT = Proof(verdict=Verdict.NEEDS_REVIEW, score=0.6, evidence=("title 0.71 on page 1",))


class Shop:
    """What `Rechecks` asks of a workshop, with an upgrader that answers as it is told."""

    def __init__(self, scenario: Scenario) -> None:
        self.settings = Settings(
            database=scenario.path,
            library=scenario.library,
            state_folder=scenario.library,
            cache_folder=scenario.library,
            local_index=scenario.library / "none",
            synchronous="NORMAL",
            recheck=RecheckSettings(per_day=3),
            engine=EngineSettings(outlook_s=5.0),
        )
        self.clock = scenario.clock
        self.store = scenario.store
        self.library = FolderLibrary(scenario.library, scenario.clock)
        self.calls = FakeServiceCalls(switched_off={"openalex", "crossref"})
        self.network = SimpleNamespace(calls=self.calls)
        self.upgrader = self
        self.answers: list[Callable[[int, Work], Upgrade]] = []
        self.tickets: list[float | None] = []

    def upgrade(self, work_id: int, work: Work, held: Held, *, ticket: float | None = None) -> Upgrade:
        assert held.status is Reason.OK_PREPRINT
        self.tickets.append(ticket)
        return self.answers.pop(0)(work_id, work)

    def put(self, work_id: int, work: Work, content: bytes, location: Location, proof: Proof = VERIFIED) -> Downloaded:
        """A file that was fetched and is placed."""
        path = self.library.incoming(work_id)
        path.write_bytes(content)
        sha256 = hashlib.sha256(content).hexdigest()
        fetched = Fetched(path=path, sha256=sha256, size_bytes=len(content), final_url=location.url, content_type="")
        return self.library.place(work_id, work, fetched, location, 3, proof=proof)

    def better(self, content: bytes = b"%PDF published", location: Location = PUBLISHED) -> None:
        """The next look finds this."""
        self.answers.append(lambda work_id, work: Better(self.put(work_id, work, content, location), None))


@pytest.fixture
def scenario(tmp_path: Path) -> Iterator[Scenario]:
    """At the end everything is in one place, every file has its row, and nothing is left lying about."""
    with Scenario(tmp_path) as one:
        yield one
        with reading(one.path) as connection:
            found = [*invariants(connection), *library_files(connection, one.library, contents=True, running=False)]
            assert [finding for finding in found if not finding.holds] == []


@pytest.fixture
def shop(scenario: Scenario) -> Shop:
    return Shop(scenario)


@pytest.fixture
def rechecks(shop: Shop) -> Iterator[Rechecks]:
    tool: Any = shop
    rechecks = Rechecks(tool)
    yield rechecks
    rechecks.close()


def never() -> bool:
    return False


def resolved(scenario: Scenario, number: int = 1) -> tuple[int, Work]:
    """A work that waits for open copies."""
    found = work(f"On the matter of {number}", doi=f"10.1000/{number}")
    (entry,) = scenario.extract(scenario.add(f"{number}.pdf")[0], [found.title])
    return scenario.resolve(entry, found), found


def preprint(
    scenario: Scenario, shop: Shop, number: int = 1, proof: Proof = VERIFIED, content: bytes = b"%PDF preprint"
) -> tuple[int, Work, Downloaded]:
    """A work of which the preprint came."""
    work_id, found = resolved(scenario, number)
    scenario.queue(work_id, PREPRINT)
    facts = shop.put(work_id, found, content + bytes([number]), PREPRINT, proof)
    scenario.answer(DOWNLOAD, {work_id: Done(facts)})
    shop.library.clear(work_id)
    return work_id, found, facts


def file_row(scenario: Scenario) -> list[tuple[Any, ...]]:
    return scenario.rows("SELECT status, file_path, replaces FROM downloaded_references")


def test_a_better_copy_comes_in_and_the_old_file_goes(scenario: Scenario, shop: Shop, rechecks: Rechecks) -> None:
    work_id, _, before = preprint(scenario, shop)
    shop.better()
    looked = Looked()
    rechecks.look_patiently(rechecks.due(Which(every=True)), looked, never)
    (one,) = looked.upgraded
    assert (one.work_id, one.before, one.now) == (work_id, Reason.OK_PREPRINT, Reason.OK)
    assert file_row(scenario) == [("ok", one.path, None)]
    assert not (scenario.library / before.path).exists()
    assert (scenario.library / one.path).read_bytes() == b"%PDF published"


def test_the_old_file_is_kept_apart_where_that_is_wished(scenario: Scenario, shop: Shop) -> None:
    _, _, before = preprint(scenario, shop)
    shop.settings = replace(shop.settings, recheck=RecheckSettings(keep_superseded=True))
    shop.better()
    tool: Any = shop
    rechecks = Rechecks(tool)
    rechecks.look(rechecks.due(Which(every=True)), Looked(), never)
    rechecks.close()
    kept = scenario.library / "superseded" / before.path
    assert kept.read_bytes() == b"%PDF preprint\x01"


@pytest.mark.parametrize(
    "answer",
    [
        lambda _id, _work: Nothing("nobody knows"),
        lambda _id, _work: Failed(Reason.TIMEOUT_READ, "60 s"),
        lambda _id, _work: Nothing("embargoed", 1_900_000_000.0),
    ],
)
def test_where_nothing_better_comes_nothing_changes(
    scenario: Scenario, shop: Shop, rechecks: Rechecks, answer: Callable[[int, Work], Upgrade]
) -> None:
    _, _, before = preprint(scenario, shop)
    shop.answers.append(answer)
    looked = Looked()
    rechecks.look_patiently(rechecks.due(Which(every=True)), looked, never)
    assert (looked.unchanged, looked.upgraded) == (1, [])
    assert file_row(scenario) == [("ok-preprint", before.path, None)]
    assert scenario.rows(f"SELECT done, due_at > {scenario.clock.time()} FROM rechecks") == [(1, 1)]


@pytest.mark.parametrize(("content", "place"), [(b"%PDF preprint\x01", PUBLISHED), (b"%PDF another", PREPRINT)])
def test_a_file_that_is_no_better_is_thrown_away(
    scenario: Scenario, shop: Shop, rechecks: Rechecks, content: bytes, place: Location
) -> None:
    """The very same file, which is where it was already; and a preprint that called itself the published version."""
    _, _, before = preprint(scenario, shop)
    shop.better(content, place)
    looked = Looked()
    rechecks.look_patiently(rechecks.due(Which(every=True)), looked, never)
    assert looked.unchanged == 1
    assert file_row(scenario) == [("ok-preprint", before.path, None)]
    assert (scenario.library / before.path).exists()


def test_whoever_has_to_wait_for_its_turn_comes_back_with_its_ticket(
    scenario: Scenario, shop: Shop, rechecks: Rechecks
) -> None:
    preprint(scenario, shop)
    began = scenario.clock.time()

    def later(_id: int, _work: Work) -> Upgrade:
        scenario.clock.at += 1.0
        return Later(Reason.HOST_BUSY, 0.0)

    shop.answers += [later, later]
    shop.better()
    looked = Looked()
    rechecks.look_patiently(rechecks.due(Which(every=True)), looked, never)
    assert shop.tickets == [None, began + 1.0, began + 2.0]
    assert (len(looked.upgraded), looked.put_off) == (1, 0)


def test_a_turn_far_off_is_left_for_another_time(scenario: Scenario, shop: Shop, rechecks: Rechecks) -> None:
    preprint(scenario, shop)
    shop.answers.append(lambda _id, _work: Later(Reason.HOST_PARKED, 900.0))
    looked = Looked()
    rechecks.look_patiently(rechecks.due(Which(every=True)), looked, never)
    assert looked.put_off == 1
    assert scenario.rows(f"SELECT done, due_at - {scenario.clock.time()} FROM rechecks") == [(0, 900.0)]


def test_what_failed_goes_back_to_work_within_the_bound_of_a_day(
    scenario: Scenario, shop: Shop, rechecks: Rechecks
) -> None:
    for number in range(5):
        work_id, _ = resolved(scenario, number)
        scenario.reject(QUEUEING, work_id, Reason.NO_OA_LOCATION)
    assert rechecks.once().put_back == []
    scenario.clock.at += 100 * DAY_S
    assert counted(rechecks.due(Which())) == {"no-oa-location": 5}
    assert len(rechecks.once().put_back) == 3
    assert rechecks.once().put_back == []
    scenario.clock.at += DAY_S + 1
    assert len(rechecks.once().put_back) == 2
    shop.settings = replace(shop.settings, recheck=RecheckSettings(enabled=False))
    assert rechecks.once() == Looked()


def test_a_stop_leaves_what_was_not_begun_as_it_was(scenario: Scenario, shop: Shop, rechecks: Rechecks) -> None:
    preprint(scenario, shop)
    shop.answers.append(lambda _id, _work: Failed(Reason.CONNECTION_RESET, "cut off"))
    stops = iter([False, False, True])
    looked = Looked()
    rechecks.look(rechecks.due(Which(every=True)), looked, lambda: next(stops))
    assert scenario.rows(f"SELECT done, due_at - {scenario.clock.time()} FROM rechecks") == [(0, 0.0)]


def test_retractions_that_nobody_could_be_asked_about_are_asked_for_again_tomorrow(
    scenario: Scenario, shop: Shop, rechecks: Rechecks
) -> None:
    preprint(scenario, shop)
    scenario.clock.at += 40 * DAY_S
    looked = Looked()
    rechecks.notices(looked)
    assert looked.retracted == []
    assert scenario.rows(f"SELECT notices_due - {scenario.clock.time()} FROM rechecks") == [(DAY_S,)]


# --- files in quarantine, and sudden deaths


def test_a_person_accepts_a_file(scenario: Scenario, shop: Shop) -> None:
    work_id, _, facts = preprint(scenario, shop, proof=DOUBT)
    assert facts.path.startswith("quarantine/")
    with FileReview(shop.settings, scenario.clock) as review:
        (held,) = review.waiting()
        assert review.path(held).is_file()
        released = review.accept(held)
        with pytest.raises(BadInput, match="no file of w1 waits"):
            review.one(work_id)
    assert released.proof.evidence == (BY_A_PERSON, *DOUBT.evidence)
    assert file_row(scenario) == [("ok-preprint", released.path, None)]
    assert not (scenario.library / facts.path).exists()


def test_of_two_who_decide_the_second_leaves_nothing_behind(scenario: Scenario, shop: Shop) -> None:
    preprint(scenario, shop, proof=DOUBT)
    with FileReview(shop.settings, scenario.clock) as one, FileReview(shop.settings, scenario.clock) as other:
        (held,) = one.waiting()
        assert not one.refuse(held)
        (scenario.library / held.facts.path).write_bytes(b"%PDF preprint\x01")  # as if it had been read just before
        with pytest.raises(BadInput, match="not as it was shown"):
            other.accept(held)
        (scenario.library / held.facts.path).unlink()
    assert scenario.rows("SELECT reason FROM failed_downloads") == [("wrong-work",)]


@pytest.mark.parametrize("is_written", [False, True])
def test_an_upgrade_that_death_cut_off_is_finished_by_the_next_start(
    scenario: Scenario, shop: Shop, is_written: bool
) -> None:
    """Before its row is committed, and between that and the removal of the file before."""
    work_id, found, before = preprint(scenario, shop)
    facts = shop.put(work_id, found, b"%PDF published", PUBLISHED)
    engine = connect(scenario.path)
    if is_written:
        with reading(scenario.path) as connection:
            look = held_copy(connection, work_id)
        assert look is not None
        assert replace_file(engine, look, Came(facts=facts, started_at=1.0, seconds=1.0), scenario.clock)
    take_over(scenario.store, engine, shop.library, scenario.clock, keep=False)
    engine.dispose()
    assert file_row(scenario) == [("ok", facts.path, None)]
    assert not (scenario.library / before.path).exists()


def test_a_file_that_nobody_wants_is_removed_by_the_next_start(scenario: Scenario, shop: Shop) -> None:
    work_id, found, before = preprint(scenario, shop)
    stray = shop.put(work_id, found, b"%PDF another preprint", PREPRINT)
    engine = connect(scenario.path)
    take_over(scenario.store, engine, shop.library, scenario.clock, keep=False)
    engine.dispose()
    assert not (scenario.library / stray.path).exists()
    assert file_row(scenario) == [("ok-preprint", before.path, None)]
