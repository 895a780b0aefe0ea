"""Whether the language model that is set can be asked; told when work starts, not at the first question.

Only who is about to ask looks here: a key that the daemon alone may read keeps nobody from `dl-lit status`.
"""

from __future__ import annotations

from dl_lit.core.errors import NeedsConfiguration
from dl_lit.core.language import Provider
from dl_lit.settings.derived import KEY_VARIABLES
from dl_lit.settings.model import Settings

NEEDS_ADDRESS = frozenset({Provider.AZURE, Provider.COMPATIBLE})
"""Providers without an address of their own that all could be asked at."""

TELLS_COST = frozenset({Provider.OPENROUTER})
"""Providers whose answers say what they cost: https://openrouter.ai/docs/use-cases/usage-accounting (a stored copy,
read 2026-11-23)."""


def require_model(settings: Settings) -> None:
    """Raise `NeedsConfiguration`, in one line that names the setting, where a model is set that cannot be asked."""
    if (lacking := lacking_for_models(settings)) is not None:
        raise NeedsConfiguration(f"{lacking}; --no-llm does without models")


def lacking_for_models(settings: Settings) -> str | None:
    """What keeps the model that is set from being asked; None where nothing does, or none is to be asked."""
    llm = settings.llm
    if llm.provider is None or not llm.enabled:
        return None
    provider = Provider(llm.provider)
    if llm.model is None:
        return f"llm.model is not set: name the one of {provider.value} that is to be asked"
    if provider.value in KEY_VARIABLES and llm.key is None:
        return f"llm.key is not set: {provider.value} wants one; set DL_LIT_LLM_KEY or {KEY_VARIABLES[provider.value]}"
    if provider in NEEDS_ADDRESS and not llm.base_urls:
        return f"llm.base_urls is not set: {provider.value} has no address of its own"
    if llm.dollars_per_day is not None and provider not in TELLS_COST:
        for name, price in (("llm.price_input", llm.price_input), ("llm.price_output", llm.price_output)):
            if price is None:
                return f"{name} is not set: {provider.value} tells no cost, so llm.dollars_per_day could not be kept"
    return None
