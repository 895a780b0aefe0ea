"""The locators, in the order in which they are asked. A new locator is a module here and a line below."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from dl_lit.core.model import Location, Work
from dl_lit.core.ports import ServiceCalls
from stages.locators import arxiv, europepmc, openalex, pmc, unpaywall
from stages.locators.settings import LocatorSettings

Locate = Callable[[ServiceCalls, Work, LocatorSettings], tuple[Location, ...]]
"""Asks for the locations of a work; raises `ServiceError`."""

LocateCopies = Callable[[ServiceCalls, Work, tuple[Location, ...], LocatorSettings], tuple[Location, ...]]
"""Asks for copies of a work or of locations that were tried in vain; raises `ServiceError`."""

WorthAsking = Callable[[Work, tuple[Location, ...]], bool]
"""Whether it may add something to the locations known so far that nobody has tried in vain. Pure, no request."""


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
    Locator(openalex.SERVICE, openalex.locate, openalex.is_worth_asking),
    Locator(arxiv.SERVICE, arxiv.locate, arxiv.is_worth_asking),
    Locator(pmc.SERVICE, pmc.locate, pmc.is_worth_asking),
    Locator(europepmc.SERVICE, europepmc.locate, europepmc.is_worth_asking),
    Locator(unpaywall.SERVICE, unpaywall.locate, unpaywall.is_worth_asking),
)
