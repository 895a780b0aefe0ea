"""`dl-lit extract PDF…`: print bibliographies; no network, no database."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dl_lit.cli.invocation import Invocation
from dl_lit.cli.options import common_options, json_option, setting_option

if TYPE_CHECKING:
    from dl_lit.core.ports import BibliographyReader


@click.command()
@click.argument("pdfs", type=click.Path(path_type=Path), nargs=-1, required=True, metavar="PDF...")
@setting_option("--extraction-workers", "workers.extraction", type=int, metavar="N", help="PDFs read at the same time.")
@json_option
@common_options
@click.pass_obj
def command(invocation: Invocation, *, pdfs: tuple[Path, ...], as_json: bool) -> int:
    """Print the bibliography of PDFs; no network, no database. Ends with 3 when some could not be read."""
    from dl_lit.pdf.jsonform import bibliography_json  # noqa: PLC0415
    from dl_lit.pdf.reader import ChildReader  # noqa: PLC0415 - heavy, which --help need not load
    from dl_lit.runtime.together import together  # noqa: PLC0415

    settings = invocation.settings
    reader = ChildReader(
        settings.workers.extraction,
        timeout_s=settings.pdf.timeout_s,
        memory_bytes=settings.pdf.memory_mb * 1_048_576,
        max_bytes=settings.pdf.max_mb * 1_048_576,
    )
    failed = False
    documents: list[dict[str, Any]] = []
    with reader:
        for document in together(lambda path: _document(reader, path), pdfs, settings.workers.extraction):
            failed = failed or document["error"] is not None
            if as_json:
                documents.append(document)
            else:
                _tell(document)
    if as_json:
        click.echo(json.dumps(bibliography_json(documents), ensure_ascii=False, indent=1))
    return 3 if failed else 0


def _document(reader: BibliographyReader, path: Path) -> dict[str, Any]:
    from dl_lit.app.inbox import new_source  # noqa: PLC0415
    from dl_lit.core.errors import PdfError  # noqa: PLC0415
    from dl_lit.core.source_path import path_text  # noqa: PLC0415
    from dl_lit.pdf.jsonform import document_json  # noqa: PLC0415

    source = new_source(path)
    sha256 = source.sha256 if source.size_bytes else None
    try:
        return document_json(path_text(path), sha256, reader.read(path))
    except PdfError as error:
        return document_json(path_text(path), sha256, error)


def _tell(document: dict[str, Any]) -> None:
    from dl_lit.cli.printing import heading, shown  # noqa: PLC0415

    heading(shown(document["path"]))
    if document["error"] is not None:
        detail = f" ({shown(document['error_detail'])})" if document["error_detail"] else ""
        click.echo(f"  not read: {document['error']}{detail}\n")
        return
    expected = document["expected_references"]
    found = len(document["references"])
    click.echo(f"  {found} references" + (f" of {expected} expected" if expected and expected != found else ""))
    for reference in document["references"]:
        click.echo(f"  {shown(reference['label'] or reference['position']):>5}  {shown(reference['raw'])}")
    click.echo()
