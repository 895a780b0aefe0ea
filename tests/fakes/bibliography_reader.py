"""A reader of bibliographies for tests."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from dl_lit.core.errors import PdfError
from dl_lit.core.model import Bibliography


@dataclass
class FakeReader:
    """Obeys `BibliographyReader`: gives or raises what it was told."""

    result: Bibliography | PdfError
    read_paths: list[Path] = field(default_factory=list)
    is_closed: bool = False

    def read(self, path: Path) -> Bibliography:
        self.read_paths.append(path)
        if isinstance(self.result, PdfError):
            raise self.result
        return self.result

    def close(self) -> None:
        self.is_closed = True
