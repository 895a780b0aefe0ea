"""Whatever a provider answers is read without stumbling: any JSON, and the answers that were recorded."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dl_lit.core.language import ModelError, Provider, Task, Trouble
from dl_lit.core.model_tasks import SCHEMAS
from dl_lit.net.language.anthropic import AnthropicBackend
from dl_lit.net.language.backend import Backend, FileBackend
from dl_lit.net.language.chat import ChatBackend
from dl_lit.net.language.gemini import GeminiBackend
from dl_lit.net.language.place import ModelPlace
from dl_lit.net.language.wire import Incoming, Outgoing, Wire
from tests.fakes.json_schema import problems
from tests.fakes.model_books import judging

RECORDED = Path(__file__).parents[4] / "shared" / "recorded"
NOW = 1_796_000_000.0
GEMINI = GeminiBackend(ModelPlace(provider=Provider.GEMINI, model="m"))
ANTHROPIC = AnthropicBackend(ModelPlace(provider=Provider.ANTHROPIC, model="m"))
BACKENDS: list[Backend] = [ChatBackend(ModelPlace(provider=Provider.OPENAI, model="m")), GEMINI, ANTHROPIC]

NAMES = (
    *("error", "code", "message", "status", "type", "details", "metadata", "headers", "retryDelay"),
    *("choices", "finish_reason", "content", "refusal", "text", "usage", "prompt_tokens", "prompt_tokens_details"),
    *("cached_tokens", "cost", "candidates", "finishReason", "parts", "usageMetadata", "promptTokenCount"),
    *("promptFeedback", "blockReason", "stop_reason", "input_tokens", "files", "name", "data", "id", "state", "file"),
)
WORDS = st.sampled_from(
    ["stop", "length", "error", "STOP", "SAFETY", "text", "files/x", '{"choice": 1, "why": ""}', ""]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | WORDS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
    max_leaves=20,
)


@given(JSON, st.sampled_from([200, 200, 200, 400, 429, 500]))
def test_any_json_is_an_answer_of_the_form_or_an_error(value: Any, status: int) -> None:
    """And costs no less than nothing, whatever is said of it."""
    incoming = Incoming(status, {}, json.dumps(value).encode())
    for backend in BACKENDS:
        reply = backend.reply(judging(), incoming, NOW)
        if reply.error is None:
            assert not list(problems(reply.value, SCHEMAS[Task.JUDGE], SCHEMAS[Task.JUDGE]))
        tokens = reply.tokens
        assert 0 <= tokens.cached <= tokens.input
        assert tokens.written >= 0
        assert reply.cost is None or reply.cost >= 0


@given(JSON)
def test_any_json_about_files_is_read_or_refused(value: Any) -> None:
    incoming = Incoming(200, {"x-goog-upload-url": str(value)[:30]}, json.dumps(value).encode())
    backends: list[FileBackend] = [GEMINI, ANTHROPIC]
    for backend in backends:
        files, after = backend.listed(incoming)
        assert all(one.name for one in files)
        assert isinstance(after, str)
        for read in (
            lambda b=backend: b.uploaded(incoming),
            lambda b=backend: b.is_ready(incoming),
            lambda b=backend: b.goes_on("http://x", incoming, b""),
        ):
            with contextlib.suppress(ModelError):
                read()


@pytest.mark.parametrize("provider", [Provider.GEMINI, Provider.ANTHROPIC])
def test_without_schemas_they_are_told_the_form_in_words(provider: Provider) -> None:
    place = ModelPlace(provider=provider, model="m", json_schema=False)
    backend: Backend = GeminiBackend(place) if provider is Provider.GEMINI else AnthropicBackend(place)
    sent = json.dumps(backend.question("http://x/v1", judging(), most_tokens=5).json)
    assert "exactly the form" in sent
    assert "responseSchema" not in sent
    assert "output_config" not in sent


def test_an_answer_that_never_ends_is_given_up() -> None:
    """Over 4 MB; and a client that was closed sends nothing."""
    transport = httpx.MockTransport(lambda _request: httpx.Response(200, content=iter([b" " * 5_000_000])))
    client = httpx.Client(transport=transport)
    wire = Wire(client, ())
    outgoing = Outgoing(method="GET", url="http://x/", headers={})
    with pytest.raises(ModelError) as raised:
        wire.send(outgoing, timeout_s=5.0)
    assert raised.value.trouble is Trouble.BAD_ANSWER
    client.close()
    with pytest.raises(ModelError) as raised:
        wire.send(outgoing, timeout_s=5.0, is_last=True)
    assert raised.value.trouble is Trouble.STOPPING


@pytest.mark.parametrize(
    ("error", "trouble"),
    [
        (httpx.ReadTimeout("slow"), Trouble.TIMEOUT),
        (httpx.ConnectTimeout("nobody"), Trouble.DOWN),
        (httpx.ReadError("sk-1 broke"), Trouble.DOWN),
        (httpx.InvalidURL("what"), Trouble.BAD_REQUEST),
    ],
)
def test_troubles_of_the_network_have_their_names(error: Exception, trouble: Trouble) -> None:
    """And tell no key."""

    def fail(_request: httpx.Request) -> httpx.Response:
        raise error

    with httpx.Client(transport=httpx.MockTransport(fail)) as client, pytest.raises(ModelError) as raised:
        Wire(client, ("sk-1",)).send(Outgoing(method="GET", url="http://x/", headers={}), timeout_s=1.0)
    assert raised.value.trouble is trouble
    assert "sk-1" not in str(raised.value)


@pytest.mark.shared
def test_recorded_chat_completions_are_read() -> None:
    """Text that is no JSON of ours is a bad answer of a server that is well; tokens and cost are read from all."""
    files = sorted(RECORDED.glob("llm-*/*.json"))
    if not files:
        pytest.skip("no recordings beside the checkout")
    for file in files:
        recorded = json.loads(file.read_text())
        incoming = Incoming(recorded["status"], recorded["headers"], recorded["body"].encode())
        reply = BACKENDS[0].reply(judging(), incoming, NOW)
        assert reply.error is not None
        if recorded["status"] != 200:
            assert reply.error.trouble is Trouble.BAD_REQUEST, file.name
            continue
        assert (reply.error.trouble, reply.is_failing) == (Trouble.BAD_ANSWER, False), file.name
        assert reply.tokens.input > 0
        assert reply.model
        assert ("openrouter" in file.parent.name) == (reply.cost is not None)
