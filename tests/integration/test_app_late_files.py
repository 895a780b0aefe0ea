"""What comes from a download when others have its work by then, against a real database and library."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from dl_lit.app.care.late_files import LateFiles
from dl_lit.core.errors import DatabaseUnusable
from dl_lit.core.items import Downloaded
from dl_lit.core.job import Claim, Done
from dl_lit.core.model import StageName
from dl_lit.core.reasons import Reason
from dl_lit.core.store import Finished
from dl_lit.library.folder import FolderLibrary
from dl_lit.library.receipts import encode, receipt_path
from tests.fakes.engine import downloaded
from tests.fakes.scenario import Scenario, work


class Place:
    """A work that waits for its file, and a file of it that came too late."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        (source,) = scenario.add("one.pdf")
        (entry,) = scenario.extract(source, ["Gravel"])
        self.work = scenario.resolve(entry, work("Gravel", doi="10.1000/gravel"))
        scenario.queue(self.work)
        library = FolderLibrary(scenario.library, scenario.clock)
        self.late = LateFiles(scenario.store, library)
        self.facts = downloaded(self.work, path="gravel.pdf")
        self.file = scenario.library / self.facts.path
        self.file.write_bytes(b"%PDF-1.7 made up")
        self.receipt = receipt_path(scenario.library / ".incoming", self.work)
        self.receipt.write_bytes(encode(self.facts, scenario.clock.now()))
        claim = self.claim()
        scenario.store.release([claim])
        self.late.settle([Finished(claim, Done(self.facts), 0.0, 0.0)], others_have_them=True)

    def claim(self) -> Claim:
        (claim,) = self.scenario.store.claim(StageName.DOWNLOAD, 1)
        return claim

    def others_finish(self, facts: Downloaded) -> None:
        self.scenario.answer(StageName.DOWNLOAD, {self.work: Done(facts)})


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with Scenario(tmp_path) as scenario:
        yield Place(scenario)


def test_it_stays_while_others_may_write_a_row_for_it(place: Place) -> None:
    place.late.look()
    assert place.file.is_file()
    assert place.receipt.is_file()
    place.others_finish(place.facts)
    place.late.look()
    assert place.file.is_file()
    assert not place.receipt.exists()


def test_it_goes_when_others_have_written_down_another_one(place: Place) -> None:
    place.others_finish(replace(place.facts, path="other.pdf"))
    place.late.look()
    assert not place.file.exists()
    assert not place.receipt.exists()


def test_it_goes_when_others_gave_the_work_up(place: Place) -> None:
    place.scenario.reject(StageName.DOWNLOAD, place.work, Reason.HTTP_404)
    place.late.look()
    assert not place.file.exists()
    assert not place.receipt.exists()


def test_where_the_database_is_away_it_is_looked_at_another_time(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.others_finish(replace(place.facts, path="other.pdf"))

    def away(_path: str) -> int:
        raise DatabaseUnusable("away")

    with monkeypatch.context() as patch:
        patch.setattr(place.scenario.store, "owner_of_file", away)
        place.late.look()
    assert place.file.is_file()
    place.late.look()
    assert not place.file.exists()
