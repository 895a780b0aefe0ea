"""What holds for all tests: nothing of the user's is read or written."""

from __future__ import annotations

import gc
import itertools
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
import structlog
from hypothesis import settings

from dl_lit.core.batching import LEARNED
from tests.fakes.scratch import keep_within

if TYPE_CHECKING:
    from postgres_server import Server

    from tests.on_postgres import Everywhere

_NUMBERS = itertools.count()
_ON_POSTGRES = os.environ.get("DL_LIT_TESTS_ON") == "postgresql"

gc.set_threshold(50_000, 20, 100)  # thousands of collected tests stay: to look among them took a third of the time

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # begun in the background: what tests begin would not heed it
    signal.signal(signal.SIGINT, signal.default_int_handler)
if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:  # who is ended so tidies up as well
    signal.signal(signal.SIGTERM, signal.default_int_handler)

# How long an example takes is the machine's affair. Examples are others every time: each run of the tests goes on with
# the search, and fewer of them only make a run shorter. `--hypothesis-profile=long` searches on.
settings.register_profile("steady", deadline=None, max_examples=25)
settings.register_profile("long", deadline=None, max_examples=1_000)
settings.load_profile("steady")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What is about the SQLite file itself, or about none, is left out before anything is made for it."""
    for item in items if _ON_POSTGRES else ():
        if item.get_closest_marker("sqlite_only") is not None:
            item.add_marker(pytest.mark.skip(reason="looks into the SQLite file itself"))
        if item.get_closest_marker("no_database") is not None:
            item.add_marker(pytest.mark.skip(reason="needs no database"))


def pytest_collection_finish() -> None:
    """What has been collected stays as well."""
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _scratch(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What fakes keep for longer than a test goes with this run."""
    keep_within(tmp_path_factory.mktemp("scratch"))


@pytest.fixture(scope="session")
def _homes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("homes")


@pytest.fixture(autouse=True)
def _own_places(_homes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test has folders of its own for what the program keeps when it is told nothing else."""
    home = _homes / str(next(_NUMBERS))
    for name in ("CONFIG", "DATA", "STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(home / name.lower()))


@pytest.fixture(autouse=True)
def _no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """How wide the terminal of whoever runs the tests is makes no difference; pytest-xdist tells its workers, too."""
    monkeypatch.delenv("COLUMNS", raising=False)


@pytest.fixture(autouse=True)
def _nothing_learned() -> Iterator[None]:
    """What a service called too much in one test is forgotten in the next."""
    yield
    LEARNED.forget()


@pytest.fixture(autouse=True)
def _logging_as_ever() -> Iterator[None]:
    """A command that a test runs in this process sets up logging for itself alone."""
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def postgres_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that all processes of this run of the tests have in common."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


_POOLED = os.environ.get("DL_LIT_TESTS_POOLER")  # "transaction": all databases of the server through a PgBouncer


@pytest.fixture(scope="session")
def postgres(postgres_run: Path) -> Iterator[Server]:
    """A PostgreSQL server, one for the whole run; where there is none it skips, or fails if that was asked for."""
    passed_over = pytest.fail if _ON_POSTGRES else pytest.skip
    try:
        import postgres_server  # noqa: PLC0415 - needs the extra's driver
    except ImportError:
        passed_over("needs psycopg: scripts/setup --dev")
    try:
        server = postgres_server.shared_server(postgres_run)
    except postgres_server.Missing as error:
        passed_over(str(error))
    if _POOLED is None:
        yield server
    else:
        with postgres_server.Pooler(server, mode=_POOLED) as pooler:
            server.entrance = pooler.port
            yield server
    server.close()


@pytest.fixture
def postgres_database(postgres: Server) -> Iterator[Callable[..., str]]:
    """Makes databases of the test's own, empty or copies of a template; their addresses."""
    made: list[str] = []

    def make(template: str | None = None) -> str:
        made.append(f"test_{os.getpid()}_{next(_NUMBERS)}")
        return postgres.new_database(made[-1], template)

    yield make
    for name in made:
        postgres.drop_database(name)


@pytest.fixture(scope="session", autouse=_ON_POSTGRES)
def _everywhere(postgres: Server, postgres_run: Path) -> Iterator[Everywhere]:
    """See `tests.on_postgres`. What fixtures of whole modules make stays until the end."""
    from dl_lit.core import database_address as address  # noqa: PLC0415 - needs the extra's driver
    from tests import on_postgres  # noqa: PLC0415 - as above
    from tests.fakes.postgres_backend import template  # noqa: PLC0415 - as above

    model = template(postgres_run, postgres)
    with pytest.MonkeyPatch.context() as patch:
        places = on_postgres.Everywhere(postgres, model)
        patch.setattr(address, "_addresses", places)
        patch.setenv("PGPASSWORD", urlsplit(postgres.url("any")).password or "")  # for processes that tests begin
        patch.delenv(on_postgres.VARIABLE)  # none of our settings
        yield places
        places.drop(list(places))


@pytest.fixture(autouse=_ON_POSTGRES)
def _on_postgres(_everywhere: Everywhere) -> Iterator[None]:
    """What a test itself makes goes with it."""
    before = set(_everywhere)
    yield
    _everywhere.drop([path for path in _everywhere if path not in before])
