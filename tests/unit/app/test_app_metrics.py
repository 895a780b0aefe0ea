"""The metrics: well formed, complete, and the same from whichever process they are asked of."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from db.ledger.store import DiskLedger
from dl_lit.app.metrics import Metrics
from dl_lit.app.metrics.of_process import of_process
from dl_lit.core.clock import SystemClock
from dl_lit.core.conditions import Ailment, Condition
from dl_lit.core.memory import Departure, Ending
from dl_lit.core.model import StageName
from dl_lit.core.pulse import FolderPulse, Pulse, ServicePulse, StagePulse
from dl_lit.settings import Settings, load
from dl_lit.web.metrics import rendered
from tests.fakes.databases import ON_POSTGRES
from tests.fakes.exposition import Family, read
from tests.fakes.pulses import at_work, language
from tests.fakes.scenario import Scenario, typical

ROOT = Path(__file__).parents[3]
LABELS = {
    *("stage", "reason", "class", "service", "code_class", "limit", "ailment", "severity", "version", "le"),
    *("task", "trouble", "kind", "work"),
}
AGREED = {
    *("dl_lit_items", "dl_lit_attempts_total", "dl_lit_stage_duration_seconds", "dl_lit_http_requests_total"),
    *("dl_lit_budget_remaining_dollars", "dl_lit_oldest_pending_timestamp_seconds", "dl_lit_disk_free_bytes"),
    *("dl_lit_last_success_timestamp_seconds", "dl_lit_build_info"),
}
MODEL = {
    "DL_LIT_LLM_PROVIDER": "ollama", "DL_LIT_LLM_MODEL": "reader-1", "DL_LIT_LLM_REQUESTS_PER_DAY": "9",
    "DL_LIT_LLM_DOLLARS_PER_DAY": "2",
}  # fmt: skip
STAGE = StagePulse(
    waiting=3, queued=1, running=2, workers=4, workers_least=2, workers_most=8, done=5, busy_s=7.5, busy=2,
    paused="by ada", stalled_s=3.0, per_minute=1.5,
)  # fmt: skip
PULSE = Pulse(
    pid=os.getpid(), command="watch", began_at=time.time() - 60, at=time.time(), memory_mb=2.0, disk_free_mb=9e9,
    stages={StageName.DOWNLOAD: STAGE},
    services={
        "crossref": ServicePulse(requests=3, waiting=3, waited_s=9.0, waited_for={"rate": 8.0}, waiting_for={"rate": 2},
                                 held_by={"enrichment": 1}, turned_away={"rate-limited": 4}),
        "openalex": ServicePulse(requests=1, waiting=0, waited_s=0.5),
    },
    folders=(
        FolderPulse(path="/a", use="sources", how="polling", blind="gone", unfinished=2, taken=3),
        FolderPulse(path="/b", use="hand-in", how="events", taken=4),
    ),
    language=language(),
    conditions=(
        Condition(ailment=Ailment.WATCHER_BLIND, subject="/a", says="it is gone", remedy="", since=0.0),
    ),
)  # fmt: skip


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    """A database as it usually is, and a ledger with two requests."""
    with Scenario(tmp_path) as scenario:
        typical(scenario)
        book = DiskLedger(scenario.path if ON_POSTGRES else tmp_path / "state", SystemClock(), keep_days=400)
        for ending in (Ending.OK, Ending.OK, Ending.REFUSED):
            book.note(
                Departure(host="h", purpose="crossref", method="GET", ending=ending, sent_bytes=1, received_bytes=1)
            )
        book.close()
        options = {
            "database": scenario.path, "library": tmp_path / "library", "state_folder": tmp_path / "state",
        }  # fmt: skip
        yield load(
            env={"HOME": str(tmp_path), **MODEL}, options={name: ("-", str(one)) for name, one in options.items()}
        ).settings


def asked(settings: Settings) -> dict[str, Family]:
    return read(rendered(Metrics(settings, SystemClock()).gathered()))


def number(family: Family, **labels: str) -> float:
    return family.samples[tuple(sorted([*((key.rstrip("_"), value) for key, value in labels.items()), ("", "")]))]


def test_without_a_process_the_database_tells_all_that_is_agreed(settings: Settings) -> None:
    """The names that people build alerts on, under few labels."""
    found = asked(settings)
    assert set(found) >= AGREED
    assert number(found["dl_lit_items"], stage="enrichment") == 1
    assert number(found["dl_lit_http_requests_total"], service="crossref", code_class="2xx") == 2
    assert number(found["dl_lit_http_requests_total"], service="crossref", code_class="4xx") == 1
    assert number(found["dl_lit_budget_remaining_dollars"], service="openalex") == 0.1
    assert number(found["dl_lit_pipeline_running"]) == ON_POSTGRES  # there whoever has a store open is at work
    assert len(found["dl_lit_condition"].samples) == len(Ailment)
    assert {key for one in found.values() for labels in one.samples for key, _ in labels} <= LABELS | {""}
    assert "dl_lit_workers" not in found


def test_a_process_at_work_tells_what_it_has_in_hand(settings: Settings) -> None:
    """Whoever asks, and in whatever process."""
    with at_work(settings.database, SystemClock(), PULSE):
        found = asked(settings)
    numbers = {
        name: number(found[f"dl_lit_{name}"])
        for name in (
            *("pipeline_running", "memory_bytes", "watched_folders", "watched_folders_blind"),
            *("watched_folders_polling", "watched_files_unfinished", "watched_files_taken_total", "stopping"),
        )
    }
    assert list(numbers.values()) == [1, 2_097_152, 2, 1, 1, 2, 7, 0]
    assert number(found["dl_lit_uptime_seconds"]) >= 60
    assert number(found["dl_lit_cpu_seconds_total"]) > 0
    assert number(found["dl_lit_open_fds"]) > 3
    of_stage = {
        name: number(found[f"dl_lit_{name}"], stage="download")
        for name in (
            *("workers", "workers_busy", "workers_least", "workers_most", "items_queued", "items_running"),
            *("stage_paused", "stage_stalled_seconds", "items_per_minute", "stage_busy_seconds_total"),
        )
    }
    assert list(of_stage.values()) == [4, 2, 2, 8, 1, 2, 1, 3.0, 1.5, 7.5]
    assert number(found["dl_lit_permit_wait_seconds_total"], service="crossref", limit="rate") == 8.0
    assert number(found["dl_lit_permit_wait_seconds_total"], service="openalex", limit="other") == 0.5
    assert number(found["dl_lit_permits_waiting"], service="crossref", limit="rate") == 2
    assert number(found["dl_lit_permits_waiting"], service="crossref", limit="other") == 1
    assert number(found["dl_lit_permits_held"], service="crossref", stage="enrichment") == 1
    assert number(found["dl_lit_permits_refused_total"], service="crossref", reason="rate-limited") == 4
    of_model = {
        name: number(found[f"dl_lit_model_{name}"])
        for name in ("requests_total", "in_flight_most", "order_violations_total", "prompt_cache_ratio")
    }
    assert list(of_model.values()) == [12, 7, 0, 0.85]
    assert number(found["dl_lit_model_tokens_total"], kind="cached") == 85_000
    assert number(found["dl_lit_model_troubles_total"], trouble="cut") == 1
    assert number(found["dl_lit_model_sections_most"], work="uploads") == 4
    assert number(found["dl_lit_condition"], ailment="watcher-blind", severity="degraded") == 1
    assert number(found["dl_lit_condition"], ailment="disk-low", severity="degraded") == 0


def test_a_process_that_has_just_ended_leaves_out_what_it_can_no_longer_tell() -> None:
    """No error, and no number that is not known."""
    gone = Pulse(pid=2**22 - 1, command="watch", began_at=5.0, at=6.0, stages={})
    found = {one.name: one for one in of_process(gone, 7.0)}
    assert found["dl_lit_uptime_seconds"].samples[0].value == 2.0
    assert "dl_lit_cpu_seconds_total" not in found


def test_the_documentation_lists_every_metric_and_no_other(settings: Settings) -> None:
    """With its kind and its labels."""
    with at_work(settings.database, SystemClock(), PULSE):
        found = asked(settings)
    found |= {name: one for name, one in asked(settings).items() if name not in found}
    text = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
    table = dict(re.findall(r"^\| `(dl_lit_[a-z_]+)` \| (\w+) \|", text, re.MULTILINE))
    sometimes = {"dl_lit_eta_seconds", "dl_lit_coverage_ratio", "dl_lit_last_success_timestamp_seconds"}
    assert set(found) <= set(table)
    assert set(table) - set(found) <= sometimes
    assert all(table[name] == one.kind for name, one in found.items())
