"""Attacks on the control surface: nothing accepted is lost, nobody gets in, nothing secret gets out.

    scripts/prove surface [--rounds 50] [--seed 1] [--only serve,daemon-unix,daemon-tcp,addresses,secrets] [--json]

The real `dl-lit serve` on TCP, the watching daemon on its Unix socket and on TCP are asked by schemathesis as they
describe themselves (`--rounds` examples an operation) and attacked: paths that lead elsewhere, requests hidden in
others, too much and too slowly, without a right, from other sites. Addresses that others can reach are refused at the
start; a busy run with a secret in every setting is searched for them.

"lost": a paper answered 202 that is not in the database, or an honest client that is not served; "doubled": a change
without a right, a second request that gets through, something told that must not be; "untyped": an answer of 500 and
above, in no form or other than described, or none.
"""

from __future__ import annotations

import random
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path

import click
from proofs.surface.answers_guarded import try_addresses, try_guards
from proofs.surface.described import described
from proofs.surface.doors import try_doors
from proofs.surface.oversize import try_oversize
from proofs.surface.paths import try_paths
from proofs.surface.secrets_kept import try_secrets
from proofs.surface.served import Served, daemon, serve
from proofs.surface.smuggling import try_smuggling
from proofs.surface.trial import Trial
from proofs.surface.wire import Door
from proofs.verdict import Verdict

_SERVED: Mapping[str, Callable[[Path], AbstractContextManager[Served]]] = {
    "serve": serve,
    "daemon-unix": lambda folder: daemon(folder, unix=True),
    "daemon-tcp": lambda folder: daemon(folder, unix=False),
}
PARTS = (*_SERVED, "addresses", "secrets")


@click.command()
@click.option("--rounds", default=50, show_default=True, help="Examples an operation, and attacks made by chance.")
@click.option("--seed", default=1, show_default=True, help="Decides what chance decides.")
@click.option("--only", default=",".join(PARTS), show_default=True, help="Parts, separated by commas.")
@click.option("--keep", type=click.Path(path_type=Path), help="Work in this new folder, and keep it.")
@click.option("--json", "as_json", is_flag=True)
def command(*, rounds: int, seed: int, only: str, keep: Path | None, as_json: bool) -> None:
    """Attack the control surface; prove that nothing is lost, nobody gets in and nothing secret gets out."""
    if keep is not None:
        keep.mkdir(parents=True)
    base = keep or Path(tempfile.mkdtemp(prefix="dlp"))  # short: a socket's path has 107 bytes
    try:
        verdict_of(base, only.split(","), rounds=rounds, seed=seed).tell(as_json=as_json)
    finally:
        if keep is None:
            shutil.rmtree(base, ignore_errors=True)


def verdict_of(base: Path, parts: list[str], *, rounds: int, seed: int) -> Verdict:
    """The figures of these parts."""
    if unknown := set(parts) - set(PARTS):
        raise click.UsageError(f"no such part: {', '.join(sorted(unknown))}")
    began = time.monotonic()
    trials = [_tried(base / part, part, rounds=rounds, seed=seed) for part in parts]
    counts = sum((trial.counts for trial in trials), Counter[str]())
    return Verdict(
        proof="surface",
        tried=sum(trial.tried.total() for trial in trials),
        lost=counts["lost"],
        doubled=counts["doubled"],
        untyped=counts["untyped"],
        failures=[f"seed {seed}, rounds {rounds}: {line}" for trial in trials for line in trial.failures],
        more={
            "rows": {trial.served.name: rows_of(trial) for trial in trials},
            "told": {trial.served.name: trial.told for trial in trials},
            "seconds": round(time.monotonic() - began),
        },
    )


def rows_of(trial: Trial) -> dict[str, object]:
    """How often each row was tried, and how it was answered."""
    return {
        row: {"tried": number, "answers": {str(status): count for status, count in sorted(trial.came[row].items())}}
        for row, number in trial.tried.items()
    }


def _tried(folder: Path, part: str, *, rounds: int, seed: int) -> Trial:
    if part in _SERVED:
        folder.mkdir()
        with _SERVED[part](folder) as served:
            return attacked(served, folder / "schemathesis", rounds=rounds, seed=seed)
    trial = Trial(Served(part, Door(("127.0.0.1", 0)), folder))
    if part == "addresses":
        try_addresses(trial, folder)
    else:
        try_secrets(trial, folder, seed)
    return trial


def attacked(served: Served, scratch: Path, *, rounds: int, seed: int) -> Trial:
    """All that is tried on one surface."""
    trial = Trial(served)
    try_described(trial, scratch, rounds=rounds, seed=seed)
    try_guards(trial)
    try_paths(trial, random.Random(seed), rounds)
    try_smuggling(trial, random.Random(seed), rounds * 4)
    if served.door.token:
        try_doors(trial)
    try_oversize(trial, random.Random(seed))
    if "Traceback" in served.written():
        trial.found("untyped", "log", "afterwards", "a traceback stands in what it has said")
    return trial


def try_described(trial: Trial, scratch: Path, *, rounds: int, seed: int) -> None:
    """What schemathesis finds, and whether all that it was told is taken is there."""
    row, served = "description: schemathesis", trial.served
    came = described(served, scratch, examples=rounds, seed=seed)
    trial.note(row, tried=came.requests)
    trial.told[row] = {"operations": came.operations, "checks": list(came.checks), "taken": len(came.taken)}
    for failure in came.failures:
        trial.found("untyped", row, f"{rounds} examples", failure)
    known = {f"s{number}": sha256 for sha256, number in served.contents().items()}
    for number, sha256 in came.taken:
        if known.get(number) != sha256:
            trial.found("lost", row, number, "was taken, and is not there")
    trial.alive(row)
