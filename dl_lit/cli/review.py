"""`dl-lit review`: decide on entries for which no record was proven, on a terminal or from a program."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from dl_lit.cli.bringing import without_rich
from dl_lit.cli.invocation import Invocation
from dl_lit.cli.options import common_options, json_option, setting_option
from dl_lit.core.errors import BadInput

if TYPE_CHECKING:
    from dl_lit.app.deciding.reviewing import Review
    from dl_lit.cli.reviewing_files import FileAction
    from dl_lit.cli.reviewing_orders import Told, Word

_OUTCOMES = {"keep": "kept", "refuse": "removed", "skip": "skipped"}

UNDECIDED = 3
"""Exit code when something that was to be decided was left as it is."""

_WORK = re.compile(r"w([1-9]\d{0,17})", re.IGNORECASE | re.ASCII)
_ID = re.compile(r"e?([1-9]\d{0,17})", re.IGNORECASE | re.ASCII)


@click.command(
    epilog="""\b
Examples:
  dl-lit review                           go through all of them, on a terminal
  dl-lit review --source s5               those of one source
  dl-lit review --list --json             what there is to choose from, for programs
  dl-lit review e12 --accept 1            e12 is its first candidate
  dl-lit review e12 --doi 10.1000/182     e12 is the work with this DOI
  dl-lit review e12 --reject              e12 is none of its candidates
  dl-lit review w34 --keep                the file in quarantine is w34: into the library
  dl-lit review w34 --refuse              it is not: it is removed, and not taken again
  dl-lit review --apply decisions.jsonl   {"entry": 12, "action": "accept", "candidate": 1}
                                          {"work": 34, "action": "keep"}

