"""Enrichment: from a printed entry to the work it names."""

from stages.enrichment.stage import EnrichmentStage

__all__ = ["EnrichmentStage"]
