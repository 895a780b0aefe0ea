"""Whether what is set of language models will do; told at the start, not at the first question."""

from __future__ import annotations

from collections.abc import Mapping

from dl_lit.core.language import Provider
from dl_lit.settings.derived import KEY_VARIABLES

NEEDS_ADDRESS = frozenset({Provider.AZURE, Provider.COMPATIBLE})
"""Providers without an address of their own that all could be asked at."""

TELLS_COST = frozenset({Provider.OPENROUTER})
"""Providers whose answers say what they cost: https://openrouter.ai/docs/use-cases/usage-accounting (a stored copy,
read 2026-11-23)."""


def lacking_for_models(values: Mapping[str, object], origins: Mapping[str, str]) -> str | None:
    """What keeps the model that is set from being asked, naming the setting; None where nothing does."""
    name = values["llm.provider"]
    if name is None or not values["llm.enabled"]:
        return None
    provider = Provider(str(name))
    by = f"llm.provider {provider.value} ({origins['llm.provider']})"
    if values["llm.model"] is None:
        return f"llm.model is not set: {by} has several; name one, or do without models by --no-llm"
    if provider.value in KEY_VARIABLES and values["llm.key"] is None:
        variables = f"DL_LIT_LLM_KEY or {KEY_VARIABLES[provider.value]}"
        return f"llm.key is not set: {by} wants one; set {variables}, or do without models by --no-llm"
    if provider in NEEDS_ADDRESS and not values["llm.base_urls"]:
        return f"llm.base_urls is not set: {by} has no address of its own"
    if values["llm.dollars_per_day"] is not None and provider not in TELLS_COST:
        for price in ("llm.price_input", "llm.price_output"):
            if values[price] is None:
                told = f"{values['llm.dollars_per_day']:g}, {origins['llm.dollars_per_day']}"
                return f"{price} is not set: without it llm.dollars_per_day ({told}) cannot be kept, {by} tells no cost"
    return None
