"""PDFs posted, work paused and put back, events heard: over a real socket, on a real database."""

from __future__ import annotations

import hashlib
import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from db.connect import open_database
from dl_lit.app.control_surface.surface import Surface, address_wanted, require_token
from dl_lit.app.intake.uploads import UploadDraft, file_name, tidy
from dl_lit.core.clock import SystemClock
from dl_lit.core.control_address import TcpAddress
from dl_lit.core.errors import NeedsConfiguration
from dl_lit.core.model import StageName
from dl_lit.web.receiving import Pace
from tests.fakes import databases
from tests.fakes.control import FREE_PORT, PDF, Running, on_socket, running, settings_in
from tests.fakes.databases import database_in
from tests.fakes.scenario import Scenario, typical


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("orders")
    with Scenario(folder) as scenario:
        typical(scenario)
    (folder / "inbox").mkdir()
    return folder


@pytest.fixture(scope="module")
def server(home: Path) -> Iterator[Running]:
    settings = settings_in(home, max_upload_mb=1)
    with running(settings, on_socket(home), folders=[home / "inbox"]) as one:
        one.application.pace = Pace(idle_s=0.2, start_s=0.3)
        yield one


def rows(home: Path, query: str, *parameters: object) -> list[tuple[Any, ...]]:
    return databases.rows(database_in(home), query, *parameters)


def form(*parts: tuple[str, bytes]) -> tuple[bytes, dict[str, str]]:
    body = b"".join(
        b"--cut\r\nContent-Disposition: form-data; %s\r\n\r\n%s\r\n" % (head.encode(), text) for head, text in parts
    )
    return body + b"--cut--\r\n", {"content_type": "multipart/form-data; boundary=cut"}


# --- uploads


def test_a_pdf_is_taken_once_however_it_is_sent(server: Running, home: Path) -> None:
    content = PDF + b"once"
    first = server.upload(content, "?name=Knuth%201974.pdf&priority=-2")
    assert first.status == 202
    told = first.json
    assert (told["new"], told["duplicate"], told["state"], told["name"]) == (True, False, "waiting", "Knuth 1974.pdf")
    assert told["sha256"] == hashlib.sha256(content).hexdigest()
    body, kind = form(('name="priority"', b"4"), ('name="file"; filename="../../other.pdf"', content))
    again = server.ask("POST", "/process", body, **kind).json
    assert (again["id"], again["new"], again["duplicate"]) == (told["id"], False, True)
    ((path, priority),) = rows(home, "SELECT path, priority FROM sources WHERE id = ?", int(told["id"][1:]))
    assert Path(path).read_bytes() == content
    assert Path(path).name == "Knuth 1974.pdf"
    assert priority == 4, "what is wanted sooner comes sooner"
    assert [one.name for one in (home / "uploads").glob(".*")] == []
    assert server.get(first.headers["location"]).json["stories"][0]["id"] == told["id"]
    assert server.woken


