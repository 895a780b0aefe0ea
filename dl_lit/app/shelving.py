"""Makes the library that the settings name, a folder or an object store. Nobody else asks which of the two it is."""

from __future__ import annotations

from pathlib import Path

from dl_lit.app.naming import naming
from dl_lit.core.clock import Clock, SystemClock
from dl_lit.library.copies import Copies
from dl_lit.library.folder import FolderLibrary
from dl_lit.library.kept import KeptLibrary, Shelf
from dl_lit.library.opening import opened
from dl_lit.library.placing import Annotate, FindSame, OwnerOf
from dl_lit.library.shelves import BucketShelf, FolderShelf
from dl_lit.settings import Settings
from dl_lit.settings.model import MB

COPIES = "copies"
"""The folder in the state folder for local copies of what lies elsewhere."""

_PROBE_S = 3.0


def library_of(
    settings: Settings,
    clock: Clock,
    *,
    find_same: FindSame,
    owner_of: OwnerOf,
    annotate: Annotate | None,
    is_new: bool,
) -> KeptLibrary:
    """The library to put files into; the parameters are those of `FolderLibrary`. Raises `NeedsConfiguration`."""
    if isinstance(settings.library, Path):
        return FolderLibrary(
            settings.library,
            clock,
            naming=naming(settings),
            find_same=find_same,
            owner_of=owner_of,
            annotate=annotate,
            is_new=is_new,
        )
    bucket = opened(settings.library, timeout_s=settings.shared.timeout_s)
    from dl_lit.library.objects import ObjectLibrary  # noqa: PLC0415 - brings obstore, which folders do without

    return ObjectLibrary(
        bucket,
        opened(settings.library, timeout_s=_PROBE_S, is_patient=False),
        settings.library_folder,
        clock,
        naming=naming(settings),
        owner_of=owner_of,
        annotate=annotate,
    )


def shelf_of(settings: Settings, clock: Clock | None = None) -> Shelf:
    """The library to read from. Raises `NeedsConfiguration`."""
    if isinstance(settings.library, Path):
        return FolderShelf(settings.library)
    return BucketShelf(opened(settings.library, timeout_s=settings.shared.timeout_s), copies_of(settings, clock))


def sent_shelf(settings: Settings, clock: Clock | None = None) -> Shelf | None:
    """Where sources are put for all hosts to reach; None where nothing is set. Raises `NeedsConfiguration`."""
    place = settings.shared.sources
    if place is None:
        return None
    if isinstance(place, Path):
        return FolderShelf(place)
    return BucketShelf(opened(place, timeout_s=settings.shared.timeout_s), copies_of(settings, clock))


def copies_of(settings: Settings, clock: Clock | None = None) -> Copies:
    """The local copies of this host."""
    return Copies(settings.state_folder / COPIES, settings.shared.copies_mb * MB, clock or SystemClock())
