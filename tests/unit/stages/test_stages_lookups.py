"""What the sources and locators ask for, and what they make of the answers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dl_lit.core.errors import RequestRefused, ServiceError
from dl_lit.core.model import HostType, Location, Name, Reference, Version, Work
from dl_lit.core.reasons import Reason
from stages.answers import look_up
from stages.locators import arxiv as arxiv_locator
from stages.locators import europepmc, pmc, unpaywall
from stages.locators import openalex as openalex_locator
from stages.locators.rank import rank
from stages.locators.settings import LocatorSettings
from stages.sources import arxiv, crossref, datacite, openalex
from tests.fakes.service_calls import Asked, FakeServiceCalls, fixture

TIDES = "10.5555/tides.2017.12"
SETTINGS = LocatorSettings(
    arxiv_url="http://127.0.0.6:1", pmc_url="http://127.0.0.8:1", europepmc_site_url="http://127.0.0.7:1"
)


def openalex_works(request: Asked) -> bytes:
    """Answer a filter with one bare work for each value."""
    values = request.params["filter"].partition(":")[2].split("|")
    works = [
        {"id": f"https://openalex.org/W{10 + at}", "doi": f"https://doi.org/{doi}", "title": f"Title {doi}"}
        for at, doi in enumerate(values)
    ]
    return json.dumps({"results": works}).encode()


def test_openalex_takes_fifty_dois_to_a_list_of_one_credit() -> None:
    """120 DOIs are three requests; order does not matter, the join is by DOI."""
    calls = FakeServiceCalls({"openalex": openalex_works})
    dois = [f"10.5555/{number}" for number in range(120)]
    found = openalex.by_dois(calls, dois)
    assert set(found.works) == set(dois)
    assert [(request.path, request.credits) for request in calls.asked] == [("/works", 1)] * 3
    assert {request.params["per_page"] for request in calls.asked} == {"100"}


def test_openalex_batches_of_long_dois_are_shorter() -> None:
    """The address stays below some 4 KB."""
    calls = FakeServiceCalls({"openalex": openalex_works})
    openalex.by_dois(calls, [f"10.5555/{'x' * 150}{number:03}" for number in range(50)])
    assert len(calls.asked) == 3
    assert all(len(request.params["filter"]) < 3_500 for request in calls.asked)


def test_openalex_dois_that_break_filters_go_alone_and_free() -> None:
    """A comma or a bar in a DOI would be read as the filter's own."""
    record = json.dumps(
        {"id": "https://openalex.org/W5", "doi": "https://doi.org/10.5555/a,b", "title": "Comma"}
    ).encode()
    calls = FakeServiceCalls({"openalex": lambda request: record if request.path.endswith("10.5555/a,b") else 404})
    found = openalex.by_dois(calls, ["10.5555/a,b", "10.5555/c|d"])
    assert set(found.works) == {"10.5555/a,b"}
    assert not found.unanswered
    assert [(request.path, request.credits) for request in calls.asked] == [
        ("/works/doi:10.5555/a,b", 0),
        ("/works/doi:10.5555/c%7Cd", 0),
    ]


@pytest.mark.parametrize(
    ("title", "query"),
    [
        ('Is it so? NOT (really) "x" AND y|z, *', "is it so not really x and y z"),
        ("Über-Maß_2: ~approx", "über maß 2 approx"),
        ("?!", ""),
    ],
)
def test_openalex_search_text_holds_no_operators(title: str, query: str) -> None:
    """Wildcards, quotes, bars, brackets and capital operators are refused or change the meaning."""
    assert openalex.search_text(title) == query


def test_openalex_search_text_is_cut_at_a_word() -> None:
    """Long searches are refused."""
    assert 290 <= len(openalex.search_text("word " * 100)) <= 300
    assert openalex.search(FakeServiceCalls(), Reference(position=1, raw="x")) is None


def test_crossref_lists_use_their_lane_and_ask_for_all_rows() -> None:
    """Without `rows` a list stops at 20."""
    calls = FakeServiceCalls({"crossref": lambda _: fixture("crossref", "list.json")})
    found = crossref.by_dois(calls, [TIDES, "10.5555/absent"])
    assert set(found.works) == {TIDES}
    (request,) = calls.asked
    assert (request.lane, request.params["rows"]) == ("list", "2")
    assert request.params["filter"] == f"doi:{TIDES},doi:10.5555/absent"


def test_crossref_repeats_without_select_when_that_is_refused() -> None:
    """The list of selectable fields lags behind the schema."""
    calls = FakeServiceCalls(
        {"crossref": lambda request: 400 if "select" in request.params else fixture("crossref", "list.json")}
    )
    assert set(crossref.by_dois(calls, [TIDES]).works) == {TIDES}


