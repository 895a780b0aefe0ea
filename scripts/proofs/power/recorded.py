"""Runs whose every change of the disk was written down, each in a folder that is made again as often as needed."""

from __future__ import annotations

import dataclasses
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import click
from proofs.picture import Picture
from proofs.power.disk import NOT_DURABLE, Kept, Outage, files_in, remains
from proofs.power.tape import Node, Tape
from proofs.scene import FINISHED, Scene
from proofs.shim.journal import Call, calls
from proofs.shim.loaded import Shim

from db.reading.doctor import invariants
from db.reading.files import library_files
from db.reading.opening import reading

PAPERS = "papers"
STDERR = "stderr"  # ours, not the program's
WATCHING = ("watch-folder-concurrent", "--afterwards", "move")
_LONGEST_S = 120.0
_WATCHES = b"dl-lit: watching "  # said when it is up
_MAPPED = ("-shm", "bench.db.running")  # files that may be written through a mapping: nothing is promised by them
_WATCH_ENV = {"DL_LIT_WATCH_STABLE_S": "0.2", "DL_LIT_WATCH_POLL_S": "0.5"}
_DONE = "SELECT stage, item_id FROM attempts WHERE outcome = 'done'"
_LEFT = """
SELECT (SELECT count(*) FROM sources WHERE state = 'pending') + (SELECT count(*) FROM no_metadata)
     + (SELECT count(*) FROM with_metadata) + (SELECT count(*) FROM to_download_references),
       (SELECT count(*) FROM sources), (SELECT count(*) FROM watched_files WHERE filed IS NOT NULL)
"""


@dataclass(frozen=True, slots=True)
class Way:
    """How a run is begun, how it ends, and what else must hold at every moment of it."""

    name: str
    is_watching: bool = False
    prepare: Callable[[Scene, Path], None] = field(default=lambda _scene, _root: None)
    amiss: Callable[[Path, sqlite3.Connection], list[str]] = field(default=lambda _root, _connection: [])


@dataclass(frozen=True, slots=True)
class Recorded:
    """A run that went well, with its journal."""

    way: Way
    scene: Scene  # its papers are those in the run's own folder
    root: Path
    tape: Tape
    calls: Sequence[Call]
    expected: Picture
    papers: Mapping[str, str]  # SHA-256: name
    before: frozenset[tuple[str, int]]  # stage and number of what had been reported done before it


def kinds_of(root: Path) -> dict[str, Path]:
    """The kinds of files of a run, by what their paths begin with."""
    return {
        "database": root / "bench.db",
        "library": root / "library",
        "state": root / "state",
        "cache": root / "cache",
        "watched": root / PAPERS,
        "log": root / "log.jsonl",
    }


def record(scene: Scene, way: Way, base: Path, shim: Shim) -> Recorded:
    """Run the papers once, undisturbed, below the new folder `base`. Raises `Unknown` where the journal has holes."""
    root = base / "run"
    root.mkdir(parents=True)
    shutil.copytree(scene.pdfs, root / PAPERS)
    scene = dataclasses.replace(scene, pdfs=root / PAPERS)
    way.prepare(scene, root)
    before = frozenset(done(scene.database(root)))
    tape, seen = _recorded(scene, way, root, shim)
    return Recorded(way, scene, root, tape, seen, scene.picture(root), _papers(tape), before)


def resume(recorded: Recorded, shim: Shim, before: frozenset[tuple[str, int]]) -> Recorded:
    """Run it again in its folder as that is now, as `record` does; `before` is what has been reported done."""
    tape, seen = _recorded(recorded.scene, recorded.way, recorded.root, shim)
    return dataclasses.replace(recorded, tape=tape, calls=seen, before=before)


def _recorded(scene: Scene, way: Way, root: Path, shim: Shim) -> tuple[Tape, list[Call]]:
    journal = root.with_name("journal")
    (root / STDERR).write_bytes(b"")
    tape = Tape.of_folder(root)
    kinds = kinds_of(root)
    code = run(scene, way, root, also=shim.environment(root, kinds, journal=journal, with_data=True))
    seen = list(calls(journal, list(kinds)))
    journal.unlink()
    if code not in FINISHED:
        raise click.ClickException(f"an undisturbed run ended with {code}: see {root / STDERR}")
    tape.record(seen)
    if unlike := unlike_the_folder(tape):
        raise click.ClickException(f"the journal has holes, the disk differs in {', '.join(unlike)}")
    mapped = {Path(call.path).name for call in seen if call.call == "mmap" and not call.path.endswith(_MAPPED)}
    if mapped:
        raise click.ClickException(f"written through a mapping, which no journal sees: {', '.join(sorted(mapped))}")
    return tape, seen


