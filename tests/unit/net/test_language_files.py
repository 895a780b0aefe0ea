"""Language models that are given files: written down, uploaded, asked about, deleted, whatever goes wrong."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from dl_lit.core.clock import SystemClock
from dl_lit.core.language import ModelError, Provider, RemoteFile, RemoteLeft, Tokens, Trouble
from tests.fakes.loopback_server import LoopbackServer, Reply
from tests.fakes.model_books import CHOICE, KEY, Cache, Uploads, failing, judging, limits, model
from tests.fakes.model_files import FileProvider

BOTH = [Provider.GEMINI, Provider.ANTHROPIC]
PDF = b"%PDF-1.7 pages"


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    with LoopbackServer() as running:
        yield running


@pytest.fixture
def pdf(tmp_path: Path) -> Path:
    file = tmp_path / "pages.pdf"
    file.write_bytes(PDF)
    return file


@pytest.mark.parametrize("provider", BOTH)
def test_a_file_is_written_down_sent_named_asked_about_and_deleted(
    provider: Provider, server: LoopbackServer, pdf: Path
) -> None:
    """In this order; nothing of it is left, at the provider's or in the book; cached tokens are counted."""
    remote, book = FileProvider(server), Uploads()
    with model(server.url(), provider=provider, uploads=book) as asked:
        file = asked.upload(pdf, timeout_s=5.0)
        assert (book.lines, list(book.open.values()), asked.use().remote_files) == (["begun", "named"], [file], 1)
        answer = asked.ask(judging("[1]", files=(file,), content="digest"))
        asked.delete(file)
        assert (book.lines[-1], book.open, asked.use().remote_files) == ("gone", {}, 0)
    assert (file.provider, file.base_url) == (provider, server.url().rstrip("/"))
    assert PDF in remote.contents[file.name]
    assert not remote.files
    assert answer.value == CHOICE
    assert (answer.tokens.input, answer.tokens.cached, answer.tokens.output) == (90, 60, 10)
    key = "x-goog-api-key" if provider is Provider.GEMINI else "x-api-key"
    assert {one.headers.get(key) for one in server.seen} == {KEY}


def test_gemini_is_asked_in_its_own_form(server: LoopbackServer, pdf: Path) -> None:
    """Two steps of an upload, the file by its address, the schema in its dialect; waiting until it is active."""
    remote = FileProvider(server)
    with model(server.url("/v1beta"), provider=Provider.GEMINI, model="models/gemini-x") as asked:
        file = asked.upload(pdf, timeout_s=5.0)
        asked.ask(judging("[1]", files=(file,)))
    assert remote.kinds == ["open", "upload", "state", "state", "ask"]
    body = remote.asked[0]
    assert body["contents"][0]["parts"] == [
        {"file_data": {"mime_type": "application/pdf", "file_uri": f"https://files/{file.name}"}},
        {"text": "[1]"},
    ]
    assert body["systemInstruction"]["parts"] == [{"text": "You judge."}]
    assert body["generationConfig"]["responseSchema"]["properties"]["choice"] == {"type": "INTEGER", "nullable": True}
    assert server.seen[-1].path == "/v1beta/models/gemini-x:generateContent"


def test_anthropic_is_asked_in_its_own_form(server: LoopbackServer, pdf: Path) -> None:
    """Documents by their id under the beta header, a system prompt that is kept, the schema as the output's format."""
    remote = FileProvider(server)
    with model(server.url(), provider=Provider.ANTHROPIC) as asked:
        file = asked.upload(pdf, timeout_s=5.0)
        tokens = asked.ask(judging("[1]", files=(file,))).tokens
        asked.ask(judging("plain"))
    body = remote.asked[0]
    assert body["system"][0]["cache_control"] == {"type": "ephemeral"}
    assert body["messages"][0]["content"][0] == {"type": "document", "source": {"type": "file", "file_id": file.name}}
    assert body["output_config"]["format"]["type"] == "json_schema"
    assert "temperature" not in body
    ask, plain = (one.headers for one in server.seen if one.path == "/v1/messages")
    assert (ask["anthropic-beta"], ask["anthropic-version"]) == ("files-api-2025-04-14", "2023-06-01")
    assert "anthropic-beta" not in plain
    assert tokens == Tokens(input=90, cached=60, written=10, output=10)


