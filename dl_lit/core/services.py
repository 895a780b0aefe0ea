"""The services dl_lit asks, with their addresses and what each allows. Every value is a setting."""

from __future__ import annotations

from dl_lit.core.values import dataclass


@dataclass(frozen=True, slots=True)
class Window:
    """At most `permits` requests in any `seconds`."""

    permits: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Lane:
    """What one kind of request may use: all windows hold at once."""

    windows: tuple[Window, ...]
    concurrency: int
    is_published: bool = False  # the service's own limit, not a smaller one of ours: a share of it is left unused


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One metadata service: where it is, what it allows with and without a contact address."""

    name: str
    base_url: str
    polite: Lane  # with a contact address (or, where it says so, a key)
    anonymous: Lane  # without
    keyed: Lane | None = None  # with a key, where that gives more than `polite`
    lanes: tuple[tuple[str, Lane, Lane], ...] = ()  # stricter kinds of request: (name, polite, anonymous)
    needs_contact: bool = False
    needs_key: bool = False
    announces_pool: bool = False  # it says whether it takes us for polite: anonymous until it has said so
    key_of: str | None = None  # the service whose key it takes where it has none of its own
    switch: str | None = None  # a setting, off unless set otherwise, without which it is not asked
    answers_in_html: bool = False  # pages for people are its answers: elsewhere HTML says that something is wrong
    is_own: bool = False  # a server of the operator's own: no address of ours, asked where one is set, else not missed
    credits_per_day: int | None = None  # anonymous
    credits_per_day_keyed: int | None = None
    timeout_s: float = 45.0


def _lane(permits: int, seconds: float = 1.0, concurrency: int = 4) -> Lane:
    return Lane((Window(permits, seconds),), concurrency)


def _published(permits: int, seconds: float, concurrency: int) -> Lane:
    return Lane((Window(permits, seconds),), concurrency, is_published=True)


# Limits: condensed from each service's own documentation (linked below) and recorded response headers, read 2026-11-22.
SERVICES: tuple[Service, ...] = (
    # https://developers.openalex.org/guides/authentication
    Service(
        name="openalex",
        base_url="https://api.openalex.org",
        polite=_lane(10, 1.0, 8),
        anonymous=_lane(10, 1.0, 8),
        credits_per_day=1_000,
        credits_per_day_keyed=10_000,
    ),
    # https://www.crossref.org/documentation/retrieve-metadata/rest-api/access-and-authentication/
    Service(
        name="crossref",
        base_url="https://api.crossref.org",
        polite=_published(10, 1.0, 3),
        anonymous=_published(5, 1.0, 1),
        lanes=(("list", _published(3, 1.0, 3), _published(1, 1.0, 1)),),
        announces_pool=True,
    ),
    # https://support.datacite.org/docs/rate-limit
    Service(name="datacite", base_url="https://api.datacite.org", polite=_lane(2), anonymous=_lane(1)),
    # https://unpaywall.org/products/api
    Service(
        name="unpaywall",
        base_url="https://api.unpaywall.org",
        polite=Lane((Window(2, 1.0), Window(100_000, 86_400.0)), 2),
        anonymous=_lane(1),
        needs_contact=True,
    ),
    # https://europepmc.org/RestfulWebService
    Service(
        name="europepmc",
        base_url="https://www.ebi.ac.uk/europepmc/webservices/rest",
        polite=_lane(4),
        anonymous=_lane(3),
    ),
    # https://info.arxiv.org/help/api/tou.html: one request in three seconds, one connection, PDFs included
    Service(
        name="arxiv", base_url="https://export.arxiv.org", polite=_published(1, 3.0, 1), anonymous=_published(1, 3.0, 1)
    ),
    # https://grobid.readthedocs.io/en/latest/Grobid-service/: ten engines unless set otherwise, 503 while all are busy
    Service(
        name="grobid",
        base_url="",
        polite=_lane(20, 1.0, 8),
        anonymous=_lane(20, 1.0, 8),
        is_own=True,
        timeout_s=120.0,
    ),
    # https://pmc.ncbi.nlm.nih.gov/tools/cloud/
    Service(name="pmc", base_url="https://pmc-oa-opendata.s3.amazonaws.com", polite=_lane(5), anonymous=_lane(5)),
    # https://www.semanticscholar.org/product/api: one request a second over all endpoints; without a key everybody in
    # the world shares one pool, and a single polite request is refused
    Service(
        name="semantic_scholar",
        base_url="https://api.semanticscholar.org/graph/v1",
        polite=_published(1, 1.0, 1),
        anonymous=_lane(1, 3.0, 1),
        needs_key=True,
    ),
    # https://www.ncbi.nlm.nih.gov/books/NBK25497/: 3 a second, 10 with a key, `tool` and `email` with every request
    Service(
        name="pubmed",
        base_url="https://eutils.ncbi.nlm.nih.gov/entrez/eutils",
        polite=_published(3, 1.0, 3),
        anonymous=_published(3, 1.0, 3),
        keyed=_published(10, 1.0, 4),
    ),
    # https://api.opencitations.net/index/v2: 180 a minute
    Service(
        name="opencitations",
        base_url="https://api.opencitations.net",
        polite=Lane((Window(2, 1.0), Window(180, 60.0)), 2),
        anonymous=Lane((Window(2, 1.0), Window(180, 60.0)), 2),
    ),
    # https://github.com/inspirehep/rest-api-doc: 15 in 5 seconds, refused ones count
    Service(
        name="inspire",
        base_url="https://inspirehep.net/api",
        polite=Lane((Window(2, 1.0), Window(12, 5.0)), 2),
        anonymous=Lane((Window(2, 1.0), Window(12, 5.0)), 2),
    ),
    # https://openlibrary.org/developers/api: 1 a second, 3 with an agent that names program and contact
    Service(
        name="open_library",
        base_url="https://openlibrary.org",
        polite=_published(3, 1.0, 3),
        anonymous=_published(1, 1.0, 1),
    ),
    # https://api.archives-ouvertes.fr/docs/search: no limit is published
    Service(
        name="hal", base_url="https://api.archives-ouvertes.fr", polite=_lane(2, 1.0, 2), anonymous=_lane(1, 1.0, 1)
    ),
    # https://aclanthology.org/faq/: static files, no limit is published
    Service(name="acl", base_url="https://aclanthology.org", polite=_lane(1, 1.0, 2), anonymous=_lane(1, 1.0, 1)),
    # https://developers.zenodo.org/#rate-limiting: guests 60 a minute and 2,000 an hour, searches 30 a minute
    # (read 2026-11-23)
    Service(
        name="zenodo",
        base_url="https://zenodo.org/api",
        polite=Lane((Window(1, 1.0), Window(2_000, 3_600.0)), 1, is_published=True),
        anonymous=Lane((Window(1, 1.0), Window(2_000, 3_600.0)), 1, is_published=True),
        lanes=(("search", _published(1, 2.0, 1), _published(1, 2.0, 1)),),
    ),
    # https://developer.osf.io/#tag/Errors-and-Error-Codes: 100 an hour without an account (read 2026-11-23)
    Service(
        name="osf",
        base_url="https://api.osf.io/v2",
        polite=Lane((Window(1, 1.0), Window(100, 3_600.0)), 1, is_published=True),
        anonymous=Lane((Window(1, 1.0), Window(100, 3_600.0)), 1, is_published=True),
    ),
    # https://docs.figshare.com/#figshare_documentation_api_description_rate_limiting: one a second (read 2026-11-23)
    Service(
        name="figshare",
        base_url="https://api.figshare.com/v2",
        polite=_published(1, 1.0, 1),
        anonymous=_published(1, 1.0, 1),
    ),
    # https://api.biorxiv.org/: no limit is published (read 2026-11-23)
    Service(name="biorxiv", base_url="https://api.biorxiv.org", polite=_lane(1, 1.0, 1), anonymous=_lane(1, 1.0, 1)),
    # https://www.doi.org/doi-handbook/HTML/index.html publishes no limit; where an answer leads on to an agency, that
    # agency's limits count as well
    Service(name="doi", base_url="https://doi.org", polite=_lane(2, 1.0, 2), anonymous=_lane(1, 1.0, 1)),
    # https://library.oapen.org/rest and https://directory.doabooks.org/rest (DSpace 6): no limit is published
    # (read 2026-11-23)
    Service(name="oapen", base_url="https://library.oapen.org", polite=_lane(1, 1.0, 1), anonymous=_lane(1, 1.0, 1)),
    Service(
        name="doab", base_url="https://directory.doabooks.org", polite=_lane(1, 1.0, 1), anonymous=_lane(1, 1.0, 1)
    ),
    # https://archive.org/developers/ asks for moderation and answers 429 to bursts (read 2026-11-23)
    Service(
        name="internet_archive", base_url="https://archive.org", polite=_lane(1, 1.0, 1), anonymous=_lane(1, 2.0, 1)
    ),
    Service(name="wayback", base_url="https://web.archive.org", polite=_lane(1, 1.0, 1), anonymous=_lane(1, 2.0, 1)),
    Service(
        name="scholar_archive",
        base_url="https://scholar.archive.org",
        polite=_lane(1, 1.0, 1),
        anonymous=_lane(1, 2.0, 1),
        answers_in_html=True,
    ),
    # https://doaj.org/api/docs: two requests a second (read 2026-11-23)
    Service(name="doaj", base_url="https://doaj.org", polite=_published(2, 1.0, 2), anonymous=_published(2, 1.0, 2)),
    # https://api.core.ac.uk/docs/v3: 1,000 tokens a day and 25 a minute with a personal key; a search takes one, a file
    # up to five; academic keys 10 a minute (by second-hand copies; its headers have the last word)
    Service(
        name="core",
        base_url="https://api.core.ac.uk/v3",
        polite=Lane((Window(1, 6.0), Window(1_000, 86_400.0)), 1, is_published=True),
        anonymous=_published(1, 6.0, 1),
        needs_key=True,
    ),
    # https://developers.openalex.org/download/full-text-pdfs: 100 credits each, of OpenAlex's own (read 2026-11-23)
    Service(
        name="openalex_content",
        base_url="https://content.openalex.org",
        polite=_lane(1, 1.0, 1),
        anonymous=_lane(1, 1.0, 1),
        needs_key=True,
        key_of="openalex",
        switch="access.openalex_content",
    ),
)

BY_NAME: dict[str, Service] = {service.name: service for service in SERVICES}
