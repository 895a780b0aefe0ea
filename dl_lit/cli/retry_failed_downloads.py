"""`dl-lit retry-failed-downloads`: `retry --all` of works whose PDF could not be had, by its older name."""

from __future__ import annotations

import click

from dl_lit.cli.options import common_options, json_option
from dl_lit.cli.retry import command as retry


@click.command()
@json_option
@common_options
@click.pass_context
def command(ctx: click.Context, /, *, as_json: bool) -> None:
    """Put all works whose PDF could not be had back to work; dl-lit retry puts back those that may work now."""
    ctx.invoke(retry, stages=("queueing", "download"), every_reason=True, as_json=as_json)