@pytest.mark.parametrize(
    ("provider", "reply", "trouble"),
    [
        (Provider.GEMINI, {"candidates": [{"finishReason": "MAX_TOKENS"}]}, Trouble.CUT),
        (Provider.GEMINI, {"candidates": [{"finishReason": "RECITATION"}]}, Trouble.REFUSED),
        (Provider.GEMINI, {"candidates": [{"finishReason": "SAFETY"}]}, Trouble.REFUSED),
        (Provider.GEMINI, {"promptFeedback": {"blockReason": "OTHER"}}, Trouble.REFUSED),
        (Provider.GEMINI, {"candidates": []}, Trouble.BAD_ANSWER),
        (Provider.GEMINI, {"candidates": ["x"]}, Trouble.BAD_ANSWER),
        (Provider.GEMINI, {"candidates": [{"finishReason": "OTHER", "content": {"parts": "x"}}]}, Trouble.BAD_ANSWER),
        (Provider.ANTHROPIC, {"stop_reason": "max_tokens", "content": []}, Trouble.CUT),
        (Provider.ANTHROPIC, {"stop_reason": "refusal"}, Trouble.REFUSED),
        (Provider.ANTHROPIC, {"stop_reason": "end_turn", "content": "x"}, Trouble.BAD_ANSWER),
        (Provider.ANTHROPIC, {"type": "error", "error": {"type": "overloaded_error"}}, Trouble.OVERLOADED),
    ],
)
def test_their_ways_not_to_answer_are_told_apart(
    provider: Provider, reply: dict[str, object], trouble: Trouble, server: LoopbackServer
) -> None:
    server.routes["*"] = Reply(200, {}, json.dumps(reply).encode())
    with model(server.url(), provider=provider) as asked, pytest.raises(ModelError) as raised:
        asked.ask(judging())
    assert raised.value.trouble is trouble


def test_gemini_s_delay_is_heard(server: LoopbackServer) -> None:
    details = [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "34s"}]
    server.routes["*"] = failing(429, {"status": "RESOURCE_EXHAUSTED", "details": details})
    with model(server.url(), provider=Provider.GEMINI) as asked, pytest.raises(ModelError) as raised:
        asked.ask(judging())
    assert (raised.value.trouble, raised.value.after) == (Trouble.RATE_LIMITED, 34.0)


@pytest.mark.parametrize("provider", BOTH)
@pytest.mark.parametrize("fault", ["lost", failing(500), Reply(200, {}, b"{}")])
def test_an_upload_whose_name_never_came_is_looked_for_and_deleted(
    provider: Provider, fault: Reply | str, server: LoopbackServer, pdf: Path
) -> None:
    """Among all pages of the provider's list; the next try is for whoever asks, and has an id of its own."""
    remote, book = FileProvider(server), Uploads()
    remote.files = {
        f"files/other{n}" if provider is Provider.GEMINI else f"other{n}": "dl_lit-another" for n in range(3)
    }
    remote.page = 1
    others = dict(remote.files)
    remote.fault("upload", fault)
    with model(server.url(), provider=provider, uploads=book) as asked:
        with pytest.raises(ModelError) as raised:
            asked.upload(pdf, timeout_s=5.0)
        assert raised.value.trouble.may_pass
        file = asked.upload(pdf, timeout_s=5.0)
        assert remote.files.keys() - others.keys() == {file.name}
        asked.delete(file)
    assert remote.files == others
    assert remote.kinds.count("upload") == 2
    assert set(book.open) == (set() if fault == "lost" else {"id0"})  # what is not listed may still come to be


@pytest.mark.parametrize("provider", BOTH)
def test_what_was_refused_is_struck_out(provider: Provider, server: LoopbackServer, pdf: Path) -> None:
    """No file came of it, so none is looked for."""
    remote, book = FileProvider(server), Uploads()
    remote.fault("upload", failing(400))
    with model(server.url(), provider=provider, uploads=book) as asked, pytest.raises(ModelError) as raised:
        asked.upload(pdf, timeout_s=5.0)
    assert raised.value.trouble is Trouble.BAD_REQUEST
    assert (book.lines, "list" in remote.kinds) == (["begun", "gone"], False)


