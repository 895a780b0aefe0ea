"""Memory that only holds itself is freed when it is swept, however calm the collector is."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from dl_lit.runtime import collector


@pytest.fixture(autouse=True)
def collector_as_before() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)
    gc.unfreeze()


class Answer:
    """Holds itself, as an answer and its stream do."""

    def __init__(self) -> None:
        self.stream = self


def test_what_holds_itself_is_freed_by_a_sweep() -> None:
    collector.calm()
    gone = weakref.ref(Answer())
    assert gone() is not None
    collector.sweep()
    assert gone() is None
