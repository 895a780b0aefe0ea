"""`dl-lit undo`: take back what was changed by hand."""

from __future__ import annotations

import click

from dl_lit.cli.invocation import Invocation
from dl_lit.cli.options import common_options, json_option
from dl_lit.cli.unmerge import command as unmerge


@click.command(
    epilog="""\b
Examples:
  dl-lit undo --list             what was changed by hand, the last first, and what of it can be undone
  dl-lit undo                    take back the last
  dl-lit undo 12                 take back number 12 of the list
  dl-lit undo --merge 7          make two works again of what dl_lit took for one, as dl-lit unmerge 7 does

Orders to try again or to look again, decisions in review, files handed in, pins, citation keys and
separated works are taken back as long as nothing came of them: what has been worked on since is told and
stays. That works were taken for one by dl_lit itself is undone by its number in dl-lit merges."""
)
@click.argument("number", required=False, type=click.IntRange(min=1), metavar="[N]")
@click.option("--list", "is_list", is_flag=True, help="Only show what was changed by hand.")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="List at most so many.")
@click.option("--merge", type=click.IntRange(min=1), metavar="ID", help="Undo this one of the merges instead.")
@json_option
@common_options
@click.pass_context
def command(
    context: click.Context, *, number: int | None, is_list: bool, limit: int, merge: int | None, as_json: bool
) -> None:
    """Take back the last thing that was changed by hand, or number N of the list."""
    from dl_lit.app.deciding.undoing import deeds_done, undone  # noqa: PLC0415 - brings SQLAlchemy
    from dl_lit.cli.printing import line, print_document, shown  # noqa: PLC0415
    from dl_lit.core.clock import SystemClock  # noqa: PLC0415

    invocation: Invocation = context.obj
    if merge is not None:
        if is_list or number is not None:
            raise click.UsageError("--merge is undone alone: leave the rest out")
        context.invoke(unmerge, merge=merge, as_json=as_json)
        return
    if is_list and number is not None:
        raise click.UsageError("--list shows all: leave the number out")
    if is_list:
        found = deeds_done(invocation.settings, limit)
        if as_json:
            print_document("dl-lit/deeds/1", {"deeds": found})
            return
        for one in found:
            state = f"undone {one.undone_at}" if one.undone_at else f"cannot be undone: {one.why_not}"
            note = f"  ({state})" if one.undone_at or one.why_not else ""
            line(f"{one.id:>4}  {one.done_at}  {one.kind.value:<18} {shown(one.said, width=100)}{note}")
        if not found:
            line("nothing was changed by hand")
        return
    done = undone(invocation.settings, number, SystemClock())
    if as_json:
        print_document("dl-lit/undo/1", done)
        return
    line(f"undone: {shown(done.said, width=100)}")
    if done.left:
        more = f" and {len(done.left) - 20:,} more" if len(done.left) > 20 else ""
        line(f"left as they are, for they changed since: {' '.join(done.left[:20])}{more}")
