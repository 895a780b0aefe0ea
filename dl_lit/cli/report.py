"""`dl-lit report`: the library, a run, or sources as pages."""

from __future__ import annotations

from pathlib import Path

import click

from dl_lit.cli.invocation import Invocation
from dl_lit.cli.options import common_options, json_option


@click.command(
    epilog="""\b
Examples:
  dl-lit report                               the whole library, into LIBRARY/report
  dl-lit report --run 12 --output review/     one run's sources, with their PRISMA flow
  dl-lit report --source s5 --source s7       two sources

Open index.html in a browser. The pages load nothing from elsewhere and can be printed."""
)
@click.option("--source", "sources", multiple=True, metavar="SOURCE", help="Only this source (id or path); repeatable.")
@click.option("--run", "run_id", type=click.IntRange(min=1), metavar="ID", help="Only this run's sources.")
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="The folder to write into; without it, report in the library.",
)
@json_option
@common_options
@click.pass_obj
def command(
    invocation: Invocation, *, sources: tuple[str, ...], run_id: int | None, output: Path | None, as_json: bool
) -> None:
    """Write the library, or some of its sources, as HTML pages: an overview, lists, and a page for each source."""
    from db.reading.opening import reading  # noqa: PLC0415 - brings SQLAlchemy, which --help need not load
    from db.reading.sources import sources_named  # noqa: PLC0415
    from dl_lit.app.outcome.library_report import write_library_report  # noqa: PLC0415
    from dl_lit.cli.printing import line, print_document, shown  # noqa: PLC0415

    if sources and run_id is not None:
        raise click.UsageError("--source and --run each say which sources: name one of the two")
    chosen = None
    if sources:
        with reading(invocation.settings.database) as connection:
            chosen = sorted({id_ for name in sources for id_ in sources_named(connection, name)})
    folder = (output or invocation.settings.library_folder / "report").absolute()
    written = write_library_report(invocation.settings, folder, chosen=chosen, run_id=run_id)
    if as_json:
        print_document(
            "dl-lit/report/1", {"index": str(written.index), "pages": written.pages, "sources": written.sources}
        )
    else:
        line(f"{shown(str(written.index))}: {written.sources:,} sources on {written.pages:,} pages")
