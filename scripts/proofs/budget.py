"""A keyless day's credits do not reach: the run spends them, parks the rest, and goes on by itself at the reset.

    scripts/prove budget [--references 1000] [--credits 1000] [--day-s 6] [--json]

Every reference has to be searched for; six of ten works are known to OpenAlex alone, whose searches cost ten credits.
The replica's days are `--day-s` seconds long. The run is the real pipeline's enrichment, with its database, workers and
HTTP client. Nothing may fail, nothing may be asked twice, and no day may be overspent.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import click
from benchmarks.asked import asked
from benchmarks.requests import settings_for

from db.connect import connect
from db.intake import add_entries
from dl_lit import logs
from dl_lit.app.workshop import Workshop
from dl_lit.core.model import Name, Reference, StageName
from dl_lit.core.store import NewSource
from dl_lit.replica.access import Shares
from dl_lit.replica.server import Replica
from dl_lit.replica.services.settings import Settings as ReplicaSettings
from dl_lit.replica.universe import Universe

_DAY_S = 86_400.0
_SHARES = Shares(missing_in_openalex=0.0)
_PLACES = ("gravel", "cusps", "kelp", "lapwings", "estuaries", "groynes", "shingle", "lagoons", "marshes", "spits")
_PER_SOURCE = 40


def record(number: int) -> dict[str, Any]:
    """One made-up work; four of ten are registered at Crossref."""
    made: dict[str, Any] = {
        "title": f"Survey {number} of the {_PLACES[number % 10]} along the coast of region {number // 10}",
        "authors": [{"family": f"Author{number % 97}", "given": "Ada"}],
        "year": 1950 + number % 70,
        "container": "Journal of Shores",
        "type": "journal-article",
    }
    return made | ({"doi": f"10.5555/budget.{number}"} if number % 10 < 4 else {})


def entry(number: int) -> Reference:
    """The printed entry of a work, without any identifier."""
    made = record(number)
    family = made["authors"][0]["family"]
    return Reference(
        position=number % _PER_SOURCE + 1,
        raw=f"{family}, A. ({made['year']}). {made['title']}. Journal of Shores.",
        title=made["title"],
        authors=(Name(family=family, given="A."),),
        year=made["year"],
        container_title="Journal of Shores",
    )


def prove(references: int, credits_: int, day_s: float, **changes: str) -> dict[str, Any]:
    """Run it and tell what was asked and what became of the references; `changes` are settings by their variables."""
    with (
        tempfile.TemporaryDirectory(prefix="dl-lit-prove-") as temporary,
        Replica(
            Universe.from_records(map(record, range(references))),
            seed=1,
            time_scale=_DAY_S / day_s,
            shares=_SHARES,
            settings=ReplicaSettings(openalex_credits=credits_),
        ) as replica,
    ):
        folder = Path(temporary)
        alone = {
            f"DL_LIT_{name}_ENABLED": "false"
            for name in ("EUROPEPMC", "OPEN_LIBRARY", "HAL", "INSPIRE", "PUBMED", "SEMANTIC_SCHOLAR", "ACL")
        }
        settings = settings_for(
            replica,
            folder,
            **alone,
            DL_LIT_OPENALEX_KEY="",
            DL_LIT_OPENALEX_CREDITS_PER_DAY=str(credits_),
            DL_LIT_ENGINE_OUTLOOK_S=str(20 * day_s),
            DL_LIT_ENGINE_STALL_S=str(20 * day_s),
            **changes,
        )
        start = time.monotonic()
        with Workshop(settings, "prove") as shop:
            _fill(shop, references)
            shop.stages = [stage for stage in shop.stages if stage.name is StageName.ENRICHMENT]
            engine = shop.pipeline()
            engine.start()
            try:
                engine.drain(lambda: False)
            finally:
                engine.stop()
                shop.network.stop()
        seconds = round(time.monotonic() - start, 1)
        snoozed = engine.tally.stages[StageName.ENRICHMENT].snoozed
        return {"seconds": seconds, "snoozed": snoozed, **_told(replica, settings.database)}


def _fill(shop: Workshop, references: int) -> None:
    engine = connect(shop.settings.database, synchronous=shop.settings.synchronous)
    try:
        for first in range(0, references, _PER_SOURCE):
            source = NewSource(f"/made/up/{first}.bib", f"{first:064}", 1)
            numbers = range(first, min(first + _PER_SOURCE, references))
            add_entries(engine, source, [entry(number) for number in numbers], shop.clock)
    finally:
        engine.dispose()
    shop.store.notice()


def _told(replica: Replica, database: Path) -> dict[str, Any]:
    entries = replica.log.entries()
    ((resolved,),) = asked(database, "SELECT count(*) FROM entries WHERE work_id IS NOT NULL")
    ((failed,),) = asked(database, "SELECT count(*) FROM failed_enrichments")
    ((waiting,),) = asked(database, "SELECT count(*) FROM no_metadata")
    answered = [one for one in entries if one.status == 200]
    twice = [target for target, count in Counter((one.group, one.target) for one in answered).items() if count > 1]
    return {
        "resolved": resolved,
        "failed": failed,
        "waiting": waiting,
        "requests": dict(Counter(one.group for one in entries)),
        "refused": dict(Counter(one.refused for one in entries if one.refused)),
        "credits": sum(one.credits for one in entries),
        "asked_twice": len(twice),
        "replica_problems": len(replica.problems),
    }


@click.command()
@click.option("--references", default=1_000, show_default=True)
@click.option("--credits", "credits_", default=1_000, show_default=True, help="Of OpenAlex, for a day.")
@click.option("--day-s", default=6.0, show_default=True, help="Seconds of a day of the replica.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def command(ctx: click.Context, references: int, credits_: int, day_s: float, *, as_json: bool) -> None:
    """A day's credits are spent, the rest is parked, and the run goes on at the reset."""
    logs.configure(level="error", form="json", file=None)
    told = prove(references, credits_, day_s)
    holds = (
        told["resolved"] == references
        and not told["failed"]
        and not told["asked_twice"]
        and not told["refused"].get("budget")
    )
    if as_json:
        click.echo(json.dumps({"schema": "dl-lit/prove-budget/1", "holds": holds, **told}, indent=1))
    else:
        for name, value in told.items():
            click.echo(f"{name:24} {value}")
        click.echo("holds" if holds else "DOES NOT HOLD")
    ctx.exit(0 if holds else 1)
