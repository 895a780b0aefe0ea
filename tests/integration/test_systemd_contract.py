"""The unit's contract: what systemd sends is understood, what it waits for is told, and only the wedged is killed."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from dl_lit.app.now.pulse import last_pulse
from tests.fakes.service_manager import ROOT, Manager, Unit

UNIT = ROOT / "systemd" / "dl-lit.service"
SAMPLE = ROOT / "tests" / "samples" / "pdfs" / "19-endnotes.pdf"
STUBBORN = """
import os, signal, socket, sys, time
manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
manager.connect(os.environ["NOTIFY_SOCKET"])
def end(*_):
    manager.send(b"STOPPING=1")
    manager.send(b"EXTEND_TIMEOUT_USEC=600000")
    time.sleep(0.4)
    sys.exit(0)
signal.signal(signal.SIGTERM, end if sys.argv[1] == "asks" else signal.SIG_IGN)
manager.send(b"READY=1")
time.sleep(30)
"""
Starter = Callable[..., Manager]


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Starter]:
    """Starts the unit as it is, but for drop-ins, below a folder as `scripts/install` makes it."""
    with ExitStack() as stack:

        def start(*, settings: str = "", variables: dict[str, str] | None = None, **drop_in: str) -> Manager:
            for folder in ("srv/dl-lit/inbox", "etc/dl-lit/credentials", "var/lib/dl-lit"):
                (tmp_path / folder).mkdir(parents=True)
            (tmp_path / "etc/dl-lit/credentials/core_key").write_text("a-secret-of-core\n")
            (tmp_path / "etc/dl-lit/config.toml").write_text(settings or "offline = true\n")
            quick = {"WatchdogSec": "1", "TimeoutAbortSec": "300ms", "RestartSec": "50ms", **drop_in}
            unit = Unit.read(UNIT, **quick)
            manager = Manager(unit, tmp_path, variables or {})
            stack.callback(manager.close)
            manager.start()
            return manager

        yield start


def ready(manager: Manager) -> Manager:
    manager.until(lambda: manager.state == "active", "READY=1")
    return manager


def test_it_is_ready_once_it_works_reloads_and_drains(started: Starter, tmp_path: Path) -> None:
    """READY, STATUS and WATCHDOG come of themselves; a hangup reloads; SIGTERM ends with 0 after STOPPING."""
    shared = "offline = true\n[watch]\nstable_s = 0.1\n"
    manager = ready(started(settings=shared))
    database = tmp_path / "var/lib/dl-lit/dl-lit.db"
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:  # migrated before it was ready
        assert connection.execute("SELECT count(*) FROM sources").fetchone() == (0,)
    assert manager.status == "nothing to do"
    shutil.copy(SAMPLE, tmp_path / "srv/dl-lit/inbox")
    manager.until(lambda: "entries waiting" in manager.status, "the count of what waits")
    assert sum("WATCHDOG" in one.fields for one in manager.told) >= 2

    config = tmp_path / "etc/dl-lit/config.toml"
    changed = "[engine]\nhigh_water = 1500\n[files]\nascii = false\n[notify]\ncommand = 'true'\n"
    changed += "[metrics]\ntextfile = '../../dl_lit.prom'\n"
    config.write_text(f"{shared.replace('0.1', '0.2')}{changed}")
    (tmp_path / "run/credentials/dl_lit_core_key").write_text("another-secret-of-core")
    manager.reload()
    taken = "engine.high_water, watch.stable_s, notify.command, metrics.textfile, services.core.key"
    assert manager.status == f"settings taken over: {taken}; wait for a restart: files.ascii"
    config.write_text("[engine]\nhigh_water = 'many'\n")
    manager.reload()
    assert manager.status.startswith("settings not taken over: engine.high_water")
    manager.until(lambda: _ailments(database) >= {"reload-failed", "restart-needed"}, "the conditions")

    assert manager.stop() == "exit-code 0"
    assert {"STOPPING", "EXTEND_TIMEOUT_USEC"} <= {name for one in manager.told for name in one.fields}
    assert (manager.state, manager.restarts, manager.refused) == ("inactive", 0, [])
    assert "secret" not in manager.log()
    assert "dl_lit_pipeline_running 0\n" in (tmp_path / "dl_lit.prom").read_text()  # written as the last thing


def _ailments(database: Path) -> set[str]:
    pulse = last_pulse(database)
    return {one.ailment.value for one in pulse.conditions} if pulse else set()


def test_what_is_slow_lives_and_what_is_wedged_is_started_again(started: Starter, tmp_path: Path) -> None:
    """Deaf services and a database in others' hands are no reason to kill; a process that stands still is."""
    with ExitStack() as stack:
        deaf = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        address = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        names = ("OPENALEX", "CROSSREF", "DATACITE", "EUROPEPMC", "PUBMED", "INSPIRE", "OPENCITATIONS", "DOI", "ARXIV")
        slow = {f"DL_LIT_{name}_URL": address for name in names} | {"DL_LIT_WATCH_STABLE_S": "0.1"}
        manager = ready(started(settings="[engine]\ngrace_s = 0.1\n", variables=slow, WatchdogSec="600ms"))
        database = tmp_path / "var/lib/dl-lit/dl-lit.db"
        shutil.copy(SAMPLE, tmp_path / "srv/dl-lit/inbox")
        manager.until(lambda: "entries waiting" in manager.status or _asked(deaf, stack), "a question in vain")
        lock = stack.enter_context(closing(sqlite3.connect(database, isolation_level=None)))
        lock.execute("BEGIN IMMEDIATE")
        manager.for_a_while(1.3)  # more than two watchdogs
        lock.execute("ROLLBACK")
        assert (manager.restarts, manager.results) == (0, [])

        os.kill(manager.main.pid, signal.SIGSTOP)
        manager.until(lambda: manager.restarts == 1, "another start")
        assert manager.results == ["watchdog"]
        ready(manager)


def _asked(deaf: socket.socket, stack: ExitStack) -> bool:
    deaf.settimeout(0.01)
    try:
        stack.enter_context(deaf.accept()[0])
    except TimeoutError:
        return False
    return True


def test_wrong_settings_are_no_reason_to_try_again(started: Starter) -> None:
    manager = started(settings="no_such_setting = 1\n")
    manager.until(lambda: manager.results, "the end")
    assert (manager.results, manager.state, manager.restarts) == (["exit-code 6"], "failed", 0)
    assert "no_such_setting" in manager.log()


def test_a_stop_that_hangs_is_cut_off_and_time_that_was_asked_for_is_given(tmp_path: Path) -> None:
    """The manager itself: it kills who overstays, and waits for who asks."""
    (tmp_path / "it.py").write_text(STUBBORN)
    ended = {}
    for how in ("asks", "hangs"):
        home = tmp_path / how
        for folder in ("etc/dl-lit/credentials", "var/lib/dl-lit"):
            (home / folder).mkdir(parents=True)
        command = f"/opt/dl-lit/.venv/bin/python {tmp_path}/it.py {how}"
        unit = Unit.read(UNIT, ExecStart=command, WatchdogSec="10", TimeoutStopSec="200ms", RestartSec="1h")
        manager = Manager(unit, home)
        manager.start()
        ready(manager)
        begun = time.monotonic()
        ended[how] = (manager.stop(), time.monotonic() - begun < 2.0)
        manager.close()
    assert ended == {"asks": ("exit-code 0", True), "hangs": ("timeout", True)}
