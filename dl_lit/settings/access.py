"""The settings for what the user's own subscriptions and keys allow: all off unless set. See docs/access.md."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from urllib.parse import urlsplit

from dl_lit.core.access import Resolver, proxy_host
from dl_lit.core.services import Lane, Service, Window
from dl_lit.core.values import dataclass
from dl_lit.settings.kinds import Credits
from dl_lit.settings.secret_parts import parts_of_cookie

SECRETS = frozenset(
    {
        *("access.proxy_cookie", "access.elsevier_key", "access.elsevier_insttoken", "access.wiley_token"),
        *("serve.token", "notify.secret", "notify.url", "metrics.otlp_header", "llm.key", "zotero.key"),
    }
)
"""Settings that are never shown, and that credentials may give."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessSettings:
    """What the user may reach beyond open copies."""

    proxy: str | None = None  # the institution's: "https://proxy.example.edu/login?url={url}"
    proxy_cookie: str | None = field(default=None, repr=False)  # of a session there: "ezproxy=..."
    openurl: str | None = None  # the institution's resolver, for lists of what is missing
    elsevier_key: str | None = field(default=None, repr=False)
    elsevier_insttoken: str | None = field(default=None, repr=False)  # where Elsevier has given one
    elsevier_url: str = "https://api.elsevier.com"
    wiley_token: str | None = field(default=None, repr=False)
    wiley_url: str = "https://api.wiley.com"
    openalex_content: bool = False  # fetch PDFs that OpenAlex keeps, for 100 credits each
    openalex_credits_kept: Credits = 2_000  # of the day's, for recognising works
    resolvers: tuple[Resolver, ...] = ()  # of the user's own choice, [[access.resolvers]]

    @property
    def keys(self) -> Mapping[str, Mapping[str, str]]:
        """The headers that go to a host and its subdomains, over HTTPS (or to this machine) only; by the host."""
        found: dict[str, dict[str, str]] = {}
        if self.elsevier_key:
            # https://dev.elsevier.com/tecdoc_api_authentication.html (read 2026-11-23)
            headers = found.setdefault(_host(self.elsevier_url), {})
            headers["X-ELS-APIKey"] = self.elsevier_key
            if self.elsevier_insttoken:
                headers["X-ELS-Insttoken"] = self.elsevier_insttoken
        if self.wiley_token:
            # https://onlinelibrary.wiley.com/library-info/resources/text-and-datamining (read 2026-11-23)
            found.setdefault(_host(self.wiley_url), {})["Wiley-TDM-Client-Token"] = self.wiley_token
        if self.proxy and self.proxy_cookie:
            found.setdefault(proxy_host(self.proxy), {})["Cookie"] = self.proxy_cookie
        return found

    @property
    def publishers(self) -> tuple[Service, ...]:
        """The interfaces of publishers that a key was set for, with what they allow."""
        # https://dev.elsevier.com/api_key_settings.html (read 2026-11-23): 10 a second, 50,000 a week
        elsevier = Lane((Window(2, 1.0), Window(50_000, 604_800.0)), 1)
        # https://github.com/WileyLabs/tdm-client (read 2026-11-23): 3 a second, 60 in ten minutes
        wiley = Lane((Window(3, 1.0), Window(60, 600.0)), 1, is_published=True)
        return tuple(
            Service(name=name, base_url=url.rstrip("/"), polite=lane, anonymous=lane)
            for name, key, url, lane in (
                ("elsevier_tdm", self.elsevier_key, self.elsevier_url, elsevier),
                ("wiley_tdm", self.wiley_token, self.wiley_url, wiley),
            )
            if key
        )

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must not be shown anywhere."""
        each = (self.proxy_cookie, self.elsevier_key, self.elsevier_insttoken, self.wiley_token)
        return (*(one for one in each if one), *parts_of_cookie(self.proxy_cookie or ""))


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").lower()
