"""The proof of the control surface, in short: some of its attacks on a served surface, and each of its detectors."""

from __future__ import annotations

import base64
import gzip
import json
import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from proofs.surface.answers_guarded import complaints, try_guards
from proofs.surface.canaries import Search, canaries
from proofs.surface.described import read
from proofs.surface.doors import shown_tokens, try_doors
from proofs.surface.paths import try_paths
from proofs.surface.served import TOKEN, Served, prepared
from proofs.surface.smuggling import hidden, hidden_gets_through, requests, try_smuggling
from proofs.surface.trial import SECRET, Attack, Trial
from proofs.surface.wire import Answer, Door, Unreadable, answers

from dl_lit.settings.leaves import leaves
from tests.fakes.control import FREE_PORT, running, settings_in

STEP = 23
"""One attack of so many is sent here; `scripts/prove surface` sends them all."""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = prepared(tmp_path_factory.mktemp("surface"))
    settings = settings_in(folder, token=TOKEN, folders=(str(folder / "inbox"),), max_upload_mb=1)
    with running(settings, FREE_PORT, folders=[folder / "inbox"]) as one:
        host, _, port = one.where.removeprefix("http://").rpartition(":")
        yield Served("the test's", Door((host, int(port)), TOKEN), folder)


def test_nobody_gets_in(served: Served) -> None:
    trial = Trial(served, step=STEP)
    try_paths(trial, random.Random(1), 10)
    try_smuggling(trial, random.Random(1), 100)
    try_doors(trial, timed=20)
    try_guards(trial)
    assert trial.failures == []
    assert {"smuggling: known ways", "paths: names of uploads", "doors: lockout"} <= trial.tried.keys()
    assert min(trial.tried.values()) > 0


def test_the_proof_minds_what_must_not_be(served: Served) -> None:
    trial = Trial(served)

    def kinds(stream: bytes, **attack: object) -> dict[str, int]:
        trial.counts.clear()
        trial.judge("row", Attack("one", b"GET / HTTP/1.1", **attack), stream)  # type: ignore[arg-type]
        return dict(trial.counts)

    def answer(status: int, body: bytes = b'{"error":"x","reason":"y"}') -> bytes:
        return b"HTTP/1.1 %d X\r\ncontent-length: %d\r\n\r\n" % (status, len(body)) + body

    assert kinds(answer(404)) == {}
    assert kinds(answer(500)) == {"untyped": 1}
    assert kinds(answer(200, b"{}")) == {"doubled": 1}
    assert kinds(answer(404, b"oh no")) == {"untyped": 1}
    assert kinds(answer(404) * 2) == {"doubled": 1}
    assert kinds(answer(404)[:-3]) == {"untyped": 1}
    assert kinds(b"") == {"untyped": 1}
    assert kinds(answer(404, b'{"reason":"x","error":"%s"}' % SECRET)) == {"doubled": 1}
    assert kinds(answer(404), then=lambda _: ["lost"]) == {"doubled": 1}
    assert kinds(b"", may={0}) == {}
    with trial.unchanged("row", "a change"), closing(sqlite3.connect(served.database)) as connection:
        connection.execute("UPDATE sources SET priority = priority + 1")
        connection.commit()
    assert trial.failures[-1].endswith("something has changed")
    with pytest.raises(Unreadable):
        answers(b"no HTTP")


def test_the_reader_of_requests_sees_what_is_hidden_and_what_is_not() -> None:
    inner = hidden(Door(("127.0.0.1", 80), "t"))
    head = b"POST /process HTTP/1.1\r\nHost: x\r\n"
    within = head + b"Content-Length: %d\r\n\r\n" % len(inner) + inner
    assert (requests(within), hidden_gets_through(within)) == (1, False)
    behind = head + b"Content-Length: 0\r\n\r\n" + inner
    assert (requests(behind), hidden_gets_through(behind)) == (2, True)
    chunks = head + b"Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n" + inner
    assert requests(chunks) == 2
    assert requests(head + b"Content-Length: 0\r\nContent-Length: 0\r\n\r\n" + inner) == 0
    assert requests(head + b"Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + inner) == 0


def test_secrets_are_found_however_they_are_written(tmp_path: Path) -> None:
    planted = canaries()
    assert {one.setting for one in planted.values()} == {leaf.name for leaf in leaves().values() if leaf.is_secret}
    search = Search(planted.values(), {"address": "a@b"})
    one = planted["DL_LIT_SERVE_TOKEN"]
    for written in (
        one.secret.encode(), b"x" + base64.b64encode(b"user:" + one.secret.encode()),
        one.secret.encode().hex().encode(),
        b"%7B" + one.secret.replace("+", "%2B").encode(), gzip.compress(b"log " + one.secret.encode()),
    ):  # fmt: skip
        assert search.within(b"before " + written + b" behind") == {"serve.token"}
    assert search.within(b"nothing, but a@b") == {"address"}
    (tmp_path / one.secret[:8]).mkdir()
    (tmp_path / one.secret[:8] / "kept.db").write_bytes(b"\0" + planted["DL_LIT_LLM_KEY"].secret.encode())
    assert {setting for _, setting in search.below(tmp_path)} == {"llm.key"}


def test_what_schemathesis_finds_is_read(tmp_path: Path) -> None:
    checks = {"a": [{"name": "not_a_server_error", "status": "failure"}, {"name": "ignored_auth", "status": "success"}]}
    events = [{"ScenarioFinished": {"recorder": {"checks": checks}}}, {"EngineFinished": {}}]
    report, seen = tmp_path / "events", tmp_path / "seen"
    report.write_text("".join(f"{json.dumps(one)}\n" for one in events))
    seen.write_text('{"operation":"POST /process","status":202,"id":"s1","sha256":"ab"}\n')
    found = read(report, seen)
    assert (len(found.failures), found.checks, found.taken) == (
        1, ("ignored_auth", "not_a_server_error"), (("s1", "ab"),),
    )  # fmt: skip
    report.unlink()
    assert "has not come to its end" in read(report, seen).failures[0]


def test_an_answer_without_its_guards_is_found() -> None:
    assert len(list(complaints(Answer(200, {}, b"")))) == 6
    unsafe = {"content-security-policy": "default-src 'none'; script-src 'unsafe-inline'; frame-ancestors 'none'"}
    assert any("unsafe" in one for one in complaints(Answer(200, unsafe, b"")))
    assert "set-cookie is sent" in list(complaints(Answer(404, {"set-cookie": "a=b"}, b"")))


def test_no_token_that_is_tried_is_the_right_one() -> None:
    assert all(headers.get("Authorization") != f"Bearer {TOKEN}" for _, _, headers in shown_tokens(TOKEN))
