"""Which stages a process works, and what it therefore has to do with at all.

A host of a fleet works some stages only: without downloads it needs no library, without extraction and enrichment it
asks no language model.
"""

from __future__ import annotations

from dl_lit.core.model import StageName
from dl_lit.settings import Settings

_ASK_MODELS = (StageName.EXTRACTION, StageName.ENRICHMENT)


def keeps_library(settings: Settings) -> bool:
    """Whether the library is worked on here: files come in, are looked after, and are read again."""
    return settings.engine.works(StageName.DOWNLOAD)


def for_models(settings: Settings) -> Settings:
    """The settings as what asks language models takes them: without any where no stage worked here asks one."""
    return settings if any(map(settings.engine.works, _ASK_MODELS)) else settings.without_models