@pytest.mark.parametrize(
    ("body", "headers", "query", "status", "reason"),
    [
        (b"", {"content_type": "application/pdf"}, "", 422, "empty-file"),
        (b"<html>" + b" " * 2000, {"content_type": "application/pdf"}, "", 422, "not-a-pdf"),
        (b"short", {}, "", 422, "not-a-pdf"),
        (PDF + b"x" * (1 << 20), {"content_type": "application/pdf"}, "", 413, "too-large"),
        (PDF, {"content_type": "text/plain"}, "", 415, "unsupported-type"),
        (PDF, {"content_type": "application/pdf"}, "?priority=11", 400, "bad-request"),
        (PDF, {"content_type": "application/pdf"}, "?priority=soon", 400, "bad-request"),
        (PDF, {"content_type": "application/pdf"}, "?priority=%EF%BC%91", 400, "bad-request"),
        (PDF, {"content_type": "application/pdf"}, "?priority=1_0", 400, "bad-request"),
        (PDF, {"content_type": "application/pdf"}, "?priority=1&priority=2", 400, "bad-request"),
        (PDF, {"content_type": "application/pdf"}, f"?name={'x' * 1025}", 400, "bad-request"),
        (form(('name="x"', b"1"))[0], form()[1], "", 422, "no-file"),
        (form(('name="f"; filename="a"', PDF + b"x" * (1 << 20)))[0], form()[1], "", 413, "too-large"),
        (form(('name="f"; filename="a"', PDF))[0] + b" " * (2 << 20), form()[1], "", 413, "too-large"),
        (b"{", {"content_type": "application/json"}, "", 400, "bad-request"),
        (b'{"file": 1}', {"content_type": "application/json"}, "", 400, "bad-request"),
        (b'{"path": "/etc/passwd"}', {"content_type": "application/json"}, "", 403, "path-not-allowed"),
        *(
            (f'{{"path": "/a.pdf", "priority": {one}}}'.encode(), {"content_type": "application/json"}, "", 400, reason)
            for one, reason in (("6.5", "bad-request"), ('"6"', "bad-request"), ("true", "bad-request"))
        ),
        (b'{"path": "/a.pdf", "priority": 6.0}', {"content_type": "application/json"}, "", 403, "path-not-allowed"),
        (b'{"path": "inbox/a.pdf"}', {"content_type": "application/json"}, "", 403, "path-not-allowed"),
        (b" " * 70_000, {"content_type": "application/json"}, "", 413, "too-large"),
    ],
)
def test_what_is_no_pdf_is_refused_and_leaves_nothing(
    server: Running, home: Path, *, body: bytes, headers: dict[str, str], query: str, status: int, reason: str
) -> None:
    before = rows(home, "SELECT count(*) FROM sources")
    answer = server.ask("POST", f"/process{query}", body, **headers)
    assert (answer.status, answer.json["reason"]) == (status, reason)
    assert list((home / "uploads").glob(".*")) == []
    assert rows(home, "SELECT count(*) FROM sources") == before


def test_files_may_be_named_below_watched_folders_only(server: Running, home: Path) -> None:
    inbox = home / "inbox"
    (inbox / "named.pdf").write_bytes(PDF + b"named")
    (home / "secret.pdf").write_bytes(PDF + b"secret")
    (inbox / "link.pdf").symlink_to(home / "secret.pdf")
    (inbox / "text.pdf").write_bytes(b"no PDF")
    os.mkfifo(inbox / "pipe.pdf")
    told = server.order("/process", path=str(inbox / "named.pdf"), priority=1)
    assert (told.status, told.json["name"], told.json["new"]) == (202, "named.pdf", True)
    for name, reason in (
        ("link.pdf", "path-not-allowed"),
        ("../secret.pdf", "path-not-allowed"),
        ("text.pdf", "not-a-pdf"),
        ("pipe.pdf", "not-a-pdf"),
        ("absent.pdf", "unreadable-file"),
        ("null\0.pdf", "path-not-allowed"),
        ("sub/\0/../named.pdf", "path-not-allowed"),
    ):
        assert server.order("/process", path=f"{inbox}/{name}").json["reason"] == reason


@pytest.mark.parametrize(
    "way", ["/proc/self/root{inbox}/around.pdf", "{inbox}/up/../around.pdf", "{inbox}/.//around.pdf"]
)
def test_a_file_is_known_by_its_place_whatever_way_leads_to_it(server: Running, home: Path, way: str) -> None:
    """And by what was looked at: `..` behind a link leads elsewhere than it reads."""
    inbox = home / "inbox"
    (inbox / "deep" / "er").mkdir(parents=True, exist_ok=True)
    if not (inbox / "up").is_symlink():
        (inbox / "up").symlink_to(inbox / "deep" / "er")
    at = inbox / "deep" / "around.pdf" if "up" in way else inbox / "around.pdf"
    at.write_bytes(PDF + way.encode())
    told = server.order("/process", path=way.format(inbox=inbox)).json
    assert rows(home, "SELECT path FROM sources WHERE id = ?", int(told["id"][1:])) == [(str(at),)]


