"""HAL: theses and French works, with titles in several languages and their files."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dl_lit.core.errors import ServiceError
from dl_lit.core.model import Alias, HostType, Location, Name, Reference, WorkType
from dl_lit.core.reasons import Reason
from stages.sources import hal
from tests.fakes.service_calls import FakeServiceCalls, fixture

TIDES = "10.5555/tides.2017.12"


def test_a_list_is_read() -> None:
    """Titles in other languages are aliases; a file counts where it may be read now."""
    tides, thesis = hal.parse(fixture("hal", "list.json"))
    assert (tides.title, tides.year, tides.type, tides.language) == (
        "Spring tides and the sorting of gravel: on steep beaches",
        2017,
        WorkType.ARTICLE_JOURNAL,
        "en",
    )
    assert tides.authors == (Name(family="van der Lee", given="Marit"), Name(family="Öst", given="Tobias"))
    assert (tides.doi, tides.arxiv_id, tides.pmid) == (TIDES, "1701.01234", "29000012")
    assert (tides.container_title, tides.volume, tides.issue, tides.pages) == ("Journal of Tides", "8", "2", "101-119")
    assert tides.aliases == (Alias(title="Les marées de vive eau et le tri du gravier", language="fr"),)
    assert tides.locations == (
        Location(
            url="https://hal.science/hal-00900012/document",
            host_type=HostType.REPOSITORY,
            licence="http://creativecommons.org/licenses/by/",
            found_by="hal",
        ),
    )
    assert (thesis.type, thesis.year, thesis.publisher) == (WorkType.THESIS, 1998, "Université des Grèves")
    assert (thesis.authors, thesis.locations, thesis.aliases) == ((Name(family="Dupont", given="Anne"),), (), ())


def test_ugly_records_are_survived() -> None:
    """Values alone or in lists, years as text; untitled and misshapen ones are left out."""
    (work,) = hal.parse(fixture("hal", "ugly.json"))
    assert (work.title, work.year, work.volume, work.issue, work.pages) == (
        "Les grèves du nord",
        1961,
        "3",
        "1",
        None,
    )
    assert (work.type, work.isbn, work.doi, work.language) == (WorkType.DOCUMENT, "9780198526636", None, "fr")
    assert len(work.authors) == 1


@pytest.mark.parametrize(
    "body", [b"", b"{}", b'{"error": {"msg": "undefined field", "code": 400}}', b'{"error": "x"}', b'{"response": 1}']
)
def test_an_error_inside_a_200_is_an_error(body: bytes) -> None:
    """It establishes nothing."""
    with pytest.raises(ServiceError) as raised:
        hal.parse(body)
    assert raised.value.reason is Reason.BAD_ANSWER


def test_dois_are_quoted_and_joined_by_or() -> None:
    """Solr's own characters are escaped within the quotes; the join is by DOI, whatever its case."""
    calls = FakeServiceCalls({"hal": lambda _: fixture("hal", "list.json")})
    found = hal.by_dois(calls, [TIDES, '10.5555/a"b\\c'])
    assert set(found.works) == {TIDES}
    (request,) = calls.asked
    assert (request.path, request.params["wt"], request.params["rows"]) == ("/search/", "json", "4")
    assert request.params["q"] == 'doiId_s:("10.5555/tides.2017.12" OR "10.5555/a\\"b\\\\c")'
    many = FakeServiceCalls({"hal": lambda _: b'{"response": {"docs": []}}'})
    assert not hal.by_dois(many, [f"10.5555/{number}" for number in range(120)]).unanswered
    assert len(many.asked) == 3


def test_a_search_holds_letters_and_digits_only() -> None:
    """Whatever is syntax is left out."""
    reference = Reference(
        position=1,
        raw="Dupont-Aignan, Varech et vanneaux du nord",
        title='Varech: "et" [vanneaux]*',
        authors=(Name(family="Dupont-Aignan"),),
    )
    assert hal.search_text(reference) == 'title_t:"Varech et vanneaux" AND authFullName_t:"Dupont Aignan"'
    calls = FakeServiceCalls({"hal": lambda _: fixture("hal", "list.json")})
    assert len(hal.search(calls, reference) or []) == 2
    assert hal.search(calls, Reference(position=1, raw="Le titre et la fin")) is None
    english = Reference(position=1, raw="Dupont, A. On kelp. Journal of Kelp 3, 1-9.", title="On kelp")
    assert hal.search_text(english) == ""
    assert hal.search_text(replace(english, type=WorkType.THESIS)) == 'title_t:"On kelp"'
    assert len(calls.asked) == 1
