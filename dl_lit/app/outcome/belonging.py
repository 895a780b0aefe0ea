"""Which events of the log are of one source: its own, its entries' and those of the works that these cite."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from db.reading.opening import reading
from db.reading.tracing import is_cited_by, sources_called
from dl_lit.core.errors import BadInput

_KNOWN = 100_000  # works at most that are remembered


class Belonging:
    """Tells whether events are of a source."""

    def __init__(self, database: Path, name: str) -> None:
        """`name` is a number ("s3"), a path or the end of one; raises `BadInput` where it means no source."""
        self._database = database
        with reading(database) as connection:
            self._sources = set(sources_called(connection, name))
        if not self._sources:
            raise BadInput("there is no such source: dl-lit inspect-tables sources shows those there are")
        self._known: dict[int, bool] = {}

    def fits(self, event: Mapping[str, Any]) -> bool:
        """Whether the event is of the source."""
        if event.get("source") is not None:
            return event["source"] in self._sources
        work = event.get("work")
        if not isinstance(work, int):
            return False
        if work not in self._known:
            if len(self._known) >= _KNOWN:
                self._known.clear()
            self._known[work] = self._is_cited(work)
        return self._known[work]

    def _is_cited(self, work: int) -> bool:
        """A work is recognised before anything is logged of it."""
        with reading(self._database) as connection:
            return is_cited_by(connection, work, self._sources)
