"""Language models that are spoken to in chat completions, against servers on this machine."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from dl_lit.core.errors import NeedsConfiguration
from dl_lit.core.language import ModelError, Provider, RemoteFile, Task, Tokens, Trouble
from dl_lit.core.model_tasks import SCHEMAS
from dl_lit.net.language.model import HttpLanguageModel
from dl_lit.net.language.place import ModelPlace, Prices, base_urls_of, completed, warms_up
from tests.fakes.fetching import Ledger
from tests.fakes.loopback_server import LoopbackServer, Reply, Seen
from tests.fakes.model_books import (
    CHOICE,
    KEY,
    Cache,
    Turns,
    Uses,
    completion,
    failing,
    judging,
    limits,
    model,
)

ENTRY = judging(task=Task.ENTRY, schema=SCHEMAS[Task.ENTRY], text='{"entries": []}')


def trouble_of(asked: HttpLanguageModel, question: Any = None) -> ModelError:
    """How asking ends."""
    with pytest.raises(ModelError) as raised:
        asked.ask(question or judging())
    return raised.value


def test_a_question_goes_out_in_the_form_of_chat_completions() -> None:
    """The fixed part first, a strict schema, the key in a header; what comes back is counted and costs what is set."""
    uses = Uses()
    prices = Prices(input=2.0, cached=0.5, output=10.0)
    usage = {"prompt_tokens": 1_000, "completion_tokens": 100, "prompt_tokens_details": {"cached_tokens": 400}}
    with (
        LoopbackServer({"/v1/chat/completions": Turns(completion(usage=usage))}) as server,
        model(server.url("/v1/"), provider=Provider.OPENAI, uses=uses, prices=prices) as asked,
    ):
        answer = asked.ask(judging("about"))
        use = asked.use()
    (seen,) = server.seen
    body = json.loads(seen.body)
    assert [one["content"] for one in body["messages"]] == ["You judge.", "about"]
    assert body["response_format"]["json_schema"] == {"name": "judge", "strict": True, "schema": SCHEMAS[Task.JUDGE]}
    assert (body["max_completion_tokens"], "max_tokens" in body) == (8_192, False)
    assert seen.headers["authorization"] == f"Bearer {KEY}"
    assert (answer.value, answer.model, answer.is_remembered) == (CHOICE, "reader-1-2026", False)
    assert answer.tokens == Tokens(input=1_000, cached=400, output=100, cost=pytest.approx(0.0024))
    assert (uses.taken, uses.tokens) == (1, answer.tokens)
    assert (use.requests, use.in_flight, use.most_in_flight, use.by_task) == (1, 0, 1, {"judge": 1})
    assert use.tokens == answer.tokens
    assert use.latency_p95_s > 0


@pytest.mark.parametrize(
    ("base", "given", "target"),
    [
        ("", {}, "/openai/deployments/reader-1/chat/completions?api-version=2024-10-21"),
        (
            "/openai",
            {"api_version": "2025-01-01"},
            "/openai/deployments/reader-1/chat/completions?api-version=2025-01-01",
        ),
        ("/openai/deployments/d", {}, "/openai/deployments/d/chat/completions?api-version=2024-10-21"),
        ("/openai/v1", {}, "/openai/v1/chat/completions"),
    ],
)
def test_azure_is_asked_at_its_deployment(base: str, given: dict[str, str], target: str) -> None:
    """With version and a header of its own, unless the address is of the newer kind."""
    with (
        LoopbackServer({"*": Turns(completion())}) as server,
        model(server.url(base), provider=Provider.AZURE, **given) as asked,
    ):
        asked.ask(judging())
    assert server.seen[0].target == target
    assert server.seen[0].headers["api-key"] == KEY
    assert "authorization" not in server.seen[0].headers


def test_openrouter_is_told_what_to_require_and_what_to_keep() -> None:
    """Its own word for the cost counts; only Anthropic's models are told what to keep of a prompt."""
    usage = {
        "prompt_tokens": 50,
        "completion_tokens": 5,
        "cost": 0.25,
        "prompt_tokens_details": {"cache_write_tokens": 9},
    }
    with (
        LoopbackServer({"*": Turns(completion(usage=usage))}) as server,
        model(server.url("/api/v1"), provider=Provider.OPENROUTER, model="anthropic/claude") as asked,
    ):
        tokens = asked.ask(judging()).tokens
    body = json.loads(server.seen[0].body)
    assert body["provider"] == {"require_parameters": True}
    assert body["messages"][0]["content"][0]["cache_control"] == {"type": "ephemeral"}
    assert (tokens.cost, tokens.written) == (0.25, 9)


