"""`dl-lit restore BACKUP`: put a backup in the place of the database."""

from __future__ import annotations

from pathlib import Path

import click

from dl_lit.cli.invocation import Invocation
from dl_lit.cli.options import common_options, json_option


@click.command(
    epilog="""\b
Examples:
  dl-lit restore /backups/dl-lit-20261123T030000Z --check    read all of it and say whether it is whole
  dl-lit restore /backups/dl-lit-20261123T030000Z            do it; the database there now is kept beside it"""
)
@click.argument("backup", type=click.Path(path_type=Path), metavar="BACKUP")
@click.option("--check", is_flag=True, help="Only say whether the backup is whole, and what it holds.")
@json_option
@common_options
@click.pass_obj
def command(invocation: Invocation, *, backup: Path, check: bool, as_json: bool) -> int:
    """Restore what `dl-lit backup` made, after reading all of it. Stop the dl-lit that works the database first.

    Files of the library that are gone come back from the backup, if it has them; none is overwritten or removed. Ends
    with 3 when files are missing all the same (`dl-lit doctor --fix` has them fetched again), and so does --check.
    """
    from dl_lit.app.care.restoring import restore  # noqa: PLC0415 - brings SQLAlchemy, which --help need not load
    from dl_lit.cli.printing import line, print_document, tell_first  # noqa: PLC0415
    from dl_lit.core.clock import SystemClock  # noqa: PLC0415

    if check:
        return _check(backup, as_json=as_json)
    done = restore(invocation.settings, backup, SystemClock())
    if as_json:
        document = {
            "database": str(invocation.settings.database),
            "manifest": done.manifest,
            "aside": None if done.aside is None else str(done.aside),
            "upgraded": done.upgraded,
            "files_back": done.files_back,
            "files_missing": done.files_missing,
            "broken": done.broken,
        }
        print_document("dl-lit/restored/1", document)
    else:
        line(f"{invocation.settings.database} is as of {done.manifest.made_at}")
        if done.aside is not None:
            line(f"the database that was there is kept as {done.aside}")
        if done.files_back:
            line(f"{done.files_back:,} files came back into {invocation.settings.library}")
    tell_first(done.files_missing, "missing in the library", rest="dl-lit doctor --files finds them all")
    return 1 if done.broken else 3 if done.files_missing else 0


def _check(backup: Path, *, as_json: bool) -> int:
    """Say whether the backup is whole, and what it lacks."""
    from dl_lit.app.care.backing_up import MANIFEST, verified  # noqa: PLC0415 - as above
    from dl_lit.cli.printing import line, print_document, tell_first  # noqa: PLC0415

    manifest, _ = verified(backup)
    lacks = len(manifest.missing)
    if as_json:
        print_document("dl-lit/backup-check/1", {"path": str(backup), "whole": not lacks, "manifest": manifest})
    else:
        files = f", {manifest.files - lacks:,} files" if manifest.has_files else ", no files"
        held = f"{manifest.entries:,} entries, {manifest.works:,} works{files}"
        state = f"is as it was made, but lacks {lacks:,} of {manifest.files:,} files" if lacks else "is whole"
        line(f"{backup} {state}: of {manifest.made_at}, {held}")
    tell_first(
        manifest.missing,
        "not in the backup, since it was not in the library",
        rest=f"all are in {backup / MANIFEST}",
    )
    return 3 if lacks else 0
