"""Tasks on the workers of a Dask cluster that somebody has started (https://distributed.dask.org)."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dl_lit.app.corpus.engines.engine import Ended, TakeBack, TaskLost
from dl_lit.core.errors import BadInput, DlLitError, NeedsConfiguration

_CONNECT_S = 30.0
_ASK_S = 1.0  # between two questions how many workers there are: with a thousand the answer is long
HOW_TO_INSTALL = "install it with scripts/setup --corpus (the extra dl-lit[corpus])"


class DaskEngine:
    """Runs tasks where the scheduler wants them. A worker that dies costs what it had in hand, which others do again.

    The scheduler counts deaths of workers against every task they had (`allowed-failures`, 3); a task that it gives up
    is `TaskLost` here.
    """

    name = "dask"

    def __init__(self, function: Callable[[bytes], bytes], scheduler: str | None) -> None:
        """Connect; `scheduler` is its address or the file it wrote, None: what DASK_SCHEDULER_ADDRESS says.

        Raises `NeedsConfiguration`, and `DlLitError` where nobody answers.
        """
        try:
            import distributed  # noqa: PLC0415 - an extra
        except ImportError as error:
            raise NeedsConfiguration(f"--engine dask needs Dask: {HOW_TO_INSTALL}") from error
        where = scheduler or os.environ.get("DASK_SCHEDULER_ADDRESS")
        if not where:
            raise NeedsConfiguration(
                "--engine dask: name the scheduler with --scheduler ADDRESS or FILE (or DASK_SCHEDULER_ADDRESS)"
            )
        _quieten()
        self._function = function
        self._killed: type[BaseException] = distributed.KilledWorker
        self._where = where
        self._client = _client(distributed, where)
        self._slots = 0
        self._asked_at = -_ASK_S

    def slots(self) -> int:
        """Threads of all workers, as the scheduler last said."""
        now = time.monotonic()
        if now - self._asked_at >= _ASK_S and self._is_connected():
            workers = self._client.scheduler_info(n_workers=-1)["workers"].values()
            self._slots, self._asked_at = sum(worker["nthreads"] for worker in workers), now
        return self._slots

    def take(self, order: bytes, ended: Ended) -> TakeBack:
        """Submit it; never pure, since what it writes counts."""
        future = self._client.submit(self._function, order, pure=False)

        def tell(done: Any) -> None:
            try:
                ended(done.result())
            except self._killed as error:
                ended(TaskLost(f"the workers that were at it died: {_first_line(error)}"))
            except BaseException as error:  # noqa: BLE001 - whatever it was, the caller has to know
                if done.status not in {"cancelled", "lost"}:
                    ended(error)
                elif self._is_connected():
                    ended(TaskLost("the scheduler does not know the task any more"))

        future.add_done_callback(tell)
        return lambda: False  # nobody here knows whether a worker has begun: it is waited for

    def trouble(self) -> str | None:
        """Where the scheduler has gone: it does not come back with what it knew."""
        if self._is_connected():
            return None
        return f"the Dask scheduler at {self._where} has gone: the same call goes on when there is one again"

    def waits_for(self) -> str:
        """Workers."""
        return f"waiting for workers: the Dask scheduler at {self._where} has none"

    def kill(self) -> None:
        """What runs elsewhere ends by itself when we go."""

    def close(self) -> None:
        """Leave the cluster as it was."""
        self._client.close(timeout=5)

    def _is_connected(self) -> bool:
        return bool(self._client.status == "running")


def _quieten() -> None:
    """What becomes of workers and scheduler is told by us; Dask gives each of its loggers a level of its own."""
    for name in ("distributed", *(one for one in logging.root.manager.loggerDict if one.startswith("distributed."))):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)


def _client(distributed: Any, where: str) -> Any:
    path = Path(where)
    if "://" not in where and ":" not in where and not path.is_file():
        raise BadInput(f"--scheduler {where}: neither an address such as tcp://host:8786 nor a file of a scheduler")
    try:
        if path.is_file():
            return distributed.Client(scheduler_file=where, timeout=_CONNECT_S, set_as_default=False)
        return distributed.Client(where, timeout=_CONNECT_S, set_as_default=False)
    except (OSError, ValueError) as error:
        raise DlLitError(f"no Dask scheduler answers at {where}: {_first_line(error)}") from error


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
