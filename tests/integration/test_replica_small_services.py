"""The smaller services of the replica, asked by the sources that ask the real ones, through the real client."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest

from dl_lit.core.clock import SystemClock
from dl_lit.core.hosts import AddressRules
from dl_lit.core.model import CitingWork, Name, Reference, Work, WorkType
from dl_lit.core.services import SERVICES, Lane, Window
from dl_lit.net.client import HttpServiceCalls
from dl_lit.net.connections import shared_client, user_agent
from dl_lit.net.politeness import Politeness
from dl_lit.replica import Fault, FaultKind, Replica, Shares, Universe
from stages.locators import biorxiv, figshare, osf, zenodo
from stages.locators import europepmc as europepmc_locator
from stages.locators import hal as hal_locator
from stages.locators import inspire as inspire_locator
from stages.locators.settings import LocatorSettings
from stages.sources import (
    acl,
    doi_org,
    europepmc,
    hal,
    inspire,
    open_library,
    opencitations,
    pubmed,
    semantic_scholar,
)
from stages.sources.agencies import agency_of

CONTACT = "reader@library-of-shores.org"
LEE = [{"family": "van der Lee", "given": "Marit"}, {"family": "Öst", "given": "T."}]
FAST = Lane((Window(1_000, 1.0),), 8)
TIDES = "10.5555/tides.1"
RECORDS = [
    {"doi": TIDES, "title": "Spring tides and the sorting of gravel", "year": 2017, "authors": LEE, "pmid": "29000012",
     "container": "Journal of Tides", "type": "journal-article", "volume": "8", "issue": "2", "pages": "101-119"},
    {"doi": "10.5555/physrev.99", "title": "Gravel in anti-de Sitter space", "year": 2019, "authors": LEE,
     "container": "Physical Review T", "type": "journal-article", "volume": "99", "pages": "125011"},
    {"doi": "10.5555/shores", "title": "Shores of the world", "year": 1998, "authors": LEE, "type": "book",
     "isbn": "978-3-16-148410-0", "publisher": "Shore Press"},
    {"title": "A book without a number", "year": 1961, "authors": LEE, "type": "book", "publisher": "Shore Press"},
    {"doi": "10.1400/laguna.4", "title": "Le alghe brune della laguna", "year": 2011, "authors": LEE[:1],
     "container": "Rivista delle alghe", "type": "journal-article", "volume": "12", "pages": "33-58"},
    {"doi": "10.18653/v1/n18-1202", "title": "Deep shores", "year": 2018, "authors": LEE, "oa": "gold",
     "container": "Proceedings of Shores", "type": "proceedings-article", "pages": "22-37"},
    {"title": "Varech et vanneaux des grèves", "year": 1998, "language": "fr", "type": "dissertation", "oa": "green",
     "authors": [{"family": "Dupont", "given": "Anne"}]},
    {"doi": "10.5281/zenodo.900012", "title": "Shore lines", "year": 2019, "authors": LEE, "type": "report",
     "oa": "green", "agency": "DataCite"},
    {"doi": "10.5281/zenodo.900013", "title": "Closed shores", "year": 2019, "authors": LEE, "type": "report",
     "oa": "closed", "agency": "DataCite"},
    {"doi": "10.31234/osf.io/wader", "title": "Waders in tension", "year": 2024, "authors": LEE,
     "type": "posted-content"},
    {"doi": "10.6084/m9.figshare.900012", "title": "Lapwings", "year": 2014, "authors": LEE, "type": "dissertation",
     "oa": "green", "agency": "DataCite"},
    {"doi": "10.1101/2019.01.01.900012", "title": "Waders and worms", "year": 2019, "authors": LEE,
     "type": "posted-content"},
    {"doi": "10.5555/waders", "title": "Waders and worms", "year": 2020, "authors": LEE, "type": "journal-article",
     "container": "Journal of Waders", "pmcid": "PMC5900077", "pmid": "32000000", "oa": "green"},
    {"doi": "10.5555/citing", "title": "What was known of shores", "year": 2020, "type": "journal-article",
     "container": "Physics of Shores", "pmid": "31000000",
     "references": [{"doi": TIDES, "unstructured": "[1] Lee", "title": "Spring tides"}, {"doi": "10.5555/shores"},
                    {"unstructured": "[3] unknown"}]},
]  # fmt: skip


@pytest.fixture(scope="module")
def replica() -> Iterator[Replica]:
    with Replica(
        Universe.from_records(RECORDS), seed=3, enforce_limits=False, shares=Shares(missing_in_openalex=0)
    ) as made:
        yield made
        assert made.problems == []


@pytest.fixture
def calls(replica: Replica) -> Iterator[HttpServiceCalls]:
    """The client that the program uses, pointed at the replica; the replica forgets afterwards."""
    env = replica.env()
    services = [
        replace(
            one,
            base_url=env.get(f"DL_LIT_{one.name.upper()}_URL", ""),
            polite=FAST,
            anonymous=FAST,
            keyed=None,
            lanes=(),
        )
        for one in SERVICES
    ]
    keys = {"semantic_scholar": "K"}
    politeness = Politeness(services, clock=SystemClock(), rng=random.Random(1), has_contact=True, keyed=keys)
    rules = AddressRules(["127.0.0.0/8"])
    client = shared_client(user_agent=user_agent("1.0", contact_email=CONTACT), trusted=rules, public=rules)
    made = HttpServiceCalls(
        client, politeness, services, clock=SystemClock(), rng=random.Random(1), contact_email=CONTACT, keys=keys
    )
    yield made
    made.stop()
    client.close()
    replica.reset()


def entry(**fields: object) -> Reference:
    """An entry of the first record."""
    usual: dict[str, object] = {
        "raw": "x", "title": "Spring tides and the sorting of gravel", "year": 2017,
        "authors": (Name(family="van der Lee", given="M."),),
        "container_title": "J. Tides", "volume": "8", "pages": "101-119",
    }  # fmt: skip
    return Reference(position=1, **{**usual, **fields})  # type: ignore[arg-type]


def test_pubmed_matches_places_and_tells_records(calls: HttpServiceCalls, replica: Replica) -> None:
    """Abbreviated journals are known; a wrong page is not found; contact and program are told."""
    found = pubmed.by_coordinates(calls, [entry(), entry(raw="y", pages="102")])
    assert {raw: (work.pmid, work.doi) for raw, work in found.works.items()} == {"x": ("29000012", TIDES)}
    assert not found.unanswered
    assert set(pubmed.by_pmids(calls, ["29000012", "1"]).works) == {"29000012"}
    assert all("email=" in one.target and "tool=" in one.target for one in replica.log.entries("pubmed"))


def test_inspire_is_exact_by_journal_and_knows_references(calls: HttpServiceCalls) -> None:
    """And by DOI and title, physics alone."""
    place = entry(container_title="Phys. Rev. T", volume="99", pages="125011", year=2019)
    assert inspire.by_coordinates(calls, [place]).works["x"].doi == "10.5555/physrev.99"
    assert set(inspire.by_dois(calls, ["10.5555/physrev.99", TIDES]).works) == {"10.5555/physrev.99"}
    titled = entry(title="Gravel in anti-de Sitter space", container_title="Phys. Rev. T")
    assert [work.doi for work in inspire.search(calls, titled) or []] == ["10.5555/physrev.99"]
    cited = inspire.cited_by(calls, CitingWork(source_id=1, doi="10.5555/citing"))
    assert cited
    assert [(one.position, one.doi) for one in cited.entries] == [(1, TIDES), (2, "10.5555/shores"), (3, None)]
    assert inspire.cited_by(calls, CitingWork(source_id=2, doi=TIDES)) is None


def test_open_library_knows_books_by_isbn_and_title(calls: HttpServiceCalls, replica: Replica) -> None:
    """A number of its own where the record has none; articles are not there."""
    assert open_library.by_isbns(calls, ["9783161484100", "9780306406157"]).works["9783161484100"].title == (
        "Shores of the world"
    )
    book = entry(type=WorkType.BOOK, title="A book without a number", year=1961, volume=None, pages=None)
    (found,) = open_library.search(calls, book) or []
    assert found.isbn
    assert open_library.by_isbns(calls, [found.isbn]).works[found.isbn].title == book.title
    article = entry(type=WorkType.BOOK, container_title=None, volume=None, pages=None)
    assert open_library.search(calls, article) == []


def test_hal_searches_words_and_dois(calls: HttpServiceCalls, replica: Replica) -> None:
    """What is in French is there, of the rest a share; titles are whole phrases."""
    thesis = entry(
        type=WorkType.THESIS, title="Varech et vanneaux des grèves", authors=(Name(family="Dupont"),), year=1998
    )
    (found,) = hal.search(calls, thesis) or []
    assert (found.title, found.type, found.language) == (thesis.title, WorkType.THESIS, "fr")
    assert all(place.url.startswith("http://127.0.") for place in found.locations)
    assert hal.search(calls, replace(thesis, title="Varech et vanneaux du sud")) == []
    assert not hal.by_dois(calls, [TIDES, '10.5555/a"b']).unanswered


def test_opencitations_tells_identifiers_and_takes_fourteen(calls: HttpServiceCalls, replica: Replica) -> None:
    """A fifteenth is an error of the server there, so nobody asks for it."""
    cited = opencitations.cited_by(calls, CitingWork(source_id=1, doi="10.5555/citing"))
    assert cited
    assert [(one.doi, one.pmid) for one in cited.entries] == [(TIDES, "29000012"), ("10.5555/shores", None)]
    found = opencitations.by_dois(calls, [TIDES, *(f"10.5555/none.{number}" for number in range(20))])
    assert found.works[TIDES].authors == (Name(family="van der Lee", given="Marit"), Name(family="Öst", given="T."))
    assert not found.unanswered
    many = "__".join(f"doi:10.5555/{number}" for number in range(15))
    assert httpx.get(f"{replica.url('opencitations')}/meta/v1/metadata/{many}").status_code == 500


def test_the_anthology_has_a_file_for_each_paper(calls: HttpServiceCalls) -> None:
    """By the identifier in the DOI; its PDF lies beside it."""
    found = acl.by_dois(calls, ["10.18653/v1/n18-1202", "10.18653/v1/n18-1203"])
    work = found.works["10.18653/v1/n18-1202"]
    assert (work.title, work.pages, work.authors[0].family) == ("Deep shores", "22-37", "van der Lee")
    assert httpx.get(work.locations[0].url).content.startswith(b"%PDF-")
    assert len(found.works) == 1


def test_doi_org_knows_agencies_and_leads_to_their_records(calls: HttpServiceCalls, replica: Replica) -> None:
    """A DOI of mEDRA's is nowhere else; one request tells all prefixes."""
    laguna = "10.1400/laguna.4"
    agencies = agency_of(calls, [laguna, "10.99999/x", "10.1016/y"])
    assert agencies == {laguna: "mEDRA", "10.99999/x": "Crossref", "10.1016/y": "Crossref"}
    found = doi_org.by_dois(calls, [laguna, "10.1400/none"])
    assert found.works[laguna].title == "Le alghe brune della laguna"
    assert not found.unanswered
    assert [one.target for one in replica.log.entries("doi")].count("/doiRA/10.1400,10.99999") == 1


