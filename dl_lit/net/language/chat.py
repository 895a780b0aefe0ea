"""OpenAI's chat completions, and everybody who speaks them: OpenRouter, Azure, Ollama, vLLM and others.

https://platform.openai.com/docs/api-reference/chat, https://platform.openai.com/docs/guides/structured-outputs,
https://openrouter.ai/docs/api-reference/overview, https://openrouter.ai/docs/features/structured-outputs,
https://learn.microsoft.com/azure/ai-foundry/openai/reference, https://docs.ollama.com/api/openai-compatibility,
https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html (read 2026-11-23).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from dl_lit.core.language import ModelError, Provider, Question, Tokens, Trouble
from dl_lit.net.language.backend import Reply, answered, count, inner, money, refused
from dl_lit.net.language.form import in_words
from dl_lit.net.language.place import ModelPlace
from dl_lit.net.language.refusing import refusal, status_inside
from dl_lit.net.language.wire import Incoming, Outgoing

_NEW_LIMIT, _OLD_LIMIT = "max_completion_tokens", "max_tokens"
_CALLS_IT_NEW = frozenset({Provider.OPENAI, Provider.AZURE})
_CACHE_KEY = "prompt_cache_key"  # questions that begin alike: https://platform.openai.com/docs/guides/prompt-caching
_CUT = frozenset({"length", "max_tokens"})
_UNKNOWN = ("unrecognized", "unknown", "unexpected", "not permitted")  # what servers say of words they do not know
_FILTERED = frozenset({"content_filter", "safety", "recitation"})


class ChatBackend:
    """`backend.Backend` of chat completions. Thread-safe."""

    def __init__(self, place: ModelPlace) -> None:
        """Ask for the model of `place`."""
        self._place = place
        self._limit = _NEW_LIMIT if place.provider in _CALLS_IT_NEW else _OLD_LIMIT
        self._temperature: float | None = 0.0
        self._says_key = place.provider is Provider.OPENAI

    def question(self, base_url: str, question: Question, *, most_tokens: int) -> Outgoing:
        """The request that asks."""
        if question.files:
            raise ModelError(Trouble.BAD_REQUEST, f"{self._place.provider.value} is given texts, not files")
        place = self._place
        body: dict[str, Any] = {
            "model": place.model,
            "messages": [
                {"role": "system", "content": self._system(question)},
                {"role": "user", "content": question.text},
            ],
            self._limit: most_tokens,
        }
        if self._temperature is not None:
            body["temperature"] = self._temperature
        if place.json_schema:
            form = {"name": question.task.value, "strict": True, "schema": question.schema}
            body["response_format"] = {"type": "json_schema", "json_schema": form}
        if self._says_key:
            body[_CACHE_KEY] = f"dl_lit {question.task.value} {question.version}"
        if place.provider is Provider.OPENROUTER:
            body["usage"] = {"include": True}
            if place.json_schema:
                body["provider"] = {"require_parameters": True}  # only servers that keep to the form
        return Outgoing(method="POST", url=self._address(base_url), headers=self._headers(), json=body)

    def reply(self, question: Question, incoming: Incoming, now: float) -> Reply:
        """What the answer says."""
        if (no := refused(incoming, now)) is not None:
            return no
        value = incoming.value
        tokens, cost = _used(inner(value, "usage"))
        model = str(value.get("model") or "")
        choices = value.get("choices")
        choice = choices[0] if isinstance(choices, list) and choices and isinstance(choices[0], dict) else {}
        message = inner(choice, "message")
        ending = str(choice.get("finish_reason") or "").lower()
        error: ModelError | None = None
        if ending == "error" or choice.get("error"):
            said = inner(choice, "error")
            error = refusal(status_inside(said), incoming.headers, said, now)
            is_failing = error.trouble is Trouble.OVERLOADED
            return Reply(error=error, tokens=tokens, cost=cost, model=model, is_failing=is_failing)
        if message.get("refusal"):
            error = ModelError(Trouble.REFUSED, "the model would not")
        elif ending in _FILTERED:
            error = ModelError(Trouble.REFUSED, f"the provider's filter: {ending}")
        elif ending in _CUT:
            error = ModelError(Trouble.CUT, "the answer reached its greatest length")
        if error is not None:
            return Reply(error=error, tokens=tokens, cost=cost, model=model)
        why = "no choice in the answer" if not choice else "an empty answer"
        return answered(question, _text(message.get("content")), tokens=tokens, model=model, cost=cost, why=why)

    def health(self, base_url: str) -> Outgoing:
        """The list of models, which all of them have."""
        headers = self._headers()
        if self._is_deployment(base_url):
            root = base_url.partition("/openai")[0]
            url = f"{root}/openai/models?api-version={self._version}"
            return Outgoing(method="GET", url=url, headers=headers)
        return Outgoing(method="GET", url=f"{base_url}/models", headers=headers)

    def adapts(self, outgoing: Outgoing, error: ModelError, said: str) -> bool:
        """Models of some kinds take no temperature, and servers differ in how they call the limit of an answer."""
        words, sent = said, outgoing.json
        if error.trouble is not Trouble.BAD_REQUEST:
            return False
        if "temperature" in words and "temperature" in sent:
            self._temperature = None
            return True
        if "temperature" in sent and "no endpoints found" in words and "parameters" in words:
            self._temperature = None  # OpenRouter, of models all of whose servers take none
            return True
        if _CACHE_KEY in words and _CACHE_KEY in sent:
            self._says_key = False
            return True
        if _NEW_LIMIT in words and _OLD_LIMIT in sent:
            self._limit = _NEW_LIMIT  # "Unsupported parameter: 'max_tokens' ... Use 'max_completion_tokens' instead."
            return True
        if _NEW_LIMIT in words and _NEW_LIMIT in sent and any(one in words for one in _UNKNOWN):
            self._limit = _OLD_LIMIT
            return True
        return False

    @property
    def _version(self) -> str:
        return quote(self._place.api_version or "", safe="")

    def _is_deployment(self, base_url: str) -> bool:
        """Azure's older addresses name deployment and version; below /openai/v1 they are like everybody's."""
        return self._place.provider is Provider.AZURE and "/openai/v1" not in base_url

    def _address(self, base_url: str) -> str:
        if not self._is_deployment(base_url):
            return f"{base_url}/chat/completions"
        if "/deployments/" not in base_url:
            root = base_url if base_url.endswith("/openai") else f"{base_url}/openai"
            base_url = f"{root}/deployments/{quote(self._place.model, safe='')}"
        return f"{base_url}/chat/completions?api-version={self._version}"

    def _headers(self) -> dict[str, str]:
        key = self._place.key
        if not key:
            return {}
        return {"api-key": key} if self._place.provider is Provider.AZURE else {"Authorization": f"Bearer {key}"}

    def _system(self, question: Question) -> str | list[dict[str, Any]]:
        text = question.system if self._place.json_schema else f"{question.system}\n\n{in_words(question.schema)}"
        if self._place.provider is Provider.OPENROUTER and self._place.model.lstrip("~").startswith("anthropic/"):
            # https://openrouter.ai/docs/features/prompt-caching: only Anthropic's models must be told what to keep
            return [{"type": "text", "text": text, "cache_control": {"type": "ephemeral"}}]
        return text


def _used(usage: Mapping[str, Any]) -> tuple[Tokens, float | None]:
    details = inner(usage, "prompt_tokens_details")
    prompt = count(usage.get("prompt_tokens"))
    cached = count(details.get("cached_tokens")) or count(usage.get("prompt_cache_hit_tokens"))
    tokens = Tokens(
        input=prompt,
        cached=min(cached, prompt),
        written=min(count(details.get("cache_write_tokens")), prompt),
        output=count(usage.get("completion_tokens")),
    )
    return tokens, money(usage.get("cost"))


def _text(content: Any) -> str:
    """The text of a message: one string, or parts."""
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    return "".join(one["text"] for one in parts if isinstance(one, dict) and isinstance(one.get("text"), str))
