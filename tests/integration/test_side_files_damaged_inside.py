"""Side files whose header is whole and whose inside is not: set aside once, made anew, told once, read with advice."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from structlog.testing import capture_logs

from db.cache.schema import cache_file
from db.cache.store import DiskCache
from db.cache.use import cache_use, clear_cache
from db.ledger.reading import ledger
from db.ledger.schema import SCHEMA, VERSION, ledger_file
from db.ledger.store import DiskLedger
from db.machine.states import MachineStates, states_file
from db.sidefile import SideFile, Unusable
from dl_lit.cli import cli
from dl_lit.core.clock import SystemClock
from dl_lit.core.memory import Departure, Ending, ToKeep
from dl_lit.core.sharing import ServiceState

SENT = Departure(
    host="api.crossref.org", purpose="crossref", method="GET", ending=Ending.OK, sent_bytes=300, received_bytes=2_000
)
ANSWERS = [ToKeep("a", b"x" * 3_000, 4e9)]

PLACES = pytest.mark.parametrize("start", [1_024, 4_096], ids=["schema", "tables"])


def ruin(path: Path, start: int) -> None:
    """What `dd if=/dev/urandom` does to a file from byte `start` on; its log is written back before."""
    held = bytearray(path.read_bytes())
    held[start:] = random.Random(1).randbytes(40_960)
    path.write_bytes(held)


def note(folder: Path) -> None:
    book = DiskLedger(folder, SystemClock(), keep_days=400)
    book.note(SENT)
    book.close()


def keep(folder: Path) -> None:
    cache = DiskCache(folder, SystemClock(), max_bytes=10_000_000)
    cache.put_many("crossref", ANSWERS)
    cache.close()


def grant(folder: Path) -> int:
    """Count one more request in the shared state; how many there are then."""
    states = MachineStates(folder, SystemClock())

    def decide(state: ServiceState) -> int:
        state.requests[0] = state.requests.get(0, 0) + 1
        return state.requests[0]

    try:
        return states.change("crossref", decide)
    finally:
        states.close()


def events(logs: list[dict[str, object]]) -> list[object]:
    return [entry["event"] for entry in logs]


@PLACES
def test_a_ledger_damaged_inside_is_made_anew_and_loses_no_new_request(tmp_path: Path, start: int) -> None:
    note(tmp_path)
    path = ledger_file(tmp_path)
    ruin(path, start)
    with capture_logs() as logs:
        note(tmp_path)
        note(tmp_path)
    assert events(logs) == ["side_file_damaged"]
    assert path.with_name("ledger.db.damaged").exists()
    assert ledger(tmp_path).total.requests == 2


@PLACES
def test_a_cache_damaged_inside_is_made_anew(tmp_path: Path, start: int) -> None:
    keep(tmp_path)
    path = cache_file(tmp_path)
    ruin(path, start)
    cache = DiskCache(tmp_path, SystemClock(), max_bytes=10_000_000)
    with capture_logs() as logs:
        assert cache.get_many("crossref", ["a"]) == {}
        cache.put_many("crossref", ANSWERS)
        assert cache.get_many("crossref", ["a"])["a"].body == ANSWERS[0].body
        cache.close()
    assert events(logs) == ["side_file_damaged"]
    assert path.with_name(f"{path.name}.damaged").exists()
    assert cache_use(tmp_path).services[0].entries == 1


@PLACES
def test_states_damaged_inside_are_made_anew_and_shared_at_once(tmp_path: Path, start: int) -> None:
    grant(tmp_path)
    path = states_file(tmp_path)
    ruin(path, start)
    with capture_logs() as logs:
        assert [grant(tmp_path), grant(tmp_path)] == [1, 2]
    assert events(logs) == ["side_file_damaged"]
    assert path.with_name(f"{path.name}.damaged").exists()


def test_a_file_that_is_damaged_again_at_once_is_left_alone_for_a_while(tmp_path: Path) -> None:
    """A disk that spoils whatever is written is not filled with log lines."""
    file = SideFile(ledger_file(tmp_path), "network ledger", SCHEMA, VERSION)

    def fails() -> None:
        with suppress(Unusable), file.writing():
            pass  # made, where it is not there
        ruin(file.path, 1_024)
        with pytest.raises(Unusable), file.writing() as connection:
            connection.execute("SELECT count(*) FROM departures")

    with capture_logs() as logs:
        for _ in range(4):
            fails()
    file.close()
    assert events(logs) == ["side_file_damaged", "side_file_unusable"]


@PLACES
def test_clearing_a_damaged_cache_makes_it_anew(tmp_path: Path, start: int) -> None:
    keep(tmp_path)
    ruin(cache_file(tmp_path), start)
    assert clear_cache(tmp_path) == 0
    assert cache_use(tmp_path).services == ()


def dl_lit(folder: Path, *arguments: str) -> Result:
    env = {"HOME": str(folder), "DL_LIT_STATE_FOLDER": str(folder), "DL_LIT_CACHE_FOLDER": str(folder)}
    return CliRunner().invoke(cli, arguments, env=env)


@PLACES
@pytest.mark.parametrize(
    ("command", "made", "file"),
    [(("ledger",), note, ledger_file), (("ledger", "--by", "day"), note, ledger_file), (("cache",), keep, cache_file)],
)
def test_who_reads_a_damaged_file_is_told_in_one_line_what_happens_next(
    tmp_path: Path, command: tuple[str, ...], made: Callable[[Path], None], file: Callable[[Path], Path], start: int
) -> None:
    made(tmp_path)
    ruin(file(tmp_path), start)
    result = dl_lit(tmp_path, *command)
    (said,) = result.stderr.splitlines()
    assert result.exit_code == 1
    assert f"{file(tmp_path)} is damaged" in said
    assert "the next run sets it aside and begins a new one" in said
    assert not file(tmp_path).with_name(f"{file(tmp_path).name}.damaged").exists()


@PLACES
def test_status_says_that_the_shared_states_are_damaged(tmp_path: Path, start: int) -> None:
    grant(tmp_path)
    ruin(states_file(tmp_path), start)
    database = tmp_path / "dl_lit.db"
    assert dl_lit(tmp_path, "init-db", "--db", str(database)).exit_code == 0
    result = dl_lit(tmp_path, "status", "--db", str(database))
    assert result.exit_code == 0
    (said,) = (text for text in result.stdout.splitlines() if "damaged" in text)
    assert str(states_file(tmp_path)) in said
    assert "the next run sets it aside and begins a new one" in said
    told = json.loads(dl_lit(tmp_path, "status", "--db", str(database), "--json").stdout)
    assert told["services_trouble"] == said
