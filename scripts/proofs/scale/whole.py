"""What reads all of a database, the longer the more there is: each in a process of its own, told by the reference.

python -m proofs.scale.whole DATABASE doctor|backup|retention|hour|upgrade VERSION
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from proofs.scale.memory import peak_mb

KINDS = (("doctor",), ("backup",), ("retention",), ("hour",), ("upgrade", "0001"), ("upgrade", "0008"))
"""All of them. An hour of upkeep looks at some attempts, retention at every one."""

_AGAIN = 3  # times on the small database, whose figures are small
_PATIENCE_S = 3_600.0


def wholes(few: Path, many: Path, sizes: tuple[int, int], kinds: tuple[tuple[str, ...], ...]) -> dict[str, Any]:
    """Processor time by the reference and memory of each kind on both databases, with their ratios."""
    found = {}
    for words in kinds:
        ones = [_child(few, *words) for _ in range(_AGAIN)]
        other = _child(many, *words)
        one_s = statistics.median(one["cpu_s"] for one in ones) / sizes[0]
        found[" ".join(words)] = {
            "few_us_per_reference": round(one_s * 1e6, 2),
            "many_us_per_reference": round(other["cpu_s"] / sizes[1] * 1e6, 2),
            "ratio": round(other["cpu_s"] / sizes[1] / one_s, 2),
            "few_mb": ones[0]["peak_mb"],
            "many_mb": other["peak_mb"],
            **{name: value for name, value in other.items() if name != "peak_mb"},
        }
        click.echo(f"{' '.join(words)}: {json.dumps(found[' '.join(words)])}", err=True)
    return found


def _child(path: Path, *words: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "proofs.scale.whole", str(path), *words],
        capture_output=True, text=True, check=False, timeout=_PATIENCE_S,
    )  # fmt: skip
    if done.returncode != 0:
        message = f"{' '.join(words)} on {path}: {done.stderr[-1_000:]}"
        raise RuntimeError(message)
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return figures


@contextmanager
def _measured(told: dict[str, Any], folder: Path | None = None) -> Iterator[None]:
    """Time, and the most room that the files of `folder` take meanwhile."""
    ended = threading.Event()
    most = 0

    def look() -> None:
        nonlocal most
        while not ended.wait(0.1):
            most = max(most, sum(one.stat().st_size for one in folder.iterdir() if one.exists()) if folder else 0)

    watcher = threading.Thread(target=look)
    if folder is not None:
        watcher.start()
    began, wall = time.process_time(), time.perf_counter()
    try:
        yield
    finally:
        told["cpu_s"] = round(time.process_time() - began, 4)
        told["seconds"] = round(time.perf_counter() - wall, 2)
        ended.set()
        if folder is not None:
            watcher.join()
            told["most_on_disk_mb"] = round(most / 1e6, 1)


def _doctor(path: Path) -> dict[str, Any]:
    from proofs.scale.filling import broken  # noqa: PLC0415 - in a process of its own

    told: dict[str, Any] = {}
    with _measured(told):
        found = broken(path)
    if found:
        raise RuntimeError(found[0])
    return told


def _backup(path: Path) -> dict[str, Any]:
    from db.backup import contents, copy_database  # noqa: PLC0415 - in a process of its own

    target = path.with_name("backup.db")
    target.unlink(missing_ok=True)
    told: dict[str, Any] = {}
    try:
        with _measured(told):
            copy_database(path, target)
        told["peak_mb"] = peak_mb()
        told["copy_mb"] = round(target.stat().st_size / 1e6, 1)
        told["files"] = len(contents(target).files)
        told["peak_mb_with_files_listed"] = peak_mb()
    finally:
        target.unlink(missing_ok=True)
    return told


def _retention(path: Path, *, is_one_hour: bool) -> dict[str, Any]:
    from db.connect import connect  # noqa: PLC0415 - in a process of its own
    from db.retention import Reached, forget_attempts  # noqa: PLC0415

    engine = connect(path, synchronous="NORMAL")
    told: dict[str, Any] = {}
    with _measured(told):
        told["gone"] = forget_attempts(engine, time.time() + 1e6, reached=Reached() if is_one_hour else None)
    engine.dispose()
    return told


def _upgrade(path: Path, version: str) -> dict[str, Any]:
    from db.connect import open_database  # noqa: PLC0415 - in a process of its own
    from db.store import SqliteStore  # noqa: PLC0415
    from dl_lit.app.recognising import RECOGNISER  # noqa: PLC0415
    from dl_lit.core.clock import SystemClock  # noqa: PLC0415

    folder = path.with_name(f"from-{version}")
    folder.mkdir(exist_ok=True)
    old = folder / "old.db"
    told: dict[str, Any] = {}
    try:
        _child(path, "older", version)  # whose memory is not to count
        told["before_mb"] = round(old.stat().st_size / 1e6, 1)
        copies: list[Path] = []
        with _measured(told, folder):
            open_database(old, on_upgrade=copies.append).dispose()
        told["after_mb"], told["copies"] = round(old.stat().st_size / 1e6, 1), len(copies)
        first: dict[str, Any] = {}
        with _measured(first):
            SqliteStore(old, SystemClock(), RECOGNISER).close()
        told["first_start_cpu_s"] = first["cpu_s"]
    finally:
        for one in folder.iterdir():
            one.unlink()
        folder.rmdir()
    return told


def _older(path: Path, version: str) -> dict[str, Any]:
    from proofs.scale.older import older  # noqa: PLC0415 - in a process of its own

    folder = path.with_name(f"from-{version}")
    older(folder / "old.db", version, path)
    return {}


def main() -> None:
    """One kind, as the command line says."""
    path, kind, *more = sys.argv[1:]
    does: dict[str, Callable[[Path], dict[str, Any]]] = {
        "doctor": _doctor,
        "backup": _backup,
        "retention": lambda one: _retention(one, is_one_hour=False),
        "hour": lambda one: _retention(one, is_one_hour=True),
        "older": lambda one: _older(one, *more),
        "upgrade": lambda one: _upgrade(one, *more),
    }
    told = does[kind](Path(path))
    print(json.dumps({"peak_mb": peak_mb(), **told}))


if __name__ == "__main__":
    main()
