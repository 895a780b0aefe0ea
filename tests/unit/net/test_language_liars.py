"""Servers that send what no server should: absurd counts, bodies without end, names that are none."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from dl_lit.core.language import ModelError, Provider, Trouble
from dl_lit.net.language.place import Prices
from dl_lit.net.language.wire import MAX_BODY_BYTES, Incoming
from tests.fakes.loopback_server import LoopbackServer, Reply
from tests.fakes.model_books import CHOICE, KEY, Turns, Uses, completion, failing, judging, limits, model


@pytest.mark.parametrize("said", [10**30, 10**400, -5, True, "7", 1e300])
def test_absurd_counts_of_tokens_end_nothing(said: Any) -> None:
    """They are believed up to a bound; so is what a call is said to cost."""
    usage = {"prompt_tokens": said, "completion_tokens": said, "cost": said}
    uses = Uses()
    with (
        LoopbackServer({"*": Turns(completion(usage=usage))}) as server,
        model(server.url("/v1"), uses=uses, prices=Prices(input=1.0, output=1.0)) as asked,
    ):
        assert asked.ask(judging()).value == CHOICE
    assert 0 <= uses.tokens.input <= 10**8
    assert 0 <= uses.tokens.cost <= 1_000


@pytest.mark.parametrize(("said", "cost"), [("0.25", 0.25), (1e308, 0.0), ("inf", 0.0), ("-1", 0.0), ("free", 0.0)])
def test_what_a_call_cost_may_come_as_text(said: Any, cost: float) -> None:
    """What no call costs is none."""
    with (
        LoopbackServer({"*": Turns(completion(usage={"prompt_tokens": 1, "cost": said}))}) as server,
        model(server.url("/v1")) as asked,
    ):
        assert asked.ask(judging()).tokens.cost == cost


def test_an_answer_nested_without_end_is_a_bad_one() -> None:
    """Whatever a server sends, nothing but a trouble of the model comes of it."""
    deep = ("[" * 900 + "]" * 900).encode()
    for body in (deep, b'{"error": ' + deep + b"}", b'{"error": {"message": ' + deep + b"}}"):
        with (
            LoopbackServer({"*": Turns(Reply(200, {}, body))}) as server,
            model(server.url("/v1"), only=limits(tries=1)) as asked,
            pytest.raises(ModelError) as raised,
        ):
            asked.ask(judging())
        assert raised.value.trouble in {Trouble.BAD_ANSWER, Trouble.OVERLOADED}


def test_the_model_that_answered_is_named_in_a_line() -> None:
    whole = json.loads(completion().body)
    whole["model"] = "r\x1b[2J\ud800\n" + "x" * 10_000
    with (
        LoopbackServer({"*": Turns(Reply(200, {}, json.dumps(whole).encode()))}) as server,
        model(server.url("/v1")) as asked,
    ):
        name = asked.ask(judging()).model
    assert name == ("r[2J" + "x" * 200)[:120]


def test_a_body_is_parsed_once() -> None:
    incoming = Incoming(200, {}, b'{"a": [1]}')
    assert incoming.value is incoming.value


@pytest.mark.parametrize("packed", ["gzip", "deflate, gzip", "br", ""])
def test_a_body_without_end_is_a_bad_answer(packed: str) -> None:
    """However it is packed, no more of it is unpacked than answers may have; nobody asked for it to be packed."""
    body = b"{}," * (MAX_BODY_BYTES // 3 + 1)
    headers = {"Content-Encoding": packed} if packed else {}
    with (
        LoopbackServer({"*": Turns(Reply(200, headers, gzip.compress(body) if packed else body))}) as server,
        model(server.url("/v1"), only=limits(tries=1)) as asked,
        pytest.raises(ModelError) as raised,
    ):
        asked.ask(judging())
    assert raised.value.trouble is Trouble.BAD_ANSWER
    assert server.seen[0].headers["accept-encoding"] == "identity"


def test_a_packed_answer_is_read_all_the_same() -> None:
    """Some proxies pack whatever they are asked."""
    whole = completion()
    with (
        LoopbackServer({"*": Turns(Reply(200, {"Content-Encoding": "gzip"}, gzip.compress(whole.body)))}) as server,
        model(server.url("/v1")) as asked,
    ):
        assert asked.ask(judging()).value == CHOICE


@pytest.mark.parametrize(
    "error",
    [
        {"message": f"Incorrect API key: {KEY.upper()}", "code": KEY.upper()},
        {"message": KEY[:8], "type": KEY[:9]},
        {"message": "sk-very -sec ret", "code": "sk-very", "type": "-secret", "status": "sk.ver_yse"},
        {"message": KEY, "code": f"bad-{KEY[3:]}"},
    ],
)
def test_no_part_of_the_key_is_told_however_it_is_repeated(error: dict[str, str]) -> None:
    """In other letters, apart, its beginning alone."""
    with (
        LoopbackServer({"*": failing(400, error)}) as server,
        model(server.url("/v1")) as asked,
        pytest.raises(ModelError) as raised,
    ):
        asked.ask(judging())
    told = "".join(char for char in raised.value.detail.lower() if char.isalnum())
    secret = "".join(char for char in KEY if char.isalnum())
    assert told.startswith("http400") or not told
    assert not any(secret[at : at + 6] in told for at in range(len(secret) - 5))


def test_the_name_of_a_model_does_not_repeat_the_key() -> None:
    whole = {**json.loads(completion().body), "model": f"reader {KEY.title()}"}
    with (
        LoopbackServer({"*": Turns(Reply(200, {}, json.dumps(whole).encode()))}) as server,
        model(server.url("/v1")) as asked,
    ):
        assert asked.ask(judging()).model == "reader …"


@pytest.mark.parametrize("body", [b'{"id": "file\\ud800"}', b'{"id": "' + b"x" * 9_000 + b'"}', b'{"id": 7}'])
def test_a_file_that_is_named_as_none_is_named_is_a_bad_answer(body: bytes, tmp_path: Path) -> None:
    """What cannot be written down cannot be deleted later."""
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.4")
    with (
        LoopbackServer({"*": Reply(200, {}, body)}) as server,
        model(server.url(), provider=Provider.ANTHROPIC) as asked,
        pytest.raises(ModelError) as raised,
    ):
        asked.upload(tmp_path / "a.pdf", timeout_s=5.0)
    assert raised.value.trouble is Trouble.BAD_ANSWER


@pytest.mark.parametrize("provider", [Provider.ANTHROPIC, Provider.GEMINI])
def test_an_upload_refused_in_words_without_end_is_a_trouble_like_others(provider: Provider, tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.4")
    deep = b'{"error": {"message": ' + b"[" * 900 + b"]" * 900 + b"}}"
    with (
        LoopbackServer({"*": Reply(400, {}, deep)}) as server,
        model(server.url(), provider=provider) as asked,
    ):
        with pytest.raises(ModelError) as raised:
            asked.upload(tmp_path / "a.pdf", timeout_s=5.0)
        assert asked.amiss(server.url()) == "language model: bad-request: HTTP 400"
    assert raised.value.trouble is Trouble.BAD_REQUEST
