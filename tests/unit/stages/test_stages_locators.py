"""The locators one by one: what each asks for, and what it makes of the answers."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dl_lit.core.errors import ServiceError
from dl_lit.core.model import HostType, Location, Name, Relation, RelationKind, Version, Work, WorkType
from dl_lit.core.reasons import Reason
from stages.locators import (
    acl,
    arxiv,
    biorxiv,
    europepmc,
    figshare,
    hal,
    inspire,
    openalex,
    osf,
    pmc,
    semantic_scholar,
    unpaywall,
    zenodo,
)
from stages.locators.settings import LocatorSettings
from tests.fakes.service_calls import FakeServiceCalls, fixture

SETTINGS = LocatorSettings(
    arxiv_url="http://127.0.0.6:1", acl_url="http://127.0.0.17:1", europepmc_site_url="http://127.0.0.7:1"
)
TIDES = "10.5555/tides.2017.12"
LEE = Name("van der Lee", "Marit")
REPO_PDF = Location(url="https://repo.test/1.pdf", host_type=HostType.REPOSITORY, version=Version.PUBLISHED)
PAGE = Location(url="https://journal.test/1", is_pdf=False)


def urls(places: tuple[Location, ...]) -> list[str]:
    """The addresses alone."""
    return [one.url for one in places]


def test_arxiv_has_the_preprints_that_a_record_names() -> None:
    """The work's own identifier goes before; a translation is no version of it."""
    version = Relation(kind=RelationKind.VERSION, doi="10.48550/arxiv.1701.01234", arxiv_id="1701.01234")
    by_doi = Relation(kind=RelationKind.VERSION, doi="10.48550/arxiv.1701.05678")
    other = Relation(kind=RelationKind.TRANSLATION, doi="10.48550/arxiv.1701.09999")
    work = Work(title="T", doi=TIDES, relations=(version, version, by_doi, other))
    assert urls(arxiv.locate(FakeServiceCalls(), work, SETTINGS)) == [
        "http://127.0.0.6:1/pdf/1701.01234",
        "http://127.0.0.6:1/pdf/1701.05678",
    ]
    own = Work(title="T", arxiv_id="hep-th/9901001", relations=(version,))
    assert urls(arxiv.locate(FakeServiceCalls(), own, SETTINGS)) == ["http://127.0.0.6:1/pdf/hep-th/9901001"]
    assert not arxiv.is_worth_asking(Work(title="T", relations=(other,)), ())


@pytest.mark.parametrize(
    ("facts", "identifier"),
    [
        ({"doi": "10.18653/v1/2021.naacl-main.208"}, "2021.naacl-main.208"),
        ({"doi": "10.3115/v1/n04-1001"}, "N04-1001"),
        ({"url": "https://aclanthology.org/P02-1040.pdf"}, "P02-1040"),
        ({"url": "http://www.aclweb.org/anthology/P/P02/P02-1040"}, "P02-1040"),
        ({"url": "https://www.aclweb.org/anthology/p02-1040.bib?x=1"}, "P02-1040"),
        ({"locations": (Location(url="https://ACLanthology.org/2020.acl-main.1/"),)}, "2020.acl-main.1"),
        ({"url": "https://aclanthology.org/volumes/P02-1/"}, None),
        ({"url": "https://notaclanthology.org/P02-1040"}, None),
        ({"doi": "10.18653/v1/nonsense"}, None),
    ],
)
def test_the_anthologys_files_follow_from_dois_and_addresses(facts: dict[str, object], identifier: str | None) -> None:
    """Nothing is asked."""
    work = Work(title="T", **facts)  # type: ignore[arg-type]
    expected = [f"http://127.0.0.17:1/{identifier}.pdf"] if identifier else []
    assert urls(acl.locate(FakeServiceCalls(), work, SETTINGS)) == expected
    assert acl.is_worth_asking(work, ()) is bool(identifier)