def test_without_schemas_the_form_is_asked_for_in_words() -> None:
    """And found in what the model wrote around it."""
    said = f"Sure!\n```json\n{json.dumps(CHOICE)}\n```"
    with (
        LoopbackServer({"*": Turns(completion(said))}) as server,
        model(server.url("/v1"), json_schema=False, key=None) as asked,
    ):
        assert asked.ask(judging()).value == CHOICE
    body = json.loads(server.seen[0].body)
    assert "response_format" not in body
    assert '"choice"' in body["messages"][0]["content"]
    assert "authorization" not in server.seen[0].headers


@pytest.mark.parametrize(
    "reply",
    [
        completion(pad=b"\n         \n" * 40),
        completion(message={"content": [{"type": "text", "text": json.dumps(CHOICE)}]}),
        Reply(200, {"Content-Type": "text/plain"}, completion().body),
    ],
)
def test_answers_in_other_clothes_are_read(reply: Reply) -> None:
    """White space that kept the line open, parts instead of a string, another content type."""
    with LoopbackServer({"*": reply}) as server, model(server.url()) as asked:
        assert asked.ask(judging()).value == CHOICE


@pytest.mark.parametrize(
    ("reply", "trouble"),
    [
        (completion(finish_reason="length"), Trouble.CUT),
        (completion(message={"content": None, "refusal": "I cannot"}), Trouble.REFUSED),
        (completion(finish_reason="content_filter"), Trouble.REFUSED),
        (completion(finish_reason="error"), Trouble.OVERLOADED),
        (completion(error={"code": 502, "message": "Provider returned error"}), Trouble.OVERLOADED),
        (completion(error={"code": 402, "message": "Insufficient credits"}), Trouble.BUDGET_GONE),
        (completion(message={"content": ""}), Trouble.BAD_ANSWER),
        (completion("The first one."), Trouble.BAD_ANSWER),
        (completion(json.dumps(CHOICE)[:-9]), Trouble.BAD_ANSWER),
        (completion(choices=[]), Trouble.BAD_ANSWER),
        (Reply(200, {}, b"<html>hello</html>"), Trouble.BAD_ANSWER),
        (Reply(200, {}, b"[]"), Trouble.BAD_ANSWER),
        (Reply(200, {"Content-Encoding": "gzip"}, b"no gzip"), Trouble.BAD_ANSWER),
        (Reply(200, {}, b"{", length=100, close=True), Trouble.DOWN),
        (failing(500), Trouble.OVERLOADED),
        (failing(402), Trouble.BUDGET_GONE),
        (failing(401, {"message": f"Incorrect API key provided: {KEY}"}), Trouble.KEY_REFUSED),
        (failing(404), Trouble.BAD_REQUEST),
        (Reply(302, {"Location": "http://127.0.0.1/elsewhere"}), Trouble.BAD_REQUEST),
    ],
)
def test_every_way_not_to_answer_is_told_apart(reply: Reply, trouble: Trouble) -> None:
    """What may pass is tried three times, what was cut twice, the rest once; no key is told, nothing remembered."""
    cache, uses = Cache(), Uses()
    with LoopbackServer({"*": reply}) as server, model(server.url(), cache=cache, uses=uses) as asked:
        error = trouble_of(asked)
        use = asked.use()
    assert error.trouble is trouble
    assert KEY not in str(error)
    tries = 2 if trouble is Trouble.CUT else 3 if trouble.may_pass else 1
    assert (len(server.seen), use.requests, use.retries, uses.taken) == (tries, tries, tries - 1, tries)
    assert use.troubles == {trouble.value: tries}
    assert not cache.kept


