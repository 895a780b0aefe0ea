"""Where everything answers: every service and every host has a loopback address of its own, all on one port."""

from __future__ import annotations

import errno
import socket
from collections.abc import Sequence

from dl_lit.core.values import dataclass
from dl_lit.replica.language.model import CHAT_SITES
from dl_lit.replica.site_rules import OPEN, SiteRules
from dl_lit.replica.wire import Service, Site

CONTROL_ADDRESS = "127.0.0.1"

_SERVICES: dict[str, str] = {
    "openalex": "127.0.0.2",
    "crossref": "127.0.0.3",
    "datacite": "127.0.0.4",
    "unpaywall": "127.0.0.5",
    "arxiv": "127.0.0.6",
    "europepmc": "127.0.0.7",
    "pmc": "127.0.0.8",
    "doi": "127.0.0.9",
    "semantic_scholar": "127.0.0.10",
    "grobid": "127.0.0.11",
    "pubmed": "127.0.0.12",
    "opencitations": "127.0.0.13",
    "inspire": "127.0.0.14",
    "open_library": "127.0.0.15",
    "hal": "127.0.0.16",
    "acl": "127.0.0.17",
    "oapen": "127.0.0.21",
    "doab": "127.0.0.22",
    "internet_archive": "127.0.0.23",
    "scholar_archive": "127.0.0.24",
    "wayback": "127.0.0.25",
    "doaj": "127.0.0.26",
    "core": "127.0.0.27",
    "openalex_content": "127.0.0.28",
    "zenodo": "127.0.0.18",
    "biorxiv": "127.0.0.19",
    "osf": "127.0.0.20",
    "figshare": "127.0.0.29",
    "chat": "127.0.0.30",
    "chat-2": "127.0.0.31",
    "chat-3": "127.0.0.32",
    "gemini": "127.0.0.33",
    "anthropic": "127.0.0.34",
}

# The setting of each service's base address, and the path of the real one's base. GROBID and language models are not
# among them: whoever wants them to read along sets their addresses.
_SETTINGS: dict[str, tuple[str, str]] = {
    "openalex": ("DL_LIT_OPENALEX_URL", ""),
    "crossref": ("DL_LIT_CROSSREF_URL", ""),
    "datacite": ("DL_LIT_DATACITE_URL", ""),
    "unpaywall": ("DL_LIT_UNPAYWALL_URL", ""),
    "arxiv": ("DL_LIT_ARXIV_URL", ""),
    "europepmc": ("DL_LIT_EUROPEPMC_URL", "/europepmc/webservices/rest"),
    "pmc": ("DL_LIT_PMC_URL", ""),
    "doi": ("DL_LIT_DOI_URL", ""),
    "semantic_scholar": ("DL_LIT_SEMANTIC_SCHOLAR_URL", "/graph/v1"),
    "pubmed": ("DL_LIT_PUBMED_URL", "/entrez/eutils"),
    "opencitations": ("DL_LIT_OPENCITATIONS_URL", ""),
    "inspire": ("DL_LIT_INSPIRE_URL", "/api"),
    "open_library": ("DL_LIT_OPEN_LIBRARY_URL", ""),
    "hal": ("DL_LIT_HAL_URL", ""),
    "acl": ("DL_LIT_ACL_URL", ""),
    "oapen": ("DL_LIT_OAPEN_URL", ""),
    "doab": ("DL_LIT_DOAB_URL", ""),
    "internet_archive": ("DL_LIT_INTERNET_ARCHIVE_URL", ""),
    "scholar_archive": ("DL_LIT_SCHOLAR_ARCHIVE_URL", ""),
    "wayback": ("DL_LIT_WAYBACK_URL", ""),
    "doaj": ("DL_LIT_DOAJ_URL", ""),
    "core": ("DL_LIT_CORE_URL", "/v3"),
    "openalex_content": ("DL_LIT_OPENALEX_CONTENT_URL", ""),
    "zenodo": ("DL_LIT_ZENODO_URL", "/api"),
    "biorxiv": ("DL_LIT_BIORXIV_URL", ""),
    "osf": ("DL_LIT_OSF_URL", "/v2"),
    "figshare": ("DL_LIT_FIGSHARE_URL", "/v2"),
}

_PORT_ATTEMPTS = 50
BACKLOG = 1024  # connections waiting to be accepted, by address


@dataclass(frozen=True, slots=True)
class Hosts:
    """All sites and the port they share."""

    sites: tuple[Site, ...]
    publishers: int
    repositories: int
    port: int

    def bases(self) -> dict[str, str]:
        """The address of every site: `http://127.0.0.2:8000`."""
        return {site.name: f"http://{site.address}:{self.port}" for site in self.sites}

    def env(self) -> dict[str, str]:
        """The settings that point dl_lit at the replica."""
        bases = self.bases()
        found = {name: bases[service] + path for service, (name, path) in _SETTINGS.items()}
        return {**found, "DL_LIT_ALLOW_HOSTS": "127.0.0.0/8"}


GUEST_GROUP = "guest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """A host that a test or benchmark brings along: what answers there, and what it asks of programs."""

    name: str
    service: Service
    rules: SiteRules = OPEN
    address: str | None = None  # of this machine's loopback; None: the next one of the guests' own


def guest_sites(guests: Sequence[Guest]) -> tuple[Site, ...]:
    """An address for each guest."""
    return tuple(
        Site(guest.name, GUEST_GROUP, guest.address or f"127.0.{201 + number // 250}.{1 + number % 250}")
        for number, guest in enumerate(guests)
    )


def plan_sites(hosts: int) -> tuple[tuple[Site, ...], int, int]:
    """The sites for `hosts` publishers and repositories (three to two; at least one of each), and how many of which."""
    publishers = max(1, hosts * 3 // 5)
    repositories = max(1, hosts - publishers)
    sites = [Site("control", "control", CONTROL_ADDRESS)]
    sites += [Site(name, "chat" if name in CHAT_SITES else name, address) for name, address in _SERVICES.items()]
    for group, count, net in (("publisher", publishers, 1), ("repository", repositories, 101)):
        for number in range(count):
            sites.append(Site(f"{group}-{number}", group, f"127.0.{net + number // 250}.{1 + number % 250}"))
    return tuple(sites), publishers, repositories


def listen(sites: tuple[Site, ...], port: int) -> tuple[list[tuple[Site, socket.socket]], int]:
    """Listening sockets for all sites on one port, and the port; 0 asks for one that is free everywhere.

    Raises `OSError` where the port is taken.
    """
    for attempt in range(_PORT_ATTEMPTS):
        bound: list[tuple[Site, socket.socket]] = []
        chosen = port
        try:
            for site in sites:
                listener = _listener(site.address, chosen)
                bound.append((site, listener))
                chosen = listener.getsockname()[1]
        except OSError as problem:
            for _, listener in bound:
                listener.close()
            if port != 0 or problem.errno != errno.EADDRINUSE or attempt == _PORT_ATTEMPTS - 1:
                raise
        else:
            return bound, chosen
    raise OSError(errno.EADDRINUSE, "no port is free at all addresses")


def _listener(address: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, port))
        listener.listen(BACKLOG)
        listener.setblocking(False)  # noqa: FBT003 - the socket's own signature
    except OSError:
        listener.close()
        raise
    return listener