def unlike_the_folder(tape: Tape) -> list[str]:
    """Files that are not in the tape's folder as the tape played to its end has them, or the reverse."""
    end = remains(tape, Outage(len(tape.steps) + 10**9, is_strict=True, names=Kept.ALL, bytes=Kept.ALL, seed=0))
    played = dict(files_in(tape, end))
    there = {
        str(path.relative_to(tape.root)): path.read_bytes()
        for path in tape.root.rglob("*")
        if path.is_file() and not path.is_symlink() and not path.name.endswith(NOT_DURABLE)
    }
    loose = {name for name in (*played, *there) if name.endswith(_MAPPED)} | {STDERR}
    return sorted(name for name in {*played, *there} - loose if played.get(name) != there.get(name))


def done(database: Path) -> set[tuple[str, int]]:
    """Stage and number of the items that the database knows to be done; none where there is no table yet."""
    if not database.exists():
        return set()
    with closing(sqlite3.connect(database)) as connection:
        try:
            return set(connection.execute(_DONE).fetchall())
        except sqlite3.OperationalError as error:
            if "no such table" not in str(error):
                raise
            return set()


def run(scene: Scene, way: Way, root: Path, *, also: Mapping[str, str] | None = None) -> int:
    """Run it to its end; the exit code. A watching program is told to end when nothing is left to do."""
    told = len(_errors(root))
    child = start(scene, way, root, also=also)
    try:
        if way.is_watching:
            _wait_for(child, lambda: _WATCHES in _errors(root)[told:] and is_settled(scene, root))
            child.send_signal(signal.SIGTERM)
        return child.wait(timeout=_LONGEST_S)
    except subprocess.TimeoutExpired:
        return -signal.SIGKILL  # what it comes to below
    finally:
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()


def start(scene: Scene, way: Way, root: Path, *, also: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
    """Begin it; a watching program does not end by itself."""
    if not way.is_watching:
        return scene.start(root, also=also)
    return scene.start(root, command=WATCHING, options=(), also={**_WATCH_ENV, **(also or {})})


def amiss(scene: Scene, root: Path) -> list[str]:
    """What `dl-lit doctor --files` would say is not so of database and library, without another process."""
    with reading(scene.database(root)) as connection:
        found = [*invariants(connection), *library_files(connection, scene.library(root), contents=True, running=False)]
    return [f"doctor: not so: {one.says}: {'; '.join(one.examples)}" for one in found if not one.holds]


def doctor(scene: Scene, root: Path) -> subprocess.CompletedProcess[str]:
    """What `dl-lit doctor --files --json` says of the run's folder."""
    command = [sys.executable, "-m", "dl_lit", "doctor", "--files", "--json"]
    return subprocess.run(
        command, env=scene.environment(root), capture_output=True, text=True, check=False, timeout=_LONGEST_S
    )


def _errors(root: Path) -> bytes:
    path = root / STDERR
    return path.read_bytes() if path.exists() else b""


def is_settled(scene: Scene, root: Path) -> bool:
    """Whether all papers were taken, nothing waits, and what was read has been put away."""
    try:
        with closing(sqlite3.connect(f"file:{scene.database(root)}?mode=ro", uri=True)) as connection:
            left, sources, put_away = connection.execute(_LEFT).fetchone()
    except sqlite3.Error:
        return False
    return bool(not left and sources and put_away >= sources) and not list(scene.pdfs.glob("*.pdf"))


def _wait_for(child: subprocess.Popen[bytes], is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + _LONGEST_S
    while not is_so():
        if child.poll() is not None or time.monotonic() > end:
            return  # the exit code, or what is missing afterwards, tells
        time.sleep(0.05)


def _papers(tape: Tape) -> dict[str, str]:
    """The papers that were there before the run."""
    folder = tape.first[0].get(PAPERS, -1)
    nodes: dict[str, Node] = {name: tape.nodes[number] for name, number in tape.first.get(folder, {}).items()}
    return {sha256(node.content).hexdigest(): name for name, node in nodes.items() if not node.is_folder}
