"""`dl-lit merges`: which works were taken for one, on what, and how to undo it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

from dl_lit.cli.invocation import Invocation
from dl_lit.cli.options import common_options, json_option
from dl_lit.core.errors import BadInput

if TYPE_CHECKING:
    from db.reading.merges import MergeView

_WORK = re.compile(r"w?([1-9]\d{0,17})", re.IGNORECASE | re.ASCII)


@click.command(
    epilog="""\b
Examples:
  dl-lit merges                  the newest, what matched included
  dl-lit merges --work w34       by which w34 came to be one work
  dl-lit unmerge 12              make two works again of what merge 12 made one of"""
)
@click.option("--work", "work", metavar="ID", help="Only those of this work, by any number it had.")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="At most so many.")
@json_option
@common_options
@click.pass_obj
def command(invocation: Invocation, *, work: str | None, limit: int, as_json: bool) -> None:
    """List which works were taken for one, the newest first, and what showed it."""
    from db.reading.merges import merges  # noqa: PLC0415 - brings SQLAlchemy, which --help need not load
    from db.reading.opening import reading  # noqa: PLC0415
    from dl_lit.cli.printing import line, print_document  # noqa: PLC0415

    with reading(invocation.settings.database) as connection:
        found = merges(connection, work_id=None if work is None else work_number(work), limit=limit)
    if as_json:
        print_document("dl-lit/merges/1", {"merges": found})
        return
    for one in found:
        _tell(one)
    if not found:
        line("no works were taken for one" if work is None else f"nothing was taken for one with {work}")


def work_number(name: str) -> int:
    """The number of the work with this id: "w34", or "34". Raises `BadInput`."""
    match = _WORK.fullmatch(name)
    if match is None:
        raise BadInput(f"{name!r} is no work's id: w34, or 34")
    return int(match[1])


def _tell(one: MergeView) -> None:
    from dl_lit.cli.printing import heading, line, shown  # noqa: PLC0415

    heading(f"merge {one.id}  {one.merged_at}")
    entries = " ".join(f"e{entry}" for entry in one.entry_ids[:10]) + (" …" if len(one.entry_ids) > 10 else "")
    doi = f", {one.gone.doi}" if one.gone.doi else ""
    line(f"  w{one.gone_work_id}: {shown(one.gone.title, width=100)} ({one.gone.year or 'n. d.'}{doi}); {entries}")
    into = f"w{one.kept_work_id}" + (
        f", which is w{one.work_id} now" if one.work_id not in {None, one.kept_work_id} else ""
    )
    line(f"  into {into}: {shown(one.kept_title, width=100)}")
    line(f"  on {one.matched_on}: {shown(one.matched_value, width=100)} ({shown(one.evidence, width=200)})")
    if one.undone_at:
        line(f"  undone: {one.undone_at}")
