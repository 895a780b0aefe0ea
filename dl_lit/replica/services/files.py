"""The files the hosts serve, made when they are asked for."""

from __future__ import annotations

import re

from dl_lit.replica.catalogue import Catalogue
from dl_lit.replica.pdfs import damaged, make_pdf
from dl_lit.replica.records import Record
from dl_lit.replica.services.settings import Settings

_POSITION = re.compile(r"^/(?:article|handle/10|bitstream/handle/10)/(\d+)(?:[/?.]|$)")
_ARXIV = re.compile(r"^/(?:pdf|abs)/(.+?)(?:v\d+)?(?:\.pdf)?$")
_PMC = re.compile(r"^/(?:articles/)?(PMC\d+)", re.IGNORECASE)
_KEPT = 128  # made files kept, some 60 KB each
_KEPT_BYTES = 1_000_000  # larger ones are made anew each time


class Files:
    """PDFs of works, by work or by the target of a request."""

    def __init__(self, catalogue: Catalogue, settings: Settings) -> None:
        """Sizes come from `settings`."""
        self._catalogue = catalogue
        self._settings = settings
        self._made: dict[tuple[int, str], bytes] = {}

    def pdf(self, record: Record, version: str = "") -> bytes:
        """The file of a work in a version: the same bytes always."""
        key = (record.position, version)
        made = self._made.get(key)
        if made is None:
            made = make_pdf(record, version=version, min_bytes=self._size(record))
            if len(made) > _KEPT_BYTES:
                return made
            if len(self._made) >= _KEPT:
                self._made.pop(next(iter(self._made)))
            self._made[key] = made
        return made

    def encrypted(self, target: str) -> bytes:
        """The file behind a target, locked with a password."""
        return make_pdf(self._of(target), encrypted=True)

    def damaged(self, target: str) -> bytes:
        """The file behind a target, spoilt."""
        return damaged(self.pdf(self._of(target)))

    def other(self, target: str) -> bytes:
        """The file of another work than the one behind a target."""
        index = self._catalogue.universe.index
        record = self._of(target)
        return make_pdf(
            index.record((record.position + 1 + len(index) // 2) % len(index)), min_bytes=self._size(record)
        )

    def record_of(self, target: str) -> Record | None:
        """The work behind the path of a host, None where there is none."""
        path = target.partition("?")[0]
        index = self._catalogue.universe.index
        found = _POSITION.match(path)
        if found:
            position = int(found.group(1))
            return index.record(position) if position < len(index) else None
        found = _ARXIV.match(path)
        if found:
            return self._catalogue.by_arxiv(found.group(1))
        found = _PMC.match(path)
        return self._catalogue.by_pmcid(found.group(1)) if found else None

    def _of(self, target: str) -> Record:
        return self.record_of(target) or self._catalogue.universe.index.record(0)

    def _size(self, record: Record) -> int:
        least, most = self._settings.pdf_min_bytes, self._settings.pdf_max_bytes
        return least + (self._catalogue.number(record, "size", most - least) if most > least else 0)
