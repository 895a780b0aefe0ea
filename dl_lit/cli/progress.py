"""Live progress of a run on standard error: the whole screen on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from dl_lit.cli.running import describe
from dl_lit.core.errors import DlLitError

if TYPE_CHECKING:
    from dl_lit.app.run import Progress
    from dl_lit.app.workshop import Workshop
    from dl_lit.core.pulse import Pulse

_EVERY_S = 5.0
_DRAW_S = 0.25


@contextmanager
def progress(shop: Workshop, *, live: bool, quiet: bool) -> Iterator[Callable[[Progress], None]]:
    """A function that shows a moment of the run that `shop` is for; `live` draws it on the whole screen."""
    if quiet:
        yield lambda _progress: None
    elif live:
        with _screen(shop) as show:
            yield show
    else:
        yield _lines()


def _lines() -> Callable[[Progress], None]:
    from dl_lit.cli.live.lines import Lines  # noqa: PLC0415 - not where nothing is shown

    last, said = time.monotonic(), Lines()

    def show(moment: Progress) -> None:
        nonlocal last
        for text in said.of_conditions(moment.pulse.conditions):
            click.echo(text, err=True)
        if time.monotonic() - last >= _EVERY_S:
            last = time.monotonic()
            click.echo(describe(moment), err=True)

    return show


@contextmanager
def _screen(shop: Workshop) -> Iterator[Callable[[Progress], None]]:
    from rich.console import Console  # noqa: PLC0415 - only where there is a terminal
    from rich.live import Live  # noqa: PLC0415

    from dl_lit.app.now.snapshot import Snapshots  # noqa: PLC0415
    from dl_lit.cli.live.screen import View  # noqa: PLC0415

    console = Console(stderr=True)
    if console.is_dumb_terminal:
        yield _lines()
        return
    view, snapshots, last = View(console, keys=""), Snapshots(shop.settings, shop.clock, recent=20), 0.0
    with Live(console=console, screen=True, auto_refresh=False) as screen:

        def show(moment: Progress) -> None:
            nonlocal last
            if time.monotonic() - last >= _DRAW_S:
                last = time.monotonic()
                try:
                    view.take(snapshots.take(_at_this_moment(moment)))
                except DlLitError as error:
                    view.trouble = str(error)
                view.show(screen)

        yield show


def _at_this_moment(moment: Progress) -> Pulse:
    """The pulse with what is counted more often than it beats."""
    stages = {
        name: replace(pulse, waiting=view.waiting, queued=view.queued, running=view.running, done=view.done)
        for name, pulse in moment.pulse.stages.items()
        if (view := moment.stages.get(name)) is not None
    }
    return replace(moment.pulse, stages=stages)
