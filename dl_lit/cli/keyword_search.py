"""`dl-lit keyword-search --query "…"`: what OpenAlex has on a subject, as seeds."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dl_lit.cli.invocation import Invocation
from dl_lit.cli.options import common_options, json_option, setting_option
from dl_lit.cli.searched_shown import SCHEMA, credits_of, document, enqueued_document, tell, told
from dl_lit.core.errors import BadInput, DlLitError, ServiceError

if TYPE_CHECKING:
    from db.intake import Grown
    from dl_lit.app.intake.keyword_search import Searched

_BUDGET_GONE = 5
_FAILED = 1


class _Most(click.ParamType[int | str]):
    """A number, or "all"."""

    name = "N|all"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int | str:
        """The number, or "all"."""
        if value == "all":
            return "all"
        return int(click.IntRange(min=1).convert(value, param, ctx))


@click.command(
    epilog="""\b
Examples:
  dl-lit keyword-search --query 'kelp AND ("northern shore" OR fjord) NOT bird'
  dl-lit keyword-search --query kelp --in title --year-from 2015 --sort citations --max-results 200
  dl-lit keyword-search --query kelp --max-results all --enqueue --run
  dl-lit keyword-search --query kelp --json > seeds.json     look through, delete, then
  dl-lit keyword-search --seed-json seeds.json --enqueue

AND, OR and NOT in capitals, phrases in quotes, parentheses; * and ? stand for letters. A hundred works cost ten of the
day's credits at OpenAlex; what was fetched is remembered and costs nothing again. The same search adds what is new."""
)
@click.option("--query", "text", metavar="WORDS", help="What to search for.")
@click.option(
    "--in",
    "within",
    type=click.Choice(["everywhere", "title-and-abstract", "title"]),
    default="everywhere",
    show_default=True,
    help="Where the words have to stand.",
)
@click.option("--year-from", type=click.IntRange(1000, 2999), metavar="YEAR", help="No work before this year.")
@click.option("--year-to", type=click.IntRange(1000, 2999), metavar="YEAR", help="No work after this year.")
@click.option(
    "--type", "types", multiple=True, metavar="TYPE", help="Only such: article, book, dissertation, review, ..."
)
@click.option("--language", "languages", multiple=True, metavar="CODE", help="Only in this language: en, de, ...")
@click.option("--open-access", "is_open", is_flag=True, help="Only works that can be had openly.")
@click.option(
    "--sort",
    type=click.Choice(["relevance", "citations", "date"]),
    default="relevance",
    show_default=True,
    help="Which come first.",
)
@click.option(
    "--max-results", "most", type=_Most(), metavar="N|all", help="So many of them, or all.  [default: all, up to 1,000]"
)
@click.option("--seed-json", "seeds", type=click.Path(path_type=Path), metavar="FILE", help="Seeds chosen before.")
@click.option("--enqueue", "is_enqueued", is_flag=True, help="Let the pipeline fetch them; otherwise they are listed.")
@click.option("--run", "is_run", is_flag=True, help="Go to work at once; a dl-lit that watches does so by itself.")
@click.option("--fresh", "is_fresh", is_flag=True, help="Ask anew, whatever is remembered of the same search.")
@setting_option(
    "--offline", "offline", is_flag=True, flag_value=True, default=None, help="Only what is remembered of it."
)
@json_option
@common_options
@click.pass_obj
def command(
    invocation: Invocation,
    /,
    *,
    most: int | str | None,
    seeds: Path | None,
    is_enqueued: bool,
    is_run: bool,
    as_json: bool,
    **asked: Any,
) -> int:
    """Search OpenAlex for works by words; list them, or let the pipeline fetch them (--enqueue).

    Says how many there are, how many came and what it cost. Ends with 5 when the day's budget did not suffice.
    """
    is_enqueued = is_enqueued or is_run
    if (asked["text"] is None) == (seeds is None):
        raise click.UsageError("name what to search for (--query), or seeds chosen before (--seed-json)")
    invocation.start_logging(warnings_only=True)
    if seeds is not None:
        return _from_file(invocation, seeds, is_enqueued=is_enqueued, is_run=is_run, as_json=as_json)
    found, grown = _search(invocation, most, is_enqueued=is_enqueued, **asked)
    code = _code(found)
    also = document(found, grown)
    if not as_json:
        tell(found, grown)
    if is_run and grown is not None:
        from dl_lit.cli.importing import go_to_work  # noqa: PLC0415 - the whole program

        worked = go_to_work(
            invocation,
            f"keyword-search {asked['text']}",
            [(grown.source.id, grown.source.is_new)],
            quiet=False,
            as_json=as_json,
            also={"search": also},
        )
        if worked is not None:
            return worked or code
    if as_json:
        from dl_lit.cli.printing import print_json  # noqa: PLC0415 - as above

        print_json(also)
    return code


