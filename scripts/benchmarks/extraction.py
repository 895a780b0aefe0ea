"""Reading bibliographies: how well, how fast and in how much memory, with peers beside on the same PDFs.

    scripts/bench extraction [--json] [--corpora DIR] [--sets jose,pmc] [--peers/--no-peers] [--limit N]

The sets are the project's own samples (`samples`) and every folder of DIR that holds `pdfs` and `gold`. Everything
runs in processes of its own, one file at a time; figures are the scorer's, those of speed are CPU seconds.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from benchmarks import extraction_peers, scoring

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"
SCORER = SHARED / "score" / "score_references.py"
SAMPLES = (ROOT / "dl_lit" / "demo", ROOT / "tests" / "samples")
_OURS_S = 3_600.0
_SHOWN = ("f1", "precision", "recall", "instance_f1", "title", "first_author", "year", "doi", "order")


@dataclass(frozen=True, slots=True)
class TestSet:
    """PDFs with gold lists of the same names."""

    name: str
    pdfs: tuple[Path, ...]
    gold: tuple[Path, ...]


def sets(corpora: Path | None, wanted: frozenset[str], limit: int | None) -> Iterator[TestSet]:
    """The sets to run, the samples first; `wanted` empty means all, `limit` the first PDFs of each alone."""
    folders = {"samples": [(folder / "samples" if folder.name == "demo" else folder / "pdfs", folder / "gold")
                           for folder in SAMPLES]}  # fmt: skip
    for folder in sorted(corpora.iterdir()) if corpora and corpora.is_dir() else ():
        if (folder / "pdfs").is_dir() and (folder / "gold").is_dir():
            folders[folder.name] = [(folder / "pdfs", folder / "gold")]
    unknown = wanted - folders.keys()
    if unknown:
        looked = f"looked in {corpora}" if corpora and corpora.is_dir() else f"the folder {corpora} is not there"
        raise click.BadParameter(
            f"no set called {', '.join(sorted(unknown))}; there are {', '.join(folders)} ({looked}; --corpora names "
            "another folder)"
        )
    for name, places in folders.items():
        if wanted and name not in wanted:
            continue
        pdfs = [path for where, _ in places for path in sorted(where.glob("*.pdf"))]
        gold = {path.stem: path for _, where in places for path in sorted(where.glob("*.json"))}
        chosen = [path for path in pdfs if path.stem in gold][:limit]
        yield TestSet(name, tuple(chosen), tuple(gold[path.stem] for path in chosen))


def score(one: TestSet, documents: list[dict[str, Any]], folder: Path) -> dict[str, Any]:
    """The scorer's figures: the reviewers' own scorer where it is there, else ours by the same rules."""
    gold = folder / "gold"
    if not gold.exists():
        gold.mkdir()
        for path in one.gold:
            (gold / path.name).symlink_to(path)
    if not SCORER.is_file():
        return dict(scoring.scored(gold, documents))
    read = folder / "scored.json"
    read.write_text(json.dumps({"documents": documents}, ensure_ascii=False), encoding="utf-8")
    command = [sys.executable, str(SCORER), "--gold", str(gold), "--pred", str(read), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_OURS_S)
    if done.returncode != 0:
        raise click.ClickException(f"the scorer ended with {done.returncode}: {done.stderr[-1000:]}")
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


def ours(one: TestSet, folder: Path) -> dict[str, Any]:
    """Our reading of a set."""
    out = folder / "ours.json"
    command = [sys.executable, "-m", "benchmarks.extraction_ours", str(out), *map(str, one.pdfs)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False, timeout=_OURS_S)
    if done.returncode != 0:
        raise click.ClickException(f"our reading of {one.name} ended with {done.returncode}")
    taken = json.loads(done.stdout)
    documents = json.loads(out.read_text(encoding="utf-8"))["documents"]
    pages = int(taken["pages"])
    return {
        "pages": pages,
        **score(one, documents, folder),
        **_speed(pages, taken),
        "pages_per_cpu_s_text_alone": _per(pages, taken["text_cpu_s"]),
        "pages_per_cpu_s_with_parent": _per(pages, taken["cpu_s"] + taken["parent_cpu_s"]),
        "errors": _errors(documents),
    }


def prepared() -> dict[extraction_peers.Peer, Path | str]:
    """The Python of every peer's environment, or the sentence why the peer is left out."""
    found: dict[extraction_peers.Peer, Path | str] = {}
    for peer in extraction_peers.PEERS:
        try:
            found[peer] = extraction_peers.prepare(peer)
        except extraction_peers.NotToBeHad as error:
            click.echo(str(error), err=True)
            found[peer] = str(error)
    return found


