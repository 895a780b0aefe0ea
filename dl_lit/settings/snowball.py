"""The settings of snowballing: how far what was fetched is read for further references, and where that ends."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from dl_lit.core.values import dataclass

Depth = Annotated[int, Meta(ge=0, le=20)]
Sources = Annotated[int, Meta(ge=0, le=1_000_000)]
Percent = Annotated[float, Meta(ge=0, le=100)]


@dataclass(frozen=True, slots=True, kw_only=True)
class SnowballSettings:
    """How far what was fetched is read for further references; one-off runs count by run, the daemon by library."""

    depth: Depth = 0  # levels of fetched works whose PDFs are read in turn; 0: none
    per_level: Sources = 100  # of these, at most so many at each level: the most cited by your own sources, the newest
    max_sources: Sources = 1_000  # ... and at all levels together
    max_references: Annotated[int, Meta(ge=1, le=100_000)] = 500  # taken of one of them, in printed order
    max_pages: Annotated[int, Meta(ge=1, le=100_000)] = 300  # longer ones are not read
    least_new: Percent = 5.0  # a level of whose works fewer per cent are new is the last
    cited_by: bool = False  # works that cite your own sources, as OpenAlex knows them, are taken in, too
    cited_by_max: Annotated[int, Meta(ge=1, le=10_000)] = 200  # of each source, the most cited ones
