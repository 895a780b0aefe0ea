"""dl_lit as its users run it: a child process with a folder of its own, pointed at a replica in the test's process."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from benchmarks.workload import Workload
from click.testing import CliRunner

from db.connect import is_there
from dl_lit import logs
from dl_lit.cli import cli
from dl_lit.core.batching import LEARNED
from dl_lit.demo.pace import quick_motion
from dl_lit.replica.access import Shares
from dl_lit.replica.faults import Fault
from dl_lit.replica.latency import Latency
from dl_lit.replica.server import Replica
from dl_lit.replica.services.settings import Settings as ReplicaSettings
from dl_lit.replica.universe import Universe
from tests.fakes.databases import change, database_in, named, rows

ROOT = Path(__file__).parents[2]
PATIENCE_S = 60.0
CRASHES = frozenset({-signal.SIGSEGV, -signal.SIGABRT, -signal.SIGBUS, -signal.SIGILL, -signal.SIGFPE})
_CLEAR = Shares(pdf_linked=1.0, unlisted=0.0, missing_in_openalex=0.0, second_copy=0.0)


@dataclass(frozen=True)
class Ended:
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """What `--json` printed."""
        return json.loads(self.out)


@dataclass
class Program:
    """A command that runs."""

    process: subprocess.Popen[str]

    def signal(self, number: int = signal.SIGTERM) -> None:
        self.process.send_signal(number)

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()

    def end(self, timeout: float = PATIENCE_S) -> Ended:
        out, err = self.process.communicate(timeout=timeout)
        return Ended(self.process.returncode, out, err)


_ENTRIES = """
SELECT s.sha256, e.position, e.reference ->> '$.raw', e.matched_by,
       coalesce(w.doi, w.title), fe.reason, d.checksum_pdf, fd.reason
