"""The addresses from which locators build locations: settings, so that a run can be pointed at a replica."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from dl_lit.core.services import BY_NAME
from dl_lit.core.values import dataclass

EUROPEPMC_SITE = "https://europepmc.org"
"""Where Europe PMC renders PDFs: another host than its programming interface (https://europepmc.org/RestfulWebService,
read 2026-11-22)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LocatorSettings:
    """Base addresses without a closing slash."""

    arxiv_url: str = BY_NAME["arxiv"].base_url
    pmc_url: str = BY_NAME["pmc"].base_url
    europepmc_site_url: str = EUROPEPMC_SITE
    acl_url: str = BY_NAME["acl"].base_url
    doi_url: str = BY_NAME["doi"].base_url
    oapen_url: str = BY_NAME["oapen"].base_url
    internet_archive_url: str = BY_NAME["internet_archive"].base_url
    core_url: str = BY_NAME["core"].base_url
    wayback_url: str = BY_NAME["wayback"].base_url
    openalex_content_url: str = BY_NAME["openalex_content"].base_url
    openalex_credits_kept: int = 0  # of the day's, that are not used for files

    @classmethod
    def from_base_urls(cls, base_urls: Mapping[str, str], *, openalex_credits_kept: int = 0) -> LocatorSettings:
        """Take the base addresses of the services, by their names.

        Where Europe PMC's programming interface was pointed elsewhere, its site is taken to be at that host's root.
        """
        default = BY_NAME["europepmc"].base_url
        named = ("arxiv", "pmc", "acl", "doi", "oapen", "internet_archive", "core", "wayback", "openalex_content")
        europepmc = urlsplit(base_urls.get("europepmc", default))
        elsewhere = europepmc.netloc != urlsplit(default).netloc
        return cls(
            europepmc_site_url=f"{europepmc.scheme}://{europepmc.netloc}" if elsewhere else EUROPEPMC_SITE,
            openalex_credits_kept=openalex_credits_kept,
            **{f"{name}_url": base_urls.get(name, BY_NAME[name].base_url).rstrip("/") for name in named},
        )
