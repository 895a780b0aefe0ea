"""Requests per resolved reference on the sample bibliographies, counted from the log of a replica.

    scripts/bench requests [--json]

Known: every paper prints its DOI, the services know it and what it cites. Searched: they do not know the papers, and no
identifier is printed, so that every entry must be searched for. Naive: one search at OpenAlex for each reference,
whatever it prints. Absent: as known, but the works that the demo leaves out are in no service; what is said of an entry
that nobody has costs a question to everybody. All but naive run the real pipeline's enrichment, its workers, database
and HTTP client over loopback; only requests of enrichment are counted, those of queueing are told apart.
"""

from __future__ import annotations

import json
import random
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import click
from benchmarks.requests_sample import Sample, printing_dois, samples, stripped, universe

from db.connect import connect
from db.intake import add_sources
from dl_lit import logs
from dl_lit.app.network import Network
from dl_lit.app.workshop import Workshop
from dl_lit.core.clock import SystemClock
from dl_lit.core.errors import ServiceError
from dl_lit.core.items import Extracted, SourceItem
from dl_lit.core.job import Done, Stage
from dl_lit.core.model import StageName
from dl_lit.core.store import Finished, NewSource
from dl_lit.demo.pace import quick_motion
from dl_lit.matching.decide import Accepted, decide
from dl_lit.replica.access import Shares
from dl_lit.replica.server import Replica
from dl_lit.settings import Settings, load
from stages.sources import openalex

SCALE = 20.0
KNOWN_AT_MOST = 0.15
SEARCHED_AT_MOST = 1.2
_SHARES = Shares(missing_in_openalex=0.0)


def settings_for(replica: Replica, folder: Path, **changes: str) -> Settings:
    """What points a run in `folder` at the replica, with every limit divided by the time scale."""
    env = replica.env() | quick_motion(replica.time_scale)
    env |= {
        "DL_LIT_DB": str(folder / "bench.db"),
        "DL_LIT_LIBRARY": str(folder / "library"),
        "DL_LIT_STATE_FOLDER": str(folder / "state"),
        "DL_LIT_CACHE_FOLDER": str(folder / "cache"),
        "DL_LIT_CONTACT_EMAIL": "bench@library-of-shores.org",
        "DL_LIT_OPENALEX_KEY": "bench-key",
        "DL_LIT_ENGINE_OUTLOOK_S": "20",
        "DL_LIT_ENGINE_STALL_S": "10",
    }
    return load(env=env | changes).settings


def work(papers: Sequence[Sample], replica: Replica) -> dict[str, Any]:
    """Enrich the papers' entries with the real pipeline, then queue their works: what each came to."""
    with tempfile.TemporaryDirectory(prefix="dl-lit-bench-") as temporary:
        settings = settings_for(replica, Path(temporary))
        with Workshop(settings, "bench") as shop:
            _extracted(shop, papers)
            every = {stage.name: stage for stage in shop.stages}
            _run(shop, [every[StageName.ENRICHMENT]])
            figures = _figures(replica, settings.database)
            replica.log.clear()
            _run(shop, [every[StageName.QUEUEING]])
            figures["queueing"] = _asked(replica)
            shop.network.stop()
    figures["replica_problems"] = len(replica.problems)
    return figures


def naive(papers: Sequence[Sample], replica: Replica) -> dict[str, Any]:
    """One search for each reference by its title, the identifiers it prints ignored."""
    resolved = references = 0
    with tempfile.TemporaryDirectory(prefix="dl-lit-bench-") as temporary:
        settings = settings_for(replica, Path(temporary), DL_LIT_CACHE_MAX_MB="0")
        clock = SystemClock()
        with Network(settings, clock=clock, chance=random.Random(1)) as network:
            for paper in papers:
                for reference in stripped(paper).read.references:
                    references += 1
                    try:
                        found = openalex.search(network.calls, reference) or []
                    except ServiceError:
                        continue
                    resolved += isinstance(decide(reference, found), Accepted)
    return {"references": references, "resolved": resolved, **_asked(replica)}


def _extracted(shop: Workshop, papers: Sequence[Sample]) -> None:
    """Put the papers into the database as if they had just been read."""
    by_sha = {sha256(str(paper.path).encode()).hexdigest(): paper for paper in papers}
    engine = connect(shop.settings.database, synchronous=shop.settings.synchronous)
    try:
        new = [NewSource(str(paper.path), sha, paper.path.stat().st_size) for sha, paper in by_sha.items()]
        add_sources(engine, new, shop.clock)
    finally:
        engine.dispose()
    shop.store.notice()
    finished = []
    for claim in shop.store.claim(StageName.EXTRACTION, len(papers)):
        if isinstance(claim.item, SourceItem):
            paper = by_sha[claim.item.sha256]
            finished.append(Finished(claim, Done(Extracted(paper.read)), shop.clock.time(), 0.0))
    shop.store.record(finished)