def test_senders_that_stall_or_go_are_given_up(server: Running, home: Path) -> None:
    head = b"POST /process HTTP/1.1\r\nHost: x\r\nContent-Type: application/pdf\r\nContent-Length: 9000\r\n\r\n"
    with closing(server.connection()) as stalling, closing(server.connection()) as going:
        for one in (stalling, going):
            one.connect()
            one.sock.sendall(head + PDF)
        going.close()
        answer = b""
        while b"}" not in answer and (block := _received(stalling.sock)):  # head and body may come one by one
            answer += block
    assert b" 408 " in answer
    assert b'"reason":"too-slow"' in answer
    told = server.get("/health").json["requests"]
    assert (told["handling"], list((home / "uploads").glob(".*"))) == (0, [])


def test_senders_that_stall_go_sooner_where_others_wait(tmp_path: Path) -> None:
    open_database(database_in(tmp_path, has_tables=True), synchronous="NORMAL").dispose()
    settings = replace(settings_in(tmp_path), max_concurrent_requests=2)
    head = b"POST /process HTTP/1.1\r\nHost: x\r\nContent-Type: application/pdf\r\nContent-Length: 9000\r\n\r\n"
    with running(settings, on_socket(tmp_path)) as server, ExitStack() as stack:
        server.application.pace = Pace(crowded_s=0.02)
        for expected in (1, 2):
            one = stack.enter_context(closing(server.connection()))
            one.connect()
            one.sock.sendall(head)
            while _requests(server)[0] < expected:
                pass
        assert server.upload(PDF).status == 202, "long before the fifteen seconds have passed"


