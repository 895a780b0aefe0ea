"""Downloads against the bound that gaps and latencies of the hosts set, their manners, and their memory.

    scripts/bench download [--json] [--works 500] [--hosts 50] [--scale 1] [--files 50] [--file-mb 50]

Two runs of the real download stage in a child process with its default settings, against a replica that serves in this
one. The first: works spread evenly over hosts that need 1 to 3 s for each answer; every fifth work's first location,
on some other host, fails (not there, refused, a web page, another work's file, forbidden by robots.txt), and every
tenth host asks for a crawl delay of 3 s. The bound is the busiest host's: the requests in the replica's log, one after
the other, each begun a gap after the one before at the earliest. Gaps are the real 2 s; with `--scale` all gaps and
latencies are divided, what the program computes by itself is not, so that a larger scale makes it look worse.
The second: large files, streamed to the disk as fast as this machine can; memory is that of the parent process, read
ten times a second, and its growth the last third's peak over the first third's.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
import threading
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import click
import msgspec
import psutil
from benchmarks.workload import Workload

from dl_lit.core.items import DownloadItem
from dl_lit.core.model import HostType, Location, Name, Version, Work, WorkType
from dl_lit.demo.pace import GAP_S, quick_motion
from dl_lit.replica.access import Shares
from dl_lit.replica.bound import HostRule, host_bound
from dl_lit.replica.conduct import conduct
from dl_lit.replica.faults import Fault, FaultKind
from dl_lit.replica.hosts import plan_sites
from dl_lit.replica.latency import Latency
from dl_lit.replica.log import Entry
from dl_lit.replica.records import Record
from dl_lit.replica.server import Replica
from dl_lit.replica.services.settings import Settings as ReplicaSettings
from dl_lit.replica.site_rules import SiteRules
from dl_lit.replica.universe import Universe

CHECKOUT = Path(__file__).resolve().parents[2]
AT_MOST = 1.15
LATENCY_S = (1.0, 3.0)
FAILING_SHARE = 5  # the first location of one work in so many
CRAWL_DELAY_S = 3.0
CRAWL_DELAY_SHARE = 10  # one host in so many
TOLERANCE_S = 0.05  # requests arrive a little closer together than they leave
_SAMPLE_S = 0.1
_PATIENCE_S = 1_800.0
_SHARES = Shares(pdf_linked=1.0, unlisted=0.0, missing_in_openalex=0.0, second_copy=0.0)

# How the failing first locations fail: the position in their paths says which. No work has such a position.
_BROKEN = {
    "absent": 1_000_000,
    "refused": 2_000_000,
    "page": 3_000_000,
    "other": 4_000_000,
    "forbidden": 5_000_000,
}
_ROBOTS = "User-agent: *\nDisallow: /article/5000*/\nDisallow: /bitstream/handle/10/5000*/\n"
_FAULTS = (
    Fault(kind=FaultKind.FORBIDDEN, pattern=r"/2\d{6}/"),
    Fault(kind=FaultKind.HTML, pattern=r"/3\d{6}/"),
    Fault(kind=FaultKind.OTHER_PDF, pattern=r"/4\d{6}/"),
)


@dataclass(frozen=True, slots=True)
class Memory:
    """What the program took while it ran, in MB."""

    peak: float
    growth: float  # the last third's peak over the first third's
    children_peak: float  # of the children that open files, together


def universe(works: int, hosts: int) -> Universe:
    """Made-up works, spread evenly over the hosts."""
    workload = Workload({"seed": 7, "hosts": hosts, "entries_per_source": works, "arxiv_percent": 0,
                         "identified_percent": 100, "closed_in_openalex_percent": 0})  # fmt: skip
    return Universe.from_records(workload.records(1))


def items(replica: Replica, *, failing: bool) -> list[DownloadItem]:
    """The works with their locations; with `failing`, every fifth has one before that gives nothing."""
    chance = random.Random(11)
    sites = [site.name for site in replica.hosts.sites if site.group in {"publisher", "repository"}]
    found = []
    for number, record in enumerate(replica.universe):
        (copy,) = replica.catalogue.access(record).copies
        locations = [
            Location(
                url=replica.catalogue.pdf_url(copy),
                host_type=copy.host_type,
                version=copy.version,
                licence=copy.licence,
                found_by="bench",
            )
        ]
        if failing and number % FAILING_SHARE == 0:
            kind = list(_BROKEN)[number // FAILING_SHARE % len(_BROKEN)]
            other = chance.choice([site for site in sites if site != copy.site])
            url = replica.url(other) + _path(other, _BROKEN[kind] + number)
            host_type = HostType.PUBLISHER if other.startswith("publisher") else HostType.REPOSITORY
            locations.insert(0, Location(url=url, host_type=host_type, version=Version.PUBLISHED, found_by="bench"))
        found.append(DownloadItem(_work(record), tuple(locations)))
    return found


def _path(site: str, position: int) -> str:
    return f"/article/{position}/fulltext.pdf" if site.startswith("publisher") else f"/bitstream/handle/10/{position}/1"


def _work(record: Record) -> Work:
    return Work(
        title=record.title,
        type=WorkType.ARTICLE_JOURNAL,
        authors=tuple(Name(family=one.family, given=one.given) for one in record.authors),
        year=record.year,
        doi=record.doi,
        metadata_source="bench",
    )


def environment(replica: Replica, folder: Path, changes: Mapping[str, str]) -> dict[str, str]:
    """What points the child at the replica, with every limit divided by the time scale."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("DL_LIT_")}
    return {
        **env,
        **replica.env(),
        **quick_motion(replica.time_scale),
        "PYTHONPATH": f"{CHECKOUT}:{CHECKOUT / 'scripts'}",
        "DL_LIT_DB": str(folder / "bench.db"),
        "DL_LIT_LIBRARY": str(folder / "library"),
        "DL_LIT_STATE_FOLDER": str(folder / "state"),
        "DL_LIT_CACHE_FOLDER": str(folder / "cache"),
        "DL_LIT_CONTACT_EMAIL": "bench@library-of-shores.org",
        **changes,
    }


