"""`dl-lit config`: every setting, its value and who set it."""

from __future__ import annotations

import json
import sys

import click

from dl_lit.cli.invocation import Invocation
from dl_lit.cli.options import common_options, json_option


@click.command(
    epilog="""\b
Settings come from, the later the stronger: defaults, the TOML file, environment
variables, systemd credentials (SERVICE_key), options. In the file, a.b.c is key c
of section [a.b]. Keys are never shown."""
)
@click.option("--changed", is_flag=True, help="Only what is not at its default.")
@json_option
@common_options
@click.pass_obj
def command(invocation: Invocation, *, changed: bool, as_json: bool) -> None:
    """Show every setting, its value and who set it."""
    from dl_lit.settings import shown  # noqa: PLC0415 - brings msgspec, which --help need not pay for

    loaded = invocation.load()
    lines = [line for line in shown(loaded) if not changed or line.origin != "default"]
    if as_json:
        document = {
            "schema": "dl-lit/config/1",
            "files": [str(path) for path in loaded.files],
            "unused_variables": list(loaded.unused),
            "settings": {
                line.name: {"value": line.value, "origin": line.origin, "variable": line.variable} for line in lines
            },
        }
        click.echo(json.dumps(document, ensure_ascii=not _can_print_all(), indent=2))
        return
    width = max((len(line.name) for line in lines), default=0)
    for line in lines:
        value = "-" if line.value is None else json.dumps(line.value, ensure_ascii=not _can_print_all())
        click.echo(f"{line.name:<{width}}  {value}  ({line.origin})")
    for name in loaded.unused:
        click.echo(f"dl-lit: {name} is set but sets nothing in this version", err=True)


def _can_print_all() -> bool:
    """Whether standard output takes any character that a path may hold."""
    return (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
