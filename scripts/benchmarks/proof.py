"""How surely a fetched file is told to be the work, or another one.

    scripts/bench proof [--json] [--all] [--told]

Files are checked as after a download and judged by `dl_lit.matching.proof`: the sample papers, each as itself and as
works that resemble it or that it cites, and made-up files that are set with typst (`proof_traps`). `--all` adds the
real PDFs of ../shared/corpora against 350,000 real records. Each right pair is judged four times: as it is, without the
record's DOI, with nothing but title and people, and without people. The exit code is 1 where a wrong file was accepted
or a right one refused.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import click
from benchmarks.proof_corpus import Held, held
from benchmarks.proof_traps import Trap, traps

from dl_lit.core.errors import PdfError
from dl_lit.core.model import Location, Work
from dl_lit.core.ports import PdfFacts
from dl_lit.core.proof import Proof, Verdict
from dl_lit.matching.proof import prove
from dl_lit.pdf.checking import check_pdf

SCHEMA = "dl-lit/bench-proof/1"
CHECKOUT = Path(__file__).parents[2]
SHARED = CHECKOUT.parent / "shared" / "corpora"
DEMO = CHECKOUT / "dl_lit" / "demo"
_SETS = ("jose", "juliacon", "pmc", "scielo")
_EDGES = (0.05, 0.5, 0.8, 0.95, 0.99)  # of the scores that are counted together
_MAX_BYTES = 200 * 1024 * 1024
_LOCATION = Location(url="https://example.invalid/paper.pdf")


@dataclass(slots=True)
class Tally:
    """What all judgements came to."""

    right: Counter[Verdict] = field(default_factory=Counter)
    wrong: Counter[Verdict] = field(default_factory=Counter)
    doubtful: Counter[Verdict] = field(default_factory=Counter)
    scores: Counter[tuple[float, bool]] = field(default_factory=Counter)
    told: list[str] = field(default_factory=list)
    other_version: list[str] = field(default_factory=list)
    check_ms: list[float] = field(default_factory=list)
    judge_s: float = 0.0
    files: int = 0

    def check(self, path: Path) -> PdfFacts | None:
        """The facts of a file; None where it cannot be opened."""
        start = time.perf_counter()
        try:
            return check_pdf(path, max_bytes=_MAX_BYTES)
        except PdfError:
            return None
        finally:
            self.files += 1
            self.check_ms.append((time.perf_counter() - start) * 1000)

    def judge(self, name: str, work: Work, facts: PdfFacts, *, is_right: bool | None) -> Proof:
        """Judge once and count it."""
        start = time.perf_counter()
        proof = prove(work, facts, _LOCATION)
        self.judge_s += time.perf_counter() - start
        counted = {True: self.right, False: self.wrong, None: self.doubtful}[is_right]
        counted[proof.verdict] += 1
        if is_right is not None:
            edge = max((one for one in _EDGES if proof.score >= one), default=0.0)
            self.scores[edge, is_right] += 1
        is_as_hoped = (proof.verdict is Verdict.VERIFIED) is bool(is_right)
        if not is_as_hoped:
            self.told.append(f"{name}: {proof.verdict.value} {proof.score}: {'; '.join(proof.evidence)} | {work.title}")
        return proof

    @property
    def judged(self) -> int:
        """How many judgements there were."""
        return sum(self.right.values()) + sum(self.wrong.values()) + sum(self.doubtful.values())


def lessened(work: Work) -> Iterator[tuple[str, Work]]:
    """The record as it is, and with less in it."""
    bare = replace(work, doi=None, year=None, container_title=None, volume=None, pages=None)
    yield "as it is", work
    yield "without DOI", replace(work, doi=None)
    yield "title and people", bare
    if work.authors:
        yield "without people", replace(work, authors=())


def judge_held(tally: Tally, one: Held) -> None:
    """One PDF as its work, and as those it is not."""
    facts = tally.check(one.path)
    if facts is None:
        return
    for how, work in lessened(one.work):
        tally.judge(f"{one.path.name} {how}", work, facts, is_right=True)
    for other in one.others:
        tally.judge(one.path.name, other, facts, is_right=False)


def judge_trap(tally: Tally, trap: Trap, folder: Path) -> None:
    """One made-up file."""
    path = folder / f"{trap.name}.pdf"
    path.write_bytes(trap.pdf)
    facts = tally.check(path)
    if facts is None:
        tally.told.append(f"{trap.name}: does not open")
        return
    proof = tally.judge(trap.name, trap.work, facts, is_right=trap.is_right)
    if trap.version is not None and proof.version is not trap.version:
        tally.other_version.append(trap.name)


def report(tally: Tally) -> dict[str, Any]:
    """The figures as one document."""
    right, wrong = sum(tally.right.values()), sum(tally.wrong.values())
    ordered = sorted(tally.check_ms)
    return {
        "schema": SCHEMA,
        "files": tally.files,
        "right": right,
        "verified_right": tally.right[Verdict.VERIFIED],
        "verified_share": round(tally.right[Verdict.VERIFIED] / max(right, 1), 4),
        "right_to_review": tally.right[Verdict.NEEDS_REVIEW] + tally.right[Verdict.UNVERIFIED],
        "refused_right": tally.right[Verdict.REFUSED],
        "wrong": wrong,
        "accepted_wrong": tally.wrong[Verdict.VERIFIED] + tally.wrong[Verdict.UNVERIFIED],
        "wrong_to_review": tally.wrong[Verdict.NEEDS_REVIEW],
        "refused_wrong": tally.wrong[Verdict.REFUSED],
        "doubtful": sum(tally.doubtful.values()),
        "accepted_doubtful": tally.doubtful[Verdict.VERIFIED],
        "other_version": tally.other_version,
        "scores": [
            {"from": edge, "right": tally.scores[edge, True], "wrong": tally.scores[edge, False]}
            for edge in (0.0, *_EDGES)
        ],
        "check_ms": {"median": round(ordered[len(ordered) // 2], 1), "p90": round(ordered[len(ordered) * 9 // 10], 1)},
        "judge_ms": round(tally.judge_s * 1000 / max(tally.judged, 1), 2),
    }


def measured(*, with_shared: bool) -> Tally:
    """All judgements."""
    tally = Tally()
    sets: list[tuple[Sequence[tuple[Path, Path]], Path]] = [
        (((DEMO / "samples", DEMO / "gold"),), DEMO / "universe.jsonl")
    ]
    if with_shared:
        real = [(SHARED / name / "pdfs", SHARED / name / "gold") for name in _SETS]
        sets.append((real, SHARED / "universe.jsonl.gz"))
    for folders, universe in sets:
        for one in held(folders, universe):
            judge_held(tally, one)
    with tempfile.TemporaryDirectory(prefix="dl-lit-proof-") as folder:
        for trap in traps():
            judge_trap(tally, trap, Path(folder))
    return tally


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One document on one line.")
@click.option("--all", "with_shared", is_flag=True, help="The real PDFs of ../shared/corpora, too.")
@click.option("--told", is_flag=True, help="Say on standard error what was judged otherwise than hoped.")
def command(*, as_json: bool, with_shared: bool, told: bool) -> None:
    """Judge files that are the work, and files that only look like it."""
    if with_shared and not SHARED.is_dir():
        raise click.ClickException(f"{SHARED} is not there")
    tally = measured(with_shared=with_shared)
    figures = report(tally)
    if told:
        for line in tally.told:
            click.echo(line, err=True)
    click.echo(json.dumps(figures, ensure_ascii=False, indent=None if as_json else 2))
    sys.exit(1 if figures["accepted_wrong"] or figures["refused_right"] or figures["accepted_doubtful"] else 0)
