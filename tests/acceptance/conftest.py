"""Papers that several tests share, and a fresh folder for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from dl_lit.replica.server import Replica
from tests.fakes.program import Home, Papers, home_at, write_papers

HomeMaker = Callable[..., Home]


@pytest.fixture(scope="session")
def four_papers(tmp_path_factory: pytest.TempPathFactory) -> Papers:
    """Four papers of seven entries each; every work is open."""
    return write_papers(tmp_path_factory.mktemp("four"), sources=4, entries=7)


@pytest.fixture(scope="session")
def two_papers(tmp_path_factory: pytest.TempPathFactory) -> Papers:
    """Two papers of eight entries each, with and without printed identifiers."""
    return write_papers(tmp_path_factory.mktemp("two"), sources=2, entries=8)


@pytest.fixture
def make_home(tmp_path: Path) -> Iterator[HomeMaker]:
    """Makes users' folders, pointed at a replica."""
    with ExitStack() as stack:

        def make(replica: Replica | None, name: str = "home", **settings: object) -> Home:
            return stack.enter_context(home_at(tmp_path / name, replica, **settings))

        yield make
