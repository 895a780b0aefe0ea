"""A service that dies, crawls, sends garbage or answers 429 for an hour costs a run only its own share.

    scripts/prove outages [--references 200] [--hour-s 6] [--json]

Time runs so fast that an hour takes `--hour-s` seconds. One service after the other fails in one way after the other
for that hour, while the real pipeline's enrichment works; then it is well again. Told is what was recognised meanwhile,
and what the replica's log says: how often the failing service was asked, against what its breaker allows; the most that
was asked of every service within a second of its time; and what was asked twice although it had been answered.
"""

from __future__ import annotations

import json
import math
import tempfile
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from benchmarks.asked import asked
from benchmarks.requests import settings_for
from proofs.budget import entry, record

from db.connect import connect
from db.intake import add_entries
from dl_lit import logs
from dl_lit.app.workshop import Workshop
from dl_lit.core.breaker import FAILURES_TO_OPEN, OPEN_S
from dl_lit.core.model import Reference, StageName
from dl_lit.core.services import BY_NAME
from dl_lit.core.store import NewSource
from dl_lit.replica.access import Shares
from dl_lit.replica.faults import Fault, FaultKind
from dl_lit.replica.log import Entry
from dl_lit.replica.server import Replica
from dl_lit.replica.services.settings import Settings as ReplicaSettings
from dl_lit.replica.universe import Universe

HOUR_S = 3_600.0
_PER_SOURCE = 40
_TIMEOUT_S = 0.6
_ATTEMPTS = 12
"""Pauses between attempts are no faster here than elsewhere, and the last one outlasts hours: nobody may come to it."""
_NARROW = ("EUROPEPMC", "OPEN_LIBRARY", "HAL", "INSPIRE", "PUBMED", "SEMANTIC_SCHOLAR", "ACL", "OPENCITATIONS")
FAILINGS: dict[str, Fault] = {
    "dies": Fault(kind=FaultKind.RESET),
    "crawls": Fault(kind=FaultKind.SLOW, delay_s=5.0),
    "garbage": Fault(kind=FaultKind.NOT_JSON),
    "429": Fault(kind=FaultKind.TOO_MANY_REQUESTS),
}
SERVICES = ("openalex", "crossref", "datacite")


def printed(number: int) -> Reference:
    """The entry of a work; every other work that has a DOI prints it, every seventh is arXiv's."""
    made, one = work(number), entry(number)
    return replace(one, doi=made["doi"]) if made.get("doi") and number % 2 else one


def work(number: int) -> dict[str, Any]:
    """A made-up work as in the proof of the budget; every seventh is DataCite's, which OpenAlex does not have."""
    made = record(number)
    if number % 14 == 7:
        return made | {"doi": f"10.48550/arxiv.2001.{number:05}", "type": "preprint"}
    return made


def prove(service: str, failing: str, references: int, hour_s: float, **changes: str) -> dict[str, Any]:
    """One service failing in one way for an hour of `hour_s` seconds; `changes` are settings by their variables."""
    scale = HOUR_S / hour_s
    fault = FAILINGS[failing]
    struck = Fault(kind=fault.kind, group=service, delay_s=fault.delay_s)
    with (
        tempfile.TemporaryDirectory(prefix="dl-lit-prove-") as temporary,
        Replica(
            Universe.from_records(map(work, range(references))),
            seed=1,
            time_scale=scale,
            shares=Shares(missing_in_openalex=0.0),
            faults=[struck],
            settings=ReplicaSettings(openalex_credits_keyed=1_000_000),
        ) as replica,
    ):
        folder = Path(temporary)
        settings = settings_for(
            replica,
            folder,
            **{f"DL_LIT_{name}_ENABLED": "false" for name in _NARROW},
            **{f"DL_LIT_{name.upper()}_TIMEOUT_S": str(_TIMEOUT_S) for name in SERVICES},
            DL_LIT_OPENALEX_CREDITS_PER_DAY="1000000",
            DL_LIT_HTTP_BREAKER_OPEN_S=str(OPEN_S / scale),
            DL_LIT_ENGINE_MAX_ATTEMPTS=str(_ATTEMPTS),
            DL_LIT_ENGINE_OUTLOOK_S=str(20 * hour_s),
            DL_LIT_ENGINE_STALL_S=str(20 * hour_s),
            **changes,
        )
        start = math.inf
        meanwhile = -1

        def tick() -> None:
            nonlocal meanwhile
            if meanwhile < 0 and time.monotonic() - start >= hour_s:
                meanwhile = _resolved(settings.database)
                replica.faults.clear()

        with Workshop(settings, "prove", seed=5) as shop:
            _fill(shop, references)
            shop.stages = [stage for stage in shop.stages if stage.name is StageName.ENRICHMENT]
            engine = shop.pipeline()
            start = time.monotonic()
            engine.start()
            try:
                engine.drain(lambda: False, tick)
            finally:
                engine.stop()
                shop.network.stop()
        seconds = time.monotonic() - start
        meanwhile = _resolved(settings.database) if meanwhile < 0 else meanwhile
        return {
            "seconds": round(seconds, 1),
            "resolved_meanwhile": meanwhile,
            **_told(replica, settings.database, service, hour_s),
        }