def test_what_was_paid_for_a_bad_answer_counts() -> None:
    uses = Uses()
    turns = Turns(completion(finish_reason="length"), completion())
    with LoopbackServer({"*": turns}) as server, model(server.url(), uses=uses) as asked:
        asked.ask(judging(most_tokens=100))
        assert asked.use().tokens.input == uses.tokens.input == 200
    assert [body["max_tokens"] for body in turns.bodies] == [100, 200]  # more room for an answer that was cut


def test_an_answer_that_cannot_be_longer_stays_cut() -> None:
    """Where the server does not allow more, that is not the caller's mistake."""
    with (
        LoopbackServer({"*": Turns(completion(finish_reason="length"), failing(400))}) as server,
        model(server.url()) as a,
    ):
        assert trouble_of(a).trouble is Trouble.CUT


def test_words_a_server_does_not_know_are_left_out_from_then_on() -> None:
    """No temperature for some models, another name for the limit at some servers; neither costs a try."""
    turns = Turns(
        failing(400, {"message": "Unsupported value: 'temperature' does not support 0 with this model."}),
        failing(400, {"message": "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."}),
        completion(),
    )
    with LoopbackServer({"*": turns}) as server, model(server.url(), only=limits(tries=1)) as asked:
        asked.ask(judging())
        asked.ask(judging("another"))
    assert "temperature" not in turns.bodies[-1]
    assert [name for name in turns.bodies[-1] if name.startswith("max")] == ["max_completion_tokens"]
    assert len(turns.bodies) == 4


@pytest.mark.parametrize(
    ("provider", "reply", "name"),
    [
        (Provider.OPENROUTER, (404, "No endpoints found that can handle the requested parameters."), "temperature"),
        (Provider.OPENAI, (400, "Unknown parameter: 'prompt_cache_key'."), "prompt_cache_key"),
        (
            Provider.OPENAI,
            (400, "Unrecognized request argument supplied: max_completion_tokens"),
            "max_completion_tokens",
        ),
    ],
)
def test_words_only_some_servers_know_are_left_out_for_the_others(
    provider: Provider, reply: tuple[int, str], name: str
) -> None:
    turns = Turns(failing(reply[0], {"message": reply[1]}), completion())
    with LoopbackServer({"*": turns}) as server, model(server.url(), provider=provider) as asked:
        assert asked.ask(judging()).value == CHOICE
    assert [name in body for body in turns.bodies] == [True, False]


def test_many_refusals_at_once_are_one_reason_to_rest() -> None:
    """Where nobody says for how long, fifty calls that went out together do not make a rest of minutes."""
    turns = Turns(*[failing(429)] * 30, completion())
    held = threading.Event()

    def refuse(seen: Seen) -> Reply:
        held.wait(5.0)
        return turns(seen)

    with LoopbackServer({"*": refuse}) as server, model(server.url()) as asked, ThreadPoolExecutor(30) as pool:
        calls = [pool.submit(asked.ask, replace(ENTRY, text=str(number))) for number in range(30)]
        while server.handling < 30:
            held.wait(0.001)
        held.set()
        assert {call.exception().trouble for call in calls} == {Trouble.RATE_LIMITED}
        assert asked.ask(judging()).value == CHOICE


