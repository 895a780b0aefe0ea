"""`dl-lit enrich-openalex FILE`: references in, works out, both JSON; no database."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dl_lit.cli.importing import content_of
from dl_lit.cli.invocation import Invocation
from dl_lit.cli.options import common_options, setting_option
from dl_lit.cli.output import to_standard_output, write_output

if TYPE_CHECKING:
    from dl_lit.app.metadata.recognising_aside import Told

SCHEMA = "dl-lit/enriched/1"
_INCOMPLETE = 3


@click.command(
    epilog="""\b
Examples:
  dl-lit extract paper.pdf --json | dl-lit enrich-openalex - > works.json
  dl-lit enrich-openalex references.json --output works.json

OpenAlex is asked first, and the other services that are switched on for what it does not have (sources.order)."""
)
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True), metavar="FILE|-")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    metavar="FILE",
    help="Write there, whole or not at all; - is standard output.",
)
@setting_option(
    "--offline", "offline", is_flag=True, flag_value=True, default=None, help="Ask nobody: only what is remembered."
)
@common_options
@click.pass_obj
def command(invocation: Invocation, /, *, file: Path, output: Path | None) -> int:
    """Find out which works the references of a JSON file are, and print them as JSON; nothing is kept.

    Ends with 3 when some were not recognised; each says why.
    """
    from dl_lit.app.metadata.recognising_aside import recognise_aside  # noqa: PLC0415 - the network, not for --help
    from dl_lit.core.clock import SystemClock  # noqa: PLC0415
    from dl_lit.exports.read_references import read_references  # noqa: PLC0415

    invocation.start_logging(warnings_only=True)
    read = read_references(content_of(file).data)
    for problem in read.problems:
        click.echo(f"dl-lit: {file}: reference {problem.line}: {problem.message}: {problem.text}", err=True)
    total = len(read.references)

    def show(done: int) -> None:
        if sys.stderr.isatty():
            click.echo(f"\r{done:,} of {total:,} ", nl=False, err=True)

    told, requests = recognise_aside(invocation.settings, read.references, SystemClock(), on_told=show)
    _write(output, _document(told, requests))
    found = sum(one.work is not None for one in told)
    click.echo(f"dl-lit: {found:,} of {total:,} references recognised", err=True)
    return 0 if found == total and not read.problems else _INCOMPLETE


def _document(told: list[Told], requests: dict[str, int]) -> dict[str, Any]:
    import msgspec  # noqa: PLC0415 - with what runs

    return {
        "schema": SCHEMA,
        "references": msgspec.to_builtins(told),
        "recognised": sum(one.work is not None for one in told),
        "requests": requests,
    }


def _write(output: Path | None, document: dict[str, Any]) -> None:
    import json  # noqa: PLC0415 - with what prints

    from dl_lit.cli.printing import print_json  # noqa: PLC0415
    from dl_lit.core.controls import json_shown  # noqa: PLC0415

    if output is None or to_standard_output(output):
        print_json(document)
    else:
        write_output(output, [json_shown(json.dumps(document, ensure_ascii=False, indent=1)) + "\n"])