def _run(shop: Workshop, stages: list[Stage]) -> None:
    shop.stages = stages
    engine = shop.pipeline()
    engine.start()
    try:
        engine.drain(lambda: False)
    finally:
        engine.stop()


def _figures(replica: Replica, database: Path) -> dict[str, Any]:
    engine = connect(database)
    try:
        with engine.connect() as connection:
            rows = connection.exec_driver_sql("SELECT matched_by, work_id IS NOT NULL FROM entries").fetchall()
            failed = connection.exec_driver_sql(
                "SELECT reason, count(*) FROM failed_enrichments GROUP BY reason"
            ).fetchall()
            waiting = connection.exec_driver_sql("SELECT count(*) FROM no_metadata").scalar_one()
    finally:
        engine.dispose()
    return {
        "references": len(rows),
        "resolved": sum(bool(row[1]) for row in rows),
        "matched_by": dict(Counter(row[0] for row in rows if row[1])),
        "failed": {str(reason): count for reason, count in failed},
        "waiting": waiting,
        **_asked(replica),
    }


def _asked(replica: Replica) -> dict[str, Any]:
    entries = [one for one in replica.log.entries() if one.group not in {"publisher", "repository"}]
    return {
        "requests": len(entries),
        "credits": sum(one.credits for one in entries),
        "services": dict(Counter(one.group for one in entries)),
        "kinds": dict(Counter(f"{one.group}/{one.kind}" for one in entries)),
        "refused": sum(bool(one.refused) for one in entries),
    }


def _per_reference(figures: Mapping[str, Any]) -> float:
    return round(figures["requests"] / max(1, figures["resolved"]), 3)


@click.command()
@click.option("--papers", default=0, help="Only the first so many of the sample papers; 0: all.")
@click.option("--json", "as_json", is_flag=True)
def command(papers: int, *, as_json: bool) -> None:
    """Measure how many requests a resolved reference costs."""
    logs.configure(level="error", form="json", file=None)
    read = samples(papers or None)
    printing, bare = printing_dois(read), [stripped(one) for one in read]
    runs: dict[str, dict[str, Any]] = {}
    for name, some, knows_citing, knows_absent, run in (
        ("known", printing, True, True, work),
        ("searched", bare, False, True, work),
        ("naive", read, False, True, naive),
        ("absent", printing, True, False, work),
    ):
        known = universe(read, knows_citing=knows_citing, knows_absent=knows_absent)
        with Replica(known, seed=1, time_scale=SCALE, shares=_SHARES) as replica:
            runs[name] = run(some, replica)
        _say(name, runs[name])
    result = {
        "schema": "dl-lit/bench-requests/1",
        "counted": "requests of enrichment, from the replica's log; queueing's are told apart",
        "papers": len(read),
        "per_reference_known": _per_reference(runs["known"]),
        "per_reference_searched": _per_reference(runs["searched"]),
        "naive": _per_reference(runs["naive"]),
        "per_absent_reference": _per_absent(runs["known"], runs["absent"]),
        "at_most": {"per_reference_known": KNOWN_AT_MOST, "per_reference_searched": SEARCHED_AT_MOST},
        "credits": {name: run["credits"] for name, run in runs.items()},
        "credits_per_reference": {
            name: round(run["credits"] / max(1, run["resolved"]), 3) for name, run in runs.items()
        },
        "runs": runs,
    }
    if as_json:
        click.echo(json.dumps(result, indent=1))
        return
    for name in (
        *("per_reference_known", "per_reference_searched", "naive", "per_absent_reference", "credits_per_reference"),
    ):
        click.echo(f"{name:24} {result[name]}")


def _per_absent(known: Mapping[str, Any], absent: Mapping[str, Any]) -> float:
    """What each entry costs that nobody has, beyond what it would have cost."""
    missed = known["resolved"] - absent["resolved"]
    return round((absent["requests"] - known["requests"]) / max(1, missed), 3)


def _say(name: str, figures: Mapping[str, Any]) -> None:
    click.echo(
        f"{name:9} {figures['resolved']} of {figures['references']} resolved by {figures['requests']} requests and "
        f"{figures['credits']} credits: {figures['services']}",
        err=True,
    )
