"""What the control surface answers, and `dl-lit serve` as a process of its own."""

from __future__ import annotations

import http.client
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from db.tables import SCHEMA_VERSION
from dl_lit.cli import cli
from dl_lit.web.listening import listening
from tests.fakes.control import FREE_PORT, Running, running, settings_in
from tests.fakes.databases import database_in, named
from tests.fakes.scenario import Scenario, typical

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("serve")
    with Scenario(folder) as scenario:
        typical(scenario)
    with running(settings_in(folder, token="open-sesame"), FREE_PORT) as one:
        yield one


def test_health(server: Running) -> None:
    answer = server.get("/health")
    found = answer.json
    assert (answer.status, found["live"], found["ready"]) == (200, True, True)
    assert (found["schema_version"], found["pipeline"]) == (SCHEMA_VERSION, {"running": False})
    assert found["concurrency"] == {
        "max_concurrent_requests": 15,
        "max_concurrent_model_calls": 10,
        "http_pool_size": 20,
    }
    assert server.get("/health/live").json == {"live": True}


def test_metrics(server: Running) -> None:
    answer = server.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    lines = answer.body.decode().splitlines()
    for line in (
        'dl_lit_items{stage="enrichment"} 1',
        'dl_lit_items_failed{stage="download",reason="blocked-paywall",class="wall"} 1',
        'dl_lit_attempts_total{stage="extraction",reason="encrypted-pdf",class="content"} 1',
        'dl_lit_stage_duration_seconds_bucket{stage="download",le="+Inf"} 2',
        "dl_lit_pipeline_running 0",
        "dl_lit_sources_with_gaps 0",
        'dl_lit_service_credits_left{service="openalex"} 1000',
        'dl_lit_service_at_rest{service="crossref"} 0',
    ):
        assert line in lines


def test_the_status_is_that_of_the_command(server: Running) -> None:
    found = server.get("/api/status").json
    assert found["schema"] == "dl-lit/status/1"
    assert (found["entries"], found["stages"][3]["done"]) == (7, 1)


def test_references_by_source_and_state(server: Running) -> None:
    def ids(query: str) -> list[str]:
        return [one["id"] for one in server.get(f"/api/references?{query}").json["references"]]

    assert ids("") == ["e1", "e2", "e3", "e4", "e5", "e6", "e7"]
    assert ids("source=2") == ids("source=s2") == ["e1", "e2", "e3"]
    assert ids("state=failed") == ["e3", "e2", "e6"], "those without a work first"
    assert ids("state=needs_review") == ["e5"]
    assert ids("state=waiting&source=3") == ["e7"]
    assert ids("state=downloaded") == ["e1", "e4"]
    assert ids("limit=2&offset=5") == ["e6", "e7"]
    assert server.get("/api/references?limit=2").json["total"] == 7


def test_works_by_state(server: Running) -> None:
    found = server.get("/api/works?state=failed").json
    assert [(one["id"], one["failure"]["reason"]) for one in found["works"]] == [
        ("w2", "no-oa-location"),
        ("w4", "blocked-paywall"),
    ]


def test_explain(server: Running) -> None:
    assert server.get("/api/explain/e1").json["stories"][0]["id"] == "e1"
    assert server.get("/api/explain/10.1000/wall").json["stories"][0]["id"] == "w4"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/explain/e99", 404),
        ("/api/explain/nonsense", 404),
        ("/api/explain/", 404),
        ("/api/status/", 404),
        ("/api/references?source=0", 400),
        ("/api/references?source=007", 400),
        ("/api/references?limit=1&limit=2", 400),
        ("/api/references?after=sews5", 400),
        (f"/api/search?text={'x' * 201}", 400),
        (f"/api/bibliographies?text={'x' * 201}", 400),
        ("/api/references?state=happy", 400),
        ("/api/references?source=x", 400),
        ("/api/references?limit=100000", 400),
        ("/api/references?offset=-1", 400),
        ("/api/works?source=1", 400),
        ("/nowhere", 404),
    ],
)
def test_what_makes_no_sense_is_refused(server: Running, path: str, status: int) -> None:
    answer = server.get(path)
    assert answer.status == status
    assert b"Traceback" not in answer.body