def test_openalex_is_not_asked_where_a_repository_has_the_reviewed_file() -> None:
    """A preprint, a page or a publisher's file may be outdone; what OpenAlex described came along."""
    work = Work(title="T", doi=TIDES, metadata_source="crossref")
    preprint = Location(url="https://a.test/1.pdf", host_type=HostType.REPOSITORY, version=Version.SUBMITTED)
    assert openalex.is_worth_asking(work, (preprint, PAGE))
    assert not openalex.is_worth_asking(work, (REPO_PDF,))
    assert not openalex.is_worth_asking(Work(title="T", doi="10.48550/arxiv.1701.01234"), ())


def test_a_file_behind_a_challenge_spares_no_repository() -> None:
    """PubMed Central's pages turn programs away; its bucket does not."""
    walled = Location(url="https://pmc.ncbi.nlm.nih.gov/articles/PMC1/pdf/x.pdf", host_type=HostType.REPOSITORY)
    work = Work(title="T", pmcid="PMC1", doi="10.5281/zenodo.1")
    for worth in (pmc.is_worth_asking, europepmc.is_worth_asking, zenodo.is_worth_asking):
        assert worth(work, (walled,))
        assert not worth(work, (walled, REPO_PDF))


def test_unpaywall_tells_when_an_embargo_ends() -> None:
    """Without the day nobody can say when to look again."""
    record = {
        "doi": TIDES,
        "oa_locations": [],
        "oa_locations_embargoed": [
            {"url_for_pdf": "https://repo.test/1.pdf", "host_type": "repository", "oa_date": "2031-05-01"},
            {"url_for_pdf": "https://repo.test/2.pdf", "oa_date": None},
        ],
    }
    (place,) = unpaywall.parse(json.dumps(record).encode())
    assert (place.url, place.open_from) == ("https://repo.test/1.pdf", date(2031, 5, 1))


def test_zenodo_reads_files_the_text_first() -> None:
    """Supplements stand last, data are no texts; a record's own DOI makes it the work itself, a preprint stays one."""
    (dois, places), (_, deposit) = zenodo.parse(fixture("zenodo", "list.json"))
    assert dois == {"10.5281/zenodo.900012", "10.5281/zenodo.900010"}
    assert [one.rpartition("/files/")[2] for one in urls(places)] == [
        "Spring_tides_and_gravel.PDF/content",
        "scan0001.pdf/content",
        "Lee_2017_Supplementary.pdf/content",
    ]
    assert (places[0].version, places[0].licence, deposit[0].version) == (
        Version.PUBLISHED,
        "cc-by-4.0",
        Version.SUBMITTED,
    )


def test_zenodo_tells_embargoes_and_survives_odd_records() -> None:
    """A day that is none is no promise; closed records have no files."""
    (_, locked), *others = zenodo.parse(fixture("zenodo", "ugly.json"))
    assert [(one.url, one.is_pdf, one.open_from) for one in locked] == [
        ("https://zenodo.org/records/1", False, date(2031, 5, 1))
    ]
    assert [places for _, places in others] == [(), (), ()]


def test_zenodo_is_asked_for_its_own_dois_and_searched_for_others() -> None:
    """A DOI of all versions leads to the newest; a hit under another DOI is another work."""
    record = json.dumps(json.loads(fixture("zenodo", "list.json"))["hits"]["hits"][0]).encode()
    calls = FakeServiceCalls(
        {"zenodo": lambda one: record if one.path != "/records" else fixture("zenodo", "list.json")}
    )
    assert zenodo.locate(calls, Work(title="T", doi="10.5281/zenodo.900010"), SETTINGS)
    assert not zenodo.locate(calls, Work(title="T", doi="10.5281/zenodo.7"), SETTINGS)
    other = Work(title="T", doi=TIDES)
    assert urls(zenodo.locate_deposit(calls, other, SETTINGS)) == [
        "https://zenodo.org/api/records/900020/files/ms.pdf/content"
    ]
    assert [(one.path, one.lane) for one in calls.asked] == [
        ("/records/900010", ""),
        ("/records/7", ""),
        ("/records", "search"),
    ]
    assert calls.asked[-1].params == {"q": f'doi:"{TIDES}"', "size": "5"}
    assert zenodo.is_worth_searching(other, (PAGE,))
    assert not zenodo.is_worth_searching(other, (REPO_PDF,))
    assert not zenodo.is_worth_searching(replace(other, metadata_source="openalex"), (PAGE,))
    assert not zenodo.is_worth_searching(Work(title="T", doi="10.5281/zenodo.7"), ())
    gone = FakeServiceCalls({"zenodo": lambda _: 404})
    assert zenodo.locate(gone, Work(title="T", doi="10.5281/zenodo.7"), SETTINGS) == ()


