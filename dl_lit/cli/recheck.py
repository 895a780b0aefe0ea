"""`dl-lit recheck`: look again at what could not be had, and for better versions of what could."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from dl_lit.cli.invocation import Invocation
from dl_lit.cli.options import common_options, json_option, worker_options
from dl_lit.core.errors import BadInput, DatabaseBusy

if TYPE_CHECKING:
    from db.rechecking import Look, Which
    from dl_lit.app.care.rechecking import Looked
    from dl_lit.app.run import RunResult

SCHEMA = "dl-lit/recheck/1"
_SHOWN = 20


@click.command(
    epilog="""\b
Examples:
  dl-lit recheck                            what is due today
  dl-lit recheck --dry-run --all            what there is to look at again, and when it is due
  dl-lit recheck --reason no-oa-location    whether these are open by now
  dl-lit recheck --reason ok-preprint       whether these are published by now
  dl-lit recheck --work w34                 this one, now

What failed goes back to work; what is in the library stays there until something better has come. A watching dl-lit
does what is due by itself (recheck.enabled)."""
)
@click.option("--due", "due", is_flag=True, help="What is due by its rule.  [default]")
@click.option("--all", "every", is_flag=True, help="Everything that failed or has a lesser version, whatever its day.")
@click.option("--reason", "reasons", metavar="REASON", multiple=True, help="What ended so, whatever its day.")
@click.option("--work", "works", metavar="ID", multiple=True, help="This work, whatever its day.")
@click.option("--dry-run", is_flag=True, help="Only tell what would be looked at.")
@click.option("--concurrent/--sequential", default=True, show_default=True, help="All stages at once, or one by one.")
@click.option("--no-report", is_flag=True, help="Write no library.bib and no HTML reports.")
@click.option("--quiet", is_flag=True, help="No progress.")
@worker_options
@json_option
@common_options
@click.pass_obj
def command(
    invocation: Invocation,
    *,
    due: bool,
    every: bool,
    reasons: tuple[str, ...],
    works: tuple[str, ...],
    dry_run: bool,
    concurrent: bool,
    no_report: bool,
    quiet: bool,
    as_json: bool,
) -> int:
    """Look again for works that could not be had, and for better versions of those that are preprints or scans."""
    from db.connect import open_to_read  # noqa: PLC0415 - brings SQLAlchemy, which --help need not load

    if invocation.settings.offline and not dry_run:
        raise BadInput("looking again needs the network: do without --offline, or add --dry-run")
    which = _which(due=due, every=every, reasons=reasons, works=works)
    open_to_read(invocation.settings.database).dispose()  # says what is wrong with it; looking again makes no database
    found = _found(invocation, which)
    if dry_run or not found:
        _tell_plan(found, which, as_json=as_json)
        return 0
    live = not quiet and sys.stderr.isatty()
    try:
        looked, result = _look(invocation, which, concurrent=concurrent, quiet=quiet, live=live, as_json=as_json)
    except DatabaseBusy as error:
        _leave_to_whoever_works(invocation, found, error, as_json=as_json)
        return 0
    _tell(invocation, looked, result, no_report=no_report, as_json=as_json)
    return result.exit_code if result is not None else 0


def _which(*, due: bool, every: bool, reasons: Sequence[str], works: Sequence[str]) -> Which:
    from db.rechecking import Which  # noqa: PLC0415 - as above
    from dl_lit.app.putting_back import reason_named  # noqa: PLC0415
    from dl_lit.cli.merges import work_number  # noqa: PLC0415

    if due and (every or reasons or works):
        raise BadInput("--due is what the day decides: give it without --all, --reason and --work")
    return Which(
        every=every,
        reasons=[reason_named(word) for word in reasons],
        works=[work_number(name) for name in works],
    )


def _found(invocation: Invocation, which: Which) -> list[Look]:
    from db.reading.opening import reading  # noqa: PLC0415 - as above
    from db.rechecking import looks  # noqa: PLC0415
    from dl_lit.core.clock import SystemClock  # noqa: PLC0415
    from dl_lit.landing import RESOLVER_VERSION  # noqa: PLC0415

    with reading(invocation.settings.database) as connection:
        return looks(connection, which, now=SystemClock().time(), resolver=RESOLVER_VERSION)


def _look(
    invocation: Invocation, which: Which, *, concurrent: bool, quiet: bool, live: bool, as_json: bool
) -> tuple[Looked, RunResult | None]:
    from dl_lit.app.care.rechecking import Looked, Rechecks  # noqa: PLC0415 - the whole program
    from dl_lit.app.run import run_once  # noqa: PLC0415
    from dl_lit.app.workshop import Workshop  # noqa: PLC0415
    from dl_lit.cli.progress import progress  # noqa: PLC0415
    from dl_lit.cli.running import outage_of, start_logging, tell_missing, tell_upgrade  # noqa: PLC0415
    from dl_lit.runtime.signals import StopSignals  # noqa: PLC0415
    from dl_lit.settings.show import differing  # noqa: PLC0415

    start_logging(invocation, keep_terminal_free=live or not as_json)
    looked = Looked()
    settings = invocation.settings if concurrent else invocation.settings.sequential
    with ExitStack() as stack:
        stop = stack.enter_context(StopSignals())
        own = differing(invocation.load())
        outage = outage_of(invocation, stop.should_stop)
        shop = stack.enter_context(
            Workshop(settings, "recheck", on_upgrade=tell_upgrade, set_by_people=own, outage=outage)
        )
        tell_missing(invocation)
        rechecks = Rechecks(shop)
        stack.callback(rechecks.close)
        workers = min(8, invocation.settings.workers.download) if concurrent else 1
        rechecks.look_patiently(rechecks.due(which), looked, stop.should_stop, workers=workers)
        if which.is_due_only and invocation.settings.recheck.retractions and not stop.should_stop():
            rechecks.notices(looked)
        if not looked.put_back:
            return looked, None
        show = stack.enter_context(progress(shop, live=live, quiet=quiet))
        return looked, run_once(shop, (), stop, sequential=not concurrent, on_progress=show)


def _leave_to_whoever_works(invocation: Invocation, found: list[Look], busy: DatabaseBusy, *, as_json: bool) -> None:
    """Put back what failed and make the rest due: the process at work takes it up."""
    from db.connect import connect  # noqa: PLC0415 - as above
    from db.rechecking import make_due, put_back  # noqa: PLC0415
    from dl_lit.cli.printing import line, print_document  # noqa: PLC0415
    from dl_lit.core.clock import SystemClock  # noqa: PLC0415

    engine = connect(invocation.settings.database, synchronous=invocation.settings.synchronous)
    try:
        back = put_back(engine, found, {}, SystemClock(), is_by_hand=True)
        copies = [one for one in found if one.held is not None]
        make_due(engine, copies, SystemClock())
    finally:
        engine.dispose()
    if as_json:
        print_document(SCHEMA, {"looks": [_plain(one) for one in found], "put_back": back, "left_to": str(busy)})
        return
    line(f"{len(back):,} works are back at work, {len(copies):,} are due for a better version")
    line(f"left to whoever is at work: {busy}")


def _tell_plan(found: list[Look], which: Which, *, as_json: bool) -> None:
    from dl_lit.app.care.rechecking import counted  # noqa: PLC0415 - as above
    from dl_lit.cli.printing import line, print_document, shown  # noqa: PLC0415

    if as_json:
        print_document(SCHEMA, {"looks": [_plain(one) for one in found], "by_reason": counted(found)})
        return
    for one in found[:_SHOWN]:
        what = "better version" if one.held else "look for it"
        day = f"due {_day(one.due_at)}" if one.due_at is not None else "no day"
        line(f"w{one.work_id:<6} {one.reason.value:<20} {what:<15} {day:<15} {shown(one.work.title, width=60)}")
    if len(found) > _SHOWN:
        line(f"… and {len(found) - _SHOWN:,} more: --json has them all")
    line(", ".join(f"{number:,} {reason}" for reason, number in counted(found).items()) or _nothing(which))


def _nothing(which: Which) -> str:
    return "nothing is due: --all is whatever the day" if which.is_due_only else "nothing ended so"


def _tell(invocation: Invocation, looked: Looked, result: RunResult | None, *, no_report: bool, as_json: bool) -> None:
    from dl_lit.cli.printing import line, print_document, shown  # noqa: PLC0415
    from dl_lit.cli.running import outage_of, reports_written, summary_text  # noqa: PLC0415

    if result is not None and not no_report:
        reports_written(invocation, result, outage_of(invocation, lambda: False))
    if as_json:
        document: dict[str, Any] = {
            "put_back": looked.put_back,
            "upgraded": looked.upgraded,
            "unchanged": looked.unchanged,
            "put_off": looked.put_off,
            "retracted": looked.retracted,
            "run": result.document if result is not None else None,
        }
        print_document(SCHEMA, document)
        return
    for one in looked.upgraded:
        line(f"w{one.work_id} {one.before.value} → {one.now.value}: {shown(one.title, width=70)} ({shown(one.path)})")
    for work_id in looked.retracted:
        line(f"w{work_id} was retracted: dl-lit explain w{work_id}")
    line(
        f"{len(looked.put_back):,} looked for again, {len(looked.upgraded):,} upgraded, "
        f"{looked.unchanged:,} as good as it gets, {looked.put_off:,} to come back to"
    )
    if result is not None:
        line(summary_text(result))


def _plain(one: Look) -> dict[str, Any]:
    from dl_lit.app.wording import iso_time  # noqa: PLC0415

    return {
        "work": one.work_id,
        "id": f"w{one.work_id}",
        "title": one.work.title,
        "doi": one.work.doi,
        "reason": one.reason.value,
        "kind": "failed" if one.held is None else "upgrade",
        "done": one.done,
        "due_at": None if one.due_at is None else iso_time(one.due_at),
    }


def _day(moment: float | None) -> str:
    return "" if moment is None else datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d")
