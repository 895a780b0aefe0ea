"""`doctor --live`: one cheap request to each service, to see that it answers us, at which tier, and what it allows."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping

from dl_lit.app.language.opened import Language
from dl_lit.app.language.standing import addresses
from dl_lit.app.network import Network
from dl_lit.core.clock import Clock, SystemClock
from dl_lit.core.errors import ServiceError
from dl_lit.core.ports import Params
from dl_lit.core.values import dataclass
from dl_lit.settings import Settings
from dl_lit.settings.check_llm import lacking_for_models

_PROBES: dict[str, tuple[str, Params]] = {
    # A single record is free at OpenAlex, and the cheapest thing everywhere else.
    "openalex": ("/works/W2741809807", (("select", "id"),)),
    "crossref": ("/v1/works/10.7717/peerj.4375", ()),
    "datacite": ("/dois/10.48550/arxiv.1706.03762", ()),
    "unpaywall": ("/v2/10.7717/peerj.4375", ()),
    "europepmc": ("/search", (("query", "DOI:10.7717/peerj.4375"), ("format", "json"), ("resultType", "idlist"))),
    "arxiv": ("/api/query", (("id_list", "1706.03762"), ("max_results", "1"))),
    "pmc": ("/", (("list-type", "2"), ("prefix", "PMC5815332."), ("max-keys", "1"))),
    "grobid": ("/api/isalive", ()),
    "semantic_scholar": ("/paper/DOI:10.7717/peerj.4375", (("fields", "paperId"),)),
    "pubmed": ("/einfo.fcgi", (("retmode", "json"),)),
    "opencitations": ("/meta/v1/metadata/doi:10.7717/peerj.4375", ()),
    "inspire": ("/literature", (("size", "1"), ("fields", "control_number"))),
    "open_library": ("/search.json", (("q", "isbn:9780140328721"), ("fields", "key"), ("limit", "1"))),
    "hal": ("/search/", (("q", "*:*"), ("rows", "0"), ("wt", "json"))),
    "acl": ("/N04-1001.bib", ()),
    "doi": ("/doiRA/10.7717", ()),
    "zenodo": ("/records", (("q", 'doi:"10.5281/zenodo.5244404"'), ("size", "1"))),
    "osf": ("/licenses/", (("page[size]", "1"),)),
    "figshare": ("/licenses", ()),
    "oapen": ("/rest/status", ()),
    "doab": ("/rest/search", (("query", 'oapen.identifier.doi:"10.4324/9781003465973"'), ("limit", "1"))),
    "internet_archive": ("/metadata/goodytwoshoes00newyiala", ()),
    "wayback": ("/cdx/search/cdx", (("url", "archive.org"), ("output", "json"), ("limit", "1"))),
    "scholar_archive": ("/fatcat/release/lookup", (("doi", "10.7717/peerj.4375"),)),
    "doaj": ("/api/search/articles/doi:10.7717%2Fpeerj.4375", (("pageSize", "1"),)),
    "core": ("/search/works/", (("q", 'doi:"10.7717/peerj.4375"'), ("limit", "1"))),
    "biorxiv": ("/pubs/biorxiv/10.1101/2020.12.01.406702/na/json", ()),
}

_TOLD = (
    "x-api-pool",
    "x-rate-limit-limit",
    "x-rate-limit-interval",
    "x-concurrency-limit",
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
)
"""Headers in which services say what they allow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What one service said."""

    service: str
    answers: bool
    tier: str  # polite, anonymous, keyed, off
    seconds: float
    told: Mapping[str, str]  # the headers about limits
    detail: str = ""
    key_trouble: str | None = None  # what the service has against our key


def probe_services(settings: Settings) -> Iterator[Probe]:
    """Ask each service once, in turn; a service that is off or lacks something is named without being asked."""
    clock = SystemClock()
    # No address is surely there.
    own = {one.service for one in settings.access.resolvers} | {one.name for one in settings.access.publishers}
    with Network(settings, clock=clock, chance=random.Random()) as network:
        for name, one in settings.services.items():
            tier = "keyed" if one.key else "polite" if settings.contact_email else "anonymous"
            if (not one.available and not one.is_missed) or name in own:
                continue
            if settings.offline:
                yield Probe(service=name, answers=False, tier="off", seconds=0.0, told={}, detail="offline: not asked")
                continue
            if not one.available:
                lacking = f"lacks {', '.join(one.missing)}" if one.missing else "switched off"
                yield Probe(service=name, answers=False, tier="off", seconds=0.0, told={}, detail=lacking)
                continue
            path, params = _PROBES.get(name, ("/", ()))
            start = clock.monotonic()
            try:
                answer = network.direct.get(name, path, params)
            except ServiceError as error:
                seconds = clock.monotonic() - start
                yield Probe(
                    service=name,
                    answers=False,
                    tier=tier,
                    seconds=seconds,
                    told={},
                    detail=str(error),
                    key_trouble=network.identity.trouble(name),
                )
                continue
            told = {header: answer.headers[header] for header in _TOLD if header in answer.headers}
            yield Probe(
                service=name,
                answers=True,
                tier=tier,
                seconds=clock.monotonic() - start,
                told=told,
                key_trouble=network.identity.trouble(name),
            )
        yield from model_probes(settings, network, clock)


def model_probes(settings: Settings, network: Network, clock: Clock) -> Iterator[Probe]:
    """Ask each address of the language model how it is: that costs nothing."""
    if not settings.llm.is_on or lacking_for_models(settings) is not None:  # doctor tells that elsewhere
        return
    tier = "keyed" if settings.llm.key else "anonymous"
    language = Language(settings, network, clock=clock, chance=random.Random())
    try:
        for number, base_url in enumerate(addresses(settings), 1):
            start = clock.monotonic()
            trouble = language.model.amiss(base_url)
            yield Probe(
                service="model" if number == 1 else f"model-{number}",
                answers=trouble is None,
                tier=tier,
                seconds=clock.monotonic() - start,
                told={"at": base_url} if trouble is None else {},
                detail=f"{base_url}: {trouble}" if trouble is not None else "",
            )
    finally:
        language.close()
