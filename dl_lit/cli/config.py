"""`dl-lit config`: every setting, its value and who set it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from dl_lit.cli.invocation import Invocation
from dl_lit.cli.options import common_options, json_option, model_options
from dl_lit.cli.printing import print_json, prints_all
from dl_lit.core.errors import NeedsConfiguration

if TYPE_CHECKING:
    from dl_lit.settings import Loaded
    from dl_lit.settings.show import Shown


_TABLES = frozenset({"access.resolvers"})
"""Settings that are tables of their own in the file."""


@click.command(
    epilog="""\b
Settings come from, the later the stronger: defaults, the TOML file, environment
variables, systemd credentials (SERVICE_key, llm_key), options. A profile and a
tier stand above the defaults only. In the file, a.b.c is key c of section [a.b].
Keys are never shown."""
)
@click.option("--changed", is_flag=True, help="Only what is not at its default.")
@click.option("--toml", "as_toml", is_flag=True, help="As a settings file; what is at its default is commented out.")
@json_option
@model_options
@common_options
@click.pass_obj
def command(invocation: Invocation, *, changed: bool, as_toml: bool, as_json: bool) -> int:
    """Show every setting, its value and who set it.

    Ends with 6 where a run with these settings would lack something; a key may be a credential of the daemon alone.
    """
    from dl_lit.settings.check_llm import lacking_for_models  # noqa: PLC0415 - brings msgspec, which --help need not load
    from dl_lit.settings.check_serve import lacking_for_control  # noqa: PLC0415

    loaded = invocation.load()
    _show(loaded, changed=changed, as_toml=as_toml, as_json=as_json)
    lacking = [one for one in (lacking_for_models(loaded.settings), lacking_for_control(loaded.settings)) if one]
    for one in lacking:
        click.echo(f"dl-lit: {one}", err=True)
    return NeedsConfiguration.exit_code if lacking else 0


def _show(loaded: Loaded, *, changed: bool, as_toml: bool, as_json: bool) -> None:
    from dl_lit.settings import shown  # noqa: PLC0415 - as above

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
        print_json(document)
        return
    if as_toml:
        click.echo("\n".join(_toml(lines)))
        return
    width = max((len(line.name) for line in lines), default=0)
    for line in lines:
        value = "-" if line.value is None else json.dumps(line.value, ensure_ascii=not prints_all())
        click.echo(f"{line.name:<{width}}  {value}  ({line.origin})")
    for name in loaded.unused:
        click.echo(f"dl-lit: {name} is set but sets nothing in this version", err=True)


def _toml(lines: Sequence[Shown]) -> Iterator[str]:
    """A settings file that says the same; keys are never written, nor settings that no file can say so."""
    yield "# Settings of dl-lit; docs/operations.md says what each is for. Keys belong into credentials."
    section = ""
    for line in sorted(lines, key=lambda one: ("." in one.name, one.name.rpartition(".")[0])):
        table, _, key = line.name.rpartition(".")
        if table != section:
            section = table
            yield from ("", f"[{table}]")
        is_kept_out = line.name in _TABLES or line.value is None or line.value in ("", "(set)")
        value = "..." if is_kept_out else json.dumps(line.value, ensure_ascii=not prints_all())
        mark = "# " if is_kept_out or line.origin == "default" else ""
        yield f"{mark}{key} = {value}" + ("" if line.origin == "default" else f"  # {line.origin}")
