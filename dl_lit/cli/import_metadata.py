"""`dl-lit import-metadata FILE…`: metadata of dumps, asked before any service is."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dl_lit.cli.invocation import Invocation
from dl_lit.cli.options import common_options, json_option

if TYPE_CHECKING:
    from db.local_index.upkeep import IndexStats
    from dl_lit.app.metadata.importing import FileTally

_EVERY_S = 5.0
_SCHEMA = "dl-lit/import-metadata/1"


@click.command()
@click.argument("files", type=click.Path(path_type=Path, allow_dash=True), nargs=-1, metavar="[FILE]...")
@click.option("--stats", "show_stats", is_flag=True, help="Show what the index holds, import nothing.")
@click.option(
    "--rebuild", is_flag=True, help="Make the index anew: from the files, or without any from its own records."
)
@click.option("--remove", is_flag=True, help="Remove the index.")
@click.option("--quiet", is_flag=True, help="No progress.")
@json_option
@common_options
@click.pass_obj
def command(
    invocation: Invocation,
    *,
    files: tuple[Path, ...],
    show_stats: bool,
    rebuild: bool,
    remove: bool,
    quiet: bool,
    as_json: bool,
) -> int:
    """Index dumps of metadata, to be asked before any service is: works of OpenAlex, of Crossref, of our own exports.

    JSON Lines or JSON, plain or packed with gzip, bzip2 or xz, also within tar archives; "-" is standard input. What is
    known already is not imported twice, a newer record of the same work replaces the older. What an import that was
    broken off has committed stays, and the same file goes on from there. Ends with 3 when records could not be read.
    """
    if show_stats + rebuild + remove > 1:
        raise click.UsageError("--stats, --rebuild and --remove exclude each other")
    path = invocation.settings.local_index
    if remove:
        return _remove(path, files, as_json=as_json)
    if show_stats:
        return _show_stats(path, files, as_json=as_json)
    if not files and not rebuild:
        raise click.UsageError("name a dump to import, or --stats, --rebuild, --remove")
    return _import(path, files, rebuild=rebuild, quiet=quiet, as_json=as_json)


def _import(path: Path, files: tuple[Path, ...], *, rebuild: bool, quiet: bool, as_json: bool) -> int:
    from dl_lit.app.metadata.importing import import_files  # noqa: PLC0415 - brings parsers, which --help need not load
    from dl_lit.app.metadata.local_metadata import copy_records, index_stats, remove_index, writing  # noqa: PLC0415
    from dl_lit.cli.printing import line, print_document  # noqa: PLC0415
    from dl_lit.core.errors import BadInput  # noqa: PLC0415
    from dl_lit.runtime import collector  # noqa: PLC0415

    if rebuild and not files and not path.exists():
        raise BadInput(f"there is no index at {path}: name the dumps to make it from")
    collector.calm()
    progress, was_there = _Progress(quiet=quiet), path.exists()
    done: list[FileTally] = []
    copied = 0
    try:
        with writing(path, anew=rebuild) as writer:
            if rebuild and not files:
                copied = copy_records(path, writer, progress.of_records)
            for one in import_files(files, writer, progress.of_file):
                done.append(one)
                _tell(one, say=(lambda _line: None) if as_json else line)
            if rebuild and done and all(one.unreadable for one in done):
                raise BadInput("nothing could be read: the index is as it was before")
            progress.say("putting the index in order")
    except KeyboardInterrupt:
        kept = (
            "the index is as it was before" if rebuild else "what was committed stays; the same call goes on from there"
        )
        click.echo(f"dl-lit: interrupted: {kept}", err=True)
        raise
    if not was_there and done and all(one.unreadable for one in done):
        remove_index(path)
    now = index_stats(path)
    if as_json:
        print_document(_SCHEMA, {"files": [_summary(one) for one in done], "copied": copied, "index": now})
    elif now is not None:
        _tell_stats(now)
    if done and all(one.unreadable for one in done):
        return BadInput.exit_code
    return 3 if any(one.bad or one.unreadable for one in done) else 0


def _summary(one: FileTally) -> dict[str, Any]:
    return {
        "name": one.name,
        "records": one.records,
        "known": one.known,
        "resumed_after": one.resumed_after,
        **{name: one.counts[name] for name in ("new", "replaced", "unchanged", "older", "untitled")},
        "bad": one.bad,
        "problems": one.problems,
        "unreadable": one.unreadable,
    }


def _tell(one: FileTally, say: Callable[[str], None]) -> None:
    from dl_lit.cli.printing import shown  # noqa: PLC0415 - as above

    for problem in one.problems if one.unreadable is None else ():
        click.echo(f"dl-lit: {shown(problem)}", err=True)
    if one.bad > len(one.problems) and one.unreadable is None:
        click.echo(f"dl-lit: {one.name}: and {one.bad - len(one.problems):,} more that could not be read", err=True)
    if one.unreadable is not None:
        click.echo(f"dl-lit: {shown(one.unreadable)}", err=True)
    elif one.known:
        say(f"{one.name}: imported before, nothing to do")
    else:
        counts = ", ".join(f"{number:,} {name}" for name, number in one.counts.items() if number) or "nothing new"
        resumed = f", gone on after {one.resumed_after:,}" if one.resumed_after else ""
        say(
            f"{one.name}: {one.records:,} records{resumed}: {counts}" + (f", {one.bad:,} unreadable" if one.bad else "")
        )


class _Progress:
    """A line on standard error now and then."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._start = self._last = time.monotonic()

    def of_file(self, tally: FileTally) -> None:
        """Say how far it is, unless that was said a moment ago."""
        self._now_and_then(f"{tally.name}: {tally.records:,} records, {tally.bad:,} unreadable")

    def of_records(self, number: int) -> None:
        """Say how many records were taken over from the index itself."""
        self._now_and_then(f"{number:,} records")

    def say(self, what: str) -> None:
        """Say it now, if the import has been going on for a while."""
        if not self._quiet and time.monotonic() - self._start >= _EVERY_S:
            click.echo(f"dl-lit: {what}", err=True)

    def _now_and_then(self, what: str) -> None:
        if time.monotonic() - self._last >= _EVERY_S:
            self._last = time.monotonic()
            self.say(f"{what}, {self._last - self._start:.0f} s")


