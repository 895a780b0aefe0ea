"""The engine that is asked for, by name."""

from __future__ import annotations

from dl_lit.app.corpus.doing import do, end_readers
from dl_lit.app.corpus.engines.dask import DaskEngine
from dl_lit.app.corpus.engines.engine import Engine
from dl_lit.app.corpus.engines.hands import Hands
from dl_lit.app.corpus.engines.local import LocalEngine


def engine_of(name: str, *, workers: int, scheduler: str | None, is_matching: bool = False) -> Engine:
    """The engine called `name`: "local" with so many workers, or "dask". Raises `DlLitError`.

    Reading waits for children of its own, for which threads do; matching is work for processes.
    """
    if name == "dask":
        return DaskEngine(do, scheduler)
    if is_matching:
        hands = Hands()
        return LocalEngine(hands.do, workers, hands.end)
    return LocalEngine(do, workers, end_readers)
