"""`dl-lit prisma`: the numbers of a review's flow diagram."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

from dl_lit.cli.invocation import Invocation
from dl_lit.cli.options import common_options, json_option

if TYPE_CHECKING:
    from db.reading.prisma import PrismaNumbers


@click.command(
    epilog="""\b
Examples:
  dl-lit prisma                  of the whole library
  dl-lit prisma --run 12         of one run's sources (dl-lit runs lists runs)
  dl-lit prisma --json | jq .retrieval

Records are entries, reports are works. docs/runs.md says what is counted as what in PRISMA 2020."""
)
@click.option("--run", "run_id", type=click.IntRange(min=1), metavar="ID", help="Only of this run's sources.")
@json_option
@common_options
@click.pass_obj
def command(invocation: Invocation, *, run_id: int | None, as_json: bool) -> None:
    """Count what was identified, screened, sought, retrieved and proven, as PRISMA 2020 has it."""
    from db.reading.opening import reading  # noqa: PLC0415 - brings SQLAlchemy, which --help need not load
    from db.reading.prisma import prisma_numbers  # noqa: PLC0415
    from db.reading.runs import one_run  # noqa: PLC0415
    from dl_lit.cli.printing import print_json  # noqa: PLC0415

    with reading(invocation.settings.database) as connection:
        if run_id is not None:
            one_run(connection, run_id, is_at_work=False)
        numbers = prisma_numbers(connection, run_id)
    if as_json:
        print_json(numbers.document())
    else:
        _tell(numbers)


def _tell(numbers: PrismaNumbers) -> None:
    from dl_lit.cli.printing import heading, line  # noqa: PLC0415

    def row(text: str, number: int, *, depth: int = 1) -> None:
        line(f"{'  ' * depth}{number:>9,}  {text}")

    def reasons(found: Mapping[str, int]) -> None:
        for reason, number in found.items():
            row(reason, number, depth=3)

    heading(f"PRISMA numbers of {'the library' if numbers.run is None else f'run {numbers.run}'}")
    line("identification")
    row("records identified", numbers.identified)
    for one in numbers.origins:
        level = f", level {one.level}" if one.level else ""
        row(f"{one.name}{level} ({one.read:,} of {one.sources:,} sources read)", one.records, depth=3)
    if numbers.cut:
        row("more were left out of long lists (snowball.max_references)", numbers.cut, depth=3)
    for reason, number in numbers.unread.items():
        row(f"sources not read: {reason}", number, depth=3)
    row("duplicates removed", numbers.duplicates)
    line("screening")
    row("records screened", numbers.screened)
    row("recognised works", numbers.recognised)
    row("records not recognised", sum(numbers.not_recognised.values()))
    reasons(numbers.not_recognised)
    row("records to be decided on by a person", numbers.recognition_for_review)
    row("records that wait", numbers.recognition_waiting)
    line("retrieval")
    row("works sought for retrieval", numbers.sought)
    row("works not retrieved", sum(numbers.not_retrieved.values()))
    reasons(numbers.not_retrieved)
    row("works that wait", numbers.retrieval_waiting)
    line("assessment")
    row("works retrieved", numbers.retrieved)
    row("proven to be the work", sum(numbers.verified.values()))
    reasons(numbers.verified)
    row("in the library, not proven", numbers.unverified)
    row("to be decided on by a person", numbers.files_for_review)
    row("only files of other works came", numbers.wrong_work)
    for problem in numbers.problems():
        line(f"these do not add up: {problem}: dl-lit doctor looks for the reason")
