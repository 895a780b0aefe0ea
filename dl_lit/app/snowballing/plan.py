"""What snowballing would do at most, told before anything is asked."""

from __future__ import annotations

from dl_lit.core.values import dataclass
from dl_lit.settings.snowball import SnowballSettings
from stages.citing.forward import credits_at_most


@dataclass(frozen=True, slots=True, kw_only=True)
class SnowballPlan:
    """The bounds of a run."""

    depth: int
    sources_at_most: int  # fetched works that are read in turn, at all levels together
    references_at_most: int  # taken of these
    cited_by_sources: int  # PDFs of which it would be asked who cites them
    cited_by_works_at_most: int
    cited_by_credits_at_most: int  # OpenAlex's

    @property
    def says(self) -> str:
        """In one line for people."""
        parts = []
        if self.depth:
            parts.append(
                f"{self.depth} levels deep: at most {self.sources_at_most:,} fetched works are read in turn, "
                f"and {self.references_at_most:,} references of theirs taken"
            )
        if self.cited_by_sources:
            parts.append(
                f"who cites {self.cited_by_sources:,} of the PDFs: at most {self.cited_by_works_at_most:,} works, "
                f"for at most {self.cited_by_credits_at_most:,} credits"
            )
        return "; ".join(parts)


def snowball_plan(wanted: SnowballSettings, with_own_doi: int) -> SnowballPlan | None:
    """The bounds for so many PDFs that print their DOI; None where nothing of it is wanted."""
    if not wanted.depth and not wanted.cited_by:
        return None
    sources = min(wanted.depth * wanted.per_level, wanted.max_sources)
    asked = with_own_doi if wanted.cited_by else 0
    return SnowballPlan(
        depth=wanted.depth,
        sources_at_most=sources,
        references_at_most=sources * wanted.max_references,
        cited_by_sources=asked,
        cited_by_works_at_most=asked * wanted.cited_by_max,
        cited_by_credits_at_most=credits_at_most(asked, wanted.cited_by_max),
    )