def _search(
    invocation: Invocation,
    most: int | str | None,
    *,
    text: str,
    within: str,
    sort: str,
    is_fresh: bool,
    is_enqueued: bool,
    **wanted: Any,
) -> tuple[Searched, Grown | None]:
    from dl_lit.app.intake.keyword_search import UNASKED, enqueue, search  # noqa: PLC0415 - the network, not for --help
    from dl_lit.core.clock import SystemClock  # noqa: PLC0415
    from stages.keyword_search import Query, Sort, Within  # noqa: PLC0415

    query = Query(text=text, within=Within(within), **wanted)
    if query.remark:
        click.echo(f"dl-lit: {query.remark}", err=True)
    clock = SystemClock()
    try:
        found = search(
            invocation.settings,
            query,
            Sort(sort),
            clock,
            most=most if isinstance(most, int) else None,
            is_all=most == "all",
            is_fresh=is_fresh,
            on_page=_shown_progress,
        )
    except ServiceError as error:
        raise _Unsearched(error) from error
    if not is_enqueued:
        return found, None
    if found.is_unasked:
        raise BadInput(
            f"{found.total:,} works: say how many of them with --max-results, or --max-results all "
            f"({credits_of(found.total):,} credits); more than {UNASKED:,} are not taken unasked"
        )
    references = [seed.reference for seed in found.seeds]
    return found, enqueue(invocation.settings, query, found.origin, references, clock)


class _Unsearched(DlLitError):
    """OpenAlex could not be asked."""

    def __init__(self, error: ServiceError) -> None:
        """Say why, and end as that says."""
        super().__init__(f"the search could not be made: {error}")
        self.exit_code = _BUDGET_GONE if error.reason.value == "budget-exhausted" else _FAILED


def _from_file(invocation: Invocation, path: Path, *, is_enqueued: bool, is_run: bool, as_json: bool) -> int:
    """List or enqueue seeds that were chosen before."""
    from dl_lit.app.intake.entries_brought import Content  # noqa: PLC0415 - brings the database
    from dl_lit.app.intake.keyword_search import enqueue  # noqa: PLC0415
    from dl_lit.app.intake.seeds import entries_of, read_seeds  # noqa: PLC0415
    from dl_lit.cli.importing import go_to_work, import_all  # noqa: PLC0415
    from dl_lit.cli.printing import line, print_document  # noqa: PLC0415
    from dl_lit.core.clock import SystemClock  # noqa: PLC0415
    from dl_lit.core.store import SourceKind  # noqa: PLC0415
    from dl_lit.exports.imported import Imported  # noqa: PLC0415

    seeds = read_seeds(path)
    if not is_enqueued:
        for one in seeds.references:
            line(f"{one.position:>5}  {one.openalex_id or one.doi or '-'}  {one.raw}")
        return 0
    if seeds.query is None:
        content = Content(str(path), path.read_bytes(), path, SourceKind.LIST)
        read = Imported(entries_of(seeds), seeds.problems)
        return import_all(
            invocation, f"keyword-search {path}", [content], lambda _data: read, is_run=is_run, as_json=as_json
        )
    grown = enqueue(invocation.settings, seeds.query, seeds.origin, seeds.references, SystemClock())
    for problem in seeds.problems:
        click.echo(f"dl-lit: {path}: seed {problem.line}: {problem.message}: {problem.text}", err=True)
    code = 3 if seeds.problems else 0
    if is_run:
        worked = go_to_work(
            invocation,
            f"keyword-search {path}",
            [(grown.source.id, grown.source.is_new)],
            quiet=False,
            as_json=as_json,
            also={"enqueued": enqueued_document(grown)},
        )
        if worked is not None:
            return worked or code
    if as_json:
        print_document(SCHEMA, {"enqueued": enqueued_document(grown)})
    else:
        line(told(grown))
    return code


def _shown_progress(fetched: int, total: int) -> None:
    if sys.stderr.isatty() and fetched < total:
        click.echo(f"\r{fetched:,} of {total:,} ", nl=False, err=True)


def _code(found: Searched) -> int:
    if found.error is None:
        return 0
    return _BUDGET_GONE if found.error.reason.value == "budget-exhausted" else _FAILED
