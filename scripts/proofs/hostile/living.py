"""Hostile files given to the running daemon: in its watched folder, and as the PDFs that it downloads."""

from __future__ import annotations

import hashlib
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Any

import psutil
from benchmarks.workload import Workload
from proofs.hostile.reading import OUTCOMES
from proofs.picture import broken_promises
from proofs.scene import Scene, scene
from proofs.soak.measure import process_figures

from dl_lit.core.reasons import Reason
from dl_lit.replica.faults import Fault, FaultKind, FaultyPdfs

_TIMEOUT_S = 15.0  # for one file, in the daemon
_BATCHES = 3
_PATIENCE_S = 120.0  # beyond what the files may take
_POLL_S = 0.2
_GROWN_MB = 80  # that the daemon's own memory may grow by; a leak of a file's size would show
_TRACEBACK = "Traceback (most recent call last)"
_MORE_FDS, _MORE_THREADS = 12, 6  # what comes and goes
_NOT_OURS = frozenset({Reason.INTERNAL_ERROR.value, Reason.POISON.value, Reason.PARSER_CRASHED.value})


@dataclass(slots=True)
class Life:
    """What became of a daemon among hostile files."""

    failures: list[str] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)


def lived(paths: Sequence[Path], folder: Path, *, sound: Path) -> Life:
    """Give a daemon these files, a sound paper after each batch, and serve them as downloads of what papers cite."""
    folder.mkdir(parents=True)
    life = Life()
    with scene(folder, _BATCHES + 1) as web:
        inbox = folder / "inbox"
        inbox.mkdir()
        papers = [*sorted(web.pdfs.glob("*.pdf"))[:_BATCHES], sound]
        served = _serve(web, paths)
        place = folder / "run"
        place.mkdir()
        with (place / "stderr").open("wb") as errors:
            daemon = psutil.Popen(
                [sys.executable, "-m", "dl_lit", "watch-folder-concurrent", str(inbox), "--json"],
                env=web.environment(place) | {"DL_LIT_PDF_TIMEOUT_S": str(_TIMEOUT_S)},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                start_new_session=True,
            )
        try:
            _live(daemon, web.database(place), inbox, _batches(paths, papers), life)
            _stop(daemon, life)
        finally:
            for one in _family(daemon):
                with suppress(psutil.Error):
                    one.kill()
            daemon.wait(30)
        _judge(web, place, life)
        life.figures["served"] = len(served)
        if web.replica.problems:
            life.failures.append(f"daemon: the replica stumbled: {web.replica.problems[0][-200:]}")
    return life


def _serve(web: Scene, paths: Sequence[Path]) -> list[str]:
    """Two of three downloads get a hostile file; which ones were served is told in the list that is given back."""
    served: list[str] = []
    turn = cycle(paths)

    def some(_target: str) -> bytes:
        path = next(turn)
        served.append(path.name)
        return path.read_bytes()

    web.replica._pdfs = FaultyPdfs(encrypted=some, damaged=some, other=some)  # noqa: SLF001 - the files are ours here
    for call in ("pdf", "file"):
        web.replica.add_fault(Fault(kind=FaultKind.DAMAGED_PDF, call=call, probability=2 / 3))
    return served


