"""Where works are open now, and whether a better copy of one can be had."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date

import pytest

from dl_lit.core.errors import ServiceError
from dl_lit.core.items import DownloadItem
from dl_lit.core.job import Answer, Done, Reject, Retry, Snooze
from dl_lit.core.model import Location, StageName, Version, Work
from dl_lit.core.ports import Located
from dl_lit.core.reasons import Reason
from dl_lit.core.trail import Trail
from dl_lit.core.upgrading import Held
from stages.locators.preference import Preference
from stages.rechecking import Better, Failed, Later, Nothing, Only, Upgrader, fresh_locations, with_fresh
from tests.fakes.engine import FakeStage, downloaded, work
from tests.fakes.service_calls import Asked, FakeServiceCalls

PUBLISHED = Location(url="https://journal.example/1.pdf", version=Version.PUBLISHED)
ACCEPTED = Location(url="https://repository.example/1.pdf", version=Version.ACCEPTED)
SUBMITTED = Location(url="https://preprints.example/1.pdf", version=Version.SUBMITTED)
HELD = Held(status=Reason.OK_PREPRINT, version=Version.SUBMITTED, url=SUBMITTED.url)
FOUND = Done(downloaded(7), Trail(decision="took it"))


class Places:
    """Obeys `Locating` with what it is given."""

    def __init__(self, *locations: Location, embargoed: tuple[Location, ...] = (), fails: bool = False) -> None:
        errors = (ServiceError("unpaywall", Reason.SERVICE_DOWN, "503"),) if fails else ()
        self._located = Located(locations=locations, embargoed=embargoed, errors=errors)

    def first(self, work: Work) -> Located:
        del work
        return self._located

    def further(self, work: Work, known: Sequence[Location]) -> Located:
        raise AssertionError((work, known))


class Downloads(FakeStage):
    """A download stage that answers as told, and remembers whether it was closed."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(StageName.DOWNLOAD, lambda _claim: answer)
        self.is_closed = False

    def close(self) -> None:
        self.is_closed = True


def upgrader(
    places: Places, answer: Answer = FOUND, *, versions: Sequence[str] = ("published", "accepted", "submitted")
):
    stage = Downloads(answer)
    return Upgrader(places, stage, Preference.from_settings("host", versions, ()).rank_of), stage


def tried(stage: FakeStage) -> list[str]:
    items = [claim.item for claim in stage.seen]
    return [one.url for item in items if isinstance(item, DownloadItem) for one in item.locations]


def test_only_what_promises_more_is_tried() -> None:
    looks, stage = upgrader(Places(SUBMITTED, ACCEPTED, PUBLISHED))
    assert looks.upgrade(7, work(7), HELD) == Better(FOUND.facts, FOUND.trail)  # type: ignore[arg-type]
    assert tried(stage) == [ACCEPTED.url, PUBLISHED.url]


def test_nothing_is_fetched_where_nothing_better_is_known() -> None:
    looks, stage = upgrader(Places(SUBMITTED))
    assert looks.upgrade(7, work(7), HELD) == Nothing("nobody asked knows a better version")
    assert stage.seen == []
    looks.close()
    assert stage.is_closed


def test_who_prefers_preprints_keeps_them() -> None:
    looks, stage = upgrader(Places(PUBLISHED), versions=("submitted", "published"))
    assert isinstance(looks.upgrade(7, work(7), HELD), Nothing)
    assert stage.seen == []


def test_a_better_version_under_embargo_is_looked_for_on_its_day() -> None:
    later = Location(url="https://journal.example/1.pdf", version=Version.PUBLISHED, open_from=date(2027, 2, 1))
    looks, _ = upgrader(Places(embargoed=(later,)))
    assert looks.upgrade(7, work(7), HELD) == Nothing("a better version opens on 2027-02-01", 1_801_440_000.0)


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (Snooze(Reason.HOST_BUSY, 4.0), Later(Reason.HOST_BUSY, 4.0)),
        (Retry(Reason.TIMEOUT_READ, "60 s"), Failed(Reason.TIMEOUT_READ, "60 s")),
        (Reject(Reason.WRONG_WORK, "another"), Nothing("wrong-work: another")),
    ],
)
def test_what_the_fetching_came_to_is_told(answer: Answer, outcome: object) -> None:
    looks, stage = upgrader(Places(PUBLISHED), answer)
    assert looks.upgrade(7, work(7), HELD, ticket=5.0) == outcome
    assert [claim.ticket for claim in stage.seen] == [5.0]


def test_a_service_that_fails_is_no_word_on_the_work() -> None:
    looks, _ = upgrader(Places(fails=True))
    assert looks.upgrade(7, work(7), HELD) == Failed(Reason.SERVICE_DOWN, "unpaywall: service-down: 503")


def test_whoever_looks_for_better_does_not_dig_further() -> None:
    only = Only(Places(PUBLISHED))
    assert only.first(work(7)).locations == (PUBLISHED,)
    assert only.further(work(7), ()) == Located()


def openalex(request: Asked) -> bytes:
    """One record with a location for each DOI that was asked for and is not of an even number."""
    dois = request.params["filter"].removeprefix("doi:").split("|")
    place = {"is_oa": True, "pdf_url": "https://journal.example/x.pdf", "version": "publishedVersion"}
    records = [
        {"id": f"https://openalex.org/W{number}", "doi": f"https://doi.org/{doi}", "title": "T", "locations": [place]}
        for number, doi in enumerate(dois)
        if number % 2 == 0
    ]
    return json.dumps({"meta": {"count": len(records)}, "results": records}).encode()


def test_many_works_are_asked_about_at_once() -> None:
    """Who has no identifier is not asked about, and who is not answered about keeps what is known."""
    calls = FakeServiceCalls({"openalex": openalex})
    wanted = {1: work(1), 2: work(2), 3: work(3, doi=None), 4: work(4, doi=None, arxiv_id="1706.03762")}
    fresh = fresh_locations(calls, wanted)
    assert len(calls.asked) == 1
    assert sorted(fresh) == [1, 4]
    assert [one.version for one in fresh[1]] == [Version.PUBLISHED]
    assert with_fresh(wanted[1], fresh[1]).locations == fresh[1]
    assert with_fresh(wanted[2], None) is wanted[2]


def test_without_the_service_nothing_is_fresh() -> None:
    assert fresh_locations(FakeServiceCalls(switched_off={"openalex"}), {1: work(1)}) == {}
