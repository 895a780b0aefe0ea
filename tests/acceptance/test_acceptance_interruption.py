"""Runs that are asked to end in the middle of their work, and the runs after them.

Those that are killed: tests/integration/test_proofs_crash_short.py.
"""

from __future__ import annotations

import signal
import time
from collections import Counter
from collections.abc import Callable

import pytest

from dl_lit.replica.server import Replica
from tests.fakes.program import Home, Papers, Picture, home_at, replica_of, until

BUSY = {"WORKERS_DOWNLOAD": 4}


@pytest.fixture(scope="module")
def undisturbed(four_papers: Papers, tmp_path_factory: pytest.TempPathFactory) -> Picture:
    """What a run leaves that is left alone."""
    with replica_of(four_papers.records) as replica, home_at(tmp_path_factory.mktemp("calm"), replica) as home:
        assert home.process_here(four_papers.folder).code == 0
        return home.picture()


def files_sent(replica: Replica) -> Counter[str]:
    """How often each file was sent whole."""
    return Counter(
        f"http://{one.host}{one.target}" for one in replica.log.entries() if one.kind == "pdf" and one.status == 200
    )


def test_sigterm_ends_a_busy_run_and_the_next_one_goes_on(
    four_papers: Papers, undisturbed: Picture, make_home: Callable[..., Home]
) -> None:
    """130 within the grace period, nothing half done; the next run fetches only what is missing."""
    with replica_of(four_papers.records) as replica:
        rough = make_home(replica, **BUSY, ENGINE_GRACE_S=3)
        program = rough.start("process-folder-concurrent", four_papers.folder, "--json", "--quiet")
        until(lambda: len(rough.items(stage="download", outcome="done")) >= 5, "five files")
        asked = time.monotonic()
        program.signal()
        ended = program.end()
        assert time.monotonic() - asked < 3 + 20
        assert ended.code == 130, ended.err
        assert ended.document["interrupted"] is True
        assert 5 <= ended.document["downloaded"] < len(four_papers.records)
        assert rough.leftovers() == []
        assert rough.broken() == []
        kept = [url for (url,) in rough.rows("SELECT url_source FROM downloaded_references")]
        again = rough.process_here(four_papers.folder)
        assert again.code == 0, again.err
        assert again.document["interrupted"] is False
        assert rough.picture() == undisturbed
        assert len(kept) == ended.document["downloaded"]
        assert {files_sent(replica)[url] for url in kept} == {1}, "a file that was there was fetched again"
        assert rough.broken() == []


@pytest.mark.parametrize(
    ("command", "told"),
    [("process-folder-concurrent", ("interrupted", True)), ("watch-folder-concurrent", ("clean", False))],
)
def test_a_second_signal_ends_at_once(
    two_papers: Papers, make_home: Callable[..., Home], command: str, told: tuple[str, bool]
) -> None:
    """However long the grace period and the answers are; what was in hand is done again by the next run."""
    with replica_of(two_papers.records, latency_s=100.0) as replica:
        home = make_home(replica, ENGINE_GRACE_S=60)
        program = home.start(command, two_papers.folder, "--json")
        until(lambda: home.items(stage="extraction") and replica.in_flight, "the first request")
        program.signal(signal.SIGINT)
        time.sleep(0.3)
        assert program.process.poll() is None, "the grace period was not kept"
        asked = time.monotonic()
        program.signal(signal.SIGINT)
        ended = program.end()
        assert time.monotonic() - asked < 30, "half the grace period, a third of an answer"
        assert ended.code == 130, ended.err
        assert told in ended.document.items()
        assert home.broken() == []
