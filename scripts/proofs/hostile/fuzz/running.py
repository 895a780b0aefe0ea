"""All targets fuzzed in turn, one process at a time, and what they found read again without a fuzzer in between."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from proofs.hostile.fuzz.one import HANG_S
from proofs.hostile.fuzz.target import ROOT, Target, tried

_START_S = 120.0  # to bring in and instrument what is tried
_NICENESS = 5  # beside whatever else this machine has to do


@dataclass(frozen=True, slots=True)
class Fuzzed:
    """What came of it."""

    inputs: Mapping[str, int]  # by target
    failures: tuple[str, ...]
    engine: str


def fuzzed(targets: Sequence[str], minutes: float, seed: int, folder: Path) -> Fuzzed:
    """Fuzz each target for its share of `minutes`; corpora and findings stay in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    failures: list[str] = []
    inputs: dict[str, int] = {}
    for name in targets:
        seconds = minutes * 60 / len(targets)
        command = [sys.executable, "-m", "proofs.hostile.fuzz.one", name, str(seconds), str(seed), str(folder)]
        with (folder / f"{name}.log").open("wb") as log:
            try:
                code = subprocess.run(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    env=_environment(),
                    cwd=folder,
                    timeout=seconds + 3 * HANG_S + _START_S,
                    check=False,
                    preexec_fn=lambda: os.nice(_NICENESS) and None,
                ).returncode
            except subprocess.TimeoutExpired:
                code = -1
        if code:
            failures.append(f"fuzz {name}: ended with {code}: see {name}.log")
        with suppress(OSError, ValueError):
            inputs[name] = int((folder / f"{name}.tried").read_text())
        failures += [f"fuzz {name}: hung or grew: {one.name}" for one in sorted(folder.glob(f"{name}-artifact-*"))]
    return Fuzzed(inputs, (*failures, *_confirmed(folder)), "atheris" if find_spec("atheris") else "mutations alone")


def fed(targets: Sequence[Target], inputs: Mapping[str, Sequence[bytes]]) -> list[str]:
    """What these inputs do that they must not, in this process and without a fuzzer."""
    return [
        f"fuzz {target.name}: {found.kind}: {found.what} {found.place}: {data[:60]!r}"
        for target in targets
        for data in inputs[target.name]
        if (found := tried(target, data)) is not None
    ]


def _confirmed(folder: Path) -> list[str]:
    """The findings that a plain process has as well: an instrumented one is slower."""
    book = folder / "found.jsonl"
    failures = []
    for line in book.read_text().splitlines() if book.exists() else []:
        told = json.loads(line)
        again = _again(told["target"], folder / told["file"])
        if again is not None:
            failures.append(f"fuzz {told['target']}: {again} (input {told['file']})")
    return failures


def _again(name: str, file: Path) -> str | None:
    try:
        done = subprocess.run(
            [sys.executable, "-m", "proofs.hostile.fuzz.one", "again", name, str(file)],
            capture_output=True,
            env=_environment(),
            timeout=_START_S,
            check=False,
        )
        found = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        return "hung"
    except ValueError:
        return f"ended with {done.returncode}"
    return None if found is None else f"{found['kind']}: {found['what']} {found['place']}".strip()


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'scripts'}", "PYTHONDONTWRITEBYTECODE": "1"}
