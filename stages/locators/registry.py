"""The locators, in the order in which they are asked. A new locator is a module here and a line below."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dl_lit.core.model import Location, Work
from dl_lit.core.ports import ServiceCalls
from stages.locators import arxiv, europepmc, openalex, pmc, unpaywall
from stages.locators.settings import LocatorSettings

Locate = Callable[[ServiceCalls, Work, LocatorSettings], tuple[Location, ...]]
WorthAsking = Callable[[Work, tuple[Location, ...]], bool]


@dataclass(frozen=True, slots=True)
class Locator:
    """One service that knows open-access locations, and when it is worth asking."""

    service: str
    locate: Locate
    is_worth_asking: WorthAsking


LOCATORS: tuple[Locator, ...] = (
    Locator(openalex.SERVICE, openalex.locate, openalex.is_worth_asking),
    Locator(arxiv.SERVICE, arxiv.locate, arxiv.is_worth_asking),
    Locator(pmc.SERVICE, pmc.locate, pmc.is_worth_asking),
    Locator(europepmc.SERVICE, europepmc.locate, europepmc.is_worth_asking),
    Locator(unpaywall.SERVICE, unpaywall.locate, unpaywall.is_worth_asking),
)
