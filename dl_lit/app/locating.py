"""Who finds open copies in a run, as the settings say; after them what the user's own rights allow."""

from __future__ import annotations

from dl_lit.core.clock import Clock
from dl_lit.core.ports import Locating, ServiceCalls
from dl_lit.settings import Settings
from stages.access.locating import WithOwnRights
from stages.access.rights import Rights
from stages.locators.preference import Preference
from stages.locators.search import LocationSearch
from stages.locators.settings import LocatorSettings


def locating(settings: Settings, calls: ServiceCalls, preference: Preference, clock: Clock) -> Locating:
    """The locators; with the user's own rights behind them where any are set."""
    addresses = LocatorSettings.from_base_urls(
        {name: one.service.base_url for name, one in settings.services.items()},
        openalex_credits_kept=settings.access.openalex_credits_kept,
    )
    search = LocationSearch(calls, addresses, preference=preference, clock=clock)
    own = rights(settings)
    return search if own.are_none else WithOwnRights(search, calls, own, preference)


def rights(settings: Settings) -> Rights:
    """What of their own the user has set; keys stay behind: they go to their hosts with the requests for files."""
    access = settings.access
    return Rights(
        resolvers=access.resolvers,
        elsevier_url=access.elsevier_url.rstrip("/") if access.elsevier_key else None,
        wiley_url=access.wiley_url.rstrip("/") if access.wiley_token else None,
        proxy=access.proxy,
        doi_url=settings.services["doi"].service.base_url,
    )
