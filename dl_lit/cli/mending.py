"""What `dl-lit doctor --fix` puts right, each only where it is sure to do no harm."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from dl_lit.cli.checkup import Check, Level

if TYPE_CHECKING:
    from dl_lit.settings import Loaded, Settings

_MOST_LOST = 0.5
"""Where more of the library than this is gone it is more likely not mounted than lost."""


def mended(loaded: Loaded) -> Iterator[Check]:
    """Put right what can be, and tell what was done; what could not be is a warning that says why."""
    settings = loaded.settings
    yield from _secrets(loaded)
    yield from _folders(settings)
    yield from _database(settings)


def _secrets(loaded: Loaded) -> Iterator[Check]:
    from dl_lit.cli.environment import environment  # noqa: PLC0415 - which needs this module's neighbours first

    files = {f"secret-{file.name}": file for file in (*loaded.files, loaded.settings.state_folder / "serve.token")}
    for check in environment(loaded):
        if check.name in files and check.level is not Level.OK:
            file = files[check.name]
            try:
                file.chmod(0o600)
            except OSError as error:
                yield _left(f"{file} is still open to others: {error.strerror}")
            else:
                yield _done(f"{file} is yours alone now")


def _folders(settings: Settings) -> Iterator[Check]:
    for folder in (settings.database.parent, settings.state_folder, settings.cache_folder):
        if not folder.exists():
            try:
                folder.mkdir(parents=True, mode=0o700)
            except OSError as error:
                yield _left(f"{folder} could not be made: {error.strerror}")
            else:
                yield _done(f"made {folder}")


def _database(settings: Settings) -> Iterator[Check]:
    from db.connect import is_there, open_database  # noqa: PLC0415 - brings SQLAlchemy, which --help need not load
    from db.lock import PipelineLock  # noqa: PLC0415
    from dl_lit.app.care.upkeep import tidy  # noqa: PLC0415
    from dl_lit.core.clock import SystemClock  # noqa: PLC0415
    from dl_lit.core.errors import DatabaseBusy, DlLitError  # noqa: PLC0415

    clock = SystemClock()
    upgrades: list[Path] = []
    try:
        if not is_there(settings.database):
            return
        with PipelineLock(settings.database, "doctor --fix", clock):
            open_database(settings.database, on_upgrade=upgrades.append).dispose()
            yield from (_done(f"brought the database up to date; as it was before it is in {one}") for one in upgrades)
            yield from _lost(settings)
        yield from _left_over(settings)
    except DatabaseBusy as error:
        yield _left(f"the database was left alone: {error}")
    except DlLitError as error:
        yield _left(str(error))
        return
    gone = {what: number for what, number in tidy(settings, clock).items() if number}
    if gone:
        yield _done("removed what was kept long enough: " + ", ".join(f"{n:,} {what}" for what, n in gone.items()))


def _lost(settings: Settings) -> Iterator[Check]:
    """Files that are gone are fetched again, unless it looks as if the whole library were."""
    from db.connect import connect  # noqa: PLC0415 - as above
    from db.lost_files import fetch_again, lost_files  # noqa: PLC0415
    from dl_lit.app.shelving import shelf_of  # noqa: PLC0415
    from dl_lit.core.clock import SystemClock  # noqa: PLC0415

    engine = connect(settings.database)
    try:
        with engine.connect() as connection:
            lost, known = lost_files(connection, dict(shelf_of(settings).sizes()).__contains__)
        if not lost:
            return
        if len(lost) > max(1, _MOST_LOST * known):
            yield _left(
                f"{len(lost):,} of {known:,} files are not in {settings.library}: is it mounted? "
                "If they are lost, dl-lit restore brings them back from a backup"
            )
            return
        number = fetch_again(engine, list(lost.items()), SystemClock())
        yield _done(f"works whose file is gone, to be fetched again by the next run: {number:,}")
    finally:
        engine.dispose()


def _left_over(settings: Settings) -> Iterator[Check]:
    """What a sudden end left behind is put right by whoever starts next: start, and end at once."""
    from db.reading.files import library_files  # noqa: PLC0415 - as above
    from db.reading.opening import reading  # noqa: PLC0415
    from dl_lit.app.shelving import shelf_of  # noqa: PLC0415
    from dl_lit.app.workshop import Workshop  # noqa: PLC0415

    with reading(settings.database) as connection:
        found = library_files(connection, shelf_of(settings), contents=False, running=False)
        healing = [finding for finding in found if finding.heals and not finding.holds]
    if healing:
        with Workshop(settings.without_models, "doctor --fix"):
            pass
        yield _done(f"files that a sudden end left behind, put right: {sum(one.broken for one in healing):,}")


def _done(says: str) -> Check:
    return Check("fixed", Level.OK, says)


def _left(says: str) -> Check:
    return Check("not-fixed", Level.WARNING, says)
