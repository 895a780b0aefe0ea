"""What the web application asks, answered from the database; a connection of its own for each question."""

from __future__ import annotations

from typing import Any

import msgspec

from db.reading.explain import explain
from db.reading.inspect import hints
from db.reading.listing import page_of_entries, page_of_works
from db.reading.opening import reading
from db.reading.places import Place
from db.reading.status import Status, at_work, status
from db.tables import SCHEMA_VERSION
from dl_lit.app.metrics import Metrics
from dl_lit.app.services_now import services_now
from dl_lit.core.clock import Clock
from dl_lit.core.errors import BadInput
from dl_lit.settings import Settings
from dl_lit.web.application import Document, Queries, Selection

_STATES = (Place.WAITING, Place.DOWNLOADED, Place.NEEDS_REVIEW, Place.FAILED)


class Answers:
    """The questions, asked of one database and of what processes share about the services."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        """Nothing is opened before a question is asked."""
        self._settings = settings
        self._database = settings.database
        self._clock = clock

    def queries(self) -> Queries:
        """All of them, for the application."""
        return Queries(
            health=self.health,
            status=self.status,
            references=self.references,
            works=self.works,
            explain=self.explain,
            metrics=Metrics(self._settings, self._clock).gathered,
        )

    def health(self) -> Document:
        """That the database opens, its schema, and who works it."""
        with reading(self._database):
            return {"ok": True, "schema_version": SCHEMA_VERSION, "worked_on_by": at_work(self._database)}

    def status(self) -> Document:
        """As `dl-lit status --json`."""
        now = self._now()
        services = msgspec.to_builtins(services_now(self._settings, self._clock.time()))
        return {"schema": "dl-lit/status/1", **_plain(now), "services": services, "hints": hints(now)}

    def _now(self) -> Status:
        with reading(self._database) as connection:
            return status(connection, self._database, self._clock.time())

    def references(self, wanted: Selection) -> Document:
        """A page of entries with where they are."""
        with reading(self._database) as connection:
            page = page_of_entries(
                connection,
                source_id=wanted.source,
                place=_place(wanted.state),
                limit=wanted.limit,
                offset=wanted.offset,
            )
        items = [{**_plain(one), "id": f"e{one.id}", "state": one.place.value, "reason": one.why} for one in page.items]
        return {"schema": "dl-lit/references/1", "total": page.total, "offset": page.offset, "references": items}

    def works(self, wanted: Selection) -> Document:
        """A page of works with where they are."""
        if wanted.source is not None:
            raise BadInput("works have no source: ask /api/references?source=")
        with reading(self._database) as connection:
            page = page_of_works(connection, place=_place(wanted.state), limit=wanted.limit, offset=wanted.offset)
        items = [{**_plain(one), "id": f"w{one.id}", "state": one.place.value} for one in page.items]
        return {"schema": "dl-lit/works/1", "total": page.total, "offset": page.offset, "works": items}

    def explain(self, name: str) -> Document:
        """As `dl-lit explain --json`."""
        with reading(self._database) as connection:
            return {"schema": "dl-lit/explain/1", **_plain(explain(connection, name))}


def _place(state: str | None) -> Place | None:
    if state is None:
        return None
    if state not in _STATES:
        raise BadInput(f"{state!r} is no state: one of {', '.join(_STATES)}")
    return Place(state)


def _plain(value: object) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(value)
    return plain
