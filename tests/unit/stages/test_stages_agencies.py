"""Who registered a DOI decides which service is asked for it."""

from __future__ import annotations

import json

import pytest

from dl_lit.core.errors import ServiceError
from dl_lit.core.model import Alias, Name, WorkType
from dl_lit.core.reasons import Reason
from stages.sources import agencies, doi_org
from stages.sources.agencies import NOBODY, agency_of, may_have
from tests.fakes.service_calls import Asked, FakeServiceCalls, fixture


def told(**names: str) -> FakeServiceCalls:
    """A resolver that knows the agencies of some prefixes ("p10_1430"), and of nobody else's."""
    known = {name.removeprefix("p").replace("_", "."): agency for name, agency in names.items()}

    def answer(request: Asked) -> bytes:
        prefixes = request.path.removeprefix("/doiRA/").split(",")
        rows = [
            {"DOI": one, "RA": known[one]} if one in known else {"DOI": one, "status": "DOI does not exist"}
            for one in prefixes
        ]
        return json.dumps(rows).encode()

    return FakeServiceCalls({"doi": answer})


def test_an_answer_is_read() -> None:
    """A prefix may be somebody's, nobody's, or beyond what the resolver can tell."""
    assert agencies.parse(fixture("doi", "agencies.json")) == {
        "10.14988": "JaLC",
        "10.1430": "mEDRA",
        "10.99999999": NOBODY,
        "10.98765": None,
    }


def test_frequent_prefixes_need_no_request() -> None:
    """Most bibliographies hold no other ones."""
    calls = told()
    dois = ["10.1016/j.cell.2020.1", "10.48550/arxiv.1706.03762", "10.5281/zenodo.7"]
    assert list(agency_of(calls, dois).values()) == ["Crossref", "DataCite", "DataCite"]
    assert calls.asked == []


def test_new_prefixes_are_asked_once_together_and_remembered() -> None:
    """One request for all, none the next time; a prefix of nobody is remembered as well."""
    calls = told(p10_1430="mEDRA", p10_14988="JaLC")
    dois = ["10.1430/1", "10.1430/2", "10.14988/x", "10.9999999/y", "10.1016/z"]
    expected = dict(zip(dois, ["mEDRA", "mEDRA", "JaLC", NOBODY, "Crossref"], strict=True))
    assert agency_of(calls, dois) == expected
    assert [request.path for request in calls.asked] == ["/doiRA/10.1430,10.14988,10.9999999"]
    assert agency_of(calls, dois) == expected
    assert len(calls.asked) == 1


def test_many_prefixes_are_asked_in_batches() -> None:
    """Addresses stay short."""
    calls = told()
    agency_of(calls, [f"10.{70000 + number}/x" for number in range(120)])
    assert [request.path.count(",") + 1 for request in calls.asked] == [50, 50, 20]


@pytest.mark.parametrize("reply", [503, b"[]", b"<html>", b'[{"DOI": "10.1/other", "RA": "Crossref"}]'])
def test_what_cannot_be_told_is_not_guessed_nor_remembered(reply: int | bytes) -> None:
    """Then every service may have the DOI."""
    calls = FakeServiceCalls({"doi": lambda _: reply})
    assert agency_of(calls, ["10.77777/x", "10.1016/y"]) == {"10.77777/x": None, "10.1016/y": "Crossref"}
    assert calls.remembered == {}


def test_a_refused_batch_of_prefixes_is_halved() -> None:
    """One prefix that is none does not cost the others."""

    def answer(request: Asked) -> bytes | int:
        prefixes = request.path.removeprefix("/doiRA/").split(",")
        return 400 if "10.bad" in prefixes else json.dumps([{"DOI": one, "RA": "OP"} for one in prefixes]).encode()

    calls = FakeServiceCalls({"doi": answer})
    assert agency_of(calls, ["10.2788/a", "10.bad/b", "10.2760/c"]) == {
        "10.2788/a": "OP",
        "10.bad/b": None,
        "10.2760/c": "OP",
    }