def test_europepmc_and_semantic_scholar_answer_batches_and_lists(calls: HttpServiceCalls) -> None:
    """By DOI and PubMed number, and what a work cites."""
    assert set(europepmc.by_dois(calls, [TIDES, "10.5555/physrev.none"]).works) == {TIDES}
    assert set(europepmc.by_pmids(calls, ["29000012"]).works) == {"29000012"}
    assert [work.doi for work in europepmc.search(calls, entry()) or []] == [TIDES]
    cited = europepmc.cited_by(calls, CitingWork(source_id=1, doi="10.5555/citing"))
    assert cited
    assert [one.doi for one in cited.entries] == [TIDES, "10.5555/shores", None]
    assert set(semantic_scholar.by_dois(calls, [TIDES, "10.5555/none"]).works) == {TIDES}
    unknown = semantic_scholar.by_dois(calls, [f"10.5555/none.{number}" for number in range(9)])
    assert (unknown.works, unknown.unanswered) == ({}, {})
    assert [work.doi for work in semantic_scholar.search(calls, entry()) or []] == [TIDES]
    references = semantic_scholar.cited_by(calls, CitingWork(source_id=1, doi="10.5555/citing"))
    assert references
    assert [one.doi for one in references.entries] == [TIDES, "10.5555/shores"]


