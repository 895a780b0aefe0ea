"""The load test of the control surface, short, against one that runs here."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from benchmarks.serve import command, figures
from benchmarks.serve_daemon import removed_or_kept, state_of
from benchmarks.serve_load import Posted
from click import ClickException
from click.testing import CliRunner
from structlog.testing import capture_logs

from db.connect import open_database
from tests.fakes.control import on_socket, running, settings_in


def test_posts_are_counted_against_a_running_one(tmp_path: Path) -> None:
    open_database(tmp_path / "dl-lit.db", synchronous="NORMAL").dispose()
    (tmp_path / "inbox").mkdir()
    with running(settings_in(tmp_path), on_socket(tmp_path), folders=[tmp_path / "inbox"]) as server:
        arguments = ["--url", server.where, "--named-in", str(tmp_path / "inbox"), "--posts", "10", "--json"]
        with capture_logs():  # the server here would write between the figures
            done = CliRunner().invoke(command, arguments, catch_exceptions=False)
    found = json.loads(done.stdout)
    assert (found["posts"], found["success_rate"], found["lost"], found["doubled"]) == (10, 1.0, 0, 0)
    assert found["min_s"] <= found["median_s"] <= found["max_s"]
    assert found["health_asked"] > 0
    assert found["health_failed"] == 0
    assert [one["status"] for one in found["requests"]] == [202] * 10


def test_what_is_lost_or_doubled_is_found_out() -> None:
    def posted(sha256: str, id_: str, *, new: bool) -> Posted:
        return Posted("a.pdf", "body", 1, sha256, status=202, seconds=0.1, tries=1, id=id_, is_new=new)

    told = [
        posted("once", "s1", new=True),
        posted("once", "s1", new=False),
        posted("gone", "s2", new=True),
        posted("twice", "s3", new=True),
        posted("twice", "s4", new=True),
        Posted("b.pdf", "body", 1, "refused", status=429, tries=3),
    ]
    found = figures(told, 1.0, {"once": ["s1"], "twice": ["s3", "s4"]})
    assert (found["lost"], found["doubled"], found["success_rate"], found["retries"]) == (1, 2, 0.8333, 2)


def test_of_a_daemon_that_does_not_answer_all_is_told_that_may_explain_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "kept"
    folder.mkdir()
    for name, text in (("b.running.faults", "Segmentation fault"), ("b.db.pulse", "{}"), ("daemon.err", "oh")):
        (folder / name).write_text(text)
    with subprocess.Popen(["/bin/sh", "-c", "exit 3"]) as process:
        told = state_of(folder, process)
    for part in ("ended with 3", "b.running.faults: Segmentation fault", "b.db.pulse: {}", "the daemon said: oh"):
        assert part in told
    removed_or_kept(folder, ClickException)
    assert folder.exists()
    assert str(folder) in capsys.readouterr().err
    removed_or_kept(folder, None)
    assert not folder.exists()
