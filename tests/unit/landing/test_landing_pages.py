"""The finder on the benchmark's pages: what is right is found, and nothing else is taken."""

from __future__ import annotations

import pytest
from benchmarks import landing_holdout, landing_last, landing_later, landing_pages, landing_recorded
from benchmarks.landing import figures, run

CASES = [*landing_pages.cases(), *landing_holdout.cases(), *landing_later.cases(), *landing_last.cases()]


def test_a_page_gives_its_own_file_and_no_other() -> None:
    outcomes = run(CASES)
    assert len(outcomes) == len(CASES)
    amiss = [one for one in outcomes if (one.is_found, one.wrong) != (True, ())]
    assert {one.case.name: (one.answer, one.wrong) for one in amiss} == {}


@pytest.mark.shared
def test_recorded_pages_are_read() -> None:
    cases = landing_recorded.cases()
    if not cases:
        pytest.skip("no ../shared")
    assert figures(run(cases)) == {"pages": 2, "found": 2, "found_ratio": 1.0, "wrong_link": 0}
