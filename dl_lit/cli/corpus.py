"""`dl-lit corpus`: bibliographies of any number of PDFs as tasks of an engine, the results as Parquet."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dl_lit.cli.invocation import Invocation
from dl_lit.cli.options import common_options, json_option, setting_option
from dl_lit.core.errors import BadInput, NeedsConfiguration

if TYPE_CHECKING:
    from dl_lit.app.corpus.bringing import BroughtCorpus
    from dl_lit.app.corpus.engines.engine import Engine
    from dl_lit.app.corpus.extracting import Ended
    from dl_lit.app.corpus.places import Place
    from dl_lit.app.corpus.running import Tally

_SCHEMA = "dl-lit/corpus/1"
_EVERY_S = 5.0
_SOME_FAILED = 3
_INTERRUPTED = 130
_NO_RAY = (
    "--engine ray is not offered: Dask does the same with less to install and to start "
    "(docs/decisions/0030-corpora-on-dask.md has the figures); use --engine dask, or local"
)


def _on_engine(function: Any) -> Any:
    """The options that say who does the work, and how it is told."""
    for decorate in reversed(
        (
            click.option(
                "--engine",
                type=click.Choice(["local", "dask", "ray"]),
                default="local",
                show_default=True,
                help="This machine, or the workers of a Dask cluster. (Ray is not offered: it says why.)",
            ),
            click.option(
                "--scheduler",
                metavar="ADDRESS|FILE",
                help="The Dask scheduler: tcp://host:8786, or its scheduler file. [$DASK_SCHEDULER_ADDRESS]",
            ),
            setting_option(
                "--workers", "workers.extraction", type=int, metavar="N", help="With local: so many at the same time."
            ),
            click.option(
                "--take-over",
                is_flag=True,
                help="Go on although an object store has the note of another call, which is known to be dead.",
            ),
            click.option("--quiet", is_flag=True, help="No progress."),
            json_option,
            common_options,
        )
    ):
        function = decorate(function)
    return function


@click.group(
    "corpus",
    epilog="""\b
Examples:
  dl-lit corpus extract ~/papers out                      on this machine
  dl-lit corpus extract s3://b/pdfs s3://b/out --engine dask --scheduler tcp://head:8786
  dl-lit corpus match out matched                         against what import-metadata indexed
  dl-lit corpus import out --matches matched --db lit.db  and into a database

A second call does only what is missing. docs/corpus.md tells of SLURM, Kubernetes, and every column.""",
)
@common_options
def command() -> None:
    """Read the bibliographies of corpora of any size, here or on a cluster; results are Parquet files.

    Needs the extra dl-lit[corpus] (scripts/setup --corpus).
    """


@command.command(
    short_help="Read the bibliographies of a corpus.",
    epilog="""INPUT is a folder (with all below it), a pattern in quotes, a file with a path in each line, or an address
such as s3://bucket/folder. OUTPUT is a folder, or such an address.

\b
Exit codes: 0 all read, 1 it could not go on (call it again), 3 all done, but some could not be read,
4 another call is at work on OUTPUT, 130 interrupted.""",
)
@click.argument("source", metavar="INPUT")
@click.argument("target", metavar="OUTPUT")
@click.option(
    "--again",
    multiple=True,
    metavar="REASON",
    help="Also read anew what ended with this reason, such as parse-timeout (and the handful it is in).",
)
@_on_engine
@click.pass_obj
def extract(
    invocation: Invocation,
    *,
    source: str,
    target: str,
    again: tuple[str, ...],
    engine: str,
    scheduler: str | None,
    take_over: bool,
    quiet: bool,
    as_json: bool,
) -> int:
    """Read the bibliography of every PDF of INPUT that OUTPUT does not have yet.

    Each content is read once, by whatever names it has. Bad files are told with their reason and passed over.
    """
    _refuse_ray(engine)
    with _needing_the_extra():
        from dl_lit.app.corpus.extracting import extract as go  # noqa: PLC0415 - brings Arrow

    from dl_lit.app.corpus.listing import listing_of  # noqa: PLC0415 - heavy, which --help need not load
    from dl_lit.core.clock import SystemClock  # noqa: PLC0415

    invocation.start_logging(warnings_only=True)
    settings = invocation.settings
    listing, place, shower = listing_of(source), _place(target), _Shower(quiet=quiet)
    ended = go(
        settings,
        listing,
        place,
        _opening(engine, settings.workers.extraction, scheduler),
        clock=SystemClock(),
        take_over=take_over,
        progress=shower.show,
        again=frozenset(map(_reason, again)),
    )
    return _told(ended, place, shower, as_json=as_json, is_failing=True)


@command.command(
    short_help="Find out, by a local index, which works the references of a corpus are.",
    epilog="""INPUT is what dl-lit corpus extract wrote. The index is that of dl-lit import-metadata; all nodes need it