def test_crossref_searches_for_title_author_and_year() -> None:
    """Three facts in one string; without a title the text less label and addresses."""
    reference = Reference(
        position=1,
        raw="[12] Lee, M. 2017. J. Tides pp. 1. https://doi.org/10.5555/x",
        title="Spring <i>tides</i>",
        authors=(Name(family="Lee"),),
        year=2017,
    )
    assert crossref.search_text(reference) == "Spring tides Lee 2017"
    assert crossref.search_text(Reference(position=1, raw=reference.raw)) == "Lee, M. 2017. J. Tides 1."
    assert crossref.search_text(Reference(position=1, raw="...")) == ""


def test_arxiv_identifiers_go_by_their_dois_at_datacite() -> None:
    """DataCite answers many at once where arXiv's own API must be asked slowly."""
    calls = FakeServiceCalls({"datacite": lambda _: fixture("datacite", "list.json")})
    found = datacite.by_arxiv_ids(calls, ["1701.01234", "9999.00001"])
    assert set(found.works) == {"1701.01234"}
    assert calls.asked[0].params["ids"] == "10.48550/arxiv.1701.01234,10.48550/arxiv.9999.00001"


def test_arxiv_asks_for_as_many_results_as_identifiers() -> None:
    """`max_results` is 10 if it is not said."""
    calls = FakeServiceCalls({"arxiv": lambda _: fixture("arxiv", "list.xml")})
    assert set(arxiv.by_arxiv_ids(calls, ["1701.01234", "hep-th/9901001"]).works) == {"1701.01234", "hep-th/9901001"}
    assert calls.asked[0].params == {"id_list": "1701.01234,hep-th/9901001", "max_results": "2"}


def test_a_refused_batch_is_halved_until_the_culprit_is_alone() -> None:
    """One identifier the service cannot read does not cost the others."""

    def answer(request: Asked) -> Any:
        return 400 if "10.5555/7" in request.params["filter"].split(":", 1)[1].split("|") else openalex_works(request)

    calls = FakeServiceCalls({"openalex": answer})
    found = openalex.by_dois(calls, [f"10.5555/{number}" for number in range(8)])
    assert len(found.works) == 7
    assert "10.5555/7" not in found.works
    assert isinstance(found.unanswered.pop("10.5555/7"), RequestRefused), "nothing that may be remembered"  # type: ignore[attr-defined]
    assert not found.unanswered


def test_an_error_leaves_the_rest_unanswered_not_absent() -> None:
    """Absence must be established; what a dead service did not answer is open."""
    answers = iter([{"a": Work(title="A")}, ServiceError("x", Reason.SERVICE_DOWN)])

    def ask(batch: object) -> dict[str, Work]:
        answer = next(answers)
        if isinstance(answer, ServiceError):
            raise answer
        return answer

    found = look_up(["a", "b", "c", "d"], 2, 1_000, ask)
    assert set(found.works) == {"a"}
    assert set(found.unanswered) == {"c", "d"}


def test_a_404_of_a_list_establishes_nothing() -> None:
    """Only the record route's 404 means absence."""
    found = openalex.by_dois(FakeServiceCalls({"openalex": lambda _: 404}), [TIDES])
    assert set(found.unanswered) == {TIDES}


def test_openalex_locates_without_a_request_what_it_described() -> None:
    """The locations came with the work; for others one free look-up by DOI."""
    place = Location(url="https://repo.test/1.pdf")
    calls = FakeServiceCalls(
        {
            "openalex": lambda _: json.dumps(
                {
                    "id": "https://openalex.org/W1",
                    "title": "T",
                    "locations": [{"is_oa": True, "pdf_url": "https://repo.test/2.pdf"}],
                }
            ).encode()
        }
    )
    own = Work(title="T", doi=TIDES, metadata_source="openalex", locations=(place,))
    assert openalex_locator.locate(calls, own, SETTINGS) == ()  # they came along
    assert not openalex_locator.is_worth_asking(own, own.locations)
    assert not calls.asked
    other = Work(title="T", doi=TIDES, metadata_source="crossref")
    assert [one.url for one in openalex_locator.locate(calls, other, SETTINGS)] == ["https://repo.test/2.pdf"]
    assert calls.asked[0].credits == 0


