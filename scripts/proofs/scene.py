"""Papers, a replica of the scholarly web, and the real program run on them: where a proof disturbs a run."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click
from benchmarks.pipeline import environment, replica_of
from benchmarks.workload import Workload
from proofs.picture import Picture, picture

from dl_lit.replica.server import Replica

FINISHED = frozenset({0, 3})  # exit codes of a run that came to its end
_LONGEST_S = 600.0


@dataclass(frozen=True, slots=True)
class Scene:
    """What every run of a proof has in common; each run has a folder of its own."""

    workload: Workload
    replica: Replica
    pdfs: Path

    def environment(self, folder: Path) -> dict[str, str]:
        """The variables that point the program at this scene and at the folder."""
        return environment(self.workload, self.replica, folder)

    def start(
        self,
        folder: Path,
        *,
        command: Sequence[str] = ("process-folder-concurrent",),
        options: Sequence[str] = ("--quiet", "--no-report"),
        also: Mapping[str, str] | None = None,
    ) -> subprocess.Popen[bytes]:
        """The program on the papers, in a session of its own; its standard error is added to the folder's `stderr`.

        `command` is what stands before the folder of papers, `options` behind it, `also` goes into the environment.
        """
        folder.mkdir(exist_ok=True)
        words = [sys.executable, "-m", "dl_lit", *command, str(self.pdfs), "--json", *options]
        with (folder / "stderr").open("ab") as log:
            return subprocess.Popen(
                words,
                env=self.environment(folder) | dict(also or {}),
                stdout=subprocess.DEVNULL,
                stderr=log,
                start_new_session=True,
            )

    def finish(self, folder: Path) -> None:
        """Run the papers to their end, undisturbed; a proof cannot go on where the program does not."""
        code = self.start(folder).wait(timeout=_LONGEST_S)
        if code not in FINISHED:
            raise click.ClickException(f"a run ended with {code}: see {folder / 'stderr'}")

    def picture(self, folder: Path) -> Picture:
        """What the run in this folder has left."""
        return picture(self.database(folder), self.library(folder))

    @staticmethod
    def database(folder: Path) -> Path:
        """Where a run in this folder has its database."""
        return folder / "bench.db"

    @staticmethod
    def library(folder: Path) -> Path:
        """Where a run in this folder has its library."""
        return folder / "library"


@contextmanager
def scene(
    base: Path,
    sources: int,
    *,
    entries: int | None = None,
    time_scale: int | None = None,
    workers: Mapping[str, int] | None = None,
    latency_s: Mapping[str, Sequence[float]] | None = None,
    closed_percent: int | None = None,
) -> Iterator[Scene]:
    """So many papers, written below `base`, and a replica that knows what they cite.

    Each has 30 entries, times are divided by 10, the stages have as many workers, services and hosts take as long to
    answer, and as few works have no open copy as in the benchmark, unless it is said otherwise.
    """
    workload = Workload.load()
    said = {
        "entries_per_source": entries,
        "time_scale": time_scale,
        "workers": workers,
        "latency_s": latency_s and workload.raw["latency_s"] | dict(latency_s),
        "closed_in_openalex_percent": closed_percent,
    }
    workload = Workload(workload.raw | {name: value for name, value in said.items() if value is not None})
    pdfs, universe = workload.write(base, sources)
    with replica_of(workload, universe) as replica:
        yield Scene(workload, replica, pdfs)
