"""`dl-lit missing`: the cited works without a PDF, for interlibrary loan and for whoever fetches them by hand."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dl_lit.cli.invocation import Invocation
from dl_lit.cli.options import common_options
from dl_lit.cli.output import to_standard_output, write_output
from dl_lit.core.controls import json_shown

if TYPE_CHECKING:
    from dl_lit.exports.missing import MissingItem
    from dl_lit.settings import Settings

SCHEMA = "dl-lit/missing/1"
FORMATS = ("text", "ris", "csv", "html", "json")


@click.command(
    epilog="""\b
Examples:
  dl-lit missing                                        what is missing, and what you can do
  dl-lit missing --format html --output missing.html    a page with links to your library
  dl-lit missing --format ris --source s5 > loans.ris   for an interlibrary loan form

Links to your library need the setting access.openurl, the address of its resolver."""
)
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True)
@click.option(
    "--output",
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    metavar="FILE",
    help="Write there, whole or not at all; - is standard output.",
)
@click.option(
    "--source", "sources", multiple=True, metavar="SOURCE", help="Only works cited by this source: id or path."
)
@click.option("--waiting", "with_waiting", is_flag=True, help="Also what dl-lit is still looking for.")
@common_options
@click.pass_obj
def command(
    invocation: Invocation, *, form: str, output: Path | None, sources: tuple[str, ...], with_waiting: bool
) -> None:
    """List the works without a PDF: those that most sources cite first, each with the reason and what you can do.

    Entries that could not be recognised are among them. A PDF that you got goes to dl-lit hand-in.
    """
    from db.reading.opening import reading  # noqa: PLC0415 - brings SQLAlchemy, which --help need not load
    from db.reading.sources import sources_named  # noqa: PLC0415
    from dl_lit.app.outcome.missing import missing_items  # noqa: PLC0415
    from dl_lit.exports.openurl import openurl  # noqa: PLC0415

    settings = invocation.settings
    base = settings.access.openurl
    with reading(settings.database) as connection:
        chosen = [id_ for name in sources for id_ in sources_named(connection, name)] if sources else None
        resolve = partial(openurl, base=base) if base else (lambda _work: None)
        items = missing_items(connection, chosen, resolve=resolve, with_waiting=with_waiting)
    pieces = _written(form, items, settings)
    if output is None or to_standard_output(output):
        for piece in pieces:
            click.echo(piece, nl=False)
    else:
        write_output(output, pieces)
        click.echo(f"dl-lit: {len(items):,} missing works written to {output}", err=True)


def _written(form: str, items: Sequence[MissingItem], settings: Settings) -> Iterator[str]:
    from dl_lit.core.clock import SystemClock  # noqa: PLC0415 - as above
    from dl_lit.exports.missing import missing_csv, missing_html, missing_ris  # noqa: PLC0415

    match form:
        case "ris":
            yield from missing_ris(items)
        case "csv":
            yield from missing_csv(items)
        case "html":
            folder = settings.hand_in.folder
            yield missing_html(items, generated_at=SystemClock().now(), hand_in=str(folder) if folder else None)
        case "json":
            document = {"schema": SCHEMA, "missing": [_document(item) for item in items]}
            yield json_shown(json.dumps(document, ensure_ascii=False)) + "\n"
        case _:
            yield from _text(items)


def _text(items: Sequence[MissingItem]) -> Iterator[str]:
    from dl_lit.cli.paragraphs import paragraph  # noqa: PLC0415
    from dl_lit.cli.printing import shown  # noqa: PLC0415
    from dl_lit.exports.reason_text import REASON_TEXT  # noqa: PLC0415

    for item in items:
        work = item.work
        named = ", ".join(
            part for part in (work.authors[0].sort_key if work.authors else "", str(work.year or "")) if part
        )
        lines = paragraph(f"{item.name}  {work.title}" + (f" ({named})" if named else ""), indent=0)
        lines += paragraph(f"{item.reason.value}: {REASON_TEXT[item.reason].what} {item.advice}")
        if item.held:
            lines += paragraph(f"in quarantine: {item.held}")
        if item.look_again:
            lines += paragraph(f"looked for again on {item.look_again}")
        lines += [f"    {shown(link)}" for link in item.links if link != item.resolver]  # far too long to be read
        yield "\n".join(lines) + "\n"
    yield f"{len(items):,} missing\n" if items else "nothing is missing\n"


def _document(item: MissingItem) -> dict[str, object]:
    work = item.work
    return {
        "id": item.name,
        "recognised": item.is_recognised,
        "state": item.state.value,
        "reason": item.reason.value,
        "detail": item.detail,
        "advice": item.advice,
        "title": work.title,
        "authors": [name.sort_key for name in work.authors],
        "year": work.year,
        "container_title": work.container_title,
        "doi": work.doi,
        "cited_by": item.cited_by,
        "sources": list(item.sources),
        "links": list(item.links),
        "resolver": item.resolver,
        "held": item.held,
        "look_again": item.look_again.isoformat() if item.look_again else None,
        "printed": item.raw,
    }
