"""Asking the locators for one work: the cheap and sure ones first, the others where those came to nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from dl_lit.core.clock import Clock, SystemClock
from dl_lit.core.errors import RequestRefused, ServiceError
from dl_lit.core.model import Location, Work
from dl_lit.core.ports import Located, ServiceCalls
from dl_lit.core.reasons import Reason
from dl_lit.core.services import SERVICES
from dl_lit.core.trail import Asked, Reply
from stages.enrichment.metered import Metered
from stages.locators.addresses import same_file
from stages.locators.preference import Preference
from stages.locators.rank import Sorted, sort_out
from stages.locators.registry import LOCATORS, Locator, Round
from stages.locators.settings import LocatorSettings

_HOW = "locations"
_CAME_ALONG = "record"  # with the description of the work: nothing was asked for them
_KNOWN = "known"  # our own database
_DETAIL = 200  # characters
_FOR_FEW = frozenset(service.name for service in SERVICES if service.needs_key)
"""Services for those who have a key: that they were not asked stands in the trail, and is missed by nobody else."""

_NOT_SET_UP = "not set up: it is switched off, or lacks a contact address or key that it takes"


@dataclass(slots=True)
class _Search:
    """What the locators came to for one work so far."""

    found: tuple[Location, ...] = ()
    errors: list[ServiceError] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def skip(self, service: str, why: str) -> None:
        """Keep that a locator was not asked."""
        self.asked.append(Asked(service=service, how=_HOW, reply=Reply.NOT_ASKED, detail=why))

    def note(self, service: str, through: Metered, reply: Reply, detail: str) -> None:
        """Keep what a locator said and what that cost."""
        self.asked.append(
            Asked(
                service=service,
                how=_HOW,
                reply=reply,
                requests=through.requests,
                credits=through.credits,
                is_remembered=bool(through.remembered) and not through.requests,
                detail=detail[:_DETAIL],
            )
        )


class LocationSearch:
    """Obeys `core.ports.Locating`. Holds nothing that changes."""

    def __init__(
        self,
        calls: ServiceCalls,
        settings: LocatorSettings | None = None,
        locators: Sequence[Locator] = LOCATORS,
        preference: Preference | None = None,
        clock: Clock | None = None,
    ) -> None:
        """Ask `locators` through `calls`; the clock says which embargoes are over."""
        self._calls = calls
        self._settings = settings or LocatorSettings()
        self._locators = tuple(locators)
        self._preference = preference or Preference()
        self._clock = clock or SystemClock()

    def first(self, work: Work) -> Located:
        """Ask the locators of the first round in turn, each only where it can add something."""
        search = _Search()
        if work.locations:
            search.found = work.locations
            search.asked.append(
                Asked(
                    service=work.metadata_source or _KNOWN,
                    how=_CAME_ALONG,
                    reply=Reply.FOUND,
                    detail=number(work.locations),
                )
            )
        for locator in self._locators:
            if locator.round is Round.FIRST:
                self._ask(search, locator, work, ())
        return self._sorted(search, ())

    def further(self, work: Work, known: Sequence[Location]) -> Located:
        """Ask everybody who was not asked before `known` were tried; gives locations that are not among them.

        Those of the first round that had nothing to add then are asked as well. Asking again with what this gave
        added to `known` goes on to locators that it had spared; nothing new means that nobody knows any more.
        """
        search, tried = _Search(), tuple(known)
        heard = {one.found_by for one in tried}
        for locator in self._locators:
            is_spared = bool(tried) and locator.service not in heard
            if locator.round is Round.FURTHER or is_spared:
                self._ask(search, locator, work, tried)
        return self._sorted(search, tried)

    def _ask(self, search: _Search, locator: Locator, work: Work, tried: tuple[Location, ...]) -> None:
        """Ask one; a dead one costs only its own share."""
        service = locator.service
        untried = self._told(search, tried).to_try
        if not locator.is_worth_asking(work, tried if locator.copies is not None else untried):
            search.skip(service, "nothing to add to what is known" if untried else "no identifier it takes")
            return
        if not self._calls.is_available(service):
            search.skip(service, _NOT_SET_UP)
            if service not in _FOR_FEW:
                search.left_out.append(service)
            return
        through = Metered(self._calls)
        try:
            if locator.copies is not None:
                found = locator.copies(through, work, tried, self._settings)
            else:
                found = locator.locate(through, work, self._settings)
        except RequestRefused as error:
            search.note(service, through, Reply.REFUSED, str(error))  # it will never take this identifier
        except ServiceError as error:
            if not self._calls.is_available(service):  # it will not have us: go on as if it were not set up
                search.note(service, through, Reply.REFUSED if through.requests else Reply.NOT_ASKED, str(error))
                search.left_out.append(service)
                return
            reply = Reply.NOT_ASKED if error.reason is Reason.OFFLINE else Reply.FAILED
            search.note(service, through, reply, str(error))
            search.errors.append(error)
        else:
            search.found += found
            search.note(service, through, Reply.FOUND if found else Reply.ABSENT, number(found) if found else "")

    def _told(self, search: _Search, tried: tuple[Location, ...]) -> Sorted:
        return sort_out(_without(search.found, tried), self._preference, self._clock.now().date())

    def _sorted(self, search: _Search, tried: tuple[Location, ...]) -> Located:
        told = self._told(search, tried)
        return Located(
            locations=told.to_try,
            asked=tuple(search.asked),
            errors=tuple(search.errors),
            embargoed=told.embargoed,
            left_out=tuple(search.left_out),
            set_aside=told.set_aside,
        )


def number(locations: Sequence[Location]) -> str:
    """How many locations there are, in words for people."""
    files = sum(one.is_pdf for one in locations)
    return f"{len(locations)} location{'' if len(locations) == 1 else 's'}, {files} of a PDF"


def _without(found: tuple[Location, ...], tried: tuple[Location, ...]) -> tuple[Location, ...]:
    if not tried:
        return found
    files = {same_file(one.url) for one in tried}
    return tuple(one for one in found if same_file(one.url) not in files)
