"""Taking in the works that cite one's own sources, as OpenAlex knows them: for each a source of kind `citing`."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable
from typing import Any

import structlog

from db.connect import Engine, connect
from db.intake import add_finds
from db.reading.citing_sources import OwnSource, citing_lists, own_sources
from db.reading.opening import reading
from db.runs import How, note_sources
from dl_lit.app.outcome.run_book import RunBook
from dl_lit.app.workshop import Workshop
from dl_lit.core.errors import ServiceError
from dl_lit.core.reasons import Reason
from dl_lit.core.store import NewSource, SourceKind
from dl_lit.runtime.aside import Aside
from stages.citing.forward import SERVICE, Citing, citing_works, credits_at_most, identified, reference_of

_LEVEL = 1
_LOOK_S = 0.2

log = structlog.get_logger("dl_lit.snowball")


class CitingWorks:
    """Asks once for each of the run's own sources, or the library's, who cites it."""

    def __init__(self, shop: Workshop, book: RunBook, scope: int | None) -> None:
        """`scope` None: the library's sources."""
        self._shop, self._book, self._scope = shop, book, scope
        self._settled: set[int] = set()  # sources that need not be asked about again in this process
        self._tallied: dict[str, int] = {"sources": 0, "works": 0, "known": 0, "unknown_to_openalex": 0, "put_off": 0}

    @property
    def document(self) -> dict[str, int] | None:
        """What came of it, as JSON; None where it is not wanted."""
        return dict(self._tallied) if self._shop.settings.snowball.cited_by else None

    def take(self, should_stop: Callable[[], bool]) -> int:
        """Ask about the sources that were not asked about yet; how many new sources came of it.

        What a service cannot answer now, or the day's budget does not pay for, is asked at a later look or start.
        """
        settings = self._shop.settings
        if not settings.snowball.cited_by or settings.offline or should_stop():
            return 0
        with reading(settings.database) as connection:
            listed = citing_lists(connection)
            own = [one for one in own_sources(connection, self._scope) if one.id not in self._settled]
        engine = connect(settings.database, synchronous=settings.synchronous)
        try:
            self._note([listed[one.id] for one in own if one.id in listed], engine)
            self._settled.update(one.id for one in own if one.id in listed)
            wanted = [one for one in own if one.id not in listed]
            return self._ask_aside(wanted, engine, should_stop) if wanted else 0
        finally:
            engine.dispose()

    def _note(self, source_ids: list[int], engine: Engine) -> None:
        if source_ids:
            with engine.begin() as connection:
                note_sources(connection, self._book.id, [(source_id, False) for source_id in source_ids], How.FOUND)

    def _ask_aside(self, wanted: list[OwnSource], engine: Engine, should_stop: Callable[[], bool]) -> int:
        """Ask in a thread of its own, so that whoever waits can end it."""
        most = self._shop.settings.snowball.cited_by_max
        credits_ = credits_at_most(len(wanted), most)
        log.info("cited_by", sources=len(wanted), at_most_each=most, credits_at_most=credits_)
        done, came = threading.Event(), [0]

        def run() -> None:
            try:
                for one in wanted:
                    if should_stop() or not self._ask(one, most, engine, should_stop, came):
                        break
            finally:
                done.set()

        with Aside("cited-by", run, lambda: None):
            while not done.wait(_LOOK_S):
                if should_stop():
                    self._shop.stop_asking()
        self._tallied["put_off"] = sum(one.id not in self._settled for one in wanted)
        return came[0]

    def _ask(self, one: OwnSource, most: int, engine: Engine, should_stop: Callable[[], bool], came: list[int]) -> bool:
        """Ask about one source; whether to go on with the next."""
        calls = self._shop.network.calls
        try:
            openalex_id = identified(calls, one.doi)
            found = citing_works(calls, openalex_id, most, should_stop) if openalex_id else None
        except ServiceError as error:
            log.warning("cited_by_put_off", source=one.id, reason=error.reason.value)
            return error.reason not in {Reason.BUDGET_EXHAUSTED, Reason.SERVICE_DOWN, Reason.OFFLINE}
        if openalex_id is None or found is None:
            self._settled.add(one.id)
            self._tallied["unknown_to_openalex"] += 1
            return True
        if found.is_whole:
            came[0] += self._add(one, openalex_id, found, engine)
            self._settled.add(one.id)
        return found.is_whole

    def _add(self, one: OwnSource, openalex_id: str, found: Citing, engine: Engine) -> int:
        """Write the works down as entries; how many sources are new."""
        what: dict[str, Any] = {"cites": openalex_id, "doi": one.doi, "source": one.id, "known": found.known}
        source = NewSource(
            path=f"works that cite {one.title or one.doi}",
            sha256=hashlib.sha256(f"citing:{openalex_id}".encode()).hexdigest(),
            size_bytes=0,
            kind=SourceKind.CITING,
            origin=json.dumps(what),
            level=_LEVEL,
        )
        references = [reference_of(work, place) for place, work in enumerate(found.works, start=1)]
        grown = add_finds(engine, source, references, self._shop.clock)
        with engine.begin() as connection:
            note_sources(connection, self._book.id, [(grown.source.id, grown.source.is_new)], How.FOUND)
        self._tallied["sources"] += 1
        self._tallied["works"] += len(found.works)
        self._tallied["known"] += found.known
        log.info(
            "citing_works", source=grown.source.id, cites=one.id, works=len(found.works), known=found.known,
            service=SERVICE,
        )  # fmt: skip
        return int(grown.source.is_new)