def test_a_connection_that_asks_nothing_is_closed(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dl_lit.web.patience.QUIET_S", 0.1)
    for sent in (b"", b"GET /health HTT", b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\nGET"):
        with closing(server.connection()) as one:
            one.connect()
            one.sock.sendall(sent)
            found = b""
            while block := _received(one.sock):
                found += block
            assert found.startswith(b"HTTP/1.1 200") == (b"/live" in sent)


def _received(connection: socket.socket) -> bytes:
    try:
        return connection.recv(4096)
    except ConnectionResetError:
        return b""


def test_a_hundred_posts_at_once_lose_and_double_nothing(tmp_path: Path) -> None:
    """Forty papers, most of them several times, while its health is asked."""
    open_database(database_in(tmp_path, has_tables=True), synchronous="NORMAL").dispose()
    told: list[dict[str, Any]] = []
    with running(settings_in(tmp_path), on_socket(tmp_path)) as server:
        start = threading.Barrier(101)

        def post(number: int) -> None:
            start.wait()
            told.append(server.upload(PDF + str(number % 40).encode(), f"?name={number}.pdf").json)

        threads = [threading.Thread(target=post, args=(number,)) for number in range(100)]
        for thread in threads:
            thread.start()
        start.wait()
        alive = [server.get("/health").status for _ in range(20)]
        for thread in threads:
            thread.join()
    assert set(alive) == {200}
    ids = {one["sha256"]: one["id"] for one in told}
    assert len(told) == 100
    assert len(ids) == len(set(ids.values())) == 40
    assert all(one["id"] == ids[one["sha256"]] for one in told)
    assert sum(one["new"] for one in told) == 40
    assert len(list((tmp_path / "uploads").glob("*/*.pdf"))) == 40
    assert rows(tmp_path, "SELECT count(*), count(DISTINCT sha256) FROM sources") == [(40, 40)]


def test_the_waiting_room_is_bounded_and_says_when_to_come_back(tmp_path: Path) -> None:
    open_database(database_in(tmp_path, has_tables=True), synchronous="NORMAL").dispose()
    settings = replace(settings_in(tmp_path, waiting_room=1, uploads_per_minute=4), max_concurrent_requests=1)
    head = b"POST /process HTTP/1.1\r\nHost: x\r\nContent-Type: application/pdf\r\nContent-Length: 9000\r\n\r\n"
    with running(settings, on_socket(tmp_path)) as server:
        holding = [server.connection() for _ in range(2)]
        for expected, one in enumerate(holding, start=1):
            one.connect()
            one.sock.sendall(head)
            while sum(_requests(server)) < expected:
                pass
        busy = server.upload(PDF)
        assert (busy.status, busy.json["reason"]) == (429, "busy")
        assert int(busy.headers["retry-after"]) >= 1
        assert server.get("/health").status == server.get("/metrics").status == 200, "they have hands of their own"
        for one in holding:
            one.close()
        while sum(_requests(server)):
            pass
        assert server.upload(PDF).status == 202
        assert server.upload(PDF).json["reason"] == "too-many-uploads"


def _requests(server: Running) -> tuple[int, int]:
    told = server.get("/health").json["requests"]
    return told["handling"], told["waiting"]


# --- a sudden end


def test_after_a_sudden_end_drafts_go_and_files_without_a_source_get_one(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    engine = open_database(database_in(tmp_path, has_tables=True), synchronous="NORMAL")
    folder = tmp_path / "uploads"
    held = UploadDraft(folder, most_bytes=100)
    (folder / ".dead.part").write_bytes(PDF)
    (folder / "c0ffee").mkdir()
    (folder / "c0ffee" / "lost.pdf").write_bytes(PDF)
    (folder / "c0ffee" / "twice.pdf").write_bytes(PDF)
    (folder / "empty").mkdir()
    tidy(settings, engine, SystemClock())
    tidy(settings, engine, SystemClock())
    engine.dispose()
    assert {one.name for one in folder.glob(".*")} == {held.path.name}, "one that is being received stays"
    ((path,),) = rows(tmp_path, "SELECT path FROM sources")
    assert [str(one) for one in folder.glob("*/*")] == [path]
    assert not (folder / "empty").exists()
    held.discard()
    held.discard()
    assert list(folder.glob(".*")) == []


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        (None, "upload.pdf"),
        ("", "upload.pdf"),
        ("a.PDF", "a.pdf"),
        ("/tmp/../x/Łódź 2020", "Łódź 2020.pdf"),
        ("C:\\papers\\b.pdf", "b.pdf"),
        ("..", "upload.pdf"),
        (".hidden.pdf", "hidden.pdf"),
        ("new\nline\x00\u202e.pdf", "new line.pdf"),
        ("ß" * 300, "ß" * 98 + ".pdf"),
    ],
)
def test_names_of_uploads_are_harmless(wanted: str | None, name: str) -> None:
    assert file_name(wanted) == name


# --- the work


def test_stages_are_paused_and_resumed(server: Running) -> None:
    paused = server.order("/api/pause", stages=["download"], by="moving house").json
    assert (paused["changed"], paused["paused"][0]["by"]) == (["download"], "moving house")
    assert server.order("/api/pause", stages=["download"]).json["changed"] == []
    assert server.get("/api/conditions").status == 200
    resumed = server.order("/api/resume").json
    assert (resumed["changed"], resumed["paused"]) == (["download"], [])
    assert server.order("/api/pause", stages=["laundry"]).status == 400
    assert server.order("/api/pause", stage="download").status == 400


def test_failures_are_put_back(server: Running) -> None:
    refused = server.order("/api/retry", ids=["e2"])
    assert (refused.status, refused.json["reason"]) == (409, "not-failed")
    assert refused.json["error"].startswith("e2 cannot be tried again")
    assert server.order("/api/retry", ids=["x2"]).status == 400
    assert server.order("/api/retry", reasons=["no-such"]).status == 400
    assert server.order("/api/retry", all=1).status == 400
    told = server.order("/api/retry", stages=["extraction"], all=True).json
    assert (told["put_back"]["extraction"], told["total"]) == (1, 1)


# --- events


def test_events_are_heard_as_they_happen_and_end_with_the_server(tmp_path: Path) -> None:
    with Scenario(tmp_path) as scenario, running(settings_in(tmp_path), on_socket(tmp_path)) as server:
        (source,) = scenario.add("a.pdf")
        with closing(server.connection()) as connection:
            connection.request("GET", "/events")
            stream = connection.getresponse()
            assert stream.getheader("content-type") == "text/event-stream; charset=utf-8"
            assert _until(stream, "snapshot")["status"]["sources"] == 1
            scenario.extract(source, ["A title"])
            item = _until(stream, "item")
            assert (item["id"], item["stage"], item["outcome"]) == (f"s{source}", "extraction", "done")
            assert server.get("/health").json["requests"]["listening"] == 1
            with closing(server.connection()) as again:
                again.request("GET", "/events", headers={"Last-Event-ID": "0"})
                assert _until(again.getresponse(), "item") == item, "what was missed is told"
            server.server.stop()
            began = time.monotonic()
            stream.read()
            assert time.monotonic() - began < 10


def _until(stream: Any, kind: str) -> Any:
    """The data of the next event of this kind."""
    for line in stream:
        if line == f"event: {kind}\n".encode():
            return json.loads(next(stream).removeprefix(b"data: "))
    raise AssertionError(f"no {kind} came")


# --- manners


def test_answers_that_have_not_changed_are_not_sent_again(server: Running) -> None:
    first = server.get("/api/works")
    again = server.get("/api/works", If_None_Match=f'"other", W/{first.headers["etag"]}')
    assert (again.status, again.body, again.headers["etag"]) == (304, b"", first.headers["etag"])


def test_pages_follow_each_other_whatever_is_added(server: Running) -> None:
    seen: list[str] = []
    path = "/api/references?limit=3"
    while path:
        page = server.get(path).json
        assert page["total"] == (7 if not seen else None)
        seen += [one["id"] for one in page["references"]]
        path = page["next"]
    assert seen == [f"e{number}" for number in range(1, 8)]
    assert [one["id"] for one in server.get("/api/sources?state=extracted").json["sources"]] == ["s2", "s3"]


def test_heads_options_and_what_there_is_not(server: Running) -> None:
    head = server.ask("HEAD", "/health")
    assert (head.status, head.body) == (200, b"")
    options = server.ask("OPTIONS", "/process")
    assert (options.status, options.headers["allow"]) == (204, "POST")
    assert not [name for name in options.headers if name.startswith("access-control")]
    for method, path, status, reason in (
        ("GET", "/nowhere", 404, "not-found"),
        ("GET", "/process", 405, "method-not-allowed"),
        ("GET", "/api/explain/e99", 404, "not-found"),
        ("GET", "/api/works?color=red", 400, "bad-request"),
    ):
        answer = server.ask(method, path)
        assert (answer.status, answer.json["reason"]) == (status, reason)


def test_metrics_as_json(server: Running) -> None:
    found = server.get("/metrics", Accept="application/json").json
    assert {"dl_lit_items", "dl_lit_build_info"} <= {one["name"] for one in found["metrics"]}


# --- where it listens


def test_others_need_a_token_that_was_set(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, address="0.0.0.0:8765")
    with pytest.raises(NeedsConfiguration, match=r"serve\.token"):
        address_wanted(settings)
    require_token(TcpAddress("0.0.0.0", 1), settings_in(tmp_path, token="open-sesame"))


def test_on_this_machine_the_token_is_the_one_that_was_made(tmp_path: Path) -> None:
    open_database(database_in(tmp_path, has_tables=True), synchronous="NORMAL").dispose()
    settings = settings_in(tmp_path)
    with running(settings, FREE_PORT) as server:
        file = settings.state_folder / "serve-token"
        assert file.stat().st_mode & 0o777 == 0o600
        token = file.read_text(encoding="ascii").strip()
        assert server.upload(PDF).status == 401
        assert server.get("/api/status").status == 200
        good = server.ask("POST", "/process", PDF, authorization=f"Bearer {token}", content_type="application/pdf")
        assert good.status == 202
    assert token == file.read_text(encoding="ascii").strip()
    with Surface(settings, SystemClock(), FREE_PORT):
        assert token == file.read_text(encoding="ascii").strip(), "it is made once"


def test_priorities_reach_what_waits_already(tmp_path: Path) -> None:
    """An entry and a work of a source that is posted again, more urgently, come sooner."""
    with Scenario(tmp_path) as scenario, running(settings_in(tmp_path), on_socket(tmp_path)) as server:
        id_ = server.upload(PDF, "?priority=-1").json["id"]
        scenario.store.notice()
        first, second = scenario.extract(int(id_[1:]), ["One", "Two"])
        scenario.store.release(scenario.store.claim(StageName.ENRICHMENT, 10))
        assert rows(tmp_path, "SELECT DISTINCT priority FROM no_metadata") == [(-1,)]
        server.upload(PDF, "?priority=5")
        assert rows(tmp_path, "SELECT DISTINCT priority FROM no_metadata") == [(5,)]
        assert first != second
