"""`dl-lit work`: some stages, or all, on a database that is there, with no folder watched: for hosts of a fleet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from dl_lit.cli.daemon import run_daemon
from dl_lit.cli.invocation import Invocation
from dl_lit.cli.options import common_options, json_option, snowball_options, worker_options
from dl_lit.core.database_address import shown

if TYPE_CHECKING:
    from dl_lit.app.workshop import Workshop


@click.command(
    epilog="""\b
Examples:
  dl-lit work --stages extraction                    on a host with many processors; it needs no library
  dl-lit work --stages enrichment,queueing,download  where the library is"""
)
@snowball_options
@worker_options
@json_option
@common_options
@click.pass_obj
def command(invocation: Invocation, *, as_json: bool) -> int:
    """Work what waits in the database, and what comes, until stopped; no folder is watched.

    The first SIGINT or SIGTERM lets finish what is under way and ends with 0; the second ends at once, with 130.
    SIGHUP has the settings read again; what can change at once does, the rest is named.
    """
    stages = invocation.settings.engine.stages
    return run_daemon(
        invocation,
        f"work --stages {','.join(stages)}",
        (),
        says=f"working {', '.join(stages)} of {shown(invocation.settings.database)}",
        look=_require_library,
        as_json=as_json,
        prepare=lambda: _require_database(invocation),
    )


def _require_database(invocation: Invocation) -> None:
    """Nobody starts a fleet on a database that nobody made: a wrong path would look like idleness."""
    database = invocation.settings.database
    if not database.exists():
        from db.connect import open_to_read  # noqa: PLC0415 - brings SQLAlchemy, which --help need not load

        open_to_read(database).dispose()  # says in one line what to do


def _require_library(shop: Workshop) -> None:
    from dl_lit.app.roles import keeps_library  # noqa: PLC0415 - with what runs
    from dl_lit.core.errors import NeedsConfiguration  # noqa: PLC0415

    if keeps_library(shop.settings) and (trouble := shop.library.trouble()) is not None:
        raise NeedsConfiguration(f"{trouble}: name it with --library, or leave downloads to others with --stages")
