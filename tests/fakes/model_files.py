"""Gemini and Anthropic on this machine, as far as files go: they keep what is uploaded until it is deleted."""

from __future__ import annotations

import json
import threading
from collections import deque
from typing import Any

from tests.fakes.loopback_server import LoopbackServer, Reply, Seen

ANSWER = {"choice": 1, "why": "the same title"}


class FileProvider:
    """Serves the files and the questions of one provider; `faults` of a kind of request come before its answers.

    Kinds: open, upload, state, ask, delete, list. A fault is a reply that is sent instead of doing anything, or
    "lost": it is done, and the answer is cut off.
    """

    def __init__(self, server: LoopbackServer) -> None:
        self.server = server
        self.files: dict[str, str] = {}  # shown as, by name
        self.contents: dict[str, bytes] = {}
        self.faults: dict[str, deque[Reply | str]] = {}
        self.kinds: list[str] = []
        self.states = ["PROCESSING", "ACTIVE"]
        self.asked: list[Any] = []
        self.page = 1_000
        self.upload_host = ""
        self._lock = threading.Lock()
        server.routes["*"] = self._answer

    def fault(self, kind: str, *replies: Reply | str) -> None:
        self.faults.setdefault(kind, deque()).extend(replies)

    def _answer(self, seen: Seen) -> Reply:
        kind = self._kind(seen)
        with self._lock:
            self.kinds.append(kind)
            waiting = self.faults.get(kind)
            fault = waiting.popleft() if waiting else None
            if isinstance(fault, Reply):
                return fault
            reply = getattr(self, f"_{kind}")(seen)
        if fault == "lost":
            return Reply(200, {}, b"{", length=1_000, close=True)
        return reply

    def _kind(self, seen: Seen) -> str:
        if seen.path.endswith((":generateContent", "/messages")):
            return "ask"
        if seen.method == "DELETE":
            return "delete"
        if seen.method == "POST":
            return "open" if seen.headers.get("x-goog-upload-command") == "start" else "upload"
        return "list" if seen.path.endswith("/files") else "state"

    def _stored(self, shown_as: str, content: bytes, begin: str) -> str:
        name = f"{begin}{len(self.contents)}"
        self.files[name], self.contents[name] = shown_as, content
        return name

    def _open(self, seen: Seen) -> Reply:
        shown = json.loads(seen.body)["file"]["display_name"]
        base = self.upload_host or f"http://{self.server.netloc}"
        return Reply(200, {"x-goog-upload-url": f"{base}/upload/v1beta/files?upload_id={shown}"})

    def _upload(self, seen: Seen) -> Reply:
        if seen.query:
            name = self._stored(seen.query.partition("=")[2], seen.body, "files/f")
            told = {"file": {"name": name, "uri": f"https://files/{name}", "state": "PROCESSING"}}
        else:
            shown = seen.body.partition(b'filename="')[2].partition(b'"')[0].decode()
            told = {"id": self._stored(shown, seen.body, "file_"), "filename": shown}
        return Reply(200, {}, json.dumps(told).encode())

    def _state(self, seen: Seen) -> Reply:
        state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        return Reply(200, {}, json.dumps({"state": state}).encode())

    def _list(self, seen: Seen) -> Reply:
        after = seen.query.partition("pageToken=")[2] or seen.query.partition("after_id=")[2]
        names = sorted(self.files)
        start = names.index(after.replace("%2F", "/")) + 1 if after else 0
        page, more = names[start : start + self.page], len(names) > start + self.page
        if "v1beta" in seen.path:
            told: Any = {"files": [{"name": one, "displayName": self.files[one]} for one in page]}
            told |= {"nextPageToken": page[-1]} if more else {}
        else:
            told = {"data": [{"id": one, "filename": self.files[one]} for one in page], "has_more": more}
            told |= {"last_id": page[-1] if page else None}
        return Reply(200, {}, json.dumps(told).encode())

    def _delete(self, seen: Seen) -> Reply:
        name = seen.path.rpartition("/")[2]
        name = f"files/{name}" if "v1beta" in seen.path else name
        if self.files.pop(name, None) is not None:
            return Reply(200, {}, b"{}")
        message = "You do not have permission to access the File or it may not exist."
        status = 403 if "v1beta" in seen.path else 404
        return Reply(status, {}, json.dumps({"error": {"code": status, "message": message}}).encode())

    def _ask(self, seen: Seen) -> Reply:
        self.asked.append(json.loads(seen.body))
        text = json.dumps(ANSWER)
        told: Any
        if "v1beta" in seen.path:
            parts = [{"text": "hm", "thought": True}, {"text": text}]
            usage = {"promptTokenCount": 90, "cachedContentTokenCount": 60, "candidatesTokenCount": 7}
            told = {"candidates": [{"content": {"parts": parts}, "finishReason": "STOP"}], "modelVersion": "g-1"}
            told["usageMetadata"] = {**usage, "thoughtsTokenCount": 3}
        else:
            usage = {"input_tokens": 20, "cache_creation_input_tokens": 10, "cache_read_input_tokens": 60}
            told = {"content": [{"type": "text", "text": text}], "stop_reason": "end_turn", "model": "c-1"}
            told["usage"] = {**usage, "output_tokens": 10}
        return Reply(200, {}, json.dumps(told).encode())
