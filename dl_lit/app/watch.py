"""The watching daemon: every PDF that appears in a folder is added, the pipeline never ends by itself.

Its life: everything is opened, the pipeline and what runs beside it start, whoever started us hears that we are ready;
then work, with the settings read again when that is asked for; at the first signal the folders are let alone, running
items finish, and all is closed in reverse.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

from dl_lit.app.outcome.run_book import keeping_book, kept_run
from dl_lit.app.run import Progress, Stop
from dl_lit.app.snowballing.snowball import Snowball, snowballing
from dl_lit.app.workshop import Workshop
from dl_lit.core.values import dataclass
from dl_lit.runtime.notify import ServiceManager
from dl_lit.runtime.pipeline import Pipeline

_CUT_OFF = 130


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """Whom the daemon tells how it is, and who tells it to read its settings again."""

    manager: ServiceManager
    should_reload: Callable[[], bool] = lambda: False
    reload: Callable[[], str] = lambda: ""  # reads the settings again; what came of it, in one line


def watch(
    shop: Workshop,
    folders: Sequence[Path],
    stop: Stop,
    *,
    wait: bool = False,
    outside: Outside | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> bool:
    """Work on what appears in `folders` until `stop`; whether everything in hand could be finished.

    `wait`: folders that are not there yet are waited for. Raises `DlLitError` where the database did not take what was
    finished.
    """
    outside = outside or Outside(manager=ServiceManager(None))
    with kept_run(shop, is_daemon=True) as book:
        pipeline = shop.pipeline()
        snowball = Snowball(shop, book, stop.should_stop, is_daemon=True)
        with ExitStack() as beside:
            # From the first moment that somebody may ask to the last thing that is written down.
            beside.enter_context(keeping_book(shop, book))
            beside.enter_context(snowballing(snowball, pipeline.is_idle, shop, pipeline.wake))
            pipeline.start()
            pipeline.let_begin()
            from dl_lit.app.beside import run_beside  # noqa: PLC0415 - not before: the first items need none of it

            clean = run_beside(shop, folders, stop, pipeline, wait=wait, outside=outside, on_progress=on_progress)
        book.exit_code, book.summary = 0 if clean else _CUT_OFF, _summary(pipeline, snowball, clean=clean)
    return clean


def _summary(pipeline: Pipeline, snowball: Snowball, *, clean: bool) -> dict[str, object]:
    """What a daemon's life came to, for the book of runs."""
    stages = {
        name.value: {"done": one.done, "failed": dict(one.rejected)} for name, one in pipeline.tally.stages.items()
    }
    return {
        "schema": "dl-lit/watch/1",
        "clean": clean,
        "stages": stages,
        "levels": list(snowball.levels),
        "citing": snowball.citing,
    }
