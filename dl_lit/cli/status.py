"""`dl-lit status`: how much is where, and how things stand with the services."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from dl_lit.cli.invocation import Invocation
from dl_lit.cli.options import common_options, json_option

if TYPE_CHECKING:
    from db.local_index.upkeep import IndexSummary
    from db.reading.status import Status


@click.command()
@click.option("--recent", type=click.IntRange(0, 1000), default=5, show_default=True, help="Recent failures shown.")
@json_option
@common_options
@click.pass_obj
def command(invocation: Invocation, *, recent: int, as_json: bool) -> None:
    """Show per stage what waits, what is done, what failed and why, who is at work, and what each service allows.

    What is told of the services holds for all dl-lit processes of this machine together.
    """
    from db.machine.states import states_file, states_trouble  # noqa: PLC0415 - not needed for --help
    from db.reading.inspect import hints  # noqa: PLC0415 - brings SQLAlchemy, which --help need not load
    from db.reading.opening import reading  # noqa: PLC0415
    from db.reading.status import status  # noqa: PLC0415
    from dl_lit.app.services_now import services_now  # noqa: PLC0415
    from dl_lit.cli.printing import line, print_document  # noqa: PLC0415
    from dl_lit.core.clock import SystemClock  # noqa: PLC0415

    database, moment_s = invocation.settings.database, SystemClock().time()
    with reading(database) as connection:
        now = status(connection, database, moment_s, recent=recent)
    services = services_now(invocation.settings, moment_s)
    trouble = states_trouble(states_file(invocation.settings.state_folder))
    imported = _imported(invocation.settings.local_index)
    if as_json:
        import msgspec  # noqa: PLC0415

        print_document(
            "dl-lit/status/1",
            {
                **msgspec.to_builtins(now),
                "local_index": imported,
                "services": services,
                "hints": hints(now),
                "services_trouble": trouble,
            },
        )
    else:
        from dl_lit.cli.status_services import tell_services  # noqa: PLC0415

        _tell(now, hints(now))
        if imported is not None:
            line()
            line(_said_of(imported))
        line()
        tell_services(services)
        if trouble is not None:
            line(trouble)


def _imported(path: Path) -> IndexSummary | None:
    """What is told of the local index; None where there is none, or none that can be read: doctor says why."""
    from db.local_index.upkeep import summary  # noqa: PLC0415 - as above
    from dl_lit.core.errors import DatabaseUnusable  # noqa: PLC0415

    try:
        return summary(path)
    except DatabaseUnusable:
        return None


def _said_of(imported: IndexSummary) -> str:
    from dl_lit.cli.printing import moment_of, size  # noqa: PLC0415 - as above

    if imported.newest_import is None:
        return "imported metadata: none yet"
    last = moment_of(imported.newest_import)
    return f"imported metadata: {imported.records:,} records, {size(imported.size_bytes)}, last import {last}"


def _tell(now: Status, said: list[str]) -> None:
    from dl_lit.cli.printing import heading, line, minute, print_table, shown, size  # noqa: PLC0415 - as above

    heading(f"{now.database} ({size(now.size_bytes)})")
    line(f"at work: {shown(now.worked_on_by or 'nothing')}")
    line(f"{now.sources:,} sources, {now.entries:,} entries, {now.works:,} works, {size(now.downloaded_bytes)} of PDFs")
    if now.coverage is not None:
        gaps = (
            f", {now.incomplete:,} with gaps (their reports and dl-lit explain say what is missing)"
            if now.incomplete
            else ""
        )
        line(f"bibliographies read: {now.coverage:.1%} of what they promise{gaps}")
    line()
    print_table(
        ("stage", "waiting", "ready", "later", "done", "review", "failed", "a minute", "next due (UTC)"),
        (
            (
                one.stage.value,
                one.waiting,
                one.ready,
                one.later,
                one.done,
                one.needs_review,
                sum(one.failed.values()),
                one.per_minute,
                minute(one.next_due),
            )
            for one in now.stages
        ),
        least=("a minute", "done", "later", "ready"),
    )
    for one in now.stages:
        if one.failed:
            line()
            reasons = ", ".join(f"{number:,} {reason}" for reason, number in one.failed.items())
            line(f"failed in {one.stage.value}: {reasons}")
    again = now.rechecks
    if again.due or again.planned:
        first = f", the next on {minute(again.next_due)} UTC" if again.next_due is not None else ""
        line()
        line(
            f"to be looked at again: {again.due:,} now, {again.planned:,} later{first}; "
            f"{again.looked_today:,} in the last 24 hours (dl-lit recheck)"
        )
    if again.upgradable:
        line(f"in the library in a lesser version, or not proven: {again.upgradable:,}; better ones are looked for")
    if now.recent_failures:
        line()
        line("latest failures:")
    for failure in now.recent_failures:
        kind = {"extraction": "s", "enrichment": "e"}.get(failure.stage.value, "w")
        line(f"  {failure.at}  {kind}{failure.item_id}  {failure.reason}  {shown(failure.detail, width=100)}")
    if said:
        line()
    for hint in said:
        line(hint)
