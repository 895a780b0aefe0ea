"""The stage that everything waits for is named, with what it waits for."""

from __future__ import annotations

from typing import Any

import pytest

from dl_lit.core.bottleneck import HOSTS, bottleneck
from dl_lit.core.model import StageName
from dl_lit.core.pulse import Pulse, ServicePulse, StagePulse

EXTRACTION, ENRICHMENT, QUEUEING, DOWNLOAD = StageName


def stage(waiting: int = 0, workers: int = 4, **more: Any) -> StagePulse:
    usual: dict[str, Any] = {"queued": 0, "running": 0, "workers_least": 1, "workers_most": workers, "done": 0}
    return StagePulse(waiting=waiting, workers=workers, **{**usual, **more})


def service(**more: Any) -> ServicePulse:
    return ServicePulse(requests=9, waiting=1, waited_s=1.0, allows="10 in 1 s, 8 at once", **more)


def pulse(services: dict[str, ServicePulse] | None = None, unwritten_s: float = 0.0, **stages: StagePulse) -> Pulse:
    named = {StageName(name): one for name, one in stages.items()}
    return Pulse(
        pid=1, command="test", began_at=0.0, at=1.0, stages=named, services=services or {}, unwritten_s=unwritten_s
    )


def says(one: Pulse) -> str:
    found = bottleneck(one)
    assert found is not None
    return found.says


def test_empty_rooms_wait_for_nothing() -> None:
    assert bottleneck(pulse(extraction=stage(), download=stage())) is None


def test_the_stage_that_takes_longest_is_named_and_not_the_one_with_most_to_do() -> None:
    seen = pulse(
        enrichment=stage(900, per_minute=600.0, busy=4), download=stage(100, per_minute=5.0, busy=4, queued=32)
    )
    assert says(seen) == "download: all 4 hands are busy, 100 files wait"


def test_a_stage_before_a_full_room_waits_for_the_one_behind() -> None:
    dammed = stage(5_000, resting="queueing has 2,000 waiting", is_dammed=True)
    assert says(pulse(enrichment=dammed, queueing=stage(2_000, busy=1))) == (
        "queueing: 1 of 4 hands is busy, 2,000 works wait"
    )
    assert says(pulse(enrichment=dammed)) == "enrichment: queueing has 2,000 waiting; 5,000 entries wait"


def test_a_paused_stage_is_named_only_where_nothing_else_has_work() -> None:
    paused = stage(700, resting="paused by Ann", paused="Ann")
    assert says(pulse(extraction=stage(2, 1, busy=1), download=paused)) == (
        "extraction: the only hand is busy, 2 PDFs wait"
    )
    assert says(pulse(download=paused)) == "download: paused by Ann; 700 files wait"


@pytest.mark.parametrize(
    ("waiting_for", "why"),
    [
        ({"window": 3, "parked": 1}, "it allows 10 in 1 s, 8 at once, and is asked that much"),
        ({"parked": 3}, "openalex asked us to wait"),
        ({"others": 3}, "other processes of this machine have its turns"),
        ({}, "it allows 10 in 1 s, 8 at once, and is asked that much"),
    ],
)
def test_the_service_most_hands_wait_for_is_named(waiting_for: dict[str, int], why: str) -> None:
    services = {
        "openalex": service(waiting_by={"enrichment": 3}, waiting_for=waiting_for),
        "crossref": service(waiting_by={"enrichment": 1}),
    }
    found = bottleneck(pulse(services, enrichment=stage(50, busy=4)))
    assert found is not None
    assert (found.service, found.because) == ("openalex", f"3 of 4 hands wait for openalex: {why}")


def test_a_service_that_few_wait_for_is_not_the_reason() -> None:
    services = {"openalex": service(waiting_by={"enrichment": 1})}
    assert says(pulse(services, enrichment=stage(50, busy=4))) == "enrichment: all 4 hands are busy, 50 entries wait"


def test_hosts_are_waited_for_by_hands_and_by_those_who_sit() -> None:
    services = {HOSTS: service(waiting_by={"download": 60})}
    found = bottleneck(pulse(services, download=stage(500, 64, busy=62)))
    assert found is not None
    assert (found.says, found.service) == ("download: 60 of 64 hands wait for hosts' turns", HOSTS)
    assert says(pulse(download=stage(500, 64, seated=480))) == (
        "download: 480 of 500 files wait for their hosts' turns"
    )


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        (stage(5, resting="disk low: 90 MB free, 200 needed"), "disk low: 90 MB free, 200 needed; 5 PDFs wait"),
        (stage(5), "5 PDFs wait until they are due"),
        (stage(5, queued=5), "0 of 4 hands are busy, 5 PDFs wait"),
        (
            stage(120, 2, busy=2, workers_most=4, scaled="work for 9 hands; memory is tight"),
            "all 2 hands are busy, 120 PDFs wait (work for 9 hands; memory is tight)",
        ),
    ],
)
def test_what_else_a_stage_may_wait_for(seen: StagePulse, words: str) -> None:
    assert says(pulse(extraction=seen)) == f"extraction: {words}"


def test_a_database_that_takes_nothing_comes_first() -> None:
    seen = pulse(unwritten_s=12.3, download=stage(3, busy=4))
    assert says(seen) == "download: the database has taken nothing for 12 s"
