"""`dl-lit retry`: put failures back to work."""

from __future__ import annotations

import click

from dl_lit.cli.invocation import Invocation
from dl_lit.cli.options import common_options, json_option
from dl_lit.core.model import StageName


@click.command(
    epilog="""\b
Examples:
  dl-lit retry                                what may have passed: time-outs, rate limits, …
  dl-lit retry --reason no-oa-location        look for open copies again
  dl-lit retry --stage download --all         fetch everything that failed again
  dl-lit retry --class transient --source s3 --older-than 7d --limit 100 --dry-run
  dl-lit retry e12 w34 s5                     these, whatever the reason

All that is given has to fit; several reasons and classes stand beside each other. The work is done by a
running pipeline at once, or by the next one. dl-lit undo takes it back as long as nothing came of it."""
)
@click.argument("ids", nargs=-1, metavar="[ID...]")
@click.option("--stage", "stages", type=click.Choice([s.value for s in StageName]), multiple=True, help="Failed here.")
@click.option("--reason", "reasons", metavar="REASON", multiple=True, help="Failed for this reason.")
@click.option("--class", "classes", metavar="CLASS", multiple=True, help="Failed for a reason of this class.")
@click.option("--source", "of_sources", metavar="ID", multiple=True, help="Comes of this source (s3).")
@click.option("--older-than", metavar="AGE", help="Failed longer ago than 90s, 10m, 2h, 7d or 2w.")
@click.option("--limit", type=click.IntRange(min=1), help="At most so many, those that failed first.")
@click.option("--all", "every_reason", is_flag=True, help="Whatever the reason, not only what may have passed.")
@click.option("--dry-run", is_flag=True, help="Only say what would be put back.")
@json_option
@common_options
@click.pass_obj
def command(
    invocation: Invocation,
    *,
    ids: tuple[str, ...],
    stages: tuple[str, ...],
    reasons: tuple[str, ...],
    every_reason: bool,
    as_json: bool,
    classes: tuple[str, ...] = (),
    of_sources: tuple[str, ...] = (),
    older_than: str | None = None,
    limit: int | None = None,
    dry_run: bool = False,
) -> None:
    """Put failed sources, entries and works back to work with all attempts before them."""
    from db.connect import connect, open_to_read  # noqa: PLC0415 - brings SQLAlchemy, which --help need not load
    from db.retrying import put_back, would_put_back  # noqa: PLC0415
    from dl_lit.app.putting_back import failures_wanted, moment_before, retried  # noqa: PLC0415
    from dl_lit.cli.printing import line, print_document  # noqa: PLC0415
    from dl_lit.core.clock import SystemClock  # noqa: PLC0415

    clock = SystemClock()
    wanted = failures_wanted(
        ids,
        stages,
        reasons,
        every_reason=every_reason,
        classes=classes,
        of_sources=of_sources,
        before=None if older_than is None else moment_before(older_than, clock),
        limit=limit,
    )
    settings = invocation.settings
    open_to_read(settings.database).dispose()  # says what is wrong with it; retrying makes no database
    engine = connect(settings.database, synchronous=settings.synchronous)
    try:
        done = (would_put_back if dry_run else put_back)(engine, wanted, clock)
    finally:
        engine.dispose()
    if as_json:
        print_document("dl-lit/retry/1", retried(done) | {"dry_run": dry_run, "reasons": done.reasons})
        return
    for stage in StageName:
        if number := getattr(done, stage.value):
            line(f"{number:,} {'would go ' if dry_run else ''}back to {stage.value}")
    for one in done.reasons:
        line(f"  {one.stage:<11} {one.reason:<24} {one.before:>9,} → {one.after:,}")
    if not done.total:
        line("nothing to put back" + ("" if ids or reasons or classes or every_reason else ": see --reason and --all"))
