"""What is looked at again, held for a person, and counted of landing pages is written down with the end of a work."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from dl_lit.core.job import Done, Outcome, Reject, Retry
from dl_lit.core.model import HostType, Location, StageName, Version
from dl_lit.core.proof import Proof, Verdict
from dl_lit.core.reasons import Reason
from dl_lit.core.retry_rules import DAY_S
from dl_lit.core.techniques import FAILURES, REST_S
from dl_lit.core.trail import Trail, Tried
from tests.conformance.test_store_recording import bring_to
from tests.fakes.backends import Backend, TestedStore
from tests.fakes.engine import EPOCH_S, LOCATION, VERIFIED, ManualClock, downloaded, finished

QUEUEING, DOWNLOAD = StageName.QUEUEING, StageName.DOWNLOAD
DOUBT = Proof(verdict=Verdict.NEEDS_REVIEW, score=0.6, evidence=("title 0.71 on page 1",))
PREPRINT = replace(LOCATION, version=Version.SUBMITTED)


def end(backend: Backend, outcome: Outcome | None, stage: StageName = DOWNLOAD) -> TestedStore:
    """One work that ended so."""
    store = backend.open()
    store.record([finished(bring_to(backend, store, stage), outcome)])
    return store


def planned(backend: Backend) -> list[tuple[Any, ...]]:
    """What is planned, in whole days from the tests' beginning, without the spread of work 1."""
    return backend.rows(
        "SELECT reason, CAST(round((due_at - ?1) / ?2) AS INTEGER), done, resolver, "
        "CAST(round((notices_due - ?1) / ?2) AS INTEGER) FROM rechecks",
        EPOCH_S,
        DAY_S * 1.0309,
    )


@pytest.mark.parametrize("stage", [QUEUEING, DOWNLOAD])
@pytest.mark.parametrize(
    ("outcome", "row"),
    [
        (Reject(Reason.NO_OA_LOCATION), ("no-oa-location", 90, 0, None, None)),
        (Reject(Reason.HTTP_404), ("http-404", 30, 0, None, None)),
        (Reject(Reason.TIMEOUT_READ, "given up"), ("timeout-read", 7, 0, None, None)),
        (Reject(Reason.EMBARGOED, "", {"open_from": "2027-02-01"}), ("embargoed", 16, 0, None, None)),
        (Reject(Reason.JS_ONLY_PAGE), ("js-only-page", None, 0, 1, None)),
    ],
)
def test_a_failure_is_looked_at_again_by_its_rule(
    backend: Backend, stage: StageName, outcome: Outcome, row: tuple[Any, ...]
) -> None:
    end(backend, outcome, stage)
    assert planned(backend) == [row]


@pytest.mark.parametrize("reason", [Reason.BLOCKED_PAYWALL, Reason.WRONG_WORK, Reason.HTTP_410])
def test_what_never_comes_back_is_not_planned(backend: Backend, reason: Reason) -> None:
    end(backend, Reject(reason))
    assert planned(backend) == []


def test_a_lesser_version_is_to_be_upgraded_and_every_file_looked_up_for_notices(backend: Backend) -> None:
    end(backend, Done(downloaded(1, location=PREPRINT)))
    ((reason, due, done, _, notices),) = planned(backend)
    assert (reason, due, done, notices) == ("ok-preprint", 90, 0, 30)


def test_how_often_it_was_looked_at_goes_on_from_failure_to_failure(backend: Backend) -> None:
    """The fifth time nothing is planned any more; coming into the library begins anew."""
    store = end(backend, Reject(Reason.NO_OA_LOCATION))
    backend.change("UPDATE rechecks SET done = 3")
    for reason, due in ((Reason.TIMEOUT_READ, 7), (Reason.NO_OA_LOCATION, 90)):
        backend.retry_failures()
        store.notice()
        for stage in (QUEUEING, DOWNLOAD):
            for claim in store.claim(stage, 1):
                outcome = None if stage is QUEUEING else Reject(reason)
                store.record([finished(claim, outcome)])
        assert planned(backend) == [(reason.value, due, 3, None, None)]
    backend.change("UPDATE rechecks SET done = 4")
    backend.retry_failures()
    store.notice()
    (claim,) = store.claim(DOWNLOAD, 1)
    store.record([finished(claim, Reject(Reason.NO_OA_LOCATION))])
    assert planned(backend) == [("no-oa-location", None, 4, None, None)]
    backend.retry_failures()
    store.notice()
    (claim,) = store.claim(DOWNLOAD, 1)
    store.record([finished(claim, Done(downloaded(1, location=PREPRINT)))])
    assert [row[:3] for row in planned(backend)] == [("ok-preprint", 90, 0)]


