"""What the database knows of the sources and works, and imported metadata, for tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from dl_lit.core.items import EntryItem
from dl_lit.core.job import Claim
from dl_lit.core.model import CitingWork, Reference, StageName, Work


@dataclass
class FakeBibliographies:
    """Obeys `Bibliographies`. Entries are numbered through, source after source; what ends is taken off by `close`."""

    sources: dict[int, tuple[Reference, ...]] = field(default_factory=dict)
    citing: dict[int, CitingWork] = field(default_factory=dict)
    works: dict[tuple[str, str], Work] = field(default_factory=dict)
    closed: set[int] = field(default_factory=set)

    def claims(self, source: int, *places: int, phase: str = "", attempt: int = 1) -> list[Claim]:
        """Claims of entries of a source by their places from 0; of all of them where none is named."""
        rows = self._rows(source)
        chosen = [rows[place] for place in places] if places else rows
        return [
            Claim(StageName.ENRICHMENT, number, EntryItem(source, one), attempt=attempt, phase=phase)
            for number, one in chosen
        ]

    def _rows(self, source: int) -> list[tuple[int, Reference]]:
        return [(source * 10_000 + place, one) for place, one in enumerate(self.sources[source])]

    def citing_works(self, source_ids: Sequence[int]) -> Mapping[int, CitingWork]:
        return {source: self.citing.get(source, CitingWork(source_id=source)) for source in source_ids}

    def open_entries(self, source_ids: Sequence[int]) -> Mapping[int, tuple[tuple[int, Reference], ...]]:
        return {
            source: tuple(row for row in self._rows(source) if row[0] not in self.closed)
            for source in source_ids
            if source in self.sources
        }

    def next_sources(self, entries: int) -> Sequence[int]:
        return sorted(self.sources, reverse=True)[:entries]

    def known_works(self, keys: Sequence[tuple[str, str]]) -> Mapping[tuple[str, str], Work]:
        return {key: self.works[key] for key in keys if key in self.works}


@dataclass
class FakeLocalIndex:
    """Obeys `LocalIndex`: a search gives all works whose title the entry prints."""

    works: dict[tuple[str, str], Work] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        return not self.works

    def by_ids(self, kind: str, ids: Sequence[str]) -> Mapping[str, Work]:
        return {one: self.works[kind, one] for one in ids if (kind, one) in self.works}

    def search(self, reference: Reference, limit: int) -> list[Work]:
        found = [work for work in self.works.values() if reference.title and work.title == reference.title]
        return found[:limit]