def test_too_much_is_waited_out_and_tried_again() -> None:
    """By who asks one thing; who asks about many entries is told at once, to ask for fewer."""
    turns = Turns(failing(429, retry_after="0"), completion())
    with LoopbackServer({"*": turns}) as server, model(server.url()) as asked:
        assert asked.ask(judging()).value == CHOICE
        assert (asked.use().rate_limited, asked.use().retries) == (1, 1)
    with LoopbackServer({"*": failing(429, retry_after="0")}) as server, model(server.url()) as asked:
        error = trouble_of(asked, ENTRY)
        assert (error.trouble, error.after) == (Trouble.RATE_LIMITED, 0.0)
        assert len(server.seen) == 1


@pytest.mark.parametrize(
    ("reply", "calls"),
    [
        (completion("no JSON"), 1),
        (failing(500), 1),
        (failing(429, retry_after="0"), 1),
        (completion(finish_reason="length"), 2),
    ],
)
def test_a_section_is_asked_again_by_whoever_reads_it_and_not_here_as_well(reply: Reply, calls: int) -> None:
    """Three tries, not nine; only what was cut is asked for here, with more room."""
    section = judging(task=Task.SECTION, schema=SCHEMAS[Task.SECTION], text='{"pages": []}')
    with LoopbackServer({"*": reply}) as server, model(server.url()) as asked:
        assert trouble_of(asked, section).trouble.may_pass
        assert len(server.seen) == calls


def test_nobody_waits_longer_than_patience_has_it() -> None:
    """All further calls are refused here until the provider wants us back."""
    with LoopbackServer({"*": failing(429, retry_after="600")}) as server, model(server.url()) as asked:
        assert trouble_of(asked).after == 600.0
        later = trouble_of(asked)
        assert (later.trouble, len(server.seen)) == (Trouble.RATE_LIMITED, 1)
        assert later.after == pytest.approx(600.0, abs=5.0)
        assert asked.use().rate_limited == 1


def test_without_credits_or_key_nothing_more_is_asked() -> None:
    """For a while; the provider's word stands in the error."""
    for reply, trouble in (failing(402), Trouble.BUDGET_GONE), (failing(401), Trouble.KEY_REFUSED):
        with LoopbackServer({"*": reply}) as server, model(server.url()) as asked:
            assert {trouble_of(asked).trouble, trouble_of(asked).trouble} == {trouble}
            assert len(server.seen) == 1


def test_a_day_s_budget_that_is_gone_ends_calls_before_they_are_made() -> None:
    with LoopbackServer({"*": completion()}) as server, model(server.url(), uses=Uses(requests=1)) as asked:
        asked.ask(judging("one"))
        error = trouble_of(asked, judging("two"))
        assert (error.trouble, error.after, len(server.seen)) == (Trouble.BUDGET_GONE, 3_600.0, 1)


def test_a_good_answer_is_remembered_for_model_prompt_form_and_content() -> None:
    """A remembered one costs nothing and is asked for nowhere; whatever differs is another question."""
    cache = Cache()
    question = judging("same")
    others = [
        replace(question, text="other"),
        replace(question, version="2"),
        replace(question, system="You judge well."),
        replace(question, schema=dict(SCHEMAS[Task.JUDGE]) | {"title": "x"}),
    ]
    with LoopbackServer({"*": completion()}) as server:
        with model(server.url(), cache=cache) as asked:
            assert not asked.is_remembered(question)
            asked.ask(question)
        with model(server.url(), cache=cache) as asked:
            assert asked.is_remembered(question)
            answer = asked.ask(replace(question, most_tokens=5))
            assert (answer.value, answer.is_remembered, answer.tokens) == (CHOICE, True, Tokens())
            assert (asked.use().remembered, asked.use().requests) == (1, 0)
            assert not any(asked.is_remembered(one) for one in others)
        with model(server.url(), cache=cache, model="reader-2") as asked:
            assert not asked.is_remembered(question)
    assert len(server.seen) == 1


