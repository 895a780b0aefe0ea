"""`dl-lit ledger`: what left this machine."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from dl_lit.cli.invocation import Invocation
from dl_lit.cli.options import common_options, json_option
from dl_lit.core.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Iterator

    from db.ledger.reading import By, LedgerLine, LedgerView

_NUMBERS = ("requests", "sent", "received", "ok", "moved", "4xx", "5xx", "failed", "first (UTC)", "last (UTC)")
_LEAST: dict[By, tuple[str, ...]] = {  # what a narrow terminal leaves out, the first first
    "host": ("first (UTC)", "moved", "ok", "5xx", "for", "4xx"),
    "service": ("first (UTC)", "moved", "ok", "5xx", "4xx"),
    "day": ("for", "first (UTC)", "moved", "ok", "5xx", "4xx"),
    "hour": ("for", "first (UTC)", "last (UTC)", "moved", "ok", "5xx", "4xx"),
}


@click.command(
    epilog="""\b
Examples:
  dl-lit ledger                            every host that was asked, ever
  dl-lit ledger --since 2d --by service    the last two days, by what for
  dl-lit ledger --by day --limit 7         the last seven days on which something left

Bytes are those of HTTP heads and bodies; encryption and the looking up of names come on top.
"""
)
@click.option("--since", metavar="WHEN", help="From then on: 90m, 10h, 2d ago, or 2026-11-22T12:00; full hours.")
@click.option(
    "--by",
    type=click.Choice(["host", "service", "day", "hour"]),
    default="host",
    show_default=True,
    help='What to add up by; pages and PDFs are the service "files".',
)
@click.option("--limit", type=click.IntRange(1, 1_000_000), default=50, show_default=True, help="Lines shown.")
@json_option
@common_options
@click.pass_obj
def command(invocation: Invocation, *, since: str | None, by: By, limit: int, as_json: bool) -> None:
    """Tell what left this machine: to which hosts, for what, how many requests and bytes, and when.

    Every request of every dl-lit process that shares the state folder is counted where connections are made, the failed
    ones too. What was answered from memory did not leave and is not here: dl-lit cache tells of that.
    """
    from db.ledger.reading import ledger  # noqa: PLC0415 - not needed for --help
    from dl_lit.cli.printing import print_document  # noqa: PLC0415

    view = ledger(invocation.settings.shared_state, by=by, since=_moment(since), limit=limit)
    if as_json:
        print_document("dl-lit/ledger/1", view)
    else:
        _tell(view)


def _moment(text: str | None) -> float | None:
    from dl_lit.cli.log_filter import moment_meant  # noqa: PLC0415

    if text is None:
        return None
    moment = moment_meant(text, datetime.now(UTC))
    if moment is None:
        raise BadInput(f"--since {text!r}: say 90m, 10h, 2d, or a time as 2026-11-22T12:00")
    return moment.timestamp()


def _tell(view: LedgerView) -> None:
    from dl_lit.cli.printing import line, moment, print_table  # noqa: PLC0415

    def rows() -> Iterator[tuple[object, ...]]:
        for one in (*view.lines, view.total):
            key, uses, *numbers = _row(one)
            yield (key, *numbers) if view.by == "service" else (key, uses, *numbers)

    start = "" if view.since is None else f" since {moment(view.since)}"
    if not view.total.requests:
        line(f"nothing left this machine{start} ({view.path})")
        return
    uses = () if view.by == "service" else ("for",)
    print_table((view.by, *uses, *_NUMBERS), rows(), least=_LEAST[view.by])
    if view.since is not None:
        line(f"(since {moment(view.since)}: full hours are counted)")
    if view.more:
        line(f"… and {view.more:,} more: --limit shows them")
    if view.total.blocked:
        line(f"{view.total.blocked:,} only looked a name up: our own guard let nothing be sent there")


def _row(one: LedgerLine) -> tuple[object, ...]:
    from dl_lit.cli.printing import minute, size  # noqa: PLC0415

    return (
        one.key or "all",
        ", ".join(one.purposes) if one.key else "",
        one.requests,
        size(one.sent_bytes),
        size(one.received_bytes),
        one.ok,
        one.redirected,
        one.refused,
        one.errors,
        one.failed,
        minute(one.first_at),
        minute(one.last_at),
    )
