"""The heart of a real run: what it writes down, what it logs, and whom it tells at the end."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from dl_lit.app.now.heart import IDLE_BEAT_S, Heart, beating
from dl_lit.app.now.pulse import last_pulse, read_pulse
from dl_lit.app.run import Progress, run_once
from dl_lit.app.workshop import Workshop
from dl_lit.core.conditions import Ailment
from dl_lit.core.model import StageName
from dl_lit.settings import Settings, load
from tests.fakes.engine import ManualClock


class NeverStop:
    def should_stop(self) -> bool:
        return False

    def should_hurry(self) -> bool:
        return False


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A run that can ask nobody, and tells a program that keeps what it hears."""
    env = {
        "HOME": str(tmp_path),
        "DL_LIT_DB": str(tmp_path / "dl-lit.db"),
        "DL_LIT_LIBRARY": str(tmp_path / "library"),
        "DL_LIT_OFFLINE": "true",
        "DL_LIT_NOTIFY_COMMAND": f"sh -c 'cat > {tmp_path}/told.$DL_LIT_EVENT'",
    }
    return load(env=env).settings


def test_a_run_tells_how_it_is_and_at_its_end_what_came_of_it(settings: Settings, tmp_path: Path) -> None:
    """Even of a single file that is none: the batch is told with its reason."""
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"no PDF at all")
    moments: list[Progress] = []
    with Workshop(settings, "process-pdf-concurrent broken.pdf") as shop:
        run_once(shop, [broken], NeverStop(), on_progress=moments.append)
    last = last_pulse(settings.database)
    assert last is not None
    assert (last.pid, last.command, last.is_stopping) == (os.getpid(), "process-pdf-concurrent broken.pdf", True)
    assert last.stages[StageName.EXTRACTION].failed == {"not-a-pdf": 1}
    assert last.memory_mb > 10
    assert moments[-1].pulse.pid == os.getpid()
    told = json.loads((tmp_path / "told.batch").read_text())
    assert told["batch"]["failed"]["extraction"] == {"not-a-pdf": 1}
    assert "1 could not be read" in told["says"]


def test_a_heart_beats_slowly_at_rest_and_tells_what_begins_and_ends(settings: Settings) -> None:
    """Each once in the log; since when outlives the process."""
    clock = ManualClock()
    with Workshop(settings, "watch-folder-concurrent /in", clock=clock) as shop, capture_logs() as logs:
        heart = Heart(shop, shop.pipeline())
        heart.beat()
        began = heart.pulse.at
        clock.advance(1.0)
        heart.beat_if_due()
        heart.beat_if_due()
        clock.advance(1.0)
        heart.beat_if_due()
        assert heart.pulse.at == began + 1.0  # the first look of its own; then nothing has happened
        clock.advance(IDLE_BEAT_S)
        heart.beat_if_due()
        assert heart.pulse.at == clock.time()
        shop.complaints.make(Ailment.CONTROL_CLOSED, says="the port is taken")
        heart.beat_if_due()
        since = clock.time()
        assert [one.ailment for one in heart.pulse.conditions] == [Ailment.CONTROL_CLOSED]
        heart.beat()
        assert read_pulse(settings.database) == heart.pulse
        heart.close()
        clock.advance(20.0)
        again = Heart(shop, shop.pipeline())
        again.beat()
        assert [one.since for one in again.pulse.conditions] == [since]
        shop.complaints.settle(Ailment.CONTROL_CLOSED)
        clock.advance(10.0)
        again.beat()
        again.close()
    said = [(one["event"], one["log_level"]) for one in logs if str(one["event"]).startswith("condition")]
    assert said == [("condition", "warning"), ("condition_over", "info")]


def test_the_last_beat_comes_when_everything_else_has_ended(settings: Settings) -> None:
    with Workshop(settings, "demo") as shop:
        with beating(shop, shop.pipeline()) as heart:
            assert read_pulse(settings.database) is not None
            heart.control = "unix:/run/x"
            heart.stopping()
        last = read_pulse(settings.database)
    assert last is not None
    assert (last.control, last.is_stopping) == ("unix:/run/x", True)


def test_nothing_is_written_where_the_database_was_while_its_disk_is_away(tmp_path: Path) -> None:
    """What is written below a mount point stays there, unseen."""
    settings = load(env={"HOME": str(tmp_path), "DL_LIT_DB": str(tmp_path / "disk" / "a.db"),
                         "DL_LIT_LIBRARY": str(tmp_path / "library"), "DL_LIT_OFFLINE": "true"}).settings  # fmt: skip
    disk = tmp_path / "disk"
    with Workshop(settings, "watch-folder-concurrent /in") as shop:
        heart = Heart(shop, shop.pipeline())
        heart.beat()
        disk.rename(tmp_path / "away")
        disk.mkdir()
        heart.beat()
        assert list(disk.iterdir()) == []
        disk.rmdir()
        (tmp_path / "away").rename(disk)
        heart.close()
