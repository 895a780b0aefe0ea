"""The engine that is asked for, by name."""

from __future__ import annotations

from dl_lit.app.corpus.doing import do, end_readers
from dl_lit.app.corpus.engines.dask import DaskEngine
from dl_lit.app.corpus.engines.engine import Engine
from dl_lit.app.corpus.engines.local import LocalEngine


def engine_of(name: str, *, workers: int, scheduler: str | None) -> Engine:
    """The engine called `name`: "local" with so many workers, or "dask". Raises `DlLitError`."""
    if name == "dask":
        return DaskEngine(do, scheduler)
    return LocalEngine(do, workers, end_readers)
