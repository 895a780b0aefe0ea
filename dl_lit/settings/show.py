"""The settings for people: value and origin of each, secrets left out."""

from __future__ import annotations

from pathlib import Path

from dl_lit.core.access import Resolver
from dl_lit.core.database_address import RemoteDatabase
from dl_lit.core.object_address import ObjectPlace
from dl_lit.core.values import dataclass
from dl_lit.settings.leaves import leaves
from dl_lit.settings.load import Loaded
from dl_lit.settings.model import Settings


@dataclass(frozen=True, slots=True)
class Shown:
    """One line of `dl-lit config`."""

    name: str
    value: str | int | float | bool | list[str] | None  # a secret is "(set)" or None
    origin: str
    variable: str  # the environment variable that sets it


def shown(loaded: Loaded) -> tuple[Shown, ...]:
    """Every setting in the model's order.

    What is left to the service (its address, limits, time-out) is shown as it came out, not as None.
    """
    return tuple(
        Shown(
            name,
            _plain(_effective(loaded.settings, name, value.value), secret=leaves()[name].is_secret),
            value.origin,
            leaves()[name].variables[-1],
        )
        for name, value in loaded.values.items()
    )


def differing(loaded: Loaded) -> dict[str, str | int | float | bool | list[str] | None]:
    """The settings that somebody has set, without secrets and the contact address: what a run's book keeps."""
    return {
        name: _plain(value.value, secret=False)
        for name, value in loaded.values.items()
        if value.origin != "default" and not leaves()[name].is_secret and name != "contact_email"
    }


def _effective(settings: Settings, name: str, value: object) -> object:
    if value is not None or not name.startswith("services."):
        return value
    _, service_name, *rest = name.split(".")
    service = settings.services[service_name]
    lane = service.lanes[rest[1]] if rest[0] == "lanes" else service.lane
    match rest[-1]:
        case "url":
            return service.service.base_url
        case "rate":
            return ", ".join(f"{window.permits}/{window.seconds:g}" for window in lane.windows)
        case "concurrency":
            return lane.concurrency
        case "credits_per_day":
            return service.credits_per_day
        case "timeout_s":
            return service.service.timeout_s
        case "cache_days":
            return service.cache_days
        case _:
            return None


def _plain(value: object, *, secret: bool) -> str | int | float | bool | list[str] | None:
    if value is None:
        return None
    if secret:
        return "(set)"
    if isinstance(value, tuple):
        return [part.url if isinstance(part, Resolver) else str(part) for part in value]
    if isinstance(value, bool | int | float | str):
        return value
    return str(value) if isinstance(value, Path | ObjectPlace | RemoteDatabase) else repr(value)
