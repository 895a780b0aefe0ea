"""Gemini's generateContent, with files of its Files API.

https://ai.google.dev/api/generate-content, https://ai.google.dev/api/files (uploads in two steps, files are kept for 48
hours), https://ai.google.dev/gemini-api/docs/structured-output, https://ai.google.dev/gemini-api/docs/caching (prompts'
beginnings are kept by themselves). No temperature is sent: https://ai.google.dev/gemini-api/docs/gemini-3 advises
against it. (All read 2026-11-23.)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlsplit

from dl_lit.core.language import ModelError, Question, Tokens, Trouble
from dl_lit.net.language.backend import Listed, Reply, answered, count, inner, refused, word
from dl_lit.net.language.form import in_gemini_s, in_words
from dl_lit.net.language.place import ModelPlace
from dl_lit.net.language.wire import Incoming, Outgoing

_PDF = "application/pdf"
_PAGE = 100  # files in a list, the most there may be
_KEPT_S = 48 * 3_600.0

# https://ai.google.dev/api/generate-content#FinishReason
_REFUSED = frozenset({"SAFETY", "RECITATION", "LANGUAGE", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "IMAGE_SAFETY"})


class GeminiBackend:
    """`backend.FileBackend` of Gemini. Thread-safe."""

    def __init__(self, place: ModelPlace) -> None:
        """Ask for the model of `place`."""
        self._place = place

    def question(self, base_url: str, question: Question, *, most_tokens: int) -> Outgoing:
        """The request that asks."""
        place = self._place
        system = question.system if place.json_schema else f"{question.system}\n\n{in_words(question.schema)}"
        parts: list[dict[str, Any]] = [
            {"file_data": {"mime_type": _PDF, "file_uri": file.uri or file.name}} for file in question.files
        ]
        config: dict[str, Any] = {"responseMimeType": "application/json", "maxOutputTokens": most_tokens}
        if place.json_schema:
            config["responseSchema"] = in_gemini_s(question.schema)
        body = {
            "systemInstruction": {"parts": [{"text": system}]},
            "contents": [{"role": "user", "parts": [*parts, {"text": question.text}]}],
            "generationConfig": config,
        }
        model = quote(place.model.removeprefix("models/"), safe="")
        url = f"{_version_of(base_url)}/models/{model}:generateContent"
        return Outgoing(method="POST", url=url, headers=self._headers(), json=body)

    def reply(self, question: Question, incoming: Incoming, now: float) -> Reply:
        """What the answer says."""
        if (no := refused(incoming, now)) is not None:
            return no
        value = incoming.value
        tokens, model = _used(inner(value, "usageMetadata")), str(value.get("modelVersion") or "")
        if blocked := inner(value, "promptFeedback").get("blockReason"):
            error = ModelError(Trouble.REFUSED, f"the provider's filter: {word(blocked)}")
            return Reply(error=error, tokens=tokens, model=model)
        candidates = value.get("candidates")
        first = candidates[0] if isinstance(candidates, list) and candidates else {}
        ending = str(first.get("finishReason") or "") if isinstance(first, dict) else ""
        if ending in _REFUSED:
            error = ModelError(Trouble.REFUSED, f"the provider's filter: {ending}")
            return Reply(error=error, tokens=tokens, model=model)
        if ending == "MAX_TOKENS":
            error = ModelError(Trouble.CUT, "the answer reached its greatest length")
            return Reply(error=error, tokens=tokens, model=model)
        why = f"an empty answer ({word(ending) or 'no candidate'})"
        return answered(question, _text(inner(first, "content")), tokens=tokens, model=model, why=why)

    def health(self, base_url: str) -> Outgoing:
        """The list of models."""
        return Outgoing(method="GET", url=f"{_version_of(base_url)}/models?pageSize=1", headers=self._headers())

    def adapts(self, outgoing: Outgoing, error: ModelError, said: str) -> bool:
        """Nothing is sent that could be left out."""
        del outgoing, error, said
        return False

    def uploads(self, base_url: str, content: bytes, shown_as: str) -> Outgoing:
        """The request that opens an upload."""
        root = base_url.removesuffix("/v1beta")
        headers = {
            **self._headers(),
            "X-Goog-Upload-Protocol": "resumable",
            "X-Goog-Upload-Command": "start",
            "X-Goog-Upload-Header-Content-Length": str(len(content)),
            "X-Goog-Upload-Header-Content-Type": _PDF,
        }
        about = {"file": {"display_name": shown_as}}
        return Outgoing(method="POST", url=f"{root}/upload/v1beta/files", headers=headers, json=about)

    def goes_on(self, base_url: str, incoming: Incoming, content: bytes) -> Outgoing:
        """The file itself, to the address that the first answer named; no other host is told the key."""
        url = incoming.headers.get("x-goog-upload-url", "")
        try:
            parts, ours = urlsplit(url), urlsplit(base_url)
        except ValueError:
            parts, ours = urlsplit(""), urlsplit(base_url)
        if parts.scheme not in {"http", "https"} or not parts.netloc:
            raise ModelError(Trouble.BAD_ANSWER, "the upload's answer names no address to send to")
        is_ours = (parts.scheme, parts.netloc) == (ours.scheme, ours.netloc)
        headers = {
            **(self._headers() if is_ours else {}),
            "X-Goog-Upload-Offset": "0",
            "X-Goog-Upload-Command": "upload, finalize",
        }
        return Outgoing(method="POST", url=url, headers=headers, body=content, is_elsewhere=not is_ours)

    def opens_only(self) -> bool:
        """The first request carries no file."""
        return True

    def uploaded(self, incoming: Incoming) -> tuple[str, str]:
        """Name and address of what was uploaded."""
        file = inner(incoming.value, "file")
        name, uri = file.get("name"), file.get("uri")
        if not isinstance(name, str) or not name.startswith("files/"):
            raise ModelError(Trouble.BAD_ANSWER, "the upload's answer names no file")
        return name, uri if isinstance(uri, str) else ""

    def looks(self, base_url: str, name: str) -> Outgoing | None:
        """The request for its state."""
        return Outgoing(method="GET", url=f"{_version_of(base_url)}/{_path(name)}", headers=self._headers())

    def is_ready(self, incoming: Incoming) -> bool:
        """Whether it is active."""
        value = incoming.value
        state = (inner(value, "file") or (value if isinstance(value, dict) else {})).get("state")
        if state == "FAILED":
            raise ModelError(Trouble.BAD_REQUEST, "the provider cannot read the file")
        return state == "ACTIVE"

    def deletes(self, base_url: str, name: str) -> Outgoing:
        """The request that removes a file."""
        return Outgoing(method="DELETE", url=f"{_version_of(base_url)}/{_path(name)}", headers=self._headers())

    def lists(self, base_url: str, after: str) -> Outgoing:
        """The request for a page of files."""
        further = f"&pageToken={quote(after, safe='')}" if after else ""
        url = f"{_version_of(base_url)}/files?pageSize={_PAGE}{further}"
        return Outgoing(method="GET", url=url, headers=self._headers())

    def listed(self, incoming: Incoming) -> tuple[Sequence[Listed], str]:
        """The files of a page, and what the next is asked for by."""
        value = incoming.value
        files = value.get("files") if isinstance(value, dict) else None
        found = [
            Listed(str(one["name"]), str(one.get("displayName") or ""))
            for one in (files if isinstance(files, list) else [])
            if isinstance(one, dict) and one.get("name")
        ]
        return found, str(value.get("nextPageToken") or "") if isinstance(value, dict) else ""

    @property
    def keeps_s(self) -> float:
        """Gemini deletes files by itself."""
        return _KEPT_S

    def _headers(self) -> dict[str, str]:
        return {"x-goog-api-key": self._place.key} if self._place.key else {}


def _version_of(base_url: str) -> str:
    return base_url if base_url.endswith("/v1beta") else f"{base_url}/v1beta"


def _path(name: str) -> str:
    """A file's name as part of an address: "files/abc-123"."""
    return f"files/{quote(name.removeprefix('files/'), safe='')}"


def _text(content: Mapping[str, Any]) -> str:
    """What was said, without what was thought."""
    parts = content.get("parts")
    return "".join(
        one["text"]
        for one in (parts if isinstance(parts, list) else [])
        if isinstance(one, dict) and isinstance(one.get("text"), str) and not one.get("thought")
    )


def _used(usage: Mapping[str, Any]) -> Tokens:
    prompt = count(usage.get("promptTokenCount"))
    return Tokens(
        input=prompt,
        cached=min(count(usage.get("cachedContentTokenCount")), prompt),
        output=count(usage.get("candidatesTokenCount")) + count(usage.get("thoughtsTokenCount")),
    )