under the same path. References without a match have a reason in the result; that is no failure.

\b
Exit codes: 0 all decided, 1 it could not go on (call it again), 3 some tasks could not be done,
4 another call is at work on OUTPUT, 130 interrupted.""",
)
@click.argument("source", metavar="INPUT")
@click.argument("target", metavar="OUTPUT")
@setting_option("--index", "local_index", metavar="FILE", help="The index to match against.")
@_on_engine
@click.pass_obj
def match(
    invocation: Invocation,
    *,
    source: str,
    target: str,
    engine: str,
    scheduler: str | None,
    take_over: bool,
    quiet: bool,
    as_json: bool,
) -> int:
    """Match the references of INPUT against the index of dl-lit import-metadata; nobody else is asked."""
    _refuse_ray(engine)
    with _needing_the_extra():
        from dl_lit.app.corpus.matching_run import match as go  # noqa: PLC0415 - brings Arrow

    from dl_lit.core.clock import SystemClock  # noqa: PLC0415 - as above

    invocation.start_logging(warnings_only=True)
    settings = invocation.settings
    place, shower = _place(target), _Shower(quiet=quiet)
    ended = go(
        settings.local_index.absolute(),
        _place(source),
        place,
        _opening(engine, settings.workers.extraction, scheduler, is_matching=True),
        clock=SystemClock(),
        take_over=take_over,
        progress=shower.show,
    )
    return _told(ended, place, shower, as_json=as_json, is_failing=False)


@command.command("import", short_help="Bring what was read into a database.")
@click.argument("source", metavar="INPUT")
@click.option("--matches", metavar="OUTPUT", help="What dl-lit corpus match wrote for it: these entries are resolved.")
@click.option("--quiet", is_flag=True, help="No progress.")
@json_option
@common_options
@click.pass_obj
def import_(invocation: Invocation, *, source: str, matches: str | None, quiet: bool, as_json: bool) -> int:
    """Add the PDFs that dl-lit corpus extract read as sources, with their entries; none is read again.

    Contents that the database has are left as they are. A pipeline goes on from there: dl-lit run-pipeline.
    """
    with _needing_the_extra():
        from dl_lit.app.corpus.bringing import bring_corpus  # noqa: PLC0415 - brings Arrow

    from db.connect import open_database  # noqa: PLC0415 - brings SQLAlchemy
    from dl_lit.cli.printing import line, print_document  # noqa: PLC0415
    from dl_lit.cli.running import tell_upgrade  # noqa: PLC0415
    from dl_lit.core.clock import SystemClock  # noqa: PLC0415

    invocation.start_logging(warnings_only=True)
    settings, last = invocation.settings, time.monotonic()

    def show(so_far: BroughtCorpus) -> None:
        nonlocal last
        if not quiet and time.monotonic() - last >= _EVERY_S:
            last = time.monotonic()
            click.echo(f"dl-lit: {so_far.sources:,} sources added, {so_far.known:,} known", err=True)

    place, matched = _place(source), None if matches is None else _place(matches)
    database = open_database(settings.database, synchronous=settings.synchronous, on_upgrade=tell_upgrade)
    try:
        done = bring_corpus(database, place, matched, SystemClock(), show)
    finally:
        database.dispose()
    if as_json:
        print_document("dl-lit/corpus-import/1", done)
    else:
        line(f"{done.sources:,} sources added with {done.entries:,} entries, {done.resolved:,} of them resolved")
        if done.failed:
            line(f"  {done.failed:,} of them could not be read: dl-lit status tells why")
        if done.known:
            line(f"  {done.known:,} were there already")
    return 0


def _reason(word: str) -> str:
    from dl_lit.core.reasons import Reason  # noqa: PLC0415 - not for --help

    try:
        return Reason(word).value
    except ValueError:
        raise BadInput(f"--again {word}: no such reason; the summary and docs/reasons.md list them") from None


def _refuse_ray(engine: str) -> None:
    if engine == "ray":
        raise BadInput(_NO_RAY)


class _needing_the_extra:  # noqa: N801 - reads as a word
    """What is imported within needs an extra; says so where it is not installed."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, ImportError) and (error.name or "").partition(".")[0] == "pyarrow":
            said = "dl-lit corpus needs the extra dl-lit[corpus]: scripts/setup --corpus installs it"
            raise NeedsConfiguration(said) from error


