"""What the database knows, for tests."""

from __future__ import annotations

from dataclasses import dataclass, field

from dl_lit.core.items import Duplicate
from dl_lit.core.model import Work


@dataclass
class FakeKnownWorks:
    """Obeys `KnownWorks`: works with the DOIs in `dois` are known."""

    dois: dict[str, int] = field(default_factory=dict)

    def duplicate_of(self, work_id: int, work: Work) -> Duplicate | None:
        known = self.dois.get(work.doi or "")
        return Duplicate(known, "doi") if known and known != work_id else None
