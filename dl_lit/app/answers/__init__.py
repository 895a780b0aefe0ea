"""What the control surface asks, answered from the database; a connection of its own for each question.

To add a question of the page's own, add an `Extra` to `Answers.extras`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import msgspec

from db.reading.explain import explain
from db.reading.listing import Page, page_of_entries, page_of_sources, page_of_works
from db.reading.opening import reading
from db.reading.places import Place
from dl_lit import __version__
from dl_lit.app.answers.described import schemas
from dl_lit.app.answers.following import FollowingDatabase
from dl_lit.app.answers.health import Health
from dl_lit.app.control_surface.page_answers import PageAnswers
from dl_lit.app.metrics import Metrics
from dl_lit.app.now.snapshot import Snapshots
from dl_lit.core.clock import Clock
from dl_lit.core.errors import BadInput
from dl_lit.settings import Settings
from dl_lit.web.contract import Document, Extra, Following, Queries, Selection

_STATES = (Place.WAITING, Place.DOWNLOADED, Place.NEEDS_REVIEW, Place.FAILED)
_OF_SOURCES = (Place.WAITING, Place.EXTRACTED, Place.FAILED)


class Answers:
    """The questions, asked of one database and of what processes share about the services."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        """Nothing is opened before a question is asked."""
        self._settings = settings
        self._database = settings.database
        self._clock = clock
        self._health = Health(settings, clock)
        self._snapshots = Snapshots(settings, clock, recent=10, least_s=1.0)
        self._page = PageAnswers(settings.database, clock)

    def queries(self) -> Queries:
        """All of them, for the application."""
        return Queries(
            health=self._health.health,
            status=self.status,
            conditions=self._health.conditions,
            sources=self.sources,
            references=self.references,
            works=self.works,
            explain=self.explain,
            metrics=Metrics(self._settings, self._clock).gathered,
            follow=self.follow,
            schemas=schemas,
            version=__version__,
            extras=self.extras(),
        )

    def extras(self) -> Mapping[str, Extra]:
        """What only the page asks, by path."""
        return self._page.extras()

    def status(self) -> Document:
        """As `dl-lit status --json`."""
        return self._snapshots.take().document()

    def follow(self) -> Following:
        """What happens from now on."""
        health = Health(self._settings, self._clock)
        return FollowingDatabase(self._settings, self._clock, self.status, health.conditions)

    def sources(self, wanted: Selection) -> Document:
        """A page of sources, in the order they were added."""
        place = _place(wanted.state, _OF_SOURCES)
        with reading(self._database) as connection:
            page = page_of_sources(
                connection, source_id=wanted.source, place=place, limit=wanted.limit, offset=wanted.offset,
                after=wanted.after,
            )  # fmt: skip
        items = [{**_plain(one), "id": f"s{one.id}", "state": one.place.value} for one in page.items]
        return _page("sources", page, items, wanted)

    def references(self, wanted: Selection) -> Document:
        """A page of entries with where they are."""
        place = _place(wanted.state, _STATES)
        with reading(self._database) as connection:
            page = page_of_entries(
                connection, source_id=wanted.source, place=place, limit=wanted.limit, offset=wanted.offset,
                after=wanted.after,
            )  # fmt: skip
        items = [{**_plain(one), "id": f"e{one.id}", "state": one.place.value, "reason": one.why} for one in page.items]
        return _page("references", page, items, wanted)

    def works(self, wanted: Selection) -> Document:
        """A page of works with where they are."""
        if wanted.source is not None:
            raise BadInput("works have no source: ask /api/references?source=")
        place = _place(wanted.state, _STATES)
        with reading(self._database) as connection:
            page = page_of_works(connection, place=place, limit=wanted.limit, offset=wanted.offset, after=wanted.after)
        items = [{**_plain(one), "id": f"w{one.id}", "state": one.place.value} for one in page.items]
        return _page("works", page, items, wanted)

    def explain(self, name: str) -> Document:
        """As `dl-lit explain --json`."""
        with reading(self._database) as connection:
            return {"schema": "dl-lit/explain/1", **_plain(explain(connection, name))}


def _page(name: str, page: Page[Any], items: list[dict[str, Any]], wanted: Selection) -> Document:
    """A page with the address of the next one, which begins behind the last item whatever is added meanwhile."""
    following = None
    if len(items) == wanted.limit:
        asked = {"source": wanted.source, "state": wanted.state, "limit": wanted.limit, "after": items[-1]["id"]}
        following = f"/api/{name}?{urlencode({key: value for key, value in asked.items() if value is not None})}"
    is_counted = wanted.after is None
    return {
        "schema": f"dl-lit/{name}/1",
        "total": page.total if is_counted else None,
        "offset": page.offset if is_counted else None,
        "next": following,
        name: items,
    }


def _place(state: str | None, states: tuple[Place, ...]) -> Place | None:
    if state is None:
        return None
    if state not in states:
        raise BadInput(f"{state!r} is no state: one of {', '.join(states)}")
    return Place(state)


def _plain(value: object) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(value)
    return plain
