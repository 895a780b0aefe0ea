"""Some hundreds of references beside some thousands: plans, counts and the proof's own detectors; no times."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from proofs.scale import figures, plans, proof
from proofs.scale.filling import broken, fill

from dl_lit.core.model import StageName


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database of some hundreds, filled in bulk."""
    place = tmp_path_factory.mktemp("scale")
    fill(place / "scale.db", 330)
    return place


def test_what_is_filled_is_a_possible_database_and_stays_one_through_every_kind_of_outcome(folder: Path) -> None:
    path = folder / "scale.db"
    assert broken(path) == []
    with plans.caught() as statements:
        subject = figures.Subject(path, 330)
        try:
            for measured in subject.measured():
                measured.do()
            for stage in StageName:
                subject.finish(stage)()
        finally:
            subject.close()
    assert broken(path) == []
    assert len({plans.shape(one) for one in statements}) > 100
    assert plans.complaints(path, statements) == []


def test_a_plan_that_reads_a_growing_table_is_told_of(folder: Path) -> None:
    """Also where an alias hides its name, or all of it is sorted."""
    wrong = {
        "SELECT count(*) FROM entries",
        "SELECT e.id FROM entries AS e WHERE e.title LIKE '%x%'",
        "SELECT id FROM works WHERE id > 5 ORDER BY title",
    }
    assert len(plans.complaints(folder / "scale.db", wrong)) == len(wrong)
    assert plans.complaints(folder / "scale.db", {"SELECT id FROM works WHERE id = 5"}) == []


def test_a_count_that_does_not_agree_with_its_rows_is_told_of(folder: Path) -> None:
    path = folder / "scale.db"
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE counts SET number = number + 1 WHERE what = 'no_metadata'")
    assert [line.partition(":")[0] for line in broken(path)] == ["counts-agree"]
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE counts SET number = number - 1 WHERE what = 'no_metadata'")
    connection.close()


def test_what_takes_longer_with_many_is_told_of() -> None:
    assert proof.too_slow("x", 0.001, 0.0012) is None
    assert proof.too_slow("x", 0.001, 0.002) is not None
