"""`dl-lit extract PDF…`: print bibliographies; no network, no database."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dl_lit.cli.invocation import Invocation
from dl_lit.cli.options import common_options, json_option, setting_option

if TYPE_CHECKING:
    from dl_lit.cli.extracting import Extracted
    from dl_lit.core.model import Bibliography
    from dl_lit.pdf.picture.order import PictureOrder

FORMATS = ("text", "json", "csl-json", "bibtex", "ris")
_STANDARD_INPUT = Path("-")


@click.command(
    epilog="""\b
Examples:
  dl-lit extract paper.pdf                            for people
  dl-lit extract *.pdf --format bibtex --output cited.bib
  curl -s https://example.org/paper.pdf | dl-lit extract - --format csl-json
  dl-lit extract paper.pdf --picture out/             then open out/paper-…/index.html
  dl-lit extract book.pdf --picture out/ --pages 310-325

Page images show the lists, the entries one by one, their fields in the colours of the legend, doubtful entries in
red. Scans are read where the extra "ocr" is installed; without it they fail with no-text-layer."""
)
@click.argument("pdfs", type=click.Path(path_type=Path), nargs=-1, required=True, metavar="PDF...")
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    help="How to print it; text unless given. All but json and text tell of PDFs that could not be read on standard "
    "error only.",
)
@json_option
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write there, whole or not at all.",
)
@click.option(
    "--picture",
    "pictures",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Also write an image of every page that holds references, with what was read marked on it.",
)
@click.option("--pages", metavar="LIST", help="Draw these pages instead: 3, 10-12 or all; several with commas.")
@setting_option("--extraction-workers", "workers.extraction", type=int, metavar="N", help="PDFs read at the same time.")
@common_options
@click.pass_obj
def command(
    invocation: Invocation,
    *,
    pdfs: tuple[Path, ...],
    form: str | None,
    as_json: bool,
    output: Path | None,
    pictures: Path | None,
    pages: str | None,
) -> int:
    """Print the bibliography of PDFs ("-" is standard input); no network, no database.

    Ends with 3 when some could not be read.
    """
    if as_json and form not in {None, "json"}:
        raise click.UsageError(f"--json and --format {form} contradict each other")
    if pdfs.count(_STANDARD_INPUT) > 1:
        raise click.UsageError("standard input can be read once only")
    if pages is not None and pictures is None:
        raise click.UsageError("--pages says which pages to draw: name a folder with --picture")
    from dl_lit.cli.extracting import extracted  # noqa: PLC0415 - heavy, which --help need not load

    order = _picture_order(pages) if pictures is not None else None
    failed = False

    def watched() -> Iterator[Extracted]:
        nonlocal failed
        for one in extracted(invocation.settings, pdfs, pictures, order):
            failed = failed or one.error is not None
            yield one

    chosen = "json" if as_json else form or "text"
    pieces = _written(chosen, watched())
    if output is None:
        for piece in pieces:
            click.echo(piece, nl=False)
    else:
        from dl_lit.cli.export import replace_file  # noqa: PLC0415

        replace_file(output, pieces)
    return 3 if failed else 0


def _picture_order(pages: str | None) -> PictureOrder:
    from dl_lit.pdf.picture.order import PictureOrder  # noqa: PLC0415

    return PictureOrder(pages=page_ranges(pages) if pages is not None else ())


def page_ranges(text: str) -> tuple[tuple[int, int], ...]:
    """The ranges of "3,10-12" or "all"; raises a usage error."""
    if text.strip().lower() == "all":
        return ((1, 1_000_000),)
    ranges = []
    for part in text.split(","):
        match = re.fullmatch(r"\s*(\d{1,6})\s*(?:[-–]\s*(\d{1,6})\s*)?", part)
        first = int(match.group(1)) if match else 0
        last = int(match.group(2) or first) if match else 0
        if not 1 <= first <= last:
            raise click.UsageError(f"--pages: {part.strip()!r} is no page or range of pages such as 3 or 10-12")
        ranges.append((first, last))
    return tuple(ranges)


def _written(form: str, documents: Iterator[Extracted]) -> Iterable[str]:
    """The pieces of the answer, in the order of the PDFs."""
    match form:
        case "text":
            return _text(documents)
        case "json":
            return _json(documents)
    from dl_lit.app.printed import printed_records  # noqa: PLC0415 - only for the formats that need it

    records = printed_records(_read_ones(documents))
    match form:
        case "csl-json":
            from dl_lit.exports.csl_json import csl_json  # noqa: PLC0415

            return csl_json(records)
        case "bibtex":
            from dl_lit.exports.bibtex import bibtex  # noqa: PLC0415

            return bibtex(records)
        case _:
            from dl_lit.exports.ris import ris  # noqa: PLC0415

            return ris(records)


def _json(documents: Iterable[Extracted]) -> Iterator[str]:
    from dl_lit.pdf.jsonform import bibliography_json, document_json  # noqa: PLC0415

    plain = [document_json(one.path, one.sha256, one.result) for one in documents]
    yield json.dumps(bibliography_json(plain), ensure_ascii=False, indent=1) + "\n"


def _text(documents: Iterable[Extracted]) -> Iterator[str]:
    from dl_lit.cli.printing import shown  # noqa: PLC0415
    from dl_lit.exports.plain_text import bibliography_lines  # noqa: PLC0415

    for one in documents:
        yield click.style(shown(one.path), bold=True) + "\n"
        if one.bibliography is None:
            yield f"  not read: {shown(one.said)}\n\n"
            continue
        for line in bibliography_lines(one.bibliography):
            yield f"{line[: len(line) - len(line.lstrip())]}{shown(line.lstrip())}\n"
        yield "\n"


def _read_ones(documents: Iterable[Extracted]) -> Iterator[tuple[str, Bibliography]]:
    """The documents that could be read; of the others standard error is told."""
    from dl_lit.cli import say  # noqa: PLC0415 - the group imports this module

    for one in documents:
        if one.bibliography is None:
            say(f"{one.path}: not read: {one.said}")
        else:
            yield one.path, one.bibliography
