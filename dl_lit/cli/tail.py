"""`dl-lit tail`: follow what a running dl-lit does."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from dl_lit.cli.following import Filter, LogFile, moment_of, since
from dl_lit.cli.invocation import Invocation, usual_log_file
from dl_lit.cli.options import common_options
from dl_lit.cli.printing import shown
from dl_lit.core.errors import BadInput
from dl_lit.core.model import StageName
from dl_lit.core.reasons import Reason

_LOOK_EVERY_S = 0.25
_TAIL_BYTES = 1 << 18
_COLOURS = {"done": "green", "retry": "yellow", "snooze": "cyan", "reject": "red"}
_FIRST = (
    "timestamp",
    "level",
    "event",
    "logger",
    "stage",
    "job",
    "attempt",
    "outcome",
    "reason",
    "detail",
    "seconds",
    "after",
)


@click.command(
    epilog="""\b
Examples:
  dl-lit tail --log-file /var/log/dl-lit/dl-lit.log
  dl-lit tail --stage download --reason blocked-paywall --since 2h
  dl-lit tail --json | jq .reason

Under systemd without a log file: journalctl -fu dl-lit -o cat"""
)
@click.option(
    "--stage", "stages", type=click.Choice([s.value for s in StageName]), multiple=True, help="Only this stage."
)
@click.option("--reason", "reasons", metavar="REASON", multiple=True, help="Only this reason.")
@click.option("--since", "begin", metavar="WHEN", help="From then on: 90s, 10m, 2h, 3d ago, or 2026-11-22T12:00.")
@click.option(
    "--lines", type=click.IntRange(0, 100_000), default=10, show_default=True, help="Lines before the present."
)
@click.option("--no-follow", is_flag=True, help="Print what is there and end.")
@click.option("--json", "as_json", is_flag=True, help="Print the lines as they are, one JSON object each.")
@common_options
@click.pass_obj
def command(
    invocation: Invocation,
    *,
    stages: tuple[str, ...],
    reasons: tuple[str, ...],
    begin: str | None,
    lines: int,
    no_follow: bool,
    as_json: bool,
) -> None:
    """Follow the log file, a readable line for each item and stage, until stopped with Ctrl-C.

    Without log.file it is the one that runs on a terminal log to. A file that is not there yet is waited for;
    rotation is followed.
    """
    path = invocation.settings.log.file or usual_log_file(invocation.settings)
    wanted = Filter(stages, _reasons(reasons), _since(begin))
    log = LogFile(path, tail_bytes=None if wanted.since else _TAIL_BYTES)
    try:
        before = list(wanted.wanted(log.read_once()))
        _show(before if wanted.since else deque(before, maxlen=lines), as_json=as_json)
        if not no_follow:
            _follow(log, path, wanted, as_json=as_json)
    except KeyboardInterrupt:
        return  # the way to end it
    finally:
        log.close()
    if not before and no_follow and not path.exists():
        raise BadInput(f"there is no log file {path}")


def _follow(log: LogFile, path: Path, wanted: Filter, *, as_json: bool) -> None:
    if not path.exists():
        click.echo(f"dl-lit: waiting for {path}", err=True)
    while True:
        _show(wanted.wanted(log.read_once()), as_json=as_json)
        time.sleep(_LOOK_EVERY_S)


def _show(found: Iterable[tuple[str, dict[str, Any]]], *, as_json: bool) -> None:
    for text, event in found:
        if as_json:
            click.echo(text)
        else:
            _tell(event)


def _tell(event: dict[str, Any]) -> None:
    """One line: when, what, and everything else it says."""
    at = moment_of(event)
    clock = f"{at.astimezone():%H:%M:%S}" if at else "--:--:--"
    if event.get("event") == "item":
        outcome = str(event.get("outcome"))
        kind = {"extraction": "s", "enrichment": "e"}.get(str(event.get("stage")), "w")
        parts = [
            click.style(f"{shown(outcome):<6}", fg=_COLOURS.get(outcome)),
            f"{shown(event.get('stage')):<10}",
            f"{kind}{shown(event.get('job'))}".ljust(8),
            shown(event.get("reason")),
            f"{_number(event.get('seconds')):.2f}s",
            *([f"#{shown(event['attempt'])}"] if event.get("attempt", 1) != 1 else []),
            *([f"again in {_number(event['after']):.0f}s"] if event.get("after") is not None else []),
            *([shown(event["detail"], width=160)] if event.get("detail") else []),
        ]
    else:
        colour = {"warning": "yellow", "error": "red", "critical": "red"}.get(str(event.get("level")))
        parts = [click.style(shown(event.get("event")), fg=colour)]
    parts += [f"{shown(name)}={shown(value, width=160)}" for name, value in event.items() if name not in _FIRST]
    click.echo("  ".join((clock, *parts)))


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _reasons(words: tuple[str, ...]) -> tuple[str, ...]:
    unknown = [word for word in words if word not in set(Reason)]
    if unknown:
        raise BadInput(f"{unknown[0]!r} is no reason: dl-lit status shows those there are")
    return words


def _since(text: str | None) -> datetime | None:
    if text is None:
        return None
    begin = since(text, datetime.now(UTC))
    if begin is None:
        raise BadInput(f"--since {text!r}: say 90s, 10m, 2h, 3d, or a time as 2026-11-22T12:00")
    return begin
