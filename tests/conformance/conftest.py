"""One fixture through which the whole suite sees every database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.backends import BACKENDS, Backend
from tests.fakes.engine import ManualClock


@pytest.fixture
def clock() -> ManualClock:
    """A clock that stands still until told otherwise."""
    return ManualClock()


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest, tmp_path: Path, clock: ManualClock) -> Iterator[Backend]:
    """Each database in turn, empty."""
    backend = BACKENDS[request.param](tmp_path, clock)
    backend.open().close()
    yield backend
    backend.close()
