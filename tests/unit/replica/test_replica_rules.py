"""Limits, latencies, faults and the log: the rules around the answers."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dl_lit.core.services import Lane, Window
from dl_lit.replica.faults import Fault, FaultKind, Faults, gzip_bomb
from dl_lit.replica.latency import REALISTIC, Latency, latency_s
from dl_lit.replica.limits import REAL_LIMITS, Limiter
from dl_lit.replica.log import Entry, RequestLog, peak
from dl_lit.replica.wire import BadRequest, Site, parse_head

SITE = Site("publisher-3", "publisher", "127.0.1.4")


def entry(number: int, at: float, *, group: str = "openalex", kind: str = "record", status: int = 200) -> Entry:
    return Entry(
        number=number,
        at=at,
        wall=at,
        group=group,
        site=group,
        host="127.0.0.2:1",
        connection=1,
        method="GET",
        target=f"/works/W{number}",
        kind=kind,
        status=status,
        bytes_sent=10,
        duration=0.5,
        concurrency=1,
        user_agent="t",
    )


@given(st.integers(1, 20), st.floats(0.1, 10.0), st.floats(1.0, 200.0), st.integers(1, 100))
def test_who_keeps_to_the_rate_is_never_refused(permits: int, seconds: float, scale: float, count: int) -> None:
    """Evenly spaced requests pass, whatever the window and the time scale."""
    limiter = Limiter({"x": Lane((Window(permits, seconds),), 1)}, scale)
    gap = seconds / permits / scale
    for number in range(count):
        assert limiter.admit("x", 100.0 + number * gap * 1.000001) is None
        limiter.leave("x")


def test_who_is_faster_is_refused_and_told_when() -> None:
    limiter = Limiter({"x": Lane((Window(10, 1.0),), 99)}, 1.0)
    answers = [limiter.admit("x", 5.0) for _ in range(12)]
    assert answers[:10] == [None] * 10
    refused = answers[11]
    assert refused is not None
    assert refused.why == "rate"
    assert 0 < refused.wait_s <= 0.1
    assert limiter.admit("x", 5.0 + 10.0) is None


def test_concurrency_is_counted_over_both_kinds_of_crossref_requests() -> None:
    limiter = Limiter(REAL_LIMITS, 1.0)
    assert limiter.admit("crossref/single/polite", 1.0) is None
    assert limiter.admit("crossref/single/polite", 1.1) is None
    assert limiter.admit("crossref/array/polite", 1.2) is None
    refused = limiter.admit("crossref/array/polite", 2.0)
    assert refused is not None
    assert refused.why == "concurrency"
    limiter.leave("crossref/single/polite")
    assert limiter.admit("crossref/array/polite", 2.0) is None


def test_lanes_without_limits_let_everything_in() -> None:
    limiter = Limiter({}, 1.0)
    assert [limiter.admit("pmc", 1.0) for _ in range(1000)] == [None] * 1000
    assert limiter.admit(None, 1.0) is None


def test_a_url_takes_the_same_time_always() -> None:
    one = [latency_s(REALISTIC, 1, "publisher", "pdf", f"/{n}") for n in range(50)]
    assert one == [latency_s(REALISTIC, 1, "publisher", "pdf", f"/{n}") for n in range(50)]
    assert one != [latency_s(REALISTIC, 2, "publisher", "pdf", f"/{n}") for n in range(50)]
    low, high = REALISTIC["publisher/pdf"].low_s, REALISTIC["publisher/pdf"].high_s
    assert all(low <= seconds <= high for seconds in one)
    assert max(one) - min(one) > (high - low) / 2


def test_latencies_fall_back_from_kind_to_group_to_all() -> None:
    profile = {"openalex/search": Latency(3, 3), "openalex": Latency(2, 2), "*": Latency(1, 1)}
    assert [
        latency_s(profile, 0, group, kind, "/")
        for group, kind in (("openalex", "search"), ("openalex", "record"), ("crossref", "search"))
    ] == [3, 2, 1]
    assert latency_s({}, 0, "openalex", "record", "/") == 0


def strikes(rule: Fault, targets: list[str], seed: int = 1) -> list[bool]:
    faults = Faults(seed, [rule])
    return [faults.strike(SITE, "pdf", target) is not None for target in targets]


def test_schedules_of_faults() -> None:
    always, first = Fault(kind=FaultKind.RESET), Fault(kind=FaultKind.RESET, first=2)
    every, per_url = Fault(kind=FaultKind.RESET, every=3), Fault(kind=FaultKind.RESET, first=1, per_url=True)
    targets = ["/a", "/b", "/a", "/b", "/a", "/b"]
    assert strikes(always, targets) == [True] * 6
    assert strikes(first, targets) == [True, True, False, False, False, False]
    assert strikes(every, targets) == [False, False, True, False, False, True]
    assert strikes(per_url, targets) == [True, True, False, False, False, False]


def test_faults_strike_only_what_they_match() -> None:
    assert strikes(Fault(kind=FaultKind.RESET, group="openalex"), ["/a"]) == [False]
    assert strikes(Fault(kind=FaultKind.RESET, site="publisher-3", call="pdf", pattern=r"^/x"), ["/a", "/x1"]) == [
        False,
        True,
    ]
    assert strikes(Fault(kind=FaultKind.RESET, call="landing"), ["/a"]) == [False]


@given(st.permutations([f"/{n % 7}" for n in range(28)]), st.integers(0, 99))
def test_chance_does_not_depend_on_the_order_of_requests(targets: list[str], seed: int) -> None:
    """For each URL the n-th asking strikes or not, however the requests interleave."""
    rule = Fault(kind=FaultKind.RESET, probability=0.5)

    def outcomes(order: list[str]) -> dict[str, list[bool]]:
        found: dict[str, list[bool]] = {}
        for target, struck in zip(order, strikes(rule, order, seed), strict=True):
            found.setdefault(target, []).append(struck)
        return found

    assert outcomes(targets) == outcomes(sorted(targets))


def test_probability_is_met() -> None:
    struck = strikes(Fault(kind=FaultKind.RESET, probability=0.2), [f"/{n}" for n in range(2000)])
    assert abs(sum(struck) / 2000 - 0.2) < 0.04


def test_rules_come_from_json() -> None:
    rule = Fault.from_json({"kind": "too-many-requests", "group": "arxiv", "retry_after_s": 3, "first": 1})
    assert rule == Fault(kind=FaultKind.TOO_MANY_REQUESTS, group="arxiv", retry_after_s=3, first=1)
    with pytest.raises(ValueError, match="unknown fields"):
        Fault.from_json({"kind": "reset", "hosts": 1})
    with pytest.raises(ValueError, match="nonsense"):
        Fault.from_json({"kind": "nonsense"})


def test_the_bomb_unpacks_to_what_it_declares() -> None:
    bomb = gzip_bomb(8)
    assert len(bomb) < 20_000
    assert gzip.decompress(bomb) == bytes(8 * 1024 * 1024)


def test_the_log_counts_and_filters(tmp_path: Path) -> None:
    log = RequestLog(tmp_path / "log.jsonl")
    log.add(entry(2, 1.2, kind="search", status=429))
    log.add(entry(1, 1.0))
    log.add(entry(3, 5.0, group="publisher", kind="pdf"))
    assert [found.number for found in log.entries()] == [1, 2, 3]
    assert [found.number for found in log.entries("openalex", "search")] == [2]
    assert [found.number for found in log.entries(contains="W3")] == [3]
    assert log.stats()["groups"]["openalex"]["statuses"] == {"200": 1, "429": 1}
    log.close()
    lines = (tmp_path / "log.jsonl").read_text().splitlines()
    assert [json.loads(line)["number"] for line in lines] == [2, 1, 3]


def test_the_peak_is_the_densest_window() -> None:
    assert peak([entry(n, at) for n, at in enumerate([0.0, 0.9, 1.0, 1.1, 3.0])], 1.0) == 3
    assert peak([], 1.0) == 0


@pytest.mark.parametrize("head", [b"GET /", b"GET / FTP/1", b"", b"GET / HTTP/1.1\r\nnonsense"])
def test_what_is_no_request_is_refused(head: bytes) -> None:
    with pytest.raises(BadRequest):
        parse_head(head)


def test_a_request_head_is_parsed() -> None:
    assert parse_head(b"GET /a?b=c HTTP/1.1\r\nHost: x:1\r\nX-Y:  z ") == ("GET", "/a?b=c", {"host": "x:1", "x-y": "z"})
    assert parse_head(b"GET http://x:1/a HTTP/1.1")[1] == "/a"
