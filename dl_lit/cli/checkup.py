"""What `dl-lit doctor` finds out about the installation and the machine; nothing is changed."""

from __future__ import annotations

import importlib.util
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from dl_lit.core.database_address import is_signpost
from dl_lit.core.values import dataclass

if TYPE_CHECKING:
    from dl_lit.settings import Loaded, Settings

PACKAGES = ("dl_lit", "stages", "db")
_MB = 1_048_576
_RELEASED = datetime(2026, 11, 1, tzinfo=UTC)
"""No clock that is right shows less."""


class Level(StrEnum):
    """How a check came out."""

    OK = "ok"
    WARNING = "warning"  # works, but not as well as it could
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at."""

    name: str
    level: Level
    says: str  # what was found, and what to do about it

    @classmethod
    def of(cls, name: str, good: bool, says: str, otherwise: str, *, level: Level = Level.FAILED) -> Check:  # noqa: FBT001 - the question itself
        """Ok with `says` when `good`, else `otherwise` at `level`."""
        return cls(name, Level.OK, says) if good else cls(name, level, otherwise)


def _contact(settings: Settings) -> Check:
    """Whether there is a contact address that nobody has refused."""
    from dl_lit.app.now.services_now import services_now  # noqa: PLC0415 - brings msgspec, which --help need not load

    refusing = [one.service for one in services_now(settings, time.time()) if one.contact_trouble]
    if settings.contact_email is not None and refusing:
        says = f"refused by {', '.join(refusing)}: not asked; set contact_email to an address of your own"
        return Check("contact", Level.WARNING, says)
    return Check.of(
        "contact",
        settings.contact_email is not None,
        "a contact address is set: services that ask for one are used, and some give more",
        "no contact address: Unpaywall is left out and services give less; set DL_LIT_CONTACT_EMAIL",
        level=Level.WARNING,
    )


def machine(loaded: Loaded) -> Iterator[Check]:
    """The installation, the settings, folders, disk and clock."""
    settings = loaded.settings
    version = sys.version.split()[0]
    yield Check.of(
        "python",
        sys.version_info >= (3, 11),
        f"Python {version} in {sys.prefix}",
        f"Python {version} is older than 3.11",
    )
    yield _packages()
    yield from _settings(loaded)
    yield from _reading(settings)
    yield from _model(settings)
    yield from _local_index(settings)
    yield from _folders(settings)
    yield from _disk(settings)
    now = datetime.now(UTC)
    yield Check.of(
        "clock",
        now >= _RELEASED,
        f"{now:%Y-%m-%d %H:%M:%S} UTC",
        f"the clock says {now:%Y-%m-%d}: set it, or enable NTP",
    )


def _packages() -> Check:
    """Other distributions have packages called db and stages: ours must be the ones that are imported."""
    places = {}
    for name in PACKAGES:
        spec = importlib.util.find_spec(name)
        origin = spec.origin if spec else None
        places[name] = Path(origin).parent.parent.resolve() if origin else None
    where = places["dl_lit"]
    astray = [f"{name} from {place}" for name, place in places.items() if place != where]
    return Check.of(
        "packages",
        not astray,
        f"{', '.join(PACKAGES)} from {where}",
        f"dl_lit is imported from {where}, but {', '.join(astray)}: install dl-lit into an environment of its own, "
        "and set PYTHONSAFEPATH=1",
    )


def _settings(loaded: Loaded) -> Iterator[Check]:
    changed = sum(value.origin != "default" for value in loaded.values.values())
    files = ", ".join(map(str, loaded.files)) or "no file"
    yield Check("settings", Level.OK, f"{files}, {changed} not at their defaults: dl-lit config --changed shows them")
    if loaded.unused:
        yield Check("settings-unused", Level.WARNING, f"{', '.join(loaded.unused)} set nothing in this version")
    yield _contact(loaded.settings)
    off = [
        f"{name} ({'lacks ' + ', '.join(one.missing) if one.missing else 'switched off'})"
        for name, one in loaded.settings.services.items()
        if one.is_missed
    ]
    asked = [name for name, one in loaded.settings.services.items() if one.available]
    yield Check.of(
        "services",
        not off,
        f"all are asked: {', '.join(asked)}",
        f"not asked: {', '.join(off)}; asked: {', '.join(asked)}",
        level=Level.WARNING,
    )


def _reading(settings: Settings) -> Iterator[Check]:
    from dl_lit.app.reading.readers import scans_are_read  # noqa: PLC0415 - brings msgspec, which --help need not load

    are_read, says = scans_are_read(settings)
    yield Check.of("scans", are_read, says, says, level=Level.WARNING)
    yield _parsers(settings)
    grobid = settings.services.get("grobid")
    if grobid is not None and grobid.available:
        yield Check("grobid", Level.OK, f"reads along at {grobid.service.base_url}: doctor --live asks it")


def _parsers(settings: Settings) -> Check:
    from dl_lit.app.care.parsers import parsers_are_confined  # noqa: PLC0415 - as above
    from dl_lit.core.errors import PdfError  # noqa: PLC0415

    try:
        are_confined, says = parsers_are_confined(settings)
    except PdfError as error:
        return Check("parsers", Level.FAILED, f"no PDF can be read, the process that parses them ends: {error.detail}")
    return Check.of("parsers", are_confined, says, says, level=Level.WARNING)


def _model(settings: Settings) -> Iterator[Check]:
    """Whether the language model can be asked, what is left of the budget, and what was left behind."""
    from dl_lit.app.language.standing import standing  # noqa: PLC0415 - brings msgspec, which --help need not load
    from dl_lit.core.errors import DlLitError  # noqa: PLC0415

    try:
        found = standing(settings, time.time())
    except DlLitError as error:
        yield Check("model", Level.WARNING, str(error))
        return
    if found.name is None:
        yield Check("model", Level.OK, f"no language model is asked: {found.why_not}")
    elif found.lacking is not None:
        yield Check("model", Level.WARNING, f"no run begins: {found.lacking}; --no-llm does without models")
    elif found.is_budget_gone:
        hours = found.renewed_in_s / 3_600
        yield Check("model", Level.WARNING, f"{found.name}: the day's budget is used up, renewed in {hours:.0f} hours")
    else:
        yield Check("model", Level.OK, f"{found.name} at {', '.join(found.base_urls)}: doctor --live asks it")
    if found.remote_files_let_go:
        says = f"{found.remote_files_let_go:,} were left with the provider by a sudden end: dl-lit llm --clean-up"
        yield Check("model-files", Level.WARNING, says)


def _local_index(settings: Settings) -> Iterator[Check]:
    from db.local_index.upkeep import summary  # noqa: PLC0415 - brings msgspec, which --help need not load
    from dl_lit.cli.printing import moment_of, size  # noqa: PLC0415
    from dl_lit.core.errors import DatabaseUnusable  # noqa: PLC0415

    try:
        found = summary(settings.local_index)
    except DatabaseUnusable as error:
        yield Check("local-index", Level.WARNING, str(error))
        return
    if found is not None:
        says = f"{found.records:,} records, {size(found.size_bytes)}, last import {moment_of(found.newest_import)}"
        yield Check("local-index", Level.OK, f"{settings.local_index}: {says}")


def _folders(settings: Settings) -> Iterator[Check]:
    for name, folder in (
        ("database-folder", settings.database.parent),
        ("library", settings.library_folder),
        ("state-folder", settings.state_folder),
        ("cache-folder", settings.cache_folder),
    ):
        there = _nearest(folder)
        error = _why_not_writable(there)
        yield Check.of(
            name,
            error is None,
            f"{folder} is writable" if there == folder else f"{folder} will be made",
            f"{folder} cannot be written to ({error}): change its owner, or name another folder",
        )


def _nearest(folder: Path) -> Path:
    """The folder, or the first one above it that exists."""
    return next((place for place in (folder, *folder.parents) if place.exists()), Path("/"))


def _why_not_writable(folder: Path) -> str | None:
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"x")
    except OSError as error:
        return error.strerror or str(error)
    return None


def _disk(settings: Settings) -> Iterator[Check]:
    for name, folder, least, then in (
        ("disk-library", settings.library_folder, settings.disk.downloads_pause_below_mb, "downloads pause"),
        (_notes(settings), settings.database.parent, settings.disk.everything_below_mb, "everything pauses"),
    ):
        free = shutil.disk_usage(_nearest(folder)).free // _MB
        yield Check.of(
            name,
            free >= least,
            f"{free:,} MB free",
            f"{free:,} MB free in {folder}, less than {least:,}: {then}; make room",
        )


def _notes(settings: Settings) -> str:
    """The disk with the database, or of one on a server with what this host keeps beside its signpost."""
    return "disk-state" if is_signpost(settings.database) else "disk-database"


def clock_behind(newest: str | None) -> Check:
    """Whether the clock is behind what the database has seen already (ISO 8601 in UTC; None: nothing)."""
    ahead_s = 0.0 if newest is None else datetime.fromisoformat(newest).timestamp() - time.time()
    return Check.of(
        "clock-behind",
        ahead_s < 3600,
        "the clock has not gone back since the last work was done",
        f"the database has work done at {newest}, which is in the future: set the clock, or enable NTP",
    )
