"""A language model that fails and lies, and a program that is stopped or killed: nothing invented, nothing left behind.

    scripts/prove llm [--rounds 6] [--sections 12] [--share 0.2] [--provider anthropic] [--json]

The real `process-pdf-concurrent` reads a document with many bibliographies, each sent as a file to a replica of Gemini
or Anthropic, of whose answers a share is "too much", broken, cut or a lie. In every round a run is ended in the midst
of it, by SIGTERM, by `kill -9` and by two SIGTERMs in turn, and begun again. After one SIGTERM, and after the run that
follows a sudden end, no file may be left with the provider; entries are those printed, in printed order; by the
replica's log no limit was exceeded.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from pathlib import Path
from typing import Any

import click
from benchmarks.llm_faults import LIES, OF_FILES, TROUBLES, UNWILLING, rules
from benchmarks.llm_scene import CHECKOUT, Replica, environment, replica
from benchmarks.llm_sections import DEFAULTS, Paper, at_once, paper

from dl_lit.core.services import SERVICES
from dl_lit.demo.pace import quick_motion

_FINISHED = {0, 3}
_INTERRUPTED = 130
_LATENCY = {"upload": 0.1, "section": 0.5, "delete": 0.02}
_IMPATIENT_S = 0.05  # between two signals
_BEGIN_S = 60.0  # until a run has something at the provider's
_END_S = 300.0  # of one run
_ENTRIES = (
    "SELECT position, reference ->> '$.raw', reference ->> '$.title', reference ->> '$.doi' FROM entries ORDER BY id"
)


class End(StrEnum):
    """How a run is ended."""

    TERM = "SIGTERM"  # it deletes what it uploaded
    KILL = "SIGKILL"  # the next one does
    TWICE = "SIGTERM twice"  # the second is for whoever cannot wait: the next run deletes what is left


@dataclass(frozen=True, slots=True)
class Scene:
    """What all runs of a proof have in common."""

    served: Replica
    document: Paper
    share: float  # of answers that are none or untrue
    provider: str = "gemini"


@dataclass(slots=True)
class Outcome:
    """What one round came to."""

    end: End
    held_when_ended: int  # files at the provider's when the run was ended
    left_by_ended: int  # ... after it had ended
    left: int = 0  # ... after the next run
    entries: int = 0
    wrong: int = 0  # entries that are not printed, or with what is not
    order_violations: int = 0
    limits_exceeded: int = 0
    exit_codes: tuple[int, int] = (0, 0)

    @property
    def is_sound(self) -> bool:
        """Whether all that was promised holds."""
        is_ended_well = self.exit_codes[0] == (-signal.SIGKILL if self.end is End.KILL else _INTERRUPTED)
        left_now = self.left_by_ended if self.end is End.TERM else 0
        wrong = self.left + left_now + self.wrong + self.order_violations + self.limits_exceeded
        return not wrong and is_ended_well and self.exit_codes[1] in _FINISHED and self.entries > 0


@contextmanager
def running(scene: Scene, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The program, reading the document; what still runs at the end is killed."""
    command = [sys.executable, "-m", "dl_lit", "process-pdf-concurrent", str(scene.document.path), "--quiet"]
    given = environment(
        scene.served,
        scene.provider,
        folder,
        LLM_DOUBTFUL_BELOW=1,
        LLM_GAP_BELOW=1,
        LLM_SECTION_PAGES=1,
        LLM_TRY_AGAIN_S=0.1,
        HTTP_BREAKER_OPEN_S=0.5,
        CONTACT_EMAIL="prove@dl-lit.invalid.org",
    )
    given |= {f"DL_LIT_{one.name.upper()}_ENABLED": "false" for one in SERVICES if one.name != "openalex"}
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(CHECKOUT)}
    env |= {**scene.served.told["env"], **quick_motion(100.0), **given}
    with (
        (folder / "stderr").open("ab") as log,
        subprocess.Popen(
            [*command, "--no-report"], env=env, stdout=subprocess.DEVNULL, stderr=log, start_new_session=True
        ) as child,
    ):
        try:
            yield child
        finally:
            if child.poll() is None:
                child.kill()


def ended(scene: Scene, folder: Path, end: End, wait_s: float) -> Outcome:
    """Begin a run and end it so long after its first upload."""
    scene.served.anew({f"{scene.provider}/{kind}": latency for kind, latency in _LATENCY.items()}, _faults(scene))
    with running(scene, folder) as child:
        _until_uploaded(scene.served, child)
        time.sleep(wait_s)
        held = scene.served.files_left()
        child.send_signal(signal.SIGKILL if end is End.KILL else signal.SIGTERM)
        if end is End.TWICE:
            time.sleep(_IMPATIENT_S)
            child.send_signal(signal.SIGTERM)
        code = child.wait(_END_S)
    return Outcome(end, held, scene.served.files_left(), exit_codes=(code, 0))


