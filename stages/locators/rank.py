"""In which order locations are tried, and which not at all. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from dl_lit.core.model import HostType, Location
from dl_lit.core.values import dataclass
from stages.locators.addresses import is_broken, is_challenging, is_web, same_file
from stages.locators.preference import Prefer, Preference

MAX_LOCATIONS = 30  # more addresses of one work than anybody will try

_HOSTS = {HostType.REPOSITORY: 0, None: 1, HostType.PUBLISHER: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sorted:
    """The locations of one work, each file once."""

    to_try: tuple[Location, ...] = ()  # the best first
    embargoed: tuple[Location, ...] = ()  # open from a later day on; the soonest first
    set_aside: tuple[Location, ...] = ()  # not wanted


def sort_out(locations: Iterable[Location], preference: Preference, today: date) -> Sorted:
    """Tell what can be tried `today` from what cannot yet and what is not wanted."""
    each = rank(locations, preference)
    wanted = [one for one in each if preference.accepts(one)]
    embargoed = [one for one in wanted if one.open_from is not None and one.open_from > today]
    return Sorted(
        to_try=tuple(one for one in wanted if one not in embargoed)[:MAX_LOCATIONS],
        embargoed=tuple(sorted(embargoed, key=lambda one: one.open_from or today))[:MAX_LOCATIONS],
        set_aside=tuple(one for one in each if one not in wanted)[:MAX_LOCATIONS],
    )


def rank(locations: Iterable[Location], preference: Preference | None = None) -> tuple[Location, ...]:
    """Order `locations`, each file once, as it was described best; what is not meant for the web is left out.

    PDFs before landing pages, then repositories before publishers, then the version; the version first where that is
    preferred. Hosts that challenge programs come late in any case, and last what is no address at all.
    """
    wishes = preference or Preference()
    best: dict[str, Location] = {}
    asked = (one for one in locations if is_web(one.url) or is_broken(one.url))
    for place in sorted(asked, key=lambda one: _key(one, wishes)):
        best.setdefault(same_file(place.url), place)
    return tuple(best.values())


def _key(place: Location, wishes: Preference) -> tuple[int, ...]:
    host, version = _HOSTS[place.host_type], wishes.rank_of(place.version)
    first, second = (version, host) if wishes.prefer is Prefer.VERSION else (host, version)
    is_plain = not place.url.startswith("https:")
    return (is_broken(place.url), is_challenging(place.url), not place.is_pdf, first, second, is_plain)
