"""Which folders are watched: what is named on the command line, held against each other and against what is ours."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from dl_lit.app.intake.inbox import require_folder
from dl_lit.core.errors import BadInput
from dl_lit.runtime.watching.wanted import Wanted
from dl_lit.settings import Settings


def watched_folders(settings: Settings, folders: Sequence[Path], *, wait: bool = False) -> list[Wanted]:
    """What is wanted of each folder that is to be watched, one below another left out, since that one sees it.

    Raises `BadInput` for a folder that is not there (unless it is to be waited for), that holds what dl_lit itself
    writes, or that another one leaves out.
    """
    ours = _ours(settings)
    chosen: list[tuple[Path, Path]] = []  # as named, and as it really is
    for folder in folders:
        if not wait or (folder.exists() and not folder.is_dir()):
            require_folder(folder)
        named, real = folder.absolute(), folder.resolve()
        for what, place in ours.items():
            if real == place or place in real.parents:
                raise BadInput(f"{folder} cannot be watched: it is in {what} ({place})")
        if all(real != other for _, other in chosen):
            chosen.append((named, real))
    return _outermost(settings, chosen, frozenset(ours.values()))


def hand_in_folder(settings: Settings) -> Wanted | None:
    """What is wanted of the hand-in folder, if there is one. Raises `BadInput` where it cannot be watched."""
    folder = settings.hand_in.folder
    if folder is None:
        return None
    require_folder(folder)
    return Wanted(folder.absolute(), settings.watch.ignore)


def _ours(settings: Settings) -> dict[str, Path]:
    found = {
        "the library": settings.library_folder,
        "the folder for the cache": settings.cache_folder,
        "the folder for what is remembered": settings.state_folder,
    }
    if settings.hand_in.folder is not None:
        found["the hand-in folder"] = settings.hand_in.folder
    return {what: place.resolve() for what, place in found.items()}


def _outermost(settings: Settings, chosen: list[tuple[Path, Path]], ours: frozenset[Path]) -> list[Wanted]:
    found = []
    for named, real in chosen:
        inside = frozenset(named / place.relative_to(real) for place in ours if real in place.parents)
        found.append(Wanted(named, settings.watch.ignore, inside))
    for (named, real), _ in zip(chosen, found, strict=True):
        for (_, other), wanted in zip(chosen, found, strict=True):
            if other in real.parents and not wanted.enters(wanted.folder / real.relative_to(other)):
                raise BadInput(f"{named} cannot be watched beside {wanted.folder}, which leaves it out")
    reals = [real for _, real in chosen]
    return [wanted for wanted, real in zip(found, reals, strict=True) if not any(one in real.parents for one in reals)]
