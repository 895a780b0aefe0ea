"""Which model is asked, where, how much at a time, and at what price: plain values for `HttpLanguageModel`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from hashlib import blake2b
from urllib.parse import urlsplit

from dl_lit.core.errors import NeedsConfiguration
from dl_lit.core.language import Provider
from dl_lit.core.values import dataclass
from dl_lit.net.offline import on_this_machine

# Read 2026-11-23.
_ADDRESSES = {
    Provider.OPENAI: "https://api.openai.com/v1",  # https://platform.openai.com/docs/api-reference/introduction
    Provider.OPENROUTER: "https://openrouter.ai/api/v1",  # https://openrouter.ai/docs/api-reference/overview
    Provider.OLLAMA: "http://127.0.0.1:11434/v1",  # https://docs.ollama.com/api/openai-compatibility
    Provider.VLLM: "http://127.0.0.1:8000/v1",  # https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html
    Provider.GEMINI: "https://generativelanguage.googleapis.com",  # https://ai.google.dev/api
    Provider.ANTHROPIC: "https://api.anthropic.com",  # https://docs.claude.com/en/api/overview
}
_NEEDS_KEY = frozenset(
    {Provider.OPENAI, Provider.OPENROUTER, Provider.AZURE, Provider.GEMINI, Provider.ANTHROPIC},
)
_AZURE_VERSION = "2024-10-21"  # https://learn.microsoft.com/azure/ai-foundry/openai/reference (the newest GA version)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """US dollars for a million tokens; None: not known. `cached` and `written` unset cost what `input` costs."""

    input: float | None = None
    cached: float | None = None  # read from the provider's prompt cache
    written: float | None = None  # written to it
    output: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelPlace:
    """One model and who serves it."""

    provider: Provider
    model: str  # as the provider names it; Azure: the deployment
    base_urls: tuple[str, ...] = ()  # of servers of this model; (): the provider's own
    key: str | None = field(default=None, repr=False)
    api_version: str | None = None  # Azure's
    json_schema: bool = True  # False: the form of answers is asked for in words
    warm_up: bool | None = None  # None: where the provider caches prompts and waiting pays
    prices: Prices = Prices()
    is_offline: bool = False  # only servers of this machine may be asked

    @property
    def is_priced(self) -> bool:
        """Whether what a call costs can be told by its tokens."""
        return self.prices.input is not None and self.prices.output is not None

    @property
    def name(self) -> str:
        """Provider and model, as answers are kept under."""
        return f"{self.provider.value}/{self.model}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallLimits:
    """How much is asked at a time, and how patiently."""

    at_once: int = 10  # calls in flight, of all processes of the machine together
    per_minute: int = 600  # what the provider allows
    buffer: float = 0.8  # the share of `per_minute` that is used
    tries: int = 3  # of one question
    try_again_s: float = 1.0  # before the second try at most; doubles
    timeout_s: float = 120.0  # of one call
    needs_cost: bool = False  # there is a budget in money: nothing is asked where nobody can tell what that costs
    patience_s: float = 300.0  # a call waits no longer for its turn
    breaker_failures: int = 10  # in a row, of one address
    breaker_open_s: float = 60.0
    remember_days: float = 180.0  # answers; 0: not at all
    delete_timeout_s: float = 15.0  # of one call that deletes or lists files
    poll_s: float = 0.5  # before the first look whether an upload can be asked about; the next ones wait longer


def base_urls_of(provider: Provider, base_urls: Sequence[str] = ()) -> tuple[str, ...]:
    """The addresses a model is asked at, without slashes at the end.

    Raises `NeedsConfiguration` where the provider has none of its own and none is set, or one is no address of the web
    or carries a password, which would be told in logs.
    """
    found = tuple(dict.fromkeys(url.strip().rstrip("/") for url in base_urls if url.strip()))
    if not found and provider in _ADDRESSES:
        return (_ADDRESSES[provider],)
    if not found:
        raise NeedsConfiguration(f"llm.base_urls is not set: {provider.value} has no address of its own")
    for url in found:
        try:
            parts = urlsplit(url)
            is_well = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
        except ValueError:
            is_well = False
        if not is_well:
            raise NeedsConfiguration("llm.base_urls: every address begins with http:// or https:// and names a host")
        if parts.username is not None or parts.query or parts.fragment:
            raise NeedsConfiguration(f"llm.base_urls: {parts.hostname}: no password, query or fragment; set llm.key")
    return found


def completed(place: ModelPlace) -> ModelPlace:
    """`place` with its addresses filled in; raises `NeedsConfiguration` where something is missing.

    Offline only servers of this machine are left: with none, questions end as `OFFLINE`.
    """
    if not place.model.strip():
        raise NeedsConfiguration("llm.model is not set: name the model as the provider does")
    if place.key is None and place.provider in _NEEDS_KEY:
        raise NeedsConfiguration(f"llm.key is not set: {place.provider.value} answers nobody without one")
    urls = base_urls_of(place.provider, place.base_urls)
    if place.is_offline:
        urls = tuple(url for url in urls if on_this_machine([url]))
    version = place.api_version or (_AZURE_VERSION if place.provider is Provider.AZURE else None)
    return ModelPlace(
        provider=place.provider,
        model=place.model.strip(),
        base_urls=urls,
        key=place.key,
        api_version=version,
        json_schema=place.json_schema,
        warm_up=place.warm_up,
        prices=place.prices,
        is_offline=place.is_offline,
    )


def shared_name(place: ModelPlace) -> str:
    """What the model is called in what processes share; a digest stands for the key: providers count by key."""
    user = blake2b(f"{place.model}\0{place.key or ''}".encode(), digest_size=6).hexdigest()
    return f"language-model {place.provider.value} {user}"


def warms_up(place: ModelPlace) -> bool:
    """Whether one question should go ahead of its like.

    Hosted providers keep a prompt's beginning once it was answered, and take less for it then. A server of one's own
    (vLLM, Ollama, any other on this machine) gains nothing by waiting: vLLM shares the beginnings of prompts among
    those it computes at the time (https://docs.vllm.ai/en/latest/features/automatic_prefix_caching.html), Ollama keeps
    one for each of its slots, which the first answer warms one of; neither asks for money (read 2026-11-23).
    """
    if place.warm_up is not None:
        return place.warm_up
    if place.provider is Provider.COMPATIBLE:
        return not on_this_machine(place.base_urls)
    return place.provider not in {Provider.OLLAMA, Provider.VLLM}
