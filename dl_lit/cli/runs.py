"""`dl-lit runs`: what was run, with which settings and sources, and how it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from dl_lit.cli.invocation import Invocation
from dl_lit.cli.options import common_options, json_option

if TYPE_CHECKING:
    from db.reading.runs import RunView

_SHOWN_SOURCES = 20


@click.command(
    epilog="""\b
Examples:
  dl-lit runs                    the latest
  dl-lit runs 12                 one whole: settings, sources, what came of it
  dl-lit runs --json | jq '.runs[0]'
  dl-lit prisma --run 12         its numbers for a review"""
)
@click.argument("run_id", type=click.IntRange(min=1), required=False, metavar="[ID]")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="At most so many.")
@json_option
@common_options
@click.pass_obj
def command(invocation: Invocation, *, run_id: int | None, limit: int, as_json: bool) -> None:
    """List one-off runs and lives of the daemon, the newest first, or tell one whole."""
    from db.reading.opening import reading  # noqa: PLC0415 - brings SQLAlchemy, which --help need not load
    from db.reading.runs import one_run, runs, sources_of_run  # noqa: PLC0415
    from db.reading.status import at_work  # noqa: PLC0415
    from dl_lit.cli.printing import line, print_document  # noqa: PLC0415

    database = invocation.settings.database
    with reading(database) as connection:
        is_at_work = at_work(database) is not None
        if run_id is None:
            found, sources = runs(connection, is_at_work=is_at_work, limit=limit), []
        else:
            found = [one_run(connection, run_id, is_at_work=is_at_work)]
            sources = sources_of_run(connection, run_id)
    if as_json and run_id is not None:
        print_document("dl-lit/runs/1", {"runs": found, "sources": sources})
    elif as_json:
        print_document("dl-lit/runs/1", {"runs": found})
    elif run_id is not None:
        _tell(found[0], sources)
    elif found:
        _list(found)
    else:
        line("nothing was run on this database yet")


def _list(found: list[RunView]) -> None:
    from dl_lit.cli.printing import moment_of, print_table, shown  # noqa: PLC0415

    print_table(
        ("run", "began (UTC)", "ended (UTC)", "end", "given", "new", "left over", "found", "command"),
        (
            (
                one.id,
                moment_of(one.started_at)[:16],
                moment_of(one.ended_at)[:16] if one.ended_at else "-",
                one.state.value if one.exit_code is None else one.exit_code,
                one.given,
                one.new,
                one.left_over,
                one.found,
                shown(one.command, width=100),
            )
            for one in found
        ),
        least=("left over", "found", "new", "ended (UTC)"),
    )


def _tell(one: RunView, sources: list[int]) -> None:
    from dl_lit.cli.printing import heading, line, moment_of, shown  # noqa: PLC0415

    heading(f"run {one.id}  {one.command}")
    ended = f", ended {moment_of(one.ended_at)}" if one.ended_at else ""
    code = f" with exit code {one.exit_code}" if one.exit_code is not None else ""
    line(f"  began {moment_of(one.started_at)}{ended}{code}; dl_lit {one.version or 'of before 0.2'}")
    if one.state.value == "killed":
        line("  it was killed: what it had begun is done by the next run; its last sign of life stands as its end")
    line(f"  sources: {one.given} given, {one.left_over} left over, {one.found} found; {one.new} of all were new")
    if sources:
        more = " …" if len(sources) > _SHOWN_SOURCES else ""
        line("    " + " ".join(f"s{number}" for number in sources[:_SHOWN_SOURCES]) + more)
    for name, value in one.settings.items():
        line(f"  {name} = {shown(value, width=100)}")
    for text in _summary(one.summary or {}):
        line(f"  {text}")


def _summary(document: dict[str, Any] | Any) -> list[str]:
    """What came of it, of a run's document as of a daemon's."""
    from dl_lit.app.snowballing.words import level_text  # noqa: PLC0415

    lines = []
    if "references" in document:
        lines.append(
            f"{document['references']} references, {document['resolved']} recognised, "
            f"{document['downloaded']} downloaded, {document['needs_review']} to review"
        )
    for stage, tally in document.get("stages", {}).items():
        if "done" in tally:
            lines.append(f"{stage}: {tally['done']} done, {sum(tally['failed'].values())} failed")
    return [*lines, *map(level_text, document.get("levels") or ())]
