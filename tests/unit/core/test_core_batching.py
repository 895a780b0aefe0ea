"""How many identifiers go into one request: halved where that was too many, grown back while it is not."""

from __future__ import annotations

from collections.abc import Sequence

from dl_lit.core.batching import BatchSizes
from dl_lit.core.errors import RequestRefused
from dl_lit.core.model import Work
from stages.answers import look_up


def test_too_many_are_halved_down_to_one() -> None:
    sizes = BatchSizes()
    for _ in range(9):
        sizes.too_many("x", 50, sizes.now("x", 50))
    assert sizes.now("x", 50) == 1
    assert sizes.now("y", 50) == 50, "each service has its own"
    sizes.forget()
    assert sizes.now("x", 50) == 50


def test_sizes_grow_back_while_full_batches_are_taken() -> None:
    sizes = BatchSizes()
    sizes.too_many("x", 50, 50)
    sizes.taken("x", 50, 7)
    seen = []
    for _ in range(20):
        seen.append(sizes.now("x", 50))
        sizes.taken("x", 50, sizes.now("x", 50))
    assert seen[:5] == [25, 25, 25, 25, 31]
    assert sizes.now("x", 50) == 50


def test_look_ups_remember_what_was_too_much() -> None:
    """The next look-up begins with what fits; a refusal for another reason is halved and not remembered."""
    asked: list[int] = []

    def ask(batch: Sequence[str]) -> dict[str, Work]:
        asked.append(len(batch))
        if len(batch) > 12:
            raise RequestRefused("x", 414)
        if "7" in batch:
            raise RequestRefused("x", 400)
        return {one: Work(title=one) for one in batch}

    ids = [str(number) for number in range(100, 150)]
    found = look_up(ids, 50, 4_000, ask, service="x")
    assert set(found.works) == set(ids)
    assert asked[:3] == [50, 25, 12]
    asked.clear()
    look_up(ids, 50, 4_000, ask, service="x")
    assert asked[0] == 12 or asked[0] == 15
    asked.clear()
    look_up(["7", "8"], 50, 4_000, ask, service="y")
    assert asked == [2, 1, 1]
    look_up([str(number) for number in range(10, 22)], 50, 4_000, ask, service="y")
    assert asked[-1] == 12