def test_zenodo_gives_the_files_of_its_records_and_keeps_what_is_closed(calls: HttpServiceCalls) -> None:
    """By its own DOIs; `Retry-After`, which every answer carries, delays nothing."""
    (place,) = zenodo.locate(calls, Work(title="Shore lines", doi="10.5281/zenodo.900012"), LocatorSettings())
    assert httpx.get(place.url).content.startswith(b"%PDF-")
    closed = Work(title="Closed shores", doi="10.5281/zenodo.900013")
    assert zenodo.locate(calls, closed, LocatorSettings()) == ()
    assert zenodo.locate(calls, Work(title="T", doi="10.5281/zenodo.900099"), LocatorSettings()) == ()
    assert zenodo.locate_deposit(calls, Work(title="T", doi="10.5555/none"), LocatorSettings()) == ()


def test_osf_and_figshare_give_the_files_behind_their_dois(calls: HttpServiceCalls) -> None:
    """And nothing of works that are not theirs."""
    (place,) = osf.locate(calls, Work(title="Waders", doi="10.31234/osf.io/wader_v2"), LocatorSettings())
    assert httpx.get(place.url).content.startswith(b"%PDF-")
    (place,) = figshare.locate(calls, Work(title="Lapwings", doi="10.6084/m9.figshare.900012"), LocatorSettings())
    assert httpx.get(place.url).content.startswith(b"%PDF-")
    assert osf.locate(calls, Work(title="T", doi="10.31234/osf.io/nobody"), LocatorSettings()) == ()
    assert figshare.locate(calls, Work(title="T", doi="10.6084/m9.figshare.7"), LocatorSettings()) == ()


