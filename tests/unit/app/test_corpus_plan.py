"""What is missing of a corpus, in handfuls that are the same every time; and tasks through an engine."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import pytest

from dl_lit.app.corpus import plan, shapes
from dl_lit.app.corpus.engines.engine import Course, Ended, TakeBack, TaskLost
from dl_lit.app.corpus.orders import Piece
from dl_lit.core.errors import DlLitError

pa = pytest.importorskip("pyarrow")


def piece(number: int, content: int | None = None) -> Piece:
    sha256 = hashlib.sha256(str(number if content is None else content).encode()).hexdigest()
    return Piece(name=f"{number:04}.pdf", size=1_000, stamp="1", sha256=sha256)


def surveyed(pieces: list[Piece]) -> pa.Table:
    rows = [{"path": one.name, "size_bytes": one.size, "stamp": one.stamp, "sha256": one.sha256} for one in pieces]
    return pa.Table.from_pylist(rows, schema=shapes.SURVEY)


def nothing() -> pa.Table:
    return plan.READ.empty_table()


def read(pieces: list[Piece]) -> pa.Table:
    return pa.Table.from_pylist([{"sha256": one.sha256, "path": one.name} for one in pieces], schema=plan.READ)


def test_only_what_changed_is_looked_at_again() -> None:
    before = [piece(number) for number in range(3)]
    touched = Piece(name=before[1].name, size=before[1].size, stamp="2")
    rest = plan.unsurveyed(plan.listed([before[0], touched, piece(9), piece(9)]), surveyed(before))
    assert rest["path"].to_pylist() == ["0001.pdf", "0009.pdf"]
    assert [len(one.pieces) for one in plan.surveys(rest)] == [2]


def test_a_content_is_read_once_by_its_first_name() -> None:
    pieces = [piece(3, 7), piece(1, 7), piece(2, 7), piece(5, 8)]
    found = plan.contents(plan.listed(pieces), surveyed(pieces))
    missing = plan.missing(found, nothing(), nothing())
    assert sorted(missing.contents["path"].to_pylist()) == ["0001.pdf", "0005.pdf"]
    assert sorted(zip(*(missing.same[name].to_pylist() for name in ("path", "duplicate_of")), strict=True)) == [
        ("0002.pdf", "0001.pdf"),
        ("0003.pdf", "0001.pdf"),
    ]
    later = plan.missing(found, read([piece(2, 7)]), read([piece(3, 7)]))
    assert later.contents["path"].to_pylist() == ["0005.pdf"]
    assert later.same.select(["path", "duplicate_of"]).to_pylist() == [{"path": "0001.pdf", "duplicate_of": "0002.pdf"}]


def test_what_a_broken_run_left_is_divided_as_before() -> None:
    """Every handful that was not made has its name and its pieces again, whichever were made."""
    pieces = [piece(number) for number in range(300)]
    found = plan.contents(plan.listed(pieces), surveyed(pieces))
    bits = plan.bits_for(300)
    whole = list(plan.handfuls(plan.missing(found, nothing(), nothing()).contents, bits))
    assert sum(len(one.pieces) for one in whole) == 300
    made = [each for one in whole[::3] for each in one.pieces]
    rest = list(plan.handfuls(plan.missing(found, read(made), nothing()).contents, bits))
    assert rest == [one for number, one in enumerate(whole) if number % 3]


def test_handfuls_are_bounded_and_plenty() -> None:
    """Few PDFs still give every worker something; many come in handfuls of some dozens; large ones go alone."""
    assert [plan.bits_for(number) for number in (0, 1, 5, 118, 1_000, 1_000_000)] == [0, 0, 1, 6, 7, 14]
    large = [Piece(name=f"{n}.pdf", size=plan.MOST_BYTES, stamp="", sha256=piece(n).sha256) for n in range(3)]
    found = plan.contents(plan.listed(large), surveyed(large))
    assert [len(one.pieces) for one in plan.handfuls(found, 0)] == [1, 1, 1]


class Desultory:
    """An engine that loses every task `deaths` times, and has no slots until it was asked for them twice."""

    name = "desultory"

    def __init__(self, deaths: int = 0, gone: str | None = None) -> None:
        self.deaths = deaths
        self.gone = gone
        self.most = 0
        self._under_way: list[Ended] = []
        self._seen: dict[bytes, int] = {}

    def slots(self) -> int:
        return 2

    def take(self, order: bytes, ended: Ended) -> TakeBack:
        if self.gone is not None:
            return lambda: True
        seen = self._seen[order] = self._seen.get(order, 0) + 1
        ended(TaskLost("died") if seen <= self.deaths else order.upper())
        return lambda: False

    def trouble(self) -> str | None:
        return self.gone

    def waits_for(self) -> str:
        return "nobody"

    def kill(self) -> None:
        """Nothing runs."""

    def close(self) -> None:
        """Nothing is open."""


def orders(given: list[bytes]) -> Iterator[bytes]:
    for number in range(20):
        given.append(b"order %d" % number)
        yield given[-1]


def test_a_course_is_never_far_ahead_of_its_answers() -> None:
    """So a million orders are never held at once."""
    given: list[bytes] = []
    course = Course(Desultory())
    for number, (order, answer) in enumerate(course.answers(orders(given)), 1):
        assert answer == order.upper()
        assert len(given) <= number + 4
    assert number == 20


@pytest.mark.parametrize(("deaths", "is_lost"), [(1, False), (2, False), (3, True)])
def test_a_lost_task_is_given_again_but_not_for_ever(deaths: int, is_lost: bool) -> None:
    course = Course(Desultory(deaths))
    [(_, answer)] = course.answers(iter([b"one"]))
    assert isinstance(answer, TaskLost) is is_lost
    assert course.repeated == min(deaths, 2)


def test_an_engine_that_has_gone_ends_the_course() -> None:
    with pytest.raises(DlLitError, match="gone for good"):
        list(Course(Desultory(gone="gone for good")).answers(iter([b"one"])))
