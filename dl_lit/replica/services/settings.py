"""What can be set about the services' behaviour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from pathlib import Path

from dl_lit.core.values import dataclass
from dl_lit.replica.language.model import ModelSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Keys, budgets and sizes; the budgets are those of the real services, read 2026-11-22."""

    # https://developers.openalex.org/guides/authentication
    openalex_keys: frozenset[str] | None = None  # the good keys; None takes any
    openalex_credits: int = 1_000  # a day without a key
    openalex_credits_keyed: int = 10_000  # a day with a key
    semantic_scholar_keys: frozenset[str] | None = None
    models: ModelSettings = field(default_factory=ModelSettings)
    pdf_min_bytes: int = 60_000  # files are filled up to this
    pdf_max_bytes: int = 60_000  # where larger: sizes are spread evenly between the two, by work
    grobid_papers: Mapping[str, Path] = field(
        default_factory=dict
    )  # gold lists by SHA-256 of the PDFs that GROBID reads