def test_biorxiv_pairs_preprint_and_article_and_europepmc_has_what_is_open(calls: HttpServiceCalls) -> None:
    """In both directions; the preprint has no open text there."""
    settings = LocatorSettings.from_base_urls({"europepmc": "http://127.0.0.7:1/europepmc/webservices/rest"})
    preprint = Work(title="Waders and worms", doi="10.1101/2019.01.01.900012")
    (place,) = biorxiv.locate(calls, preprint, settings)
    assert place.url.endswith("?pdf=render")
    article = Work(title="Waders and worms", doi="10.5555/waders", pmid="32000000")
    assert biorxiv.locate(calls, article, settings) == ()
    assert [one.url for one in europepmc_locator.locate_versions(calls, article, settings)] == [place.url]


def test_inspire_and_hal_name_their_files(calls: HttpServiceCalls) -> None:
    """A file is there for some of what they have; nothing is believed of another work."""
    work = Work(title="Gravel in anti-de Sitter space", doi="10.5555/physrev.99", url=f"{inspire.SITE}/2")
    places = inspire_locator.locate(calls, work, LocatorSettings())
    assert {one.found_by for one in places} <= {"inspire"}
    dupont = (Name(family="Dupont", given="Anne"),)
    thesis = Work(title="Varech et vanneaux des grèves", authors=dupont, year=1998, type=WorkType.THESIS)
    assert len(hal_locator.locate(calls, thesis, LocatorSettings())) <= 1
    assert hal_locator.locate(calls, replace(thesis, title="Varech"), LocatorSettings()) == ()


