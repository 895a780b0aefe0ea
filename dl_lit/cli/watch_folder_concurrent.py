"""`dl-lit watch-folder-concurrent DIR`: fetch what every PDF cites that appears in a folder."""

from __future__ import annotations

import json
import os
from contextlib import ExitStack
from pathlib import Path

import click

from dl_lit.cli.invocation import Invocation
from dl_lit.cli.options import common_options, json_option, worker_options


@click.command()
@click.argument("folders", type=click.Path(path_type=Path), metavar="DIR...", nargs=-1, required=True)
@click.option("--polling", is_flag=True, help="Look through the folders instead of being told of changes.")
@click.option(
    "--afterwards",
    type=click.Choice(["leave", "move", "link"]),
    help="What becomes of files that have been read: completed/ or failed/, or nothing.",
)
@click.option("--wait", is_flag=True, help="Wait for folders that are not there yet, instead of ending.")
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
    from dl_lit.app.reloading import Reloading  # noqa: PLC0415 - as below
    from dl_lit.app.watch import Outside, watch  # noqa: PLC0415 - the whole program, which --help need not load
    from dl_lit.app.watched_folders import watched_folders  # noqa: PLC0415
    from dl_lit.app.workshop import Workshop  # noqa: PLC0415
    from dl_lit.cli.running import tell_missing, tell_upgrade  # noqa: PLC0415
    from dl_lit.runtime.notify import ServiceManager  # noqa: PLC0415
    from dl_lit.runtime.signals import DaemonSignals  # noqa: PLC0415
    from dl_lit.settings.check_serve import require_control  # noqa: PLC0415

    manager = ServiceManager.take_from(os.environ)
    if polling:
        invocation.set("watch.observe", "--polling", "polling")
    if afterwards is not None:
        invocation.set("watch.afterwards", "--afterwards", afterwards)
    watched_folders(invocation.settings, folders, wait=wait)
    require_control(invocation.settings)
    named = ", ".join(map(str, folders))
    invocation.start_logging()
    with ExitStack() as stack:
        stop = stack.enter_context(DaemonSignals())
        manager.status("opening the database and the library")
        shop = stack.enter_context(
            Workshop(invocation.settings, f"watch-folder-concurrent {named}", on_upgrade=tell_upgrade)
        )
        tell_missing(invocation)
        click.echo(f"dl-lit: watching {named}; Ctrl-C ends", err=True)
        reloading = Reloading(shop, invocation.load(), invocation.reload, take=invocation.log_by)
        outside = Outside(manager=manager, should_reload=stop.should_reload, reload=lambda: reloading.reload().says)
        clean = watch(shop, folders, stop, wait=wait, outside=outside)
        use = {name: one.requests for name, one in shop.network.usage().items() if one.requests}
        remembered = shop.network.remembered()
    if as_json:
        click.echo(json.dumps({"schema": "dl-lit/watch/1", "clean": clean, "requests": use, "remembered": remembered}))
    return 0 if clean else 130
