"""`--dry-run`: what is told beforehand bounds what a run then asks, and the next plan knows what the run learnt."""

from __future__ import annotations

from collections.abc import Callable

from tests.fakes.program import Home, Papers, replica_of


def test_a_run_keeps_to_its_plan_and_the_next_plan_needs_less(
    two_papers: Papers, make_home: Callable[..., Home]
) -> None:
    """No service is asked more often than was told at most; known works and remembered answers are taken off."""
    with replica_of(two_papers.records, latency_s=0.0) as replica:
        home = make_home(replica)
        planned = home.process_here(two_papers.folder, "--dry-run").document
        assert planned["references"] == len(two_papers.records)
        assert planned["requests"]["expected"] <= planned["requests"]["at_most"]
        assert planned["budget"]["fits"]
        assert replica.log.entries() == []
        ended = home.process_here(two_papers.folder)
        assert ended.code == 0, ended.out
        for service, asked in ended.document["requests"].items():
            assert asked <= planned["services"][service]["requests"]["at_most"], service
        again = home.process_here(two_papers.folder, "--dry-run").document
        assert again["without_request"]["known"] > 0
        assert again["remembered_answers"] > 0
        assert again["requests"]["at_most"] < planned["requests"]["at_most"]
        told = home.here("process-folder-concurrent", two_papers.folder, "--dry-run").out
        assert "fits into today's budget" in told
        assert "Nothing was asked of anybody" in told
