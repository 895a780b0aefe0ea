"""Europe PMC as a source: many identifiers to a POST, quoting, versions, and what works cite."""

from __future__ import annotations

import json
from urllib.parse import parse_qs

import pytest

from dl_lit.core.errors import ServiceError
from dl_lit.core.model import CitingWork, Name, Notice, NoticeKind, Reference, Relation, RelationKind, WorkType
from dl_lit.core.reasons import Reason
from stages.sources import europepmc
from tests.fakes.service_calls import Asked, FakeServiceCalls, fixture

KELP, PREPRINT = "10.5555/kelp.2022.12", "10.5555/pre.kelp.12"


def query_of(calls: FakeServiceCalls, number: int = 0) -> dict[str, str]:
    """The form that was posted."""
    return {name: values[0] for name, values in parse_qs(calls.posted[number].decode()).items()}


def test_a_list_is_read_and_preprint_and_article_are_linked() -> None:
    """The article says that it is a version of the preprint, and the other way round."""
    article, preprint = europepmc.parse(fixture("europepmc", "works.json"))
    assert (article.title, article.year, article.type) == (
        "Kelp forests and the memory of storms",
        2022,
        WorkType.ARTICLE_JOURNAL,
    )
    assert article.authors == (
        Name(family="van der Lee", given="Marit Anna"),
        Name(family="Öst"),
        Name(literal="Kelp Survey Group"),
    )
    assert (article.doi, article.pmid, article.pmcid) == (KELP, "34000012", "PMC8900012")
    assert (article.container_title, article.volume, article.issue, article.pages) == (
        "Journal of kelp",
        "12",
        "4",
        "101-119",
    )
    assert (article.language, article.is_retracted) == ("de", True)
    assert article.notices == (Notice(kind=NoticeKind.RETRACTION, source="europepmc"),)
    assert article.relations == (Relation(kind=RelationKind.VERSION, doi=PREPRINT, source="europepmc"),)
    assert preprint.relations == (Relation(kind=RelationKind.VERSION, doi=KELP, source="europepmc"),)
    assert (preprint.type, preprint.authors[0]) == (WorkType.ARTICLE, Name(family="van der Lee", given="M. A."))


def test_ugly_records_are_survived() -> None:
    """Untitled and misshapen ones are left out; translated titles lose their brackets; bodies stay whole."""
    tides, beaches = europepmc.parse(fixture("europepmc", "works_ugly.json"))
    assert (tides.title, tides.year, tides.volume, tides.pages) == ("On the tides of the north", 1961, "3", "7")
    assert tides.authors == (
        Name(family="Öst", given="T."),
        Name(literal="Committee on Tides"),
        Name(family="Lee", given="M. A."),
    )
    assert (beaches.type, beaches.container_title, beaches.publisher) == (
        WorkType.CHAPTER,
        "Shores of the world",
        "Shore Press",
    )


@pytest.mark.parametrize("body", [b"", b"{}", b'{"errCode": 404, "errMsg": "Invalid page size"}', b'{"resultList": 1}'])
def test_an_error_inside_a_200_is_an_error(body: bytes) -> None:
    """It establishes nothing."""
    for parse in (europepmc.parse, europepmc.parse_references):
        with pytest.raises(ServiceError) as raised:
            parse(body)
        assert raised.value.reason is Reason.BAD_ANSWER


def test_dois_are_posted_a_hundred_at_a_time() -> None:
    """With room for three records of each; quotes would end the phrase, so such DOIs are nobody's here."""
    calls = FakeServiceCalls({"europepmc": lambda _: fixture("europepmc", "works.json")})
    found = europepmc.by_dois(calls, [KELP, '10.5555/"', *(f"10.5555/{number}" for number in range(120))])
    assert set(found.works) == {KELP}
    assert not found.unanswered
    assert [request.path for request in calls.asked] == ["/searchPOST"] * 2
    form = query_of(calls)
    assert form["query"].startswith(f'DOI:"{KELP}" OR DOI:"10.5555/0" OR ')
    assert form["query"].count("DOI:") == 100
    assert (form["format"], form["resultType"], form["pageSize"]) == ("json", "core", "300")


