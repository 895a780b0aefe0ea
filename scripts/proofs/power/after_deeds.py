"""The power goes while somebody hands in, decides on a file, gets a better copy or restores."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import click
from proofs.machine.row import Trial
from proofs.power.deeds import MINE, Deed, settings_of, start
from proofs.power.disk import Outage, materialise, remains
from proofs.power.judging import database_amiss, files_amiss
from proofs.power.moments import cuts
from proofs.power.tape import Tape
from proofs.shim.journal import Call, calls
from proofs.shim.loaded import Shim

from db.reading.doctor import invariants
from db.reading.files import library_files
from db.reading.opening import reading
from dl_lit.core.errors import DlLitError
from dl_lit.library.incoming import INCOMING

CHECKOUT = Path(__file__).resolve().parents[3]
_LONGEST_S = 120.0
_ROWS = (
    "SELECT 'file', work_id, status, file_path, checksum_pdf, replaces FROM downloaded_references UNION ALL "
    "SELECT 'failure', work_id, stage, reason, held, NULL FROM failed_downloads UNION ALL "
    "SELECT 'refused', work_id, sha256, path, NULL, NULL FROM refused_files UNION ALL "
    "SELECT 'source', id, sha256, NULL, NULL, NULL FROM sources ORDER BY 1, 2"
)
_SWEPT = f"left behind: library/{INCOMING}/"  # by the next start
_NO_MATTER = (".lock", ".running", ".faults", "-wal", "-shm")


@dataclass(frozen=True, slots=True)
class Done:
    """A deed that was done undisturbed, with its journal."""

    deed: Deed
    root: Path
    tape: Tape
    calls: Sequence[Call]
    before: frozenset[str]  # what its rows lacked before it, as it was made
    expected: State


@dataclass(frozen=True, slots=True)
class State:
    """What there is: rows, and the files of library and papers by their content."""

    rows: tuple[tuple[object, ...], ...]
    files: frozenset[tuple[str, str]]

    @classmethod
    def of(cls, root: Path) -> State:
        """Look."""
        with closing(sqlite3.connect(settings_of(root).database)) as connection:
            rows = tuple(connection.execute(_ROWS).fetchall())
        files = {
            (str(path.relative_to(root)), hashlib.sha256(path.read_bytes()).hexdigest())
            for path in root.rglob("*")
            if path.is_file() and "dl-lit.db" not in path.name and not path.name.endswith(_NO_MATTER)
        }
        return cls(rows, frozenset(files))

    def unlike(self, other: State) -> list[str]:
        """In what it differs from what was expected."""
        told = [f"lost: {one}" for one in other.rows if one not in self.rows]
        told += [f"doubled: {one}" for one in self.rows if one not in other.rows]
        told += [f"lost: {name}" for name, _ in sorted(other.files - self.files)]
        return told + [f"left behind: {name}" for name, _ in sorted(self.files - other.files)]


def record(deed: Deed, base: Path, shim: Shim) -> Done:
    """Do it once, undisturbed, below the new folder `base`."""
    root, journal = base / "run", base / "journal"
    deed.made(root)
    kinds = {"database": root / "dl-lit.db", "library": root / "library", "watched": root / MINE}
    tape = Tape.of_folder(root)
    with closing(sqlite3.connect(settings_of(root).database)) as connection:
        before = frozenset(files_amiss(connection, settings_of(root).library))
    shimmed = shim.environment(root, kinds, journal=journal, with_data=True)
    env = os.environ | {"PYTHONPATH": f"{CHECKOUT}:{CHECKOUT / 'scripts'}"} | shimmed
    command = [sys.executable, "-m", "proofs.power.deeds", deed.name, str(root)]
    ended = subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=_LONGEST_S)
    if ended.returncode:
        raise click.ClickException(f"{deed.name}, undisturbed, ended with {ended.returncode}: {ended.stderr[-300:]}")
    seen = list(calls(journal, list(kinds)))
    tape.record(seen)
    return Done(deed, root, tape, seen, before, State.of(root))


def tried(done: Done, aim: str, outage: Outage) -> Trial:
    """Cut the power, look, start, do the rest, and compare."""
    shutil.rmtree(done.root)
    materialise(done.tape, remains(done.tape, outage), done.root)
    wrong = _looked_at(done, is_reported=outage.cut >= len(done.calls))
    untyped = 0
    try:
        start(done.root)
        done.deed.do(done.root)
        start(done.root)
    except DlLitError as error:
        wrong.append(f"cannot be gone on with: {error}")
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what is looked for
        wrong.append(f"{type(error).__name__}: {error}")
        untyped = 1
    else:
        wrong += State.of(done.root).unlike(done.expected)
        wrong += _promises_broken(done.root)
    wrong = list(dict.fromkeys(wrong))
    return Trial(
        done.deed.name,
        f"{aim}: {outage}",
        saw=("done",),
        lost=sum(one.startswith("lost") for one in wrong),
        doubled=sum(one.startswith("doubled") for one in wrong),
        untyped=untyped,
        failures=tuple(wrong),
    )


def all_tried(done: Done, rounds: int, seed: int) -> list[Trial]:
    """So many power cuts."""
    source = cuts(done.calls, random.Random(f"{seed} {done.deed.name}"))
    return [tried(done, *next(source)) for _ in range(rounds)]


def _looked_at(done: Done, *, is_reported: bool) -> list[str]:
    """What is wrong with the disk; where the deed was reported as done it must be."""
    root, settings = done.root, settings_of(done.root)
    if not settings.database.exists():
        return ["lost: the database"]
    copy = shutil.copytree(settings.database.parent, root.with_name("copy"), symlinks=True)
    try:
        with closing(sqlite3.connect(settings_of(copy).database)) as connection:
            if damage := database_amiss(connection):
                return damage
            wrong = [one for one in files_amiss(connection, settings.library) if one not in done.before]
        mine = {sha256 for name, sha256 in done.expected.files if name.endswith(MINE)}
        there = {hashlib.sha256(path.read_bytes()).hexdigest() for path in root.rglob(MINE)}
        wrong += [f"lost: {MINE}"] if mine - there else []
        found = State.of(copy).unlike(done.expected) if is_reported else []
        return wrong + [one for one in found if not one.startswith(_SWEPT)]
    finally:
        shutil.rmtree(copy)


def _promises_broken(root: Path) -> list[str]:
    """What `dl-lit doctor --files` would say is not so."""
    settings = settings_of(root)
    with reading(settings.database) as connection:
        found = [*invariants(connection), *library_files(connection, settings.library, contents=True, running=False)]
    return [f"doctor: not so: {one.says}: {'; '.join(one.examples)}" for one in found if not one.holds]
