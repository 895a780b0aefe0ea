"""`dl-lit tail`: follow what a running dl-lit does."""

from __future__ import annotations

import re
import shutil
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dl_lit.cli.following import LogFile, older_files, whole_lines
from dl_lit.cli.invocation import Invocation, usual_log_file
from dl_lit.cli.log_filter import Filter, Line, moment_meant
from dl_lit.cli.options import common_options
from dl_lit.core.controls import json_shown
from dl_lit.core.errors import BadInput, DlLitError
from dl_lit.core.model import StageName
from dl_lit.core.reasons import Reason

if TYPE_CHECKING:
    from dl_lit.settings import Settings

_LOOK_EVERY_S = 0.25
_TAIL_BYTES = 1 << 20
_JOURNAL_TAIL = 20_000  # entries looked through for the last ones that fit, where the journal cannot choose them itself


@click.command(
    epilog="""\b
Examples:
  dl-lit tail
  dl-lit tail --stage download --reason blocked-paywall --since 2h
  dl-lit tail --source thesis.pdf --level warning
  dl-lit tail /var/log/dl-lit.log                     this file, whatever the settings say
  dl-lit tail --since 2026-11-22T20:00 --until 2026-11-23T06:00 --json | jq .reason"""
)
@click.argument("log", type=click.Path(dir_okay=False, path_type=Path), metavar="[LOG]", required=False)
@click.option(
    "--stage", "stages", type=click.Choice([s.value for s in StageName]), multiple=True, help="Only this stage."
)
@click.option("--reason", "reasons", metavar="REASON", multiple=True, help="Only this reason.")
@click.option(
    "--source", metavar="SOURCE", help="Only what is of this source: its number, its path or the end of that."
)
@click.option(
    "--level",
    type=click.Choice(["debug", "info", "warning", "error"]),
    default="debug",
    help="Only what is as grave as that.",
)
@click.option("--grep", metavar="PATTERN", help="Only lines with this regular expression in them, in any case.")
@click.option("--since", "begin", metavar="WHEN", help="From then on: 90s, 10m, 2h, 3d ago, or 2026-11-22T12:00.")
@click.option("--until", "end", metavar="WHEN", help="Until then, as above; at that moment tail ends.")
@click.option(
    "-n", "--lines", type=click.IntRange(0, 100_000), default=10, show_default=True, help="Lines before the present."
)
@click.option(
    "--follow/--no-follow", default=True, show_default=True, help="Wait for more, or end after what is there."
)
@click.option("--journal/--file", "journal", default=None, help="Where to look; by itself where the running one logs.")
@click.option("--json", "as_json", is_flag=True, help="Print the lines as they are, one JSON object each.")
@common_options
@click.pass_obj
def command(
    invocation: Invocation,
    *,
    log: Path | None,
    stages: tuple[str, ...],
    reasons: tuple[str, ...],
    source: str | None,
    level: str,
    grep: str | None,
    begin: str | None,
    end: str | None,
    lines: int,
    follow: bool,
    journal: bool | None,
    as_json: bool,
) -> None:
    """Follow the log, a readable line for each item and stage, until stopped with Ctrl-C.

    LOG is the file; unless it is named, the log is looked for where the running dl-lit says that it logs: systemd's
    journal or a file. Without a running one it is log.file, or the file that runs on a terminal log to, or else the
    journal. A file that is not there yet is waited for; rotation is followed.
    """
    wanted = Filter(
        stages,
        _reasons(reasons),
        _moment("--since", begin),
        _moment("--until", end),
        level,
        _pattern(grep),
        _of_source(invocation.settings, source),
    )
    show = _json if as_json else _for_people()
    follow = follow and (wanted.until is None or wanted.until > datetime.now(UTC))
    if log is not None and journal:
        raise BadInput(f"--journal and the file {log} are two places to look in: name one")
    path = log or _file(invocation, journal=journal)
    try:
        if path is None:
            _from_journal(wanted, lines, show, follow=follow)
        else:
            _from_file(path, wanted, lines, show, follow=follow)
    except KeyboardInterrupt:
        return  # the way to end it


