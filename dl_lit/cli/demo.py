"""`dl-lit demo`: the whole pipeline on the shipped papers, against a replica of the scholarly web on this machine."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from dl_lit.cli.invocation import Invocation
from dl_lit.cli.running import run, run_options
from dl_lit.core.database_address import shown
from dl_lit.core.errors import BadInput, DlLitError

_MARK = ".dl-lit-demo"
_DATABASE = "demo.db"
_SCALE = 10.0
_GIANT = 300
"""Works that one of the fetched papers cites, for who lets the demo snowball."""

_START_S = 60.0


@click.command()
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    default=Path("dl-lit-demo"),
    show_default=True,
    help="Where to put database, library and reports; an earlier demo there is replaced.",
)
@run_options
@click.pass_obj
def command(invocation: Invocation, /, *, folder: Path, **options: Any) -> int:
    """See the whole pipeline work on made-up papers, without internet.

    A replica of the scholarly web is started on this machine's loopback; its time runs ten times as fast. Ends with 0
    although some works cannot be had: that is what the reports are for.
    """
    from dl_lit.demo.assets import broken_pdfs, sample_pdfs, universe_path  # noqa: PLC0415

    folder = folder.absolute()
    _prepare(folder)
    with _replica(universe_path()) as env:
        _point_here(env, folder)
        papers = [_copied(path, folder / "papers") for path in (*sample_pdfs(), *broken_pdfs())]
        if not options["as_json"]:
            click.echo(f"dl-lit: {len(papers)} papers; the scholarly web is played by this machine", err=True)
        code = run(invocation, papers, "demo", **options)
    if not options["as_json"]:
        for text in how_to_look(invocation.settings.database):
            click.echo(text)
    return 0 if code == 3 else code


def how_to_look(database: Path) -> Iterator[str]:
    """Lines that say where the demo's database is and how to look at it; none where there is none."""
    from db.connect import is_there  # noqa: PLC0415 - brings SQLAlchemy, which --help need not load

    if is_there(database):
        named = shlex.quote(shown(database))
        yield f"database     {shown(database)}, the demo's own: other commands look at it with --db, as"
        for command in ("status", "explain w1", "serve"):
            yield f"               dl-lit {command} --db {named}"


def _prepare(folder: Path) -> None:
    """An empty folder with our mark; only a folder that bears it is ever emptied."""
    if folder.exists() and not (folder / _MARK).exists() and any(folder.iterdir()):
        raise BadInput(f"{folder} exists and is no earlier demo: name another folder with --folder")
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    (folder / _MARK).touch()


def _copied(path: Path, folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    return Path(shutil.copy(path, folder / path.name))


def _point_here(env: dict[str, str], folder: Path) -> None:
    """Let no setting of the user's have a say: the demo is the same everywhere, and asks nobody outside."""
    from dl_lit.demo.pace import quick_motion  # noqa: PLC0415

    for name in [name for name in os.environ if name.startswith("DL_LIT_")]:
        del os.environ[name]
    (folder / "config.toml").touch()
    os.environ |= env | quick_motion(_SCALE)
    os.environ |= {
        "DL_LIT_CONFIG": str(folder / "config.toml"),
        "DL_LIT_DB": str(folder / _DATABASE),
        "DL_LIT_LIBRARY": str(folder / "library"),
        "DL_LIT_STATE_FOLDER": str(folder / "state"),
        "DL_LIT_CACHE_FOLDER": str(folder / "cache"),
        "DL_LIT_LOG_FILE": str(folder / "demo.log"),
        "DL_LIT_CONTACT_EMAIL": "demo@dl-lit.org",
        "DL_LIT_OPENALEX_KEY": "demo",
    }


@contextmanager
def _replica(universe: Path) -> Iterator[dict[str, str]]:
    """A replica in a process of its own, as the web would be; it ends with us whatever happens."""
    command = [
        sys.executable,
        "-m",
        "dl_lit.replica",
        "--universe",
        str(universe),
        "--seed",
        "1",
        "--woven",
        str(_GIANT),
    ]
    command += ["--latency-profile", "realistic", "--time-scale", str(_SCALE)]
    # Our own interpreter and our own module.
    child = subprocess.Popen(  # noqa: S603
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    )
    try:
        line = child.stdout.readline() if child.stdout else b""
        if not line:
            raise DlLitError(f"the replica did not start (it ended with {child.wait(_START_S)}): see its message above")
        yield json.loads(line)["env"]
    finally:
        child.terminate()
        child.wait(_START_S)
        for pipe in (child.stdin, child.stdout):
            if pipe:
                pipe.close()
