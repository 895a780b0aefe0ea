"""`dl-lit zotero`: what it prints, how it ends, and what it keeps to itself."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dl_lit.cli import cli
from tests.fakes.scenario import Scenario, typical
from tests.fakes.zotero import KEY, LOCAL_KEY, FakeZotero, Kind

Run = Callable[..., Result]


@pytest.fixture
def zotero() -> FakeZotero:
    return FakeZotero()


@pytest.fixture
def run(zotero: FakeZotero, tmp_path: Path) -> Iterator[Run]:
    """Runs `dl-lit zotero …` against the Zotero and a database of three works."""
    with Scenario(tmp_path) as scenario, zotero.serve() as server:
        typical(scenario)
        env = {
            "HOME": str(tmp_path), "DL_LIT_DB": str(scenario.path), "DL_LIT_LIBRARY": str(scenario.library),
            "DL_LIT_STATE_FOLDER": str(tmp_path / "state"), "DL_LIT_ZOTERO_URL": server.url(""),
            "DL_LIT_ZOTERO_LOCAL_URL": server.url(""), "DL_LIT_ZOTERO_KEY": KEY,
        }  # fmt: skip

        def one(*arguments: str) -> Result:
            result = CliRunner().invoke(cli, arguments, env=env)
            assert LOCAL_KEY not in result.output
            assert KEY not in result.output
            return result

        yield one


def test_it_is_connected_once_and_then_pushed_as_often_as_one_likes(run: Run, zotero: FakeZotero) -> None:
    before = run("zotero", "push")
    assert (before.exit_code, "zotero connect" in before.stderr) == (6, True)
    assert "waits for dl-lit zotero connect" in run("zotero", "status", "--via", "local").stdout
    assert run("zotero", "connect").exit_code == 0
    result = run("zotero", "push", "--json", "--state", "downloaded")
    told = json.loads(result.stdout)
    assert (result.exit_code, told["schema"], told["created"], told["files_sent"]) == (0, "dl-lit/zotero-push/1", 1, 1)
    assert run("zotero", "push", "--no-files").stdout.splitlines() == [
        "the library of Zotero on this machine",
        "  works   2 new, 1 as they were",
        "  beside  2 notes",
    ]
    status = json.loads(run("zotero", "status", "--json").stdout)
    assert status["local"]["is_allowed"] is True
    sent = {one["kind"]: one["sent"] for one in status["pushed"]}
    assert sent == {"file": 1, "note": 2, "root": 1, "source": 2, "work": 3}
    ledger = run("ledger", "--by", "service")
    assert (ledger.exit_code, "zotero" in ledger.stdout) == (0, True), ledger.output


def test_a_full_storage_ends_with_three_and_says_what_to_do(run: Run, zotero: FakeZotero) -> None:
    zotero.kind, zotero.quota = Kind.WEB, 5
    result = run("zotero", "push", "--via", "web", "--source", "s2")
    assert result.exit_code == 3
    assert "quota" in result.stderr
    assert "zotero.files" in result.stderr
    assert len(zotero.works) == 2
