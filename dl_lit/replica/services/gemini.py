"""Gemini's API for developers: files that are uploaded, take a while and are deleted, and answers about them.

Shapes: https://ai.google.dev/api/files, https://ai.google.dev/api/generate-content and
https://ai.google.dev/gemini-api/docs/troubleshooting (read 2026-11-23). A file that is not there is answered with 403,
as https://github.com/google-gemini/deprecated-generative-ai-python/issues/692 and others tell.
"""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from dl_lit.replica.faults import Fault, FaultKind, retry_after
from dl_lit.replica.language.files import FileState, StoredFile
from dl_lit.replica.language.model import SPOILT, Call, Ending, Model, Reply, attached
from dl_lit.replica.wire import Header, Plan, Refusal, Request, Response, json_object, json_response, plain

_FILE = re.compile(r"/files/([a-z0-9-]+)$")
_GENERATE = re.compile(r"/models/([^/:]+):generateContent$")
_KEPT = timedelta(hours=48)
_FILES = "gemini/files"
_FINISH = {
    Ending.STOP: "STOP",
    Ending.LENGTH: "MAX_TOKENS",
    Ending.REFUSED: "PROHIBITED_CONTENT",
    Ending.SAFETY: "SAFETY",
    Ending.RECITATION: "RECITATION",
    Ending.ERROR: "OTHER",
}
_STATUSES = {
    400: "INVALID_ARGUMENT",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}


