"""A program that makes promises; what it has kept it writes down in `reported`. To be run below the shim.

python -m tests.fakes.promising FOLDER
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

from db.connect import open_database
from db.lock import PipelineLock
from db.store import SqliteStore
from dl_lit.app.care.backing_up import back_up
from dl_lit.app.intake.filing import Filing
from dl_lit.app.intake.uploads import UploadDraft
from dl_lit.app.recognising import RECOGNISER
from dl_lit.cli.output import write_output
from dl_lit.core.clock import SystemClock
from dl_lit.core.errors import FetchError
from dl_lit.core.model import Location, Name, Work
from dl_lit.core.ports import Fetched
from dl_lit.core.reasons import Reason
from dl_lit.library.folder import FolderLibrary
from dl_lit.settings import Settings
from tests.fakes.engine import VERIFIED
from tests.fakes.watching import WatchedFolder

PDF = b"%PDF-1.7 what was promised"


def library(root: Path) -> None:
    """Put a file into a library that has just been made; what makes place for it again is gone."""
    shelves = FolderLibrary(root / "shelves" / "library", SystemClock())
    paths = []
    for number, content in enumerate((PDF, PDF + b" to be refused")):
        part = shelves.incoming(number)
        try:
            part.write_bytes(content)
        except OSError as error:
            raise FetchError(Reason.WRITE_ERROR, str(error)) from error
        fetched = Fetched(
            path=part,
            sha256=hashlib.sha256(content).hexdigest(),
            size_bytes=len(content),
            final_url="http://x/",
            content_type="application/pdf",
        )
        work = Work(title=f"Power {number}", authors=(Name("Volta"),), year=1800)
        paths.append(shelves.place(number, work, fetched, Location(url="http://x/"), 1, proof=VERIFIED).path)
    shelves.remove(paths[1])


def filing(root: Path) -> None:
    """Put papers away that were read: one moved, one moved with the reason of its failure, one linked."""
    for afterwards in ("move", "link"):
        watched = WatchedFolder(root / afterwards)
        watched.settle()
        with watched.engine.begin() as connection:
            connection.exec_driver_sql("UPDATE sources SET state = iif(path LIKE '%good%', 'extracted', 'failed')")
            connection.exec_driver_sql(
                "INSERT INTO failed_extractions (source_id, reason, detail, attempts) "
                "SELECT id, 'no-text-layer', '', 1 FROM sources WHERE state = 'failed'"
            )
        one = Filing(watched.engine, [watched.folder], afterwards, watched.clock)  # type: ignore[arg-type]
        one.once()
        one.close()
        watched.close()


def upload(root: Path) -> None:
    """Keep an upload in a folder that has just been made."""
    draft = UploadDraft(root / "new" / "uploads", most_bytes=1_000)
    draft.write(PDF)
    draft.keep("sent.pdf")


def backup(root: Path) -> None:
    """Make a database in folders that are new, and a backup of it in others."""
    settings = Settings(
        database=root / "deep" / "er" / "kept.db",
        library=root / "shelves" / "library",
        state_folder=root / "state",
        cache_folder=root / "cache",
        local_index=root / "index.db",
    )
    open_database(settings.database).dispose()
    back_up(settings, root / "backups" / "here", SystemClock(), files=True)


def export(root: Path) -> None:
    """Write an export in the place of another."""
    for text in ("before", "after"):
        write_output(root / "works.bib", [text])


def prepare(root: Path) -> None:
    """Make the database that `pipeline` works."""
    open_database(root / "kept.db").dispose()


def pipeline(root: Path) -> None:
    """Open what works a database, and close it."""
    with PipelineLock(root / "kept.db", "process", SystemClock()):
        SqliteStore(root / "kept.db", SystemClock(), RECOGNISER).close()


PROMISES = {one.__name__: one for one in (library, filing, upload, backup, export)}

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    with (folder / "reported").open("w", buffering=1) as reported:
        for name, promise in PROMISES.items():
            promise(folder)
            reported.write(f"{name}\n")
