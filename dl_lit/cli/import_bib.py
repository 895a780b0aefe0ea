"""`dl-lit import-bib FILE…`: entries that need no extraction."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dl_lit.cli.invocation import Invocation
from dl_lit.cli.options import common_options, json_option
from dl_lit.core.errors import BadInput
from dl_lit.core.values import dataclass

if TYPE_CHECKING:
    from dl_lit.core.model import Reference
    from dl_lit.core.store import AddedSource, NewSource
    from dl_lit.exports.imported import ImportProblem


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    """What one file came to."""

    path: str
    source: int | None  # None: there was nothing in it to add
    new: bool  # False: its content was known already
    entries: int
    problems: tuple[ImportProblem, ...]

    @property
    def lost(self) -> int:
        return sum(problem.is_entry_lost for problem in self.problems)


@click.command()
@click.argument("files", type=click.Path(path_type=Path), nargs=-1, required=True, metavar="FILE...")
@json_option
@common_options
@click.pass_obj
def command(invocation: Invocation, *, files: tuple[Path, ...], as_json: bool) -> int:
    """Add the entries of BibTeX or RIS files; a pipeline recognises and fetches the works they name.

    Every entry that cannot be read is told with its line; the others are added. Ends with 3 when there was one.
    """
    from db.connect import open_database  # noqa: PLC0415 - brings SQLAlchemy, which --help need not load
    from db.intake import add_entries  # noqa: PLC0415
    from dl_lit.cli.printing import print_document  # noqa: PLC0415
    from dl_lit.cli.running import tell_upgrade  # noqa: PLC0415
    from dl_lit.core.clock import SystemClock  # noqa: PLC0415

    contents = [(path, _read(path)) for path in files]  # all of them, before anything is written
    settings = invocation.settings
    engine = open_database(settings.database, synchronous=settings.synchronous, on_upgrade=tell_upgrade)
    try:
        clock = SystemClock()
        done = [
            _import(lambda source, entries: add_entries(engine, source, entries, clock), path, data)
            for path, data in contents
        ]
    finally:
        engine.dispose()
    if as_json:
        print_document("dl-lit/import/1", {"files": done})
    else:
        for one in done:
            _tell(one)
    return 3 if any(one.lost or not one.entries for one in done) else 0


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadInput(f"cannot read {path}: {error.strerror}") from error


def _import(add: Callable[[NewSource, list[Reference]], AddedSource], path: Path, data: bytes) -> _File:
    from dl_lit.core.source_path import path_text  # noqa: PLC0415 - as above
    from dl_lit.core.store import NewSource, SourceKind  # noqa: PLC0415
    from dl_lit.exports.read_bib import read_bib  # noqa: PLC0415

    read = read_bib(data)
    # Positions number what is kept: a source's entries are 1 to n without gaps.
    references = [replace(one, position=number) for number, one in enumerate(read.references, start=1)]
    if not references:
        return _File(path=str(path), source=None, new=False, entries=0, problems=read.problems)
    source = NewSource(path_text(path.absolute()), hashlib.sha256(data).hexdigest(), len(data), SourceKind.BIBLIOGRAPHY)
    added = add(source, references)
    return _File(path=str(path), source=added.id, new=added.is_new, entries=len(references), problems=read.problems)


def _tell(one: _File) -> None:
    from dl_lit.cli.printing import line, shown  # noqa: PLC0415 - as above

    for problem in one.problems:
        what = "left out" if problem.is_entry_lost else "read in part"
        click.echo(
            f"dl-lit: {one.path}:{problem.line}: {what}: {shown(problem.message)}: {shown(problem.text, width=80)}",
            err=True,
        )
    if one.source is None:
        line(f"{one.path}: no entry in it could be read")
    elif one.new:
        line(
            f"{one.path}: {one.entries:,} entries added as s{one.source}"
            + (f", {one.lost} left out" if one.lost else "")
        )
    else:
        line(f"{one.path}: known already as s{one.source}, nothing added")
