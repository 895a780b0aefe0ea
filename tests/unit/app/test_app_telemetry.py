"""What a running pipeline tells by itself: a file for the textfile collector, metrics and spans for OpenTelemetry."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from db.ledger.reading import requests_made
from dl_lit.app.metrics import Metrics
from dl_lit.app.metrics.building import counter, gauges
from dl_lit.app.telemetry import _File, publishing
from dl_lit.app.telemetry.collector import WAITING_SPANS, Collector
from dl_lit.app.telemetry.textfile import write_textfile
from dl_lit.core.clock import SystemClock
from dl_lit.core.items import EntryItem, Queued, SourceItem, WorkItem
from dl_lit.core.job import Claim, Done, Outcome, Reject, Retry, Snooze
from dl_lit.core.model import Reference, StageName, Work
from dl_lit.core.reasons import Reason
from dl_lit.core.store import Finished
from dl_lit.net.posting import Poster
from dl_lit.settings import Settings, load
from dl_lit.web.metrics import Metric, Sample
from tests.fakes.exposition import read
from tests.fakes.receiver import Receiver, receiving
from tests.fakes.scenario import Scenario, typical


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    with Scenario(tmp_path) as scenario:
        typical(scenario)
        yield load(
            env={"HOME": str(tmp_path)},
            options={
                "database": ("-", str(scenario.path)),
                "library": ("-", str(tmp_path / "library")),
                "state_folder": ("-", str(tmp_path / "state")),
            },
        ).settings


def collector(receiver: Receiver, clock: SystemClock | None = None, header: str | None = None) -> Collector:
    clock = clock or SystemClock()
    poster = Poster(receiver.url, user_agent="t", clock=clock, purpose="otlp", timeout_s=5.0)
    return Collector(receiver.url, header, poster, clock, "/x.db")


def work(number: int, outcome: Outcome | None = None) -> Finished:
    claim = Claim(StageName.QUEUEING, number, WorkItem(Work(title="T", doi="10.1/x")))
    return Finished(claim, outcome or Done(Queued(())), 1_800_000_000.5, 0.25)


def spans(receiver: Receiver) -> list[dict[str, Any]]:
    documents = [json.loads(one.body) for one in receiver.got if one.path == "/v1/traces"]
    return [span for one in documents for span in one["resourceSpans"][0]["scopeSpans"][0]["spans"]]


def attributes(told: list[dict[str, Any]]) -> dict[str, Any]:
    return {one["key"]: next(iter(one["value"].values())) for one in told}


def test_the_file_is_replaced_in_one_step_and_read_by_everybody(tmp_path: Path) -> None:
    """The collector never sees half of it, and nothing is left beside it."""
    path = tmp_path / "folder" / "dl_lit.prom"
    write_textfile(path, [counter("dl_lit_x_total", "X.", 1)])
    write_textfile(path, [counter("dl_lit_x_total", "X.", 2)])
    assert path.read_text().endswith("dl_lit_x_total 2\n")
    assert path.stat().st_mode & 0o777 == 0o644
    assert [one.name for one in path.parent.iterdir()] == ["dl_lit.prom"]


def test_a_pipeline_writes_the_file_and_says_at_the_end_that_none_runs(settings: Settings, tmp_path: Path) -> None:
    """A disk that does not take it costs one line in the log."""
    path = tmp_path / "dl_lit.prom"
    wanted = replace(settings, metrics=replace(settings.metrics, textfile=path))
    with publishing(wanted, SystemClock(), []):
        pass
    found = read(path.read_text())
    assert found["dl_lit_pipeline_running"].samples == {(("", ""),): 0.0}
    path.unlink()
    path.mkdir()
    file = _File(path, Metrics(wanted, SystemClock()))
    with capture_logs() as logs:
        file.write()
        file.write()
    assert [one["event"] for one in logs] == ["metrics_not_written"]


def test_without_a_place_nothing_is_done(settings: Settings) -> None:
    """No thread, no look at the database."""
    hearers: list[Any] = []
    with publishing(settings, SystemClock(), hearers):
        assert hearers == []


def test_metrics_are_told_as_opentelemetry_has_them() -> None:
    """Gauges, sums that only grow, and histograms by what lies between two bounds."""
    histogram = Metric(
        "dl_lit_stage_duration_seconds", "histogram", "H.",
        tuple(
            Sample(value, {"stage": "download"} | ({"le": bound} if bound else {}), suffix)
            for value, bound, suffix in (
                (2, "0.1", "_bucket"), (2, "1", "_bucket"), (5, "+Inf", "_bucket"), (7.5, "", "_sum"),
                (5, "", "_count"),
            )
        ),
    )  # fmt: skip
    told = [gauges("dl_lit_items", "I.", "stage", {"download": 3}), counter("dl_lit_x_bytes_total", "X.", 4), histogram]
    with receiving() as receiver:
        one = collector(receiver, header="Authorization: Bearer abc")
        one.send(lambda: told)
        one.close()
    (got,) = receiver.got
    assert (got.path, got.headers["content-type"], got.headers["authorization"]) == (
        "/v1/metrics", "application/json", "Bearer abc",
    )  # fmt: skip
    (document,) = json.loads(got.body)["resourceMetrics"]
    assert attributes(document["resource"]["attributes"])["service.name"] == "dl_lit"
    items, bytes_, durations = document["scopeMetrics"][0]["metrics"]
    (point,) = items["gauge"]["dataPoints"]
    assert (point["asDouble"], attributes(point["attributes"])) == (3.0, {"stage": "download"})
    assert point["timeUnixNano"].isdigit()
    assert (bytes_["unit"], bytes_["sum"]["isMonotonic"], bytes_["sum"]["aggregationTemporality"]) == ("By", True, 2)
    (point,) = durations["histogram"]["dataPoints"]
    assert (durations["unit"], point["count"], point["sum"]) == ("s", "5", 7.5)
    assert (point["explicitBounds"], point["bucketCounts"]) == ([0.1, 1.0], ["2", "0", "3"])


def test_every_attempt_at_an_item_is_a_span_and_those_at_one_work_are_a_trace() -> None:
    """What broke is an error; that there is nothing lawful to have is none; snoozes are no attempts."""
    entry = Claim(StageName.ENRICHMENT, 7, EntryItem(1, Reference(position=1, raw="r")))
    source = Claim(StageName.EXTRACTION, 7, SourceItem("/a.pdf", "ab"))
    with receiving() as receiver:
        one = collector(receiver)
        one.note([work(7), work(7, Retry(Reason.HTTP_5XX, "HTTP 502")), work(7, Snooze(Reason.HOST_BUSY, 1.0))])
        one.note(
            [Finished(entry, Reject(Reason.NO_MATCH), 0.0, 1.0), Finished(source, Reject(Reason.POISON), 0.0, 1.0)]
        )
        one.send(tuple)
        one.send(tuple)
        one.close()
    told = spans(receiver)
    assert [span["name"] for span in told] == ["queueing", "queueing", "enrichment", "extraction"]
    assert [span.get("status") for span in told] == [
        None, {"code": 2, "message": "http-5xx"}, None, {"code": 2, "message": "poison"},
    ]  # fmt: skip
    assert [told.index(span) for span in told if span["traceId"] == told[0]["traceId"]] == [0, 1]
    assert len({span["spanId"] for span in told}) == 4
    assert len(told[0]["traceId"]) == 2 * len(told[0]["spanId"]) == 32
    assert (told[0]["startTimeUnixNano"], told[0]["endTimeUnixNano"]) == ("1800000000500000000", "1800000000750000000")
    assert attributes(told[0]["attributes"])["dl_lit.doi"] == "10.1/x"


def test_what_a_collector_does_not_take_is_told_once_and_sent_again() -> None:
    """After the rest it asks for; spans are kept meanwhile, up to a number."""
    clock = SystemClock()
    with receiving() as receiver, capture_logs() as logs:
        one = collector(receiver, clock)
        one.note([work(number) for number in range(WAITING_SPANS + 3)])
        receiver.answers += [(200, {}), (503, {"Retry-After": "0"})]
        one.send(tuple)
        assert spans(receiver) == spans(receiver)[:512]
        one._rests_until = 0.0
        one.send(tuple)
        one.close()
    assert [entry["event"] for entry in logs] == ["collector_takes_nothing", "collector_takes_again"]
    assert (logs[0]["why"], logs[1]["spans_dropped"]) == ("HTTP 503", 0)
    told = spans(receiver)
    assert len(told) == 512 + WAITING_SPANS  # the first ones twice: the first time they were not taken
    assert told[0]["traceId"] == told[512]["traceId"]


def test_a_collector_that_asks_for_rest_is_left_alone() -> None:
    """A minute, where it does not say."""
    with receiving() as receiver:
        one = collector(receiver)
        receiver.answers.append((401, {}))
        one.send(tuple)
        one.send(tuple)
        one.close()
    assert len(receiver.got) == 1


def test_a_pipeline_sends_to_the_collector_and_the_ledger_knows(settings: Settings) -> None:
    """Offline as well, where the collector is on this machine."""
    hearers: list[Any] = []
    with receiving() as receiver:
        metrics = replace(settings.metrics, otlp_url=f"{receiver.url}/v1/metrics", every_s=3600.0)
        with publishing(replace(settings, metrics=metrics, offline=True), SystemClock(), hearers):
            for hear in hearers:
                hear([work(3)])
        assert [one.path for one in receiver.got] == ["/v1/metrics", "/v1/traces"]
    assert hearers == []
    assert len(spans(receiver)) == 1
    assert requests_made(settings.shared_state) == {("otlp", "2xx"): 2}
