"""`dl-lit init-db`: create the database, or bring it up to date."""

from __future__ import annotations

import click

from dl_lit.cli.invocation import Invocation
from dl_lit.cli.options import common_options, json_option


@click.command()
@json_option
@common_options
@click.pass_obj
def command(invocation: Invocation, *, as_json: bool) -> None:
    """Create the database, or bring it up to date after a backup beside it.

    One that is up to date is left alone; an older one is not upgraded while another dl-lit works it (exit code 4), or
    on PostgreSQL while one does that could not go on with it.
    """
    from db.making import make  # noqa: PLC0415 - brings SQLAlchemy, which --help need not load
    from dl_lit.cli.printing import line, print_document  # noqa: PLC0415
    from dl_lit.core.clock import SystemClock  # noqa: PLC0415
    from dl_lit.core.database_address import shown  # noqa: PLC0415

    path = invocation.settings.database
    made = make(path, SystemClock())
    if as_json:
        document = {"database": shown(path), "done": made.done, "schema_version": made.version}
        if made.backup is not None:
            document["backup"] = str(made.backup)
        print_document("dl-lit/init-db/1", document)
        return
    said = {"present": "is up to date", "upgraded": "has been brought up to date", "created": "has been created"}
    line(f"{shown(path)} {said[made.done]} (schema {made.version})")
    if made.backup is not None:
        line(f"as it was before it is in {made.backup}")
