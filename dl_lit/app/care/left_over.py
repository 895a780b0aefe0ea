"""Files beside the rows: those that a process did not live to write down, and those that no row speaks of any more."""

from __future__ import annotations

import structlog

from db.adopting import Adopted, adopt_beside
from db.connect import Engine
from db.store import SqliteStore
from db.upgrading import left_behind, put_away
from dl_lit.app.recognising import RECOGNISER
from dl_lit.core.clock import Clock
from dl_lit.core.errors import DlLitError
from dl_lit.core.items import Downloaded
from dl_lit.library.kept import KeptLibrary
from dl_lit.library.placing import QUARANTINE

log = structlog.get_logger("dl_lit.item")


def take_over(store: SqliteStore, engine: Engine, library: KeptLibrary, clock: Clock, *, keep: bool) -> None:
    """Write down what is in place, and put away what rows have left behind; `keep` as in `dispose`."""
    for work_id, facts in library.recover():
        owner = store.owner_of_file(facts.path)
        if owner is not None and owner != work_id:  # it died while it found that the name was taken
            library.clear(work_id)
            continue
        is_written = store.adopt(work_id, facts)
        if not is_written:
            became = adopt_beside(engine, work_id, facts, RECOGNISER, clock)
            is_written = became is Adopted.WRITTEN
            if became is Adopted.UNWANTED:
                library.remove(facts.path)
        if is_written:
            log.info("adopted", job=work_id, file=facts.path)
        library.clear(work_id)
    dispose(engine, library, keep=keep)


def written_down(store: SqliteStore, library: KeptLibrary, work_id: int, facts: Downloaded) -> None:
    """What came of a download is recorded: its receipt goes, and the file as well where no row speaks of it.

    So it is where, while it came, a person handed the work's PDF in or the work was merged into another.
    """
    if store.owner_of_file(facts.path) is None:
        try:
            library.remove(facts.path)
        except DlLitError as error:
            log.warning("not_put_away", job=work_id, file=facts.path, detail=str(error))
    library.clear(work_id)


def dispose(engine: Engine, library: KeptLibrary, *, keep: bool) -> None:
    """Remove the files that rows have left behind; with `keep` those that a better one came for go to `superseded/`.

    What the disk refuses is left for the next time.
    """
    with engine.connect() as connection:
        files = left_behind(connection)
    for work_id, path in files:
        try:
            if keep and not path.startswith(f"{QUARANTINE}/"):
                library.supersede(path)
            else:
                library.remove(path)
        except DlLitError as error:
            log.warning("not_put_away", job=work_id, file=path, detail=str(error))
        else:
            put_away(engine, work_id, path)
