"""Every service and host under every fault, alone and all at once; clocks, names, proxies, TLS and the network itself.

    scripts/prove faults [--rounds N] [--seed N] [--jobs 2] [--minutes N] [--only PATTERN] [--json]

One fault at one place for an hour of a whole batch's life (the real pipeline, its database, gates and library; its
clock leaps over what it waits for), then health. Lost or doubled is what the undisturbed run has or has not; untyped
what ended without one of our reasons. Whatever ended for good although health would have brought it has to come back by
itself. The table tells how many places were tried, what was asked meanwhile, and what people saw.
"""

from __future__ import annotations

import json
import math
import multiprocessing
import random
import re
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import Any

import click
from proofs.faults import rows
from proofs.faults.cell import Cell, Ended, tried, undisturbed
from proofs.faults.kinds import EVERYBODY, FAULTS, places
from proofs.faults.scene import Scene, scene
from proofs.picture import Picture
from proofs.verdict import Verdict

from dl_lit import logs

_TOLD = 3  # of a cell, in its failure's line

_here: tuple[Scene, Picture, Path] | None = None  # of this process
_open = ExitStack()


def cells() -> list[Cell]:
    """The whole matrix."""
    return [Cell(fault, place) for fault in FAULTS for place in places(fault)]


def chosen(rounds: int, seed: int, only: str) -> list[Cell]:
    """So many cells of the matrix, or all of them; `only` is a pattern for their names."""
    every = [cell for cell in cells() if re.search(only, cell.name)]
    chance = random.Random(seed)
    if 0 < rounds < len(every):
        return chance.sample(every, rounds)
    chance.shuffle(every)  # so that long ones do not come together
    return sorted(every, key=lambda cell: cell.place != EVERYBODY)


def begin(base: Path, seed: int) -> None:
    """Make this process's scene; it lasts as long as the process does."""
    global _here  # noqa: PLW0603 - what a pool's process has is its own
    logs.configure(level="critical", form="json", file=None)
    folder = base / multiprocessing.current_process().name
    one = _open.enter_context(scene(folder, seed))
    _here = one, undisturbed(one, folder / "undisturbed"), folder


def one_cell(cell: Cell) -> Ended:
    """Try one cell in this process."""
    if _here is None:
        raise RuntimeError("there is no scene")
    one, expected, folder = _here
    return tried(one, folder / "cell", cell, expected)


def all_cells(
    wanted: Sequence[Cell], base: Path, seed: int, jobs: int, until: float = math.inf
) -> Iterator[tuple[Cell, Ended]]:
    """Try them, some at a time, as they end; none is begun after `until` (monotonic)."""
    context, rest = multiprocessing.get_context("spawn"), iter(wanted)
    with ProcessPoolExecutor(jobs, mp_context=context, initializer=begin, initargs=(base, seed)) as pool:
        under_way = {pool.submit(one_cell, cell): cell for cell in islice(rest, 2 * jobs)}
        while under_way:
            for future in wait(under_way, return_when=FIRST_COMPLETED).done:
                yield under_way.pop(future), future.result()
                if time.monotonic() < until and (cell := next(rest, None)) is not None:
                    under_way[pool.submit(one_cell, cell)] = cell


def table(results: Sequence[tuple[Cell, Ended]]) -> dict[str, dict[str, Any]]:
    """By fault: places, requests that met it, files had meanwhile, what came back how, what people saw."""
    found: dict[str, dict[str, Any]] = {}
    for name in FAULTS:
        of_it = [ended for cell, ended in results if cell.fault == name]
        if not of_it:
            continue
        reasons = sum((one.reasons for one in of_it), Counter())
        found[name] = {
            "places": len(of_it),
            "met": sum(bool(one.struck) for one in of_it),
            "asked": sum(one.struck for one in of_it),
            "meanwhile": round(sum(one.meanwhile for one in of_it) / len(of_it), 1),
            "on_their_day": sum(bool(one.by_itself) for one in of_it),
            "by_hand": sum(bool(one.by_hand) for one in of_it),
            "for_good": sum(bool(one.for_good) for one in of_it),
            "other_copies": sum(one.other_copies for one in of_it),
            "weaker": sum(one.weaker for one in of_it),
            "lost": sum(one.lost for one in of_it),
            "doubled": sum(one.doubled for one in of_it),
            "untyped": sum(one.untyped for one in of_it),
            "clumped": sum(bool(one.notes) for one in of_it),
            "failed": sum(bool(one.told) for one in of_it),
            "reasons": [name for name, _ in reasons.most_common() if name not in _USUAL],
            "conditions": sorted(set().union(*(one.conditions for one in of_it))),
        }
    return found


