"""`dl-lit zotero`: works, collections, tags and PDFs into a Zotero library, without doubling what is there."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from dl_lit.cli.export import STATES, choice_of
from dl_lit.cli.invocation import Invocation
from dl_lit.cli.options import common_options, json_option, setting_option

if TYPE_CHECKING:
    from dl_lit.app.zotero.push import ZoteroStanding
    from dl_lit.app.zotero.report import PushReport
    from dl_lit.app.zotero.target import Local

_SOME_FAILED = 3


def _way(function: Any) -> Any:
    """The options that say which library."""
    for decorate in reversed(
        (
            setting_option(
                "--via",
                "zotero.via",
                type=click.Choice(["auto", "local", "web"]),
                help="The Zotero on this machine, or zotero.org; auto is the former where it runs.",
            ),
            setting_option(
                "--zotero-library", "zotero.library", metavar="user|group:NUMBER", help="Your own, or a group's."
            ),
        )
    ):
        function = decorate(function)
    return function


@click.group(
    "zotero",
    epilog="""\b
Examples:
  dl-lit zotero connect          once: have Zotero allow it (choose Always Allow there)
  dl-lit zotero push --dry-run   what would be done
  dl-lit zotero push             do it; a second time only what has changed since
  dl-lit zotero push --source s5 --state downloaded --via web

docs/zotero.md tells what is sent and what is left alone.""",
)
@common_options
def command() -> None:
    """Push what was found into a Zotero library: the program on this machine, or zotero.org with a key.

    Items by their kind, a collection for each source, tags by what became of a work, PDFs as attachments. What is there
    already is linked, never doubled and never overwritten.
    """


@command.command(
    short_help="Put works there, and bring up to date what was put there.",
    epilog="""\b
Exit codes: 0 all there, 1 Zotero could not be asked to the end (push again: it goes on), 3 some were refused,
4 another push is under way, 6 something is to be allowed or set first.""",
)
@click.option(
    "--source", "sources", multiple=True, metavar="SOURCE", help="Only works cited by this source: id or path."
)
@click.option("--run", type=click.IntRange(min=1), metavar="N", help="Only works cited by the sources of this run.")
@click.option("--state", "states", multiple=True, type=click.Choice(STATES), help="Only works of which this became.")
@click.option("--no-files", is_flag=True, help="Send no PDFs.")
@setting_option(
    "--files", "zotero.files", type=click.Choice(["stored", "linked", "none"]), help="PDFs as copies, or as links."
)
@setting_option("--collection", "zotero.collection", metavar="NAME", help="The collection that holds all others.")
@click.option("--again", is_flag=True, help="Put there once more what people removed from it.")
@click.option("--dry-run", is_flag=True, help="Look at everything and change nothing.")
@setting_option(
    "--offline", "offline", is_flag=True, flag_value=True, default=None, help="Only the Zotero on this machine."
)
@json_option
@_way
@common_options
@click.pass_obj
def push(
    invocation: Invocation,
    *,
    sources: tuple[str, ...],
    run: int | None,
    states: tuple[str, ...],
    no_files: bool,
    again: bool,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Put works there that are not, and bring those up to date that are.

    Only what dl-lit sent is ever changed, and only while it stands there as dl-lit left it. A push that was broken off
    is ended by the next one.
    """
    import random  # noqa: PLC0415 - not for --help
    import threading  # noqa: PLC0415

    from db.reading.opening import reading  # noqa: PLC0415 - brings SQLAlchemy
    from dl_lit.app.zotero.push import push as push_works  # noqa: PLC0415 - brings the HTTP client
    from dl_lit.app.zotero.push import zoteros  # noqa: PLC0415
    from dl_lit.app.zotero.pushing import PushOptions  # noqa: PLC0415
    from dl_lit.app.zotero.report import PushReport  # noqa: PLC0415
    from dl_lit.core.clock import SystemClock  # noqa: PLC0415

    invocation.start_logging(warnings_only=True)
    settings, clock, report = invocation.settings, SystemClock(), PushReport()
    with reading(settings.database) as connection:
        choice = choice_of(connection, sources, run, frozenset(states))
    options = PushOptions(with_files=not no_files, again=again, dry_run=dry_run)
    try:
        with zoteros(settings, clock, threading.Event().wait) as found:
            push_works(
                found, choice, options, clock=clock, rng=random.SystemRandom(), report=report, tell=_shown_progress
            )
    finally:
        if report.target:
            _end_progress()
            _tell(report, as_json=as_json)
    return 0 if report.is_whole else _SOME_FAILED


