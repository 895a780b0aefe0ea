"""Titles, names and addresses that try to be more than text, through every output, each read back by another reader.

    scripts/prove text [--rounds 200] [--seed 1] [--json]

Every attack of `attacks` is sent through all outputs as it is; a round is one more, joined and cut of these with
controls strewn in. The proof fails where a text does not come out as text ("lost"), where it makes a record, a field,
an element, a line or a command of its own or leaves a character that acts on a terminal ("doubled"), and where an
output ends in an error ("untyped").
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import click
from proofs.text import files, lines, program
from proofs.text.attacks import Attack, attacks
from proofs.text.lines import Found

_PROGRAM_ROUNDS = 40  # rounds of which the texts also go through the whole program: a database, every command
_TOLD = 100  # failures that are told one by one


@click.command()
@click.option("--rounds", default=200, show_default=True, help="Attacks that are put together by chance.")
@click.option("--seed", default=1, show_default=True, help="Decides what they are put together of.")
@click.option("--json", "as_json", is_flag=True)
def command(*, rounds: int, seed: int, as_json: bool) -> None:
    """Send hostile texts through every output and prove that each comes out as text."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="dl-lit-prove-") as scratch:
        report = proven(rounds, seed, Path(scratch))
    report["seconds"] = round(time.monotonic() - began, 1)
    if as_json:
        click.echo(json.dumps(report, indent=1))
    else:
        click.echo("\n".join(f"{name:10} {json.dumps(value)}" for name, value in report.items()))
    sys.exit(1 if report["failures"] else 0)


def proven(rounds: int, seed: int, folder: Path, *, step: int = 1) -> dict[str, object]:
    """The figures, and under "failures" what must not be; one text of `step` also goes through the whole program."""
    sent = list(attacks(random.Random(seed), rounds))
    in_program = program.fitting(list(attacks(random.Random(seed), min(rounds, _PROGRAM_ROUNDS))))[::step]
    outputs = (
        *((name, len(sent), _file(name, sent)) for name in files.CHECKS),
        ("log files", 2 * len(sent), lines.log_files(sent, folder)),
        ("journal", len(lines.for_journal(sent)), lines.journal(sent, folder)),
        ("metrics", len(sent), lines.metrics(sent)),
        ("notifications", 2 * len(sent), lines.notifications(sent, folder)),
        *_of_program(in_program, folder),
    )
    tried: Counter[str] = Counter()
    found: list[Found] = []
    for name, number, output in outputs:
        tried[name] += number
        found += output
    kinds = Counter(kind for _, _, kind, _ in found)
    return {
        "schema": "dl-lit/proof-text/1",
        "attacks": len(sent),
        "tried": tried.total(),
        "outputs": dict(tried),
        **{kind: kinds[kind] for kind in ("lost", "doubled", "untyped")},
        "failures": [f"{output}: {attack}: {kind}: {seen!a}" for output, attack, kind, seen in found[:_TOLD]],
    }


def _file(name: str, sent: Sequence[Attack]) -> Iterator[Found]:
    for attack in sent:
        try:
            yield from ((name, attack.name, kind, seen) for kind, seen in files.CHECKS[name](attack))
        except Exception as error:  # noqa: BLE001 - whatever it is, it is what the proof looks for
            yield name, attack.name, "untyped", repr(error)[:200]


def _of_program(sent: Sequence[Attack], folder: Path) -> Iterator[tuple[str, int, Iterator[Found]]]:
    """Exports, the live screen, the control surface and the commands, on one database with all of them."""
    path = folder / "dl-lit.db"
    program.fill(path, sent)
    yield "exports of a database", 9 * len(sent), program.exports(path, sent)
    yield "live screen", 4 * len(sent), program.screens(path, sent)
    yield "dashboard", len(sent), program.dashboard(path, sent)
    yield "commands", 5 * len(sent), program.commands(path, sent, folder)
