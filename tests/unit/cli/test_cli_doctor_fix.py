"""What doctor finds out about rights and limits, and what it puts right."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from db.connect import migrate
from db.lock import PipelineLock
from db.reading.doctor import invariants
from db.reading.opening import reading
from dl_lit import logs
from dl_lit.app.care import parsers
from dl_lit.app.now.pulse import write_pulse
from dl_lit.cli import cli
from dl_lit.cli.environment import _file_system
from dl_lit.core.clock import SystemClock
from dl_lit.core.conditions import Ailment, Condition
from dl_lit.core.errors import PdfError
from dl_lit.core.pulse import Pulse
from dl_lit.core.reasons import Reason
from dl_lit.pdf.confinement import Confinement, Layers
from dl_lit.pdf.reader import ChildChecker
from tests.fakes.databases import database_in
from tests.fakes.scenario import Scenario, typical, work


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("DL_LIT_DB", str(database_in(tmp_path)))
    monkeypatch.setenv("DL_LIT_LIBRARY", str(tmp_path / "library"))
    yield tmp_path
    logs.close()


def doctor(*options: str) -> tuple[int, dict[str, list[Any]]]:
    """Exit code, and what each check said."""
    result = CliRunner().invoke(cli, ["doctor", "--json", *options])
    assert result.stdout, result.output
    said: dict[str, list[Any]] = {}
    for check in json.loads(result.stdout)["checks"]:
        said.setdefault(check["name"], []).append((check["level"], check["says"]))
    return result.exit_code, said


def test_keys_that_others_may_read_are_told_and_hidden(folder: Path) -> None:
    """A settings file without keys may be anybody's."""
    config = folder / "config.toml"
    config.write_text("offline = true\n")
    config.chmod(0o644)
    assert doctor("--config", str(config))[1]["secret-config.toml"][0][0] == "ok"
    config.write_text('[services.openalex]\nkey = "0123456789"\n')
    assert doctor("--config", str(config))[1]["secret-config.toml"][0][0] == "warning"
    _, said = doctor("--config", str(config), "--fix")
    assert said["secret-config.toml"][0][0] == "ok"
    assert f"{config} is yours alone now" in [says for _, says in said["fixed"]]
    assert config.stat().st_mode & 0o777 == 0o600


@pytest.mark.sqlite_only
def test_an_older_database_is_brought_up_to_date(folder: Path) -> None:
    """The first release's too; a backup is kept and named."""
    migrate(database_in(folder), "0001")
    assert doctor()[0] == 1
    code, said = doctor("--fix")
    assert code == 0
    assert "brought the database up to date" in said["fixed"][-1][1]
    assert "old-copies" in said


def test_works_whose_file_is_gone_are_fetched_again(folder: Path) -> None:
    """One of three; were it all of them, the library would rather not be mounted, and nothing is touched."""
    with Scenario(folder) as scenario:
        typical(scenario)
        (source,) = scenario.add("more.pdf")
        for number, entry in enumerate(scenario.extract(source, ["Second paper", "Third paper"])):
            found = scenario.resolve(entry, work(f"Paper number {number}", doi=f"10.1000/{number}"))
            scenario.queue(found)
            scenario.download(found, f"paper_{number}.pdf", content=f"%PDF-1.7 {number}".encode())
    lost = folder / "library" / "paper_0.pdf"
    content = lost.read_bytes()
    lost.unlink()
    assert doctor()[0] == 1
    code, said = doctor("--fix")
    assert (code, said["fixed"][-1][1]) == (0, "works whose file is gone, to be fetched again by the next run: 1")
    with reading(database_in(folder)) as connection:
        assert all(finding.holds for finding in invariants(connection))
        assert connection.exec_driver_sql("SELECT count(*) FROM with_metadata").scalar_one() == 1
    lost.write_bytes(content)
    for file in (folder / "library").glob("*.pdf"):
        file.unlink()
    code, said = doctor("--fix")
    assert code == 1
    assert "is it mounted?" in said["not-fixed"][0][1]


def test_what_a_sudden_end_left_is_put_right_at_once(folder: Path) -> None:
    """As the next start would."""
    with Scenario(folder) as scenario:
        typical(scenario)
    incoming = folder / "library" / ".incoming"
    incoming.mkdir()
    (incoming / "work-9-ab.part").write_bytes(b"%PD")
    _, said = doctor("--fix")
    assert "files that a sudden end left behind, put right: 1" in [says for _, says in said["fixed"]]
    assert list(incoming.iterdir()) == []


def test_nothing_is_put_right_under_a_running_pipeline(folder: Path) -> None:
    """It is told who is at work, and what is wrong there now."""
    with Scenario(folder) as scenario:
        typical(scenario)
    blind = Condition(
        ailment=Ailment.WATCHER_BLIND, subject="/in", says="/in cannot be seen", remedy="mount it", since=1
    )
    with PipelineLock(database_in(folder), "watch", SystemClock()):
        write_pulse(
            database_in(folder),
            Pulse(pid=os.getpid(), command="watch", began_at=0, at=1, stages={}, conditions=(blind,)),
        )
        _, said = doctor("--fix")
    assert "the database was left alone" in said["not-fixed"][0][1]
    assert said["running-watcher-blind"] == [("warning", "/in cannot be seen; mount it")]


def test_settings_are_explained(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who set what, and what follows."""
    monkeypatch.setenv("DL_LIT_OFFLINE", "1")
    _, said = doctor("--explain")
    assert said["set-offline"] == [("ok", "True (env DL_LIT_OFFLINE)")]
    assert any("nothing leaves the machine" in says for _, says in said["so"])


def test_the_kind_of_disk_is_known() -> None:
    """As the kernel calls it."""
    assert _file_system(Path("/proc")) == "proc"
    assert _file_system(Path("/")) is not None


def test_what_the_parsers_of_pdfs_can_do_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tried by a real one; where a layer is missing, what that leaves open and what it takes is told."""
    with ChildChecker(1) as checker:
        real = checker.confinement()
    level, says = doctor()[1]["parsers"][0]
    assert (level, "in force: no new privileges" in says) == ("warning" if real.allowed else "ok", True)
    bare = Confinement(layers=Layers(no_new_privileges=True), refused=(), allowed=("network", "writing"))
    monkeypatch.setattr(parsers, "_tried", lambda _: bare)
    code, said = doctor("--explain")
    assert said["parsers"][0] == (
        "warning",
        "a hostile PDF could get at: network, writing; in force: no new privileges; see --explain",
    )
    told = " ".join(says for _, says in said["so"])
    assert "that needs seccomp in the kernel" in told
    assert "it needs Linux 5.13" in told
    monkeypatch.setattr(parsers, "_tried", _no_child)
    code, said = doctor("--explain")
    assert (code, said["parsers"][0][0]) == (1, "failed")


def _no_child(_: int) -> Confinement:
    raise PdfError(Reason.PARSER_CRASHED, "exit code 1")
