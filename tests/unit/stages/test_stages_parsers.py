"""Every parser reads its service's plain body right and survives its ugly one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dl_lit.core.errors import RequestRefused, ServiceError
from dl_lit.core.model import HostType, Name, Notice, NoticeKind, Version, WorkType
from dl_lit.core.reasons import Reason
from stages.locators import europepmc, pmc, unpaywall
from stages.locators import openalex as openalex_locator
from stages.sources import arxiv, crossref, datacite, openalex
from stages.sources.names import person
from tests.fakes.service_calls import fixture

TITLE = "Spring tides and the sorting of gravel on steep beaches"
LEE = Name(family="van der Lee", given="Marit")
ODD_BODIES = [b"", b"null", b"[]", b'{"results": 1}', b'{"message": {"items": [3]}}', b"<html></html>"]
GARBAGE = st.one_of(st.binary(max_size=60), st.sampled_from(ODD_BODIES))


def test_openalex_reads_a_list() -> None:
    """Identifiers, people, place, retraction, abstract and every open location are there."""
    article, chapter = openalex.parse(fixture("openalex", "list.json"))
    assert (article.title, article.year, article.type) == (TITLE, 2017, WorkType.ARTICLE_JOURNAL)
    assert article.authors == (LEE, Name(family="Öst", given="Tobias"))
    assert (article.doi, article.openalex_id, article.pmid) == ("10.5555/tides.2017.12", "W2000000012", "29000012")
    assert (article.arxiv_id, article.pmcid) == ("1701.01234", "PMC5900012")
    assert (article.container_title, article.volume, article.pages) == ("Journal of Tides", "8", "101-119")
    assert article.abstract == "Gravel sorts what sorts"
    assert [
        (place.url, place.is_pdf, place.host_type, place.version, place.licence) for place in article.locations
    ] == [
        ("https://journals.shoreline.test/tides/12.pdf", True, HostType.PUBLISHER, Version.PUBLISHED, "cc-by"),
        ("https://doi.org/10.5555/tides.2017.12", False, HostType.PUBLISHER, Version.PUBLISHED, "cc-by"),
        ("https://arxiv.org/pdf/1701.01234", True, HostType.REPOSITORY, Version.SUBMITTED, None),
        ("https://arxiv.org/abs/1701.01234", False, HostType.REPOSITORY, Version.SUBMITTED, None),
    ]
    assert (chapter.type, chapter.pages, chapter.locations) == (WorkType.CHAPTER, "7", ())
    assert chapter.notices == (Notice(kind=NoticeKind.RETRACTION, source="openalex"),)
    assert not chapter.is_retracted  # OpenAlex's flag is a hint until Crossref confirms it
    assert chapter.authors == (Name(family="Ruiz", given="Ana Belén"),)


def test_openalex_survives_ugly_records() -> None:
    """Untitled and misshapen records are left out; markup, odd numbers and unknown words do no harm."""
    seaweed, kelp = openalex.parse(fixture("openalex", "ugly.json"))
    assert seaweed.doi == "10.5555/ugly(99)1"
    assert (seaweed.volume, seaweed.pages, seaweed.type) == ("12", None, WorkType.DOCUMENT)
    assert seaweed.authors == (Name(literal="The Seaweed Consortium"),)
    assert [(place.url, place.version) for place in seaweed.locations] == [("https://repo.test/1", None)]
    assert kelp.year == 1905


def test_openalex_refuses_a_partial_list() -> None:
    """A cluster that timed out has established nothing."""
    with pytest.raises(ServiceError, match="partial"):
        openalex.parse(b'{"meta": {"timed_out": true}, "results": []}')


def test_crossref_reads_a_list() -> None:
    """Subtitles join their titles; only another work's retraction notice retracts."""
    article, book = crossref.parse(fixture("crossref", "list.json"))
    assert article.title == f"{TITLE}: A winter's record"
    assert (article.year, article.pages, article.is_retracted) == (2017, "101-119", False)
    assert article.abstract == "Gravel sorts what sorts."
    assert (book.type, book.editors, book.isbn) == (WorkType.BOOK, (Name(family="Berg", given="Ola"),), "9780306406157")
    assert book.is_retracted


def test_crossref_survives_ugly_records() -> None:
    """Null dates, bodies as authors and article numbers are read; untitled records are left out."""
    (preprint,) = crossref.parse(fixture("crossref", "ugly.json"))
    assert (preprint.title, preprint.type, preprint.year) == ("On the k-th wave", WorkType.ARTICLE, 2021)
    assert preprint.authors == (Name(literal="Wave Working Group"),)
    assert preprint.pages == "17"


def test_datacite_reads_a_list() -> None:
    """A DOI of arXiv's gives the arXiv identifier; subtitles and editors are read."""
    preprint, data = datacite.parse(fixture("datacite", "list.json"))
    assert (preprint.arxiv_id, preprint.type, preprint.year) == ("1701.01234", WorkType.ARTICLE, 2017)
    assert preprint.authors == (LEE, Name(literal="Tide Team"))
    assert (data.title, data.type, data.year) == ("Gravel counts: 1990 to 2016", WorkType.DATASET, 2016)
    assert (data.publisher, data.editors) == ("Zenodo", (Name(family="Berg", given="Ola"),))