PATHS = {
    "pubmed": "/entrez/eutils/esummary.fcgi",
    "opencitations": "/index/v2/references/doi:10.5555/citing",
    "inspire": "/api/literature",
    "open_library": "/search.json",
    "hal": "/search/",
    "zenodo": "/api/records",
    "biorxiv": "/pubs/biorxiv/10.5555/x/na/json",
    "osf": "/v2/preprints/wader/",
    "figshare": "/v2/articles/900012",
    "acl": "/N18-1202.bib",
    "doi": "/doiRA/10.1000",
}
SMALL = sorted(PATHS)


@pytest.mark.parametrize("site", SMALL)
def test_they_fail_as_told(replica: Replica, site: str) -> None:
    """Faults strike them as they strike the others; unknown paths are not found."""
    base = replica.url(site)
    try:
        replica.add_fault(Fault(kind=FaultKind.SERVER_ERROR, group=site, first=1))
        assert httpx.get(f"{base}/anything").status_code == 503
        assert httpx.get(f"{base}/anything").status_code in {400, 404}
    finally:
        replica.reset()


@pytest.mark.parametrize("site", SMALL)
def test_bursts_are_refused(site: str) -> None:
    """Each keeps the real one's window."""
    with Replica(Universe.from_records(RECORDS), seed=3, time_scale=0.05) as replica, httpx.Client() as client:
        target = replica.url(site) + PATHS[site]
        assert any(client.get(target).status_code == 429 for _ in range(200))


@pytest.mark.parametrize(
    ("site", "target", "status"),
    [
        ("pubmed", "/entrez/eutils/ecitmatch.cgi?db=pubmed", 400),
        ("pubmed", "/entrez/eutils/esummary.fcgi?db=pubmed&id=1&retmode=xml", 400),
        ("pubmed", "/entrez/eutils/esummary.fcgi?db=pubmed&retmode=json&id=" + "1," * 300, 414),
        ("inspire", "/api/literature?q=nonsense", 400),
        ("inspire", "/api/literature?q=t%20%22x%22&size=1001", 400),
        ("inspire", "/api/literature?q=t%20%22x%22&rows=1", 400),
        ("hal", "/search/?q=nonsense_s:x", 400),
        ("hal", "/search/?q=title_t:%22x%22&rows=10001", 400),
        ("hal", "/search/?query=x", 400),
        ("zenodo", "/api/records?size=26", 400),
        ("zenodo", "/api/records?q=title:x", 400),
        ("zenodo", "/api/records/900099", 404),
        ("biorxiv", "/details/biorxiv/10.5555/x", 404),
        ("open_library", "/search.json?q=a%20%22b", 422),
        ("open_library", "/api/books?bibkeys=ISBN:1", 400),
        ("acl", "/n18-1202.bib", 404),
    ],
)
def test_they_are_strict_about_what_they_are_asked(replica: Replica, site: str, target: str, status: int) -> None:
    """A misspelt parameter or a query that means nothing is refused, not guessed at."""
    try:
        assert httpx.get(replica.url(site) + target).status_code == status
    finally:
        replica.reset()


def test_a_look_at_whether_they_answer_is_answered(replica: Replica) -> None:
    """The cheapest request that `dl-lit doctor --live` makes of each."""
    probes = [
        ("pubmed", "/entrez/eutils/einfo.fcgi?retmode=json"),
        ("opencitations", "/meta/v1/metadata/doi:10.7717/peerj.4375"),
        ("inspire", "/api/literature?size=1&fields=control_number"),
        ("open_library", "/search.json?q=isbn:9783161484100&fields=key&limit=1"),
        ("hal", "/search/?q=*:*&rows=0&wt=json"),
        ("doi", "/doiRA/10.7717"),
    ]
    try:
        for site, target in probes:
            assert httpx.get(replica.url(site) + target).status_code == 200, site
    finally:
        replica.reset()