def run(replica: Replica, works: Sequence[DownloadItem], changes: Mapping[str, str]) -> tuple[dict[str, Any], Memory]:
    """One run of the child on fresh folders: what it says, and the memory it took."""
    with tempfile.TemporaryDirectory(prefix="dl-lit-bench-") as temporary:
        folder = Path(temporary)
        (folder / "works.json").write_bytes(msgspec.json.encode(works))
        child = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.download_child", str(folder / "works.json")],
            env=environment(replica, folder, changes),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        samples: list[tuple[float, float]] = []
        ended = threading.Event()
        sampler = threading.Thread(target=_sample, args=(child.pid, samples, ended))
        sampler.start()
        try:
            out, err = child.communicate(timeout=_PATIENCE_S)
        finally:
            ended.set()
            sampler.join()
            if child.poll() is None:
                child.kill()
                child.wait()
        if child.returncode != 0:
            raise click.ClickException(f"the run ended with {child.returncode}: {err[-2000:]}")
    document: dict[str, Any] = json.loads(out)
    return document, _memory(samples, document["seconds"])


def _sample(pid: int, samples: list[tuple[float, float]], ended: threading.Event) -> None:
    """Read the resident memory of a process, and of its children together, until told to end."""
    while not ended.wait(_SAMPLE_S):
        try:
            process = psutil.Process(pid)
            own = process.memory_info().rss
            children = sum(_rss(one) for one in process.children(recursive=True))
        except psutil.Error:
            return
        samples.append((own / 1e6, children / 1e6))


