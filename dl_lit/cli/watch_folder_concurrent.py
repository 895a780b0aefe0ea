"""`dl-lit watch-folder-concurrent DIR`: fetch what every PDF cites that appears in a folder."""

from __future__ import annotations

from pathlib import Path

import click

from dl_lit.cli.daemon import run_daemon
from dl_lit.cli.invocation import Invocation
from dl_lit.cli.options import common_options, json_option, snowball_options, worker_options


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

    def prepare() -> None:
        from dl_lit.app.intake.watched_folders import watched_folders  # noqa: PLC0415 - which --help need not load

        if polling:
            invocation.set("watch.observe", "--polling", "polling")
        if afterwards is not None:
            invocation.set("watch.afterwards", "--afterwards", afterwards)
        watched_folders(invocation.settings, folders, wait=wait)

    named = ", ".join(map(str, folders))
    return run_daemon(
        invocation,
        f"watch-folder-concurrent {named}",
        folders,
        says=f"watching {named}",
        wait=wait,
        as_json=as_json,
        prepare=prepare,
    )
