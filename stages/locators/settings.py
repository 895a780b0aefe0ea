"""The addresses from which locators build locations: settings, so that a run can be pointed at a replica."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from dl_lit.core.services import BY_NAME

EUROPEPMC_SITE = "https://europepmc.org"
"""Where Europe PMC renders PDFs: another host than its programming interface (https://europepmc.org/RestfulWebService,
read 2026-11-22)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LocatorSettings:
    """Base addresses without a closing slash."""

    arxiv_url: str = BY_NAME["arxiv"].base_url
    pmc_url: str = BY_NAME["pmc"].base_url
    europepmc_site_url: str = EUROPEPMC_SITE

    @classmethod
    def from_base_urls(cls, base_urls: Mapping[str, str]) -> LocatorSettings:
        """Take the base addresses of the services, by their names.

        Where Europe PMC's programming interface was pointed elsewhere, its site is taken to be at that host's root.
        """
        default = BY_NAME["europepmc"].base_url
        europepmc = urlsplit(base_urls.get("europepmc", default))
        elsewhere = europepmc.netloc != urlsplit(default).netloc
        return cls(
            arxiv_url=base_urls.get("arxiv", BY_NAME["arxiv"].base_url).rstrip("/"),
            pmc_url=base_urls.get("pmc", BY_NAME["pmc"].base_url).rstrip("/"),
            europepmc_site_url=f"{europepmc.scheme}://{europepmc.netloc}" if elsewhere else EUROPEPMC_SITE,
        )
