"""What must not be found after a run that was killed: files left, words nobody meant, copies that are not whole."""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing

from proofs.crash.home import Home

_OUR_LINE = re.compile(r"dl-lit: .*")
_BACKUP = re.compile(r"bench\.db\.before-\d{4}-to-\d{4}\.\d{8}T\d{6}Z")
_SIDE = re.compile(r"(-wal|-shm|-journal)$")
_RECORD = re.compile(r"state/runs/[0-9a-f]{16}/\d+\.db")  # what a run was answered: each has one, the latest are kept
_OWN = frozenset({"stdout", "stderr", "log.jsonl"})


def names_in(home: Home) -> set[str]:
    """All files and empty folders of a home, but for the library's PDFs, what belongs to a database, and our own."""
    found = set()
    for path in home.path.rglob("*"):
        name = str(path.relative_to(home.path)).replace(home.database.path.name, "bench.db")  # a signpost's is its own
        if path.is_dir() or name in _OWN or _SIDE.search(name) or _RECORD.fullmatch(name):
            continue
        if name.startswith("library/") and name.endswith(".pdf") and not path.name.startswith("."):
            continue
        found.add(name)
    return found


def leftovers(home: Home, calm: set[str]) -> Iterator[str]:
    """Files that an undisturbed run does not leave; copies made before a migration are left on purpose."""
    for name in sorted(names_in(home) - calm):
        if not _BACKUP.fullmatch(name):
            yield f"left behind: {name}"
    for name in sorted(calm - names_in(home)):
        yield f"lost: the file {name}"


def untyped(home: Home) -> Iterator[str]:
    """Tracebacks, faults and lines that are none of ours."""
    for line in (home.path / "stderr").read_text(errors="replace").splitlines():
        if not _OUR_LINE.fullmatch(line):
            yield f"on standard error: {line[:200]}"
    if home.log.exists():
        for line in home.log.read_text(errors="replace").splitlines():
            yield from _amiss(line, may_be_away=home.server is not None)
    for file in home.database.path.parent.glob(f"{home.database.path.name}*.faults"):
        if file.stat().st_size:
            yield f"a crash in compiled code: {file.read_text(errors='replace')[:200]}"


def _amiss(line: str, *, may_be_away: bool) -> Iterator[str]:
    try:
        told = json.loads(line)
    except ValueError:
        yield f"a broken line in the log: {line[:120]}"
        return
    if (
        may_be_away and told.get("ailment") == "database-unwritable"
    ):  # on a busy machine it takes a server long to begin
        return
    is_bad = told.get("level") in {"error", "critical"} or told.get("reason") == "internal-error"
    if is_bad or "exception" in told or "Traceback" in line:
        yield f"in the log: {line[:400]}"


def bad_backups(home: Home, older: str | None, sources: int) -> Iterator[str]:
    """Copies made before a migration that are not whole."""
    for path in home.backups():
        if not _BACKUP.fullmatch(path.name):
            continue
        try:
            with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
                (is_sound,) = connection.execute("PRAGMA integrity_check").fetchone()
                (version,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
                (count,) = connection.execute("SELECT count(*) FROM sources").fetchone()
        except sqlite3.Error as error:
            yield f"a copy is broken: {path.name}: {error}"
            continue
        if (is_sound, version, count) != ("ok", older, sources):
            yield f"a copy is not whole: {path.name}: {is_sound}, schema {version}, {count} sources"


def unwell(env: Mapping[str, str]) -> Iterator[str]:
    """What the real `dl-lit doctor` finds wrong."""
    command = [sys.executable, "-m", "dl_lit", "doctor", "--files", "--json"]
    ended = subprocess.run(command, env=dict(env), capture_output=True, text=True, timeout=120, check=False)
    try:
        document = json.loads(ended.stdout)
    except ValueError:
        yield f"doctor ended with {ended.returncode}: {ended.stderr[-300:]}"
        return
    for one in document["checks"]:
        if one["level"] == "failed":
            yield f"doctor: {one['name']}: {one['says']}"
    for one in document["invariants"]:
        if not one["holds"]:
            yield f"doctor: not so: {one['name']}: {one.get('examples')}"
    if ended.returncode != 0:
        yield f"doctor ended with {ended.returncode}"
