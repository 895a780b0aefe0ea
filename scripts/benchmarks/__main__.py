"""The benchmarks by name; each is a module of this folder with a click command called `command`."""

from __future__ import annotations

import importlib
import signal
from typing import ClassVar

import click


class Benchmarks(click.Group):
    """Loads a benchmark when it is called for."""

    names: ClassVar[tuple[str, ...]] = (
        "aligning",
        "claims",
        "corpus",
        "download",
        "engine",
        "export",
        "extraction",
        "fleet",
        "landing",
        "llm",
        "local-index",
        "matching",
        "parsing",
        "pipeline",
        "proof",
        "requests",
        "serve",
        "startup",
        "traps",
        "watch",
    )

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Their names."""
        return list(self.names)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - as above
        """The benchmark called `cmd_name`; None when there is none."""
        if cmd_name not in self.names:
            return None
        command: click.Command = importlib.import_module(f"benchmarks.{cmd_name.replace('-', '_')}").command
        return command


main = Benchmarks("bench", help="How fast, how large, how soon: figures on stdout, progress on stderr.")

if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # who is ended so tidies up as well
    main()
