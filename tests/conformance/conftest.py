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


@pytest.fixture(params=[*BACKENDS, "postgresql"])
def backend(request: pytest.FixtureRequest, tmp_path: Path, clock: ManualClock) -> Iterator[Backend]:
    """Each database in turn, empty."""
    if request.param in BACKENDS:
        backend = BACKENDS[request.param](tmp_path, clock)
    else:
        run, server = request.getfixturevalue("postgres_run"), request.getfixturevalue("postgres")
        from tests.fakes.postgres_backend import postgres_backend  # noqa: PLC0415 - needs the extra's driver

        backend = postgres_backend(tmp_path, clock, run, server)
    backend.make()
    yield backend
    backend.close()