def _place(text: str) -> Place:
    from dl_lit.app.corpus.places import is_address, place_at  # noqa: PLC0415 - heavy, which --help need not load
    from dl_lit.core.source_path import path_text  # noqa: PLC0415

    return place_at(text if is_address(text) or "://" in text else path_text(Path(text)))


def _opening(engine: str, workers: int, scheduler: str | None, *, is_matching: bool = False) -> Callable[[], Engine]:
    if scheduler is not None and engine != "dask":
        raise click.UsageError("--scheduler is for --engine dask")

    def opened() -> Engine:
        from dl_lit.app.corpus.engines.choosing import engine_of  # noqa: PLC0415 - as above

        return engine_of(engine, workers=workers, scheduler=scheduler, is_matching=is_matching)

    return opened


class _Shower:
    """A line on standard error now and then."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self.began = self._last = time.monotonic()
        self._notice = ""

    @property
    def seconds(self) -> float:
        """How long it has been going on."""
        return time.monotonic() - self.began

    def show(self, tally: Tally) -> None:
        """Say how far it is, unless that was said a moment ago; what it waits for at once, and once."""
        if self._quiet:
            return
        if tally.notice != self._notice:
            self._notice = tally.notice
            if tally.notice:
                click.echo(f"dl-lit: {tally.notice}", err=True)
        now = time.monotonic()
        if now - self._last < _EVERY_S:
            return
        self._last = now
        bad = sum(tally.reasons.values())
        counted = {
            "looking": "",
            "reading": f", {tally.documents:,} documents, {tally.references:,} references",
            "matching": f", {tally.references:,} references",
        }[tally.phase]
        click.echo(
            f"dl-lit: {tally.phase}: {tally.tasks_done:,} of {tally.tasks:,} tasks{counted}"
            + (f", {bad:,} with a reason instead" if bad else "")
            + f", {self.seconds:.0f} s",
            err=True,
        )


def _told(ended: Ended, place: Place, shower: _Shower, *, as_json: bool, is_failing: bool) -> int:
    from dl_lit.cli.printing import line, print_document, shown, tell_first  # noqa: PLC0415 - as above

    manifest, tally = ended.manifest, ended.tally
    tell_first(tally.troubles, "left out", rest="a second call looks again")
    if is_failing and not manifest.documents:
        click.echo("dl-lit: there is no PDF in it", err=True)
    tell_first(tally.lost, "not done", rest="a second call tries again")
    if as_json:
        document = {
            "output": place.name,
            "is_whole": manifest.is_whole,
            "interrupted": tally.is_interrupted,
            "documents": manifest.documents,
            "duplicates": manifest.duplicates,
            "references": manifest.references,
            "matches": manifest.matches,
            "failed": manifest.reasons,
            "partitions": len(manifest.partitions),
            "this_run": {
                "documents": tally.documents,
                "references": tally.references,
                "nodes": sorted(tally.nodes),
                "repeated_tasks": tally.repeated,
                "lost_tasks": tally.lost,
                "troubles": tally.troubles,
                "seconds": round(shower.seconds, 3),
            },
        }
        print_document(_SCHEMA, document)
    else:
        bad = sum(manifest.reasons.values())
        if is_failing:
            line(f"{shown(place.name)}: {manifest.documents:,} documents, {manifest.references:,} references")
        else:
            line(f"{shown(place.name)}: {manifest.matches - bad:,} of {manifest.matches:,} references matched")
        if manifest.duplicates:
            line(f"  {manifest.duplicates:,} files have the content of another one")
        for reason, number in sorted(manifest.reasons.items(), key=lambda one: (-one[1], one[0])):
            line(f"  {number:,} {reason}")
        if not manifest.is_whole and not tally.is_interrupted:
            line("  not whole: the same call goes on")
    if tally.is_interrupted:
        click.echo("dl-lit: interrupted: what was done stays, the same call goes on from there", err=True)
        return _INTERRUPTED
    if is_failing:
        return 0 if ended.is_all_well else _SOME_FAILED
    return _SOME_FAILED if tally.lost else 0
