"""Anthropic's messages, with documents of its Files API.

Structured output is `output_config.format` with a JSON Schema, generally available since February 2026; before that it
was `output_format` under a beta header: https://platform.claude.com/docs/en/build-with-claude/structured-outputs.
Files are a beta under the header below: https://platform.claude.com/docs/en/build-with-claude/files. What is written to
the prompt cache and read from it: https://platform.claude.com/docs/en/build-with-claude/prompt-caching. Newer models
refuse a temperature, so none is sent. (All read 2026-11-23.)
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from dl_lit.core.language import ModelError, Question, Tokens, Trouble
from dl_lit.net.language.backend import Listed, Reply, answered, count, inner, refused
from dl_lit.net.language.form import in_words
from dl_lit.net.language.place import ModelPlace
from dl_lit.net.language.wire import Incoming, Outgoing

_VERSION = "2023-06-01"
_FILES = "files-api-2025-04-14"
_PAGE = 1_000  # files in a list, the most there may be


class AnthropicBackend:
    """`backend.FileBackend` of Anthropic. Thread-safe."""

    def __init__(self, place: ModelPlace) -> None:
        """Ask for the model of `place`."""
        self._place = place

    def question(self, base_url: str, question: Question, *, most_tokens: int) -> Outgoing:
        """The request that asks."""
        place = self._place
        system = question.system if place.json_schema else f"{question.system}\n\n{in_words(question.schema)}"
        documents = [{"type": "document", "source": {"type": "file", "file_id": file.name}} for file in question.files]
        body: dict[str, Any] = {
            "model": place.model,
            "max_tokens": most_tokens,
            "system": [{"type": "text", "text": system, "cache_control": {"type": "ephemeral"}}],
            "messages": [{"role": "user", "content": [*documents, {"type": "text", "text": question.text}]}],
        }
        if place.json_schema:
            body["output_config"] = {"format": {"type": "json_schema", "schema": question.schema}}
        headers = self._headers(has_files=bool(documents))
        return Outgoing(method="POST", url=_below(base_url, "messages"), headers=headers, json=body)

    def reply(self, question: Question, incoming: Incoming, now: float) -> Reply:
        """What the answer says."""
        if (no := refused(incoming, now)) is not None:
            return no
        value = incoming.value
        tokens, model = _used(inner(value, "usage")), str(value.get("model") or "")
        ending = str(value.get("stop_reason") or "")
        error: ModelError | None = None
        if ending == "refusal":
            error = ModelError(Trouble.REFUSED, "the model would not")
        elif ending in {"max_tokens", "model_context_window_exceeded"}:
            error = ModelError(Trouble.CUT, f"the answer reached its greatest length ({ending})")
        if error is not None:
            return Reply(error=error, tokens=tokens, model=model)
        content = value.get("content")
        blocks = content if isinstance(content, list) else []
        text = "".join(
            one["text"]
            for one in blocks
            if isinstance(one, dict) and one.get("type") == "text" and isinstance(one.get("text"), str)
        )
        return answered(question, text, tokens=tokens, model=model)

    def health(self, base_url: str) -> Outgoing:
        """The list of models."""
        return Outgoing(method="GET", url=_below(base_url, "models?limit=1"), headers=self._headers())

    def adapts(self, outgoing: Outgoing, error: ModelError, said: str) -> bool:
        """Nothing is sent that could be left out."""
        del outgoing, error, said
        return False

    def uploads(self, base_url: str, content: bytes, shown_as: str) -> Outgoing:
        """All of an upload: one form."""
        form = ("file", f"{shown_as}.pdf", content)
        return Outgoing(method="POST", url=_below(base_url, "files"), headers=self._headers(has_files=True), form=form)

    def goes_on(self, base_url: str, incoming: Incoming, content: bytes) -> Outgoing:
        """There is nothing more to send: never asked for."""
        del incoming
        return self.uploads(base_url, content, "")

    def opens_only(self) -> bool:
        """The first request is the upload."""
        return False

    def uploaded(self, incoming: Incoming) -> tuple[str, str]:
        """Name and address of what was uploaded: they are one here."""
        value = incoming.value
        name = value.get("id") if isinstance(value, dict) else None
        if not isinstance(name, str) or not name:
            raise ModelError(Trouble.BAD_ANSWER, "the upload's answer names no file")
        return name, ""

    def looks(self, base_url: str, name: str) -> None:
        """It can be asked about at once."""
        del base_url, name

    def is_ready(self, incoming: Incoming) -> bool:
        """It is."""
        del incoming
        return True

    def deletes(self, base_url: str, name: str) -> Outgoing:
        """The request that removes a file."""
        url = _below(base_url, f"files/{quote(name, safe='')}")
        return Outgoing(method="DELETE", url=url, headers=self._headers(has_files=True))

    def lists(self, base_url: str, after: str) -> Outgoing:
        """The request for a page of files."""
        further = f"&after_id={quote(after, safe='')}" if after else ""
        url = _below(base_url, f"files?limit={_PAGE}{further}")
        return Outgoing(method="GET", url=url, headers=self._headers(has_files=True))

    def listed(self, incoming: Incoming) -> tuple[Sequence[Listed], str]:
        """The files of a page, and what the next is asked for by."""
        value = incoming.value
        data = value.get("data") if isinstance(value, dict) else None
        found = [
            Listed(str(one["id"]), str(one.get("filename") or "").removesuffix(".pdf"))
            for one in (data if isinstance(data, list) else [])
            if isinstance(one, dict) and one.get("id")
        ]
        has_more = isinstance(value, dict) and value.get("has_more") is True
        return found, str(value.get("last_id") or "") if has_more else ""

    @property
    def keeps_s(self) -> float:
        """Files stay until somebody deletes them."""
        return math.inf

    def _headers(self, *, has_files: bool = False) -> dict[str, str]:
        headers = {"anthropic-version": _VERSION}
        if self._place.key:
            headers["x-api-key"] = self._place.key
        if has_files:
            headers["anthropic-beta"] = _FILES
        return headers


def _below(base_url: str, path: str) -> str:
    return f"{base_url}/{path}" if base_url.endswith("/v1") else f"{base_url}/v1/{path}"


def _used(usage: Mapping[str, Any]) -> Tokens:
    """`input_tokens` are those that were neither written to the cache nor read from it."""
    written = count(usage.get("cache_creation_input_tokens"))
    cached = count(usage.get("cache_read_input_tokens"))
    return Tokens(
        input=count(usage.get("input_tokens")) + written + cached,
        cached=cached,
        written=written,
        output=count(usage.get("output_tokens")),
    )
