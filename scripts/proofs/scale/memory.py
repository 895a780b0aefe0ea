"""How much memory processes take beside few and beside many references: each in a process of its own.

python -m proofs.scale.memory DATABASE pipeline|status|export FORM ROWS
"""

from __future__ import annotations

import itertools
import json
import random
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

_ITEMS = 200  # that the pipeline works on


def peaks(few: Path, many: Path, forms: Sequence[str], most_rows: int) -> dict[str, dict[str, float]]:
    """The highest resident size in MB of each kind of process on both databases, with their ratio."""
    kinds = [("pipeline",), ("status",), *(("export", form, str(most_rows)) for form in forms)]
    found = {}
    for words in kinds:
        one, other = (_child(path, *words) for path in (few, many))
        found[" ".join(words[:2])] = {
            "few_mb": one["peak_mb"],
            "many_mb": other["peak_mb"],
            "ratio": round(other["peak_mb"] / one["peak_mb"], 2),
            **(
                {"few_s": one["per_row_s"], "many_s": other["per_row_s"], "rows": other["rows"]}
                if "per_row_s" in one
                else {}
            ),
        }
    return found


def _child(path: Path, *words: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "proofs.scale.memory", str(path), *words],
        capture_output=True, text=True, check=False, timeout=3_600.0,
    )  # fmt: skip
    if done.returncode != 0:
        message = f"{' '.join(words)} on {path}: {done.stderr[-1_000:]}"
        raise RuntimeError(message)
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


def _pipeline(path: Path) -> dict[str, float]:
    """The real pipeline with stages that find everything at once, until some hundred items are done."""
    from benchmarks.engine_ours import WORKERS, AtOnce  # noqa: PLC0415 - in a process of its own

    from db.lock import PipelineLock  # noqa: PLC0415
    from db.store import SqliteStore  # noqa: PLC0415
    from dl_lit.app.recognising import RECOGNISER  # noqa: PLC0415
    from dl_lit.core.clock import SystemClock  # noqa: PLC0415
    from dl_lit.core.model import StageName  # noqa: PLC0415
    from dl_lit.runtime.brakes import Gauges  # noqa: PLC0415
    from dl_lit.runtime.pipeline import Pipeline, Shape  # noqa: PLC0415

    clock, done = SystemClock(), 0

    def recorded(group: Any) -> None:
        nonlocal done
        done += len(group)

    with PipelineLock(path, "scale", clock):
        store = SqliteStore(path, clock, RECOGNISER, synchronous="NORMAL")
        pipeline = Pipeline(
            [AtOnce(name, lambda _: None) for name in StageName], store, Shape(workers=WORKERS), clock=clock,
            chance=random.Random(1), read_pressure=Gauges((path.parent,), clock).read, on_recorded=recorded,
        )  # fmt: skip
        pipeline.start()
        ends = time.monotonic() + 60.0
        while done < _ITEMS and time.monotonic() < ends:
            time.sleep(0.02)
        pipeline.stop()
        store.close()
    return {"done": done}


def _status(path: Path) -> dict[str, float]:
    from proofs.scale.figures import settings_of  # noqa: PLC0415 - in a process of its own

    from dl_lit.app.now.snapshot import snapshot  # noqa: PLC0415
    from dl_lit.core.clock import SystemClock  # noqa: PLC0415

    for _ in range(5):
        snapshot(settings_of(path), SystemClock())
    return {}


def _export(path: Path, form: str, most: str) -> dict[str, float]:
    """Rows of everything, as the command writes them; the first `most`, which cost what all others do."""
    import importlib  # noqa: PLC0415 - by the name of the format

    from proofs.scale.figures import settings_of  # noqa: PLC0415

    from db.reading.opening import reading  # noqa: PLC0415
    from dl_lit.app.outcome.choice import FilesNamed  # noqa: PLC0415
    from dl_lit.app.outcome.citing import citing  # noqa: PLC0415
    from dl_lit.app.outcome.records import export_records  # noqa: PLC0415

    write = getattr(importlib.import_module(f"dl_lit.exports.{form}"), form)
    files = FilesNamed(path.parent / "library", path.parent)
    rows = itertools.count()
    began = time.process_time()
    with reading(path) as connection, citing(connection, path, settings_of(path).export.citation_key) as keys:
        records = itertools.islice(export_records(connection, keys, files), int(most))
        for _ in write(one for one, _ in zip(records, rows, strict=False)):
            pass
    written = next(rows)
    return {"rows": written, "per_row_s": (time.process_time() - began) / max(1, written)}


def peak_mb() -> float:
    """Of this program alone: what `getrusage` tells begins with the memory of whoever started it."""
    words = Path("/proc/self/status").read_text(encoding="ascii").split()
    return round(int(words[words.index("VmHWM:") + 1]) / 1024, 1)


def main() -> None:
    """One kind, as the command line says."""
    path, kind, *more = sys.argv[1:]
    figures = {"pipeline": _pipeline, "status": _status}[kind](Path(path)) if not more else _export(Path(path), *more)
    print(json.dumps({**figures, "peak_mb": peak_mb()}))


if __name__ == "__main__":
    main()
