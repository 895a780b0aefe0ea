"""What the commands that run the pipeline have in common: options, live progress, the summary."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from dl_lit.cli.bringing import without_rich
from dl_lit.cli.invocation import Invocation, usual_log_file
from dl_lit.cli.options import common_options, json_option, snowball_options, worker_options
from dl_lit.core.controls import json_shown
from dl_lit.core.errors import DlLitError, NeedsConfiguration

if TYPE_CHECKING:
    from dl_lit.app.outcome.results import Written
    from dl_lit.app.run import Progress, RunResult
    from dl_lit.runtime.outage import Outage

_GAPS_SHOWN = 5

F = TypeVar("F", bound=Callable[..., Any])


def run_options(function: F) -> F:
    """The options of one-off runs."""
    for decorate in reversed(
        (
            click.option(
                "--concurrent/--sequential",
                default=True,
                show_default=True,
                help="All stages at once, or one item at a time.",
            ),
            click.option(
                "--dry-run", is_flag=True, help="Read the PDFs and tell what a run would ask for; ask nothing."
            ),
            click.option("--no-report", is_flag=True, help="Write no library.bib and no HTML reports."),
            click.option("--quiet", is_flag=True, help="No progress."),
            snowball_options,
            worker_options,
            json_option,
            common_options,
        )
    ):
        function = decorate(function)
    return function


def run(
    invocation: Invocation,
    paths: Sequence[Path],
    command: str,
    *,
    concurrent: bool,
    dry_run: bool,
    no_report: bool,
    quiet: bool,
    as_json: bool,
    also: Mapping[str, Any] | None = None,
    brought: Sequence[tuple[int, bool]] = (),
) -> int:
    """Process `paths`, tell what came of it, and give the exit code; `also` stands in the JSON document besides.

    `brought` are sources that the command added itself: (id, whether its content is new).
    """
    with without_rich():
        from dl_lit.app.run import run_once  # noqa: PLC0415 - the whole program, which --help need not load
        from dl_lit.app.wire import KeepingWire  # noqa: PLC0415
        from dl_lit.app.workshop import Workshop  # noqa: PLC0415
    from dl_lit.cli.progress import progress  # noqa: PLC0415
    from dl_lit.runtime.signals import StopSignals  # noqa: PLC0415
    from dl_lit.settings.show import differing  # noqa: PLC0415

    if dry_run:
        from dl_lit.cli.dry_run import tell_plan  # noqa: PLC0415

        return tell_plan(invocation.settings, paths, as_json=as_json)
    live = not quiet and sys.stderr.isatty()
    start_logging(invocation, keep_terminal_free=live or not as_json)
    settings = invocation.settings if concurrent else invocation.settings.sequential
    with ExitStack() as stack:
        stop = stack.enter_context(StopSignals())
        own = differing(invocation.load())
        wire = KeepingWire(settings) if settings.runs.record_mb else None
        outage = outage_of(invocation, stop.should_stop)
        shop = stack.enter_context(
            Workshop(settings, command, on_upgrade=tell_upgrade, set_by_people=own, wire=wire, outage=outage)
        )
        tell_missing(invocation)
        show = stack.enter_context(progress(shop, live=live, quiet=quiet))
        result = run_once(shop, paths, stop, sequential=not concurrent, on_progress=show, brought=brought)
    _end(invocation, result, outage, no_report=no_report, as_json=as_json, also=also)
    return result.exit_code


def outage_of(invocation: Invocation, should_stop: Callable[[], bool]) -> Outage:
    """How a one-off run waits for a database that is away; who does not see the log is told here."""
    from dl_lit.runtime.outage import Outage  # noqa: PLC0415 - with what runs

    def tell(says: str) -> None:
        if invocation.settings.log.file is not None:
            click.echo(f"dl-lit: {says}", err=True)

    return Outage(bears_s=invocation.settings.engine.outage_s, should_stop=should_stop, tell=tell)


def start_logging(invocation: Invocation, *, keep_terminal_free: bool) -> None:
    """Log as the settings say; on a terminal that shows progress, to the usual file instead of between its lines."""
    settings = invocation.settings
    if settings.log.file is not None or not keep_terminal_free:
        invocation.start_logging()
        return
    file = usual_log_file(settings)
    invocation.set("log.file", "--log-file", str(file))
    try:
        invocation.start_logging()
    except NeedsConfiguration as error:  # nobody asked for this file: do without
        why = error.__cause__.strerror if isinstance(error.__cause__, OSError) else str(error)
        click.echo(f"dl-lit: cannot write the log file {file} ({why}): warnings are shown here", err=True)
        invocation.unset("log.file")
        invocation.start_logging(warnings_only=True)


def tell_upgrade(backup: Path) -> None:
    """Say that the database is being brought up to date, and where it is as it was."""
    said = "the database is being brought up to date, which takes a minute for a million references"
    click.echo(f"dl-lit: {said}; as it was before it is in {backup}", err=True)


def tell_missing(invocation: Invocation) -> None:
    """Say once what goes without a contact address."""
    if invocation.settings.contact_email is None:
        click.echo(
            "dl-lit: no contact address is set (DL_LIT_CONTACT_EMAIL): Unpaywall is not asked, "
            "and the services are used at their anonymous, slower tiers",
            err=True,
        )


def _end(
    invocation: Invocation,
    result: RunResult,
    outage: Outage,
    *,
    no_report: bool,
    as_json: bool,
    also: Mapping[str, Any] | None,
) -> None:
    from dl_lit.app.roles import keeps_library  # noqa: PLC0415 - with what runs

    has_library = keeps_library(invocation.settings)
    written = reports_written(invocation, result, outage) if has_library and not no_report else None
    if as_json:
        document = {**result.document, **(also or {})}
        if written:
            document["written"] = {"library_bib": str(written.library_bib), "reports": str(written.index)}
        click.echo(json_shown(json.dumps(document, ensure_ascii=False, indent=1)))
        return
    click.echo(summary_text(result))
    if written:
        click.echo(f"library      {invocation.settings.library}")
        click.echo(f"library.bib  {written.library_bib}")
        click.echo(f"reports      {written.index}")


def reports_written(invocation: Invocation, result: RunResult, outage: Outage) -> Written | None:
    """Write the reports; where the library's disk refuses that is told, and the run's end stays what it was."""
    from dl_lit.app.outcome.results import write_results  # noqa: PLC0415

    try:
        written = outage.outlast(lambda: write_results(invocation.settings, result.source_ids))
    except DlLitError as error:
        click.echo(f"dl-lit: {error}", err=True)
        return None
    if written.trouble:
        click.echo(f"dl-lit: {written.trouble}", err=True)
    return written


def summary_text(result: RunResult) -> str:
    """The summary for people."""
    from dl_lit.app.language.words import lines_of_use  # noqa: PLC0415 - with what runs
    from dl_lit.cli.printing import shown  # noqa: PLC0415 - with what prints

    document = result.document
    lines = [
        f"{document['sources']} sources, {document['references']} references in {document['seconds']:.1f} s"
        + (" (interrupted; the same command goes on where this one stopped)" if result.interrupted else ""),
        f"  recognised   {document['resolved']:>6}   needs review {document['needs_review']}",
        f"  downloaded   {document['downloaded']:>6}   duplicates   {document['duplicates']}",
    ]
    for stage, reasons in document["failed"].items():
        for reason, count in sorted(reasons.items(), key=lambda pair: -pair[1]):
            lines.append(f"  {stage:<12} {count:>6}   {reason}")
    coverage = document["coverage"]
    if coverage["incomplete"]:
        lines.append(f"  read with gaps{coverage['incomplete']:>5}   of {coverage['judged']} sources that can tell")
        lines += [
            f"    {shown(Path(gap['path']).name)}: {shown(gap['said'])}" for gap in coverage["gaps"][:_GAPS_SHOWN]
        ]
    if document["without_grobid"]:
        lines.append(f"  GROBID did not answer ({document['without_grobid']} sources): read without it")
    if document.get("waiting_for_network"):
        lines.append(
            f"  for the network{document['waiting_for_network']:>4}   the next run without --offline takes them up"
        )
    others = result.waiting - document.get("waiting_for_network", 0)
    if others > 0:
        lines.append(f"  still waiting{others:>6}   dl-lit status says for what")
    if paused := document.get("paused"):
        lines.append(f"  paused       {', '.join(paused)}: dl-lit resume lets go on")
    if document.get("remembered"):
        known = ", ".join(f"{name} {count}" for name, count in document["remembered"].items())
        lines.append(f"  from memory  {known}")
    if document["requests"]:
        asked = ", ".join(f"{name} {count}" for name, count in document["requests"].items())
        lines.append(f"  requests     {asked}")
    if result.asked is not None and (result.asked.requests or result.asked.remembered or result.asked.troubles):
        lines += [f"  model {label:<8} {said}" for label, said in lines_of_use(result.asked)]
    return "\n".join(lines)


def describe(progress: Progress) -> str:
    """A moment in one line."""
    stages = ", ".join(
        f"{name.value} {view.done}"
        + (f"+{view.failed} failed" if view.failed else "")
        + (f" ({view.waiting} waiting)" if view.waiting else "")
        for name, view in progress.stages.items()
    )
    return f"{progress.seconds:6.1f} s  {stages}"
