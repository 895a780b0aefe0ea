"""Files of services with keys and credits: through their gates, with the key for them alone, counted as theirs."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from dl_lit.core.clock import SystemClock
from dl_lit.core.ports import Fetched
from dl_lit.core.reasons import Reason
from dl_lit.core.services import BY_NAME, Lane, Window
from dl_lit.net.file_services import PLACES, FileService, file_services
from dl_lit.net.identity import Identity
from dl_lit.net.politeness import Politeness
from dl_lit.net.site_rules import SiteRulebook
from dl_lit.settings.access import AccessSettings
from tests.fakes.fetching import AS_PDF, PDF, Bench, Ledger
from tests.fakes.loopback_server import LoopbackServer, Reply

FAST = Lane((Window(100, 1.0),), 4)
CLOSED = Reply(200, {}, b"User-agent: *\nDisallow: /")


class Served:
    """A fetcher that knows some services, whose addresses are servers on this machine."""

    def __init__(self, folder: Path, bases: dict[str, str], keys: dict[str, str], **more: int | None) -> None:
        services = [replace(BY_NAME[name], base_url=url, polite=FAST, **more) for name, url in bases.items()]
        self.identity = Identity("me@university.example", keys)
        self.politeness = Politeness(
            services,
            clock=SystemClock(),
            rng=random.Random(1),
            has_contact=True,
            keyed=keys,
            identity=self.identity,
        )
        self.services = file_services(services, self.politeness, is_polite=True, identity=self.identity)
        self.ledger = Ledger()
        self.bench = Bench(
            folder, ledger=self.ledger, file_services=self.services, rulebook=SiteRulebook(SystemClock())
        )


@pytest.fixture
def servers() -> Iterator[Callable[..., LoopbackServer]]:
    made: list[LoopbackServer] = []

    def serve(routes: dict[str, object], host: str) -> LoopbackServer:
        made.append(LoopbackServer(routes, host=host))
        return made[-1]

    yield serve
    for one in made:
        one.close()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Callable[..., Served]]:
    made: list[Served] = []

    def make(bases: dict[str, str], keys: dict[str, str] | None = None, **more: int | None) -> Served:
        made.append(Served(tmp_path, bases, keys or {}, **more))
        return made[-1]

    yield make
    for one in made:
        one.bench.close()


def test_a_file_of_openalex_costs_its_credits_and_its_key_stays_there(servers, served) -> None:
    """The store that it redirects to is asked without the key, and not for a robots.txt of crawlers."""
    store = servers({"/robots.txt": CLOSED, "*": Reply(200, AS_PDF, PDF)}, "127.0.0.3")
    left = {"X-RateLimit-Limit": "10000", "X-RateLimit-Remaining": "9500", "X-RateLimit-Reset": "3600"}
    content = servers({"*": Reply(302, {"Location": store.url("/signed?x=1"), **left})}, "127.0.0.2")
    subject = served(
        {"openalex": "https://api.openalex.org", "openalex_content": content.url("")},
        {"openalex": "k", "openalex_content": "k"},
    )
    assert isinstance(subject.bench.fetch(content.url("/works/W1.pdf")), Fetched)
    assert content.seen[0].headers["authorization"] == "Bearer k"
    assert [seen.path for seen in store.seen] == ["/signed"]
    assert "authorization" not in store.seen[0].headers
    assert subject.ledger.purposes == ["openalex_content", "files"]
    gate = subject.politeness.gate("openalex")
    assert gate.credits_left() == 9_500, "what the answer says"
    assert gate.use().credits_used == 100


def test_what_the_day_has_no_credits_for_waits_for_the_next(servers, served) -> None:
    content = servers({"*": Reply(200, AS_PDF, PDF)}, "127.0.0.2")
    subject = served(
        {"openalex": "https://api.openalex.org", "openalex_content": content.url("")},
        {"openalex": "k", "openalex_content": "k"},
        credits_per_day=99,
        credits_per_day_keyed=99,
    )
    error = subject.bench.failure(content.url("/works/W1.pdf"))
    assert (error.reason, error.costs_attempt) == (Reason.BUDGET_EXHAUSTED, False)
    assert 0 < (error.after or 0.0) <= 86_400.0
    assert content.seen == []


def test_a_refusal_for_want_of_credits_closes_the_budget_for_everybody(servers, served) -> None:
    content = servers({"*": Reply(429, {"Retry-After": "50000"})}, "127.0.0.2")
    subject = served(
        {"openalex": "https://api.openalex.org", "openalex_content": content.url("")},
        {"openalex": "k", "openalex_content": "k"},
    )
    error = subject.bench.failure(content.url("/works/W1.pdf"))
    assert (error.reason, error.after, error.costs_attempt) == (Reason.BUDGET_EXHAUSTED, 50_000.0, False)
    assert subject.politeness.gate("openalex").credits_left() == 0


def test_without_a_key_nobody_is_asked_and_a_wrong_one_is_not_used_again(servers, served) -> None:
    core = servers({"*": Reply(401)}, "127.0.0.2")
    url = core.url("/v3/outputs/1/download")
    error = served({"core": core.url("/v3")}).bench.failure(url)
    assert (error.reason, error.detail) == (Reason.HTTP_401, "services.core.key: not set, so not asked")
    assert core.seen == []
    subject = served({"core": core.url("/v3")}, {"core": "wrong"})
    for _ in range(2):
        assert subject.bench.failure(url).reason is Reason.HTTP_401
    assert [seen.headers.get("authorization") for seen in core.seen] == ["Bearer wrong"]
    assert subject.identity.is_refused("core")


def test_files_count_as_their_services(servers, served) -> None:
    """ArXiv's PDFs are arXiv's in the ledger, and its terms stand for the robots.txt of crawlers."""
    arxiv = servers({"/robots.txt": CLOSED, "*": Reply(200, AS_PDF, PDF)}, "127.0.0.2")
    acl = servers({"/robots.txt": Reply(404), "*": Reply(200, AS_PDF, PDF)}, "127.0.0.3")
    subject = served({"arxiv": arxiv.url(""), "acl": acl.url("")})
    subject.bench.fetch(arxiv.url("/pdf/1706.03762"))
    subject.bench.fetch(acl.url("/N04-1001.pdf"))
    assert subject.ledger.purposes == ["arxiv", "robots", "robots", "acl"]
    assert [seen.path for seen in acl.seen] == ["/robots.txt", "/.well-known/tdmrep.json", "/N04-1001.pdf"]


def test_arxiv_that_turns_us_away_is_left_alone_for_a_day(servers, served) -> None:
    arxiv = servers({"*": Reply(403)}, "127.0.0.2")
    subject = served({"arxiv": arxiv.url("")})
    assert subject.bench.failure(arxiv.url("/pdf/1")).reason is Reason.BLOCKED_FORBIDDEN
    error = subject.bench.failure(arxiv.url("/pdf/2"))
    assert (error.reason, len(arxiv.seen)) == (Reason.HOST_PARKED, 1)
    assert (error.after or 0.0) > 86_000.0


def test_a_service_that_limits_files_again_and_again_costs_attempts_in_the_end(servers, served) -> None:
    pmc = servers({"*": Reply(429, {"Retry-After": "0"})}, "127.0.0.2")
    subject = served({"pmc": pmc.url("")})
    ends = [subject.bench.failure(pmc.url("/a.pdf")) for _ in range(4)]
    assert [error.reason for error in ends] == [Reason.HTTP_429] * 4
    assert [error.costs_attempt for error in ends] == [False, False, False, True]


def service(name: str) -> FileService:
    politeness = Politeness(
        [BY_NAME[name], BY_NAME["openalex"]], clock=SystemClock(), rng=random.Random(1), has_contact=True
    )
    (found,) = (one for one in file_services([BY_NAME[name]], politeness, is_polite=True) if one.name == name)
    return found


@pytest.mark.parametrize(
    ("name", "url", "serves"),
    [
        ("arxiv", "https://arxiv.org/pdf/1706.03762", True),
        ("arxiv", "http://www.arxiv.org/abs/1", True),
        ("arxiv", "https://arxiv.org.evil.example/pdf/1", False),
        ("arxiv", "https://evil.example/https://arxiv.org/", False),
        ("europepmc", "https://europepmc.org/articles/PMC123?pdf=render", True),
        ("europepmc", "https://europepmc.org/backend/ptpmcrender.fcgi?accid=PMC1&blobtype=pdf", True),
        ("europepmc", "https://europepmc.org/article/MED/1", False),
        ("openalex_content", "https://content.openalex.org/works/W1.pdf", True),
        ("core", "https://api.core.ac.uk/v3/outputs/1/download", True),
        ("core", "https://core.ac.uk/download/1.pdf", False),
        ("oapen", "https://library.oapen.org/rest/bitstreams/1/retrieve", True),
        ("oapen", "https://library.oapen.org/handle/1", False),
        ("internet_archive", "https://archive.org/download/x/x.pdf", True),
        ("internet_archive", "https://archive.org/details/x", False),
        ("zenodo", "https://zenodo.org/api/records/1/files/a.pdf/content", True),
        ("zenodo", "https://zenodo.org/records/1", False),
        ("figshare", "https://ndownloader.figshare.com/files/1", True),
        ("wayback", "https://web.archive.org/web/2020id_/https://x.example/a.pdf", True),
    ],
)
def test_which_addresses_are_a_services_files(name: str, url: str, serves: bool) -> None:
    assert service(name).serves(url) is serves


def test_every_place_of_files_is_one_of_a_known_service() -> None:
    by_a_key = {one.name for one in AccessSettings(elsevier_key="k", wiley_token="t").publishers}
    assert PLACES.keys() <= BY_NAME.keys() | by_a_key
