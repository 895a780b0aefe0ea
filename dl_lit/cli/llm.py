"""`dl-lit llm`: which language model is asked, what it took today, and what was left with its provider."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from dl_lit.cli.invocation import Invocation
from dl_lit.cli.options import common_options, json_option, model_options

_LEFT_SHOWN = 20

if TYPE_CHECKING:
    from collections.abc import Sequence

    from db.language.reading import DayOfUse
    from dl_lit.app.language.standing import Standing
    from dl_lit.core.language import RemoteLeft
    from dl_lit.settings import Settings


@click.command(
    epilog="""\b
Examples:
  dl-lit llm                 which model, what it took today and lately
  dl-lit llm --clean-up      delete what a sudden end left with the provider
  dl-lit llm --forget        ... or not, where that provider is not yours any more
  dl-lit llm --json --days 30"""
)
@click.option("--days", type=click.IntRange(1, 400), default=7, show_default=True, help="Of how many days to tell.")
@click.option("--clean-up", is_flag=True, help="Delete files that were uploaded and are of no more use.")
@click.option("--forget", is_flag=True, help="Count those as deleted that cannot be: you have seen to it yourself.")
@json_option
@model_options
@common_options
@click.pass_obj
def command(invocation: Invocation, *, days: int, clean_up: bool, forget: bool, as_json: bool) -> int:
    """Show which language model is asked, what it took, what of the day's budget is left, and what was left behind.

    Days are those of UTC; they count what all dl-lit processes of the machine asked. A run deletes what it uploaded,
    and at its start what a killed one left; --clean-up does so without a run, and ends with 1 when files are left.
    """
    from db.language.reading import days_of_use, uploads_left  # noqa: PLC0415 - not needed for --help
    from dl_lit.app.language.standing import forgotten, standing  # noqa: PLC0415
    from dl_lit.cli.printing import line, print_document  # noqa: PLC0415

    settings = invocation.settings
    deleted = _deleted(invocation) if clean_up else None
    struck_out = forgotten(settings) if forget else None
    now = time.time()
    found, used = standing(settings, now), days_of_use(settings.shared_state, now, days)
    left = uploads_left(settings.shared_state, now)
    if as_json:
        done = {"deleted": deleted, "forgotten": struck_out}
        asked_for = {name: number for name, number in done.items() if number is not None}
        print_document("dl-lit/llm/1", {"model": found, "left": left, "days": used, **asked_for})
    else:
        _tell(settings, found, used, left)
        if deleted is not None:
            line(f"{deleted:,} deleted at the provider's")
        if struck_out is not None:
            line(f"{struck_out:,} forgotten")
    return 1 if clean_up and found.remote_files_let_go else 0


def _deleted(invocation: Invocation) -> int:
    from dl_lit.app.language.opened import clean_up  # noqa: PLC0415 - brings the HTTP client, which the rest does not need

    invocation.start_logging(warnings_only=True)  # before, the client's lines would be among the data
    return clean_up(invocation.settings)


def _tell(settings: Settings, found: Standing, used: Sequence[DayOfUse], left: Sequence[RemoteLeft]) -> None:
    from dl_lit.cli.printing import heading, line, moment, print_table, shown  # noqa: PLC0415

    heading(found.name or "no language model is asked")
    if found.name is None:
        line(f"  {found.why_not}")
    else:
        for label, said in _lines(settings, found):
            line(f"  {label:<13} {shown(said)}")
    if found.remote_files:
        line(f"  {'remote files':<13} {_remote(found)}")
    for one in left[:_LEFT_SHOWN]:
        name = one.file.name if one.file is not None else "perhaps, its answer never came"
        line(f"  {'':<13} {moment(one.begun_at)}  {one.provider.value} at {shown(one.base_url)}: {shown(name)}")
    if used:
        line()
        print_table(
            ("day (UTC)", "model", "requests", "tokens in", "cached", "out", "dollars"),
            (
                (
                    one.day.isoformat(),
                    one.model,
                    f"{one.requests:,}",
                    f"{one.input_tokens:,}",
                    f"{one.cached_tokens / one.input_tokens:.0%}" if one.input_tokens else "-",
                    f"{one.output_tokens:,}",
                    f"{one.dollars:,.4f}",
                )
                for one in used
            ),
            least=("out", "cached"),
        )


def _lines(settings: Settings, found: Standing) -> list[tuple[str, str]]:
    from dl_lit.app.language.words import rest_text  # noqa: PLC0415 - not needed for --help

    llm = settings.llm
    tasks = [name for name, wanted in (("reads", llm.reads), ("judges", llm.judges)) if wanted]
    per_minute = int(llm.requests_per_minute * settings.http.rate_limit_buffer)
    lines = [
        ("asked at", ", ".join(found.base_urls)),
        ("does", " and ".join(tasks) or "nothing: llm.reads and llm.judges are false"),
        ("at once", f"{settings.max_concurrent_model_calls} calls, {per_minute:,} a minute"),
        ("today", _today(settings)),
        *(("rests", rest_text(one, time.time())) for one in found.rests),
    ]
    return [*([("amiss", found.lacking)] if found.lacking else []), *lines]


def _today(settings: Settings) -> str:
    from dl_lit.app.language.now import model_now  # noqa: PLC0415 - not needed for --help
    from dl_lit.app.language.words import day_text  # noqa: PLC0415

    now = time.time()
    found = model_now(settings, now)
    return "" if found is None else day_text(found, now)


def _remote(found: Standing) -> str:
    if not found.remote_files_let_go:
        return f"{found.remote_files:,} in use"
    return f"{found.remote_files_let_go:,} left behind: the next run deletes them, or dl-lit llm --clean-up"
