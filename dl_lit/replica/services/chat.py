"""Chat completions as OpenAI, OpenRouter, Azure, Ollama, vLLM and their like serve them, told apart by their paths.

`/v1` is OpenAI or a server of one's own, `/api/v1` OpenRouter, `/openai` Azure. Shapes: recorded answers of OpenAI and
OpenRouter; https://platform.openai.com/docs/api-reference/chat, https://openrouter.ai/docs/api/reference/errors and
https://learn.microsoft.com/azure/ai-foundry/openai/reference (read 2026-11-23).
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from dl_lit.replica.faults import Fault, FaultKind, retry_after
from dl_lit.replica.language.model import SPOILT, Call, Ending, Model, Reply, attached
from dl_lit.replica.wire import Header, Plan, Refusal, Request, Response, json_object, json_response

_PADDING = "\n         \n" * 40
_FINISH = {
    Ending.STOP: "stop",
    Ending.LENGTH: "length",
    Ending.REFUSED: "stop",
    Ending.SAFETY: "content_filter",
    Ending.RECITATION: "content_filter",
    Ending.ERROR: "error",
}
_TYPES = {400: "invalid_request_error", 401: "invalid_request_error", 402: "insufficient_quota", 429: "requests"}


class Chat:
    """One server of chat completions."""

    def __init__(self, model: Model, site: str) -> None:
        """`site` is the name of its limits."""
        self._model = model
        self._site = site

    def plan(self, request: Request) -> Plan:
        """A completion, or what else such servers tell of themselves."""
        path = request.path.rstrip("/")
        router = path.startswith("/api/v1")
        if path.endswith("/chat/completions") and request.method == "POST":
            return self._completion(request, router=router)
        if request.method == "GET" and path.endswith(("/health", "/api/version")):
            return Plan(kind="other", answer=partial(json_response, {"version": "0.13.0"}), spoil=self._spoil_other)
        if not self._model.takes(_key(request)):
            return Plan(kind="other", answer=partial(_error, 401, "Incorrect API key provided.", router=router))
        if request.method == "GET" and path.endswith("/models"):
            listed = {"object": "list", "data": [{"id": "replica/reader", "object": "model", "owned_by": "replica"}]}
            return Plan(kind="list", answer=partial(json_response, listed), spoil=self._spoil_other)
        if request.method == "GET" and path == "/api/v1/key":
            told = {
                "data": {"label": "replica", "limit": None, "usage": self._model.account.cost, "is_free_tier": False}
            }
            return Plan(kind="list", answer=partial(json_response, told), spoil=self._spoil_other)
        return Plan(kind="other", answer=partial(_error, 404, f"Unknown request URL: {path}.", router=router))

    def _completion(self, request: Request, *, router: bool) -> Plan:
        path, key = request.path, _key(request)
        asked = json_object(request.body)
        if not self._model.takes(key) or (key is None and (router or path.startswith("/openai/"))):
            return Plan(kind="ask", answer=partial(_error, 401, "No auth credentials found", router=router))
        problem = _problem(asked)
        if problem is not None:
            return Plan(kind="ask", answer=partial(_error, 400, problem, router=router))
        if path.startswith("/openai/deployments/") and "api-version" not in request.params():
            return Plan(kind="ask", answer=partial(_error, 404, "Resource not found", router=router))
        call = self._call(asked)
        lane = "chat/free" if str(asked.get("model", "")).endswith(":free") else self._site

        def answered(kind: FaultKind | None = None) -> Response:
            body = _body(asked, self._model.reply(call, kind), self._model, router=router)
            return _padded(body) if router else json_response(body, _told(remaining=9_998))

        def spoil(fault: Fault) -> Response | None:
            if fault.kind in SPOILT:
                return answered(fault.kind)
            if fault.kind is FaultKind.PADDED:
                return _padded(_body(asked, self._model.reply(call), self._model, router=router))
            if fault.kind is FaultKind.ERROR_INSIDE:
                code = fault.status or 502
                return json_response({"id": "gen-replica", "error": {"code": code, "message": _message(code)}})
            return self._spoil_other(fault, router=router)

        return Plan(
            kind=call.kind,
            answer=answered,
            lane=lane,
            refuse=partial(_refuse, router=router),
            about=call.about,
            spoil=spoil,
        )

    def _spoil_other(self, fault: Fault, *, router: bool = False) -> Response | None:
        """Errors in the provider's own form."""
        statuses = {FaultKind.SERVER_ERROR: fault.status or 503, FaultKind.FORBIDDEN: 403, FaultKind.NOT_FOUND: 404}
        status = statuses.get(fault.kind)
        return _error(status, _message(status), retry_after(fault), router=router) if status else None

    def _call(self, asked: Mapping[str, Any]) -> Call:
        parts = [json.dumps(asked.get("response_format"), sort_keys=True)]
        files = []
        for message in asked["messages"]:
            content = message.get("content")
            for part in content if isinstance(content, list) else [{"type": "text", "text": content}]:
                if part.get("type") == "file":
                    files.append(("", attached(part.get("file", {}).get("file_data"))))
                else:
                    parts.append(str(part.get("text") or ""))
        most = asked.get("max_completion_tokens") or asked.get("max_tokens")
        return self._model.call(str(asked["model"]), parts, files=files, most_tokens=most)


