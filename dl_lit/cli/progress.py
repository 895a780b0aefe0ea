"""Live progress of a run on standard error: a table on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from dl_lit.app.run import Progress
from dl_lit.cli.running import describe

if TYPE_CHECKING:
    from rich.console import Group
    from rich.table import Table

_EVERY_S = 5.0


@contextmanager
def progress(*, live: bool, quiet: bool) -> Iterator[Callable[[Progress], None]]:
    """A function that shows a moment of the run; `live` redraws a table in place."""
    if quiet:
        yield lambda _progress: None
    elif live:
        with _table() as show:
            yield show
    else:
        yield _lines()


def _lines() -> Callable[[Progress], None]:
    last = time.monotonic()

    def show(moment: Progress) -> None:
        nonlocal last
        if time.monotonic() - last >= _EVERY_S:
            last = time.monotonic()
            click.echo(describe(moment), err=True)

    return show


@contextmanager
def _table() -> Iterator[Callable[[Progress], None]]:
    from rich.console import Console  # noqa: PLC0415 - only where there is a terminal
    from rich.live import Live  # noqa: PLC0415

    last = 0.0
    with Live(console=Console(stderr=True), auto_refresh=False, transient=True) as display:

        def show(moment: Progress) -> None:
            nonlocal last
            if time.monotonic() - last >= 0.1:
                last = time.monotonic()
                display.update(_drawn(moment), refresh=True)

        yield show


def _drawn(moment: Progress) -> Group | Table:
    from rich.console import Group  # noqa: PLC0415 - only where there is a terminal
    from rich.table import Table  # noqa: PLC0415

    stages = Table(
        title=f"{moment.added} source{'' if moment.added == 1 else 's'}, {moment.seconds:.0f} s", title_justify="left"
    )
    for heading, justify in (("stage", "left"), ("waiting", "right"), ("running", "right"), ("done", "right")):
        stages.add_column(heading, justify=justify)  # type: ignore[arg-type]
    stages.add_column("failed", justify="right")
    stages.add_column("resting because")
    for name, view in moment.stages.items():
        stages.add_row(
            name.value, str(view.waiting), str(view.running), str(view.done), str(view.failed), view.resting or ""
        )
    services = Table()
    for heading in ("service", "requests", "mean", "rate-limited"):
        services.add_column(heading, justify="left" if heading == "service" else "right")
    for service, use in moment.services.items():
        if use.requests:
            services.add_row(service, str(use.requests), f"{use.latency_mean_s:.2f} s", str(use.rate_limit_hits))
    return Group(stages, services) if services.row_count else stages