def test_an_upload_that_was_not_opened_is_struck_out(server: LoopbackServer, pdf: Path) -> None:
    """Whatever went wrong with the first step: it carries no file."""
    remote, book = FileProvider(server), Uploads()
    remote.fault("open", failing(500), Reply(200), Reply(200, {"x-goog-upload-url": "http://[x"}))
    with model(server.url(), provider=Provider.GEMINI, uploads=book) as asked:
        for _ in range(3):
            with pytest.raises(ModelError):
                asked.upload(pdf, timeout_s=5.0)
    assert (book.open, remote.kinds) == ({}, ["open"] * 3)


def test_another_host_is_not_told_the_key_and_must_be_public(server: LoopbackServer, pdf: Path) -> None:
    """An answer may name where to send the file; what strangers name is guarded as such."""
    remote = FileProvider(server)
    remote.upload_host = f"http://localhost:{server.port}"
    with model(server.url(), provider=Provider.GEMINI) as asked, pytest.raises(ModelError) as raised:
        asked.upload(pdf, timeout_s=5.0)
    assert raised.value.trouble is Trouble.BAD_REQUEST
    assert remote.kinds == ["open"]


@pytest.mark.parametrize(("states", "trouble"), [(["FAILED"], Trouble.BAD_REQUEST), (["PROCESSING"], Trouble.TIMEOUT)])
def test_a_file_that_never_becomes_active_is_deleted(
    states: list[str], trouble: Trouble, server: LoopbackServer, pdf: Path
) -> None:
    remote, book = FileProvider(server), Uploads()
    remote.states = states
    with model(server.url(), provider=Provider.GEMINI, uploads=book) as asked, pytest.raises(ModelError) as raised:
        asked.upload(pdf, timeout_s=0.1)
    assert raised.value.trouble is trouble
    assert (remote.files, book.open) == ({}, {})


def test_passing_troubles_while_waiting_cost_no_upload(server: LoopbackServer, pdf: Path) -> None:
    remote = FileProvider(server)
    remote.fault("state", failing(503), "lost", failing(429, retry_after="0"))
    with model(server.url(), provider=Provider.GEMINI) as asked:
        asked.upload(pdf, timeout_s=5.0)
    assert remote.kinds.count("upload") == 1


@pytest.mark.parametrize("provider", BOTH)
def test_deleting_is_tried_again_and_is_done_where_nothing_is_left(
    provider: Provider, server: LoopbackServer, pdf: Path
) -> None:
    """Errors that pass, pages that are no answer, and answers that never came though it was done."""
    remote, book = FileProvider(server), Uploads()
    page = Reply(200, {"Content-Type": "text/html"}, b"<html>a proxy's</html>")
    remote.fault("delete", failing(500), failing(429, retry_after="0"), page, "lost")
    with model(server.url(), provider=provider, uploads=book) as asked:
        asked.delete(asked.upload(pdf, timeout_s=5.0))
    assert (remote.files, book.open) == ({}, {})


def test_what_cannot_be_deleted_now_is_deleted_later(server: LoopbackServer, pdf: Path) -> None:
    """It stands in the book meanwhile; a second deletion does nothing."""
    remote, book = FileProvider(server), Uploads()
    remote.fault("delete", *[failing(500)] * 5)
    with model(server.url(), provider=Provider.ANTHROPIC, uploads=book) as asked:
        file = asked.upload(pdf, timeout_s=5.0)
        asked.delete(file)
        assert (list(book.open.values()), asked.use().remote_files) == ([file], 1)
        assert asked.clean_up() == 1
        assert (remote.files, book.open, asked.use().remote_files) == ({}, {}, 0)
        asked.delete(file)
        assert asked.clean_up() == 0