def _show_stats(path: Path, files: tuple[Path, ...], *, as_json: bool) -> int:
    from dl_lit.app.metadata.local_metadata import index_stats  # noqa: PLC0415 - as above
    from dl_lit.cli.printing import line, print_document  # noqa: PLC0415

    if files:
        raise click.UsageError("--stats imports nothing: name no files")
    now = index_stats(path)
    if as_json:
        print_document(_SCHEMA, {"index": now})
    elif now is None:
        line(f"nothing was imported yet ({path})")
    else:
        _tell_stats(now)
    return 0


def _tell_stats(now: IndexStats) -> None:
    from dl_lit.cli.printing import line, moment_of, shown, size  # noqa: PLC0415 - as above

    sources = ", ".join(f"{number:,} of {source}" for source, number in now.by_source.items())
    line(f"{now.path}: {now.records:,} records{f' ({sources})' if sources else ''}, {size(now.size_bytes)}")
    if now.newest_import:
        line(f"{now.files:,} file{'' if now.files == 1 else 's'} imported, last {moment_of(now.newest_import)}")
    for name in now.unfinished:
        line(f"not whole: {shown(name)}: import it again to go on")


def _remove(path: Path, files: tuple[Path, ...], *, as_json: bool) -> int:
    from dl_lit.app.metadata.local_metadata import remove_index  # noqa: PLC0415 - as above
    from dl_lit.cli.printing import line, print_document  # noqa: PLC0415

    if files:
        raise click.UsageError("--remove removes the whole index: name no files")
    was_there = remove_index(path)
    if as_json:
        print_document(_SCHEMA, {"removed": was_there})
    else:
        line(f"{path} removed" if was_there else f"there is no index at {path}")
    return 0