def test_nothing_can_be_changed_without_the_token_or_by_asking(server: Running) -> None:
    changes = ("POST", "PUT", "DELETE")
    assert {server.ask(method, "/api/status").status for method in changes} == {401}
    assert {server.ask(method, "/api/status", authorization="Bearer open-sesame").status for method in changes} == {405}


def test_the_page_needs_nothing_from_elsewhere(server: Running) -> None:
    answer = server.get("/")
    assert answer.status == 200
    nonce = answer.headers["content-security-policy"].partition("script-src 'nonce-")[2].partition("'")[0]
    text = answer.body.decode()
    assert re.search(rf'<script [^>]*nonce="{nonce}">', text)
    elsewhere = r"""(?:src|href)=["']?(?!data:|#)[^"'\s>]+|@import|url\("""
    assert re.findall(rf"{elsewhere}|innerHTML|outerHTML|eval\(", text) == []
    assert nonce not in server.get("/").body.decode()


def test_a_name_that_is_not_ours_is_not_served(server: Running) -> None:
    """A web page elsewhere whose name resolves to this machine gets nothing."""
    assert server.get("/api/status", Host="evil.example").status == 421
    assert server.get("/api/status", Host="localhost:1").status == 200


@pytest.mark.sqlite_only  # servers: test_postgres_outage.py
def test_the_database_may_vanish_and_come_back(tmp_path: Path) -> None:
    with Scenario(tmp_path) as scenario:
        typical(scenario)
    with running(settings_in(tmp_path), FREE_PORT) as server:
        (tmp_path / "dl-lit.db").rename(tmp_path / "away.db")
        answer = server.get("/health")
        (reason,) = answer.json["reasons"]
        assert (answer.status, reason["ailment"], reason["severity"]) == (503, "database-unusable", "broken")
        assert "init-db" in reason["says"]
        assert server.get("/api/status").status == 503
        (tmp_path / "away.db").rename(tmp_path / "dl-lit.db")
        assert server.get("/health").status == 200


# --- the command


def test_the_command_serves_until_told_to_stop(tmp_path: Path) -> None:
    """At once, even with connections open and somebody listening."""
    with Scenario(tmp_path):
        pass
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("DL_LIT_", "XDG_"))},
        "PYTHONPATH": str(ROOT), "PYTHONSAFEPATH": "1", "DL_LIT_DB": named(database_in(tmp_path)),
        "DL_LIT_LIBRARY": str(tmp_path / "library"), "HOME": str(tmp_path),
    }  # fmt: skip
    command = [sys.executable, "-m", "dl_lit", "serve", "--port", "0", "--log-level", "error"]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            said = process.stderr.readline()
            assert said.startswith("dl-lit: serving http://127.0.0.1:"), said + process.stderr.read()
            assert "token is in" in process.stderr.readline()
            port = int(said.strip().rstrip("/").rpartition(":")[2])
            with (
                closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as idle,
                closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as listening_one,
            ):
                idle.request("GET", "/health")
                assert idle.getresponse().status == 200
                listening_one.request("GET", "/events")
                assert listening_one.getresponse().status == 200
                process.send_signal(signal.SIGTERM)
                assert process.wait(timeout=20) == 0
                assert process.stderr.read() == ""
        finally:
            process.kill()


def test_what_keeps_the_command_from_serving_is_told_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Scenario(tmp_path):
        pass
    monkeypatch.setenv("DL_LIT_DB", str(database_in(tmp_path)))
    monkeypatch.delenv("DL_LIT_SERVE_TOKEN", raising=False)
    with listening(FREE_PORT) as (_, where):
        port = where.rpartition(":")[2]
        taken = CliRunner().invoke(cli, ["serve", "--port", port])
    assert taken.exit_code == 1
    assert taken.stderr.splitlines()[-1].endswith("choose another with --port or serve.address")
    public = CliRunner().invoke(cli, ["serve", "--host", "0.0.0.0"])
    assert (public.exit_code, public.stdout) == (6, "")
    nowhere = CliRunner().invoke(cli, ["serve", "--db", str(database_in(tmp_path, "none.db")), "--port", "0"])
    assert nowhere.exit_code == 1
    assert not (tmp_path / "none.db").exists()
