"""A start may be because something was mended: what waits for an outage, or for a page that lied, is due at once."""

from __future__ import annotations

from pathlib import Path

from dl_lit.app.workshop import Workshop
from dl_lit.core.model import StageName
from dl_lit.core.reasons import Reason
from dl_lit.settings import load
from tests.fakes.scenario import Scenario


def test_a_start_takes_up_at_once_what_waits_for_a_bad_answer(tmp_path: Path) -> None:
    """As a captive portal's pages leave it behind; a budget that is spent is waited for all the same."""
    with Scenario(tmp_path) as scenario:
        lied, spent = scenario.extract(scenario.add("one.pdf")[0], ["A", "B"])
        scenario.snooze(StageName.ENRICHMENT, lied, Reason.BAD_ANSWER, after=1e9)
        scenario.snooze(StageName.ENRICHMENT, spent, Reason.BUDGET_EXHAUSTED, after=1e9)
    env = {
        **{name: str(tmp_path) for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME")},
        "XDG_CACHE_HOME": str(tmp_path),
        "DL_LIT_DB": str(scenario.path),
        "DL_LIT_LIBRARY": str(scenario.library),
    }
    with Workshop(load(config=None, env=env).settings, "test") as shop:
        claims = shop.store.claim(StageName.ENRICHMENT, 10)
        assert [claim.id for claim in claims] == [lied]
        shop.store.release(claims)