def one_round(scene: Scene, folder: Path, end: End, wait_s: float) -> Outcome:
    """End a run some time after its first upload, and run it again to its end."""
    folder.mkdir()
    found = ended(scene, folder, end, wait_s)
    before = scene.served.log(scene.provider)
    with running(scene, folder) as child:
        found.exit_codes = found.exit_codes[0], child.wait(_END_S)
    found.left = scene.served.files_left()
    # What the ended run left is deleted by the next one, of whose sections it is none.
    theirs = {one["about"].rpartition(" ")[2] for one in before}
    after = [one for one in scene.served.log(scene.provider) if one["about"].rpartition(" ")[2] not in theirs]
    for log in (before, after):
        found.limits_exceeded += sum(count > DEFAULTS[name] for name, count in at_once(log).items())
    _look(scene.document, folder / "bench.db", found)
    return found


def _faults(scene: Scene) -> list[dict[str, Any]]:
    if not scene.share:
        return []
    faults = rules(scene.provider, "section", (*TROUBLES, *LIES, *UNWILLING), scene.share)
    faults += rules(scene.provider, "upload", ("server-error:503", "reset", *OF_FILES), scene.share)
    return faults + rules(scene.provider, "delete", ("server-error:503", "reset"), scene.share)


def _until_uploaded(served: Replica, child: subprocess.Popen[bytes]) -> None:
    began = time.monotonic()
    while not served.files_left():
        if child.poll() is not None or time.monotonic() - began > _BEGIN_S:
            raise click.ClickException("the run sent nothing")
        time.sleep(0.02)


def _look(document: Paper, database: Path, found: Outcome) -> None:
    """Hold the entries in the database against what is printed."""
    titles = {one.reference.raw: one.title for one in document.entries}
    places = {one.reference.raw: one.reference.position for one in document.entries}
    with closing(sqlite3.connect(database)) as connection:
        rows = connection.execute(_ENTRIES).fetchall()
    found.entries = len(rows)
    found.wrong = sum(
        raw not in titles or title not in {None, titles[raw]} or doi is not None for _, raw, title, doi in rows
    )
    printed = [(position, places[raw]) for position, raw, _, _ in rows if raw in places]
    found.order_violations = sum(
        later <= earlier for column in zip(*printed, strict=True) for earlier, later in pairwise(column)
    )


@click.command()
@click.option("--rounds", default=6, show_default=True, help="Runs that are ended in their midst.")
@click.option("--sections", default=12, show_default=True, help="Bibliographies of the document.")
@click.option("--share", default=0.2, show_default=True, help="Of answers that are none or untrue.")
@click.option("--provider", type=click.Choice(["gemini", "anthropic"]), default="gemini", show_default=True)
@click.option("--seed", default=1, show_default=True, help="Decides the moments.")
@click.option("--json", "as_json", is_flag=True)
def command(rounds: int, sections: int, share: float, provider: str, seed: int, *, as_json: bool) -> None:
    """End runs that send files to a model, and look what is left."""
    chance = random.Random(seed)
    ends = list(End)
    outcomes = []
    with tempfile.TemporaryDirectory(prefix="dl-lit-prove-") as temporary, replica(0.1) as served:
        folder = Path(temporary)
        scene = Scene(served, paper(folder, sections), share, provider)
        for number in range(rounds):
            wait_s = chance.uniform(0.0, 0.1 * sections)
            outcomes.append(one_round(scene, folder / f"round-{number}", ends[number % len(ends)], wait_s))
            click.echo(f"round {number + 1}: {outcomes[-1]}", err=True)
        problems = served.problems()
    result: dict[str, Any] = {
        "rounds": rounds,
        "sound": sum(one.is_sound for one in outcomes),
        "held_when_ended": [one.held_when_ended for one in outcomes],
        "left_by_sudden_ends": [one.left_by_ended for one in outcomes if one.end is not End.TERM],
        "left_after_sigterm": sum(one.left_by_ended for one in outcomes if one.end is End.TERM),
        "remote_files_left": sum(one.left for one in outcomes),
        "entries": [one.entries for one in outcomes],
        "invented_accepted": sum(one.wrong for one in outcomes),
        "order_violations": sum(one.order_violations for one in outcomes),
        "limits_exceeded": sum(one.limits_exceeded for one in outcomes),
        "exit_codes": [list(one.exit_codes) for one in outcomes],
        "replica_problems": len(problems),
    }
    click.echo(json.dumps(result) if as_json else "\n".join(f"{name:20} {value}" for name, value in result.items()))
    sys.exit(0 if result["sound"] == rounds and not problems else 1)