def test_datacite_survives_ugly_records() -> None:
    """A thesis called text, a translated title only, a record that is no object."""
    (thesis,) = datacite.parse(fixture("datacite", "ugly.json"))
    assert (thesis.title, thesis.type) == ("Un titre penché", WorkType.THESIS)
    assert (thesis.authors, thesis.volume, thesis.pages) == ((Name(literal="Plato"),), "3", "1")


def test_arxiv_reads_a_feed() -> None:
    """Versions are dropped, old identifiers kept, the journal's DOI is not the preprint's."""
    tides, strings = arxiv.parse(fixture("arxiv", "list.xml"))
    assert (tides.title, tides.year, tides.arxiv_id, tides.doi) == (
        TITLE,
        2017,
        "1701.01234",
        "10.48550/arxiv.1701.01234",
    )
    assert tides.authors[0] == LEE
    assert (strings.arxiv_id, strings.is_retracted) == ("hep-th/9901001", True)


def test_arxiv_reports_an_error_in_a_feed_as_a_refusal() -> None:
    """ArXiv answers 200 with an entry called "Error"."""
    with pytest.raises(RequestRefused, match="incorrect id format"):
        arxiv.parse(fixture("arxiv", "ugly.xml"))


def test_arxiv_reads_no_document_types() -> None:
    """Entities are how XML parsers are attacked."""
    with pytest.raises(ServiceError, match="document type"):
        arxiv.parse(b'<!DOCTYPE x [<!ENTITY a "b">]><feed xmlns="http://www.w3.org/2005/Atom">&a;</feed>')


def test_unpaywall_reads_places() -> None:
    """Each address once: the PDF, then the landing page."""
    places = unpaywall.parse(fixture("unpaywall", "list.json"))
    assert [(place.url, place.is_pdf) for place in places] == [
        ("https://journals.shoreline.test/tides/12.pdf", True),
        ("https://doi.org/10.5555/tides.2017.12", False),
        ("https://repo.test/12/full.pdf", True),
        ("https://repo.test/12", False),
    ]
    assert places[2].host_type is HostType.REPOSITORY
    assert places[2].version is Version.ACCEPTED


def test_unpaywall_survives_ugly_places() -> None:
    """Open access without a PDF address is a landing page; unknown words are unknown."""
    (place,) = unpaywall.parse(fixture("unpaywall", "ugly.json"))
    assert (place.url, place.is_pdf, place.host_type, place.version) == ("https://repo.test/3", False, None, None)


def test_europepmc_reads_open_full_texts() -> None:
    """The rendered PDF is at the site's address; what needs a subscription is left out."""
    ((pmcid, doi, places),) = europepmc.parse(fixture("europepmc", "list.json"), "https://site.test")
    assert (pmcid, doi) == ("PMC5900012", "10.5555/tides.2017.12")
    assert [place.url for place in places] == [
        "https://site.test/articles/PMC5900012?pdf=render",
        "https://repo.test/12/full.pdf",
    ]


def test_europepmc_reports_an_error_inside_a_200() -> None:
    """Its errors come with status 200."""
    with pytest.raises(ServiceError, match="Invalid query"):
        europepmc.parse(fixture("europepmc", "ugly.json"), "https://site.test")


def test_pmc_reads_versions_and_descriptions() -> None:
    """Versions count up as numbers; a manuscript is the accepted version; no PDF is no location."""
    assert pmc.parse_versions(fixture("pmc", "versions.xml")) == ["PMC5900012.1", "PMC5900012.2", "PMC5900012.10"]
    place = pmc.parse(fixture("pmc", "list.json"))
    assert place
    assert (place.url, place.version) == ("/PMC5900012.2/PMC5900012.2.pdf", Version.ACCEPTED)
    assert pmc.parse(fixture("pmc", "ugly.json")) is None


@pytest.mark.parametrize(
    "parse",
    [
        *(source.parse for source in (openalex, crossref, datacite, arxiv)),
        *(source.parse_record for source in (openalex, crossref, datacite)),
        *(locator.parse for locator in (unpaywall, pmc, openalex_locator)),
        lambda body: europepmc.parse(body, "https://site.test"),
    ],
)
@given(body=GARBAGE)
def test_garbage_is_a_bad_answer(parse: object, body: bytes) -> None:
    """Whatever comes, a parser gives values or the typed error, never a surprise."""
    assert callable(parse)
    reason = Reason.BAD_ANSWER
    try:
        parse(body)
    except ServiceError as error:
        reason = error.reason
    assert reason is Reason.BAD_ANSWER


@pytest.mark.parametrize(
    ("full", "name"),
    [
        ("Marit van der Lee", LEE),
        ("Lee, Marit van der", Name(family="Lee", given="Marit van der")),
        ("Plato", Name(literal="Plato")),
        (", Plato", Name(literal="Plato")),
        ("World Health Organization", Name(literal="World Health Organization")),
        ("Martin Luther King Jr.", Name(family="King Jr.", given="Martin Luther")),
        ("J. P. Collman", Name(family="Collman", given="J. P.")),
    ],
)
def test_full_names_are_split(full: str, name: Name) -> None:
    """Particles go with the family name, bodies stay whole."""
    assert person(full) == name
