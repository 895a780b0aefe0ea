"""`dl-lit keys`: what works are called in exports, for ever, and how that is changed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from dl_lit.cli.invocation import Invocation
from dl_lit.cli.merges import work_number
from dl_lit.cli.options import common_options, json_option
from dl_lit.core.controls import json_shown
from dl_lit.core.errors import BadInput

if TYPE_CHECKING:
    from db.connect import Engine
    from db.reading.key_list import KeyView


@click.command(
    epilog="""\b
Examples:
  dl-lit keys                                   every key with its work
  dl-lit keys w12 Knuth1997                     those of these works, by number or by a key they have or had
  dl-lit keys --pin w12 taocp                   call w12 so from now on
  dl-lit keys --renew                           go by export.citation_key, after it was changed
  dl-lit keys --renew --pattern '{author:lower}{year}{veryshorttitle:lower}'

A key is given when a work is first exported, and stays. What a work was called before stays its own: biblatex
exports name it in `ids`, so that documents that cite it still mean the same work. docs/exports.md has the words of
patterns."""
)
@click.argument("names", nargs=-1, metavar="[WORK|KEY]...")
@click.option("--pin", nargs=2, metavar="WORK KEY", help="Call this work KEY from now on.")
@click.option("--renew", is_flag=True, help="Make the keys anew that a pattern made; those of people and files stay.")
@click.option("--pattern", metavar="PATTERN", help="With --renew: go by this one instead of export.citation_key.")
@json_option
@common_options
@click.pass_obj
def command(
    invocation: Invocation,
    *,
    names: tuple[str, ...],
    pin: tuple[str, str] | None,
    renew: bool,
    pattern: str | None,
    as_json: bool,
) -> None:
    """List citation keys, give a work another one, or make them anew by another pattern."""
    if sum((bool(names), pin is not None, renew)) > 1:
        raise click.UsageError("list keys, --pin one, or --renew them: one at a time")
    if pattern is not None and not renew:
        raise click.UsageError("--pattern goes with --renew; for works to come set export.citation_key")
    if pin is not None:
        _pin(invocation, *pin, as_json=as_json)
    elif renew:
        _renew(invocation, pattern, as_json=as_json)
    else:
        _list(invocation, names, as_json=as_json)


def _list(invocation: Invocation, names: tuple[str, ...], *, as_json: bool) -> None:
    from db.reading.key_list import keys_listed, keys_of_names, works_without_key  # noqa: PLC0415 - brings SQLAlchemy
    from db.reading.opening import reading  # noqa: PLC0415

    with reading(invocation.settings.database) as connection:
        found = iter(keys_of_names(connection, names)) if names else keys_listed(connection)
        if as_json:
            _print_objects("keys", "keys", found)
            without = 0 if names else works_without_key(connection)
            click.echo(f'\n], "without": {without}}}')
            return
        is_any = False
        for one in found:
            is_any = True
            _tell(one)
        without = works_without_key(connection)
    if not names and without:
        click.echo(
            f"dl-lit: {without:,} works have no key of their own yet: the first export or report gives them one",
            err=True,
        )
    elif not is_any:
        click.echo("dl-lit: there are no works yet", err=True)


def _tell(one: KeyView) -> None:
    from dl_lit.cli.printing import line, shown  # noqa: PLC0415

    former = f"  (before: {shown(', '.join(one.former), width=300)})" if one.former else ""
    line(f"{shown(one.key):<24} w{one.work_id:<8} {one.given_by:<8} {shown(one.title, width=100)}{former}")


def _pin(invocation: Invocation, work: str, key: str, *, as_json: bool) -> None:
    from db.citing.giving import GivenBy  # noqa: PLC0415 - as above
    from db.citing.pinning import pin_key  # noqa: PLC0415
    from db.deeds import DeedKind, deed  # noqa: PLC0415
    from db.refusing import named  # noqa: PLC0415
    from dl_lit.cli.printing import line, print_document  # noqa: PLC0415
    from dl_lit.core.clock import SystemClock  # noqa: PLC0415

    now = SystemClock().time()
    with (
        _to_write(invocation) as engine,
        named(),
        engine.begin() as connection,
        deed(connection, DeedKind.KEY, now, f"w{work_number(work)} called {key}"),
    ):
        pinned = pin_key(connection, work_number(work), key, GivenBy.PERSON, now)
    if as_json:
        print_document("dl-lit/keys-pinned/1", {"work_id": pinned.work_id, "key": pinned.key, "former": pinned.former})
    else:
        before = f", before: {pinned.former}" if pinned.former else ""
        line(f"w{pinned.work_id} is {pinned.key}{before}")


def _renew(invocation: Invocation, pattern: str | None, *, as_json: bool) -> None:
    from db.citing.choosing import Chooser  # noqa: PLC0415 - as above
    from db.citing.renewing import renew_keys  # noqa: PLC0415
    from dl_lit.app.outcome.citing import key_maker  # noqa: PLC0415
    from dl_lit.cli.printing import line, shown  # noqa: PLC0415
    from dl_lit.core.clock import SystemClock  # noqa: PLC0415

    try:
        maker = key_maker(pattern or invocation.settings.export.citation_key)
    except ValueError as error:
        raise BadInput(f"--pattern: {error}") from error
    count = 0
    with _to_write(invocation) as engine:
        renewed = renew_keys(engine, Chooser(maker), SystemClock())
        if as_json:
            count = _print_objects("keys-renewed", "renewed", renewed)
            click.echo("\n]}")
        else:
            for count, one in enumerate(renewed, start=1):  # noqa: B007 - it is told at the end
                line(f"w{one.work_id}: {shown(one.former)} is {one.key} now")
    click.echo(f"dl-lit: {count:,} works are called otherwise now; what they were called stays theirs", err=True)


@contextmanager
def _to_write(invocation: Invocation) -> Iterator[Engine]:
    """The database that is there, to be written to."""
    from db.connect import connect, open_to_read  # noqa: PLC0415 - as above

    settings = invocation.settings
    open_to_read(settings.database).dispose()  # says what is wrong with it; giving keys makes no database
    engine = connect(settings.database, synchronous=settings.synchronous)
    try:
        yield engine
    finally:
        engine.dispose()


def _print_objects(schema: str, name: str, values: Iterable[Any]) -> int:
    """Print a document that ends in these values, but for its end; how many they were. There may be a million."""
    from dl_lit.cli.printing import prints_all  # noqa: PLC0415 - with what prints

    click.echo(f'{{"schema": "dl-lit/{schema}/1", "{name}": [', nl=False)
    count = 0
    for count, one in enumerate(values, start=1):
        told = json_shown(json.dumps(asdict(one), ensure_ascii=not prints_all()))
        click.echo(f"{',' if count > 1 else ''}\n {told}", nl=False)
    return count
