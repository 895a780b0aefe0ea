"""`dl-lit run-bundle RUN --output FILE`: pack a run so that it can be done again without any network."""

from __future__ import annotations

from pathlib import Path

import click

from dl_lit.cli.invocation import Invocation
from dl_lit.cli.options import common_options, json_option


@click.command(
    epilog="""\b
Examples:
  dl-lit runs                                          which runs there were
  dl-lit run-bundle 12 --output review.zip             settings, versions, answers and outcome of run 12
  dl-lit run-bundle 12 --output review.zip --with-pdfs with copies of the papers and of what was fetched
  dl-lit run-replay review.zip                         do it again, and compare

No key, token or contact address is in a bundle. Copies of PDFs may not be yours to pass on."""
)
@click.argument("run_id", type=click.IntRange(min=1), metavar="RUN")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), required=True, help="The bundle to write.")
@click.option("--with-pdfs", is_flag=True, help="Copy the sources and the fetched PDFs, too.")
@json_option
@common_options
@click.pass_obj
def command(invocation: Invocation, *, run_id: int, output: Path, with_pdfs: bool, as_json: bool) -> None:
    """Pack a one-off run's settings, versions, sources, answers and outcome into one file."""
    from dl_lit.app.outcome.bundling import bundle_run  # noqa: PLC0415 - brings SQLAlchemy
    from dl_lit.cli.printing import line, print_json  # noqa: PLC0415
    from dl_lit.core.errors import DlLitError  # noqa: PLC0415

    try:
        told = bundle_run(invocation.settings, run_id, output, with_pdfs=with_pdfs)
    except OSError as error:
        raise DlLitError(f"cannot write {output}: {error.strerror}") from error
    if as_json:
        print_json(told)
        return
    line(f"{output}: run {run_id}, {told['sources']:,} sources, {told['entries']:,} entries, {told['bytes']:,} bytes")
    if not told["is_whole"]:
        line("not all answers were kept: the run had more than runs.record_mb")
    if not with_pdfs:
        line("PDFs are named by their SHA-256, and looked for where they are now: --with-pdfs copies them")
