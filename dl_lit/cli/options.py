"""Options that set settings; they may stand before or after the command's name, the last one counts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from dl_lit.cli.invocation import Invocation

F = TypeVar("F", bound=Callable[..., Any])


def setting_option(option: str, name: str, **attributes: Any) -> Callable[[F], F]:
    """Let `option` set the setting `name`. `attributes` are click's (`type`, `help`, `metavar`).

    The command's function does not get the value: it reads the settings.
    """

    def note(ctx: click.Context, _parameter: click.Parameter, value: object) -> None:
        if value is not None:
            ctx.ensure_object(Invocation).set(name, option, value)

    return click.option(option, expose_value=False, callback=note, **attributes)


def _note_config(ctx: click.Context, _parameter: click.Parameter, value: Path | None) -> None:
    if value is not None:
        ctx.ensure_object(Invocation).config = value


def common_options(function: F) -> F:
    """The options that every command has: where the settings, the database and the library are, and how to log."""
    for decorate in reversed(
        (
            click.option(
                "--config",
                type=click.Path(dir_okay=False, path_type=Path),
                expose_value=False,
                callback=_note_config,
                metavar="FILE",
                help="Read settings from this TOML file instead of the usual one.",
            ),
            setting_option(
                "--db", "database", metavar="FILE", help="The database: a file, or postgresql://USER@HOST/NAME."
            ),
            setting_option(
                "--library",
                "library",
                metavar="DIR",
                help="Where the fetched PDFs are put: a folder, or s3://BUCKET/PREFIX.",
            ),
            setting_option(
                "--log-level",
                "log.level",
                type=click.Choice(["debug", "info", "warning", "error"]),
                help="The least grave messages to log.",
            ),
            setting_option(
                "--log-format",
                "log.format",
                type=click.Choice(["auto", "console", "json", "journal"]),
                help="How to log; auto is console on a terminal, journal under systemd.",
            ),
            setting_option("--log-file", "log.file", metavar="FILE", help="Log to this file, which is rotated."),
        )
    ):
        function = decorate(function)
    return function


def model_options(function: F) -> F:
    """The options of language models: none of them, and how much of the machine they may use."""
    for decorate in reversed(
        (
            setting_option(
                "--no-llm",
                "llm.enabled",
                is_flag=True,
                flag_value=False,
                default=None,
                help="Ask no language model, whatever is set.",
            ),
            setting_option(
                "--profile",
                "profile",
                type=click.Choice(["production", "development"]),
                help="How much at once models are asked: sparing, or fast.",
            ),
        )
    ):
        function = decorate(function)
    return function


def worker_options(function: F) -> F:
    """The options of the commands that run the pipeline: stages, workers of each, queues, models, offline or not."""
    stages = ("extraction", "enrichment", "queueing", "download")
    for decorate in reversed(
        (
            *(
                setting_option(
                    f"--{stage}-workers",
                    f"workers.{stage}",
                    type=int,
                    metavar="N",
                    help=f"Workers of the {stage} stage.",
                )
                for stage in stages
            ),
            setting_option(
                "--stages",
                "engine.stages",
                metavar="NAMES",
                help="Work these stages only, separated by commas; others are left to other processes.",
            ),
            setting_option(
                "--queue-size", "engine.queue_size", type=int, metavar="N", help="Claims waiting in memory, per stage."
            ),
            setting_option(
                "--offline",
                "offline",
                is_flag=True,
                flag_value=True,
                default=None,
                help="Let nothing leave the machine; what needs the network is put off.",
            ),
            model_options,
        )
    ):
        function = decorate(function)
    return function


def snowball_options(function: F) -> F:
    """The options of snowballing: how many levels, how many sources each, and whether what cites yours is taken in."""
    for decorate in reversed(
        (
            setting_option(
                "--depth",
                "snowball.depth",
                type=int,
                metavar="N",
                help="Read what was fetched for further references, N levels deep.",
            ),
            setting_option(
                "--level-budget",
                "snowball.per_level",
                type=int,
                metavar="N",
                help="At most so many new sources at each of these levels.",
            ),
            setting_option(
                "--cited-by",
                "snowball.cited_by",
                is_flag=True,
                flag_value=True,
                default=None,
                help="Take in works that cite your sources, too, as OpenAlex knows them.",
            ),
        )
    ):
        function = decorate(function)
    return function


json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document, with a schema key.")
"""For commands with something to print; the function gets `as_json`."""