What is accepted is looked for by a running pipeline at once, or by the next one."""
)
@click.argument("entry", required=False, metavar="[ENTRY|WORK]")
@click.option("--accept", "accept", type=click.IntRange(min=1), metavar="N", help="The entry is candidate N.")
@click.option("--doi", metavar="DOI", help="The entry is the work with this DOI.")
@click.option("--reject", "reject", is_flag=True, help="The entry is none of the candidates.")
@click.option("--keep", "keep", is_flag=True, help="The file in quarantine is the work.")
@click.option("--refuse", "refuse", is_flag=True, help="The file in quarantine is not the work.")
@click.option("--skip", "skip", is_flag=True, help="Leave it as it is.")
@click.option("--force", is_flag=True, help="Accept a DOI although its record and the entry do not agree.")
@click.option("--vetoed", is_flag=True, help="Offer candidates that something printed speaks against, too.")
@click.option("--list", "listing", is_flag=True, help="Only show what waits for a decision.")
@click.option("--source", "sources", multiple=True, metavar="S", help="Only entries of this source: an id or a path.")
@click.option("--limit", type=click.IntRange(min=1), help="At most so many.  [default: all; 20 of a list for people]")
@click.option("--apply", "orders", metavar="FILE", help="Read decisions as JSON lines from FILE; - is standard input.")
@setting_option(
    "--offline", "offline", is_flag=True, flag_value=True, default=None, help="Look records up on this machine only."
)
@json_option
@common_options
@click.pass_obj
def command(
    invocation: Invocation,
    *,
    entry: str | None,
    accept: int | None,
    doi: str | None,
    reject: bool,
    keep: bool,
    refuse: bool,
    skip: bool,
    force: bool,
    vetoed: bool,
    listing: bool,
    sources: tuple[str, ...],
    limit: int | None,
    orders: str | None,
    as_json: bool,
) -> int:
    """Decide on entries for which several records fit, or one fits only in part: accept, reject, or enter a DOI.

    And on files that may be a work, which wait in the library's quarantine: keep or refuse.
    """
    with without_rich():
        from dl_lit.app.deciding.reviewing import Review  # noqa: PLC0415 - brings SQLAlchemy, which --help need not load
    from dl_lit.cli.reviewing_orders import Order, carried_out, carry_out  # noqa: PLC0415
    from dl_lit.cli.reviewing_shown import print_cases  # noqa: PLC0415
    from dl_lit.cli.running import start_logging  # noqa: PLC0415

    if keep or refuse or (entry is not None and _WORK.fullmatch(entry)):
        others = accept is not None or doi is not None or reject or listing or orders is not None or bool(sources)
        if others or (keep + refuse + skip) > 1 or entry is None or not _WORK.fullmatch(entry):
            raise BadInput("of a file there is one decision: dl-lit review w34 --keep, --refuse or --skip")
        action: FileAction | None = "keep" if keep else "refuse" if refuse else "skip" if skip else None
        invocation.start_logging()
        return _one_file(invocation, entry, action, as_json=as_json)
    actions: dict[Word, bool] = {"accept": accept is not None, "doi": doi is not None, "reject": reject, "skip": skip}
    chosen = [name for name, given in actions.items() if given]
    _check(chosen, entry=entry, listing=listing, orders=orders, sources=sources)
    named = None if entry is None else _entry(entry)
    with Review(invocation.settings) as review:
        if chosen and named is not None:
            invocation.start_logging()
            order = Order(entry=named, action=chosen[0], candidate=accept, doi=doi, force=force, vetoed=vetoed)
            return _ended(review, [carry_out(review, order)], as_json=as_json)
        if orders is not None:
            invocation.start_logging()
            return _ended(review, carried_out(review, orders), as_json=as_json)
        waiting = review.waiting(sources, vetoed=vetoed) if named is None else (named,)
        if listing or as_json:
            print_cases(review, waiting, limit=limit, vetoed=vetoed, as_json=as_json)
            return 0
        if not (sys.stdin.isatty() and sys.stdout.isatty()):
            raise BadInput(
                "there is no terminal to ask on: dl-lit review --list shows what waits, "
                "dl-lit review ENTRY --accept N (--reject, --doi DOI) or --apply FILE decides"
            )
        start_logging(invocation, keep_terminal_free=True)
        return _session(review, waiting[:limit], vetoed=vetoed)


def _check(
    chosen: Sequence[str], *, entry: str | None, listing: bool, orders: str | None, sources: tuple[str, ...]
) -> None:
    if len(chosen) > 1:
        raise BadInput(f"--{chosen[0]} and --{chosen[1]} are two decisions: give one")
    if chosen and entry is None:
        raise BadInput(f"--{chosen[0]} needs an entry: dl-lit review e12 --{chosen[0]} …")
    if orders is not None and (chosen or entry is not None or listing or sources):
        raise BadInput("--apply reads all decisions from its file: give it alone")
    if listing and chosen:
        raise BadInput("--list only shows; it decides nothing")


def _entry(text: str) -> int:
    match = _ID.fullmatch(text)
    if match is None:
        raise BadInput(f"{text!r} is no entry's id: e12, or 12")
    return int(match[1])


def _ended(review: Review, told: list[Told], *, as_json: bool) -> int:
    from dl_lit.cli.reviewing_shown import print_told  # noqa: PLC0415 - as above

    print_told(review, told, as_json=as_json)
    return 0 if all(one.is_settled for one in told) else UNDECIDED


def _session(review: Review, waiting: tuple[int, ...], *, vetoed: bool) -> int:
    from dl_lit.cli.reviewing import Session  # noqa: PLC0415 - as above
    from dl_lit.cli.reviewing_files import FileSession  # noqa: PLC0415

    files = review.files.waiting()
    if waiting or not files:
        Session(review, waiting, vetoed=vetoed).run()
    FileSession(review.files, files).run()
    return 0


def _one_file(invocation: Invocation, name: str, action: FileAction | None, *, as_json: bool) -> int:
    """Show the file of one work, or decide on it."""
    from dl_lit.app.deciding.reviewing_files import FileReview  # noqa: PLC0415 - as above
    from dl_lit.cli.printing import line, print_document  # noqa: PLC0415
    from dl_lit.cli.reviewing_files import decide, plain_file, print_files, work_id_of  # noqa: PLC0415
    from dl_lit.cli.reviewing_shown import SCHEMA  # noqa: PLC0415

    with FileReview(invocation.settings) as review:
        work_id = work_id_of(name)
        if action is None:
            held = review.one(work_id)
            if as_json:
                print_document(SCHEMA, {"cases": [], "files": [plain_file(review, held)], "decisions": []})
            else:
                print_files(review, [held])
            return 0
        told = decide(review, work_id, action)
    if as_json:
        decision = {"work": work_id, "action": action, "outcome": _OUTCOMES[action], "detail": told}
        print_document(SCHEMA, {"cases": [], "files": [], "decisions": [decision]})
    else:
        line(told)
    return 0
