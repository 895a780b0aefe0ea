"""The live screen: it fits every terminal, says the same as status, and gives the terminal back."""

from __future__ import annotations

import io
import json
import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from rich.console import Console

from dl_lit.app.now.forecast import Eta
from dl_lit.app.now.snapshot import Snapshot, snapshot
from dl_lit.cli import cli
from dl_lit.cli.live.drawing import PAGES, Room, drawn
from dl_lit.cli.live.history import History
from dl_lit.cli.live.lines import Lines
from dl_lit.core.conditions import Ailment, Condition
from dl_lit.core.model import StageName
from dl_lit.settings import load
from tests.fakes.databases import ON_POSTGRES, database_in
from tests.fakes.pulses import RESTING, at_work, language, model, pulse_at, service
from tests.fakes.scenario import NOON, Scenario, typical

ROOT = Path(__file__).parents[3]
DOWN = Condition(
    ailment=Ailment.SERVICE_DOWN, subject="crossref", says="crossref does not answer", remedy="wait", since=NOON - 70
)
PAUSED = Condition(ailment=Ailment.STAGE_PAUSED, subject="download", says="paused by ada", remedy="", since=NOON)


@pytest.fixture
def filled(tmp_path: Path) -> Iterator[Scenario]:
    with Scenario(tmp_path) as one:
        typical(one)
        yield one


@pytest.fixture
def now(filled: Scenario) -> Snapshot:
    """A busy moment with something wrong."""
    settings = load(env={"HOME": str(filled.path.parent), "DL_LIT_DB": str(filled.path)}).settings
    hands = replace(RESTING, waiting=12_345, running=2, busy=2, workers=2, done=3, per_minute=97.0)
    pulse = pulse_at(filled.clock.at, {StageName.DOWNLOAD: hands}, conditions=(DOWN, PAUSED))
    found = snapshot(settings, filled.clock, recent=20, pulse=pulse)
    services = (
        service(breaker="open", breaker_until="2026-11-22T13:00:00+00:00"),
        service(service="openalex", credits_per_day=1_000, credits_left=120, requests_today=900),
        *found.services,
    )
    return replace(found, services=services, eta=Eta(51_000.0, "waits for openalex's credits"))


def screen(now: Snapshot, columns: int, rows: int, *, page: str = "services", plain: bool = False) -> list[str]:
    """The lines of a terminal that shows it."""
    file = io.StringIO()
    console = Console(file=file, width=columns, height=rows, force_terminal=True, color_system=None)
    history = History(every_s=1.0)
    for second in range(4):
        history.add(replace(now, at=now.at + second))
    console.print(drawn(now, Room(columns, rows, plain), page=page, history=history, keys="q quit"))
    return file.getvalue().rstrip("\n").split("\n")


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(("columns", "rows"), [(40, 12), (60, 20), (80, 24), (120, 30), (200, 60)])
def test_the_screen_is_exactly_as_large_as_the_terminal(now: Snapshot, columns: int, rows: int, page: str) -> None:
    lines = screen(now, columns, rows, page=page)
    assert len(lines) == rows
    assert all(len(line) <= columns for line in lines)
    assert "degraded" in lines[0]
    assert any("crossref does not answer" in line for line in lines)


def test_a_usual_terminal_shows_what_matters(now: Snapshot) -> None:
    text = "\n".join(screen(now, 80, 24))
    for said in ("all done in 14 h 10 min", "12,345", "97", "bottleneck download", "breaker open", "120"):
        assert said in text
    wide = "\n".join(screen(now, 150, 40))
    assert "why things failed" in wide
    assert "2/2" in wide
    assert "no-oa-location" in wide
    assert "for 70 s" in wide
    idle = replace(now, pulse=None, conditions=(), bottleneck=None)
    assert "nothing is at work" in "\n".join(screen(idle, 80, 24, page="process"))


def test_a_rest_that_ends_on_another_day_says_so(now: Snapshot) -> None:
    """And in which zone: half a day is nothing unusual."""
    parked = service(service="openalex", parked_until="2026-11-23T00:00:00+00:00", parked_for="budget-exhausted")
    text = "\n".join(screen(replace(now, services=(parked,)), 200, 40))
    assert "rests until tomorrow 00:00 UTC (budget-exhausted)" in text


def test_the_language_model_is_shown_where_one_is_set(now: Snapshot) -> None:
    """First among the services with what today took, and with the rest on the page of the process."""
    assert now.pulse is not None
    busy = replace(now, model=model(), pulse=replace(now.pulse, language=language()))
    for columns in (60, 80, 150):
        (row,) = [line for line in screen(busy, columns, 30) if "language model" in line]
        assert row.split("language model")[1].split()[:2] == ["12", "2"]
    text = "\n".join(screen(busy, 150, 40, page="process"))
    assert "85% from the provider's prompt cache" in text
    refused = replace(now, model=model(), pulse=replace(now.pulse, language=language(key_trouble="no such key")))
    assert "no such key" in "\n".join(screen(refused, 80, 30))
    gone = replace(now, model=model(is_budget_gone=True), pulse=None)
    assert "budget of the day gone" in "\n".join(screen(gone, 120, 30))
    assert not any("language model" in line for line in screen(now, 150, 40))


