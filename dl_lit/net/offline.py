"""Fetching when nothing may leave the machine: every file waits for a run that may use the network."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

from dl_lit.core.errors import FetchError
from dl_lit.core.hosts import is_loopback_url
from dl_lit.core.pulse import ServicePulse
from dl_lit.core.reasons import Reason
from dl_lit.net.remembering import OFFLINE_S


class OfflineFetcher:
    """`core.ports.Fetcher` that fetches nothing."""

    def fetch_pdf(
        self,
        url: str,
        into: Path,
        *,
        ticket: float | None = None,
        found_on: str | None = None,
        known: Mapping[str, Reason] | None = None,
        licence: str | None = None,
    ) -> NoReturn:
        """Raise `FetchError` (`offline`), which costs no attempt."""
        del into, ticket, found_on, known, licence
        raise FetchError(Reason.OFFLINE, "not asked", after=OFFLINE_S, costs_attempt=False, final_url=url)

    def tell_free(self, tell: Callable[[str, float], None]) -> None:
        """No line ever moves."""
        del tell

    def stop(self) -> None:
        """Nothing waits."""

    def pulse(self) -> ServicePulse:
        """Nobody is asked."""
        return ServicePulse(requests=0, waiting=0, waited_s=0.0)

    def waiting_of(self, who: str) -> int:
        """Nobody waits."""
        del who
        return 0


def on_this_machine(base_urls: Iterable[str]) -> frozenset[tuple[str, int]]:
    """Host and port of those addresses that lead to this machine itself, by their very wording."""
    found = set()
    for url in base_urls:
        parts = urlsplit(url)
        if is_loopback_url(url):
            found.add(((parts.hostname or "").lower(), parts.port or (443 if parts.scheme == "https" else 80)))
    return frozenset(found)
