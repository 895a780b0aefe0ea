"""INSPIRE: exact by journal coordinates, by identifiers, and parsed lists of references."""

from __future__ import annotations

import json

import pytest

from dl_lit.core.errors import ServiceError
from dl_lit.core.model import Alias, CitingWork, Name, Reference, WorkType
from dl_lit.core.reasons import Reason
from stages.sources import inspire
from stages.sources.journals import inspire_form
from tests.fakes.service_calls import Asked, FakeServiceCalls, fixture

TIDES = "10.5555/physrevt.99.125011"
LEE = Name(family="van der Lee", given="Marit")


def answering(name: str = "list.json") -> FakeServiceCalls:
    """INSPIRE with one answer to everything."""
    return FakeServiceCalls({"inspire": lambda _: fixture("inspire", name)})


def entry(raw: str, **fields: object) -> Reference:
    """An entry with a place in a physics journal."""
    usual: dict[str, object] = {"container_title": "Phys. Rev. T", "volume": "99", "pages": "125011", "year": 2019}
    return Reference(position=1, raw=raw, **{**usual, **fields})  # type: ignore[arg-type]


def test_a_list_is_read() -> None:
    """The article's own DOI and place, not its erratum's; other titles are aliases; unpublished ones are preprints."""
    tides, kelp = inspire.parse(fixture("inspire", "list.json"))
    assert (tides.title, tides.year, tides.type) == (
        "Tides of gravel in anti-de Sitter space: a review",
        2019,
        WorkType.ARTICLE_JOURNAL,
    )
    assert tides.authors == (LEE, Name(family="Öst", given="T."))
    assert (tides.doi, tides.arxiv_id) == (TIDES, "1901.01234")
    assert (tides.container_title, tides.volume, tides.issue, tides.pages) == ("Phys.Rev.T", "99", "12", "125011")
    assert tides.aliases == (
        Alias(title="Tides of gravel in AdS"),
        Alias(title="Les marées de gravier", language="fr"),
    )
    assert (kelp.type, kelp.year, kelp.authors) == (WorkType.ARTICLE, 1999, (Name(literal="KELP"),))


def test_ugly_records_are_survived() -> None:
    """Untitled and misshapen ones are left out."""
    (gravel,) = inspire.parse(fixture("inspire", "ugly.json"))
    assert (gravel.title, gravel.type, gravel.year, gravel.isbn) == (
        "Gravel at the shore",
        WorkType.BOOK,
        1961,
        "9780198526636",
    )
    assert (gravel.doi, gravel.publisher, gravel.authors) == (None, "Shore Press", (Name(literal="Shore Office"),))


@pytest.mark.parametrize("body", [b"", b"{}", b'{"hits": 3}', b'{"status": 429, "message": "slow down"}'])
def test_what_is_no_list_establishes_nothing(body: bytes) -> None:
    """It is a bad answer, not an absence."""
    with pytest.raises(ServiceError) as raised:
        inspire.parse(body)
    assert raised.value.reason is Reason.BAD_ANSWER


def test_identifiers_are_joined_by_or() -> None:
    """An erratum's DOI does not lead to the article."""
    calls = answering()
    found = inspire.by_dois(calls, [TIDES, "10.5555/physrevt.100.019901", '10.5555/"'])
    assert set(found.works) == {TIDES}
    assert calls.asked[0].params["q"] == f'doi "{TIDES}" or doi "10.5555/physrevt.100.019901"'
    assert int(calls.asked[0].params["size"]) >= 4
    found = inspire.by_arxiv_ids(calls, ["1901.01234", "hep-th/9901001", "2001.00001"])
    assert set(found.works) == {"1901.01234", "hep-th/9901001"}
    assert calls.asked[1].params["q"] == "eprint 1901.01234 or eprint hep-th/9901001 or eprint 2001.00001"


def test_entries_are_found_by_their_places() -> None:
    """Spellings of the journal differ, volume and page must not; entries of other fields are not asked for."""
    calls = answering()
    references = [
        entry("first"),
        entry("with the letter before the volume", container_title="Phys. Rev.", volume="T99"),
        entry("another page", pages="1"),
        entry("the erratum's place", volume="100", pages="019901"),
        entry("another journal there", container_title="Nucl. Phys."),
        entry("of another field", container_title="Journal of Kelp"),
        entry("no place", volume=None),
    ]
    found = inspire.by_coordinates(calls, references)
    assert set(found.works) == {"first", "with the letter before the volume"}
    assert not found.unanswered
    (request,) = calls.asked
    assert request.params["q"].split(" or ") == [
        'j "Phys.Rev.T,99,125011"',
        'j "Phys.Rev.,T99,125011"',
        'j "Phys.Rev.T,99,1"',
        'j "Phys.Rev.T,100,019901"',
        'j "Nucl.Phys.,99,125011"',
    ]


