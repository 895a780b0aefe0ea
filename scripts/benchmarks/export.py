"""Exports of a large library: seconds and memory of every format, beside bibtexparser and pybtex writing the same.

scripts/bench export [--json] [--works 100000]

The database is one of `proofs.scale`, its works those of ../shared/corpora where that is at hand, else made-up ones.
"""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from typing import Any

import click
import msgspec
from proofs.roundtrip.records import real_records
from proofs.scale.filling import fill

from dl_lit.cli.export import FORMATS
from dl_lit.core.model import Work

CHECKOUT = Path(__file__).resolve().parents[2]
UNIVERSE = CHECKOUT.parent / "shared" / "corpora" / "universe.jsonl.gz"
_MOST_REAL = 50_000  # works that are read for it; beyond they are repeated, under DOIs of their own
_TIMEOUT_S = 3_600.0


def real_works(universe: Path, number: int) -> Iterator[Work]:
    """That many works, real ones over and over; none where there is no file of them."""
    if universe.is_file():
        yield from (record.work for record in real_records(universe, min(number, _MOST_REAL)))


def library(path: Path, works: int, universe: Path = UNIVERSE) -> int:
    """Make a database of at least so many works; how many there are."""
    path.parent.mkdir(parents=True, exist_ok=True)
    (path.parent / "library").mkdir(exist_ok=True)
    fill(path, works * 5 // 4 + 40)
    real = list(real_works(universe, works))
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("PRAGMA synchronous=OFF")
        ids = [row[0] for row in connection.execute("SELECT id FROM works ORDER BY id")]
        # Each has a DOI, as works of a library do; the title alone tells a repeated one from the first.
        connection.executemany(
            "UPDATE works SET title = ?, year = ?, record = json_set(?, '$.doi', works.doi) WHERE id = ?",
            (
                (work.title, work.year, msgspec.json.encode(work).decode(), id_)
                for id_, work in zip(ids, cycle(real), strict=False)
            ),
        )
        (count,) = connection.execute(
            "SELECT count(DISTINCT work_id) FROM entries WHERE work_id IS NOT NULL"
        ).fetchone()
    connection.close()
    return int(count)


def child(who: str, database: Path, form: str, file: Path) -> dict[str, Any]:
    """What one export in its own process came to."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.export_child", who, str(database), form, str(file)],
        capture_output=True, text=True, check=False, timeout=_TIMEOUT_S,
    )  # fmt: skip
    if done.returncode != 0:
        raise click.ClickException(f"{who} {form}: {done.stderr[-2000:]}")
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


def measured(folder: Path, works: int, formats: tuple[str, ...], universe: Path) -> dict[str, Any]:
    """Both libraries by every format, then the peers on the larger one."""
    told: dict[str, Any] = {"works": 0, "few": 0, "formats": {}}
    few, many = folder / "few" / "few.db", folder / "many" / "many.db"
    for path, number in ((few, max(1, works // 10)), (many, works)):
        told["few" if path == few else "works"] = library(path, number, universe)
        click.echo(f"made {path.name}", err=True)
        first = child("dl-lit", path, "bibtex", folder / "first.bib")  # gives all keys
        if path == many:
            told["giving_keys"] = first
    for form in formats:
        one = child("dl-lit", few, form, folder / "few.out")
        other = child("dl-lit", many, form, folder / "many.out")
        told["formats"][form] = {
            "seconds": other["seconds"],
            "cpu_s": other["cpu_s"],
            "rss_mb": other["rss_mb"],
            "rss_mb_few": one["rss_mb"],
            "megabytes": round((folder / "many.out").stat().st_size / 1e6, 1),
        }
        click.echo(f"{form}: {told['formats'][form]}", err=True)
    bib = folder / "first.bib"
    for who in ("writing", "bibtexparser", "pybtex"):
        figures = child(who, many, str(bib), folder / f"{who}.bib")
        if figures["entries"] != told["works"]:
            raise click.ClickException(f"{who} wrote {figures['entries']} entries of {told['works']}")
        told[who] = figures
        click.echo(f"{who}: {figures}", err=True)
    return told


@click.command(help="Exports of a large library, beside bibtexparser and pybtex writing the same entries.")
@click.option("--works", type=click.IntRange(min=10), default=100_000, show_default=True)
@click.option("--formats", default=",".join(FORMATS), show_default=True, help="Which, with commas between.")
@click.option("--universe", type=click.Path(path_type=Path), default=UNIVERSE, help="Real records, one a line.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(*, works: int, formats: str, universe: Path, as_json: bool) -> None:
    """Make the libraries, write them in every format, and tell."""
    with tempfile.TemporaryDirectory(prefix="dl-lit-bench-") as name:
        told = measured(Path(name), works, tuple(formats.split(",")), universe)
    figures = {
        "schema": "dl-lit/bench-export/1",
        "works": told["works"],
        "seconds": told["formats"].get("bibtex", told["giving_keys"])["seconds"],
        "rss_mb_peak": max(form["rss_mb"] for form in told["formats"].values()),
        "bibtexparser_s": told["bibtexparser"]["seconds"],
        "pybtex_s": told["pybtex"]["seconds"],
        "writing_s": told["writing"]["seconds"],
        "cpu_s": {who: told[who]["cpu_s"] for who in ("giving_keys", "writing", "bibtexparser", "pybtex")},
        "works_few": told["few"],
        "most_growth": max(form["rss_mb"] / form["rss_mb_few"] for form in told["formats"].values()),
        "bibtexparser_rss_mb": told["bibtexparser"]["rss_mb"],
        "pybtex_rss_mb": told["pybtex"]["rss_mb"],
        "formats": told["formats"],
        "records": "real" if universe.is_file() else "made up",
    }
    if as_json:
        click.echo(json.dumps(figures, indent=1))
        return
    for name_, value in figures.items():
        click.echo(f"{name_:22} {value}")
