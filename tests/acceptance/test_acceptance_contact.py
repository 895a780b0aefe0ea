"""A contact address that Unpaywall refuses: one request, one line that names the setting, and works end in order."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dl_lit.replica.server import Replica
from tests.fakes.program import Home, replica_of, write_papers

REFUSED, TAKEN = "test@library-of-shores.org", "reader@library-of-shores.org"
WORKERS = 4  # that ask where works are open


def answers(replica: Replica) -> list[int]:
    return [entry.status for entry in replica.log.entries() if entry.group == "unpaywall"]


def test_a_refused_contact_address_costs_one_request_and_no_attempt(
    tmp_path_factory: pytest.TempPathFactory, make_home: Callable[..., Home]
) -> None:
    """Learned on the first answer, kept for the next run, and gone with the address."""
    papers = write_papers(tmp_path_factory.mktemp("closed"), sources=1, entries=6)
    closed = [{**record, "oa": "closed"} for record in papers.records]
    with replica_of(closed, latency_s=0.0) as replica:
        home = make_home(replica, WORKERS_QUEUEING=WORKERS)
        first = home.process_here(papers.folder, CONTACT_EMAIL=REFUSED)
        refused = answers(replica)
        assert set(refused) == {422}
        assert len(refused) <= WORKERS, "as many as were under way together"
        failed = home.rows("SELECT reason, detail FROM failed_downloads")
        assert {reason for reason, _ in failed} == {"no-oa-location"}
        assert all(detail.endswith("; not set up, so not asked: unpaywall") for _, detail in failed)
        assert first.code == 3
        assert failed
        assert home.rows("SELECT count(*) FROM attempts WHERE outcome = 'retry'") == [(0,)]
        told = [line for line in home.log.read_text().splitlines() if "contact_refused" in line]
        assert len(told) == 1
        home.here("retry", "--reason", "no-oa-location", CONTACT_EMAIL=REFUSED)
        home.process_here(papers.folder, CONTACT_EMAIL=REFUSED)
        assert answers(replica) == refused, "the next run knows"
        home.here("retry", "--reason", "no-oa-location", CONTACT_EMAIL=TAKEN)
        home.process_here(papers.folder, CONTACT_EMAIL=TAKEN)
        assert set(answers(replica)[len(refused) :]) <= {200, 404}
        assert len(answers(replica)) > len(refused)
