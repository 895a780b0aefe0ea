"""`dl-lit extract-bib-pages FILE|DIR…`: the pages with the lists of references, as PDFs of their own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dl_lit.cli.invocation import Invocation
from dl_lit.cli.options import common_options, json_option

if TYPE_CHECKING:
    from dl_lit.app.reading.bib_pages import CutPages, Task

SCHEMA = "dl-lit/bib-pages/1"
_INCOMPLETE = 3


@click.command(
    epilog="""\b
Examples:
  dl-lit extract-bib-pages book.pdf                       book_refs_physical_p310.pdf, and one for each other list
  dl-lit extract-bib-pages ~/papers --output-dir lists    subfolders included

The number is that of the list's first physical page, whatever is printed on it. dl-lit extract prints the entries."""
)
@click.argument("paths", type=click.Path(exists=True, path_type=Path), nargs=-1, required=True, metavar="FILE|DIR...")
@click.option(
    "--output-dir",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    metavar="DIR",
    help="Where the new PDFs go; below it as the others lie in DIR.  [default: the current folder]",
)
@click.option("--footnotes", is_flag=True, help="Cut out the pages with footnotes that cite as well.")
@json_option
@common_options
@click.pass_obj
def command(
    invocation: Invocation, /, *, paths: tuple[Path, ...], output_dir: Path, footnotes: bool, as_json: bool
) -> int:
    """Cut the pages on which lists of references stand out of PDFs, each list into a PDF of its own.

    All lists are found, those of chapters too. Ends with 3 when a PDF has none or cannot be read.
    """
    from dl_lit.app.reading.bib_pages import cut_bib_pages  # noqa: PLC0415 - the readers, which --help need not load
    from dl_lit.cli.printing import print_document  # noqa: PLC0415

    invocation.start_logging(warnings_only=True)
    done: list[CutPages] = []
    for one in cut_bib_pages(invocation.settings, list(_tasks(paths, output_dir)), with_footnotes=footnotes):
        done.append(one)
        if not as_json:
            _tell(one)
    if as_json:
        print_document(SCHEMA, {"documents": done})
    return 0 if all(one.lists for one in done) else _INCOMPLETE


def _tasks(paths: Sequence[Path], output: Path) -> Iterator[Task]:
    from dl_lit.app.intake.inbox import pdfs_in  # noqa: PLC0415 - as above
    from dl_lit.app.reading.bib_pages import Task  # noqa: PLC0415

    for path in paths:
        if not path.is_dir():
            yield Task(path, output)
            continue
        for pdf in pdfs_in(path):
            yield Task(pdf, output / pdf.parent.relative_to(path))


def _tell(one: CutPages) -> None:
    from dl_lit.app.wording import count  # noqa: PLC0415 - as above
    from dl_lit.cli.printing import line, shown  # noqa: PLC0415

    if one.error is not None:
        click.echo(f"dl-lit: {shown(one.path)}: {shown(one.error)}", err=True)
    elif not one.lists:
        more = ": --footnotes cuts out those pages" if one.left_out else ""
        where = "only its footnotes cite" if one.left_out else "no list of references found"
        click.echo(f"dl-lit: {shown(one.path)}: {where}{more}", err=True)
    for each in one.lists:
        pages = f"p. {each.first_page}" + (f"-{each.last_page}" if each.last_page > each.first_page else "")
        entries = count(each.entries, "entry", "entries")
        line(shown(f"{each.path}: {pages}, {entries}" + (f", {each.heading}" if each.heading else "")))
