"""The most dangerous downloads through the real stages: nothing wrong gets into the library, nobody breaks out."""

from __future__ import annotations

from pathlib import Path

import structlog
from benchmarks.traps_run import outcome_of

from dl_lit.replica.traps import CASES

DANGEROUS = (
    "plain",
    "third-location",
    "resumed",
    "html-as-pdf",
    "polyglot-html",
    "other-work",
    "part-one-for-part-two",
    "cover-with-other-work",
    "erratum",
    "supplement",
    "translated-title-without-doi",
    "challenge-in-200",
    "robots-forbid-files",
    "gzip-bomb",
    "too-large-unannounced",
    "redirect-second-hop",
    "integer",
    "rebinding",
)


def test_the_most_dangerous_traps_end_as_they_have_to(tmp_path: Path) -> None:
    """The whole corpus is `scripts/bench traps`."""
    chosen = [case for case in CASES if case.name in DANGEROUS]
    assert len(chosen) == len(DANGEROUS)
    with structlog.testing.capture_logs():
        ended, conduct = outcome_of(chosen, tmp_path, gap_s=0.1)
    assert {one.case.name: str(one.got) for one in ended} == {case.name: str(case.end) for case in chosen}
    assert [one.case.name for one in ended if one.is_wrongly_accepted] == []
    assert (conduct["canary"], conduct["robots_violations"], conduct["repeated"]) == (0, 0, 0), conduct
    assert conduct["replica_problems"] == []
