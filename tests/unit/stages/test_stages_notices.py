"""Retractions and corrections: what Crossref's notices say, in both directions, and what OpenAlex's flag is worth."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from dl_lit.core.model import Notice, NoticeKind, Work
from dl_lit.core.trail import Reply
from stages.notices import check_notices, with_notices
from stages.sources import arxiv, crossref, datacite, openalex
from tests.fakes.service_calls import Asked, FakeServiceCalls, fixture

RETRACTED = Work(title="Tides that never were", doi="10.1016/tides.2011.4")
CORRECTED = Work(title="Spring tides", doi="10.1016/tides.2017.12")
UNTOUCHED = Work(title="Kelp", doi="10.1016/kelp.1905")
FLAG = Notice(kind=NoticeKind.RETRACTION, source="openalex")


def notices(request: Asked) -> bytes:
    """Answer `updates:` with the notices that concern the works asked for."""
    if request.path != "/works":
        return b'{"message": {"DOI": "10.1016/kelp.1905", "title": ["Kelp"]}}'
    wanted = {part.removeprefix("updates:") for part in request.params["filter"].split(",")}
    body = fixture("crossref", "notices.json").decode().replace("10.5555/", "10.1016/")
    message = json.loads(body)["message"]
    message["items"] = [
        item for item in message["items"] if wanted & {update["DOI"].lower() for update in item["update-to"]}
    ]
    message["total-results"] = len(message["items"])
    return json.dumps({"message": message}).encode()


def test_notices_are_asked_for_many_to_a_request_and_remembered() -> None:
    """Three works cost one list; asked again they cost nothing, those without notices included."""
    calls = FakeServiceCalls({"crossref": notices})
    works = [RETRACTED, CORRECTED, UNTOUCHED]
    checked = check_notices(calls, works)
    assert {doi: [one.kind for one in found] for doi, found in checked.notices.items()} == {
        "10.1016/tides.2011.4": [NoticeKind.RETRACTION],
        "10.1016/tides.2017.12": [NoticeKind.CORRECTION],
        "10.1016/kelp.1905": [NoticeKind.CONCERN],
    }
    assert [(one.path, one.lane, one.params["select"]) for one in calls.asked] == [("/works", "list", "DOI,update-to")]
    assert sum(one.requests for one in checked.asked.values()) == 1
    again = check_notices(calls, works)
    assert again.notices == checked.notices
    assert all(one.is_remembered for one in again.asked.values())
    assert len(calls.asked) == 1


def test_a_list_that_was_too_long_is_shorter_from_then_on() -> None:
    """What Crossref calls too much for one list of notices is not tried again with the next."""

    def short(request: Asked) -> bytes | int:
        return notices(request) if request.params["filter"].count("updates:") <= 10 else 414

    calls = FakeServiceCalls({"crossref": short})
    check_notices(calls, [Work(title="T", doi=f"10.1016/{number}") for number in range(40)])
    calls.asked.clear()
    check_notices(calls, [Work(title="T", doi=f"10.1016/{number}") for number in range(40, 80)])
    assert calls.asked[0].params["filter"].count("updates:") == 12, "what was taken, and a quarter more to try"


def test_a_request_in_vain_is_counted() -> None:
    """Two works share the request that failed."""
    checked = check_notices(FakeServiceCalls({"crossref": lambda _: 503}), [RETRACTED, CORRECTED])
    assert [(one.reply, one.requests) for one in checked.asked.values()] == [(Reply.FAILED, 0.5)] * 2


def test_a_retraction_has_type_date_and_notice_and_a_correction_retracts_nothing() -> None:
    """Only a withdrawing notice makes a work retracted; what publisher and Retraction Watch both say counts once."""
    checked = check_notices(FakeServiceCalls({"crossref": notices}), [RETRACTED, CORRECTED, UNTOUCHED])
    retracted, corrected, doubted = (with_notices(work, checked) for work in (RETRACTED, CORRECTED, UNTOUCHED))
    assert retracted.is_retracted
    assert retracted.notices == (
        Notice(kind=NoticeKind.RETRACTION, doi="10.1016/tides.retraction.1", date="2013-11-28", source="publisher"),
    )
    assert (corrected.is_retracted, corrected.notices[0].date) == (False, "2018-02")
    assert (doubted.is_retracted, doubted.notices[0].source) == (False, "retraction-watch")


def test_the_flag_of_openalex_must_be_confirmed_by_crossref() -> None:
    """Confirmed it is superseded; not confirmed it is dropped; it counts where Crossref cannot have the work."""
    flagged = [replace(work, notices=(FLAG,)) for work in (RETRACTED, UNTOUCHED)]
    zenodo = Work(title="Data", doi="10.5281/zenodo.1", notices=(FLAG,))
    nameless = Work(title="A book", notices=(FLAG,))
    calls = FakeServiceCalls({"crossref": notices})
    checked = check_notices(calls, [*flagged, zenodo, nameless])
    confirmed, denied, believed, alone = (with_notices(one, checked) for one in (*flagged, zenodo, nameless))
    assert confirmed.is_retracted
    assert FLAG not in confirmed.notices
    assert not denied.is_retracted
    assert [notice.kind for notice in denied.notices] == [NoticeKind.CONCERN]
    assert believed.is_retracted
    assert alone.is_retracted
    assert "10.5281" not in calls.asked[0].params["filter"]
    assert [one.path for one in calls.asked] == ["/works", "/works/10.1016/kelp.1905"]


def test_the_record_of_a_flagged_work_may_tell_what_the_list_does_not() -> None:
    """`updated-by` is read where `updates:` finds nothing; where the record cannot be had, it is not checked."""
    update = {"DOI": "10.1016/n", "type": "retraction", "source": "retraction-watch"}
    record = {"message": {"DOI": "10.1016/x", "title": ["X"], "updated-by": [update]}}
    flagged = Work(title="X", doi="10.1016/x", notices=(FLAG,))

    def answer(request: Asked) -> bytes:
        is_list = request.path == "/works"
        return b'{"message": {"items": []}}' if is_list else json.dumps(record).encode()

    calls = FakeServiceCalls({"crossref": answer})
    assert with_notices(flagged, check_notices(calls, [flagged])).is_retracted
    broken = FakeServiceCalls({"crossref": lambda one: answer(one) if one.path == "/works" else 503})
    checked = check_notices(broken, [flagged, UNTOUCHED])
    assert set(checked.notices) == {"10.1016/kelp.1905"}
    assert with_notices(flagged, checked) is flagged  # neither confirmed nor denied


def test_a_service_that_fails_leaves_works_unchecked_and_unchanged() -> None:
    """Nothing is raised, nothing is remembered, and the error is there for the trail."""
    calls = FakeServiceCalls({"crossref": lambda _: 503})
    checked = check_notices(calls, [RETRACTED])
    assert not checked.notices
    assert checked.error is not None
    assert checked.asked["10.1016/tides.2011.4"].reply is Reply.FAILED
    assert with_notices(RETRACTED, checked) is RETRACTED
    assert not calls.remembered


def test_a_list_that_is_cut_short_is_asked_for_in_halves() -> None:
    """More notices than a list can have establish nothing about the others."""

    def cut(request: Asked) -> bytes:
        message = json.loads(notices(request))["message"]
        message["total-results"] += 1 if request.params["filter"].count("updates:") > 1 else 0
        return json.dumps({"message": message}).encode()

    calls = FakeServiceCalls({"crossref": cut})
    checked = check_notices(calls, [RETRACTED, UNTOUCHED])
    assert len(calls.asked) == 3
    assert set(checked.notices) == {"10.1016/tides.2011.4", "10.1016/kelp.1905"}


def test_dois_with_commas_are_checked_by_their_record() -> None:
    """A comma would end the filter; the record itself says by what it is updated."""
    record = {
        "message": {
            "DOI": "10.1016/a,b",
            "title": ["Comma"],
            "updated-by": [{"DOI": "10.1016/r", "type": "Removal", "updated": {"date-parts": [[2020]]}}],
        }
    }
    calls = FakeServiceCalls({"crossref": lambda _: json.dumps(record).encode()})
    checked = check_notices(calls, [Work(title="Comma", doi="10.1016/a,b")])
    assert checked.notices["10.1016/a,b"] == (
        Notice(kind=NoticeKind.REMOVAL, doi="10.1016/r", date="2020", source="crossref"),
    )
    assert [one.path for one in calls.asked] == ["/works/10.1016/a,b"]


def test_crossref_records_tell_of_notices_in_both_directions() -> None:
    """`updated-by` is on the work, `update-to` on the notice; a work's own new version is neither."""
    update = {"type": "partial-retraction", "source": "retraction-watch", "updated": {"date-parts": [[2021, 3]]}}
    body = json.dumps(
        {
            "message": {
                "DOI": "10.1016/x",
                "title": ["X"],
                "updated-by": [{"DOI": "10.1016/n", **update}, {"DOI": "10.1016/X", "type": "retraction"}],
                "update-to": [{"DOI": "10.1016/W", "type": "corrigendum"}, {"DOI": "10.1016/x", "type": "new_version"}],
            }
        }
    ).encode()
    work = crossref.parse_record(body)
    assert work is not None
    assert work.notices == (
        Notice(kind=NoticeKind.PARTIAL_RETRACTION, doi="10.1016/n", date="2021-03", source="retraction-watch"),
    )
    assert work.notice_of == (Notice(kind=NoticeKind.CORRECTION, doi="10.1016/w", source="crossref"),)
    assert not work.is_retracted