@pytest.mark.parametrize("body", [b"\xff", b"[]", b'{"value": {"choice": 1}, "model": ""}', None])
def test_what_is_remembered_wrongly_is_asked_for_anew(body: bytes | None) -> None:
    cache = Cache()
    with LoopbackServer({"*": completion()}) as server, model(server.url(), cache=cache) as asked:
        asked.ask(judging())
        cache.kept = {key: replace(one, body=body) for key, one in cache.kept.items()}
        assert not asked.ask(judging()).is_remembered
        cache.kept = {key: replace(one, stored_at=0.0) for key, one in cache.kept.items()}
        assert not asked.is_remembered(judging())


def test_requests_stand_in_the_ledger_as_the_model_s() -> None:
    ledger = Ledger()
    with LoopbackServer({"*": completion()}) as server, model(server.url(), ledger=ledger) as asked:
        asked.ask(judging())
    assert set(ledger.purposes) == {"language-model"}


def test_what_nobody_trusts_is_not_connected_to() -> None:
    """The guard of addresses holds for models as for services."""
    with LoopbackServer({"*": completion()}) as server, model(server.url(), allow=()) as asked:
        assert trouble_of(asked).trouble is Trouble.BAD_REQUEST
        assert server.connections == 0


def test_offline_only_a_server_of_this_machine_is_asked() -> None:
    with model("https://api.example.org/v1", is_offline=True) as asked:
        assert trouble_of(asked).trouble is Trouble.OFFLINE
    with (
        LoopbackServer({"*": completion()}) as server,
        model("https://api.example.org/v1", server.url(), is_offline=True) as asked,
    ):
        assert asked.ask(judging()).value == CHOICE


def test_a_model_of_texts_takes_no_files(tmp_path: Any) -> None:
    file = RemoteFile(Provider.COMPATIBLE, "", "files/1")
    with LoopbackServer({"*": completion()}) as server, model(server.url()) as asked:
        assert trouble_of(asked, judging(files=(file,))).trouble is Trouble.BAD_REQUEST
        with pytest.raises(ModelError):
            asked.upload(tmp_path / "x.pdf", timeout_s=1.0)
        asked.delete(file)
        assert asked.clean_up() == 0


@pytest.mark.parametrize(
    "given",
    [
        {"provider": Provider.OPENAI, "key": None},
        {"provider": Provider.AZURE, "base_urls": ()},
        {"model": " "},
        {"base_urls": ("ftp://x",)},
        {"base_urls": ("http://",)},
        {"base_urls": ("http://[x",)},
        {"base_urls": ("https://me:secret@x/v1",)},
        {"base_urls": ("https://x/v1?key=secret",)},
    ],
)
def test_what_is_missing_or_wrong_is_said_at_once(given: dict[str, Any]) -> None:
    """Without saying what was meant to be secret."""
    place = ModelPlace(
        **{"provider": Provider.COMPATIBLE, "model": "m", "base_urls": ("http://x",), "key": "k", **given}
    )
    with pytest.raises(NeedsConfiguration) as raised:
        completed(place)
    assert "secret" not in str(raised.value)


def test_providers_have_addresses_of_their_own() -> None:
    assert base_urls_of(Provider.OLLAMA) == ("http://127.0.0.1:11434/v1",)
    assert base_urls_of(Provider.OPENAI, (" http://x/v1/ ", "http://x/v1")) == ("http://x/v1",)


def test_one_question_goes_ahead_where_prompts_are_kept_and_paid_for() -> None:
    """Servers of one's own gain nothing by waiting; the setting has the last word."""
    place = ModelPlace(provider=Provider.COMPATIBLE, model="m", base_urls=("https://api.deepseek.com",))
    assert warms_up(place)
    assert not warms_up(replace(place, base_urls=("http://127.0.0.1:1234/v1",)))
    assert not warms_up(replace(place, warm_up=False))
    assert [one for one in Provider if not warms_up(replace(place, provider=one))] == [Provider.OLLAMA, Provider.VLLM]
