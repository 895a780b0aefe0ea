"""The replica's libraries of books, archives and gatherers, asked by the locators, through the real client."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace

import httpx
import pytest

from dl_lit.core.clock import SystemClock
from dl_lit.core.errors import ServiceError
from dl_lit.core.hosts import AddressRules
from dl_lit.core.model import Location, Name, Work, WorkType
from dl_lit.core.reasons import Reason
from dl_lit.core.services import SERVICES, Lane, Service, Window
from dl_lit.net.client import HttpServiceCalls
from dl_lit.net.connections import shared_client, user_agent
from dl_lit.net.politeness import Politeness
from dl_lit.replica import Replica, Shares, Universe
from dl_lit.replica.hosts import Guest
from dl_lit.replica.wire import Plan, Request, html_response
from stages.locators import core, doab, doaj, internet_archive, oapen, openalex_content, scholar_archive, wayback
from stages.locators.settings import LocatorSettings

CONTACT = "reader@library-of-shores.org"
LEE = [{"family": "van der Lee", "given": "Marit"}]
FAST = Lane((Window(1_000, 1.0),), 8)
RECORDS = [
    {"doi": "10.5555/tides.1", "title": "Spring tides and the sorting of gravel", "year": 2017, "authors": LEE,
     "container": "Journal of Tides", "type": "journal-article", "oa": "gold"},
    {"doi": "10.5555/green.1", "title": "Neap tides and the sorting of sand", "year": 2018, "authors": LEE,
     "container": "Journal of Tides", "type": "journal-article", "oa": "green", "host": "repository-0"},
    {"doi": "10.5555/shores", "title": "Shores of the world", "year": 1998, "authors": LEE, "type": "book",
     "isbn": "978-3-16-148410-0", "publisher": "Shore Press", "oa": "green", "host": "repository-0"},
    {"doi": "10.5555/sand", "title": "Shores of the world and their sand", "year": 1999, "authors": LEE,
     "type": "book", "publisher": "Shore Press", "oa": "gold"},
    {"doi": "10.5555/closed", "title": "Closed shores", "year": 1999, "authors": LEE, "type": "book",
     "isbn": "978-0-306-40615-7", "oa": "closed"},
]  # fmt: skip


def work(number: int) -> Work:
    made = RECORDS[number]
    return Work(
        title=str(made["title"]),
        type=WorkType.BOOK if made["type"] == "book" else WorkType.ARTICLE_JOURNAL,
        authors=(Name("van der Lee", "Marit"),),
        year=int(str(made["year"])),
        doi=str(made["doi"]),
        isbn=str(made.get("isbn", "")).replace("-", "") or None,
    )


class Challenge:
    """A site that lets nobody but browsers through."""

    def plan(self, request: Request) -> Plan:
        del request
        page = "<html><head><title>Session Verification</title></head><body>Wait.</body></html>"
        return Plan(kind="other", answer=lambda: html_response(page))


@dataclass
class Bench:
    """The client that the program uses, pointed at the replica."""

    replica: Replica
    client: httpx.Client
    settings: LocatorSettings
    services: list[Service]

    def calls(self, *, keys: bool = True, **addresses: str) -> HttpServiceCalls:
        services = [replace(one, base_url=addresses.get(one.name, one.base_url)) for one in self.services]
        return HttpServiceCalls(
            self.client,
            Politeness(services, clock=SystemClock(), rng=random.Random(1), has_contact=True),
            services,
            clock=SystemClock(),
            rng=random.Random(1),
            contact_email=CONTACT,
            keys={"core": "a-key", "openalex": "a-key", "openalex_content": "a-key"} if keys else {},
        )


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    shares = Shares(unlisted=0, missing_in_openalex=0, pdf_linked=1)
    guests = [Guest(name="challenge", service=Challenge())]
    with Replica(Universe.from_records(RECORDS), seed=3, time_scale=1_000, shares=shares, guests=guests) as replica:
        env = replica.env()
        services = [
            replace(one, base_url=env.get(f"DL_LIT_{one.name.upper()}_URL", ""), polite=FAST, anonymous=FAST)
            for one in SERVICES
        ]
        rules = AddressRules(["127.0.0.0/8"])
        with shared_client(user_agent=user_agent("1.0", contact_email=CONTACT), trusted=rules, public=rules) as client:
            settings = LocatorSettings.from_base_urls({one.name: one.base_url for one in services})
            yield Bench(replica, client, settings, services)
        assert not replica.problems


def begins_like_a_pdf(bench: Bench, place: Location) -> bool:
    answer = bench.client.get(place.url, headers={"Authorization": "Bearer a-key"})
    return answer.status_code == 200 and answer.content.startswith(b"%PDF-")


def test_open_books_have_files_and_closed_ones_have_none(bench: Bench) -> None:
    """By DOI, by ISBN and by title; the neighbour whose title has the same words is not taken for it."""
    calls, book = bench.calls(), work(2)
    for asked in (book, replace(book, doi=None), replace(book, doi=None, isbn=None)):
        (place,) = oapen.locate(calls, asked, bench.settings)
        assert place.url.endswith("000000000002/retrieve")
    assert begins_like_a_pdf(bench, place)
    (scan,) = internet_archive.locate(calls, book, bench.settings)
    assert begins_like_a_pdf(bench, scan)
    page, resolver = doab.locate(calls, book, bench.settings)
    assert bench.client.get(page.url).status_code == 200
    assert resolver.url.startswith(bench.settings.doi_url)
    for module in (oapen, doab, internet_archive):
        assert module.locate(calls, work(4), bench.settings) == ()


def test_articles_are_found_by_who_gathers_them(bench: Bench) -> None:
    calls = bench.calls()
    (preserved,) = scholar_archive.locate(calls, work(1), bench.settings)
    assert begins_like_a_pdf(bench, preserved)
    assert scholar_archive.locate(calls, work(4), bench.settings) == ()
    (page,) = doaj.locate(calls, work(0), bench.settings)
    assert (page.licence, page.is_pdf) == ("cc-by", False)
    assert doaj.locate(calls, work(1), bench.settings) == ()
    held, origin = core.locate(calls, work(1), bench.settings)
    assert begins_like_a_pdf(bench, held)
    assert begins_like_a_pdf(bench, origin)
    (content,) = openalex_content.locate(calls, work(0), bench.settings)
    answer = bench.client.get(content.url, headers={"Authorization": "Bearer a-key"})
    assert (answer.content[:5], answer.headers["x-ratelimit-credits-used"]) == (b"%PDF-", "100")


def test_what_a_host_has_lost_the_wayback_machine_has(bench: Bench) -> None:
    calls = bench.calls()
    host = bench.replica.env()["DL_LIT_OAPEN_URL"]
    lost, never_there = Location(url=f"{host}/gone/1.pdf"), Location(url=f"{host}/nothing.pdf")
    assert bench.client.get(lost.url).status_code == 404
    (capture,) = wayback.copies(calls, work(1), (lost, never_there), bench.settings)
    assert begins_like_a_pdf(bench, capture)


def test_without_a_key_core_is_not_asked(bench: Bench) -> None:
    calls = bench.calls(keys=False)
    assert not calls.is_available("core")
    assert not calls.is_available("openalex_content")


def test_a_challenge_parks_the_service_and_is_no_answer(bench: Bench) -> None:
    """Neither "there is no copy" nor a page to be read."""
    address = bench.replica.url("challenge")
    calls = bench.calls(scholar_archive=address)
    with pytest.raises(ServiceError) as raised:
        scholar_archive.locate(calls, work(1), bench.settings)
    assert raised.value.reason is Reason.SERVICE_DOWN
    assert calls.wait_s("scholar_archive") > 60.0
