"""Enrichment and queueing against the replica of the services, over real sockets and through the real client."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from dl_lit.core.clock import SystemClock
from dl_lit.core.hosts import AddressRules
from dl_lit.core.items import Duplicate, EntryItem, Queued, Resolved, WorkItem
from dl_lit.core.job import Again, Answer, Claim, Done, Reject
from dl_lit.core.model import Name, Reference, StageName, Work
from dl_lit.core.reasons import Reason
from dl_lit.core.services import SERVICES
from dl_lit.net.client import HttpServiceCalls
from dl_lit.net.connections import shared_client, user_agent
from dl_lit.net.politeness import Politeness
from dl_lit.replica import Replica, Universe
from stages.enrichment import EnrichmentStage, Habits
from stages.enrichment.stage import SEARCH
from stages.locators.search import LocationSearch
from stages.locators.settings import LocatorSettings
from stages.queueing import QueueingStage

CONTACT = "reader@library-of-shores.org"
WORDS = ["gravel", "kelp", "lapwing", "estuary", "marsh", "spindrift", "barnacle", "groyne", "shingle", "lagoon"]
PEOPLE = [("Lee", "Marit"), ("Ruiz", "Ana"), ("Berg", "Ola"), ("Kok", "Piet"), ("Öst", "Tobias")]


def record(number: int) -> dict[str, Any]:
    """One invented work; every third is arXiv's, every seventh DataCite's."""
    family, given = PEOPLE[number % 5]
    first, second = WORDS[number % 10], WORDS[(number // 10 + 3) % 10]
    made: dict[str, Any] = {
        "title": f"On the {first} and its bearing on the {second}: report {number} of the survey",
        "authors": [{"family": family, "given": given}],
        "year": 1990 + number % 30,
        "container": "Journal of Shores",
        "type": "journal-article",
        "doi": f"10.5555/shores.{number}",
        "oa": "green" if number % 2 else "closed",
    }
    if number % 3 == 0:
        made |= {
            "doi": f"10.48550/arxiv.2001.{number:05}",
            "arxiv_id": f"2001.{number:05}",
            "type": "preprint",
            "oa": "green",
        }
    elif number % 7 == 0:
        made |= {"doi": f"10.5281/zenodo.{number}", "agency": "DataCite", "type": "report"}
    return made


RECORDS = [record(number) for number in range(60)]


def printed(number: int, **changes: Any) -> Reference:
    """The printed entry of a record, its DOI included."""
    made = RECORDS[number]
    person = made["authors"][0]
    entry = Reference(
        position=number + 1,
        raw=f"{person['family']}, {person['given'][0]}. ({made['year']}). {made['title']}. {made['container']}.",
        title=made["title"],
        authors=(Name(family=person["family"], given=person["given"][0]),),
        year=made["year"],
        container_title=made["container"],
        doi=made["doi"],
    )
    return replace(entry, **changes)


@dataclass
class Bench:
    """The client that the program uses, pointed at the replica."""

    replica: Replica
    calls: HttpServiceCalls
    settings: LocatorSettings

    def enrich(self, *references: Reference, phase: str = "") -> list[Answer]:
        claims = [
            Claim(StageName.ENRICHMENT, number, EntryItem(1, reference), phase=phase)
            for number, reference in enumerate(references)
        ]
        given = sorted(
            EnrichmentStage(self.calls, habits=Habits(check_retractions=False)).handle(claims),
            key=lambda pair: pair[0].id,
        )
        return [answer for _, answer in given]

    def queue(self, work: Work) -> Answer:
        class Nothing:
            def duplicate_of(self, work_id: int, work: Work) -> Duplicate | None:
                return None

        stage = QueueingStage(Nothing(), LocationSearch(self.calls, self.settings))
        claim = Claim(StageName.QUEUEING, 1, WorkItem(work))
        ((_, answer),) = stage.handle([claim])
        if isinstance(answer, Again):
            ((_, answer),) = stage.handle([replace(claim, phase=answer.phase)])
        return answer


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    with Replica(Universe.from_records(RECORDS), seed=3, time_scale=50.0) as replica:
        env = replica.env()
        services = [replace(one, base_url=env.get(f"DL_LIT_{one.name.upper()}_URL", "")) for one in SERVICES]
        politeness = Politeness(services, clock=SystemClock(), rng=random.Random(1), has_contact=True)
        client = shared_client(
            user_agent=user_agent("1.0", contact_email=CONTACT),
            trusted=AddressRules(["127.0.0.0/8"]),
            public=AddressRules(["127.0.0.0/8"]),
        )
        calls = HttpServiceCalls(
            client, politeness, services, clock=SystemClock(), rng=random.Random(1), contact_email=CONTACT
        )
        settings = LocatorSettings.from_base_urls({service.name: service.base_url for service in services})
        yield Bench(replica, calls, settings)
        calls.stop()
        client.close()


def work_of(answer: Answer) -> Work:
    """What an entry was resolved to."""
    assert isinstance(answer, Done), answer
    assert isinstance(answer.facts, Resolved)
    return answer.facts.work


def test_printed_identifiers_resolve_in_a_handful_of_requests(bench: Bench) -> None:
    """Sixty entries with DOIs of three agencies."""
    answers = bench.enrich(*(printed(number) for number in range(60)))
    dois = [RECORDS[number]["doi"] for number in range(60)]
    assert [work_of(answer).doi for answer in answers] == dois


def test_titles_are_found_by_search(bench: Bench) -> None:
    """Without identifiers each entry is searched for, among sixty sisters that differ in a few words."""
    for number in (1, 2, 5, 8, 11):
        bare = printed(number, doi=None)
        assert bench.enrich(bare) == [Again(SEARCH)]
        (answer,) = bench.enrich(bare, phase=SEARCH)
        assert work_of(answer).doi == RECORDS[number]["doi"]


def test_an_unread_entry_is_found_by_its_text(bench: Bench) -> None:
    """No field was read; the text is the query and the evidence."""
    (answer,) = bench.enrich(Reference(position=1, raw=printed(4).raw), phase=SEARCH)
    assert work_of(answer).doi == RECORDS[4]["doi"]


def test_what_nobody_holds_is_no_match(bench: Bench) -> None:
    """The services answer something; it is not accepted."""
    title = "A wholly different inquiry into the mending of nets"
    other = printed(
        1, doi=None, title=title, raw=f"Smit, J. (1950). {title}.", authors=(Name(family="Smit"),), year=1950
    )
    (answer,) = bench.enrich(other, phase=SEARCH)
    assert isinstance(answer, Reject)
    assert answer.reason is Reason.NO_MATCH


def test_a_misprinted_doi_ends_at_the_right_work(bench: Bench) -> None:
    """The DOI of report 2 is printed with report 1."""
    wrong = printed(1, doi=RECORDS[2]["doi"])
    assert bench.enrich(wrong) == [Again(SEARCH)]
    (answer,) = bench.enrich(wrong, phase=SEARCH)
    assert work_of(answer).doi == RECORDS[1]["doi"]


def test_open_works_get_locations_and_closed_ones_a_reason(bench: Bench) -> None:
    """Green works can be had from a repository; closed ones end with their word."""
    (open_answer, closed_answer) = bench.enrich(printed(1), printed(2))
    found = bench.queue(work_of(open_answer))
    assert isinstance(found, Done), found
    assert isinstance(found.facts, Queued)
    assert all(place.url.startswith("http://127.0.0.") for place in found.facts.locations)
    nothing = bench.queue(work_of(closed_answer))
    assert isinstance(nothing, Reject)
    assert nothing.reason is Reason.NO_OA_LOCATION


def test_preprints_are_fetched_from_where_arxiv_is(bench: Bench) -> None:
    """The base address is the replica's."""
    (answer,) = bench.enrich(printed(3))
    found = bench.queue(work_of(answer))
    assert isinstance(found, Done), found
    assert isinstance(found.facts, Queued)
    assert f"{bench.settings.arxiv_url}/pdf/2001.00003" in [place.url for place in found.facts.locations]
