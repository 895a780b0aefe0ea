"""The settings of language models: off unless a provider is named."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated, Literal

from msgspec import Meta

from dl_lit.core.values import dataclass
from dl_lit.settings.kinds import Count, SomeSeconds, Workers

ProviderName = Literal["openai", "openrouter", "azure", "ollama", "vllm", "compatible", "gemini", "anthropic"]
Tier = Literal["free", "1", "2"]
Switch = Literal["auto", "on", "off"]
Profile = Literal["production", "development"]
Sure = Annotated[float, Meta(ge=0, le=1)]
Dollars = Annotated[float, Meta(ge=0, le=1_000_000)]


@dataclass(frozen=True, slots=True, kw_only=True)
class LlmSettings:
    """Who is asked, how much at a time, and for how much money."""

    enabled: bool = True  # false, or --no-llm: no model is asked, whatever else is set
    provider: ProviderName | None = None  # unset: no model is asked
    model: str | None = None  # as the provider names it
    base_urls: tuple[
        str, ...
    ] = ()  # servers of the same model, the healthy and least busy one is asked; () the provider's
    key: str | None = field(default=None, repr=False)
    api_version: str | None = None  # Azure's, 2024-10-21 unless set
    tier: Tier | None = None  # the provider's rate tier: sets max_concurrent_model_calls where that is not set
    reads: bool = True  # bibliographies that the rules read with gaps or without confidence
    judges: bool = True  # ambiguous matches
    batch_width: Workers = 50  # entries in flight
    batch_first: Workers = 5  # ... of them at the start, more while answers are good
    entries_together: Annotated[int, Meta(ge=1, le=20)] = 1  # in one call
    requests_per_minute: Count = 600  # of which http.rate_limit_buffer is used
    requests_per_day: Count | None = None
    dollars_per_day: Dollars | None = None  # needs prices, or a provider that tells the cost of each call
    price_input: Dollars | None = None  # US dollars for a million tokens
    price_cached: Dollars | None = None  # ... read from the provider's prompt cache; unset: as `price_input`
    price_written: Dollars | None = None  # ... written to it; unset: as `price_input`
    price_output: Dollars | None = None
    warm_up: Switch = "auto"  # one question goes ahead to warm the prompt cache; auto: where the provider has one
    timeout_s: SomeSeconds = 120.0  # of one call
    batch_timeout_s: SomeSeconds = 300.0  # of all calls for one bibliography's entries
    tries: Annotated[int, Meta(ge=1, le=10)] = 3
    try_again_s: SomeSeconds = 1.0  # before the second try; doubles
    doubtful_below: Sure = 0.5  # an entry whose confidence is lower is read again
    gap_below: Sure = 0.9  # a bibliography whose coverage is lower is read again
    most_pages: Annotated[int, Meta(ge=1, le=1_000)] = 120  # of one source
    section_pages: Annotated[int, Meta(ge=1, le=100)] = 8  # a longer section is read in parts
    json_schema: bool = True  # off for servers that know no structured output: the form is then asked for in words

    @property
    def is_on(self) -> bool:
        """Whether a model is asked at all."""
        return self.enabled and self.provider is not None

    @property
    def name(self) -> str:
        """Provider and model, for people."""
        return f"{self.provider or '?'}/{self.model or '?'}"

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must not be shown anywhere."""
        return (self.key,) if self.key else ()
