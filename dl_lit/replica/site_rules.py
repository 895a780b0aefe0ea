"""What a host asks of programs: its robots.txt, and whether it reserves text and data mining."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from dl_lit.core.values import dataclass
from dl_lit.replica.records import hash64
from dl_lit.replica.robots import crawl_delay_s, forbids
from dl_lit.replica.wire import Header, Plan, Request, Response, Site, html_response, json_response, text_response

ALLOW_ALL = "User-agent: *\nDisallow:\n"
ROBOTS_PATH = "/robots.txt"
TDM_PATH = "/.well-known/tdmrep.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteRules:
    """One host's wishes."""

    robots: str | None = ALLOW_ALL  # None: there is no robots.txt
    is_answered: bool = True  # False: the host's own service answers for robots.txt and tdmrep.json
    robots_status: int = 200  # anything else instead of the file: 503 means "stay away" to a careful client
    robots_redirect: str | None = None  # the file lies elsewhere, at this address
    # https://www.w3.org/community/reports/tdmrep/CG-FINAL-tdmrep-20240510/ (read 2026-11-23)
    tdm_reservation: int | None = None  # the header's value, on every answer; None: there is no such header
    tdm_places: tuple[tuple[str, int], ...] = ()  # of tdmrep.json: path pattern and reservation; empty: no such file

    def plan(self, request: Request) -> Plan | None:
        """The answer to a question about the rules themselves; None where the request is about something else."""
        if not self.is_answered:
            return None
        if request.raw_path == ROBOTS_PATH:
            return Plan(kind="robots", answer=self._robots)
        if request.raw_path == TDM_PATH:
            return Plan(kind="robots", answer=self._reservations)
        return None

    def headers(self) -> tuple[Header, ...]:
        """What every answer of the host carries."""
        return () if self.tdm_reservation is None else (("tdm-reservation", str(self.tdm_reservation)),)

    def forbids(self, request: Request) -> bool:
        """Whether the robots.txt asked this client not to make the request."""
        if self.robots is None or self.robots_status != 200 or request.raw_path in {ROBOTS_PATH, TDM_PATH}:
            return False
        return forbids(self.robots, request.user_agent, request.target)

    def gap_s(self, user_agent: str) -> float:
        """Seconds between two requests that the robots.txt asks this client for; 0 where it says nothing."""
        return (crawl_delay_s(self.robots, user_agent) or 0.0) if self.robots else 0.0

    def _robots(self) -> Response:
        if self.robots_redirect:
            return Response(301, b"", (("location", self.robots_redirect),))
        if self.robots_status != 200:
            return html_response("<html><body>No.</body></html>", status=self.robots_status)
        if self.robots is None:
            return html_response("<html><body><h1>404 Not Found</h1></body></html>", status=404)
        return text_response(self.robots, "text/plain; charset=utf-8")

    def _reservations(self) -> Response:
        if not self.tdm_places:
            return html_response("<html><body><h1>404 Not Found</h1></body></html>", status=404)
        places: list[dict[str, Any]] = [
            {"location": pattern, "tdm-reservation": value} for pattern, value in self.tdm_places
        ]
        return json_response(places)


OPEN = SiteRules()
_BEHIND = "User-agent: *\nDisallow: /search\nDisallow: /login\nDisallow: /*?sort=\n\nUser-agent: GPTBot\nDisallow: /\n"


def mixed_rules(sites: Iterable[Site], *, seed: int = 0, crawl_delay_s: float = 0.0) -> Mapping[str, SiteRules]:
    """Rules as hosts have them: a third says nothing, some keep programs out of parts, some ask for a slower pace.

    Of ten publishers' and repositories' hosts three allow all, three have no robots.txt, two forbid parts where no
    files are, one asks for `crawl_delay_s` seconds, and one forbids its files.
    """
    kinds = [SiteRules()] * 3 + [SiteRules(robots=None)] * 3 + [SiteRules(robots=_BEHIND)] * 2
    kinds.append(SiteRules(robots=f"User-agent: *\nCrawl-delay: {crawl_delay_s:g}\nDisallow: /login\n"))
    kinds.append(SiteRules(robots="User-agent: *\nDisallow: /*.pdf$\n"))
    hosts = [site.name for site in sites if site.group in {"publisher", "repository"}]
    hosts.sort(key=lambda name: hash64(f"{seed}|rules|{name}"))
    return {name: kinds[number % len(kinds)] for number, name in enumerate(hosts)}
