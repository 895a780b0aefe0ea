"""`dl-lit compare PDF…`: our reading of PDFs beside a GROBID server's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dl_lit.cli.invocation import Invocation
from dl_lit.cli.options import common_options, json_option, setting_option
from dl_lit.cli.pdf_arguments import PdfPath, require_files
from dl_lit.core.controls import json_shown

if TYPE_CHECKING:
    from dl_lit.app.reading.second_opinion import Opinions
    from dl_lit.core.model import Reference
    from stages.grobid.comparing import Comparison, Shared


@click.command()
@click.argument("pdfs", type=PdfPath(), nargs=-1, required=True, metavar="PDF...")
@setting_option("--grobid", "services.grobid.url", metavar="URL", help="The server, for example http://localhost:8070.")
@setting_option("--extraction-workers", "workers.extraction", type=int, metavar="N", help="PDFs read at the same time.")
@json_option
@common_options
@click.pass_obj
def command(invocation: Invocation, *, pdfs: tuple[Path, ...], as_json: bool) -> int:
    """Compare our reading of PDFs with that of a GROBID server.

    The PDFs are sent to that server and to nobody else. Ends with 3 when some could not be compared, with 6 when no
    server is named.
    """
    from dl_lit.app.reading.second_opinion import opinions  # noqa: PLC0415 - brings the HTTP client and the PDF library

    require_files(pdfs)
    invocation.start_logging()
    comparisons: list[Comparison | None] = []
    documents: list[dict[str, Any]] = []
    for found in opinions(invocation.settings, pdfs):
        comparisons.append(found.comparison)
        if as_json:
            documents.append(_document(found))
        else:
            _tell(found)
    if as_json:
        document = {"schema": "dl-lit/comparison/1", "with": "grobid", "documents": documents}
        click.echo(json_shown(json.dumps(document, ensure_ascii=False, indent=1)))
    elif len(comparisons) > 1:
        _tell_all([one for one in comparisons if one is not None])
    return 3 if None in comparisons else 0


def _document(found: Opinions) -> dict[str, Any]:
    from dl_lit.core.source_path import path_text  # noqa: PLC0415

    document: dict[str, Any] = {
        "path": path_text(found.path),
        "sha256": found.sha256,
        "error": found.our_error.reason.value if found.our_error else None,
        "their_error": found.their_error.reason.value if found.their_error else None,
    }
    return document | (_counts(found.comparison) if found.comparison else {})


def _counts(comparison: Comparison) -> dict[str, Any]:
    from dl_lit.pdf.jsonform import reference_json  # noqa: PLC0415

    return {
        "both": len(comparison.shared),
        "agreement": dict(comparison.agreement),
        "only_ours": [reference_json(one) for one in comparison.only_ours],
        "only_theirs": [reference_json(one) for one in comparison.only_theirs],
        "differences": [
            {"position": one.ours.position, "their_position": one.theirs.position, "field": name,
             "ours": reference_json(one.ours)[name], "theirs": reference_json(one.theirs)[name]}
            for one in comparison.shared
            for name in one.differing
        ],
    }  # fmt: skip


def _tell(found: Opinions) -> None:
    from dl_lit.cli.printing import heading, line, shown  # noqa: PLC0415
    from dl_lit.core.source_path import path_text  # noqa: PLC0415

    heading(shown(path_text(found.path)))
    comparison = found.comparison
    if comparison is None:
        if found.our_error:
            line(f"  not read: {found.our_error.reason.value}")
        if found.their_error:
            line(f"  not read by GROBID: {shown(str(found.their_error))}")
        line()
        return
    line(
        f"  {len(comparison.shared)} entries in both, {len(comparison.only_ours)} only ours, "
        f"{len(comparison.only_theirs)} only GROBID's"
    )
    agreement = ", ".join(f"{name.replace('_', ' ')} {share:.2f}" for name, share in comparison.agreement.items())
    if agreement:
        line(f"  read alike: {agreement}")
    _tell_entries("only ours", comparison.only_ours)
    _tell_entries("only GROBID's", comparison.only_theirs)
    for one in comparison.shared:
        _tell_differences(one)
    line()


def _tell_all(comparisons: list[Comparison]) -> None:
    from dl_lit.cli.printing import heading, line  # noqa: PLC0415

    heading(f"{len(comparisons)} PDFs")
    shared, ours, theirs = (
        sum(len(getattr(one, part)) for one in comparisons) for part in ("shared", "only_ours", "only_theirs")
    )
    line(f"  {shared} entries in both, {ours} only ours, {theirs} only GROBID's")


def _tell_entries(title: str, references: tuple[Reference, ...]) -> None:
    from dl_lit.cli.printing import line, shown  # noqa: PLC0415

    if references:
        line(f"  {title}:")
    for one in references:
        line(f"  {shown(one.label or one.position):>7}  {shown(one.raw)}")


def _tell_differences(one: Shared) -> None:
    from dl_lit.cli.printing import line, shown  # noqa: PLC0415

    if one.differing:
        line(f"  {shown(one.ours.label or one.ours.position):>7}  {shown(one.ours.raw)}")
    for name in one.differing:
        line(f"           {name.replace('_', ' ')}: ours {_value(one.ours, name)}, GROBID's {_value(one.theirs, name)}")


def _value(reference: Reference, name: str) -> str:
    from dl_lit.cli.printing import shown  # noqa: PLC0415

    value = getattr(reference, name)
    if isinstance(value, tuple):
        value = "; ".join(person.sort_key for person in value)
    return shown(value)
