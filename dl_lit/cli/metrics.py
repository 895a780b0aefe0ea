"""`dl-lit metrics`: print the metrics once."""

from __future__ import annotations

from pathlib import Path

import click

from dl_lit.cli.invocation import Invocation
from dl_lit.cli.options import common_options, json_option
from dl_lit.core.errors import DlLitError


@click.command(
    epilog="""\b
Examples:
  dl-lit metrics | grep condition
  dl-lit metrics --output /var/lib/node_exporter/dl_lit.prom     (from cron)"""
)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Replace this file in one step instead of printing: for the textfile collector of Prometheus' node exporter.",
)
@json_option
@common_options
@click.pass_obj
def command(invocation: Invocation, *, output: Path | None, as_json: bool) -> None:
    """Print all metrics once, in the text format of Prometheus, whether a daemon runs or not.

    docs/metrics.md says what each of them is. A daemon gives them at /metrics, too, and writes them to the file that
    the setting metrics.textfile names.
    """
    from dl_lit.app.metrics import Metrics  # noqa: PLC0415 - with the database, which --help need not load
    from dl_lit.app.telemetry.textfile import write_textfile  # noqa: PLC0415
    from dl_lit.cli.printing import print_document  # noqa: PLC0415
    from dl_lit.core.clock import SystemClock  # noqa: PLC0415
    from dl_lit.web.metrics import document, rendered  # noqa: PLC0415

    metrics = list(Metrics(invocation.settings, SystemClock()).gathered())
    if as_json:
        told = dict(document(metrics))
        print_document(str(told.pop("schema")), told)
    elif output is None:
        click.echo(rendered(metrics), nl=False)
    else:
        try:
            write_textfile(output, metrics)
        except OSError as error:
            raise DlLitError(f"cannot write {output}: {error.strerror}") from error