def _batches(paths: Sequence[Path], papers: Sequence[Path]) -> list[list[Path]]:
    """A sound paper alone, by which all has been done once; then the files in parts, a sound paper behind each."""
    size = -(-len(paths) // _BATCHES)
    parts = [list(paths[at : at + size]) for at in range(0, len(paths), size)]
    return [[papers[0]], *([*part, paper] for part, paper in zip(parts, papers[1:], strict=False))]


def _live(daemon: psutil.Popen, database: Path, inbox: Path, batches: Sequence[Sequence[Path]], life: Life) -> None:
    """Batch by batch; what the process is like after each."""
    began = time.monotonic()
    looks: list[Mapping[str, Any]] = []
    for number, batch in enumerate(batches):
        for path in batch:
            shutil.copyfile(path, inbox / f"{number}-{path.name}")
        allowed = _PATIENCE_S + _TIMEOUT_S * len(batch)
        if not _until(lambda: _pending(database, inbox) == 0, allowed, daemon):
            life.failures.append(f"daemon: batch {number} is not done after {allowed:.0f} s, or it has ended")
            break
        _until(lambda: _downloading(database) == 0, allowed, daemon)
        looks.append(process_figures(daemon))
    life.figures |= {"files": sum(map(len, batches)), "seconds": round(time.monotonic() - began, 1)}
    if not looks:
        return
    life.failures += unsteady(looks)


def unsteady(looks: Sequence[Mapping[str, Any]]) -> list[str]:
    """What has grown of a process that was looked at after each batch."""
    first, last = looks[min(1, len(looks) - 1)], looks[-1]  # after the first batch everything has been done once
    found = []
    grown = (last["rss"] - first["rss"]) >> 20
    if grown > _GROWN_MB:
        found.append(f"daemon: its memory grew by {grown} MB")
    if last["fds"] > first["fds"] + _MORE_FDS or last["threads"] > first["threads"] + _MORE_THREADS:
        held = [(one["fds"], one["threads"]) for one in looks]
        found.append(f"daemon: descriptors and threads grew: {held}")
    return found


def _stop(daemon: psutil.Popen, life: Life) -> None:
    """End it as a user does; nothing of it may be left."""
    if daemon.poll() is not None:
        life.failures.append(f"daemon: ended by itself with {daemon.returncode}")
        return
    family = _family(daemon)[1:]
    daemon.send_signal(signal.SIGTERM)
    try:
        code = daemon.wait(60)
    except psutil.TimeoutExpired:
        life.failures.append("daemon: does not stop")
        return
    if code:
        life.failures.append(f"daemon: stopped with {code}")
    _, left = psutil.wait_procs(family, timeout=10)
    life.failures += [f"daemon: child {one.pid} outlived it" for one in left]


def _judge(web: Scene, place: Path, life: Life) -> None:
    """What the database and the log say of it all."""
    database = web.database(place)
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        ends = connection.execute(
            "SELECT s.path, s.state, f.reason, s.found_references FROM sources AS s"
            " LEFT JOIN failed_extractions AS f ON f.source_id = s.id"
        ).fetchall()
        odd = connection.execute(
            "SELECT stage, item_id, reason, substr(detail, 1, 200) FROM attempts WHERE reason IN (?, ?, ?)",
            sorted(_NOT_OURS),
        ).fetchall()
        downloads = dict(connection.execute("SELECT reason, count(*) FROM failed_downloads GROUP BY reason").fetchall())
        fetched = connection.execute("SELECT count(*) FROM downloaded_references").fetchone()[0]
    logs = [path.read_text(encoding="utf-8", errors="replace") for path in place.glob("log.jsonl*")]
    logs.append((place / "stderr").read_text(encoding="utf-8", errors="replace"))
    life.failures += judged(ends, odd, logs, Workload.load().raw["entries_per_source"])
    life.failures += [f"daemon: doctor: {name}" for name in broken_promises(database)]
    life.figures |= {
        "sources": dict(Counter(reason or state for _, state, reason, _ in ends).most_common()),
        "downloaded": fetched,
        "failed_downloads": downloads,
    }


def judged(
    ends: Sequence[tuple[str, str, str | None, int | None]],
    odd: Sequence[tuple[str, int, str, str]],
    logs: Sequence[str],
    size: int,
) -> list[str]:
    """What must not be among sources (path, state, reason, entries), attempts (stage, item, reason, detail) and logs.

    `size` is how many entries the sound papers have.
    """
    found = [
        f"daemon: {path}: untyped: {state} {reason}"
        for path, state, reason, _ in ends
        if state == "pending" or (state == "failed" and reason not in OUTCOMES)
    ]
    found += [f"daemon: untyped: {stage} {item}: {reason}: {detail}" for stage, item, reason, detail in odd]
    found += [
        f"daemon: {path}: lost: {entries} of {size} entries"
        for path, _, _, entries in ends
        if "-paper-" in path and entries != size
    ]
    places = [(text, at) for text in logs if (at := text.find(_TRACEBACK)) >= 0]
    return found + [f"daemon: a traceback: {text[at : at + 400]!r}" for text, at in places]


def _pending(database: Path, inbox: Path) -> int:
    """Files that have not been read to their end, known to the database or not."""
    put = {hashlib.sha256(path.read_bytes()).hexdigest() for path in inbox.iterdir()}
    with suppress(sqlite3.Error), closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        ended = {row[0] for row in connection.execute("SELECT sha256 FROM sources WHERE state <> 'pending'")}
        return len(put - ended)
    return len(put)


def _downloading(database: Path) -> int:
    """Works that are still on their way, but for those that were put off."""
    rooms = ("no_metadata", "with_metadata", "to_download_references")
    with suppress(sqlite3.Error), closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        return sum(
            int(connection.execute(f"SELECT count(*) FROM {room} WHERE due_at IS NULL").fetchone()[0])  # noqa: S608 - names of ours
            for room in rooms
        )
    return 1


def _until(holds: Callable[[], bool], most_s: float, daemon: psutil.Popen) -> bool:
    until = time.monotonic() + most_s
    while time.monotonic() < until:
        if holds():
            return True
        if daemon.poll() is not None:
            return False
        time.sleep(_POLL_S)
    return False


def _family(daemon: psutil.Popen) -> list[psutil.Process]:
    with suppress(psutil.Error):
        return [daemon, *daemon.children(recursive=True)]
    return []
