"""`dl-lit work --stages`: hosts of a fleet work some stages, with nothing of what the others need."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest
from click.testing import CliRunner

from dl_lit.app.now.pulse import last_pulse
from dl_lit.app.run import run_once
from dl_lit.app.watch import watch
from dl_lit.app.workshop import Workshop
from dl_lit.cli import cli
from dl_lit.core.model import StageName
from dl_lit.settings import Settings, load
from tests.fakes.databases import ON_POSTGRES, database_in, named
from tests.fakes.engine import eventually
from tests.fakes.program import Home, until

EXTRACTION, ENRICHMENT, QUEUEING, DOWNLOAD = StageName
PAPER = Path(__file__).parents[1] / "samples" / "pdfs"


class StopWhen:
    """Stops as soon as something is so."""

    def __init__(self, is_so: Callable[[], bool]) -> None:
        self._is_so = is_so

    def should_stop(self) -> bool:
        return self._is_so()

    def should_hurry(self) -> bool:
        return False


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    return {
        "HOME": str(tmp_path),
        "DL_LIT_DB": named(database_in(tmp_path, signposts=tmp_path / "state" / "databases")),
        "DL_LIT_LIBRARY": str(tmp_path / "away" / "library"),
        "DL_LIT_STATE_FOLDER": str(tmp_path / "state"),
        "DL_LIT_CACHE_FOLDER": str(tmp_path / "cache"),
        "DL_LIT_OFFLINE": "true",
        "DL_LIT_WORKERS_EXTRACTION": "1",
    }


def settings_of(env: dict[str, str], stages: str) -> Settings:
    return load(env={**env, "DL_LIT_ENGINE_STAGES": stages}).settings


def test_a_host_without_the_library_reads_and_one_without_parsers_does_the_rest(
    env: dict[str, str], tmp_path: Path
) -> None:
    """Handed over through the tables; the first makes no library, the second starts no process that reads PDFs."""
    paper = min(PAPER.glob("*.pdf"), key=lambda path: path.stat().st_size)
    made = CliRunner().invoke(cli, ["process-pdf-concurrent", str(paper), "--stages", "extraction", "--json"], env=env)
    assert made.exit_code == 0, made.stderr
    document = json.loads(made.stdout)
    assert list(document["stages"]) == ["extraction"]
    assert document["references"] > 0
    assert "written" not in document
    assert not (tmp_path / "away").exists()

    with Workshop(settings_of(env, "enrichment,queueing,download"), "work --stages x") as shop:
        assert [stage.name for stage in shop.stages] == [ENRICHMENT, QUEUEING, DOWNLOAD]
        assert shop.store.waiting(ENRICHMENT) == document["references"]

        def has_tried() -> bool:
            pulse = last_pulse(shop.settings.database)
            return pulse is not None and list(pulse.stages) == [ENRICHMENT, QUEUEING, DOWNLOAD]

        assert watch(shop, [], StopWhen(has_tried))
    assert (tmp_path / "away" / "library").is_dir()


def test_status_and_health_say_which_stages_are_worked_here(env: dict[str, str]) -> None:
    with ExitStack() as opened:
        shop = opened.enter_context(Workshop(settings_of(env, "extraction,enrichment"), "work --stages x"))
        said: list[str] = []

        def tell() -> bool:
            told = CliRunner().invoke(cli, ["status"], env=env)
            said[:] = [line for line in told.stdout.splitlines() if "other processes" in line]
            return bool(said)

        assert watch(shop, [], StopWhen(tell))
        assert said == ["works extraction, enrichment; queueing, download left to other processes"]


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (
            ["--stages", "reading"],
            2,
            "'reading' is no stage; the stages are extraction, enrichment, queueing, download",
        ),
        (["--stages", ","], 2, "no stage is named at all"),
        (["--stages", "download,download"], 2, "a stage is named twice"),
        ([], 1, "make it with dl-lit init-db" if ON_POSTGRES else "there is no database at"),
    ],
)
def test_what_cannot_be_worked_is_told_in_one_line(
    env: dict[str, str], arguments: list[str], code: int, told: str
) -> None:
    ended = CliRunner().invoke(cli, ["work", *arguments], env=env)
    assert (ended.exit_code, ended.stdout) == (code, "")
    (line,) = ended.stderr.splitlines()
    assert told in line


def test_downloads_without_the_library_that_the_files_are_in_are_refused(env: dict[str, str], tmp_path: Path) -> None:
    """Not mounted: a new one is made only where no file has come yet."""
    with Workshop(settings_of(env, "download"), "work") as shop:
        assert shop.library.trouble() is None
    (tmp_path / "away").rename(tmp_path / "elsewhere")
    (tmp_path / "away").touch()
    ended = CliRunner().invoke(cli, ["work", "--stages", "download"], env=env)
    assert ended.exit_code != 0
    (line,) = ended.stderr.splitlines()
    assert "library" in line


def test_the_daemon_drains_at_the_first_signal(env: dict[str, str], tmp_path: Path) -> None:
    """In a process of its own, asked through its control surface which stages it works."""
    assert CliRunner().invoke(cli, ["init-db"], env=env).exit_code == 0
    home = Home(tmp_path, {name: value for name, value in env.items() if name != "HOME"})
    try:
        daemon = home.start("work", "--stages", "extraction", "--json")
        until(lambda: last_pulse(home.db), "its first pulse")
        pulse = last_pulse(home.db)
        assert pulse is not None
        assert (list(pulse.stages), pulse.command) == ([EXTRACTION], "work --stages extraction")
        daemon.signal()
        ended = daemon.end()
    finally:
        home.close()
    assert ended.code == 0, ended.err
    assert ended.document["clean"] is True
    assert "working extraction of" in ended.err
    eventually(lambda: not (tmp_path / "away").exists())


def test_two_hosts_work_one_database_each_its_stages(
    env: dict[str, str], tmp_path: Path, postgres_database: Callable[..., str]
) -> None:
    """Both at once, each with a state folder of its own; what the first reads the second takes up."""
    address = postgres_database()
    places = [tmp_path / name for name in ("reader", "fetcher")]
    hosts = [
        {**env, "DL_LIT_DB": address, "DL_LIT_STATE_FOLDER": str(place), "DL_LIT_CACHE_FOLDER": str(place / "cache")}
        for place in places
    ]
    assert CliRunner().invoke(cli, ["init-db"], env=hosts[0]).exit_code == 0
    paper = min(PAPER.glob("*.pdf"), key=lambda path: path.stat().st_size)
    with ExitStack() as opened:
        reader = opened.enter_context(Workshop(settings_of(hosts[0], "extraction"), "work --stages extraction"))
        rest = settings_of(hosts[1], "enrichment,queueing,download")
        fetcher = opened.enter_context(Workshop(rest, "work --stages x"))
        before = fetcher.store.waiting(ENRICHMENT)
        result = run_once(reader, [paper], StopWhen(lambda: False))
        assert (before, list(result.document["stages"])) == (0, ["extraction"])
        fetcher.store.notice()
        assert fetcher.store.waiting(ENRICHMENT) == result.document["references"] > 0
        assert watch(fetcher, [], StopWhen(lambda: last_pulse(fetcher.settings.database) is not None))
    assert not (tmp_path / "reader" / "libraries").exists()
