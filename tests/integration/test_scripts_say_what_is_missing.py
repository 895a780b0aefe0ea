"""The developers' scripts end with one sentence where what they are to work on is not there."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
from pathlib import Path

import pytest

from dl_lit.settings.leaves import leaves

ROOT = Path(__file__).parents[2]


def run(*arguments: str) -> tuple[int, str]:
    """The exit code and standard error of `python -m` with these arguments."""
    done = subprocess.run(
        [sys.executable, "-m", *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        text=True,
        timeout=60,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'scripts'}"},
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("name", ["lines", "entries", "fields"])
def test_training_names_the_missing_file(tmp_path: Path, name: str):
    code, said = run("training", "--data", str(tmp_path), "--only", name, "--models", str(tmp_path / "models"))
    assert code == 2
    assert "Traceback" not in said
    assert f"{tmp_path}/" in said
    assert "is missing" in said


def test_training_the_fields_names_the_missing_records(tmp_path: Path):
    with gzip.open(tmp_path / "citation_strings.jsonl.gz", "wt") as file:
        file.write("{}\n")
    code, said = run("training", "--data", str(tmp_path), "--only", "fields", "--models", str(tmp_path / "models"))
    assert (code, "universe.jsonl.gz is missing" in said) == (2, True)


@pytest.mark.parametrize(
    "content", [b"no archive", b"", gzip.compress(b"{no json", mtime=0), gzip.compress(b"{}", mtime=0)[:-4]]
)
def test_training_names_the_broken_file(tmp_path: Path, content: bytes):
    for name in ("citation_strings.jsonl.gz", "universe.jsonl.gz"):
        (tmp_path / name).write_bytes(content)
    code, said = run("training", "--data", str(tmp_path), "--only", "fields", "--models", str(tmp_path / "models"))
    assert code == 2
    assert "Traceback" not in said
    assert "citation_strings.jsonl.gz" in said


def test_a_benchmark_without_its_corpora_names_the_folder(tmp_path: Path):
    code, said = run("benchmarks", "extraction", "--no-peers", "--sets", "nowhere", "--corpora", str(tmp_path))
    assert code == 2
    assert str(tmp_path) in said
    assert "--corpora" in said


def test_a_proof_of_nothing_fails(tmp_path: Path):
    code, said = run("proofs", "hostile", "--files", str(tmp_path))
    assert code != 0
    assert "nothing would be proven" in said


def test_the_replica_exports_only_what_sets_something(tmp_path: Path):
    """And tells where GROBID and its control are; `config` would warn of other variables."""
    code, said = run("dl_lit.replica", "--gold", str(ROOT / "tests" / "samples" / "gold"), "--shell", "--hosts", "2")
    assert code == 0
    exported = {line.split("=")[0].removeprefix("export ") for line in said.splitlines() if line.startswith("export ")}
    assert "DL_LIT_CROSSREF_URL" in exported
    assert exported <= {variable for leaf in leaves().values() for variable in leaf.variables}
    assert "DL_LIT_GROBID_URL=http://127." in said
    assert "# control: http://127." in said
