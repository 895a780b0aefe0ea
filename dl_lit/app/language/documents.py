"""The language model as JSON: in the status, and what a run asked of it in the run's summary."""

from __future__ import annotations

from typing import Any

import msgspec

from dl_lit.app.language.now import ModelNow
from dl_lit.core.language import ModelUse
from dl_lit.core.pulse import ModelPulse

_DIGITS = 6


def model_document(now: ModelNow | None, pulse: ModelPulse | None) -> dict[str, Any] | None:
    """The model that is set, with what the process at work asked; None where none is asked."""
    if now is None:
        return None
    plain: dict[str, Any] = msgspec.to_builtins(now)
    asked = None
    if pulse is not None:
        asked = {
            "use": use_document(pulse.use),
            "width": pulse.width,
            "sections": msgspec.to_builtins(pulse.sections, str_keys=True),
        }
    return {**plain, "process": asked}


def use_document(use: ModelUse) -> dict[str, Any]:
    """What was asked, with the rates that people ask for."""
    plain: dict[str, Any] = msgspec.to_builtins(use)
    return {
        **plain,
        "latency_mean_s": round(use.latency_mean_s, 3),
        "latency_p95_s": round(use.latency_p95_s, 3),
        "prompt_cache_rate": _rounded(use.prompt_cache_rate),
        "cost_per_entry": _rounded(use.cost_per_entry),
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, _DIGITS)
