"""`dl-lit corpus` on a cluster: the result of one machine, also where a node dies in the middle."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from benchmarks.corpus_nodes import Nodes
from click.testing import CliRunner

from dl_lit.cli import cli

pytest.importorskip("distributed")

ROOT = Path(__file__).parents[2]
SAMPLES = sorted((ROOT / "dl_lit" / "demo" / "samples").glob("*.pdf"), key=lambda path: path.stat().st_size)[:3]


def files(output: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(output)): path.read_bytes()
        for path in output.rglob("*")
        if path.is_file() and path.name != ".lock"
    }


def test_a_dead_node_costs_its_tasks_only(tmp_path: Path) -> None:
    """Each sample twice, with another comment at the end; one of two nodes is killed with all its processes."""
    papers = tmp_path / "in"
    papers.mkdir()
    for sample in SAMPLES:
        for turn in range(2):
            (papers / f"{turn}-{sample.name}").write_bytes(sample.read_bytes() + f"\n% {turn}\n".encode())
    shutil.copy(SAMPLES[0], papers / "twice.pdf")
    (papers / "letter.pdf").write_text("Dear reader", encoding="utf-8")
    here = CliRunner().invoke(cli, ["corpus", "extract", str(papers), str(tmp_path / "here"), "--workers", "2"])
    assert here.exit_code == 3
    there = tmp_path / "there"
    command = [sys.executable, "-m", "dl_lit", "corpus", "extract", str(papers), str(there), "--json"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONSAFEPATH": "1"}
    with Nodes(tmp_path / "cluster", 2, may_be_apart=False) as nodes:
        command += ["--engine", "dask", "--scheduler", str(nodes.scheduler_file)]
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) as process:
            while process.poll() is None and not list(there.glob("documents/part-*")):
                threading.Event().wait(0.02)
            nodes.nodes[0].kill()
            out, _ = process.communicate(timeout=100)
    assert (process.returncode, json.loads(out)["is_whole"]) == (3, True)
    assert files(there) == files(tmp_path / "here")
