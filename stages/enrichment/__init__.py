"""Enrichment: from a printed entry to the work it names."""

from stages.enrichment.desk import Habits
from stages.enrichment.stage import EnrichmentStage

__all__ = ["EnrichmentStage", "Habits"]