class Gemini:
    """The API at one address."""

    def __init__(self, model: Model) -> None:
        """Answers as `model` does and keeps its files."""
        self._model = model

    def plan(self, request: Request) -> Plan:
        """Whatever the path and the method ask for."""
        path, method = request.path.rstrip("/"), request.method
        key = request.headers.get("x-goog-api-key") or request.params().get("key")
        if key is None:
            return plain(_error(403, "Method doesn't allow unregistered callers. Please use API Key."))
        if not self._model.takes(key):
            return plain(_error(400, "API key not valid. Please pass a valid API key."))
        found = _GENERATE.search(path)
        if found and method == "POST":
            return self._generate(request, found[1])
        if path.startswith("/upload/") and method in {"POST", "PUT"}:
            return self._upload(request)
        found = _FILE.search(path)
        if found:
            return self._file(found[1], method)
        if path.endswith("/files") and method == "GET":
            return Plan(kind="list", answer=partial(self._list, request), lane=_FILES, refuse=_refuse, spoil=_spoil)
        if path.endswith("/models") and method == "GET":
            listed = {"models": [{"name": "models/replica-reader", "inputTokenLimit": 1_048_576}]}
            return Plan(kind="list", answer=partial(json_response, listed), spoil=_spoil)
        return plain(_error(404, "Requested entity was not found."))

    # Files

    def _upload(self, request: Request) -> Plan:
        """The first step of an upload that can be resumed, its second, or one of a single step."""
        commands = {one.strip() for one in request.headers.get("x-goog-upload-command", "").split(",")}
        if "upload" in commands:
            stored = self._model.files.announced(request.params().get("upload_id", ""))
            if stored is None:
                return plain(_error(404, "Requested entity was not found."))
            if "finalize" not in commands or request.headers.get("x-goog-upload-offset", "0") != "0":
                return plain(_error(400, "The replica takes uploads in one piece."))
            return self._receiving(stored, request.body)
        if "start" in commands:
            told = json_object(request.body).get("file") or {}
            kind = request.headers.get("x-goog-upload-header-content-type", "application/octet-stream")
            size = int(request.headers.get("x-goog-upload-header-content-length") or 0)
            stored = self._announce(told, kind, size)
            return Plan(
                kind="upload-start",
                answer=partial(self._started, request, stored),
                lane=_FILES,
                refuse=_refuse,
                about=f"files/{stored.name}",
                spoil=_spoil,
            )
        if request.headers.get("x-goog-upload-protocol") == "multipart":
            told, kind, content = _related(request)
            return self._receiving(self._announce(told.get("file") or {}, kind, len(content)), content)
        return plain(_error(400, "Upload protocol is not known."))

    def _announce(self, told: Mapping[str, Any], kind: str, size: int) -> StoredFile:
        shown = str(told.get("displayName") or told.get("display_name") or "")
        return self._model.files.announce("", shown, kind, size, time.time())

    def _started(self, request: Request, stored: StoredFile) -> Response:
        address = f"http://{request.headers.get('host', '')}{request.raw_path}?upload_id={stored.name}"
        headers = (
            ("content-type", "text/plain"),
            ("x-goog-upload-status", "active"),
            ("x-goog-upload-url", address),
            ("x-guploader-uploadid", stored.name),
        )
        return Response(200, b"", headers)

    def _receiving(self, stored: StoredFile, content: bytes) -> Plan:
        def received(kind: FaultKind | None = None) -> Response:
            self._model.receive(stored, content, kind)
            return json_response({"file": self._told(stored)}, (("x-goog-upload-status", "final"),))

        def spoil(fault: Fault) -> Response | None:
            if fault.kind in {FaultKind.FILE_FAILED, FaultKind.FILE_STUCK, FaultKind.FILE_GONE}:
                return received(fault.kind)
            return _spoil(fault)

        return Plan(
            kind="upload", answer=received, lane=_FILES, refuse=_refuse, about=f"files/{stored.name}", spoil=spoil
        )

    def _file(self, name: str, method: str) -> Plan:
        kind = {"GET": "state", "DELETE": "delete"}.get(method, "other")
        answer = partial(self._delete if method == "DELETE" else self._state, name)
        return Plan(kind=kind, answer=answer, lane=_FILES, refuse=_refuse, about=f"files/{name}", spoil=_spoil)

    def _state(self, name: str) -> Response:
        stored = self._model.files.get(name)
        return json_response(self._told(stored)) if stored else _no_file(name)

    def _delete(self, name: str) -> Response:
        return json_response({}) if self._model.files.delete(name) else _no_file(name)

    def _list(self, request: Request) -> Response:
        params = request.params()
        size, start = int(params.get("pageSize") or 10), int(params.get("pageToken") or 0)
        left = self._model.files.left()
        page: dict[str, Any] = {"files": [self._told(stored) for stored in left[start : start + size]]}
        if start + size < len(left):
            page["nextPageToken"] = str(start + size)
        return json_response(page if left else {})

    def _told(self, stored: StoredFile) -> dict[str, Any]:
        created = datetime.fromtimestamp(stored.created, UTC)
        state = self._model.files.state(stored, time.monotonic())
        told: dict[str, Any] = {
            "name": f"files/{stored.name}",
            "displayName": stored.display_name,
            "mimeType": stored.content_type,
            "sizeBytes": str(len(stored.content or b"")),
            "createTime": _moment(created),
            "updateTime": _moment(created),
            "expirationTime": _moment(created + _KEPT),
            "sha256Hash": base64.b64encode(stored.digest.encode()).decode(),
            "uri": f"https://generativelanguage.googleapis.com/v1beta/files/{stored.name}",
            "state": state.value,
            "source": "UPLOADED",
        }
        if state is FileState.FAILED:
            told["error"] = {"code": 13, "message": "The file could not be processed."}
        return told

    # Answers

    def _generate(self, request: Request, model: str) -> Plan:
        asked = json_object(request.body)
        problem = _problem(asked)
        if problem is not None:
            return plain(_error(400, problem), kind="ask")
        parts, files, missing = self._parts(asked)
        if missing is not None:
            return plain(missing, kind="ask")
        settings = asked.get("generationConfig") or asked.get("generation_config") or {}
        most = settings.get("maxOutputTokens") or settings.get("max_output_tokens")
        call = self._model.call(model, parts, files=files, most_tokens=most)

        def answered(kind: FaultKind | None = None) -> Response:
            return json_response(_body(model, call, self._model.reply(call, kind), self._model))

        def spoil(fault: Fault) -> Response | None:
            if fault.kind in SPOILT:
                return answered(fault.kind)
            if fault.kind is FaultKind.PADDED:
                plain = answered()
                return Response(200, b" \n" * 200 + plain.body, plain.headers)
            if fault.kind is FaultKind.ERROR_INSIDE:
                status = fault.status or 503
                return json_response(_error_body(status, "The model is overloaded. Please try again later."))
            return _spoil(fault)

        return Plan(kind=call.kind, answer=answered, lane="gemini", refuse=_refuse, about=call.about, spoil=spoil)

    def _parts(self, asked: Mapping[str, Any]) -> tuple[list[str], list[tuple[str, bytes]], Response | None]:
        """The texts and files of a request, and what is answered where one of its files cannot be asked about."""
        system = asked.get("systemInstruction") or asked.get("system_instruction") or {}
        settings = asked.get("generationConfig") or asked.get("generation_config") or {}
        texts = [json.dumps(settings.get("responseSchema") or settings.get("responseJsonSchema"), sort_keys=True)]
        texts += [str(part.get("text") or "") for part in system.get("parts") or ()]
        files: list[tuple[str, bytes]] = []
        for part in (part for content in asked["contents"] for part in content.get("parts") or ()):
            named = part.get("fileData") or part.get("file_data")
            inline = part.get("inlineData") or part.get("inline_data")
            if named:
                uri = str(named.get("fileUri") or named.get("file_uri") or "")
                name = uri.rpartition("/")[2]
                stored = self._model.files.get(name)
                if stored is None or stored.content is None:
                    return texts, files, _no_file(name)
                if self._model.files.state(stored, time.monotonic()) is not FileState.ACTIVE:
                    told = f"The File {name} is not in an ACTIVE state and usage is not allowed."
                    return texts, files, _error(400, told, status="FAILED_PRECONDITION")
                files.append((f"files/{name}", stored.content))
            elif inline:
                files.append(("", attached(inline.get("data"))))
            else:
                texts.append(str(part.get("text") or ""))
        return texts, files, None


