"""Anthropic's Messages and Files APIs.

Shapes: https://docs.claude.com/en/api/messages, https://docs.claude.com/en/api/files-create and its siblings,
https://docs.claude.com/en/api/errors and https://docs.claude.com/en/api/rate-limits (read 2026-11-23).
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

from dl_lit.replica.faults import Fault, FaultKind, retry_after
from dl_lit.replica.language.files import StoredFile
from dl_lit.replica.language.model import SPOILT, Ending, Model, Reply, attached
from dl_lit.replica.services.chat import loose
from dl_lit.replica.services.grobid import form_parts
from dl_lit.replica.wire import Header, Plan, Refusal, Request, Response, json_object, json_response, plain

_FILE = re.compile(r"/files/(file_[A-Za-z0-9]+)$")
_BETA = "files-api-"
_FILES = "anthropic/files"
_MOST_MARKS = 4
_FINISH = {
    Ending.STOP: "end_turn",
    Ending.LENGTH: "max_tokens",
    Ending.REFUSED: "refusal",
    Ending.SAFETY: "refusal",
    Ending.RECITATION: "refusal",
    Ending.ERROR: "refusal",
}
_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    500: "api_error",
    504: "timeout_error",
    529: "overloaded_error",
}


class Anthropic:
    """The API at one address."""

    def __init__(self, model: Model) -> None:
        """Answers as `model` does and keeps its files."""
        self._model = model

    def plan(self, request: Request) -> Plan:
        """Whatever the path and the method ask for."""
        path, method = request.path.rstrip("/"), request.method
        key = request.headers.get("x-api-key")
        if key is None or not self._model.takes(key):
            return plain(_error(401, "invalid x-api-key"))
        if "anthropic-version" not in request.headers:
            return plain(_error(400, "anthropic-version: header is required"))
        if path.endswith("/messages") and method == "POST":
            return self._message(request)
        if path.endswith("/models") and method == "GET":
            listed = {"data": [{"type": "model", "id": "replica-reader"}], "has_more": False}
            return Plan(kind="list", answer=partial(json_response, listed), spoil=_spoil)
        if _BETA not in request.headers.get("anthropic-beta", ""):
            return plain(_error(404, "Not found"))
        found = _FILE.search(path)
        if found and method in {"GET", "DELETE"}:
            kind, answer = ("delete", self._delete) if method == "DELETE" else ("state", self._state)
            return _about_file(kind, partial(answer, found[1]), found[1])
        if path.endswith("/files") and method == "GET":
            return Plan(kind="list", answer=partial(self._list, request), lane=_FILES, refuse=_refuse, spoil=_spoil)
        if path.endswith("/files") and method == "POST":
            return self._upload(request)
        return plain(_error(404, "Not found"))

    # Files

    def _upload(self, request: Request) -> Plan:
        content = form_parts(request).get("file")
        if content is None:
            return plain(_error(400, "file: Field required"), kind="upload")
        named = re.search(rb'filename="([^"]*)"', request.body[:4_096])
        kind = re.search(rb"(?i)\r\ncontent-type:\s*([^\r\n]+)", request.body[:4_096])
        stored = self._model.files.announce(
            "file_011C",
            named[1].decode(errors="replace") if named else "",
            kind[1].decode() if kind else "application/octet-stream",
            len(content),
            time.time(),
        )

        def received(fault: FaultKind | None = None) -> Response:
            self._model.receive(stored, content, fault)
            return json_response(_told(stored))

        def spoil(fault: Fault) -> Response | None:
            return received(fault.kind) if fault.kind is FaultKind.FILE_GONE else _spoil(fault)

        return Plan(kind="upload", answer=received, lane=_FILES, refuse=_refuse, about=stored.name, spoil=spoil)

    def _state(self, name: str) -> Response:
        stored = self._model.files.get(name)
        return json_response(_told(stored)) if stored else _no_file(name)

    def _delete(self, name: str) -> Response:
        gone = {"id": name, "type": "file_deleted"}
        return json_response(gone) if self._model.files.delete(name) else _no_file(name)

    def _list(self, request: Request) -> Response:
        params = request.params()
        left, after = self._model.files.left(), params.get("after_id")
        names = [stored.name for stored in left]
        start = names.index(after) + 1 if after in names else 0
        page = left[start : start + int(params.get("limit") or 20)]
        return json_response(
            {
                "data": [_told(stored) for stored in page],
                "has_more": start + len(page) < len(left),
                "first_id": page[0].name if page else None,
                "last_id": page[-1].name if page else None,
            }
        )

    # Answers

    def _message(self, request: Request) -> Plan:
        asked = json_object(request.body)
        problem = _problem(asked)
        if problem is not None:
            return plain(_error(400, problem), kind="ask")
        texts, marks, files, missing = self._parts(asked)
        if len(marks) > _MOST_MARKS:
            told = f"A maximum of 4 blocks with cache_control may be provided. Found {len(marks)}."
            return plain(_error(400, told), kind="ask")
        if missing is not None:
            return plain(_no_file(missing), kind="ask")
        if asked.get("cache_control") and texts:
            marks.append(len(texts) - 1)
        call = self._model.call(asked["model"], texts, marks=marks, files=files, most_tokens=asked["max_tokens"])

        def answered(kind: FaultKind | None = None) -> Response:
            return json_response(_body(asked, self._model.reply(call, kind), self._model), _limits(999))

        def spoil(fault: Fault) -> Response | None:
            if fault.kind in SPOILT:
                return answered(fault.kind)
            if fault.kind is FaultKind.PADDED:
                plain = answered()
                return Response(200, b" \n" * 200 + plain.body, plain.headers)
            if fault.kind is FaultKind.ERROR_INSIDE:
                return json_response(_error_body(fault.status or 529, "Overloaded"))
            return _spoil(fault)

        return Plan(kind=call.kind, answer=answered, lane="anthropic", refuse=_refuse, about=call.about, spoil=spoil)

    def _parts(self, asked: Mapping[str, Any]) -> tuple[list[str], list[int], list[tuple[str, bytes]], str | None]:
        """Texts in the order in which they are cached, which of them are marked, files, and one that is not there."""
        texts: list[str] = []
        marks: list[int] = []
        files: list[tuple[str, bytes]] = []
        form = asked.get("output_config") or asked.get("output_format") or {}
        blocks: list[dict[str, Any]] = [{"text": json.dumps([asked.get("tools"), form], sort_keys=True)}]
        system = asked.get("system") or []
        blocks += [{"text": system}] if isinstance(system, str) else system
        for message in asked["messages"]:
            content = message.get("content") or []
            blocks += [{"text": content}] if isinstance(content, str) else content
        for block in blocks:
            source = block.get("source") or {}
            if source.get("type") == "file":
                stored = self._model.files.get(str(source.get("file_id")))
                if stored is None or stored.content is None:
                    return texts, marks, files, str(source.get("file_id"))
                files.append((stored.name, stored.content))
                texts.append(stored.digest)
            elif source:
                content = attached(source.get("data"))
                files.append(("", content))
                texts.append(str(source.get("data")))
            else:
                texts.append(str(block.get("text") or ""))
            if block.get("cache_control"):
                marks.append(len(texts) - 1)
        return texts, marks, files, None


def _about_file(kind: str, answer: partial[Response], name: str) -> Plan:
    return Plan(kind=kind, answer=answer, lane=_FILES, refuse=_refuse, about=name, spoil=_spoil)


def _problem(asked: Any) -> str | None:
    """What is wrong with a request, None where it is sound."""
    if not isinstance(asked, dict):
        return "The request body is not valid JSON"
    for name, kind in (("model", str), ("max_tokens", int), ("messages", list)):
        if not isinstance(asked.get(name), kind):
            return f"{name}: Field required"
    form = (asked.get("output_config") or {}).get("format") or asked.get("output_format") or {}
    if form and (form.get("type") != "json_schema" or loose(form.get("schema"))):
        return "output_config.format.schema: For 'object' type, 'additionalProperties' must be explicitly set to false"
    return None


def _body(asked: Mapping[str, Any], reply: Reply, model: Model) -> dict[str, Any]:
    usage = reply.usage
    content: list[dict[str, Any]] = [{"type": "text", "text": reply.text}] if reply.text else []
    finish = _FINISH[reply.ending]
    choice = asked.get("tool_choice") or {}
    if choice.get("type") in {"tool", "any"} and reply.ending is Ending.STOP:
        name = choice.get("name") or asked["tools"][0]["name"]
        try:
            given = json.loads(reply.text)
        except ValueError:
            given = {}
        content = [{"type": "tool_use", "id": f"toolu_{model.account.answers}", "name": name, "input": given}]
        finish = "tool_use"
    return {
        "id": f"msg_{model.account.answers}",
        "type": "message",
        "role": "assistant",
        "model": asked["model"],
        "content": content,
        "stop_reason": finish,
        "stop_sequence": None,
        "usage": {
            "input_tokens": usage.input - usage.cached - usage.written,
            "cache_creation_input_tokens": usage.written,
            "cache_read_input_tokens": usage.cached,
            "output_tokens": usage.output,
            "service_tier": "standard",
        },
    }


def _told(stored: StoredFile) -> dict[str, Any]:
    return {
        "id": stored.name,
        "type": "file",
        "filename": stored.display_name,
        "mime_type": stored.content_type,
        "size_bytes": len(stored.content or b""),
        "created_at": datetime.fromtimestamp(stored.created, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "downloadable": False,
    }


def _error_body(status: int, message: str) -> dict[str, Any]:
    kind = _TYPES.get(status, "api_error")
    return {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_replica"}


def _error(status: int, message: str, headers: Sequence[Header] = ()) -> Response:
    return json_response(_error_body(status, message), (("request-id", "req_replica"), *headers), status=status)


def _no_file(name: str) -> Response:
    return _error(404, f"File not found: {name}")


def _spoil(fault: Fault) -> Response | None:
    """Errors in Anthropic's own form."""
    statuses = {FaultKind.SERVER_ERROR: fault.status or 529, FaultKind.FORBIDDEN: 403, FaultKind.NOT_FOUND: 404}
    status = statuses.get(fault.kind)
    if status is None:
        return None
    return _error(status, "Overloaded" if status == 529 else "Internal server error", retry_after(fault))


def _limits(remaining: int, wait_s: float = 0.06) -> tuple[Header, ...]:
    reset = datetime.fromtimestamp(time.time() + wait_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return (
        ("anthropic-ratelimit-requests-limit", "1000"),
        ("anthropic-ratelimit-requests-remaining", str(remaining)),
        ("anthropic-ratelimit-requests-reset", reset),
    )


def _refuse(refusal: Refusal) -> Response:
    headers = (*_limits(0, refusal.wait_s), ("retry-after", f"{max(1, round(refusal.wait_s))}"))
    return _error(429, "This request would exceed the rate limit for your organization.", headers)
