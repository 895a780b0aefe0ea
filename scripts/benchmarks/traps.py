"""The right PDF or the honest reason: a corpus of traps through the real stages, store, library and network.

    scripts/bench traps [--json] [--case NAME ...] [--shift N] [--keep FOLDER]

Each case of `dl_lit.replica.traps` is a work whose hosts behave badly in one way. All of them go through queueing and
download together, as in any run, with gaps and time-outs scaled down; afterwards the database's last word on each work
is held against the end that the case has to have. `wrongly_accepted` are files in the library that are not the work,
`wrongly_refused` works whose right file was to be had and is neither in the library nor kept for review. The exit code
is 1 where anything is not as it should be.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import click
import structlog
from benchmarks.traps_run import Ended, outcome_of

from dl_lit.replica.traps import CASES, Place

SCHEMA = "dl-lit/bench-traps/1"


def report(ended: list[Ended], conduct: dict[str, Any], seconds: float) -> dict[str, Any]:
    """The figures as one document."""
    wrong = [one for one in ended if one.got != one.case.end]
    return {
        "schema": SCHEMA,
        "cases": len(ended),
        "statuses": len({one.case.end.reason for one in ended}),
        "wrongly_accepted": sum(one.is_wrongly_accepted for one in ended),
        "wrongly_refused": sum(
            one.case.end.place in {Place.LIBRARY, Place.QUARANTINE}
            and (one.got is None or one.got.place not in {Place.LIBRARY, Place.QUARANTINE})
            for one in ended
        ),
        "wrong_status": [
            {"case": one.case.name, "expected": str(one.case.end), "got": str(one.got), "detail": one.detail}
            for one in wrong
        ],
        "accepted_wrongly": [one.case.name for one in ended if one.is_wrongly_accepted],
        **conduct,
        "seconds": round(seconds, 1),
    }


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One document on standard output.")
@click.option("--case", "names", multiple=True, help="Only these cases.")
@click.option("--shift", default=0, help="Give every case another made-up work: so many further on.")
@click.option("--keep", type=click.Path(path_type=Path), help="Leave database, library and log in this folder.")
def command(*, as_json: bool, names: tuple[str, ...], shift: int, keep: Path | None) -> None:
    """Run the traps and say which of them caught us."""
    unknown = set(names) - {case.name for case in CASES}
    if unknown:
        raise click.BadParameter(f"no such case: {', '.join(sorted(unknown))}")
    chosen = [case for case in CASES if not names or case.name in names]
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="dl-lit-traps-") as temporary:
        ended, conduct = outcome_of(chosen, keep or Path(temporary), shift=shift)
    told = report(ended, conduct, time.monotonic() - start)
    click.echo(json.dumps(told, ensure_ascii=False, indent=None if as_json else 2))
    bad = told["wrong_status"] or told["wrongly_accepted"] or told["wrongly_refused"] or told["canary"]
    sys.exit(1 if bad or told["replica_problems"] else 0)
