"""A checker of PDFs that opens none."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from dl_lit.core.errors import PdfError
from dl_lit.core.ports import PdfFacts


@dataclass
class FakeChecker:
    """Obeys `PdfChecker`: says or raises what it was told."""

    result: PdfFacts | PdfError = field(default_factory=lambda: PdfFacts(17))

    def check(self, path: Path) -> PdfFacts:
        """See `PdfChecker.check`."""
        del path
        if isinstance(self.result, PdfError):
            raise self.result
        return self.result

    def close(self) -> None:
        """See `PdfChecker.close`."""