def test_a_reinstated_work_is_not_retracted() -> None:
    """A retraction before the reinstatement is left out, one after it counts."""
    retraction = {"DOI": "10.1016/n", "type": "retraction", "updated": {"date-parts": [[2015, 1, 1]]}}
    reinstatement = {"DOI": "10.1016/r", "type": "reinstatement", "updated": {"date-parts": [[2016, 1, 1]]}}

    def parsed(updates: list[Any]) -> Work:
        message = {"DOI": "10.1016/x", "title": ["X"], "updated-by": updates}
        work = crossref.parse_record(json.dumps({"message": message}).encode())
        assert work is not None
        return work

    assert not parsed([retraction, reinstatement]).is_retracted
    later = {**retraction, "updated": {"date-parts": [[2017]]}}
    assert parsed([later, reinstatement]).is_retracted


def test_arxiv_says_withdrawn_in_comments() -> None:
    """The feed's comment and DataCite's copy of it; a paper about withdrawn ones is not withdrawn."""
    (_, strings) = arxiv.parse(fixture("arxiv", "list.xml"))
    assert strings.is_retracted
    assert [notice.kind for notice in strings.notices] == [NoticeKind.WITHDRAWAL]
    attributes = {
        "doi": "10.48550/arxiv.1701.01234",
        "titles": [{"title": "Strings"}],
        "descriptions": [{"description": "Withdrawn by the authors", "descriptionType": "Other"}],
    }
    (work,) = datacite.parse(json.dumps({"data": [{"attributes": attributes}]}).encode())
    assert work.is_retracted
    for comment in ("12 pages, 3 figures", "Supersedes the withdrawn note of 1999", "On funds withdrawn early"):
        assert not arxiv.WITHDRAWN.search(comment)
    for comment in ("This paper has been withdrawn by the author due to an error in Lemma 2", "Withdrawn", "withdrawn"):
        assert arxiv.WITHDRAWN.search(comment)


def test_openalex_gives_its_flag_as_a_hint() -> None:
    """A flagged record bears a notice without a DOI and is not retracted by that alone."""
    body = json.dumps({"id": "https://openalex.org/W77", "title": "Flagged", "is_retracted": True}).encode()
    work = openalex.parse_record(body)
    assert work is not None
    assert (work.notices, work.is_retracted) == ((FLAG,), False)