def test_a_file_in_quarantine_is_a_failure_for_a_person_that_holds_the_file(backend: Backend) -> None:
    end(backend, Done(downloaded(1, path="quarantine/1.pdf", proof=DOUBT)))
    rows = backend.rows("SELECT reason, detail, needs_review, held ->> '$.path', stage FROM failed_downloads")
    assert rows == [("needs-review", "title 0.71 on page 1", 1, "quarantine/1.pdf", "download")]
    assert backend.rows("SELECT count(*) FROM downloaded_references") == [(0,)]
    assert backend.rows("SELECT outcome, reason FROM attempts WHERE stage = 'download'") == [("reject", "needs-review")]
    assert planned(backend) == []


def test_a_file_is_kept_with_its_proof_and_how_it_was_found(backend: Backend) -> None:
    page = "https://repository.example/item/1"
    facts = downloaded(
        1, proof=replace(VERIFIED, score=0.93, version=Version.ACCEPTED), landing_url=page, technique="anchor"
    )
    end(backend, Done(facts))
    assert backend.rows(
        "SELECT status, version, identity_score, proof ->> '$.evidence[0]', landing_url, technique "
        "FROM downloaded_references"
    ) == [("ok-accepted-version", "acceptedVersion", 0.93, "DOI on page 1", page, "anchor")]


def tried(technique: str | None, reason: Reason) -> Tried:
    """A page that redirected once, and the file it named."""
    hops = (
        ("https://doi.org/10.1/x", 302),
        ("https://Journal.example/article/1", 200),
        ("https://cdn.example/1.pdf", 404),
    )
    return Tried(url=hops[0][0], found_by="test", hops=hops, technique=technique, reason=reason.value)


def test_landing_pages_ways_are_counted_by_the_pages_host(backend: Backend) -> None:
    """What speaks of the host, or of no page at all, is not counted."""
    trail = Trail(
        tried=(
            tried("meta", Reason.HTTP_404),
            tried("meta", Reason.OK),
            tried("meta", Reason.WRONG_WORK),
            tried("anchor", Reason.TIMEOUT_READ),
            tried("anchor", Reason.BLOCKED_LOGIN),
            tried("anchor", Reason.NEEDS_REVIEW),
            tried(None, Reason.HTTP_404),
        )
    )
    end(backend, Reject(Reason.HTTP_404, trail=trail))
    assert backend.rows("SELECT host, technique, worked, failed, failed_in_a_row FROM landing_techniques") == [
        ("journal.example", "meta", 1, 2, 1)
    ]


def test_a_way_that_keeps_failing_is_dropped_for_a_while(backend: Backend, clock: ManualClock) -> None:
    """After a restart as before; one success takes it back."""
    store = backend.open()
    claim = bring_to(backend, store, DOWNLOAD)
    fails = Trail(tried=(tried("meta", Reason.HTTP_404),) * (FAILURES - 1))
    store.record([finished(claim, Retry(Reason.HTTP_5XX, after=1.0, trail=fails))])
    assert store.techniques.dropped("journal.example") == frozenset()
    clock.advance(1.0)
    (claim,) = store.claim(DOWNLOAD, 1)
    store.record([finished(claim, Retry(Reason.HTTP_5XX, after=1.0, trail=Trail(tried=fails.tried[:1])))])
    assert store.techniques.dropped("Journal.example") == {"meta"}
    store = backend.open()
    assert store.techniques.dropped("journal.example") == {"meta"}
    assert store.techniques.dropped("other.example") == frozenset()
    clock.advance(REST_S)
    assert store.techniques.dropped("journal.example") == frozenset()
    (claim,) = store.claim(DOWNLOAD, 1)
    store.record([finished(claim, Done(downloaded(1), Trail(tried=(tried("meta", Reason.OK),))))])
    assert backend.rows("SELECT failed_in_a_row FROM landing_techniques") == [(0,)]
    assert store.techniques.dropped("journal.example") == frozenset()


def test_locations_of_other_versions_do_not_matter_to_the_status(backend: Backend) -> None:
    """What the file says of itself counts more than what its location promised."""
    place = Location(url="https://x.example/1.pdf", host_type=HostType.PUBLISHER, version=Version.PUBLISHED)
    end(backend, Done(downloaded(1, location=place, proof=replace(VERIFIED, version=Version.SUBMITTED))))
    assert backend.rows("SELECT status, version FROM downloaded_references") == [("ok-preprint", "submittedVersion")]
