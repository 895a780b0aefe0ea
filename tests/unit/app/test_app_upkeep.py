"""What is kept only for some time goes when its time is over."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from dl_lit.app.care.upkeep import EVERY_S, Upkeep, tidy
from dl_lit.core.model import StageName
from dl_lit.core.reasons import Reason
from dl_lit.settings import load
from dl_lit.settings.daemon import RetentionSettings
from tests.fakes.scenario import NOON, Scenario, typical

DAY_S = 86_400.0


def test_old_drafts_and_attempts_go_and_young_ones_stay(tmp_path: Path) -> None:
    """Nothing else beside the database is touched, whatever its age."""
    with Scenario(tmp_path) as scenario:
        typical(scenario)
        scenario.sql("UPDATE attempts SET started_at = '2026-01-01T00:00:00+00:00'")
        scenario.sql("INSERT INTO attempts SELECT id + 1000, stage, item_id, 2, 'retry', reason, detail, "
                     "'2026-11-21T00:00:00+00:00', 1.0, NULL FROM attempts WHERE id = 1")  # fmt: skip
        base = scenario.path.name
        names = (f"{base}.pulse.77.new", f"{base}.9.restoring", f"{base}.before-0005-to-0006.x", "other.new")
        for name in (*names, f"{base}.pulse.78.new"):
            (tmp_path / name).touch()
        for name in names:
            os.utime(tmp_path / name, (NOON - 3 * DAY_S,) * 2)
        os.utime(tmp_path / f"{base}.pulse.78.new", (NOON - DAY_S,) * 2)
        settings = replace(load().settings, database=scenario.path, retention=RetentionSettings(attempts_days=30))
        assert tidy(settings, scenario.clock) == {"attempts": 1, "runs": 0, "uploads": 0, "drafts": 2}
        assert {name for name in (*names, f"{base}.pulse.78.new") if (tmp_path / name).exists()} == {
            *names[2:],
            f"{base}.pulse.78.new",
        }
        assert tidy(settings, scenario.clock) == {"attempts": 0, "runs": 0, "uploads": 0, "drafts": 0}


def test_it_is_looked_after_at_the_first_look_and_then_every_hour(tmp_path: Path) -> None:
    """A daemon that is switched off each evening, or started again and again, tidies as well."""
    with Scenario(tmp_path) as scenario:
        settings = replace(load().settings, database=scenario.path, retention=RetentionSettings())
        upkeep = Upkeep(lambda: settings, scenario.clock, lambda: False)
        draft = tmp_path / f"{scenario.path.name}.pulse.77.new"

        def is_gone() -> bool:
            draft.touch()
            os.utime(draft, (NOON - 3 * DAY_S,) * 2)
            upkeep.look()
            return not draft.exists()

        assert (is_gone(), is_gone()) == (True, False)
        scenario.clock.at += EVERY_S
        assert (is_gone(), is_gone()) == (True, False)


def test_nothing_goes_where_everything_is_kept_for_ever(tmp_path: Path) -> None:
    """0 days mean for ever."""
    with Scenario(tmp_path) as scenario:
        retention = RetentionSettings(attempts_days=0, runs_days=0, uploads_days=0, temporary_days=0)
        assert tidy(replace(load().settings, database=scenario.path, retention=retention), scenario.clock) == {}


def test_uploads_go_some_time_after_they_were_read(tmp_path: Path) -> None:
    """Those not read yet stay, those that could not be read, and files of others."""
    with Scenario(tmp_path) as scenario:
        names = ("1/read.pdf", "2/waiting.pdf", "3/locked.pdf", "4/late.pdf")
        ids = scenario.add(*names)
        scenario.sql(f"UPDATE sources SET path = replace(path, '/inbox', '{tmp_path}/uploads')")
        for name in (*names, "5/stray.pdf"):
            (tmp_path / "uploads" / name).parent.mkdir(parents=True)
            (tmp_path / "uploads" / name).touch()
        scenario.extract(ids[0], ["A title"])
        scenario.reject(StageName.EXTRACTION, ids[2], Reason.ENCRYPTED_PDF)
        settings = replace(load().settings, database=scenario.path, retention=RetentionSettings(uploads_days=30))
        scenario.clock.at += 20 * DAY_S
        scenario.extract(ids[3], ["Another"])
        scenario.clock.at += 11 * DAY_S
        assert tidy(settings, scenario.clock)["uploads"] == 1
        left = {path.relative_to(tmp_path / "uploads").as_posix() for path in (tmp_path / "uploads").glob("*/*")}
        assert left == {*names[1:], "5/stray.pdf"}
        assert not (tmp_path / "uploads" / "1").exists()