def test_arxiv_addresses_follow_from_the_identifier() -> None:
    """The base address is a setting."""
    (place,) = arxiv_locator.locate(FakeServiceCalls(), Work(title="T", doi="10.48550/arxiv.1701.01234"), SETTINGS)
    assert (place.url, place.host_type, place.version) == (
        "http://127.0.0.6:1/pdf/1701.01234",
        HostType.REPOSITORY,
        Version.SUBMITTED,
    )


def test_pmc_takes_the_newest_version_from_the_bucket() -> None:
    """Two small requests; the address is below the bucket's own."""
    bodies = {"/": fixture("pmc", "versions.xml"), "/metadata/PMC5900012.10.json": fixture("pmc", "list.json")}
    calls = FakeServiceCalls({"pmc": lambda request: bodies[request.path]})
    (place,) = pmc.locate(calls, Work(title="T", pmcid="PMC5900012"), SETTINGS)
    assert place.url == "http://127.0.0.8:1/PMC5900012.2/PMC5900012.2.pdf"
    assert calls.asked[0].params["prefix"] == "PMC5900012."


def test_pmc_knows_nothing_of_an_empty_listing() -> None:
    """No version, no further request."""
    calls = FakeServiceCalls({"pmc": lambda _: b"<ListBucketResult><KeyCount>0</KeyCount></ListBucketResult>"})
    assert pmc.locate(calls, Work(title="T", pmcid="PMC1"), SETTINGS) == ()
    assert len(calls.asked) == 1


def test_europepmc_is_asked_by_its_own_identifiers() -> None:
    """PMCID first, else PMID."""
    calls = FakeServiceCalls({"europepmc": lambda _: fixture("europepmc", "list.json")})
    places = europepmc.locate(calls, Work(title="T", pmcid="PMC5900012"), SETTINGS)
    assert places[0].url == "http://127.0.0.7:1/articles/PMC5900012?pdf=render"
    assert europepmc.locate(calls, Work(title="T", pmcid="PMC1"), SETTINGS) == ()
    europepmc.locate(calls, Work(title="T", pmid="29000012"), SETTINGS)
    assert [request.params["query"] for request in calls.asked] == [
        "PMCID:PMC5900012",
        "PMCID:PMC1",
        "EXT_ID:29000012 AND SRC:MED",
    ]


def test_unpaywall_needs_an_address_and_knows_404() -> None:
    """Without a contact address nothing is asked; a 404 is an answer."""
    work = Work(title="T", doi=TIDES)
    assert unpaywall.locate(FakeServiceCalls(contact_email=None), work, SETTINGS) == ()
    calls = FakeServiceCalls({"unpaywall": lambda _: 404})
    assert unpaywall.locate(calls, work, SETTINGS) == ()
    assert calls.asked[0].path == f"/v2/{TIDES}"


def test_an_address_that_unpaywall_refuses_makes_no_work_closed() -> None:
    """422 is about the address of the user, not about the work, and says so."""
    refused = RequestRefused("unpaywall", 422, "Please use your own email address")
    with pytest.raises(ServiceError, match=r"contact address.*your own") as raised:
        unpaywall.locate(FakeServiceCalls({"unpaywall": lambda _: refused}), Work(title="T", doi=TIDES), SETTINGS)
    assert not isinstance(raised.value, RequestRefused)


def test_replicas_are_followed() -> None:
    """Pointing a service elsewhere points its files there too."""
    settings = LocatorSettings.from_base_urls(
        {"arxiv": "http://127.0.0.6:1/", "europepmc": "http://127.0.0.7:1/europepmc/webservices/rest"}
    )
    assert settings.arxiv_url == "http://127.0.0.6:1"
    assert settings.europepmc_site_url == "http://127.0.0.7:1"
    assert LocatorSettings.from_base_urls({}) == LocatorSettings()


def test_ranking() -> None:
    """PDFs before pages, repositories before publishers, the version of record first; each address once."""
    publisher = Location(url="https://pub.test/1.pdf", host_type=HostType.PUBLISHER, version=Version.PUBLISHED)
    accepted = Location(url="https://repo.test/a.pdf", host_type=HostType.REPOSITORY, version=Version.ACCEPTED)
    submitted = Location(url="https://repo.test/s.pdf", host_type=HostType.REPOSITORY, version=Version.SUBMITTED)
    page = Location(url="https://repo.test/a", is_pdf=False, host_type=HostType.REPOSITORY, version=Version.PUBLISHED)
    again = Location(url="http://REPO.test/a.pdf", host_type=None)
    ftp = Location(url="ftp://repo.test/x.pdf")
    assert rank([page, publisher, again, submitted, accepted, ftp]) == (accepted, submitted, publisher, page)
    assert rank([]) == ()