def test_nothing_is_asked_offline_or_with_the_resolver_switched_off() -> None:
    """What is remembered still counts."""
    calls = told(p10_1430="mEDRA")
    calls.is_offline = True
    calls.remember("doi", {"ra:10.2788": b"OP"})
    assert agency_of(calls, ["10.1430/1", "10.2788/1"]) == {"10.1430/1": None, "10.2788/1": "OP"}
    calls.is_offline, calls.switched_off = False, {"doi"}
    assert agency_of(calls, ["10.1430/1"]) == {"10.1430/1": None}
    assert calls.asked == []


def test_may_have_asks_everybody_in_doubt() -> None:
    """A service that says nothing of agencies has all; one that does has its own, and whatever is in doubt."""
    crossref = frozenset({"Crossref"})
    assert may_have(None, "mEDRA")
    assert may_have(crossref, None)
    assert may_have(crossref, "Crossref")
    assert not may_have(crossref, "DataCite")
    assert not may_have(crossref, NOBODY)


def test_a_record_of_another_agency_is_read() -> None:
    """CSL-JSON with years as text, bodies, and the title it had before."""
    work = doi_org.parse(fixture("doi", "list.json"))
    assert work
    assert (work.title, work.year, work.type) == (
        "Le alghe brune della laguna e le maree",
        2011,
        WorkType.ARTICLE_JOURNAL,
    )
    assert work.authors == (Name(family="Rossi", given="Anna Maria"), Name(literal="Istituto delle Alghe"))
    assert (work.container_title, work.volume, work.issue, work.pages) == ("Rivista delle alghe", "12", "4", "33-58")
    assert work.aliases == (Alias(title="Brown algae of the lagoon and the tides"),)
    assert (work.doi, work.metadata_source) == ("10.5555/medra.kelp.4", "doi")


def test_an_ugly_record_is_read() -> None:
    """Lists for texts, nameless people, a date in words, markup."""
    work = doi_org.parse(fixture("doi", "ugly.json"))
    assert work
    assert (work.title, work.year, work.type) == ("Konbu & wakame", 1998, WorkType.CHAPTER)
    assert work.authors == (Name(literal="Hokusai"), Name(family="Sato", given="Kenji"))
    assert (work.doi, work.isbn, work.container_title) == ("10.5555/jalc.odd/1", "9783161484100", "Umi no kenkyū")
    assert (work.volume, work.pages) == ("7", "12")


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"status": "OK", "data": {}}', b"<html></html>", b'"x"'])
def test_what_is_no_record_is_a_bad_answer(body: bytes) -> None:
    """JSON of another shape establishes nothing."""
    with pytest.raises(ServiceError) as caught:
        doi_org.parse(body)
    assert caught.value.reason is Reason.BAD_ANSWER


def test_dois_of_other_agencies_go_one_by_one() -> None:
    """A refusal or 404 is an absence; an answer of no use leaves that DOI alone unanswered; the record is named."""

    def answer(request: Asked) -> bytes | int:
        replies: dict[str, bytes | int] = {
            "/10.1430/there": fixture("doi", "list.json"),
            "/10.1430/nameless": b'{"title": "No DOI inside", "type": "book"}',
            "/10.1430/absent": 404,
            "/10.6220/page%3C1%3E": 422,
            "/10.14988/broken": b"gibberish",
        }
        return replies[request.path]

    calls = FakeServiceCalls({"doi": answer})
    found = doi_org.by_dois(
        calls,
        ["10.1430/absent", "10.14988/broken", "10.6220/page<1>", "10.1430/there", "10.1430/nameless", "10.1430/there"],
    )
    assert set(found.works) == {"10.1430/there", "10.1430/nameless"}
    assert found.works["10.1430/nameless"].doi == "10.1430/nameless"
    assert set(found.unanswered) == {"10.14988/broken"}
    assert len(calls.asked) == 5


def test_an_outage_ends_the_asking() -> None:
    """The rest is unanswered, not absent."""
    calls = FakeServiceCalls({"doi": lambda _: 503})
    found = doi_org.by_dois(calls, ["10.1430/1", "10.1430/2"])
    assert set(found.unanswered) == {"10.1430/1", "10.1430/2"}
    assert len(calls.asked) == 1
