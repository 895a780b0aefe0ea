"""`dl-lit extract PDF…`: print bibliographies; no database, no network but for a model that is asked for."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dl_lit.cli.invocation import Invocation
from dl_lit.cli.options import common_options, json_option, model_options, setting_option
from dl_lit.cli.output import STANDARD_STREAM, refuse_inputs, to_standard_output, write_output
from dl_lit.cli.pdf_arguments import PdfPath, require_files
from dl_lit.core.controls import json_shown
from dl_lit.core.errors import DlLitError, NeedsConfiguration

if TYPE_CHECKING:
    from dl_lit.cli.extracting import Extracted
    from dl_lit.core.model import Bibliography
    from dl_lit.pdf.picture.order import PictureOrder

FORMATS = ("text", "json", "csl-json", "bibtex", "ris")
_INCOMPLETE = 3


@click.command(
    epilog="""\b
Examples:
  dl-lit extract paper.pdf                            for people
  dl-lit extract *.pdf --format bibtex --output cited.bib
  curl -s https://example.org/paper.pdf | dl-lit extract - --format csl-json
  dl-lit extract paper.pdf --picture out/             then open out/paper-…/index.html
  dl-lit extract book.pdf --picture out/ --pages 310-325

Page images show the lists, the entries one by one, their fields in the colours of the legend, doubtful entries in
red. Scans are read after scripts/setup --ocr (the extra dl-lit[ocr]); without it they fail with no-text-layer."""
)
@click.argument("pdfs", type=PdfPath(), nargs=-1, required=True, metavar="PDF...")
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
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    metavar="FILE",
    help="Write there, whole or not at all; - is standard output.",
)
@click.option(
    "--picture",
    "pictures",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Also write an image of every page that holds references, with what was read marked on it.",
)
@click.option("--pages", metavar="LIST", help="Draw these pages instead: 3, 10-12 or all; several with commas.")
@click.option(
    "--llm", "with_model", is_flag=True, help="Have the language model that is set read what ours is unsure of."
)
@setting_option("--extraction-workers", "workers.extraction", type=int, metavar="N", help="PDFs read at the same time.")
@model_options
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
    with_model: bool,
) -> int:
    """Print the bibliography of PDFs ("-" is standard input); no network, no database.

    With --llm, and then alone, a language model is asked about what our reader is unsure of. Ends with 3 when some
    could not be read.
    """
    if as_json and form not in {None, "json"}:
        raise click.UsageError(f"--json and --format {form} contradict each other")
    if pdfs.count(STANDARD_STREAM) > 1:
        raise click.UsageError("standard input can be read once only")
    if pages is not None and pictures is None:
        raise click.UsageError("--pages says which pages to draw: name a folder with --picture")
    if with_model and pictures is not None:
        raise click.UsageError("--picture shows our own reading: leave out --llm")
    if with_model and invocation.settings.llm.provider is None:
        raise NeedsConfiguration("--llm: no language model is set: set llm.provider (DL_LIT_LLM_PROVIDER)")
    file = None if to_standard_output(output) else output
    require_files(pdfs)
    if file is not None:
        refuse_inputs(file, pdfs)
    from dl_lit.cli.extracting import extracted  # noqa: PLC0415 - heavy, which --help need not load

    order = _picture_order(pages) if pictures is not None else None
    failed = False

    def watched(documents: Iterable[Extracted]) -> Iterator[Extracted]:
        nonlocal failed
        for one in documents:
            failed = not _is_as_wanted(one, order) or failed
            yield one

    chosen = "json" if as_json else form or "text"
    settings = invocation.settings if with_model else invocation.settings.without_models
    if settings.llm.is_on:
        invocation.start_logging(warnings_only=True)  # before, the client's lines would be among the data
    with closing(extracted(settings, pdfs, pictures, order)) as documents:
        pieces = _written(chosen, watched(documents), file)
        if file is None:
            for piece in pieces:
                click.echo(piece, nl=False)
        else:
            write_output(file, pieces)
    return _INCOMPLETE if failed else 0


class _NothingRead(DlLitError):
    """No PDF could be read: an output file of an earlier time is worth more than an empty one."""

    exit_code = _INCOMPLETE


def _is_as_wanted(one: Extracted, order: PictureOrder | None) -> bool:
    """Whether the PDF was read and has the pages that were to be drawn; of pages it lacks standard error is told."""
    if one.bibliography is None:
        return False
    count = one.bibliography.page_count
    beyond = [first for first, _ in order.pages if first > count] if order is not None else []
    for page in beyond:
        _say(f"{one.path} has {count} pages: there is no page {page} to draw")
    return not beyond


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


def _written(form: str, documents: Iterator[Extracted], file: Path | None) -> Iterable[str]:
    """The pieces of the answer, in the order of the PDFs."""
    match form:
        case "text":
            return _text(documents, styled=file is None)
        case "json":
            return _json(documents)
    from dl_lit.app.outcome.printed import printed_records  # noqa: PLC0415 - only for the formats that need it

    records = printed_records(_read_ones(documents, file))
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
    yield json_shown(json.dumps(bibliography_json(plain), ensure_ascii=False, indent=1)) + "\n"


def _text(documents: Iterable[Extracted], *, styled: bool) -> Iterator[str]:
    from dl_lit.cli.printing import shown  # noqa: PLC0415
    from dl_lit.exports.plain_text import bibliography_lines  # noqa: PLC0415

    for one in documents:
        yield (click.style(shown(one.path), bold=True) if styled else shown(one.path)) + "\n"
        if one.bibliography is None:
            yield f"  not read: {shown(one.said)}\n\n"
            continue
        for line in bibliography_lines(one.bibliography):
            yield f"{line[: len(line) - len(line.lstrip())]}{shown(line.lstrip())}\n"
        yield "\n"


def _read_ones(documents: Iterable[Extracted], file: Path | None) -> Iterator[tuple[str, Bibliography]]:
    """The documents that could be read; of the others standard error is told. Raises if none is to go to `file`."""
    nothing_read = True
    for one in documents:
        if one.bibliography is None:
            _say(f"{one.path}: not read: {one.said}")
        else:
            nothing_read = False
            yield one.path, one.bibliography
    if nothing_read and file is not None:
        raise _NothingRead(f"nothing could be read: {file} is left as it was")


def _say(message: str) -> None:
    from dl_lit.cli import say  # noqa: PLC0415 - the group imports this module

    say(message)
