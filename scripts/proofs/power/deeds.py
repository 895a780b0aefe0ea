"""What people do with a library, without a pipeline: each once, below the shim, in a folder made for it.

python -m proofs.power.deeds NAME FOLDER
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import typst

from db.connect import connect
from db.lock import PipelineLock
from db.rechecking import Which
from db.store import SqliteStore
from dl_lit import logs
from dl_lit.app.care.backing_up import back_up, backups_in
from dl_lit.app.care.left_over import take_over
from dl_lit.app.care.rechecking import Looked, Rechecks
from dl_lit.app.care.restoring import restore
from dl_lit.app.deciding.hand_in_desk import hand_in_desk
from dl_lit.app.deciding.reviewing_files import FileReview
from dl_lit.app.recognising import RECOGNISER
from dl_lit.core.clock import SystemClock
from dl_lit.core.items import Downloaded
from dl_lit.core.job import Done
from dl_lit.core.model import Location, StageName, Version, Work
from dl_lit.core.ports import Fetched
from dl_lit.core.proof import Proof, Verdict
from dl_lit.core.reasons import Reason
from dl_lit.library.folder import FolderLibrary
from dl_lit.settings import Settings
from stages.rechecking import Better
from tests.fakes.engine import VERIFIED
from tests.fakes.scenario import Scenario, work
from tests.fakes.service_calls import FakeServiceCalls

MINE = "mine.pdf"
_TITLE = "On the matter of hands"
_DOUBT = Proof(verdict=Verdict.NEEDS_REVIEW, score=0.6, evidence=("title 0.71 on page 1",))
_PREPRINT = Location(url="https://preprints.example/1.pdf", version=Version.SUBMITTED)
_PUBLISHED = Location(url="https://journal.example/1.pdf", version=Version.PUBLISHED)


@dataclass(frozen=True, slots=True)
class Deed:
    """Something a person does."""

    name: str
    prepare: Callable[[Path, Scenario], None]
    do: Callable[[Path], None]  # what is done already is not done again

    def made(self, root: Path) -> None:
        """Make the new folder in which it is done."""
        root.mkdir(parents=True)
        with Scenario(root) as scenario:
            FolderLibrary(scenario.library, scenario.clock)
            self.prepare(root, scenario)


def settings_of(root: Path) -> Settings:
    """The settings of a folder of deeds."""
    return Settings(
        database=root / "dl-lit.db",
        library=root / "library",
        state_folder=root / "state",
        cache_folder=root / "cache",
        local_index=root / "none",
    )


def start(root: Path) -> None:
    """What a start of the program does before it takes up work: files and rows are brought together."""
    settings, clock = settings_of(root), SystemClock()
    with (
        PipelineLock(settings.database, "process", clock),
        closing(SqliteStore(settings.database, clock, RECOGNISER)) as store,
    ):
        engine = connect(settings.database, synchronous=settings.synchronous)
        try:
            take_over(store, engine, FolderLibrary(settings.library, clock), clock, keep=False)
        finally:
            engine.dispose()


def _resolved(scenario: Scenario, title: str = _TITLE) -> tuple[int, Work]:
    found = work(title, doi="10.1000/1")
    (entry,) = scenario.extract(scenario.add("citing.pdf")[0], [title])
    return scenario.resolve(entry, found), found


def _put(library: FolderLibrary, one: tuple[int, Work], content: bytes, at: Location, proof: Proof) -> Downloaded:
    """A file that was fetched for the work of that number, and is placed."""
    work_id, what = one
    part = library.incoming(work_id)
    part.write_bytes(content)
    sha256 = hashlib.sha256(content).hexdigest()
    fetched = Fetched(path=part, sha256=sha256, size_bytes=len(content), final_url=at.url, content_type="")
    return library.place(work_id, what, fetched, at, 3, proof=proof)


def _with_file(scenario: Scenario, proof: Proof, at: Location = _PREPRINT) -> None:
    """A work whose file came."""
    work_id, found = _resolved(scenario)
    scenario.queue(work_id, at)
    library = FolderLibrary(scenario.library, scenario.clock)
    facts = _put(library, (work_id, found), b"%PDF-1.7 a file", at, proof)
    scenario.answer(StageName.DOWNLOAD, {work_id: Done(facts)})
    library.clear(work_id)


def _a_paper(root: Path, scenario: Scenario) -> None:
    work_id, _ = _resolved(scenario)
    scenario.reject(StageName.QUEUEING, work_id, Reason.NO_OA_LOCATION)
    source = f'#set document(title: "{_TITLE}")\n= {_TITLE}\nAda Lovelace, 2017\n#lorem(200)'
    (root / MINE).write_bytes(typst.compile(source.encode()))


def _hand_in(root: Path) -> None:
    for path in root.glob(MINE):
        with hand_in_desk(settings_of(root)) as desk:
            desk.take(path, work_id=1, move=True)


def _decide(root: Path, *, is_it: bool) -> None:
    with FileReview(settings_of(root)) as review:
        for held in review.waiting():
            review.accept(held) if is_it else review.refuse(held)


class _Upgrader:
    """A workshop whose next look finds a better copy."""

    def __init__(self, root: Path) -> None:
        self.settings = settings_of(root)
        self.clock = SystemClock()
        self.library = FolderLibrary(self.settings.library, self.clock)
        self.network = SimpleNamespace(calls=FakeServiceCalls(switched_off={"openalex", "crossref"}))
        self.upgrader = self

    def upgrade(self, work_id: int, what: Work, *_: object, **__: object) -> Better:
        """It was published."""
        return Better(_put(self.library, (work_id, what), b"%PDF-1.7 published", _PUBLISHED, VERIFIED), None)


def _upgrade(root: Path) -> None:
    shop: Any = _Upgrader(root)
    with closing(Rechecks(shop)) as rechecks:
        rechecks.look(rechecks.due(Which(every=True)), Looked(), lambda: False)


def _a_backup(root: Path, scenario: Scenario) -> None:
    """It has a file which the library has no more, and not the source that came after it."""
    _with_file(scenario, VERIFIED, _PUBLISHED)
    back_up(settings_of(root), root / "backups", SystemClock(), files=True)
    scenario.add("later.pdf")
    next(scenario.library.glob("*.pdf")).unlink()


def _restore(root: Path) -> None:
    (backup,) = backups_in(root / "backups")
    restore(settings_of(root), backup, SystemClock())


DEEDS = (
    Deed("hand-in", _a_paper, _hand_in),
    Deed("file kept", lambda _, scenario: _with_file(scenario, _DOUBT), lambda root: _decide(root, is_it=True)),
    Deed("file refused", lambda _, scenario: _with_file(scenario, _DOUBT), lambda root: _decide(root, is_it=False)),
    Deed("better copy", lambda _, scenario: _with_file(scenario, VERIFIED), _upgrade),
    Deed("restore", _a_backup, _restore),
)


if __name__ == "__main__":
    logs.configure(level="critical", form="json", file=None)
    next(one for one in DEEDS if one.name == sys.argv[1]).do(Path(sys.argv[2]))
