"""`dl-lit watch-folder-concurrent DIR`: fetch what every PDF cites that appears in a folder."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dl_lit.cli.bringing import without_rich
from dl_lit.cli.invocation import Invocation
from dl_lit.cli.options import common_options, json_option, snowball_options, worker_options

if TYPE_CHECKING:
    from dl_lit.runtime.signals import DaemonSignals


@click.command()
@click.argument("folders", type=click.Path(path_type=Path), metavar="DIR...", nargs=-1, required=True)
@click.option("--polling", is_flag=True, help="Look through the folders instead of being told of changes.")
@click.option(
    "--afterwards",
    type=click.Choice(["leave", "move", "link"]),
    help="What becomes of files that have been read: completed/ or failed/, or nothing.",
)
@click.option("--wait", is_flag=True, help="Wait for folders that are not there yet, instead of ending.")
@snowball_options
@worker_options
@json_option
@common_options
@click.pass_obj
def command(
    invocation: Invocation,
    *,
    folders: tuple[Path, ...],
    polling: bool,
    afterwards: str | None,
    wait: bool,
    as_json: bool,
) -> int:
    """Fetch every work that PDFs cite which are in the folders or appear there, until stopped.

    The first SIGINT or SIGTERM lets finish what is under way and ends with 0; the second ends at once, with 130.
    SIGHUP has the settings read again; what can change at once does, the rest is named.
    """
    from dl_lit.runtime.signals import DaemonSignals  # noqa: PLC0415 - as below

    with DaemonSignals() as stop:
        clean, told = _watch(invocation, folders, stop, polling=polling, afterwards=afterwards, wait=wait)
    if as_json:
        click.echo(json.dumps({"schema": "dl-lit/watch/1", "clean": clean, **told}))
    return 0 if clean else 130


def _watch(
    invocation: Invocation,
    folders: tuple[Path, ...],
    stop: DaemonSignals,
    *,
    polling: bool,
    afterwards: str | None,
    wait: bool,
) -> tuple[bool, dict[str, object]]:
    """Watch until stopped; whether all could be finished, and what was asked. A stop while it starts is one, too."""
    with without_rich():
        from dl_lit.app.intake.watched_folders import watched_folders  # noqa: PLC0415
        from dl_lit.app.reloading import Reloading  # noqa: PLC0415 - as below
        from dl_lit.app.watch import Outside, watch  # noqa: PLC0415 - the whole program, which --help need not load
        from dl_lit.app.workshop import Workshop  # noqa: PLC0415
    from dl_lit.cli.running import tell_missing, tell_upgrade  # noqa: PLC0415
    from dl_lit.runtime.notify import ServiceManager  # noqa: PLC0415
    from dl_lit.settings.check_serve import require_control  # noqa: PLC0415
    from dl_lit.settings.show import differing  # noqa: PLC0415

    manager = ServiceManager.take_from(os.environ)
    if polling:
        invocation.set("watch.observe", "--polling", "polling")
    if afterwards is not None:
        invocation.set("watch.afterwards", "--afterwards", afterwards)
    watched_folders(invocation.settings, folders, wait=wait)
    require_control(invocation.settings)
    named = ", ".join(map(str, folders))
    invocation.start_logging()
    if stop.should_stop():
        return True, {"requests": {}, "remembered": {}}
    manager.status("opening the database and the library")
    command, own = f"watch-folder-concurrent {named}", differing(invocation.load())
    with Workshop(invocation.settings, command, on_upgrade=tell_upgrade, set_by_people=own) as shop:
        tell_missing(invocation)
        click.echo(f"dl-lit: watching {named}; Ctrl-C ends", err=True)
        reloading = Reloading(shop, invocation.load(), invocation.reload, take=invocation.log_by)
        outside = Outside(manager=manager, should_reload=stop.should_reload, reload=lambda: reloading.reload().says)
        stop.started()
        clean = watch(shop, folders, stop, wait=wait, outside=outside)
        use = {name: one.requests for name, one in shop.network.usage().items() if one.requests}
        return clean, {"requests": use, "remembered": shop.network.remembered()}
