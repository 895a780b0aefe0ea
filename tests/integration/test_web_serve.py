"""`dl-lit serve` as a process of its own, asked over the loopback."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from db.tables import SCHEMA_VERSION
from tests.fakes.scenario import Scenario, typical

ROOT = Path(__file__).parents[2]


@dataclass
class Answer:
    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> dict[str, Any]:
        return json.loads(self.text)


@dataclass
class Served:
    """A running server."""

    process: subprocess.Popen[str]
    port: int
    folder: Path

    def get(self, path: str, method: str = "GET", **headers: str) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, headers=headers)
            response = connection.getresponse()
            names = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, names, response.read().decode())
        finally:
            connection.close()


@contextmanager
def served(folder: Path, *arguments: str, **environment: str) -> Iterator[Served]:
    env = {
        **{name: value for name, value in os.environ.items() if not name.startswith("DL_LIT_")},
        "PYTHONPATH": str(ROOT), "PYTHONSAFEPATH": "1", "DL_LIT_DB": str(folder / "dl-lit.db"),
        "DL_LIT_LIBRARY": str(folder / "library"), "HOME": str(folder), **environment,
    }  # fmt: skip
    command = [sys.executable, "-m", "dl_lit", "serve", "--port", "0", "--log-level", "error", *arguments]
    with subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            said = process.stderr.readline()
            assert said.startswith("dl-lit: serving http://"), said + process.stderr.read()
            yield Served(process, int(said.strip().rstrip("/").rpartition(":")[2]), folder)
        finally:
            process.kill()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("serve")
    with Scenario(folder) as scenario:
        typical(scenario)
    with served(folder) as one:
        yield one


def test_health(server: Served) -> None:
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


def test_metrics(server: Served) -> None:
    answer = server.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    lines = answer.text.splitlines()
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
    labels = {
        part.split("=")[0] for line in lines if "{" in line for part in line.split("{")[1].split("}")[0].split(",")
    }
    assert labels <= {"stage", "reason", "class", "le", "version", "service"}


def test_the_status_is_that_of_the_command(server: Served) -> None:
    found = server.get("/api/status").json
    assert found["schema"] == "dl-lit/status/1"
    assert (found["entries"], found["stages"][3]["done"]) == (7, 1)


def test_references_by_source_and_state(server: Served) -> None:
    def ids(query: str) -> list[str]:
        return [one["id"] for one in server.get(f"/api/references?{query}").json["references"]]

    assert ids("") == ["e1", "e2", "e3", "e4", "e5", "e6", "e7"]
    assert ids("source=2") == ids("source=s2") == ["e1", "e2", "e3"]
    assert ids("state=failed") == ["e2", "e3", "e6"]
    assert ids("state=needs_review") == ["e5"]
    assert ids("state=waiting&source=3") == ["e7"]
    assert ids("state=downloaded") == ["e1", "e4"]
    assert ids("limit=2&offset=5") == ["e6", "e7"]
    assert server.get("/api/references?limit=2").json["total"] == 7


def test_works_by_state(server: Served) -> None:
    found = server.get("/api/works?state=failed").json
    assert [(one["id"], one["failure"]["reason"]) for one in found["works"]] == [
        ("w2", "no-oa-location"),
        ("w4", "blocked-paywall"),
    ]


def test_explain(server: Served) -> None:
    assert server.get("/api/explain/e1").json["stories"][0]["id"] == "e1"
    assert server.get("/api/explain/10.1000/wall").json["stories"][0]["id"] == "w4"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/explain/e99", 404),
        ("/api/explain/nonsense", 400),
        ("/api/references?state=happy", 400),
        ("/api/references?source=x", 400),
        ("/api/references?limit=100000", 400),
        ("/api/references?offset=-1", 400),
        ("/api/works?source=1", 400),
        ("/nowhere", 404),
    ],
)
def test_what_makes_no_sense_is_refused(server: Served, path: str, status: int) -> None:
    answer = server.get(path)
    assert answer.status == status
    assert "Traceback" not in answer.text


def test_nothing_can_be_changed_without_the_token_or_by_asking(server: Served) -> None:
    token = (server.folder / ".local/state/dl-lit/serve-token").read_text().strip()
    bearer = f"Bearer {token}"
    assert {server.get("/api/status", method).status for method in ("POST", "PUT", "DELETE")} == {401}
    assert {server.get("/api/status", method, Authorization=bearer).status for method in ("POST", "PUT")} == {405}


def test_the_page_needs_nothing_from_elsewhere(server: Served) -> None:
    answer = server.get("/")
    assert answer.status == 200
    nonce = answer.headers["content-security-policy"].partition("script-src 'nonce-")[2].partition("'")[0]
    assert f'<script nonce="{nonce}">' in answer.text
    assert "http://" not in answer.text
    assert "https://" not in answer.text
    assert "innerHTML" not in answer.text
    assert nonce not in server.get("/").text


def test_a_name_that_is_not_ours_is_not_served(server: Served) -> None:
    """A web page elsewhere whose name resolves to this machine gets nothing."""
    assert server.get("/api/status", Host="evil.example").status == 421
    assert server.get("/api/status", Host=f"localhost:{server.port}").status == 200


def test_a_token_is_asked_for_where_there_is_one(tmp_path: Path) -> None:
    with Scenario(tmp_path) as scenario:
        typical(scenario)
    with served(tmp_path, "--host", "0.0.0.0", DL_LIT_SERVE_TOKEN="open-sesame") as server:
        assert server.get("/health").status == 200
        assert server.get("/api/status").status == 401
        assert server.get("/api/status", Authorization="Bearer wrong").status == 401
        assert server.get("/api/status?token=open-sesame").status == 401
        assert server.get("/api/status", Authorization="Bearer open-sesame").status == 200
        assert server.get("/").status == 200, "the page holds no data"


def test_the_database_may_vanish_and_come_back(tmp_path: Path) -> None:
    with Scenario(tmp_path) as scenario:
        typical(scenario)
    with served(tmp_path) as server:
        (tmp_path / "dl-lit.db").rename(tmp_path / "away.db")
        answer = server.get("/health")
        assert (answer.status, "init-db" in answer.json["reasons"][0]["says"]) == (503, True)
        (tmp_path / "away.db").rename(tmp_path / "dl-lit.db")
        assert server.get("/health").status == 200


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_at_once_when_told_to(tmp_path: Path, number: signal.Signals) -> None:
    """Even with a connection open."""
    with Scenario(tmp_path):
        pass
    with served(tmp_path) as server, socket.create_connection(("127.0.0.1", server.port)) as idle:
        idle.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert idle.recv(100).startswith(b"HTTP/1.1 200")
        server.process.send_signal(number)
        assert server.process.wait(timeout=20) == 0


def test_a_port_in_use_is_told_in_one_line(tmp_path: Path, server: Served) -> None:
    with Scenario(tmp_path):
        pass
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONSAFEPATH": "1", "DL_LIT_DB": str(tmp_path / "dl-lit.db")}
    done = subprocess.run(
        [sys.executable, "-m", "dl_lit", "serve", "--port", str(server.port)],
        env=env, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].endswith("choose another with --port or serve.address")


def test_others_are_not_served_without_a_token(tmp_path: Path) -> None:
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONSAFEPATH": "1", "DL_LIT_DB": str(tmp_path / "dl-lit.db")}
    done = subprocess.run(
        [sys.executable, "-m", "dl_lit", "serve", "--host", "0.0.0.0"],
        env=env, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (6, "")
