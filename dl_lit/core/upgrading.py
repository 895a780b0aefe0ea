"""Whether another copy of a work is better than the one in the library. Pure.

Better is decided by what is proven, then by the version: a verified file before one that could not be read, the
published version before the accepted manuscript before the preprint. A copy whose version nobody states is no upgrade.
"""

from __future__ import annotations

from collections.abc import Iterable

from dl_lit.core.model import Location, Version
from dl_lit.core.reasons import Reason
from dl_lit.core.values import dataclass

_OF_STATUS = {Reason.OK: 3, Reason.OK_ACCEPTED_VERSION: 2, Reason.OK_PREPRINT: 1, Reason.OK_UNVERIFIED: 0}
_OF_VERSION = {Version.PUBLISHED: 3, Version.ACCEPTED: 2, Version.SUBMITTED: 1, None: 0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """The copy in the library."""

    status: Reason  # the kind of success it is
    version: Version | None = None  # as stated where it came from
    url: str = ""  # that it came from
    sha256: str = ""


def is_lesser(status: Reason) -> bool:
    """Whether a better copy is worth looking for."""
    return _OF_STATUS.get(status, 3) < _OF_STATUS[Reason.OK]


def better_locations(locations: Iterable[Location], held: Held) -> tuple[Location, ...]:
    """Those of `locations` that promise something strictly better than what is held, in their order."""
    if not is_lesser(held.status):
        return ()
    return tuple(one for one in locations if _promises_more(one, held))


def is_better(status: Reason, version: Version | None, held: Held) -> bool:
    """Whether a fetched file of this kind of success is strictly better than what is held."""
    if held.status is Reason.OK_UNVERIFIED:
        return status is not Reason.OK_UNVERIFIED and _OF_VERSION[version] >= _OF_VERSION[held.version]
    return _OF_STATUS.get(status, 0) > _OF_STATUS.get(held.status, 3)


def _promises_more(location: Location, held: Held) -> bool:
    if location.version is None or location.url == held.url:
        return False
    if held.status is Reason.OK_UNVERIFIED:
        return _OF_VERSION[location.version] >= _OF_VERSION[held.version]
    return _OF_VERSION[location.version] > _OF_STATUS[held.status]
