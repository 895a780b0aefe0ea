"""Services that also serve files: their limits hold for calls and files together, and their keys go with both.

Files that a service's interface for programs serves are asked for by its rules, not by the robots.txt of its host,
which is written for crawlers that find their way by links; docs/manners.md lists them with where they are described.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import urlsplit

import structlog

from dl_lit.core.backoff import retry_after_s
from dl_lit.core.clock import Clock, SystemClock
from dl_lit.core.errors import FetchError, ServiceError
from dl_lit.core.reasons import Reason
from dl_lit.core.services import Service
from dl_lit.core.values import dataclass
from dl_lit.net.announced import said
from dl_lit.net.answers import Refused, judge
from dl_lit.net.consequences import acted_upon
from dl_lit.net.gate import ServiceGate
from dl_lit.net.hosts import HostPolicy
from dl_lit.net.identity import Identity
from dl_lit.net.line import Permit
from dl_lit.net.politeness import Politeness
from dl_lit.net.report import Verdict

log = structlog.get_logger(__name__)

_LEAST_WAIT_S = 1.0
_DAY_S = 86_400.0  # a window as long says nothing of the gap between two requests
_KEY_REFUSED = frozenset({401, 403})
_STOP_AT = frozenset({403, 406})
_ONE_FOR_BOTH = frozenset({"arxiv"})  # who refuses a file there must not be asked for records either


@dataclass(frozen=True, slots=True)
class FilePlaces:
    """Where a service keeps files, and on what terms."""

    below: str | None = ""  # below its base address, from this path on; None: at that host, at `paths`
    elsewhere: str | None = None  # a pattern of other hosts, with the scheme
    paths: str = "/"  # a pattern of the files' paths there
    credits_of: str | None = None  # the service whose credits files cost
    credits: int = 0  # each
    is_exempt: bool = True  # the rules of its interface for programs stand for robots.txt
    keeps_its_own: bool = True  # redirects lead to where it keeps its files, not to other people's


PLACES: dict[str, FilePlaces] = {
    # the same 3 seconds hold for all of arXiv: https://info.arxiv.org/help/api/tou.html (read 2026-11-22)
    "arxiv": FilePlaces(elsewhere=r"https?://(?:www\.|export\.)?arxiv\.org"),
    # the resolver, which leads to other people's hosts: https://www.doi.org/doi-handbook/HTML/index.html
    "doi": FilePlaces(elsewhere=r"https?://(?:dx\.|www\.)?doi\.org", keeps_its_own=False),
    # https://pmc.ncbi.nlm.nih.gov/tools/cloud/ (read 2026-11-22)
    "pmc": FilePlaces(elsewhere=r"https://pmc-oa-opendata\.s3\.amazonaws\.com"),
    # https://europepmc.org/RestfulWebService (read 2026-11-22): the rendered PDFs, not the pages for people
    "europepmc": FilePlaces(
        below=None,
        elsewhere=r"https?://(?:www\.)?europepmc\.org",
        paths=r"/(?:articles/PMC\d+/?\?pdf=render|backend/ptpmcrender\.fcgi\?)",
    ),
    # https://developers.openalex.org/download/full-text-pdfs (read 2026-11-23): 100 credits each, of OpenAlex's
    "openalex_content": FilePlaces(credits_of="openalex", credits=100),
    # https://api.core.ac.uk/docs/v3: `/outputs/{id}/download`, with the key
    "core": FilePlaces(),
    # https://developers.zenodo.org (read 2026-11-23): files are part of the programming interface
    "zenodo": FilePlaces(),
    # each file's `download_url` in its records: https://docs.figshare.com/#public_article
    "figshare": FilePlaces(elsewhere=r"https?://ndownloader\.figshare\.com", paths="/files/"),
    # the REST interface of DSpace 6, whose records name the files; neither publishes terms that are known to us
    "oapen": FilePlaces(below="/rest/"),
    "doab": FilePlaces(below="/rest/"),
    # https://archive.org/developers/ and https://archive.org/help/wayback_api.php describe what programs may ask
    "internet_archive": FilePlaces(below="/download/"),
    "wayback": FilePlaces(below="/web/"),
    # interfaces for text and data mining, with a key of the user's own: https://dev.elsevier.com/; programs are to
    # use them, says https://onlinelibrary.wiley.com/library-info/resources/text-and-datamining (read 2026-11-23)
    "elsevier_tdm": FilePlaces(below="/content/article/"),
    "wiley_tdm": FilePlaces(below="/onlinelibrary/tdm/"),
    # static files of a host like any other, beside the records that are asked for
    "acl": FilePlaces(is_exempt=False),
}


class ServicePermit:
    """A permit of the service that is held for a file."""

    def __init__(self, service: FileService, permit: Permit) -> None:
        """Hold `permit`."""
        self._service = service
        self._permit = permit
        self._ended = False

    def end(
        self,
        verdict: Verdict,
        status: int | None,
        latency_s: float,
        size_bytes: int,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Give it back with what became of the request; only the first time counts."""
        if self._ended:
            return
        self._ended = True
        service = self._service
        if service.credits and verdict is Verdict.FAILED:
            verdict = Verdict.SAYS_NOTHING  # of the service whose credits they are
        service.gate.release(
            self._permit,
            verdict,
            status=status,
            latency_s=latency_s,
            size_bytes=size_bytes,
            is_file=True,
            said=said(service.gate.service, headers, service.clock.time()) if headers else None,
        )