def test_hal_gives_files_and_the_days_on_which_embargoes_end() -> None:
    """The day stands in the TEI only; a notice has no file; who may read a closed file some day is not guessed."""
    (_, open_now), (_, later), (_, notice), (_, closed) = hal.parse(fixture("hal", "files.json"))
    (place,) = open_now
    assert (place.url, place.is_pdf, place.version, place.open_from) == (
        "https://hal.science/hal-00900012/document",
        True,
        Version.PUBLISHED,
        None,
    )
    assert [one.open_from for one in later] == [date(2031, 5, 1)]
    assert (notice, closed) == ((), ())


def test_hal_is_searched_by_doi_and_title_at_once_and_believed_only_of_the_work() -> None:
    """It compares DOIs letter by letter; a thesis has none."""
    calls = FakeServiceCalls({"hal": lambda _: fixture("hal", "files.json")})
    article = Work(title="Spring tides and the sorting of gravel", authors=(LEE,), year=2017, doi=TIDES)
    assert urls(hal.locate(calls, article, SETTINGS)) == ["https://hal.science/hal-00900012/document"]
    thesis = Work(title="Varech et vanneaux", type=WorkType.THESIS, authors=(Name("Dupont", "Anne"),), year=1998)
    assert urls(hal.locate(calls, thesis, SETTINGS)) == ["https://theses.hal.science/tel-00900013/document"]
    assert [one.params["q"] for one in calls.asked] == [
        f'(doiId_s:"{TIDES}") OR (title_t:"Spring tides and the sorting of gravel" AND authFullName_t:"van der Lee")',
        'title_t:"Varech et vanneaux" AND authFullName_t:"Dupont"',
    ]
    assert hal.locate(calls, Work(title="Varech", authors=(LEE,), year=1998), SETTINGS) == ()
    assert not hal.is_worth_asking(Work(title="Varech"), ())  # a title alone proves nothing
    assert not hal.is_worth_asking(article, (REPO_PDF,))


def test_inspire_gives_the_full_texts_that_it_shows() -> None:
    """Data, hidden files and documents without an address are none."""
    calls = FakeServiceCalls({"inspire": lambda _: fixture("inspire", "documents.json")})
    work = Work(title="T", doi="10.5555/physrevt.99.125011", container_title="Phys.Rev.T")
    places = inspire.locate(calls, work, SETTINGS)
    assert [(one.url[-46:], one.version) for one in places] == [
        ("tps://inspirehep.net/files/0f1e2d3c4b5a69788796a5b4c3d2e1f0"[-46:], Version.SUBMITTED),
        ("https://inspirehep.net/api/files/0f212d3c4b5a69788796a5b4c3d2e1f0"[-46:], Version.PUBLISHED),
    ]
    assert inspire.locate(calls, Work(title="T", arxiv_id="1901.99999"), SETTINGS) == ()
    own = Work(title="T", url="https://inspirehep.net/literature/900012", metadata_source="inspire")
    assert inspire.locate(calls, own, SETTINGS) == places
    assert [one.params["q"] for one in calls.asked] == [
        'doi "10.5555/physrevt.99.125011"',
        "eprint 1901.99999",
        "recid 900012",
    ]


def test_inspire_is_asked_for_its_field_only() -> None:
    """And not for what nobody could look up."""
    assert inspire.is_worth_asking(Work(title="T", doi=TIDES, container_title="Nuclear Physics B"), (PAGE,))
    assert not inspire.is_worth_asking(Work(title="T", doi=TIDES, container_title="Journal of Tides"), ())
    assert not inspire.is_worth_asking(Work(title="T", container_title="Nuclear Physics B"), ())
    assert not inspire.is_worth_asking(Work(title="T", doi=TIDES, container_title="Nuclear Physics B"), (REPO_PDF,))


