"""Papers that several tests share, a fresh folder for each, and the demo, which runs beside all the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from dl_lit.replica.server import Replica
from tests.fakes.program import Home, Papers, Program, home_at, write_papers

HomeMaker = Callable[..., Home]
_DEMO = "test_acceptance_demo"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The demo takes half a minute and little processor time: it is started first and looked at last."""
    items.sort(key=lambda item: _DEMO in item.nodeid)


@pytest.fixture(scope="session")
def four_papers(tmp_path_factory: pytest.TempPathFactory) -> Papers:
    """Four papers of twelve entries each; every work is open."""
    return write_papers(tmp_path_factory.mktemp("four"), sources=4, entries=12)


@pytest.fixture
def make_home(tmp_path: Path) -> Iterator[HomeMaker]:
    """Makes users' folders, pointed at a replica."""
    with ExitStack() as stack:

        def make(replica: Replica | None, name: str = "home", **settings: object) -> Home:
            return stack.enter_context(home_at(tmp_path / name, replica, **settings))

        yield make


@pytest.fixture(scope="session", autouse=True)
def running_demo(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Home, Program] | None]:
    """`dl-lit demo --folder … --json`, under way."""
    if not any(_DEMO in item.nodeid for item in request.session.items):
        yield None
        return
    folder = tmp_path_factory.mktemp("demo")
    with home_at(folder, None) as home:
        yield home, home.start("demo", "--folder", folder / "demo", "--json")