@pytest.mark.parametrize("provider", BOTH)
def test_the_next_start_deletes_what_the_last_one_left(provider: Provider, server: LoopbackServer) -> None:
    """By name, or found in the list; what is not listed yet, of another provider or at another address stays in."""
    remote, base, now = FileProvider(server), server.url().rstrip("/"), time.time()
    named, lost = ("files/a", "files/b") if provider is Provider.GEMINI else ("file_a", "file_b")
    remote.files = {named: "dl_lit-1", lost: "dl_lit-2", "files/mine": "holiday"}
    book = Uploads(
        RemoteLeft("1", provider, base, now - 60, RemoteFile(provider, base, named)),
        RemoteLeft("2", provider, base, now - 60, None),
        RemoteLeft("3", provider, base, now - 60, None),
        RemoteLeft("4", provider, base, now - 3_600, None),
        RemoteLeft("5", provider, "https://elsewhere", now, None),
        RemoteLeft("6", Provider.OPENAI, base, now, None),
    )
    with model(server.url(), provider=provider, uploads=book) as asked:
        assert asked.clean_up() == 2
    assert remote.files == {"files/mine": "holiday"}
    assert set(book.open) == {"3", "5", "6"}


def test_another_key_cannot_tell_gone_from_forbidden(server: LoopbackServer) -> None:
    """Gemini answers 403 for both: the entry stays until Gemini has deleted the file by itself."""
    FileProvider(server)
    base, now = server.url().rstrip("/"), time.time()
    file = RemoteFile(Provider.GEMINI, base, "files/x")
    book = Uploads(
        RemoteLeft("young", Provider.GEMINI, base, now, file), RemoteLeft("old", Provider.GEMINI, base, now - 2e5, file)
    )
    with model(server.url(), provider=Provider.GEMINI, uploads=book) as asked:
        assert asked.clean_up() == 0
    assert set(book.open) == {"young"}


def test_a_list_that_cannot_be_had_strikes_nothing_out(server: LoopbackServer) -> None:
    remote = FileProvider(server)
    remote.fault("list", failing(403))
    book = Uploads(RemoteLeft("1", Provider.ANTHROPIC, server.url().rstrip("/"), 0.0, None))
    with model(server.url(), provider=Provider.ANTHROPIC, uploads=book) as asked:
        assert (asked.clean_up(), set(book.open)) == (0, {"1"})
        assert (asked.clean_up(), set(book.open)) == (0, set())


def test_nothing_is_sent_that_cannot_be_written_down(server: LoopbackServer, pdf: Path, tmp_path: Path) -> None:
    """Nor what cannot be read, or is too large."""
    remote, book = FileProvider(server), Uploads()
    book.is_full = True
    large = tmp_path / "large.pdf"
    with large.open("wb") as file:
        file.truncate(60_000_000)
    with model(server.url(), provider=Provider.GEMINI, uploads=book) as asked:
        for one in (pdf, large, tmp_path / "absent.pdf"):
            with pytest.raises(ModelError) as raised:
                asked.upload(one, timeout_s=5.0)
            assert raised.value.trouble is Trouble.BAD_REQUEST
    assert remote.kinds == []


def test_after_stopping_nothing_is_uploaded_and_files_are_still_deleted(server: LoopbackServer, pdf: Path) -> None:
    remote, book = FileProvider(server), Uploads()
    with model(server.url(), provider=Provider.GEMINI, uploads=book) as asked:
        file = asked.upload(pdf, timeout_s=5.0)
        asked.stop()
        for call in (lambda: asked.upload(pdf, timeout_s=5.0), lambda: asked.ask(judging())):
            with pytest.raises(ModelError) as raised:
                call()
            assert raised.value.trouble is Trouble.STOPPING
        asked.delete(file)
    assert (remote.files, book.open) == ({}, {})


def test_answers_about_files_are_remembered_by_what_the_files_hold(server: LoopbackServer, pdf: Path) -> None:
    """Another upload of the same pages is the same question; files nobody can tell apart are not remembered."""
    remote, cache = FileProvider(server), Cache()
    with model(server.url(), provider=Provider.ANTHROPIC, cache=cache) as asked:
        first, second = asked.upload(pdf, timeout_s=5.0), asked.upload(pdf, timeout_s=5.0)
        asked.ask(judging(files=(first,), content="digest"))
        assert asked.ask(judging(files=(second,), content="digest")).is_remembered
        assert not asked.is_remembered(judging(files=(second,), content="another"))
        assert asked.ask(judging(content="digest")).is_remembered, "before anything is uploaded"
        assert not asked.is_remembered(judging(content="another"))
        asked.ask(judging(files=(first,)))
        assert not asked.is_remembered(judging(files=(first,)))
    assert remote.kinds.count("ask") == 2


