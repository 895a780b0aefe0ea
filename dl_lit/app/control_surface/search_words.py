"""Keeps the words that are searched, in the process that answers searches: nobody else needs them."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from db.connect import connect, is_there
from db.finding.keeping import begin_anew, is_behind, keep_up, lost
from db.reading.opening import reading
from dl_lit.runtime.repeating import Repeating
from dl_lit.settings import Settings

EVERY_S = 3.0
"""How often is looked whether something has come; until then it is found by looking through it."""

_REST = 2.0
"""How long nothing is written after each handful of rows, as a multiple of what these took."""

log = structlog.get_logger("dl_lit.search")


class SearchWords:
    """One database's words. For one thread."""

    def __init__(self, settings: Settings) -> None:
        """Nothing is opened before the first look."""
        self._settings = settings
        self._stopping = threading.Event()
        self._is_checked = False
        self._rested_at = 0.0

    def look(self) -> None:
        """Add the words of what has come; at the first time all of them anew, where some are lost."""
        if not is_there(self._settings.database):
            return
        with reading(self._settings.database) as connection:
            gone = [] if self._is_checked else lost(connection)
            self._is_checked = True
            if not gone and not is_behind(connection):
                return
        # Not kept open, since a restored database is another file; what a power cut takes of this is added again.
        engine = connect(self._settings.database, synchronous="NORMAL")
        try:
            if gone:
                log.warning("search_words_lost", examples=gone[:5])
                begin_anew(engine)
            self._rested_at = time.monotonic()
            keep_up(engine, should_stop=self._stopping.is_set, rest=self._rest)
        finally:
            engine.dispose()

    def _rest(self) -> None:
        self._stopping.wait(_REST * (time.monotonic() - self._rested_at))
        self._rested_at = time.monotonic()

    def stop(self) -> None:
        """Let a look that is under way end."""
        self._stopping.set()


@contextmanager
def keeping_words(settings: Settings) -> Iterator[None]:
    """Look every few seconds while entered."""
    words = SearchWords(settings)
    with Repeating("search-words", EVERY_S, [words.look]):
        try:
            yield
        finally:
            words.stop()