def _related(request: Request) -> tuple[dict[str, Any], str, bytes]:
    """Metadata, type and content of an upload in a single step."""
    found = re.search(r'boundary="?([^";]+)', request.headers.get("content-type", ""))
    pieces = (b"\r\n" + request.body).split(b"\r\n--" + (found[1].encode() if found else b"\0"))[1:3]
    split = [piece.partition(b"\r\n\r\n") for piece in pieces]
    if len(split) != 2:
        return {}, "application/octet-stream", b""
    kind = re.search(rb"content-type:\s*([^\r\n;]+)", split[1][0], re.IGNORECASE)
    return json_object(split[0][2]), kind[1].decode() if kind else "application/octet-stream", split[1][2]


def _problem(asked: Mapping[str, Any]) -> str | None:
    """What is wrong with a request, None where it is sound."""
    contents = asked.get("contents")
    if not isinstance(contents, list) or not contents:
        return "* GenerateContentRequest.contents: contents is not specified"
    settings = asked.get("generationConfig") or asked.get("generation_config") or {}
    if _has_lists_of_types(settings.get("responseSchema")):
        return "Invalid JSON payload received. Unknown value at 'generation_config.response_schema' (type)"
    return None


def _has_lists_of_types(schema: Any) -> bool:
    """Whether a schema names several types at once, which only `responseJsonSchema` may."""
    if isinstance(schema, dict):
        return isinstance(schema.get("type"), list) or any(_has_lists_of_types(one) for one in schema.values())
    return isinstance(schema, list) and any(_has_lists_of_types(one) for one in schema)


def _body(model: str, call: Call, reply: Reply, of: Model) -> dict[str, Any]:
    usage = reply.usage
    candidate: dict[str, Any] = {"finishReason": _FINISH[reply.ending], "index": 0}
    if reply.ending in {Ending.STOP, Ending.LENGTH}:
        candidate["content"] = {"parts": [{"text": reply.text}], "role": "model"}
    counts = {
        "promptTokenCount": usage.input,
        "candidatesTokenCount": usage.output,
        "totalTokenCount": usage.input + usage.output,
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": usage.input}],
    }
    if usage.cached:
        counts["cachedContentTokenCount"] = usage.cached
    return {
        "candidates": [candidate],
        "usageMetadata": counts,
        "modelVersion": model,
        "responseId": f"{call.about.split()[1]}-{of.account.answers}",
    }


def _moment(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _error_body(status: int, message: str, name: str | None = None, details: Sequence[Any] = ()) -> dict[str, Any]:
    error: dict[str, Any] = {"code": status, "message": message, "status": name or _STATUSES.get(status, "UNKNOWN")}
    if details:
        error["details"] = list(details)
    return {"error": error}


def _error(
    code: int, message: str, headers: Sequence[Header] = (), *, status: str | None = None, details: Sequence[Any] = ()
) -> Response:
    return json_response(_error_body(code, message, status, details), headers, status=code)


def _no_file(name: str) -> Response:
    return _error(403, f"You do not have permission to access the File {name} or it may not exist.")


def _spoil(fault: Fault) -> Response | None:
    """Errors in Google's own form."""
    statuses = {FaultKind.SERVER_ERROR: fault.status or 503, FaultKind.FORBIDDEN: 403, FaultKind.NOT_FOUND: 404}
    status = statuses.get(fault.kind)
    return _error(status, "The model is overloaded. Please try again later.", retry_after(fault)) if status else None


def _refuse(refusal: Refusal) -> Response:
    kind = "type.googleapis.com/google.rpc."
    details = (
        {"@type": f"{kind}QuotaFailure", "violations": [{"quotaId": "GenerateRequestsPerMinutePerProjectPerModel"}]},
        {"@type": f"{kind}RetryInfo", "retryDelay": f"{refusal.wait_s:.3f}s"},
    )
    return _error(429, "You exceeded your current quota, please check your plan.", details=details)
