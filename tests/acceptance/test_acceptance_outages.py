"""Services that are dead, busy or broken, and no network at all: nothing is lost, and runs end.

Those whose budget is spent: test_acceptance_budget.py.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from itertools import cycle
from pathlib import Path

import pytest
from proofs import outages

from dl_lit.core.reasons import Reason
from dl_lit.core.services import BY_NAME
from dl_lit.replica.faults import Fault, FaultKind
from tests.fakes.databases import ON_POSTGRES, database_in, named
from tests.fakes.effort import is_counted
from tests.fakes.program import Ended, Home, Papers, replica_of

SERVICES = tuple(name.upper() for name in BY_NAME if name != "grobid")
QUICK = {
    "HTTP_BREAKER_OPEN_S": 0.2,
    "ENGINE_MAX_ATTEMPTS": 3,
    "ENGINE_OUTLOOK_S": 5,
    "ENGINE_STALL_S": 1,
    "WORKERS_EXTRACTION": 1,
}


def refusing_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def assert_ended_honestly(ended: Ended, home: Home, papers: Papers) -> None:
    """Exit code 3, and every entry is counted where it is: known, failed for a passing reason, or waiting."""
    assert ended.code == 3, ended.err
    assert "Traceback" not in ended.err
    document = ended.document
    assert document["interrupted"] is False
    assert document["references"] == len(papers.records)
    failed, waiting = document["failed"], document["waiting"]
    assert all(Reason(word).is_transient for reasons in failed.values() for word in reasons), failed
    gone = sum(failed["enrichment"].values())
    assert document["resolved"] + gone + waiting["enrichment"] == len(papers.records)
    assert sum(waiting.values()) + sum(sum(reasons.values()) for reasons in failed.values()) > 0
    assert home.broken() == []


def assert_completes(home: Home, papers: Papers) -> None:
    """Failures are put back as a person would; the next run finds and fetches all."""
    assert home.here("retry").code == 0
    again = home.process_here(papers.folder)
    assert again.code == 0, again.out
    assert again.document["downloaded"] == len(papers.records)
    assert home.broken() == []


def test_a_run_without_any_network_ends_and_the_next_one_completes(
    two_papers: Papers, make_home: Callable[..., Home]
) -> None:
    """Connections are refused everywhere."""
    with replica_of(two_papers.records, latency_s=0.0) as replica:
        # So many services are asked that with shorter rests one of them would always be due for another try.
        home = make_home(replica, **{**QUICK, "HTTP_BREAKER_OPEN_S": 2})
        dead = f"http://127.0.0.1:{refusing_port()}"
        ended = home.process_here(two_papers.folder, **{f"{name}_URL": dead for name in SERVICES})
        assert_ended_honestly(ended, home, two_papers)
        assert ended.document["resolved"] == 0
        assert_completes(home, two_papers)


def test_services_that_answer_nonsense_cost_nothing_but_time(
    two_papers: Papers, make_home: Callable[..., Home]
) -> None:
    """Each metadata service fails in a way of its own; later they are back."""
    kinds = (FaultKind.HTML, FaultKind.SERVER_ERROR, FaultKind.NOT_JSON, FaultKind.RESET, FaultKind.HANG)
    broken = [Fault(kind=kind, group=name.lower()) for name, kind in zip(SERVICES, cycle(kinds))]
    with replica_of(two_papers.records, latency_s=0.0, faults=broken) as replica:
        home = make_home(replica, **QUICK, **{f"{name}_TIMEOUT_S": 0.2 for name in SERVICES})
        ended = home.process(two_papers.folder)
        assert_ended_honestly(ended, home, two_papers)
        replica.faults.clear()
        assert_completes(home, two_papers)


def test_services_that_ask_for_patience_are_given_it(two_papers: Papers, make_home: Callable[..., Home]) -> None:
    """429 with Retry-After, in seconds and as a date: the same run completes, and nobody asks meanwhile."""
    busy = [
        Fault(kind=FaultKind.TOO_MANY_REQUESTS, group="openalex", first=1, retry_after_s=1),
        Fault(kind=FaultKind.TOO_MANY_REQUESTS, group="crossref", first=1, retry_after_s=2, as_date=True),
        Fault(kind=FaultKind.SERVER_ERROR, group="unpaywall", first=2, retry_after_s=1),
    ]
    with replica_of(two_papers.records, latency_s=0.0, faults=busy) as replica:
        home = make_home(replica, HTTP_BREAKER_OPEN_S=0.2)
        ended = home.process_here(two_papers.folder)
        assert ended.code == 0, ended.out
        assert ended.document["downloaded"] == len(two_papers.records)
        first, *rest = replica.log.entries("openalex")
        assert first.status == 429
        on_their_way = first.at + 0.2  # those that were asked before the answer came
        assert [one.at - first.at for one in rest if on_their_way < one.at < first.at + 1.0] == []
        assert home.broken() == []


@pytest.mark.parametrize(
    ("service", "failing"), [("openalex", "dies"), ("openalex", "garbage"), ("openalex", "429"), ("crossref", "crawls")]
)
def test_a_service_that_fails_for_an_hour_costs_only_its_own_share(service: str, failing: str, tmp_path: Path) -> None:
    """An hour of a second or three: nothing fails or is asked twice, and the breaker's rule holds."""
    hour_s = 3.0 if ON_POSTGRES or is_counted() else 1.5  # a server takes longer to be ready
    told = outages.prove(service, failing, references=60, hour_s=hour_s, DL_LIT_DB=named(database_in(tmp_path)))
    assert outages.holds(told, 60), told
    assert told["resolved_meanwhile"] > 0
    assert told["replica_problems"] == 0