def _key(request: Request) -> str | None:
    return request.headers.get("authorization", "").removeprefix("Bearer ").strip() or request.headers.get("api-key")


def _problem(asked: Mapping[str, Any]) -> str | None:
    """What is wrong with a request, None where it is sound."""
    if not isinstance(asked.get("model"), str):
        return "you must provide a model parameter"
    messages = asked.get("messages")
    if not isinstance(messages, list) or not all(isinstance(one, dict) and "role" in one for one in messages):
        return "Invalid type for 'messages': expected an array of objects."
    form = asked.get("response_format") or {}
    if form.get("type") == "json_schema":
        given = form.get("json_schema") or {}
        if not isinstance(given.get("name"), str):
            return "Missing required parameter: 'response_format.json_schema.name'."
        if given.get("strict") and (where := loose(given.get("schema"))):
            return f"Invalid schema for response_format '{given['name']}': In context={where}."
    return None


def loose(schema: Any, where: Sequence[str] = ()) -> str | None:
    """Where a schema is not strict (an object that allows more, or does not require all it names); None: nowhere."""
    if not isinstance(schema, dict):
        return None
    properties = schema.get("properties") or {}
    if "object" in schema.get("type", "") and (
        schema.get("additionalProperties") is not False or set(schema.get("required") or ()) != set(properties)
    ):
        return str(tuple(where))
    inner = [(name, value) for name, value in properties.items()] + [("items", schema.get("items"))]
    return next((found for name, value in inner if (found := loose(value, (*where, name)))), None)


def _body(asked: Mapping[str, Any], reply: Reply, model: Model, *, router: bool) -> dict[str, Any]:
    usage = reply.usage
    counts: dict[str, Any] = {
        "prompt_tokens": usage.input,
        "completion_tokens": usage.output,
        "total_tokens": usage.input + usage.output,
        "prompt_tokens_details": {"cached_tokens": usage.cached, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
    }
    is_refused = reply.ending is Ending.REFUSED
    choice: dict[str, Any] = {
        "index": 0,
        "message": {
            "role": "assistant",
            "content": None if is_refused else reply.text,
            "refusal": reply.text if is_refused else None,
        },
        "logprobs": None,
        "finish_reason": _FINISH[reply.ending],
    }
    if router:
        counts |= {"cost": usage.cost(model.settings.prices), "is_byok": False}
        choice["native_finish_reason"] = choice["finish_reason"]
        if reply.ending is Ending.ERROR:
            choice["error"] = {"code": 502, "message": _message(502)}
    number = model.account.answers
    return {
        "id": f"gen-{number}" if router else f"chatcmpl-{number}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": asked["model"],
        **({"provider": "Replica"} if router else {"service_tier": "default"}),
        "choices": [choice],
        "usage": counts,
    }


def _padded(body: Any) -> Response:
    plain = json_response(body)
    return Response(plain.status, _PADDING.encode() + plain.body, plain.headers)


def _message(status: int) -> str:
    return {
        402: "Insufficient credits",
        429: "Rate limit reached for requests",
        502: "Provider returned error",
        503: "The server is overloaded or not ready yet.",
    }.get(status, "The server had an error while processing your request. Sorry about that!")


def _error(status: int, message: str, headers: Sequence[Header] = (), *, router: bool) -> Response:
    if router:
        return json_response({"error": {"code": status, "message": message}}, headers, status=status)
    code = {401: "invalid_api_key", 429: "rate_limit_exceeded", 402: "insufficient_quota"}.get(status)
    kind = _TYPES.get(status, "server_error" if status >= 500 else "invalid_request_error")
    error = {"message": message, "type": kind, "param": None, "code": code}
    return json_response({"error": error}, headers, status=status)


def _told(*, remaining: int, reset_s: float = 0.006) -> tuple[Header, ...]:
    """OpenAI's headers about its limits."""
    reset = f"{reset_s * 1000:.0f}ms" if reset_s < 1.0 else f"{reset_s:.3f}s"
    return (
        ("x-ratelimit-limit-requests", "10000"),
        ("x-ratelimit-remaining-requests", str(remaining)),
        ("x-ratelimit-reset-requests", reset),
    )


def _refuse(refusal: Refusal, *, router: bool) -> Response:
    if router:
        headers: tuple[Header, ...] = (
            ("x-ratelimit-limit", "20"),
            ("x-ratelimit-remaining", "0"),
            ("x-ratelimit-reset", f"{(time.time() + refusal.wait_s) * 1000:.0f}"),
        )
        return _error(429, "Rate limit exceeded: free-models-per-min.", headers, router=True)
    headers = (
        *_told(remaining=0, reset_s=refusal.wait_s),
        ("retry-after-ms", f"{refusal.wait_s * 1000:.0f}"),
        ("retry-after", f"{max(1, round(refusal.wait_s))}"),
    )
    return _error(429, "Rate limit reached for requests", headers, router=False)