@command.command(short_help="Show which Zotero can be pushed into, and what was.")
@json_option
@_way
@common_options
@click.pass_obj
def status(invocation: Invocation, *, as_json: bool) -> None:
    """Show which Zotero can be pushed into, what is lacking, and what was pushed."""
    import threading  # noqa: PLC0415 - not for --help

    from dl_lit.app.zotero.push import standing, zoteros  # noqa: PLC0415 - brings the HTTP client
    from dl_lit.cli.printing import print_document  # noqa: PLC0415
    from dl_lit.core.clock import SystemClock  # noqa: PLC0415

    invocation.start_logging(warnings_only=True)
    with zoteros(invocation.settings, SystemClock(), threading.Event().wait) as found:
        told = standing(found)
    if as_json:
        print_document("dl-lit/zotero-status/1", told)
    else:
        _show(told)


@command.command(short_help="Have Zotero ask its user whether dl-lit may write.")
@common_options
@click.pass_obj
def connect(invocation: Invocation) -> None:
    """Have the Zotero on this machine ask its user whether dl-lit may write (choose Always Allow).

    What it answers is kept in the state folder, for you alone to read. Zotero takes it back under Settings, Advanced.
    """
    import threading  # noqa: PLC0415 - not for --help

    from dl_lit.app.zotero.push import zoteros  # noqa: PLC0415 - brings the HTTP client
    from dl_lit.cli.printing import line  # noqa: PLC0415
    from dl_lit.core.clock import SystemClock  # noqa: PLC0415

    invocation.start_logging(warnings_only=True)
    click.echo("dl-lit: Zotero asks now whether dl_lit may make changes: choose Always Allow there", err=True)
    wait = threading.Event().wait
    with zoteros(invocation.settings, SystemClock(), wait) as found, found.line(is_local=True) as asked:
        local = found.connect(asked)
    line(f"{_named(local)} lets dl-lit write")


def _tell(report: PushReport, *, as_json: bool) -> None:
    from dl_lit.cli.printing import line, print_document, shown, tell_first  # noqa: PLC0415 - not for --help

    if as_json:
        print_document("dl-lit/zotero-push/1", {**_plain(report), "is_whole": report.is_whole})
        return
    line(f"{report.target}{': what would be done' if report.dry_run else ''}")
    counts = (
        ("works", (("new", report.created), ("changed", report.updated), ("there already, linked", report.linked),
                   ("as they were", report.unchanged), ("removed by you, left so", report.removed))),
        ("PDFs", (("sent", report.files_sent), ("as they were", report.files_unchanged),
                  ("left as you have them", report.files_left))),
        ("beside", (("collections", report.collections), ("notes", report.notes))),
    )  # fmt: skip
    for label, parts in counts:
        if told := ", ".join(f"{number:,} {what}" for what, number in parts if number):
            line(f"  {label:<7} {told}")
    for remark in report.remarks:
        click.echo(f"dl-lit: {remark}", err=True)
    if report.quota:
        lacking = f"{report.files_failed:,} PDFs are not there, their items are"
        click.echo(
            f"dl-lit: {shown(report.quota)}: {lacking}; make room, let files be stored, or set zotero.files to none",
            err=True,
        )
    tell_first(report.failures, "not there", rest="--json lists them")


def _plain(report: PushReport) -> dict[str, Any]:
    from dataclasses import asdict  # noqa: PLC0415 - not for --help

    return asdict(report)


def _show(told: ZoteroStanding) -> None:
    from dl_lit.cli.printing import line, print_table, shown  # noqa: PLC0415 - not for --help

    if told.via != "web":
        line(f"on this machine  {shown(_local(told))}")
    if told.via != "local":
        lacks = "no key is set (zotero.key): https://www.zotero.org/settings/keys"
        line(f"zotero.org       {shown(f'{told.web} can be pushed into' if told.web else told.web_trouble or lacks)}")
    if told.pushed:
        line()
        print_table(
            ("library", "what", "sent", "found there", "last"),
            ((one.target, one.kind, one.sent, one.found, one.last_at) for one in told.pushed),
            least=("last",),
        )


def _local(told: ZoteroStanding) -> str:
    local = told.local
    if local is None:
        return told.local_trouble
    if not local.is_enabled:
        return f"{_named(local)} runs, but may not be asked: allow it in Zotero, Settings, Advanced"
    if local.server_id is None:
        return f"{_named(local)} takes new items alone (Zotero 10 takes everything)"
    return f"{_named(local)} " + ("can be pushed into" if local.is_allowed else "waits for dl-lit zotero connect")


def _named(local: Local) -> str:
    return f"Zotero {local.version}" if local.version else "Zotero"


def _shown_progress(says: str) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r\x1b[K{says} ", nl=False, err=True)


def _end_progress() -> None:
    if sys.stderr.isatty():
        click.echo("\r\x1b[K", nl=False, err=True)
