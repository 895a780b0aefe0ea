"""What came of runs that were killed: of one, and of all."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import itemgetter

import click
from proofs.crash.phases import Phase
from proofs.verdict import Verdict

_ALL_WITHIN = 250  # kills among which each phase has to be


@dataclass(kw_only=True)
class Report:
    """What came of one disturbed run."""

    number: int
    on_server: bool = False
    what: str  # the way in which papers come in, and the schema that its database began with
    strikes: list[str] = field(default_factory=list)
    phases: Counter[str] = field(default_factory=Counter)
    targets: Counter[str] = field(default_factory=Counter)
    restarts: list[float] = field(default_factory=list)
    gave_up: int = 0  # times that it ended with an error, since the server was lost while it began or ended
    lost: int = 0
    doubled: int = 0
    untyped: int = 0
    entries: int = 0  # that there are to be, with their files
    files: int = 0
    failures: list[str] = field(default_factory=list)


def verdict_of(runs: Sequence[Report], seed: int, *, seconds: float) -> Verdict:
    """The figures of all kills."""
    restarts = [one for run in runs for one in run.restarts]
    phases = {phase.value: sum(run.phases[phase.value] for run in runs) for phase in Phase}
    kills = sum(phases.values())
    failures = [
        f"seed {seed}, run {run.number}, {run.what} ({', '.join(run.strikes)}): {line}"
        for run in runs
        for line in run.failures
    ]
    if kills >= _ALL_WITHIN:
        on_server = any(run.on_server for run in runs)
        failures += [
            f"no kill in the phase {phase}"
            for phase, hits in phases.items()
            if not hits and not (on_server and phase == Phase.MIGRATION)
        ]
    return Verdict(
        "crash",
        tried=kills,
        lost=sum(run.lost for run in runs),
        doubled=sum(run.doubled for run in runs),
        untyped=sum(run.untyped for run in runs),
        failures=failures,
        more={
            "seed": seed,
            "seconds": round(seconds),
            "runs": len(runs),
            "ways": dict(Counter(run.what.partition(" ")[0] for run in runs)),
            "older_databases": sum(" from " in run.what for run in runs),
            "phases": dict(sorted(phases.items(), key=itemgetter(1), reverse=True)),
            "targets": dict(sum((run.targets for run in runs), Counter()).most_common()),
            "gave_up": sum(run.gave_up for run in runs),
            "entries": max((run.entries for run in runs), default=0),
            "files": max((run.files for run in runs), default=0),
            "restarts": len(restarts),
            "restart_cpu_s": round(statistics.median(restarts), 3) if restarts else None,
            "restart_cpu_s_least": round(min(restarts), 3) if restarts else None,
            "restart_cpu_s_worst": round(max(restarts), 3) if restarts else None,
        },
    )


def tell(run: Report, kills: int) -> None:
    """Say it at once: a long proof may be given up."""
    click.echo(f"run {run.number:3} {run.what:16} {kills:4} kills  {'; '.join(run.strikes)}", err=True)
    for line in run.failures:
        click.echo(f"      {line}", err=True)
