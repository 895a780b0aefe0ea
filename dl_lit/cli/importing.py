"""What the commands that import entries have in common: reading the files, telling what came of each, going to work."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar

import click

from dl_lit.cli.invocation import Invocation
from dl_lit.cli.options import common_options, json_option
from dl_lit.core.errors import BadInput, DatabaseAway, DatabaseBusy

if TYPE_CHECKING:
    from dl_lit.app.intake.entries_brought import Brought, Content
    from dl_lit.exports.imported import Imported
    from dl_lit.settings import Settings

SCHEMA = "dl-lit/import/1"
STANDARD_INPUT = "standard input"
MOST_BYTES = 300_000_000
"""Of one file: it is read whole, and half a million entries are less."""

F = TypeVar("F", bound=Callable[..., Any])


def import_options(function: F) -> F:
    """The options of commands that import entries."""
    for decorate in reversed(
        (
            click.option(
                "--run", "is_run", is_flag=True, help="Go to work at once; a dl-lit that watches does so by itself."
            ),
            click.option("--quiet", is_flag=True, help="No progress of that work."),
            json_option,
            common_options,
        )
    ):
        function = decorate(function)
    return function


def content_of(path: Path, *, most: int = MOST_BYTES) -> Content:
    """A file's content, or that of standard input for "-". Raises `BadInput`, so if it has more than `most` bytes."""
    from dl_lit.app.intake.entries_brought import Content  # noqa: PLC0415 - brings the database, not for --help

    if str(path) == "-":
        return Content(STANDARD_INPUT, _bounded(sys.stdin.buffer, STANDARD_INPUT, most))
    try:
        with path.open("rb") as file:
            return Content(str(path), _bounded(file, str(path), most), path)
    except OSError as error:
        raise BadInput(f"cannot read {path}: {error.strerror}") from error


def _bounded(file: BinaryIO, name: str, most: int) -> bytes:
    data = file.read(most + 1)
    if len(data) > most:
        raise BadInput(f"{name} is larger than {most:,} bytes, which is too much for one bibliography: part it")
    return data


def import_all(
    invocation: Invocation,
    command: str,
    contents: Sequence[Content],
    read: Callable[[bytes], Imported],
    *,
    pdfs: Path | None = None,
    is_run: bool = False,
    quiet: bool = False,
    as_json: bool = False,
) -> int:
    """Add what the files have, tell it, and go to work if that is wished; the exit code."""
    from dl_lit.cli.printing import print_document  # noqa: PLC0415 - with what prints

    if pdfs is not None and not pdfs.is_dir():
        raise BadInput(f"{pdfs} is not a folder: --pdf-base-dir names the one with the PDFs")
    invocation.start_logging(warnings_only=True)
    done = _bring_all(invocation.settings, contents, read, pdfs)
    for one in done:
        _tell_troubles(one)
    code = 3 if any(one.lost or not one.entries for one in done) else 0
    if is_run and any(one.source for one in done):
        if not as_json:
            _tell(done)
        brought = [(one.source, one.new) for one in done if one.source is not None]
        also = {"imported": _plain(done)}
        worked = go_to_work(invocation, command, brought, quiet=quiet, as_json=as_json, also=also)
        if worked is not None:
            return worked or code
    if as_json:
        print_document(SCHEMA, {"files": done})
    elif not is_run:
        _tell(done)
    return code


def _bring_all(
    settings: Settings, contents: Sequence[Content], read: Callable[[bytes], Imported], pdfs: Path | None
) -> list[Brought]:
    """Add the files in turn, each whole or not at all.

    A database that is away is not waited for: whoever brings files sees it at once, and brings them again.
    """
    from db.connect import open_database  # noqa: PLC0415 - brings SQLAlchemy, which --help need not load
    from dl_lit.app.intake.entries_brought import bring_in  # noqa: PLC0415
    from dl_lit.cli.running import tell_upgrade  # noqa: PLC0415
    from dl_lit.core.clock import SystemClock  # noqa: PLC0415

    again = "run the same command again when it answers"
    try:
        engine = open_database(settings.database, synchronous=settings.synchronous, on_upgrade=tell_upgrade)
    except DatabaseAway as error:
        raise DatabaseAway(f"{error}; nothing was added: {again}") from error
    done: list[Brought] = []
    try:
        for one in contents:
            done.append(bring_in(engine, one, read(one.data), SystemClock(), pdfs=pdfs))  # noqa: PERF401 - who fails tells of these
    except DatabaseAway as error:
        before = f" (of {len(contents)} files {len(done)} before it were)" if done else ""
        unsure = f"it is not certain that {contents[len(done)].name} was added{before}"
        raise DatabaseAway(f"{error}; {unsure}: {again}, nothing is added twice") from error
    finally:
        engine.dispose()
    return done


def go_to_work(
    invocation: Invocation,
    command: str,
    brought: Sequence[tuple[int, bool]],
    *,
    quiet: bool,
    as_json: bool,
    also: dict[str, Any] | None = None,
) -> int | None:
    """Work until nothing is left that is due; the exit code. None: another dl-lit works the database, and has it.

    `brought` are the sources that the command added: (id, whether its content is new).
    """
    from dl_lit.cli.running import run  # noqa: PLC0415 - the whole program

    try:
        return run(
            invocation,
            [],
            command,
            concurrent=True,
            dry_run=False,
            no_report=False,
            quiet=quiet,
            as_json=as_json,
            also=also,
            brought=brought,
        )
    except DatabaseBusy:
        click.echo("dl-lit: another dl-lit works on this database: it takes the entries up by itself", err=True)
        return None


def _plain(done: Sequence[Brought]) -> Any:
    import msgspec  # noqa: PLC0415 - with what prints

    return msgspec.to_builtins(done)


def _tell(done: Sequence[Brought]) -> None:
    from dl_lit.app.wording import count  # noqa: PLC0415
    from dl_lit.cli.printing import line  # noqa: PLC0415

    for one in done:
        if one.source is None:
            line(f"{one.path}: no entry in it could be read")
            continue
        lost = f", {one.lost} left out" if one.lost else ""
        line(
            f"{one.path}: {count(one.entries, 'entry', 'entries')} added as s{one.source}{lost}"
            if one.new
            else f"{one.path}: known already as s{one.source}, nothing added"
        )
        if one.duplicates:
            line(f"  {len(one.duplicates):,} of works that are known already, or named twice")
        if one.pdfs or one.missing:
            gone = f", {len(one.missing):,} not there" if one.missing else ""
            line(f"  {count(one.pdfs, 'PDF')} came with them: looked at when the works are known{gone}")


def _tell_troubles(one: Brought) -> None:
    """Say on standard error what could not be read, what is there twice, and which files are missing."""
    from dl_lit.cli.printing import shown, tell_first  # noqa: PLC0415

    for problem in one.problems:
        what = "left out" if problem.is_entry_lost else "read in part"
        click.echo(
            f"dl-lit: {one.path}:{problem.line}: {what}: {shown(problem.message)}: {shown(problem.text, width=80)}",
            err=True,
        )
    rest = "--json lists them all"
    names = [f"{one.path}:{each.line}: {each.of} (by {each.matched_on})" for each in one.duplicates]
    tell_first(names, "named before", rest=rest)
    tell_first([f"{one.path}:{each.line}: {each.path}" for each in one.missing], "no such PDF", rest=rest)
