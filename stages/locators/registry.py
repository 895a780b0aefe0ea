"""The locators, in the order in which they are asked. A new locator is a module here and a line below."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from dl_lit.core.model import Location, Work
from dl_lit.core.ports import ServiceCalls
from dl_lit.core.values import dataclass
from stages.locators import (
    acl,
    arxiv,
    biorxiv,
    core,
    doab,
    doaj,
    europepmc,
    figshare,
    hal,
    inspire,
    internet_archive,
    oapen,
    openalex,
    openalex_content,
    osf,
    pmc,
    scholar_archive,
    semantic_scholar,
    unpaywall,
    wayback,
    zenodo,
)
from stages.locators.settings import LocatorSettings

Locate = Callable[[ServiceCalls, Work, LocatorSettings], tuple[Location, ...]]
"""Asks for the locations of a work; raises `ServiceError`."""

LocateCopies = Callable[[ServiceCalls, Work, tuple[Location, ...], LocatorSettings], tuple[Location, ...]]
"""Asks for copies of a work or of locations that were tried in vain; raises `ServiceError`."""

WorthAsking = Callable[[Work, tuple[Location, ...]], bool]
"""Whether it may add something to the locations known so far that nobody has tried in vain. Pure, no request.

Who looks for copies of dead addresses is given those that were tried in vain instead."""


class Round(StrEnum):
    """When a locator is asked."""

    FIRST = "first"  # before anything is fetched: it costs little, or knows best
    FURTHER = "further"  # where the first round gave nothing, or all that it gave was tried in vain


@dataclass(frozen=True, slots=True)
class Locator:
    """One service that knows open-access locations, and when it is worth asking."""

    service: str
    locate: Locate
    is_worth_asking: WorthAsking
    round: Round = Round.FIRST
    copies: LocateCopies | None = None  # asked instead of `locate` by who looks for copies of dead addresses


LOCATORS: tuple[Locator, ...] = (
    Locator(arxiv.SERVICE, arxiv.locate, arxiv.is_worth_asking),
    Locator(acl.SERVICE, acl.locate, acl.is_worth_asking),
    Locator(zenodo.SERVICE, zenodo.locate, zenodo.is_worth_asking),
    Locator(openalex.SERVICE, openalex.locate, openalex.is_worth_asking),
    Locator(osf.SERVICE, osf.locate, osf.is_worth_asking),
    Locator(figshare.SERVICE, figshare.locate, figshare.is_worth_asking),
    Locator(pmc.SERVICE, pmc.locate, pmc.is_worth_asking),
    Locator(europepmc.SERVICE, europepmc.locate, europepmc.is_worth_asking),
    Locator(unpaywall.SERVICE, unpaywall.locate, unpaywall.is_worth_asking),
    Locator(europepmc.SERVICE, europepmc.locate_versions, europepmc.is_worth_searching, Round.FURTHER),
    Locator(hal.SERVICE, hal.locate, hal.is_worth_asking, Round.FURTHER),
    Locator(inspire.SERVICE, inspire.locate, inspire.is_worth_asking, Round.FURTHER),
    Locator(zenodo.SERVICE, zenodo.locate_deposit, zenodo.is_worth_searching, Round.FURTHER),
    Locator(oapen.SERVICE, oapen.locate, oapen.is_worth_asking, Round.FURTHER),
    Locator(doab.SERVICE, doab.locate, doab.is_worth_asking, Round.FURTHER),
    Locator(internet_archive.SERVICE, internet_archive.locate, internet_archive.is_worth_asking, Round.FURTHER),
    Locator(doaj.SERVICE, doaj.locate, doaj.is_worth_asking, Round.FURTHER),
    Locator(scholar_archive.SERVICE, scholar_archive.locate, scholar_archive.is_worth_asking, Round.FURTHER),
    Locator(semantic_scholar.SERVICE, semantic_scholar.locate, semantic_scholar.is_worth_asking, Round.FURTHER),
    Locator(biorxiv.SERVICE, biorxiv.locate, biorxiv.is_worth_asking, Round.FURTHER),
    Locator(wayback.SERVICE, wayback.locate, wayback.is_worth_asking, Round.FURTHER, wayback.copies),
    Locator(core.SERVICE, core.locate, core.is_worth_asking, Round.FURTHER),
    Locator(openalex_content.SERVICE, openalex_content.locate, openalex_content.is_worth_asking, Round.FURTHER),
)