def _from_file(path: Path, wanted: Filter, lines: int, show: Callable[[Line], None], *, follow: bool) -> None:
    log = LogFile(path, tail_bytes=None if wanted.since else _TAIL_BYTES)
    try:
        if wanted.since is not None:
            for older in older_files(path, wanted.since):
                _show(wanted.wanted(whole_lines(older)), show)
        now = log.read_once()
        if not path.exists():
            if not follow:
                raise BadInput(f"there is no log file {path}")
            click.echo(f"dl-lit: waiting for {path}", err=True)
        found = wanted.wanted(now)
        _show(found if wanted.since else deque(found, maxlen=lines), show)
        while follow and _goes_on(wanted):
            time.sleep(_LOOK_EVERY_S)
            _show(wanted.wanted(log.read_once()), show)
    finally:
        log.close()


def _from_journal(wanted: Filter, lines: int, show: Callable[[Line], None], *, follow: bool) -> None:
    from dl_lit.cli.journal_following import Journal  # noqa: PLC0415 - brings the log's own modules

    journal = Journal(
        [
            *(("DL_LIT_STAGE", stage) for stage in wanted.stages),
            *(("DL_LIT_REASON", reason) for reason in wanted.reasons),
        ]
    )
    try:
        past = journal.past(since=wanted.since, lines=lines if wanted.is_plain and lines else _JOURNAL_TAIL)
        found = wanted.wanted(past)
        _show(found if wanted.since else deque(found, maxlen=lines), show)
        while follow and _goes_on(wanted):
            _show(wanted.wanted(journal.read_once(1.0)), show)
    finally:
        journal.close()


def _goes_on(wanted: Filter) -> bool:
    return wanted.until is None or wanted.until > datetime.now(UTC)


def _file(invocation: Invocation, *, journal: bool | None) -> Path | None:
    """The file to follow; None for the journal."""
    settings = invocation.settings
    if journal:
        return None
    if settings.log.file is not None:
        return settings.log.file
    usual = usual_log_file(settings)
    if journal is not None:
        return usual
    from dl_lit.app.now.pulse import read_own_pulse  # noqa: PLC0415 - only where nothing was said
    from dl_lit.cli.journal_following import has_journal  # noqa: PLC0415

    pulse = read_own_pulse(settings.database)
    if pulse is not None and pulse.log == "stderr":
        where = f"pid {pulse.pid} logs to its own standard error"
        click.echo(f"dl-lit: {where}: start it with --log-file to have it followed; this is {usual}", err=True)
        return usual
    if pulse is not None and pulse.log:
        return None if pulse.log == "journal" else Path(pulse.log)
    return usual if usual.exists() or not has_journal() else None


def _show(found: Iterable[Line], show: Callable[[Line], None]) -> None:
    for line in found:
        show(line)


def _json(line: Line) -> None:
    click.echo(json_shown(line[0]))


def _for_people() -> Callable[[Line], None]:
    from dl_lit.cli.log_line import Teller, is_ours  # noqa: PLC0415 - brings the log's own modules
    from dl_lit.cli.printing import shown  # noqa: PLC0415

    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    teller = Teller(width=width, today=datetime.now(UTC))

    def show(line: Line) -> None:
        written, event = line
        for text in teller.told(event) if is_ours(event) else (shown(written),):
            click.echo(text)

    return show


def _reasons(words: tuple[str, ...]) -> tuple[str, ...]:
    unknown = [word for word in words if word not in set(Reason)]
    if unknown:
        raise BadInput(f"{unknown[0]!r} is no reason: docs/reasons.md lists those there are")
    return words


def _moment(option: str, text: str | None) -> datetime | None:
    if text is None:
        return None
    found = moment_meant(text, datetime.now(UTC))
    if found is None:
        raise BadInput(f"{option} {text!r}: say 90s, 10m, 2h, 3d, or a time as 2026-11-22T12:00")
    return found


def _pattern(text: str | None) -> re.Pattern[str] | None:
    try:
        return None if text is None else re.compile(text, re.IGNORECASE)
    except re.error as error:
        raise BadInput(f"--grep {text!r} is no regular expression: {error}") from error


def _of_source(settings: Settings, name: str | None) -> Callable[[dict[str, Any]], bool] | None:
    if name is None:
        return None
    from dl_lit.app.outcome.belonging import Belonging  # noqa: PLC0415 - opens the database, which others need not

    try:
        return Belonging(settings.database, name).fits
    except DlLitError as error:
        raise BadInput(f"--source {name!r}: {error}") from error
