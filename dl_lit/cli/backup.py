"""`dl-lit backup FOLDER`: copy the database, and the library if wished, while everything goes on."""

from __future__ import annotations

from pathlib import Path

import click

from dl_lit.cli.invocation import Invocation
from dl_lit.cli.options import common_options, json_option


@click.command(
    epilog="""\b
Examples:
  dl-lit backup /backups                      the database
  dl-lit backup /backups --files --keep 14    the library's PDFs, too; two weeks of daily backups
  dl-lit restore /backups/dl-lit-20261123T030000Z"""
)
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), metavar="FOLDER")
@click.option("--files", is_flag=True, help="The library's PDFs, too; those of the last backup are linked, not copied.")
@click.option(
    "--keep",
    type=click.IntRange(1),
    metavar="N",
    help="Remove the oldest backups in FOLDER beyond so many, unless they have files that this one lacks.",
)
@json_option
@common_options
@click.pass_obj
def command(invocation: Invocation, *, folder: Path, files: bool, keep: int | None, as_json: bool) -> int:
    """Make a verified backup of the database in a folder, also while a dl-lit works it.

    Ends with 3 when files that the database knows were not in the library as it knows them; they are named.
    """
    from dl_lit.app.care.backing_up import MANIFEST, back_up  # noqa: PLC0415 - brings SQLAlchemy, which --help need not load
    from dl_lit.cli.printing import line, print_document, size, tell_first  # noqa: PLC0415
    from dl_lit.core.clock import SystemClock  # noqa: PLC0415

    made = back_up(invocation.settings, folder, SystemClock(), files=files, keep=keep)
    manifest = made.manifest
    if as_json:
        document = {
            "path": str(made.path),
            "manifest": manifest,
            "copied_bytes": made.copied_bytes,
            "removed": [str(path) for path in made.removed],
            "spared": [str(path) for path in made.spared],
        }
        print_document("dl-lit/backed-up/1", document)
    else:
        held = f"{manifest.sources:,} sources, {manifest.entries:,} entries, {manifest.works:,} works"
        with_files = f", {manifest.files - len(manifest.missing):,} files" if files else ""
        line(f"{made.path}: {held}{with_files}; {size(made.copied_bytes)} written, verified")
        for old in made.removed:
            line(f"removed {old}")
        for old in made.spared:
            line(f"kept {old}, although older: it has files that this one lacks")
    tell_first(
        manifest.missing,
        "not in the library as the database knows it, so not in the backup",
        rest=f"all are in {made.path / MANIFEST}",
    )
    return 3 if manifest.missing else 0