@dataclass(frozen=True, slots=True)
class FileService:
    """One such service: the addresses of its files, and the turns they are fetched in."""

    service: Service
    addresses: re.Pattern[str]
    gate: ServiceGate  # of the service whose permits and credits files take
    policy: HostPolicy
    places: FilePlaces
    identity: Identity
    clock: Clock

    @property
    def name(self) -> str:
        """The service's name."""
        return self.service.name

    @property
    def line(self) -> str:
        """The name its line goes by among the hosts."""
        return f"service:{self.name}"

    @property
    def credits(self) -> int:
        """What a file costs."""
        return self.places.credits

    def serves(self, url: str) -> bool:
        """Whether the address is one of its files."""
        return self.addresses.match(url) is not None

    def headers(self) -> dict[str, str]:
        """The key, where the user has one: for this service's addresses and no others."""
        return self.identity.headers(self.name)

    @property
    def _key_setting(self) -> str:
        return f"services.{self.service.key_of or self.name}.key"

    @contextmanager
    def permit(self) -> Iterator[ServicePermit]:
        """A permit of the service; `FetchError` (host-busy, host-parked, budget-exhausted) when there is none soon."""
        if self.service.needs_key and not self.headers():
            trouble = self.identity.trouble(self.name)
            raise FetchError(Reason.HTTP_401, f"{self._key_setting}: {trouble or 'not set, so not asked'}")
        try:
            permit = self.gate.acquire("", self.credits, wait_s=max(_LEAST_WAIT_S, 2 * self.policy.gap_s))
        except ServiceError as error:
            after = self.policy.gap_s if error.after is None else error.after
            raise FetchError(_file_reason(error), error.detail, after=after, costs_attempt=False) from error
        held = ServicePermit(self, permit)
        try:
            yield held
        finally:
            held.end(Verdict.SAYS_NOTHING, None, 0.0, 0)

    def heed(self, status: int, headers: Mapping[str, str], error: FetchError) -> None:
        """Do what a refused file means for the service, and tell `error`, which is raised, when to come back."""
        if status == 429:
            after = retry_after_s(headers.get("retry-after"), self.clock.time())
            limited = ServiceError(self.name, Reason.RATE_LIMITED, error.detail, after=after, costs_attempt=False)
            said_so = Refused(limited, status, Verdict.SAYS_NOTHING, after)
            told = acted_upon(self.gate, said_so, costs_credits=self.credits > 0)
            error.after, error.costs_attempt = told.after, False
            if told.reason is Reason.BUDGET_EXHAUSTED:
                error.reason = told.reason
        elif status in _KEY_REFUSED and self.headers():
            says = f"refused with HTTP {status}: files are not asked for"
            if self.identity.refuse(self.name, says):
                log.warning("key_refused", service=self.name, setting=self._key_setting, says=says)
            error.reason, error.detail = Reason.HTTP_401, f"{self._key_setting}: {says}"
        elif status in _STOP_AT and self.name in _ONE_FOR_BOTH:
            refused_all = judge(self.service, status, headers, b"", self.clock.time())
            if refused_all is not None:
                acted_upon(self.gate, refused_all, costs_credits=False)


def _file_reason(error: ServiceError) -> Reason:
    if error.reason is Reason.BUDGET_EXHAUSTED:
        return error.reason
    return Reason.HOST_BUSY if error.reason is Reason.RATE_LIMITED else Reason.HOST_PARKED


def file_services(
    services: Iterable[Service],
    politeness: Politeness,
    *,
    is_polite: bool,
    buffer: float = 1.0,
    identity: Identity | None = None,
    clock: Clock | None = None,
) -> tuple[FileService, ...]:
    """Those of `services` that serve files, each with its base address and the other places of its files.

    `identity` has their keys (None: there are none).
    """
    found = []
    for service in services:
        places = PLACES.get(service.name)
        if places is None:
            continue
        lane = service.polite if is_polite else service.anonymous
        paces = [one.seconds / one.permits for one in lane.windows if one.seconds < _DAY_S]
        gap_s = max(paces, default=_LEAST_WAIT_S) / buffer
        found.append(
            FileService(
                service,
                _addresses(service.base_url, places),
                politeness.gate(service.name if places.credits_of is None else places.credits_of),
                HostPolicy(gap_s, lane.concurrency),
                places,
                identity or Identity(None, {}),
                clock or SystemClock(),
            )
        )
    return tuple(found)


def _addresses(base_url: str, places: FilePlaces) -> re.Pattern[str]:
    base = base_url.rstrip("/")
    if places.below is None:
        parts = urlsplit(base)
        own = re.escape(f"{parts.scheme}://{parts.netloc}") + places.paths
    else:
        own = re.escape(base + places.below.rstrip("/")) + "/"
    others = [places.elsewhere + places.paths] if places.elsewhere else []
    return re.compile("|".join([own, *others]), re.IGNORECASE)
