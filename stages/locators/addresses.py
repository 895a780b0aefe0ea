"""Which addresses name the same file, and at which hosts programs are met with a challenge. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import SplitResult, urlsplit

from dl_lit.core.identifiers import normalise_arxiv_id
from dl_lit.core.model import HostType, Location

CHALLENGING = frozenset(
    {
        "acs.org",
        "ahajournals.org",
        "annualreviews.org",
        "aps.org",
        "biomedcentral.com",
        "biorxiv.org",
        "cell.com",
        "core.ac.uk",
        "elsevier.com",
        "ieee.org",
        "iop.org",
        "jstor.org",
        "link.springer.com",
        "mdpi.com",  # its files' own host, mdpi-res.com, answers
        "medrxiv.org",
        "ncbi.nlm.nih.gov",  # PubMed Central's pages; its bucket is a locator
        "science.org",
        "sciencedirect.com",
        "tandfonline.com",
        "thelancet.com",
        "wiley.com",
    }
)
"""Hosts, with their subdomains, that have answered programs with a challenge, an HTTP 403 or a cookie wall.

Sources (read 2026-11-23): pages recorded by other open projects' test suites, and the hosts most often counted under
blocked-cookie and blocked-forbidden by https://github.com/internetarchive/sandcrawler (`sql/stats`, 2022-09-06).
"""

_EUROPEPMC = "europepmc.org"  # its rendered PDFs answer, its pages often do not
_PMC = re.compile(r"/(?:pmc/)?articles/(?:pmc)?(\d+)", re.IGNORECASE)
_DOI_HOSTS = {"dx.doi.org": "doi.org", "www.doi.org": "doi.org"}


def host_of(url: str) -> str:
    """The host in lower case without port; empty where there is none."""
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""


def is_web(url: str) -> bool:
    """Whether it is a whole HTTP address."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    return port != 0 and parts.scheme in {"http", "https"} and bool(parts.hostname)


def is_broken(url: str) -> bool:
    """Whether it is meant for the web and names no place there: it is tried last, for the sake of an honest reason."""
    return not is_web(url) and url.lower().startswith(("http://", "https://"))


def is_challenging(url: str) -> bool:
    """Whether a program is likely to meet a challenge there: such an address is tried last."""
    host = host_of(url)
    if host == _EUROPEPMC or host.endswith(f".{_EUROPEPMC}"):
        return not is_rendered(url)
    return any(".".join(labels) in CHALLENGING for labels in _endings(host))


def has_repository_file(known: Iterable[Location]) -> bool:
    """Whether a repository's file is known that a program is likely to get."""
    return any(one.is_pdf and one.host_type is HostType.REPOSITORY and not is_challenging(one.url) for one in known)


def is_rendered(url: str) -> bool:
    """Whether it is a PDF that Europe PMC renders."""
    return "pdf=render" in url or "blobtype=pdf" in url


def same_file(url: str) -> str:
    """One form for all addresses that surely lead to one file: an http and an https one, mirrors of arXiv, ..."""
    if not is_web(url):
        return url
    parts = urlsplit(url)
    host = host_of(url).removeprefix("www.")
    if host in {"arxiv.org", "export.arxiv.org"} and (arxiv_id := normalise_arxiv_id(_as_arxiv(parts))):
        return f"arxiv:{arxiv_id}"
    if host in {"pmc.ncbi.nlm.nih.gov", "ncbi.nlm.nih.gov"} and (match := _PMC.match(parts.path)):
        return f"pmc:{match.group(1)}"
    if host == _EUROPEPMC and is_rendered(url) and (match := re.search(r"pmc(\d+)", url, re.IGNORECASE)):
        return f"europepmc:{match.group(1)}"
    host = _DOI_HOSTS.get(host, host)
    path = parts.path.rstrip("/")
    if host == "doi.org":
        path = path.lower()
    port = f":{parts.port}" if parts.port not in {None, 80, 443} else ""
    return f"{host}{port}{path}?{parts.query}"


def _as_arxiv(parts: SplitResult) -> str:
    return f"https://arxiv.org{parts.path.removesuffix('.pdf')}"


def _endings(host: str) -> list[list[str]]:
    labels = host.split(".")
    return [labels[at:] for at in range(len(labels) - 1)]
