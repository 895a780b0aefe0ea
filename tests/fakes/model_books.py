"""The books of a language model in memory, and models that are asked on this machine."""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from dl_lit.core.clock import Clock, SystemClock
from dl_lit.core.hosts import AddressRules
from dl_lit.core.language import Claims, Provider, Question, RemoteFile, RemoteLeft, Task, Tokens
from dl_lit.core.memory import AnswerCache, Kept, NetworkLedger, ToKeep
from dl_lit.core.model_tasks import SCHEMAS
from dl_lit.core.sharing import SharedStates
from dl_lit.net.connections import shared_client
from dl_lit.net.language.model import HttpLanguageModel
from dl_lit.net.language.place import CallLimits, ModelPlace
from tests.fakes.loopback_server import Reply, Seen

KEY = "sk-very-secret"


class Uploads:
    """A book of uploads in memory; `before` are those of earlier processes, `lines` what was written, in order."""

    def __init__(self, *before: RemoteLeft) -> None:
        self.open: dict[str, RemoteFile | None] = {one.id: one.file for one in before}
        self.before = list(before)
        self.lines: list[str] = []
        self.is_full = False
        self._lock = threading.Lock()

    def begin(self, provider: Provider, base_url: str) -> str:
        if self.is_full:
            raise OSError("no space")
        with self._lock:
            id_ = f"id{len(self.lines)}"
            self.open[id_] = None
            self.lines.append("begun")
        return id_

    def named(self, id: str, file: RemoteFile) -> None:
        with self._lock:
            self.open[id] = file
            self.lines.append("named")

    def gone(self, id: str) -> None:
        with self._lock:
            self.open.pop(id, None)
            self.lines.append("gone")

    def left(self) -> Sequence[RemoteLeft]:
        return [one for one in self.before if one.id in self.open]


class Uses:
    """A book of use in memory."""

    def __init__(self, *, requests: int | None = None) -> None:
        self.left = requests
        self.taken = 0
        self.tokens = Tokens()
        self._lock = threading.Lock()

    def take(self, now: float) -> float | None:
        with self._lock:
            if self.left is not None and self.taken >= self.left:
                return 3_600.0
            self.taken += 1
            return None

    def add(self, tokens: Tokens, now: float) -> None:
        with self._lock:
            self.tokens += tokens


class Cache:
    """An answer cache in memory."""

    def __init__(self, clock: Clock | None = None) -> None:
        self.kept: dict[str, Kept] = {}
        self._clock = clock or SystemClock()

    def get_many(self, service: str, keys: Sequence[str]) -> Mapping[str, Kept]:
        return {key: self.kept[key] for key in keys if key in self.kept}

    def put_many(self, service: str, answers: Sequence[ToKeep]) -> None:
        self.kept.update({one.key: Kept(one.body, self._clock.time()) for one in answers})

    def flush(self) -> None:
        pass

    def close(self) -> None:
        pass


def limits(**given: Any) -> CallLimits:
    """Limits that keep no test waiting."""
    usual: dict[str, Any] = {
        "at_once": 50,
        "per_minute": 600_000,
        "try_again_s": 0.001,
        "timeout_s": 5.0,
        "patience_s": 5.0,
        "poll_s": 0.001,
        "delete_timeout_s": 5.0,
    }
    return CallLimits(**{**usual, **given})


@contextmanager
def model(
    *urls: str,
    provider: Provider = Provider.COMPATIBLE,
    uploads: Uploads | None = None,
    uses: Uses | None = None,
    cache: AnswerCache | None = None,
    clock: Clock | None = None,
    states: SharedStates | None = None,
    claims: Claims | None = None,
    ledger: NetworkLedger | None = None,
    allow: Sequence[str] = ("127.0.0.0/8",),
    only: CallLimits | None = None,
    **place: Any,
) -> Iterator[HttpLanguageModel]:
    """A model at these addresses, stopped and closed in the end."""
    client = shared_client(
        user_agent="dl_lit/test", trusted=AddressRules(allow), public=AddressRules(), ledger=ledger, connections=100
    )
    asked = HttpLanguageModel(
        ModelPlace(**{"provider": provider, "model": "reader-1", "base_urls": urls, "key": KEY, **place}),
        only or limits(),
        client=client,
        clock=clock or SystemClock(),
        rng=random.Random(7),
        uses=uses or Uses(),
        uploads=uploads or Uploads(),
        states=states,
        cache=cache,
        claims=claims,
    )
    try:
        yield asked
    finally:
        asked.stop()
        client.close()


def judging(text: str = "{}", **given: Any) -> Question:
    """A question with a short answer."""
    usual: dict[str, Any] = {
        "task": Task.JUDGE,
        "version": "1",
        "system": "You judge.",
        "text": text,
        "schema": SCHEMAS[Task.JUDGE],
    }
    return Question(**{**usual, **given})


CHOICE = {"choice": 1, "why": "the same title"}


def completion(value: Any = None, *, pad: bytes = b"", headers: dict[str, str] | None = None, **given: Any) -> Reply:
    """A chat completion whose text is `value`; `given` stands beside it in the choice or (usage, error) the answer."""
    text = value if isinstance(value, str) else json.dumps(CHOICE if value is None else value)
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    whole = {"model": "reader-1-2026", "usage": {"prompt_tokens": 100, "completion_tokens": 20}}
    whole |= {name: one for name, one in given.items() if name in {"usage", "error", "choices"}}
    choice |= {name: one for name, one in given.items() if name in {"message", "finish_reason"}}
    whole.setdefault("choices", [choice])
    return Reply(200, {"Content-Type": "application/json", **(headers or {})}, pad + json.dumps(whole).encode())


def failing(status: int, error: Any = None, **headers: str) -> Reply:
    """A refusal."""
    body = json.dumps({"error": error if error is not None else {"message": "no"}}).encode()
    return Reply(status, {name.replace("_", "-"): value for name, value in headers.items()}, body)


class Turns:
    """A route that answers with these, one after another, and with the last one from then on."""

    def __init__(self, *replies: Reply) -> None:
        self._replies = list(replies)
        self._lock = threading.Lock()
        self.bodies: list[Any] = []

    def __call__(self, seen: Seen) -> Reply:
        with self._lock:
            self.bodies.append(json.loads(seen.body) if seen.body else None)
            return self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]