def _rss(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0  # it has just ended


def _memory(samples: Sequence[tuple[float, float]], seconds: float) -> Memory:
    """Of the samples those of the run itself count; what comes before them is the program's start."""
    running = [own for own, _ in samples][-max(3, int(seconds / _SAMPLE_S)) :]
    third = max(1, len(running) // 3)
    return Memory(
        peak=round(max(running), 1),
        growth=round(max(running[-third:]) - max(running[:third]), 1),
        children_peak=round(max(children for _, children in samples), 1),
    )


def bound_of(entries: Iterable[Entry], gap_of: Mapping[str, float]) -> tuple[float, str, int]:
    """The busiest host's seconds, its name and requests: the least time any schedule takes for what was asked."""
    by_site: dict[str, list[float]] = defaultdict(list)
    for entry in entries:
        if entry.site in gap_of:
            by_site[entry.site].append(entry.duration)
    bounds = [
        (host_bound(HostRule(gap_s=gap_of[site]), durations), site, len(durations))
        for site, durations in by_site.items()
    ]
    return max(bounds)


def throughput(works: int, hosts: int, scale: float, changes: Mapping[str, str]) -> dict[str, Any]:
    """Many works over many slow hosts: how near the bound, and how the hosts were treated."""
    names = [site.name for site in plan_sites(hosts)[0] if site.group in {"publisher", "repository"}]
    slow = set(names[::CRAWL_DELAY_SHARE])
    delay = f"Crawl-delay: {CRAWL_DELAY_S / scale:g}\n"
    rules = {name: SiteRules(robots=_ROBOTS + (delay if name in slow else "")) for name in names}
    gaps = {name: (CRAWL_DELAY_S if name in slow else GAP_S) / scale for name in names}
    with Replica(
        universe(works, hosts),
        seed=7,
        latency=Latency(*LATENCY_S),
        time_scale=scale,
        hosts=hosts,
        shares=_SHARES,
        faults=_FAULTS,
        rules=rules,
    ) as replica:
        told, memory = run(replica, items(replica, failing=True), changes)
        entries = [entry for entry in replica.log.entries() if entry.site in gaps]
        problems = len(replica.problems)
    seconds, site, requests = bound_of(entries, gaps)
    behaved = conduct(entries, gap_s=gaps.__getitem__, tolerance_s=TOLERANCE_S / scale)
    idle = _idle(entries, site, gaps[site])
    return {
        "bound_ratio": round(told["seconds"] / seconds, 3),
        "bound_s": round(seconds, 2),
        "busiest": f"{site}: {requests} requests, a gap of {gaps[site]:g} s, idle for {idle:.1f} s",
        "gap_violations": len(behaved.gap_violations),
        "smallest_gap_share": round(min((later - earlier) / gaps[one] for one, later, earlier in _starts(entries)), 3),
        "overlaps": behaved.overlaps,
        "robots_violations": len(behaved.forbidden),
        "useless_repetitions": len(behaved.repeated),
        "requests": len(entries),
        "rss_mb_peak_of_many": memory.peak,
        "replica_problems": problems,
        **told,
    }


def _starts(entries: Sequence[Entry]) -> Iterable[tuple[str, float, float]]:
    """The site, start and start before of every request that had one before."""
    by_site: dict[str, list[float]] = defaultdict(list)
    for entry in entries:
        by_site[entry.site].append(entry.at)
    return [(site, b, a) for site, starts in by_site.items() for a, b in pairwise(sorted(starts))]


def _idle(entries: Sequence[Entry], site: str, gap_s: float) -> float:
    """Seconds for which the host could have been asked and was not, from its first to its last request."""
    ours = sorted((entry.at, entry.duration) for entry in entries if entry.site == site)
    return sum(max(0.0, later[0] - earlier[0] - max(gap_s, earlier[1])) for earlier, later in pairwise(ours))


def streaming(files: int, file_mb: int, hosts: int, changes: Mapping[str, str]) -> dict[str, Any]:
    """Large files as fast as they come: how much memory that takes."""
    size = file_mb * 1_000_000
    settings = ReplicaSettings(pdf_min_bytes=size, pdf_max_bytes=size)
    with Replica(
        universe(files, hosts), seed=7, hosts=hosts, shares=_SHARES, settings=settings, time_scale=100.0
    ) as replica:
        told, memory = run(replica, items(replica, failing=False), changes)
        received = sum(entry.bytes_sent for entry in replica.log.entries())
    return {
        "rss_mb_peak": memory.peak,
        "rss_mb_growth": memory.growth,
        "rss_mb_children_peak": memory.children_peak,
        "files": told["downloaded"],
        "mb": round(received / 1e6),
        "seconds": told["seconds"],
        "failed": told["failed"],
    }


@click.command()
@click.option("--works", default=500, show_default=True)
@click.option("--hosts", default=50, show_default=True)
@click.option("--scale", default=1.0, show_default=True, help="Gaps and latencies are divided by this.")
@click.option("--files", default=50, show_default=True, help="Large files; 0 leaves this run out.")
@click.option("--file-mb", default=50, show_default=True)
@click.option("--workers", default=0, help="Download workers; 0: the default setting.")
@click.option("--json", "as_json", is_flag=True)
def command(*, works: int, hosts: int, scale: float, files: int, file_mb: int, workers: int, as_json: bool) -> None:
    """Measure downloads against the replica: time, manners, memory."""
    changes = {"DL_LIT_WORKERS_DOWNLOAD": str(workers)} if workers else {}
    many = throughput(works, hosts, scale, changes)
    click.echo(
        f"{many['downloaded']} of {works} works in {many['seconds']:.1f} s, bound {many['bound_s']:.1f} s "
        f"({many['busiest']})",
        err=True,
    )
    large = streaming(files, file_mb, 10, changes) if files else {}
    if large:
        click.echo(f"{large['files']} files, {large['mb']} MB in {large['seconds']:.1f} s", err=True)
    result = {
        "schema": "dl-lit/bench-download/1",
        "bound_ratio": many["bound_ratio"],
        "at_most": AT_MOST,
        "rss_mb_peak": large.get("rss_mb_peak", many["rss_mb_peak_of_many"]),
        "rss_mb_growth": large.get("rss_mb_growth"),
        "gap_violations": many["gap_violations"],
        "robots_violations": many["robots_violations"],
        "useless_repetitions": many["useless_repetitions"],
        "works": works,
        "hosts": hosts,
        "time_scale": scale,
        "latency_s": list(LATENCY_S),
        "gap_s": GAP_S,
        "tolerance_s": TOLERANCE_S,
        "failing_first_locations": 1 / FAILING_SHARE,
        "many": many,
        "large": large,
    }
    if as_json:
        click.echo(json.dumps(result, indent=1))
        return
    for name in ("bound_ratio", "rss_mb_peak", "rss_mb_growth", "gap_violations", "robots_violations",
                 "useless_repetitions"):  # fmt: skip
        click.echo(f"{name:20} {result[name]}")
