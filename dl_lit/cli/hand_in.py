"""`dl-lit hand-in FILE...`: give PDFs that you got yourself to the works that wait for them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dl_lit.cli.invocation import Invocation
from dl_lit.cli.options import common_options, json_option
from dl_lit.core.controls import json_shown

if TYPE_CHECKING:
    from dl_lit.app.deciding.handing_in import Handed

SCHEMA = "dl-lit/hand-in/1"


@click.command(
    epilog="""\b
Examples:
  dl-lit hand-in ~/Downloads/paper.pdf          which work is it? It takes its place
  dl-lit hand-in ~/Downloads/*.pdf --move       what was taken goes to ~/Downloads/taken
  dl-lit hand-in scan.pdf --work w12            you say which it is, a scan for example

A running dl-lit takes in by itself what is dropped into the folder of the setting hand_in.folder."""
)
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path), metavar="FILE|DIR...")
@click.option("--work", "work", metavar="wID", help="The work it is: you have looked. One file only.")
@click.option("--move", is_flag=True, help="Move files that were taken into the folder `taken` beside them.")
@json_option
@common_options
@click.pass_obj
def command(invocation: Invocation, *, paths: tuple[Path, ...], work: str | None, move: bool, as_json: bool) -> int:
    """Recognise PDFs, bind each to the work that waits for it, and put it into the library.

    A file that may be a work, but is not proven to be, goes to the library's quarantine: dl-lit review decides. Others
    are left where they are. Ends with 3 when some were not taken. Works beside a running dl-lit.
    """
    from dl_lit.app.deciding.hand_in_desk import hand_in_desk  # noqa: PLC0415
    from dl_lit.app.deciding.handing_in import State  # noqa: PLC0415 - what opens PDFs and the database, not for --help
    from dl_lit.app.intake.inbox import pdfs_in  # noqa: PLC0415

    invocation.start_logging(warnings_only=True)
    files = [file for path in paths for file in (pdfs_in(path) if path.is_dir() else [path])]
    if work is not None and len(files) != 1:
        raise click.UsageError("--work is about one file")
    with hand_in_desk(invocation.settings) as desk:
        handed = [desk.take(file, work_id=_number(work), move=move) for file in files]
    if as_json:
        document = {"schema": SCHEMA, "files": [_document(one) for one in handed]}
        click.echo(json_shown(json.dumps(document, ensure_ascii=False)))
    else:
        for line in _lines(handed):
            click.echo(line)
    return 0 if all(one.state in {State.TAKEN, State.KNOWN} for one in handed) else 3


def _number(work: str | None) -> int | None:
    if work is None:
        return None
    number = work.removeprefix("w")
    if not (number.isascii() and number.isdigit()):
        raise click.BadParameter(f"{work!r} is no work; they are written w12", param_hint="--work")
    return int(number)


def _lines(handed: Iterable[Handed]) -> Iterable[str]:
    from dl_lit.cli.printing import shown  # noqa: PLC0415 - as above

    for one in handed:
        yield shown(f"{one.path}: {one.state.value}: {one.told}")
        if one.nearest:
            yield "  look at " + ", ".join(f"dl-lit explain w{work_id}" for work_id in one.nearest)


def _document(one: Handed) -> dict[str, object]:
    return {
        "path": str(one.path),
        "state": one.state.value,
        "told": one.told,
        "work": one.work_id,
        "title": one.title,
        "score": one.score,
        "library_path": one.library_path,
        "reason": one.reason.value if one.reason else None,
        "nearest": list(one.nearest),
    }