def _fill(shop: Workshop, references: int) -> None:
    engine = connect(shop.settings.database, synchronous=shop.settings.synchronous)
    try:
        for first in range(0, references, _PER_SOURCE):
            numbers = range(first, min(first + _PER_SOURCE, references))
            source = NewSource(f"/made/up/{first}.bib", f"{first:064}", 1)
            add_entries(engine, source, [printed(number) for number in numbers], shop.clock)
    finally:
        engine.dispose()
    shop.store.notice()


def _resolved(database: Path) -> int:
    ((resolved,),) = asked(database, "SELECT count(*) FROM entries WHERE work_id IS NOT NULL")
    return int(resolved)


def _told(replica: Replica, database: Path, service: str, hour_s: float) -> dict[str, Any]:
    entries = replica.log.entries()
    struck = [one for one in entries if one.group == service and one.fault]
    failed = dict(asked(database, "SELECT reason, count(*) FROM failed_enrichments GROUP BY reason"))
    ((waiting,),) = asked(database, "SELECT count(*) FROM no_metadata")
    answered = Counter((one.group, one.target) for one in entries if one.status == 200 and not one.fault)
    probes = hour_s / (OPEN_S / (HOUR_S / hour_s))
    return {
        "resolved": _resolved(database),
        "failed": failed,
        "waiting": waiting,
        "asked_while_failing": len(struck),
        "asked_at_most": round(FAILURES_TO_OPEN + BY_NAME[service].polite.concurrency + 1.5 * probes),
        "requests": dict(Counter(one.group for one in entries)),
        "refused": dict(Counter(f"{one.group}/{one.refused}" for one in entries if one.refused)),
        "asked_twice": sum(count > 1 for count in answered.values()),
        "overlapping": _overlapping(entries),
        "replica_problems": len(replica.problems),
    }


def _overlapping(entries: list[Entry]) -> int:
    """Requests that were made while the very same one was under way."""
    under_way: dict[tuple[str, str], float] = {}
    count = 0
    for one in sorted(entries, key=lambda entry: entry.at):
        key = (one.group, f"{one.method} {one.target}")
        count += one.method == "GET" and under_way.get(key, 0.0) > one.at
        under_way[key] = max(under_way.get(key, 0.0), one.at + one.duration)
    return count


def holds(told: dict[str, Any], references: int) -> bool:
    """Whether nothing was lost or asked more often than the rules allow."""
    return bool(
        told["resolved"] == references
        and not told["failed"]
        and not told["waiting"]
        and told["asked_while_failing"] <= told["asked_at_most"]
        and not told["asked_twice"]
        and not told["overlapping"]
    )


@click.command()
@click.option("--references", default=200, show_default=True)
@click.option("--hour-s", default=6.0, show_default=True, help="Seconds that an hour takes.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def command(ctx: click.Context, references: int, hour_s: float, *, as_json: bool) -> None:
    """One service after the other fails for an hour, in four ways."""
    logs.configure(level="error", form="json", file=None)
    results: dict[str, dict[str, Any]] = {}
    for service in SERVICES:
        for failing in FAILINGS:
            told = prove(service, failing, references, hour_s)
            told["holds"] = holds(told, references)
            results[f"{service} {failing}"] = told
            click.echo(
                f"{service:9} {failing:8} {told['resolved_meanwhile']:4} of {references} meanwhile, asked "
                f"{told['asked_while_failing']} times, {told['seconds']} s, {'holds' if told['holds'] else told}",
                err=True,
            )
    all_hold = all(told["holds"] for told in results.values())
    if as_json:
        click.echo(json.dumps({"schema": "dl-lit/prove-outages/1", "holds": all_hold, "runs": results}, indent=1))
    ctx.exit(0 if all_hold else 1)
