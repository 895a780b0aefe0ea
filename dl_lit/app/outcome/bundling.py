"""Packing a run so that it can be done again without any network: settings, versions, sources, answers, outcome."""

from __future__ import annotations

import hashlib
import json
import platform
import zipfile
from contextlib import suppress
from importlib import metadata
from pathlib import Path
from typing import Any

from db.exchanges import KeptExchanges
from db.reading.opening import reading
from db.reading.outcome import files_of, outcome_told, sources_told
from db.reading.runs import one_run, sources_of_run
from db.reading.status import at_work
from db.tables import SCHEMA_VERSION
from dl_lit import __version__
from dl_lit.app.shelving import shelf_of
from dl_lit.app.wire import exchanges_folder
from dl_lit.core.errors import BadInput
from dl_lit.settings import Settings

SCHEMA = "dl-lit/run-bundle/1"
MANIFEST = "manifest.json"
EXCHANGES = "exchanges.db"
FILES = "files"
"""The folder of copied PDFs in a bundle, each named by its SHA-256."""


def bundle_run(settings: Settings, run_id: int, output: Path, *, with_pdfs: bool) -> dict[str, Any]:
    """Pack run `run_id` into `output`; what is in it, without sources and outcome.

    Raises `BadInput` where there is no such run, it has not ended, or no answers of it were kept, and `OSError`.
    """
    exchanges = exchanges_folder(settings.state_folder, settings.database) / f"{run_id}.db"
    is_at_work = at_work(settings.database) is not None
    with reading(settings.database) as connection:
        run = one_run(connection, run_id, is_at_work=is_at_work)
        source_ids = sources_of_run(connection, run_id)
        sources = sources_told(connection, source_ids)
        outcome = outcome_told(connection, source_ids)
        paths = files_of(connection, source_ids)
    shelf = shelf_of(settings)
    if run.ended_at is None:
        raise BadInput(f"run {run_id} has not ended: bundle it when it has")
    if not exchanges.exists():
        raise BadInput(
            f"no answers of run {run_id} were kept: those of the last one-off runs are, where runs.record_mb is not 0"
        )
    kept = KeptExchanges(exchanges, {})
    try:
        about, absent = kept.about(), kept.absent_bodies()
    finally:
        kept.close()
    manifest: dict[str, Any] = {
        "schema": SCHEMA,
        "run": {"id": run_id, "command": run.command, "started_at": run.started_at, "ended_at": run.ended_at,
                "exit_code": run.exit_code},
        "settings": dict(run.settings),
        "keyed": about.get("keyed", []),
        "has_contact": about.get("has_contact", False),
        "is_whole": not about.get("is_cut", False),
        "versions": {"dl_lit": run.version or __version__, "python": platform.python_version(),
                     "schema": SCHEMA_VERSION, "dependencies": _dependencies()},
        "with_pdfs": with_pdfs,
    }  # fmt: skip
    files = {sha256: shelf.local(paths[sha256], sha256) for sha256 in absent if sha256 in paths}
    where = {sha256: str(path.absolute()) for sha256, path in files.items()}
    document = {**manifest, "sources": sources, "outcome": outcome, "files": where}
    unfinished = output.with_name(f"{output.name}.part")
    copied = 0
    try:
        with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED) as bundle:
            bundle.writestr(MANIFEST, json.dumps(document, ensure_ascii=False, indent=1))
            bundle.write(exchanges, EXCHANGES)
            if with_pdfs:
                wanted = {one["sha256"]: Path(one["path"]) for one in sources if one["kind"] == "pdf"}
                for sha256, path in {**wanted, **{one: files[one] for one in where}}.items():
                    if sha256_of(path) == sha256:
                        bundle.write(path, f"{FILES}/{sha256}", zipfile.ZIP_STORED)
                        copied += 1
        unfinished.replace(output)
    finally:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
    size = output.stat().st_size
    return {**manifest, "sources": len(sources), "entries": len(outcome) - len(sources), "copied": copied,
            "not_in_library": len(absent) - len(where), "bytes": size}  # fmt: skip


def sha256_of(path: Path) -> str | None:
    """The SHA-256 of the file; None where there is none that can be read: a device or a pipe would never end."""
    try:
        if not path.is_file():
            return None
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


def _dependencies() -> dict[str, str]:
    return dict(sorted({one.metadata["Name"]: one.version for one in metadata.distributions()}.items()))