def test_of_several_records_of_one_doi_pubmeds_is_taken() -> None:
    """It is the fullest, wherever in the list it stands."""
    records = [
        {"id": str(number), "source": source, "doi": KELP, "title": f"From {source}"}
        for number, source in enumerate(["PPR", "MED", "AGR"])
    ]
    body = json.dumps({"hitCount": 3, "resultList": {"result": records}}).encode()
    found = europepmc.by_dois(FakeServiceCalls({"europepmc": lambda _: body}), [KELP])
    assert found.works[KELP].title == "From MED"


def test_a_page_that_was_cut_is_asked_for_again_in_halves() -> None:
    """What is beyond the page is not absent."""
    calls = FakeServiceCalls()

    def answer(_: Asked) -> bytes:
        dois = [part.split('"')[1] for part in query_of(calls, -1)["query"].split(" OR ")]
        shown = [{"id": doi, "source": "MED", "doi": doi, "title": doi} for doi in dois[:2]]
        return json.dumps({"hitCount": len(dois), "resultList": {"result": shown}}).encode()

    calls.handlers["europepmc"] = answer
    dois = [f"10.5555/{number}" for number in range(4)]
    assert set(europepmc.by_dois(calls, dois).works) == set(dois)
    assert len(calls.asked) == 3


def test_pubmed_identifiers_are_asked_for_among_pubmeds_records() -> None:
    """A number alone would find records of other sources."""
    calls = FakeServiceCalls({"europepmc": lambda _: fixture("europepmc", "works.json")})
    assert set(europepmc.by_pmids(calls, ["34000012", "1"]).works) == {"34000012"}
    assert query_of(calls)["query"] == "(EXT_ID:34000012 OR EXT_ID:1) AND SRC:MED"


def test_quotes_and_syntax_do_not_reach_a_search() -> None:
    """A quotation mark inside the title would end the phrase."""
    reference = Reference(
        position=1,
        raw="x",
        title='The "memory" of (storms): AND* what [they] said?',
        authors=(Name(family='O"Neil'),),
    )
    assert europepmc.search_text(reference) == 'TITLE:"The memory of storms AND what they said" AND AUTH:"O Neil"'
    assert europepmc.search_text(Reference(position=1, raw="x", title="Kelp")) == 'TITLE:"Kelp"'
    assert europepmc.search_text(Reference(position=1, raw="x", title="Kelp", type=WorkType.BOOK)) == ""
    calls = FakeServiceCalls({"europepmc": lambda _: fixture("europepmc", "works.json")})
    assert len(europepmc.search(calls, reference) or []) == 2
    assert europepmc.search(calls, Reference(position=1, raw="x")) is None
    assert len(calls.asked) == 1


def test_what_a_work_cites_is_found_by_its_record() -> None:
    """In printed order, PubMed numbers and DOIs included; asked once and remembered."""

    def answer(request: Asked) -> bytes:
        name = "references.json" if request.path.endswith("/references") else "works.json"
        return fixture("europepmc", name)

    calls = FakeServiceCalls({"europepmc": answer})
    citing = CitingWork(source_id=7, doi=KELP)
    found = europepmc.cited_by(calls, citing)
    assert found
    first, second, third = found.entries
    assert (first.position, first.doi, first.pmid, first.author, first.year, first.first_page, first.volume) == (
        1, "10.5555/tides.2017.12", "29000012", "van der Lee", 2017, "101", "8",
    )  # fmt: skip
    assert (second.position, second.author, second.container_title) == (2, "Committee on Tides", "Shores of the world")
    assert (third.position, third.raw) == (None, "Lee M. Unpublished notes, 1999.")
    assert [request.path for request in calls.asked] == ["/search", "/MED/34000012/references"]
    assert europepmc.cited_by(calls, citing) == found
    assert len(calls.asked) == 2


def test_a_citing_work_that_is_not_there_has_no_list() -> None:
    """None, not an empty one; an outage is neither."""
    calls = FakeServiceCalls({"europepmc": lambda _: b'{"hitCount": 0, "resultList": {"result": []}}'})
    assert europepmc.cited_by(calls, CitingWork(source_id=1, doi=KELP)) is None
    assert europepmc.cited_by(calls, CitingWork(source_id=1, title="No DOI")) is None
    with pytest.raises(ServiceError):
        europepmc.cited_by(FakeServiceCalls(), CitingWork(source_id=1, doi=KELP))