def test_a_page_that_was_cut_is_asked_for_again_in_halves() -> None:
    """What is beyond the page is not absent."""

    def answer(request: Asked) -> bytes:
        dois = [part.split('"')[1] for part in request.params["q"].split(" or ")]
        hits = [{"metadata": {"titles": [{"title": doi}], "dois": [{"value": doi}]}} for doi in dois[:2]]
        return json.dumps({"hits": {"hits": hits, "total": len(dois)}}).encode()

    calls = FakeServiceCalls({"inspire": answer})
    dois = [f"10.5555/{number}" for number in range(4)]
    assert set(inspire.by_dois(calls, dois).works) == set(dois)
    assert len(calls.asked) == 3


@pytest.mark.parametrize(
    ("fields", "query"),
    [
        ({"title": 'Tides "and" (g-2) or: gravel*', "authors": (Name(family="Lee"),)}, "t Tides g 2 gravel and a Lee"),
        ({"title": "Tides not gravel", "authors": (LEE,)}, "t Tides gravel"),
        ({"title": "Tides", "container_title": None, "arxiv_id": "1901.01234"}, "t Tides"),
        ({"title": "Tides", "container_title": "Journal of Kelp"}, ""),
        ({"title": None}, ""),
    ],
)
def test_words_in_titles_are_no_operators(fields: dict[str, object], query: str) -> None:
    """They are left out, as all punctuation; what is no physics is not searched for."""
    assert inspire.search_text(entry("x", **fields)) == query
    assert (inspire.search(answering(), entry("x", **fields)) is None) == (not query)


@pytest.mark.parametrize(
    ("printed", "form"),
    [
        ("Physical Review D", "Phys.Rev.D"),
        ("Phys. Rev. Lett.", "Phys.Rev.Lett."),
        ("Phys. Rep.", "Phys.Rept."),
        ("Astronomy & Astrophysics", "Astron.Astrophys."),
        ("The European Physical Journal C", "Eur.Phys.J.C"),
        ("Journal of High Energy Physics", "JHEP"),
        ("Zeitschrift für Physik, C", "Z.Phys.C"),
        ("J. Kelp Phys.", "J.Kelp Phys."),
    ],
)
def test_journals_are_named_as_inspire_names_them(printed: str, form: str) -> None:
    """A place is compared with INSPIRE's own abbreviation."""
    assert inspire_form(printed) == form


def test_references_are_read_in_printed_order() -> None:
    """Several works under one label share its place; what was printed is kept."""
    first, second, third, fourth = inspire.parse_references(fixture("inspire", "references.json"))
    assert (first.position, first.doi, first.author, first.year) == (1, "10.5555/tides.2017.12", "van der Lee", 2017)
    assert (first.container_title, first.volume, first.first_page) == ("J.Tides", "8", "101")
    assert first.raw == "[1] M. van der Lee, J. Tides 8 (2017) 101"
    assert (second.position, second.arxiv_id) == (1, "hep-th/9901001")
    assert (third.position, third.raw, third.first_page) == (3, "Private notes; 1999", "045")
    assert (fourth.position, fourth.raw) == (4, None)


def test_what_a_work_cites_is_asked_by_doi_or_arxiv_identifier() -> None:
    """A 404 says that INSPIRE does not have the work."""
    calls = answering("references.json")
    found = inspire.cited_by(calls, CitingWork(source_id=1, doi=TIDES))
    assert found
    assert len(found.entries) == 4
    assert inspire.cited_by(calls, CitingWork(source_id=2, arxiv_id="1901.01234"))
    assert [request.path for request in calls.asked] == [f"/doi/{TIDES}", "/arxiv/1901.01234"]
    assert calls.asked[0].params == {"fields": "references"}
    missing = FakeServiceCalls({"inspire": lambda _: 404})
    assert inspire.cited_by(missing, CitingWork(source_id=1, doi=TIDES)) is None