def test_questions_go_to_the_server_that_has_their_files(server: LoopbackServer, pdf: Path) -> None:
    """Another one knows nothing of them; files at two servers make no question."""
    with LoopbackServer() as other:
        remotes = {one.url().rstrip("/"): FileProvider(one) for one in (server, other)}
        with model(server.url(), other.url(), provider=Provider.ANTHROPIC, only=limits()) as asked:
            files = [asked.upload(pdf, timeout_s=5.0) for _ in range(4)]
            for file in files:
                asked.ask(judging(file.name, files=(file,)))
            elsewhere = RemoteFile(Provider.ANTHROPIC, "https://elsewhere", "file_1")
            for wrong in ((elsewhere,), (files[0], elsewhere)):
                with pytest.raises(ModelError) as raised:
                    asked.ask(judging(files=wrong))
                assert raised.value.trouble is Trouble.BAD_REQUEST
    for base_url, remote in remotes.items():
        asked_about = {body["messages"][0]["content"][0]["source"]["file_id"] for body in remote.asked}
        assert asked_about == {file.name for file in files if file.base_url == base_url}


class MovedClock(SystemClock):
    """The machine's clock, set forward on demand."""

    ahead_s = 0.0

    def time(self) -> float:
        return super().time() + self.ahead_s


def test_what_never_came_to_be_is_struck_out_beside_the_work(server: LoopbackServer, pdf: Path) -> None:
    """Some minutes later, when the next file has been deleted."""
    remote, book, clock = FileProvider(server), Uploads(), MovedClock()
    remote.fault("upload", failing(500))
    with model(server.url(), provider=Provider.ANTHROPIC, uploads=book, clock=clock) as asked:
        with pytest.raises(ModelError):
            asked.upload(pdf, timeout_s=5.0)
        asked.delete(asked.upload(pdf, timeout_s=5.0))
        assert set(book.open) == {"id0"}
        clock.ahead_s = 400.0
        asked.delete(asked.upload(pdf, timeout_s=5.0))
        assert book.open == {}


def test_while_no_uploads_are_taken_none_is_sent(server: LoopbackServer, pdf: Path) -> None:
    """They wait where there is time, and say when to come where there is not."""
    remote, book = FileProvider(server), Uploads()
    remote.fault("upload", failing(429, retry_after="0"), *[failing(429, {"message": "Try again in 5ms"})] * 5)
    with model(server.url(), provider=Provider.ANTHROPIC, uploads=book) as asked:
        asked.upload(pdf, timeout_s=5.0)
        remote.fault("upload", failing(429, retry_after="600"))
        for expected in ("HTTP 429", "no uploads"):
            with pytest.raises(ModelError) as raised:
                asked.upload(pdf, timeout_s=5.0)
            assert raised.value.trouble is Trouble.RATE_LIMITED
            assert expected in raised.value.detail
            assert (raised.value.after or 0.0) > 590.0
    assert remote.kinds.count("upload") == 8


def test_an_upload_without_time_is_not_sent(server: LoopbackServer, pdf: Path) -> None:
    remote, book = FileProvider(server), Uploads()
    with model(server.url(), provider=Provider.ANTHROPIC, uploads=book) as asked, pytest.raises(ModelError) as raised:
        asked.upload(pdf, timeout_s=0.0)
    assert (raised.value.trouble, remote.kinds, book.open) == (Trouble.TIMEOUT, [], {})


def test_a_file_that_was_found_and_not_deleted_stays_in_the_book(server: LoopbackServer, pdf: Path) -> None:
    remote, book = FileProvider(server), Uploads()
    remote.fault("upload", "lost", failing(400))
    remote.fault("delete", *[failing(403)] * 1)
    with model(server.url(), provider=Provider.ANTHROPIC, uploads=book) as asked:
        with pytest.raises(ModelError):
            asked.upload(pdf, timeout_s=5.0)
        assert (len(remote.files), set(book.open)) == (1, {"id0"})
        assert asked.clean_up() == 1
    assert (remote.files, book.open) == ({}, {})