def test_semantic_scholar_names_the_copy_it_saw() -> None:
    """One paper by its best identifier; what it described came with its copy."""
    calls = FakeServiceCalls({"semantic_scholar": lambda _: fixture("semantic_scholar", "open_copy.json")})
    (place,) = semantic_scholar.locate(calls, Work(title="T", doi=TIDES, arxiv_id="1701.01234"), SETTINGS)
    assert (place.url, place.host_type) == ("https://repo.test/12.pdf", HostType.REPOSITORY)
    assert calls.asked[0].path == f"/paper/DOI:{TIDES}"
    assert not semantic_scholar.is_worth_asking(Work(title="T", doi=TIDES, metadata_source="semantic_scholar"), ())
    unknown = FakeServiceCalls({"semantic_scholar": lambda _: 404})
    assert semantic_scholar.locate(unknown, Work(title="T", pmid="1"), SETTINGS) == ()


def test_osf_leads_from_the_preprint_to_its_file() -> None:
    """In two requests; what was withdrawn and what is no PDF is none."""
    bodies = {"/preprints/wader_v2/": "preprint.json", "/files/69001a2b3c4d5e6f70819203/": "list.json"}
    calls = FakeServiceCalls({"osf": lambda one: fixture("osf", bodies.get(one.path, "ugly.json"))})
    work = Work(title="T", doi="10.31234/osf.io/wader_v2")
    (place,) = osf.locate(calls, work, SETTINGS)
    assert (place.url, place.version) == ("https://osf.io/download/69001a2b3c4d5e6f70819203/", Version.SUBMITTED)
    assert [one.path for one in calls.asked] == list(bodies)
    assert osf.locate(calls, Work(title="T", doi="10.31234/osf.io/kelp2"), SETTINGS) == ()
    assert osf.parse(fixture("osf", "ugly.json")) is None
    assert osf.is_worth_asking(work, (PAGE,))
    assert not osf.is_worth_asking(work, (REPO_PDF,))
    gone = FakeServiceCalls({"osf": lambda _: 404})
    assert osf.locate(gone, work, SETTINGS) == ()


def test_figshare_gives_the_files_of_its_records() -> None:
    """A DOI may name a version; what is only linked or under embargo is not fetched."""
    calls = FakeServiceCalls({"figshare": lambda _: fixture("figshare", "list.json")})
    for doi in ("10.6084/m9.figshare.900012", "10.6084/m9.figshare.900012.v1"):
        (place,) = figshare.locate(calls, Work(title="T", doi=doi), SETTINGS)
        assert (place.url, place.version) == ("https://ndownloader.figshare.com/files/2", Version.PUBLISHED)
    assert figshare.locate(calls, Work(title="T", doi="10.6084/m9.figshare.7"), SETTINGS) == ()
    assert {one.path for one in calls.asked} == {"/articles/900012", "/articles/7"}
    _, (locked,) = figshare.parse(fixture("figshare", "ugly.json"))
    assert (locked.is_pdf, locked.open_from) == (False, date(2031, 5, 1))
    assert not figshare.is_worth_asking(Work(title="T", doi=TIDES), ())


def preprint_at_europepmc(doi: str) -> bytes:
    """A search that finds one preprint, which Europe PMC renders."""
    hit = {"pmcid": "PMC7", "doi": doi, "source": "PPR", "isOpenAccess": "Y", "inEPMC": "Y"}
    return json.dumps({"resultList": {"result": [hit]}}).encode()


