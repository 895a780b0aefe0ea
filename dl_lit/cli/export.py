"""`dl-lit export`: what was found, for reference managers and other programs."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dl_lit.cli.invocation import Invocation
from dl_lit.cli.options import common_options
from dl_lit.cli.output import to_standard_output, write_output

if TYPE_CHECKING:
    from db.reading.opening import Connection
    from dl_lit.app.outcome.choice import Choice
    from dl_lit.exports.record import ExportRecord

FORMATS = ("bibtex", "biblatex", "ris", "csl-json", "zotero-rdf", "csv", "jsonl", "graphml", "gexf")
STATES = ("downloaded", "missing", "waiting", "needs-review", "failed", "duplicate", "retracted")


@click.command(
    epilog="""\b
Examples:
  dl-lit export > library.bib
  dl-lit export --format ris --state downloaded --output library.ris
  dl-lit export --missing --format csv --output missing.csv      what is not to be had, and why
  dl-lit export --format csv --source s5 --source ~/inbox/paper.pdf --output cited.csv
  dl-lit export --format graphml --output citations.graphml      who cites whom, for Gephi and networkx
  dl-lit export --run 3 --paths absolute --output review.bib     what the sources of one run cite

Paths of PDFs are relative to the folder of the output file (of the current one without --output)."""
)
@click.option("--format", "form", type=click.Choice(FORMATS), default="bibtex", show_default=True)
@click.option(
    "--output",
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    metavar="FILE",
    help="Write there, whole or not at all; - is standard output.",
)
@click.option(
    "--source", "sources", multiple=True, metavar="SOURCE", help="Only works cited by this source: id or path."
)
@click.option("--run", type=click.IntRange(min=1), metavar="N", help="Only works cited by the sources of this run.")
@click.option("--state", "states", multiple=True, type=click.Choice(STATES), help="Only works of which this became.")
@click.option("--missing", is_flag=True, help="Only works whose PDF could not be had, with the reason.")
@click.option("--downloaded-only", is_flag=True, help="Only works whose PDF is in the library.")
@click.option(
    "--paths",
    type=click.Choice(("relative", "absolute", "none")),
    default="relative",
    show_default=True,
    help="How the paths of PDFs are written, if at all.",
)
@click.option(
    "--file-form",
    type=click.Choice(("zotero", "jabref")),
    default="zotero",
    show_default=True,
    help="Whose form the file field of BibTeX and biblatex has; each reads the other's.",
)
@common_options
@click.pass_obj
def command(
    invocation: Invocation,
    *,
    form: str,
    output: Path | None,
    sources: tuple[str, ...],
    run: int | None,
    states: tuple[str, ...],
    missing: bool,
    downloaded_only: bool,
    paths: str,
    file_form: str,
) -> None:
    """Write the works that were recognised, in printed order, each once, with the paths of their PDFs.

    Each has its citation key, once and for ever: dl-lit keys shows them.
    """
    from db.reading.opening import reading  # noqa: PLC0415 - brings SQLAlchemy, which --help need not load
    from dl_lit.app.outcome.choice import FilesNamed, Paths  # noqa: PLC0415
    from dl_lit.app.outcome.citation_graph import CitationGraph  # noqa: PLC0415
    from dl_lit.app.outcome.citing import citing, give_keys_ahead, keys_not_kept  # noqa: PLC0415
    from dl_lit.app.outcome.records import export_records  # noqa: PLC0415
    from dl_lit.exports.graph import gexf, graphml  # noqa: PLC0415

    wanted = _states(states, missing=missing, downloaded_only=downloaded_only)
    settings = invocation.settings
    file = None if to_standard_output(output) else output
    beside = (Path.cwd() if file is None else file.absolute().parent).resolve()
    library = settings.library.resolve() if isinstance(settings.library, Path) else settings.library
    files = FilesNamed(library, beside, Paths(paths))
    tally = itertools.count()
    database, pattern = settings.database, settings.export.citation_key
    with reading(database) as connection:
        choice = choice_of(connection, sources, run, wanted)
    trouble = give_keys_ahead(database, pattern, choice.source_ids)
    with reading(database) as connection, citing(connection, database, pattern, trouble=trouble) as keys:
        if form in {"graphml", "gexf"}:
            graph = CitationGraph(connection, keys, files, choice)
            nodes = (one for one, _ in zip(graph.nodes(), tally, strict=False))
            _write(file, (gexf if form == "gexf" else graphml)(nodes, graph.edges()))
        else:
            records = export_records(connection, keys, files, choice)
            _write(file, _written(form, file_form, (one for one, _ in zip(records, tally, strict=False))))
    if trouble := keys_not_kept(keys):
        click.echo(f"dl-lit: {trouble}", err=True)
    if file is not None:
        what = "sources and works" if form in {"graphml", "gexf"} else "works"
        click.echo(f"dl-lit: {next(tally):,} {what} written to {file}", err=True)


def _states(states: tuple[str, ...], *, missing: bool, downloaded_only: bool) -> frozenset[str]:
    """What `--state` and its two older forms say together."""
    if downloaded_only and missing:
        raise click.UsageError("--downloaded-only and --missing together leave nothing")
    if states and (missing or downloaded_only):
        raise click.UsageError("--state says it all: leave --missing and --downloaded-only away")
    return frozenset(states) | ({"missing"} if missing else set()) | ({"downloaded"} if downloaded_only else set())


def choice_of(connection: Connection, sources: tuple[str, ...], run: int | None, states: frozenset[str]) -> Choice:
    """What `--source`, `--run` and `--state` say together; raises `UsageError` and `BadInput`."""
    from db.reading.exports import sources_of_run  # noqa: PLC0415 - as above
    from db.reading.sources import sources_named  # noqa: PLC0415
    from dl_lit.app.outcome.choice import Choice, Wanted  # noqa: PLC0415

    if run is not None and sources:
        raise click.UsageError("--run and --source each choose sources: name one of the two")
    chosen = None if run is None else sources_of_run(connection, run)
    if sources:
        chosen = [id_ for name in sources for id_ in sources_named(connection, name)]
    return Choice(
        source_ids=None if chosen is None else tuple(chosen), wanted=frozenset(Wanted(state) for state in states)
    )


def _write(file: Path | None, pieces: Iterator[str]) -> None:
    if file is not None:
        write_output(file, pieces)
        return
    for piece in pieces:
        click.echo(piece, nl=False)


def _written(form: str, file_form: str, records: Iterator[ExportRecord]) -> Iterator[str]:
    """The pieces of the export."""
    match form:
        case "bibtex" | "biblatex":
            from dl_lit.exports.bibtex import Dialect, bibtex  # noqa: PLC0415 - only what is asked for
            from dl_lit.exports.file_field import FileForm  # noqa: PLC0415

            return bibtex(records, Dialect(form), FileForm(file_form))
        case "csl-json":
            from dl_lit.exports.csl_json import csl_json  # noqa: PLC0415

            return csl_json(records)
        case "ris":
            from dl_lit.exports.ris import ris  # noqa: PLC0415

            return ris(records)
        case "zotero-rdf":
            from dl_lit.exports.zotero_rdf import zotero_rdf  # noqa: PLC0415

            return zotero_rdf(records)
        case "csv":
            from dl_lit.exports.csv_table import csv_table  # noqa: PLC0415

            return csv_table(records)
        case _:
            from dl_lit.exports.jsonl import jsonl  # noqa: PLC0415

            return jsonl(records)
