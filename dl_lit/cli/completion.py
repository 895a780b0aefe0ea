"""`dl-lit completion SHELL`: the script that lets a shell complete dl-lit's commands and options."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

SHELLS = ("bash", "zsh", "fish")


@click.command(
    epilog="""\b
Examples:
  dl-lit completion bash > ~/.local/share/bash-completion/completions/dl-lit
  dl-lit completion zsh > ~/.zfunc/_dl-lit          where ~/.zfunc is in $fpath
  dl-lit completion fish > ~/.config/fish/completions/dl-lit.fish"""
)
@click.argument("shell", type=click.Choice(SHELLS))
def command(shell: str) -> None:
    """Print the script that completes commands and options in bash, zsh or fish."""
    from dl_lit.cli import cli  # noqa: PLC0415 - the group imports its commands

    kind = get_completion_class(shell)
    if kind is None:  # pragma: no cover - click has all three
        raise click.UsageError(f"{shell} cannot be completed for")
    click.echo(kind(cli, {}, "dl-lit", "_DL_LIT_COMPLETE").source())
