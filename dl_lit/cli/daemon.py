"""What the commands that run until they are stopped have in common: opening all, working, telling what came of it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dl_lit.cli.bringing import without_rich
from dl_lit.cli.invocation import Invocation

if TYPE_CHECKING:
    from dl_lit.app.workshop import Workshop
    from dl_lit.runtime.notify import ServiceManager
    from dl_lit.runtime.outage import Outage
    from dl_lit.runtime.signals import DaemonSignals

_NOTHING_ASKED: dict[str, object] = {"requests": {}, "remembered": {}}
_PATIENCE_S = 30.0
"""While its database is waited for, so much more time is asked for each second."""


def _waits(manager: ServiceManager, says: str) -> None:
    manager.status(says)
    manager.extend(_PATIENCE_S)


def run_daemon(
    invocation: Invocation,
    command: str,
    folders: tuple[Path, ...],
    *,
    says: str,
    look: Callable[[Workshop], None] = lambda _shop: None,
    wait: bool = False,
    as_json: bool = False,
    prepare: Callable[[], None] = lambda: None,
) -> int:
    """Work, and watch `folders` where there are any, until stopped; the exit code.

    `prepare` may refuse before anything is opened, `look` once all is, in one line of `DlLitError`; `says` is told to
    whoever started us. A stop while it starts, or waits for its database, is one, too.
    """
    from dl_lit.core.errors import StoppedInOutage  # noqa: PLC0415 - as below
    from dl_lit.runtime.notify import ServiceManager  # noqa: PLC0415 - as below
    from dl_lit.runtime.outage import Outage  # noqa: PLC0415 - as below
    from dl_lit.runtime.signals import DaemonSignals  # noqa: PLC0415 - as below
    from dl_lit.settings.check_serve import require_control  # noqa: PLC0415 - as below

    with DaemonSignals() as stop:
        manager = ServiceManager.take_from(os.environ)
        require_control(invocation.settings)
        invocation.start_logging()
        outage = Outage(should_stop=stop.should_stop, waiting=partial(_waits, manager))
        try:
            outage.outlast(prepare, who="start")
            clean, told = _work(
                invocation, command, folders, stop=stop, manager=manager, outage=outage, says=says, look=look, wait=wait
            )
        except StoppedInOutage as stopped:  # nothing was in hand
            click.echo(f"dl-lit: {stopped}", err=True)
            clean, told = True, _NOTHING_ASKED
    if as_json:
        click.echo(json.dumps({"schema": "dl-lit/watch/1", "clean": clean, **told}))
    return 0 if clean else 130


def _work(
    invocation: Invocation,
    command: str,
    folders: tuple[Path, ...],
    *,
    stop: DaemonSignals,
    manager: ServiceManager,
    outage: Outage,
    says: str,
    look: Callable[[Workshop], None],
    wait: bool,
) -> tuple[bool, dict[str, object]]:
    """Whether all could be finished, and what was asked."""
    with without_rich():
        from dl_lit.app.reloading import Reloading  # noqa: PLC0415 - the whole program, which --help need not load
        from dl_lit.app.watch import Outside, watch  # noqa: PLC0415
        from dl_lit.app.workshop import Workshop  # noqa: PLC0415
    from dl_lit.cli.running import tell_missing, tell_upgrade  # noqa: PLC0415
    from dl_lit.settings.show import differing  # noqa: PLC0415

    if stop.should_stop():
        return True, _NOTHING_ASKED
    manager.status("opening the database and the library")
    own = differing(invocation.load())
    with Workshop(invocation.settings, command, on_upgrade=tell_upgrade, set_by_people=own, outage=outage) as shop:
        look(shop)
        tell_missing(invocation)
        click.echo(f"dl-lit: {says}; Ctrl-C ends", err=True)
        reloading = Reloading(shop, invocation.load(), invocation.reload, take=invocation.log_by)
        outside = Outside(manager=manager, should_reload=stop.should_reload, reload=lambda: reloading.reload().says)
        stop.started()
        clean = watch(shop, folders, stop, wait=wait, outside=outside)
        use = {name: one.requests for name, one in shop.network.usage().items() if one.requests}
        return clean, {"requests": use, "remembered": shop.network.remembered()}
