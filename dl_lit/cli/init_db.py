"""`dl-lit init-db`: create the database, or bring it up to date."""

from __future__ import annotations

from pathlib import Path

import click

from dl_lit.cli.invocation import Invocation
from dl_lit.cli.options import common_options, json_option


@click.command()
@json_option
@common_options
@click.pass_obj
def command(invocation: Invocation, *, as_json: bool) -> None:
    """Create the database, or bring it up to date after a backup beside it.

    One that is up to date is left alone; an older one is not upgraded while another dl-lit works it (exit code 4).
    """
    from db.connect import is_there, open_database, open_to_read  # noqa: PLC0415 - brings SQLAlchemy, which --help need not load
    from db.lock import PipelineLock  # noqa: PLC0415
    from db.tables import SCHEMA_VERSION  # noqa: PLC0415
    from dl_lit.cli.printing import line, print_document  # noqa: PLC0415
    from dl_lit.core.clock import SystemClock  # noqa: PLC0415
    from dl_lit.core.database_address import shown  # noqa: PLC0415
    from dl_lit.core.errors import DatabaseUnusable  # noqa: PLC0415

    path = invocation.settings.database
    existed = is_there(path)
    backups: list[Path] = []
    try:
        open_to_read(path).dispose()
        done = "present"
    except DatabaseUnusable:
        with PipelineLock(path, "init-db", SystemClock()):
            open_database(path, on_upgrade=backups.append).dispose()
        done = "upgraded" if existed else "created"
    if as_json:
        document = {"database": shown(path), "done": done, "schema_version": SCHEMA_VERSION}
        if backups:
            document["backup"] = str(backups[0])
        print_document("dl-lit/init-db/1", document)
    else:
        said = {"present": "is up to date", "upgraded": "has been brought up to date", "created": "has been created"}
        line(f"{shown(path)} {said[done]} (schema {SCHEMA_VERSION})")
        for backup in backups:
            line(f"as it was before it is in {backup}")
