"""Candidates for an entry out of many records: from the product's own local index, filled for the occasion."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from benchmarks.matching_universe import Universe

from db.local_index.reader import LocalMetadata
from db.local_index.writer import LocalIndexWriter
from dl_lit.core.clock import SystemClock
from dl_lit.core.model import Reference, Work
from dl_lit.matching.normalise import text_key


class Index:
    """A local index of all records but those left out, and of works that were added besides, in a temporary file."""

    def __init__(self, universe: Universe, left_out: frozenset[int], added: Sequence[Work] = ()) -> None:
        self._universe = universe
        self._left_out = left_out
        self._added = list(added)
        self._folder = tempfile.TemporaryDirectory(prefix="dl-lit-bench-")
        path = Path(self._folder.name) / "local-index.db"
        with LocalIndexWriter(path, text_key, SystemClock()) as writer:
            for number in range(len(universe) + len(self._added)):
                if number in left_out:
                    continue
                writer.add(self.work(number), None)
                if writer.is_batch_full:
                    writer.commit(None, "universe", number, is_whole=False)
            writer.commit(None, "universe", len(universe), is_whole=True)
            writer.finish()
        self._index = LocalMetadata(path, text_key)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._index.close()
        self._folder.cleanup()

    def work(self, number: int) -> Work:
        """The record with this number; beyond the universe's, an added one."""
        beyond = number - len(self._universe)
        return self._universe.work(number) if beyond < 0 else self._added[beyond]

    def search(self, reference: Reference, limit: int) -> list[tuple[int, Work]]:
        """At most `limit` records with their numbers, the likeliest first."""
        return [(number_of(work), work) for work in self._index.search(reference, limit)]


def number_of(work: Work) -> int:
    """The number of a record that came from `Index.work`."""
    return int((work.openalex_id or "W0")[1:]) - 1
