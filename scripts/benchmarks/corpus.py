"""Corpora on worker nodes: equal to one machine's result, as fast as its processes, and what a dead node costs.

scripts/bench corpus [--json] [--folder ../shared/corpora] [--pdfs 1000] [--rounds 5] [--nodes 2]

Every run is the very command (`dl-lit corpus extract`). *equal*: all PDFs of the folder on the nodes, and here: the
same files, byte for byte. *ratio_to_local*: PDFs a second on the nodes against as many local processes, over copies of
the PDFs that differ in a trailing comment (so that none counts as read); local and nodes take turns over slices, since
other work goes on beside; the engine has been started before, as have its workers. *killed_node_survived*: one node
killed with -9, with all its processes, when a tenth is done: the result is again the local one, byte for byte.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import click
from benchmarks.corpus_nodes import ROOT, Nodes, environment

_ENDINGS = (0, 3)  # some of the PDFs are bad on purpose


def _command(source: Path, target: Path, *engine: str) -> list[str]:
    return [sys.executable, "-m", "dl_lit", "corpus", "extract", str(source), str(target), "--json", "--quiet", *engine]


def _told(code: int, out: bytes) -> dict[str, Any]:
    if code not in _ENDINGS:
        raise click.ClickException(f"dl-lit corpus extract ended with {code}")
    document: dict[str, Any] = json.loads(out)
    return document


def _run(source: Path, target: Path, *engine: str) -> dict[str, Any]:
    done = subprocess.run(_command(source, target, *engine), env=environment(), stdout=subprocess.PIPE, check=False)
    return _told(done.returncode, done.stdout)


def _files(folder: Path) -> dict[str, bytes]:
    """What counts of an output: all that is not about who worked on it."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != ".lock"
    }


def _copies(pdfs: list[Path], number: int, folder: Path) -> Path:
    """So many PDFs whose contents differ: the given ones again and again, with another comment at the end."""
    made = 0
    for turn in count():
        for pdf in pdfs:
            if made == number:
                return folder
            place = folder / f"{made // 250:04}"
            place.mkdir(parents=True, exist_ok=True)
            (place / f"{turn:03}-{pdf.name}").write_bytes(pdf.read_bytes() + f"\n% copy {turn}\n".encode())
            made += 1
    raise AssertionError("count() does not end")


def _slices(pdfs: list[Path], number: int, rounds: int, work: Path) -> Iterator[Path]:
    whole = _copies(pdfs, number, work / "copies")
    paths = sorted(whole.rglob("*.pdf"))
    for turn in range(rounds):
        listed = work / f"slice{turn}.txt"
        listed.write_text("".join(f"{path}\n" for path in paths[turn::rounds]), encoding="utf-8")
        yield listed


def _cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _compared(pdfs: list[Path], number: int, rounds: int, nodes: Nodes, work: Path) -> dict[str, float]:
    """Seconds of both, wall and processor, over the same slices in turn."""
    seconds = dict.fromkeys(("local_s", "nodes_s", "local_cpu_s", "nodes_cpu_s"), 0.0)
    at_once = str(len(nodes.nodes))
    for turn, listed in enumerate(_slices(pdfs, number, rounds, work)):
        local = (("--workers", at_once), "local")
        spread = (("--engine", "dask", "--scheduler", str(nodes.scheduler_file)), "nodes")
        for engine, name in (local, spread) if turn % 2 == 0 else (spread, local):
            own, theirs = _cpu_of_children(), nodes.cpu_s()
            told = _run(listed, work / f"{name}{turn}", *engine)
            seconds[f"{name}_s"] += told["this_run"]["seconds"]
            seconds[f"{name}_cpu_s"] += _cpu_of_children() - own
            if name == "nodes":
                seconds["nodes_cpu_s"] += nodes.cpu_s() - theirs
        click.echo(f"bench: round {turn + 1} of {rounds}: {seconds}", err=True)
    return seconds


def _survived(source: Path, work: Path, nodes: Nodes) -> dict[str, Any]:
    """What becomes of a run one of whose nodes dies when a tenth is done."""
    _run(source, work / "whole", "--workers", str(len(nodes.nodes)))
    target = work / "killed"
    engine = ("--engine", "dask", "--scheduler", str(nodes.scheduler_file))
    tenth = max(len(list((work / "whole" / "documents").iterdir())) // 10, 1)
    with subprocess.Popen(_command(source, target, *engine), env=environment(), stdout=subprocess.PIPE) as process:
        while process.poll() is None and len(list((target / "documents").glob("part-*"))) < tenth:
            time.sleep(0.02)
        was_running = process.poll() is None
        nodes.nodes[0].kill()
        out = process.communicate()[0]
    told = _told(process.returncode, out)
    nodes.nodes[0].start()
    is_equal = _files(target) == _files(work / "whole")
    return {
        "killed_node_survived": was_running and is_equal and told["is_whole"],
        "killed_after_partitions": tenth,
        "killed_documents": told["documents"],
    }


def _plain(path: Path) -> Path:
    return Path(os.path.abspath(path))  # noqa: PTH100 - links stay


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.option(
    "--folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=ROOT.parent / "shared" / "corpora",
    help="The PDFs.",
)
@click.option("--pdfs", "number", type=int, default=1_000, show_default=True, help="Copies to compare the speed on.")
@click.option("--rounds", type=int, default=5, show_default=True, help="Slices of these, taken in turn.")
@click.option(
    "--nodes", "node_count", type=int, default=2, show_default=True, help="Worker nodes, and local processes."
)
def command(*, as_json: bool, folder: Path, number: int, rounds: int, node_count: int) -> None:
    """Compare worker nodes with this machine's processes."""
    folder = _plain(folder)
    pdfs = sorted(folder.rglob("*.pdf"))
    with tempfile.TemporaryDirectory(prefix="dl-lit-bench-") as made:
        work = Path(made)
        began = time.monotonic()
        with Nodes(work / "cluster", node_count) as nodes:
            started_s = time.monotonic() - began
            click.echo(f"bench: {node_count} nodes up after {started_s:.1f} s", err=True)
            _run(folder, work / "here", "--workers", str(node_count))
            told = _run(folder, work / "there", "--engine", "dask", "--scheduler", str(nodes.scheduler_file))
            is_equal = _files(work / "here") == _files(work / "there")
            survived = _survived(_copies(pdfs, min(2 * len(pdfs), number), work / "again"), work, nodes)
            seconds = _compared(pdfs, number, rounds, nodes, work) if rounds else {}
            document = {
                "schema": "dl-lit/bench-corpus/1",
                "nodes": node_count,
                "pdfs": number,
                "ratio_to_local": round(seconds["local_s"] / seconds["nodes_s"], 3) if rounds else None,
                "equal": is_equal,
                **survived,
                "ratio_cpu": round(seconds["local_cpu_s"] / seconds["nodes_cpu_s"], 3) if rounds else None,
                "corpus_pdfs": len(pdfs),
                "corpus_references": told["references"],
                "nodes_up_s": round(started_s, 2),
                "network_namespaces": nodes.are_apart,
                **{name: round(value, 2) for name, value in seconds.items()},
            }
    if as_json:
        click.echo(json.dumps(document, indent=1))
    else:
        for name, value in document.items():
            click.echo(f"{name}: {value}")