FROM entries AS e JOIN sources AS s ON s.id = e.source_id
LEFT JOIN works AS w ON w.id = e.work_id
LEFT JOIN failed_enrichments AS fe ON fe.entry_id = e.id
LEFT JOIN downloaded_references AS d ON d.work_id = e.work_id
LEFT JOIN failed_downloads AS fd ON fd.work_id = e.work_id
ORDER BY s.sha256, e.id
"""


@dataclass(frozen=True)
class Picture:
    """What a finished run left: entries in the order of their rows, works, files by name and by row."""

    entries: list[tuple[Any, ...]]  # source, position, text, and what became of each
    works: list[tuple[Any, ...]]
    files: dict[str, str]  # name: sha256
    rows: dict[str, str]  # the same as the database has it

    @property
    def failures(self) -> Counter[str]:
        """How many entries and cited works failed, by reason."""
        return Counter(reason for *_, enrichment, _, download in self.entries for reason in (enrichment, download))


@dataclass
class Home:
    """One user's folder: database, library, log; and the settings of every command run in it."""

    folder: Path
    settings: dict[str, str]
    started: list[Program] = field(default_factory=list)

    @property
    def db(self) -> Path:
        """Its database's place: where it is on a server, the signpost that this user's commands put up."""
        state = Path(self.settings.get("DL_LIT_STATE_FOLDER", self.folder / "state"))
        return database_in(self.folder, signposts=state / "databases")

    @property
    def has_database(self) -> bool:
        """Whether one was made."""
        return is_there(self.db)

    @property
    def library(self) -> Path:
        return self.folder / "library"

    @property
    def log(self) -> Path:
        return self.folder / "log.jsonl"

    def env(self, **changes: object) -> dict[str, str]:
        env = {name: value for name, value in os.environ.items() if not name.startswith(("DL_LIT_", "XDG_"))}
        return {
            **env,
            "PYTHONPATH": str(ROOT),
            "PYTHONSAFEPATH": "1",
            "HOME": str(self.folder),
            "DL_LIT_DB": named(self.db),
            "DL_LIT_LIBRARY": str(self.library),
            "DL_LIT_STATE_FOLDER": str(self.folder / "state"),
            "DL_LIT_CACHE_FOLDER": str(self.folder / "cache"),
            "DL_LIT_LOG_FILE": str(self.log),
            "DL_LIT_CONTACT_EMAIL": "reader@library-of-shores.org",
            "DL_LIT_OPENALEX_KEY": "a-key",
            **self.settings,
            **{f"DL_LIT_{name}": str(value) for name, value in changes.items()},
        }

    def start(self, *arguments: object, **changes: object) -> Program:
        """Start a command; `changes` are settings by their names without DL_LIT_."""
        self.folder.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "dl_lit", *map(str, arguments)]
        process = subprocess.Popen(
            command, env=self.env(**changes), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        program = Program(process)
        self.started.append(program)
        return program

    def run(self, *arguments: object, timeout: float = PATIENCE_S, **changes: object) -> Ended:
        """Run a command to its end, which is no crash."""
        ended = self.start(*arguments, **changes).end(timeout)
        assert ended.code not in CRASHES, f"crashed: {ended.err}\n{self.faults()}"
        return ended

    def here(self, *arguments: object, **changes: object) -> Ended:
        """Run a command in this process, where it is up at once."""
        LEARNED.forget()  # as a process of its own begins
        elsewhere = {name: None for name in os.environ if name.startswith(("DL_LIT_", "XDG_"))}
        told = CliRunner().invoke(cli, [*map(str, arguments)], env={**elsewhere, **self.env(**changes)})
        logs.close()
        if told.exception is not None and not isinstance(told.exception, SystemExit):
            raise told.exception
        return Ended(told.exit_code, told.stdout, told.stderr)

    def faults(self) -> str:
        """What crashes in compiled code left to read."""
        return "\n".join(file.read_text(errors="replace") for file in self.db.parent.rglob(f"{self.db.name}*.faults"))

    def process(self, pdfs: Path, *arguments: str, timeout: float = PATIENCE_S, **changes: object) -> Ended:
        """`process-folder-concurrent` with its summary as JSON."""
        return self.run("process-folder-concurrent", pdfs, "--json", "--quiet", *arguments, timeout=timeout, **changes)

    def process_here(self, pdfs: Path, *arguments: str, **changes: object) -> Ended:
        """The same in this process: for runs of which nothing is asked but what they tell and leave."""
        return self.here("process-folder-concurrent", pdfs, "--json", "--quiet", *arguments, **changes)

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """What the database says, read beside whoever works it."""
        return rows(self.db, query, *values) if self.has_database else []

    def change(self, *statements: str, values: tuple[object, ...] = ()) -> None:
        """Change rows as another program would."""
        change(self.db, *statements, values=values)

    def items(self, **wanted: object) -> list[dict[str, Any]]:
        """The log's lines about items that have these values."""
        if not self.log.exists():
            return []
        lines = (json.loads(line) for line in self.log.read_text().splitlines() if line.endswith("}"))
        return [one for one in lines if one.get("event") == "item" and wanted.items() <= one.items()]

    def let_a_day_pass(self) -> None:
        """What waits for tomorrow is due."""
        rooms = ("no_metadata", "with_metadata", "to_download_references")
        self.change(*(f"UPDATE {room} SET due_at = due_at - 86400" for room in rooms))

    def pdfs(self) -> list[Path]:
        """The files of the library."""
        return sorted(self.library.glob("*.pdf"))

    def leftovers(self) -> list[str]:
        """Unfinished files and receipts."""
        return [path.name for path in (self.library / ".incoming").glob("*")]

    def broken(self) -> list[str]:
        """What `dl-lit doctor`, in this process, finds wrong, but for what the next start puts right by itself."""
        told = self.here("doctor", "--files", "--json")
        document = told.document
        bad = [f"{one['name']}: {one['says']}" for one in document["checks"] if one["level"] == "failed"]
        bad += [str(one) for one in document["invariants"] if not one["holds"] and not one["heals"]]
        assert told.code == (1 if bad else 0), told.err
        return bad

    def picture(self) -> Picture:
        """Everything that a finished run left, without what depends on chance or time."""
        return Picture(
            entries=self.rows(_ENTRIES),
            works=sorted(self.rows("SELECT coalesce(doi, title), type, year FROM works"), key=str),
            files={path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in self.pdfs()},
            rows=dict(self.rows("SELECT file_path, checksum_pdf FROM downloaded_references")),
        )

    def close(self) -> None:
        """End what a failed test has left running."""
        for program in self.started:
            if program.process.poll() is None:
                program.kill()
            for pipe in (program.process.stdout, program.process.stderr):
                if pipe:
                    pipe.close()


def until(is_so: Callable[[], object], what: str, timeout: float = PATIENCE_S) -> None:
    """Wait for something another process does; looks 50 times a second."""
    end = time.monotonic() + timeout
    while not is_so():
        assert time.monotonic() < end, f"in vain waited for: {what}"
        time.sleep(0.02)


@dataclass(frozen=True)
class Papers:
    """PDFs and the works they cite."""

    folder: Path  # of the PDFs
    records: list[dict[str, Any]]  # in the order of citation
    size: int  # entries of each paper

    def of(self, number: int) -> list[dict[str, Any]]:
        """The works that the paper cites (1 is the first), in printed order."""
        return self.records[(number - 1) * self.size : number * self.size]


def write_papers(folder: Path, sources: int, entries: int, **changes: Any) -> Papers:
    """Papers of the benchmark's kind; `changes` go to its description."""
    given = Workload.load().raw
    workload = Workload({**given, "entries_per_source": entries, "closed_in_openalex_percent": 0, **changes})
    pdfs, _ = workload.write(folder, sources)
    return Papers(pdfs, list(workload.records(sources)), entries)


@contextmanager
def replica_of(
    records: Iterable[dict[str, Any]],
    *,
    scale: float = 20.0,
    latency_s: float = 0.2,
    hosts: int = 40,
    faults: Iterable[Fault] = (),
    shares: Shares = _CLEAR,
    settings: ReplicaSettings | None = None,
) -> Iterator[Replica]:
    """A replica that knows the records; its time runs `scale` times as fast."""
    with Replica(
        Universe.from_records(records),
        seed=7,
        latency=Latency(latency_s, latency_s),
        time_scale=scale,
        hosts=hosts,
        shares=shares,
        faults=faults,
        settings=replace(settings or ReplicaSettings(), pdf_min_bytes=8_000, pdf_max_bytes=8_000),
    ) as replica:
        yield replica
        assert not replica.problems, replica.problems[0]


@contextmanager
def home_at(folder: Path, replica: Replica | None, scale: float = 20.0, **settings: object) -> Iterator[Home]:
    """A user's folder, pointed at the replica; one process reads PDFs where `settings` do not say otherwise."""
    env = {**(replica.env() if replica else {}), **quick_motion(scale), "DL_LIT_WORKERS_EXTRACTION": "1"}
    home = Home(folder, {**env, **{f"DL_LIT_{name}": str(value) for name, value in settings.items()}})
    try:
        yield home
    finally:
        home.close()
