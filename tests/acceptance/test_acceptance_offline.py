"""Offline nothing leaves the machine, and the next run that may use the network does the rest."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from tests.fakes.databases import ON_POSTGRES
from tests.fakes.program import Home, Papers, replica_of, write_papers


@pytest.fixture(scope="module")
def few_papers(tmp_path_factory: pytest.TempPathFactory) -> Papers:
    """Two papers of five entries each; every work is open."""
    return write_papers(tmp_path_factory.mktemp("few"), sources=2, entries=5)


def test_an_offline_run_ends_at_once_and_the_next_one_does_the_rest(
    few_papers: Papers, make_home: Callable[..., Home]
) -> None:
    """PDFs are read, nothing is asked or connected to, no attempt is spent; a plain run afterwards finishes.

    What was asked then is not asked again for another database of the machine.
    """
    with replica_of(few_papers.records) as replica:
        home = make_home(replica)
        begun = time.monotonic()
        offline = home.process_here(few_papers.folder, "--offline")
        assert time.monotonic() - begun < 40
        assert offline.code == 3, offline.err
        assert offline.document["references"] == few_papers.size * 2 == offline.document["waiting_for_network"]
        assert offline.document["requests"] == {}
        assert home.here("ledger", "--json").document["total"]["requests"] == 0
        assert replica.log.entries() == []
        again = home.process_here(few_papers.folder, OFFLINE="1")
        assert (again.code, again.document["requests"]) == (3, {})
        assert home.rows("SELECT max(attempts), min(last_reason), max(last_reason) FROM no_metadata") == [
            (0, "offline", "offline")
        ]
        online = home.process_here(few_papers.folder)
        assert online.code == 0, online.err
        assert online.document["downloaded"] == len(few_papers.records)
        assert online.document["waiting_for_network"] == 0
        told = home.here("ledger", "--by", "service", "--json").document
        by_service = {line["key"]: line["requests"] for line in told["lines"]}
        assert told["total"]["requests"] == len(replica.log.entries()), "the ledger knows what the web has seen"
        assert by_service["files"] >= online.document["downloaded"]
        asked = online.document["requests"]
        assert {name: by_service[name] for name in asked if name != "arxiv"} == {
            name: number
            for name, number in asked.items()
            if name != "arxiv"  # whose PDFs are files
        }
        assert home.broken() == []
        if ON_POSTGRES:
            return  # what was asked is remembered in the database, by all hosts
        # The cache belongs to the machine: a second library of the same papers is recognised offline.
        second, shared = make_home(replica, "second"), {"CACHE_FOLDER": home.folder / "cache"}
        told = second.process_here(few_papers.folder, "--offline", **shared).document
        assert told["requests"] == {}
        assert told["resolved"] == len(few_papers.records)
        assert sum(told["remembered"].values()) > 0
        assert told["waiting_for_network"] == len(few_papers.records)  # their files
        assert second.process_here(few_papers.folder, **shared).document["downloaded"] == len(few_papers.records)
        assert second.broken() == []