def test_a_terminal_without_unicode_gets_ascii_for_what_is_drawn(now: Snapshot) -> None:
    bars = [line for line in screen(now, 150, 40, plain=True) if line.startswith((" extraction", " download"))]
    assert all(line.isascii() for line in bars)


def test_lines_say_what_begins_and_ends_once(now: Snapshot) -> None:
    lines = Lines()
    first = list(lines.of(now))
    assert first[:2] == ["degraded: crossref does not answer (wait)", "notice: paused by ada"]
    assert first[2].split("  ")[1] == "degraded"
    assert len(list(lines.of(now))) == 1
    assert next(lines.of(replace(now, conditions=(PAUSED,)))) == "over: crossref does not answer"


def run(filled: Scenario, *arguments: str, **more: str) -> Result:
    env = {"HOME": str(filled.path.parent), "DL_LIT_DB": str(filled.path), **more}
    return CliRunner(env=env).invoke(cli, ["status", *arguments])


def test_check_ends_as_monitoring_wants_it(filled: Scenario, tmp_path: Path) -> None:
    """In one line each: well, degraded, broken, and what cannot be told."""
    well = run(filled, "--check")
    assert (well.exit_code, well.stdout) == (
        0,
        "dl-lit OK: 1 waiting | extraction=0 enrichment=1 queueing=0 download=0\n",
    )
    endings = [((PAUSED,), 0, "OK"), ((DOWN,), 1, "WARNING"), ((DOWN,), 2, "CRITICAL")]
    for conditions, code, word in endings[:2] if ON_POSTGRES else endings:  # silence is by the server's clock there
        at = time.time() - (60.0 if code == 2 else 0.0)  # the last one has been silent for a minute
        with at_work(filled.path, filled.clock, pulse_at(at, conditions=conditions, pid=os.getpid())):
            told = run(filled, "--check")
        assert (told.exit_code, told.stdout.split(":")[0]) == (code, f"dl-lit {word}")
    unknown = CliRunner().invoke(cli, ["status", "--check", "--db", str(database_in(tmp_path, "none.db"))])
    assert (unknown.exit_code, unknown.stdout.split(":")[0]) == (3, "dl-lit UNKNOWN")
    assert run(filled, "--check", "--json").exit_code == 2


def test_status_tells_people_and_programs_of_the_process_at_work(filled: Scenario) -> None:
    hands = replace(RESTING, waiting=1, running=1, busy=2, resting="disk low")
    pulse = pulse_at(time.time(), {StageName.ENRICHMENT: hands}, conditions=(DOWN,), pid=os.getpid())
    with at_work(filled.path, filled.clock, pulse):
        text = run(filled).stdout
        found = json.loads(run(filled, "--json").stdout)
    assert "degraded: crossref does not answer (service-down, for" in text
    assert "enrichment rests: disk low" in text
    assert "everything waits for enrichment: disk low" in text
    assert (found["health"], found["stages"][1]["running"], found["language"]) == ("degraded", 1, None)
    assert "language model" not in text


def test_status_tells_of_the_language_model_where_one_is_set(filled: Scenario) -> None:
    on = {"DL_LIT_LLM_PROVIDER": "ollama", "DL_LIT_LLM_MODEL": "reader-1"}
    with at_work(filled.path, filled.clock, pulse_at(time.time(), language=language(), pid=os.getpid())):
        text = run(filled, **on).stdout
        found = json.loads(run(filled, "--json", **on).stdout)["language"]
    assert "language model: ollama/reader-1\n  asked for " in text
    assert "at most 7 at once" in text
    assert (found["model"], found["process"]["use"]["most_in_flight"]) == ("ollama/reader-1", 7)
    assert found["process"]["sections"]["splits"]["limit"] == 5


def test_the_live_screen_ends_with_q_and_gives_the_terminal_back(filled: Scenario) -> None:
    """On a real terminal, in a process of its own: alternate screen in and out, keys understood, exit code 0."""
    outer, inner = pty.openpty()
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONSAFEPATH": "1", "TERM": "xterm", "DL_LIT_DB": str(filled.path)}
    with subprocess.Popen(
        [sys.executable, "-m", "dl_lit", "status", "--watch"], env=env, stdin=inner, stdout=inner, stderr=inner
    ) as process:
        os.close(inner)
        shown = _read_until(outer, b"services")
        os.write(outer, b"2")
        shown += _read_until(outer, b"latest")
        os.write(outer, b"q")
        shown += _read_until(outer, None)
        os.close(outer)
        assert process.wait(timeout=30) == 0
    assert shown.index(b"\x1b[?1049h") < shown.rindex(b"\x1b[?1049l")
    assert b"nothing is at work" in shown


def _read_until(outer: int, said: bytes | None) -> bytes:
    """What the terminal is sent until `said`; all that is left for None."""
    shown, deadline = b"", time.monotonic() + 30
    while (said is None or said not in shown) and time.monotonic() < deadline:
        if select.select([outer], [], [], 1.0)[0]:
            try:
                block = os.read(outer, 65_536)
            except OSError:  # how Linux says that the other end is closed
                break
            shown += block
    return shown