_USUAL = frozenset({"ok", "ok-preprint", "ok-accepted-version", "no-match", "no-oa-location"})


@click.command()
@click.option("--rounds", default=0, show_default=True, help="Cells of the matrix, drawn by the seed; 0: all of them.")
@click.option("--seed", default=1, show_default=True, help="Decides the replica's works, and which cells are drawn.")
@click.option("--jobs", default=2, show_default=True, help="Cells tried at once.")
@click.option("--minutes", default=0.0, help="Begin no cell after so long; 0: go through all.")
@click.option("--only", default="", help="A pattern for the names of cells and rows: '429 at', 'at crossref$'.")
@click.option("--rows/--no-rows", "with_rows", default=True, help="Also clocks, names, proxies, TLS, the network.")
@click.option("--keep", type=click.Path(path_type=Path), help="Work in this new folder and keep it.")
@click.option("--json", "as_json", is_flag=True)
def command(
    *, rounds: int, seed: int, jobs: int, minutes: float, only: str, with_rows: bool, keep: Path | None, as_json: bool
) -> None:
    """Let services fail in every way, and prove that nothing is lost."""
    began = time.monotonic()
    logs.configure(level="critical", form="json", file=None)
    with ExitStack() as stack:
        base = keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dl-lit-prove-")))
        wanted = chosen(rounds, seed, only)
        results: list[tuple[Cell, Ended]] = []
        until = began + 60.0 * minutes if minutes else math.inf
        for cell, ended in all_cells(wanted, base, seed, jobs, until) if wanted else ():
            results.append((cell, ended))
            _say(f"{len(results):5} of {len(wanted)}", ended)
        others = _rows(base, seed, only) if with_rows else []
    every = [ended for _, ended in results] + others
    Verdict(
        "faults",
        tried=len(every),
        lost=sum(one.lost for one in every),
        doubled=sum(one.doubled for one in every),
        untyped=sum(one.untyped for one in every),
        failures=[line for one in every for line in failures(one, seed)],
        more={
            "seconds": round(time.monotonic() - began),
            "faults": table(results),
            "rows": [_row(one) for one in others],
        },
    ).tell(as_json=as_json)


def failures(one: Ended, seed: int) -> list[str]:
    """A line for a cell or row that does not hold."""
    if not (one.told or one.lost or one.doubled or one.untyped):
        return []
    return [f"--seed {seed} --only '^{re.escape(one.name)}$': " + "; ".join(one.told[:_TOLD])]


def _rows(base: Path, seed: int, only: str) -> list[Ended]:
    wanted: dict[str, Callable[[Path, int], Ended]] = {
        name: row for name, row in rows.ROWS.items() if re.search(only, name)
    }
    found = []
    for name, row in wanted.items():
        try:
            ended = row(base / "rows", seed)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is what the proof looks for
            ended = Ended(name, untyped=1, told=[f"raised {error!r}"[:400]])
        found.append(ended)
        _say("row", ended)
    return found


def _row(one: Ended) -> dict[str, Any]:
    return {
        "row": one.name,
        "meanwhile": one.meanwhile,
        "reasons": [name for name, _ in one.reasons.most_common() if name not in _USUAL],
        "conditions": sorted(one.conditions),
        "lost": one.lost,
        "doubled": one.doubled,
        "untyped": one.untyped,
        "told": one.notes,
    }


def _say(number: str, one: Ended) -> None:
    holds = (
        "holds" if not (one.told or one.lost or one.doubled or one.untyped) else f"DOES NOT HOLD: {one.told[:_TOLD]}"
    )
    click.echo(json.dumps([number, one.name, round(one.seconds, 1), one.struck, one.meanwhile, holds])[:600], err=True)
