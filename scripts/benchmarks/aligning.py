"""Aligning bibliographies with lists of cited works: how often a pair is right, how many of the possible are found.

    scripts/bench aligning [--json] [--corpora DIR] [--sets samples,pmc] [--limit N] [--show-wrong]

The PDFs are read by the project's own reader; lists such as Crossref and OpenAlex have are made from the gold lists,
seeded, with entries missing, misspelt, without title, in another order. Identifiers that are printed are hidden from
the alignment, for with them it is no task.
"""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click
from benchmarks.aligning_lists import KINDS, listed, truth
from benchmarks.extraction import SHARED, TestSet, sets

from dl_lit.core.errors import PdfError
from dl_lit.core.model import Reference
from dl_lit.matching.aligning import Pair, align
from dl_lit.pdf.reader import ChildReader

SEED = 20261123
TIMEOUT_S = 240.0


@dataclass(frozen=True, slots=True)
class Paper:
    """One PDF as read, and what it really cites."""

    name: str
    references: tuple[Reference, ...]
    gold: list[dict[str, Any]]
    truth: dict[int, int]


def read(chosen: list[TestSet]) -> list[Paper]:
    """The papers of the sets, identifiers hidden; those that cannot be read are left out."""
    papers: list[Paper] = []
    with ChildReader(1, timeout_s=TIMEOUT_S) as reader:
        for one in chosen:
            for pdf, path in zip(one.pdfs, one.gold, strict=True):
                gold = json.loads(path.read_text(encoding="utf-8"))
                try:
                    references = reader.read(pdf).references
                except PdfError as error:
                    click.echo(f"{pdf.name}: {error}", err=True)
                    continue
                known = truth(references, gold["references"])
                hidden = tuple(replace(each, doi=None, arxiv_id=None, pmid=None) for each in references)
                papers.append(Paper(f"{one.name}/{pdf.stem}", hidden, gold["references"], known))
    return papers


def measure(papers: list[Paper], kind: str, *, show_wrong: bool) -> dict[str, Any]:
    """Align every paper with a list of one kind."""
    counts: Counter[str] = Counter()
    grounds: Counter[str] = Counter()
    started = time.perf_counter()
    for paper in papers:
        rng = random.Random(f"{SEED}|{kind}|{paper.name}")
        entries = listed(kind, rng, paper.gold, {at: paper.references[place] for place, at in paper.truth.items()})
        places = {id(one): place for place, one in enumerate(paper.references)}
        at_of = {(one.source, one.position, one.openalex_id): at for one, at in entries}
        found = align(paper.references, [one for one, _ in entries])
        here = {at for _, at in entries}
        counts["possible"] += sum(at in here for at in paper.truth.values())
        for pair in found.pairs:
            at = at_of[pair.listed.source, pair.listed.position, pair.listed.openalex_id]
            is_right = paper.truth.get(places[id(pair.reference)]) == at
            counts["right" if is_right else "wrong"] += 1
            grounds[pair.how.value] += 1
            if show_wrong and not is_right:
                _show(paper, kind, pair)
    pairs = counts["right"] + counts["wrong"]
    return {
        "possible": counts["possible"],
        "pairs": pairs,
        "wrong": counts["wrong"],
        "precision": round(counts["right"] / max(1, pairs), 5),
        "recall": round(counts["right"] / max(1, counts["possible"]), 4),
        "how": dict(sorted(grounds.items())),
        "seconds": round(time.perf_counter() - started, 2),
    }


def _show(paper: Paper, kind: str, pair: Pair) -> None:
    one = pair.listed
    click.echo(f"{paper.name} {kind} {pair.how.value} {pair.score}\n  printed {pair.reference.raw[:160]}", err=True)
    click.echo(f"  listed {one.raw or (one.author, one.year, one.title, one.container_title, one.doi)}", err=True)


@click.command(help=__doc__.splitlines()[0])
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.option("--corpora", type=click.Path(path_type=Path), default=SHARED / "corpora", help="Folder of more sets.")
@click.option("--sets", "wanted", default="", help="Which sets, by name, with commas; all of them unless named.")
@click.option("--limit", type=int, help="Only so many PDFs of each set.")
@click.option("--show-wrong", is_flag=True, help="Show each wrong pair.")
def command(as_json: bool, corpora: Path, wanted: str, limit: int | None, show_wrong: bool) -> None:  # noqa: FBT001 - click
    """Read, align, count."""
    names = frozenset(filter(None, wanted.split(",")))
    papers = read(list(sets(corpora if corpora.is_dir() else None, names, limit)))
    lists = {kind: measure(papers, kind, show_wrong=show_wrong) for kind in KINDS}
    pairs, wrong, possible = (sum(one[name] for one in lists.values()) for name in ("pairs", "wrong", "possible"))
    document = {
        "schema": "dl-lit/bench-aligning/1",
        "papers": len(papers),
        "references": sum(len(paper.references) for paper in papers),
        "precision": round((pairs - wrong) / max(1, pairs), 5),
        "recall": round((pairs - wrong) / max(1, possible), 4),
        "lists": lists,
    }
    if as_json:
        click.echo(json.dumps(document, indent=1))
        return
    click.echo(f"{document['papers']} papers, {document['references']} entries read; identifiers hidden")
    for kind, one in lists.items():
        click.echo(f"{kind:9} {one['pairs']:6} pairs  precision {one['precision']:.4f}  recall {one['recall']:.4f}")
    click.echo(f"{'all':9} {pairs:6} pairs  precision {document['precision']:.4f}  recall {document['recall']:.4f}")
