"""Asks the locators, and after them what the user's own rights allow: last of all, and only where it was set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from dl_lit.core.errors import RequestRefused, ServiceError
from dl_lit.core.model import Location, Work
from dl_lit.core.ports import Located, Locating, ServiceCalls
from dl_lit.core.reasons import Reason
from dl_lit.core.trail import Asked, Reply
from stages.access import proxy, publisher_tdm, resolvers
from stages.access.rights import Rights
from stages.enrichment.metered import Metered
from stages.locators.addresses import same_file
from stages.locators.preference import Preference
from stages.locators.search import number

_HOW = "own-rights"
_DETAIL = 200  # characters


@dataclass(slots=True)
class _Own:
    """What the user's own rights came to for one work."""

    found: list[Location] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    errors: list[ServiceError] = field(default_factory=list)


class WithOwnRights:
    """Obeys `core.ports.Locating`. Holds nothing that changes."""

    def __init__(
        self, open_copies: Locating, calls: ServiceCalls, rights: Rights, preference: Preference | None = None
    ) -> None:
        """Ask `open_copies` first, then what `rights` allow, resolvers through `calls`."""
        self._open = open_copies
        self._calls = calls
        self._rights = rights
        self._preference = preference or Preference()

    def first(self, work: Work) -> Located:
        """Only open copies."""
        return self._open.first(work)

    def further(self, work: Work, known: Sequence[Location]) -> Located:
        """More open copies; behind them, where all open ones known so far were tried, what the user may reach.

        Where nothing was tried yet and there are open ones, they alone: the rest is asked for when these failed.
        """
        told = self._open.further(work, known)
        if told.locations and not known:
            return told
        own = self._own(work, (*known, *told.locations))
        return replace(
            told,
            locations=(*told.locations, *own.found),
            asked=(*told.asked, *own.asked),
            errors=(*told.errors, *own.errors),
        )

    def _own(self, work: Work, known: Sequence[Location]) -> _Own:
        own = _Own()
        for resolver in self._rights.resolvers:
            if not resolvers.is_worth_asking(resolver, work):
                own.asked.append(_not_asked(resolver.service, "the work lacks what its address names"))
                continue
            through = Metered(self._calls)
            try:
                found = resolvers.locate(through, resolver, work)
            except ServiceError as error:
                refused = isinstance(error, RequestRefused)
                failed = Reply.NOT_ASKED if error.reason is Reason.OFFLINE else Reply.FAILED
                own.asked.append(_asked(resolver.service, through, Reply.REFUSED if refused else failed, str(error)))
                own.errors += [] if refused else [error]
            else:
                reply = Reply.FOUND if found else Reply.ABSENT
                own.asked.append(_asked(resolver.service, through, reply, number(found) if found else ""))
                own.found += found
        for name, places in (
            (publisher_tdm.FOUND_BY, publisher_tdm.locate(work, self._rights)),
            (proxy.FOUND_BY, proxy.locate(work, known, self._rights)),
        ):
            own.found += places
            if places:
                own.asked.append(Asked(service=name, how=_HOW, reply=Reply.FOUND, detail=number(places)))
        own.found = [one for one in _new(own.found, known) if self._preference.accepts(one)]
        return own


def _new(found: Sequence[Location], known: Sequence[Location]) -> list[Location]:
    files = {same_file(one.url) for one in known}
    return list({same_file(one.url): one for one in reversed(found) if same_file(one.url) not in files}.values())[::-1]


def _not_asked(service: str, why: str) -> Asked:
    return Asked(service=service, how=_HOW, reply=Reply.NOT_ASKED, detail=why)


def _asked(service: str, through: Metered, reply: Reply, detail: str) -> Asked:
    return Asked(
        service=service,
        how=_HOW,
        reply=reply,
        requests=through.requests,
        is_remembered=bool(through.remembered) and not through.requests,
        detail=detail[:_DETAIL],
    )