def test_europepmc_is_searched_by_the_dois_of_all_versions() -> None:
    """The preprint of a closed article is open, and called what it is; arXiv's DOIs are not there."""
    preprint = "10.1101/2017.01.01.900012"
    relations = (
        Relation(kind=RelationKind.VERSION, doi=preprint),
        Relation(kind=RelationKind.VERSION, doi="10.48550/arxiv.1701.01234"),
    )
    work = Work(title="T", doi=TIDES, relations=relations)
    calls = FakeServiceCalls({"europepmc": lambda _: preprint_at_europepmc(preprint)})
    (place,) = europepmc.locate_versions(calls, work, SETTINGS)
    assert (place.url, place.version) == ("http://127.0.0.7:1/articles/PMC7?pdf=render", Version.SUBMITTED)
    assert calls.asked[0].params["query"] == f'DOI:"{TIDES}" OR DOI:"{preprint}"'
    strange = FakeServiceCalls({"europepmc": lambda _: preprint_at_europepmc("10.5555/another")})
    assert europepmc.locate_versions(strange, work, SETTINGS) == ()
    assert not europepmc.is_worth_searching(Work(title="T"), ())
    assert europepmc.is_worth_searching(replace(work, metadata_source="openalex"), (PAGE,))
    assert not europepmc.is_worth_searching(Work(title="T", doi=TIDES, metadata_source="openalex"), ())
    assert europepmc.is_worth_searching(Work(title="T", doi=preprint, metadata_source="openalex"), ())


def test_biorxiv_says_which_preprint_it_was_and_europepmc_has_it() -> None:
    """Their own pages turn programs away, so they are not gone to."""
    asked = {"/pubs/biorxiv/": "none.json", "/pubs/medrxiv/": "list.json"}
    calls = FakeServiceCalls(
        {
            "biorxiv": lambda one: fixture("biorxiv", asked[one.path[:14]]),
            "europepmc": lambda _: preprint_at_europepmc("10.1101/2017.01.01.900012"),
        }
    )
    work = Work(title="T", doi=TIDES, pmid="29000012")
    (place,) = biorxiv.locate(calls, work, SETTINGS)
    assert place.url == "http://127.0.0.7:1/articles/PMC7?pdf=render"
    assert [one.path for one in calls.to("biorxiv")] == [
        f"/pubs/biorxiv/{TIDES}/na/json",
        f"/pubs/medrxiv/{TIDES}/na/json",
    ]
    assert biorxiv.is_worth_asking(work, (PAGE,))
    assert biorxiv.is_worth_asking(Work(title="T", doi="10.64898/2026.01.01.900013"), ())
    assert not biorxiv.is_worth_asking(Work(title="T", doi=TIDES), ())  # of another field
    assert not biorxiv.is_worth_asking(replace(work, year=2012), ())  # they did not exist
    calls = FakeServiceCalls(switched_off={"europepmc"})
    assert biorxiv.locate(calls, work, SETTINGS) == ()
    assert not calls.asked


def test_biorxiv_leaves_out_pairs_that_are_none_and_takes_an_empty_answer_for_an_outage() -> None:
    """It has answered 200 with nothing."""
    assert biorxiv.parse(fixture("biorxiv", "ugly.json")) == [("10.64898/2026.01.01.900014", "10.5555/kelp.2")]
    with pytest.raises(ServiceError) as raised:
        biorxiv.parse(b"")
    assert raised.value.reason is Reason.SERVICE_DOWN


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["hits", "response", "docs", "collection", "metadata", "files"]), inner)
    ),
    max_leaves=8,
)


@pytest.mark.parametrize(
    "parse",
    [
        zenodo.parse,
        zenodo.parse_record,
        hal.parse,
        inspire.parse,
        semantic_scholar.parse,
        biorxiv.parse,
        figshare.parse,
    ],
)
@given(body=st.binary(max_size=40) | JSON.map(lambda value: json.dumps(value).encode()))
def test_garbage_is_a_bad_answer_to_the_further_locators(parse: object, body: bytes) -> None:
    """Whatever comes, a parser gives values or the typed error."""
    assert callable(parse)
    reason = Reason.BAD_ANSWER
    try:
        parse(body)
    except ServiceError as error:
        reason = error.reason
    assert reason in {Reason.BAD_ANSWER, Reason.SERVICE_DOWN}
