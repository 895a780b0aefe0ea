"""Whole runs: many papers at once, faults of all kinds, concurrently and one after the other, polite and dammed up."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import Counter, defaultdict
from collections.abc import Callable
from itertools import accumulate
from pathlib import Path

import pytest

from dl_lit.core.services import SERVICES
from dl_lit.demo.assets import broken_pdfs
from dl_lit.demo.pace import GAP_S
from dl_lit.replica.faults import Fault, FaultKind
from tests.fakes.program import Home, Papers, Program, replica_of, until, write_papers

HIGH, LOW = 8, 4
ROOMS = ("no_metadata", "with_metadata", "to_download_references")


@pytest.fixture(scope="module")
def many_papers(tmp_path_factory: pytest.TempPathFactory) -> Papers:
    """Twenty papers of two entries each: several times what all rooms hold."""
    return write_papers(tmp_path_factory.mktemp("many"), sources=20, entries=2)


def has_ended(program: Program, within_s: float) -> bool:
    try:
        program.process.wait(within_s)
    except subprocess.TimeoutExpired:
        return False
    return True


def test_many_papers_flow_through_small_rooms_in_printed_order(
    many_papers: Papers, make_home: Callable[..., Home]
) -> None:
    """No room fills beyond its high-water mark and what was in hand; rows and reports keep the printed order."""
    tight = {
        "ENGINE_HIGH_WATER": HIGH,
        "ENGINE_LOW_WATER": LOW,
        "ENGINE_QUEUE_SIZE": 1,
        "WORKERS_DOWNLOAD": 2,
        "WORKERS_QUEUEING": 4,
        "WORKERS_ENRICHMENT": 4,
        "WORKERS_EXTRACTION": 2,
    }
    # Hopper and workers of the stage before; those who come back for a search (three times the hopper's size) besides.
    in_hand = {"no_metadata": (1 + 2) * many_papers.size, "with_metadata": 1 + 3 + 4, "to_download_references": 1 + 4}
    with replica_of(many_papers.records, latency_s=0.5) as replica:
        home = make_home(replica, **tight)
        program = home.start("process-folder-concurrent", many_papers.folder, "--json", "--quiet")
        most: Counter[str] = Counter()
        until(lambda: home.items(stage="extraction"), "the first paper")
        counting = "SELECT " + ", ".join(f"(SELECT count(*) FROM {room})" for room in ROOMS)
        while not has_ended(program, within_s=0.015):
            (counted,) = home.rows(counting)
            most |= Counter(dict(zip(ROOMS, counted, strict=True)))
        ended = program.end()
    assert ended.code == 0, ended.err
    assert all(0 < most[room] <= HIGH + in_hand[room] for room in ROOMS), most
    assert most["to_download_references"] >= HIGH, "the room was never full: nothing is shown"
    assert ended.document["downloaded"] == len(many_papers.records)
    assert home.broken() == []
    reports = Path(ended.document["written"]["reports"]).parent
    for number in range(1, 21):
        ((source,),) = home.rows("SELECT id FROM sources WHERE path LIKE ?", f"%/paper-{number:03}.pdf")
        printed = [record["title"] for record in many_papers.of(number)]
        rows = home.rows("SELECT position, reference ->> '$.raw' FROM entries WHERE source_id = ? ORDER BY id", source)
        assert [position for position, _ in rows] == list(range(1, len(printed) + 1))
        assert all(title in raw for title, (_, raw) in zip(printed, rows, strict=True)), rows
        told = (reports / f"paper-{number:03}-{source}.html").read_text(encoding="utf-8")
        assert [told.index(title) for title in printed] == sorted(told.index(title) for title in printed)


def at(position: int, kind: FaultKind, **more: object) -> Fault:
    """The fault in the way of the file of the work at `position`."""
    return Fault(kind=kind, pattern=rf"/(?:article|10)/{position}/", **more)


FAULTS = (
    at(2, FaultKind.NOT_FOUND),  # its landing page links to that very file
    at(3, FaultKind.NOT_FOUND),
    at(4, FaultKind.HTML),
    at(5, FaultKind.SERVER_ERROR, first=1),
    at(6, FaultKind.TRUNCATED),
    at(7, FaultKind.WRONG_LENGTH),
    at(8, FaultKind.REDIRECT_LOOP),
    at(9, FaultKind.CHALLENGE),
    at(10, FaultKind.ENCRYPTED_PDF),
    at(11, FaultKind.LOGIN),
    at(12, FaultKind.EMPTY),
    at(13, FaultKind.REDIRECT_PRIVATE),
    at(14, FaultKind.FORBIDDEN),
)


def test_concurrent_and_sequential_runs_end_alike_whatever_goes_wrong(
    make_home: Callable[..., Home], tmp_path: Path
) -> None:
    """The same entries, works, files and failures; one paper twice, two that cannot be read, misprinted DOIs."""
    papers = write_papers(tmp_path / "papers", sources=4, entries=6, arxiv_percent=0)
    for pdf in broken_pdfs():
        shutil.copy(pdf, papers.folder)
    shutil.copy(papers.folder / "paper-001.pdf", papers.folder / "zz-again.pdf")
    records = [dict(record) for record in papers.records]
    printed = [record for record in records[15:] if "printed" in record]
    printed[0]["doi"], printed[1]["doi"] = printed[1]["doi"], printed[0]["doi"]
    pictures, documents = [], []
    for mode in ("--concurrent", "--sequential"):
        with replica_of(records, latency_s=0.0, faults=FAULTS) as replica:
            home = make_home(replica, mode, WORKERS_EXTRACTION=2)
            process = home.process if mode == "--concurrent" else home.process_here
            ended = process(papers.folder, mode)
            assert ended.code == 3, ended.err
            assert home.broken() == []
            pictures.append(home.picture())
            documents.append(ended.document)
    concurrent, sequential = pictures
    assert concurrent.failures == sequential.failures
    assert concurrent == sequential
    counted = ("sources", "references", "resolved", "works", "downloaded", "needs_review", "duplicates", "failed")
    assert [documents[0][name] for name in counted] == [documents[1][name] for name in counted]
    assert documents[0]["references"] == documents[0]["resolved"] == len(records)
    assert documents[0]["failed"]["extraction"] == {"encrypted-pdf": 1, "no-text-layer": 1}
    assert documents[0]["failed"]["download"] == {
        "http-404": 2, "html-as-pdf": 1, "truncated": 2, "redirect-loop": 1,
        "blocked-captcha": 1, "encrypted-pdf": 1, "blocked-login": 1, "empty-body": 1, "unsafe-url": 1,
        "blocked-forbidden": 1,
    }  # fmt: skip


def test_nobody_is_asked_too_often_however_many_workers_there_are(
    make_home: Callable[..., Home], tmp_path: Path
) -> None:
    """By the replica's own log: caps, gaps and windows are kept, no request is refused, turns are kept."""
    scale, hosts = 10.0, 4
    papers = write_papers(tmp_path / "papers", sources=4, entries=8, arxiv_percent=20, hosts=hosts)
    many = {"WORKERS_DOWNLOAD": 16, "WORKERS_ENRICHMENT": 8, "WORKERS_QUEUEING": 8}
    with replica_of(papers.records, scale=scale, latency_s=1.0, hosts=hosts) as replica:
        home = make_home(replica, scale=scale, **many)
        ended = home.process(papers.folder)
        assert ended.code == 0, ended.err
        entries = replica.log.entries()
    assert [one for one in entries if one.refused or one.status == 429] == []
    for name, use in ended.document["services"].items():
        assert (use["order_violations"], use["rate_limit_hits"]) == (0, 0), name
    starts: defaultdict[str, list[float]] = defaultdict(list)
    for one in entries:
        starts[one.site].append(one.at)
    caps = {service.name: service.polite.concurrency for service in SERVICES}
    for one in entries:
        assert one.concurrency <= caps.get(one.site, 1), one
    # What a loaded machine may add to one request's way and not to another's: half a gap. It is forgiven once for any
    # row of requests, however long: whoever asks too often gives himself away by the sum.
    late_s = 0.1
    gaps = {site: GAP_S / scale for site in starts if re.match(r"publisher|repository", site)}
    gaps["arxiv"] = 3.0 / scale
    for site, gap_s in gaps.items():
        assert len(starts[site]) > 1
        # How far each request is ahead of its turn, and the most that any is ahead of one before it.
        ahead = [number * gap_s - at for number, at in enumerate(sorted(starts[site]))]
        assert max(late - early for early, late in zip(accumulate(ahead, min), ahead, strict=True)) <= late_s, site
