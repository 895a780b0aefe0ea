"""What follows from one setting for others that nobody has set: profiles, tiers, and keys under their usual names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

PROFILES: Mapping[str, Mapping[str, int]] = {
    "production": {
        "max_concurrent_section_tasks": 3,
        "max_concurrent_uploads": 2,
        "max_concurrent_splits": 3,
        "max_memory_usage_mb": 2_048,
        "memory_throttle_threshold_mb": 1_536,
    },
    "development": {
        "max_concurrent_section_tasks": 8,
        "max_concurrent_uploads": 5,
        "max_concurrent_splits": 6,
        "max_memory_usage_mb": 1_024,
        "memory_throttle_threshold_mb": 768,
    },
}
"""What each `profile` sets: production spares the machine and the provider, development the time of whoever waits."""

TIERS: Mapping[str, int] = {"free": 2, "1": 5, "2": 10}
"""Calls at once by `llm.tier`, the most that each bears: free 1 to 2, the first paid tier 3 to 5, the next 5 to 10."""

KEY_VARIABLES: Mapping[str, str] = {
    "openai": "OPENAI_API_KEY",
    "openrouter": "OPENROUTER_API_KEY",
    "azure": "AZURE_OPENAI_API_KEY",
    "gemini": "GEMINI_API_KEY",
    "anthropic": "ANTHROPIC_API_KEY",
}
"""Where the provider's own programs look for its key; read only where `llm.provider` names that provider."""


def derived(values: Mapping[str, object], env: Mapping[str, str]) -> Iterator[tuple[str, object, str]]:
    """Names, values and origins of what follows from `values`; they hold where the setting is at its default."""
    profile = values["profile"]
    if isinstance(profile, str):
        for name, value in PROFILES[profile].items():
            yield name, value, f"profile {profile}"
    tier = values["llm.tier"]
    if isinstance(tier, str):
        yield "max_concurrent_model_calls", TIERS[tier], f"llm.tier {tier}"
    first, width = values["llm.batch_first"], values["llm.batch_width"]
    if isinstance(first, int) and isinstance(width, int) and width < first:
        yield "llm.batch_first", width, "llm.batch_width"
    variable = KEY_VARIABLES.get(str(values["llm.provider"]))
    if variable is not None and values["llm.enabled"] and (key := env.get(variable)):
        yield "llm.key", key, f"env {variable}"