def theirs(
    one: TestSet,
    peer: extraction_peers.Peer,
    python: Path | str,
    pages: int,
    folder: Path,
    *,
    timeout_s: float,
    file_s: int,
) -> dict[str, Any]:
    """A peer's reading of the same set; where `python` is the sentence why there is none, that in `left_out`."""
    if isinstance(python, str):
        return {"left_out": python}
    taken = extraction_peers.read(peer, python, list(one.pdfs), folder, timeout_s=timeout_s, file_s=file_s)
    documents = taken["documents"]
    return {
        "version": peer.requirement.partition("==")[2],
        "licence": peer.licence,
        **score(one, documents, folder),
        **_speed(pages, taken),
        "timed_out": taken["timed_out"],
        "errors": _errors(documents),
    }


def _speed(pages: int, taken: dict[str, Any]) -> dict[str, Any]:
    return {
        "pages_per_cpu_s": _per(pages, taken["cpu_s"]),
        "cpu_s": round(taken["cpu_s"], 2),
        "wall_s": round(taken["wall_s"], 2),
        "peak_mb": round(taken["peak_mb"], 1),
    }


def _per(pages: int, seconds: float) -> float:
    return round(pages / seconds, 1) if seconds else 0.0


def _errors(documents: list[dict[str, Any]]) -> dict[str, str]:
    return {Path(one["path"]).name: str(one["error"]) for one in documents if one.get("error")}


@click.command()
@click.option(
    "--corpora",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder of sets; corpora in the folder `shared` beside the checkout unless given.",
)
@click.option("--sets", "wanted", default="", help="Only these sets, separated by commas.")
@click.option("--peers/--no-peers", default=True, help="Run the peers, too; it takes several minutes.")
@click.option("--limit", type=click.IntRange(min=1), help="Only the first PDFs of each set.")
@click.option("--peer-timeout-s", default=1_800.0, show_default=True, help="For one set.")
@click.option("--peer-file-s", default=120, show_default=True, help="For one file.")
@click.option("--json", "as_json", is_flag=True)
def command(
    corpora: Path | None,
    wanted: str,
    limit: int | None,
    peer_timeout_s: float,
    peer_file_s: int,
    *,
    peers: bool,
    as_json: bool,
) -> None:
    """Measure the reading of bibliographies."""
    names = frozenset(filter(None, wanted.split(",")))
    result: dict[str, Any] = {
        "schema": "dl-lit/bench-extraction/1",
        "scorer": "shared" if SCORER.is_file() else "own",
        "sets": {},
    }
    chosen = tuple(sets(corpora or SHARED / "corpora", names, limit))  # before anything is installed for the peers
    environments = prepared() if peers else {}
    for one in chosen:
        with tempfile.TemporaryDirectory(prefix="dl-lit-bench-") as temporary:
            folder = Path(temporary)
            figures = ours(one, folder)
            _say(one.name, "dl_lit", figures)
            if peers:
                figures["peers"] = {}
                for peer, python in environments.items():
                    found = theirs(
                        one, peer, python, figures["pages"], folder, timeout_s=peer_timeout_s, file_s=peer_file_s
                    )
                    figures["peers"][peer.name] = found
                    _say(one.name, peer.name, found)
        result["sets"][one.name] = figures
    if as_json:
        click.echo(json.dumps(result, indent=1))
        return
    _table(result["sets"])


def _say(name: str, reader: str, figures: dict[str, Any]) -> None:
    if "f1" in figures:
        click.echo(
            f"{name:10} {reader:17} F1 {figures['f1']:.4f}, instances {figures['instance_f1']:.4f}, "
            f"{figures['pages_per_cpu_s']:.1f} pages/CPU s, {figures['peak_mb']:.0f} MB, "
            f"{len(figures['errors'])} errors in {figures['documents']} files",
            err=True,
        )


def _table(found: dict[str, Any]) -> None:
    click.echo(f"{'set':10} {'reader':17} " + " ".join(f"{name[:9]:>9}" for name in (*_SHOWN, "pages/cpu", "MB")))
    for name, figures in found.items():
        for reader, row in (("dl_lit", figures), *figures.get("peers", {}).items()):
            if "f1" not in row:
                click.echo(f"{name:10} {reader:17} {row['left_out']}")
                continue
            numbers = " ".join(f"{row[figure]:9.4f}" for figure in _SHOWN)
            click.echo(f"{name:10} {reader:17} {numbers} {row['pages_per_cpu_s']:9.1f} {row['peak_mb']:9.1f}")
