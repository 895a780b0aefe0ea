"""What the user may reach beyond open copies: through an institution's proxy, by a publisher's key, a resolver's help.

All of it is off unless it is set, and none of it opens what the user has no right to: it uses the user's own.
"""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from dl_lit.core.model import HostType, Version
from dl_lit.core.templates import filled
from dl_lit.core.values import dataclass

RESOLVER_NAMES = ("doi", "pmid", "pmcid", "arxiv", "isbn", "title")
"""What the address of a resolver may name of a work."""

PROXY_NAMES = ("url", "url_encoded", "scheme", "host", "host_hyphens", "path")
"""What the address of a proxy may name of an address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolver:
    """A service of the user's own choice that names copies, asked by an address and read by a path or selector."""

    name: str  # lower-case letters, digits, hyphens
    url: str  # with {doi} and the like; asked for works that have all that it names
    mode: str = "json"  # what it answers with: "json" or "html"
    path: str = ""  # of the copies' addresses in JSON, see `core.json_path`
    selector: str = ""  # of the elements in HTML (CSS)
    attribute: str = "href"  # of these elements; "text" for what stands in them
    doi: str = ""  # a path or selector of the DOI in the answer, which then must be the work's
    types: tuple[str, ...] = ()  # of works it is asked for ("article-journal", ...); empty: all
    host_type: HostType | None = None
    version: Version | None = None
    is_pdf: bool = True  # False: it names landing pages
    rate: str = "1/1"  # "PERMITS/SECONDS"

    @property
    def service(self) -> str:
        """The name it goes by among the services."""
        return f"resolver-{self.name}"

    @property
    def base_url(self) -> str:
        """Scheme and host."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"


def proxied(template: str, url: str) -> str:
    """`url` as the proxy is asked for it.

    EZproxy's prefixes (https://help.oclc.org/Library_Management/EZproxy, read 2026-11-23) take the address as it is
    after `url=`, encoded after `qurl=`; rewritten hosts have hyphens for dots where the proxy speaks HTTPS.
    """
    return filled(template, proxy_values(url))


def proxy_values(url: str) -> dict[str, str]:
    """What the address of a proxy may name of `url`."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    return {
        "url": url,
        "url_encoded": quote(url, safe=""),
        "scheme": parts.scheme,
        "host": host,
        "host_hyphens": host.replace(".", "-"),
        "path": f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}",
    }


def proxy_host(template: str) -> str:
    """The host that the proxy and all its rewritten hosts end with: where its cookie may go, and nowhere else."""
    host = urlsplit(proxied(template, "https://x/")).hostname or ""
    first, _, rest = host.partition(".")
    if is_rewriting(template):
        return rest
    return rest if first == "login" and rest.count(".") > 1 else host


def is_rewriting(template: str) -> bool:
    """Whether the proxy puts the host that is meant into its own host's name."""
    return "{host" in template.partition("://")[2].partition("/")[0]
