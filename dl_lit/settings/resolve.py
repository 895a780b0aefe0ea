"""Puts the checked values into the model, and works out what each service may be asked."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, cast

from dl_lit.core.access import Resolver
from dl_lit.core.database_address import RemoteDatabase, keep_connections, signpost
from dl_lit.core.services import SERVICES, Lane, Service
from dl_lit.settings.check import windows
from dl_lit.settings.model import CacheSettings, LaneSettings, ServiceOptions, ServiceSettings, Settings


def resolved(values: Mapping[str, object]) -> Settings:
    """The settings made of `values` by name; all names are there and all values checked."""
    fields: dict[str, Any] = {}
    for setting in dataclasses.fields(Settings):
        if setting.name == "services":
            continue
        if dataclasses.is_dataclass(setting.default):
            fields[setting.name] = _filled(type(setting.default), f"{setting.name}.", values)
        else:
            fields[setting.name] = values[setting.name]
    if isinstance(fields["database"], RemoteDatabase):
        post = signpost(fields["database"].address, fields["state_folder"] / "databases")
        keep_connections(post, fields["database_pool_size"])
        fields["database"] = post
    contact = fields["contact_email"]
    services = {service.name: _service(service, values, contact) for service in SERVICES}
    access = fields["access"]
    own = [*(_resolver(one, values) for one in access.resolvers), *access.publishers]
    return Settings(**fields, services={**services, **{one.name: _own(one, values) for one in own}})


def _resolver(one: Resolver, values: Mapping[str, object]) -> Service:
    """A resolver of the user's own as a service: asked as politely as all others, at the rate that was set for it."""
    lane = Lane(windows(one.rate), 1)
    return Service(
        name=one.service,
        base_url=one.base_url,
        polite=lane,
        anonymous=lane,
        answers_in_html=one.mode == "html",
        timeout_s=cast("float", values["http.timeout_s"]),
    )


def _own(service: Service, values: Mapping[str, object]) -> ServiceSettings:
    """A service that is asked by the user's own right, as `[access]` says."""
    return ServiceSettings(
        service=service,
        lane=service.polite,
        lanes={},
        unproven=service.polite,
        unproven_lanes={},
        credits_per_day=None,
        cache_days=_cache_days(service, None, values),
    )


def _filled(model: type[Any], prefix: str, values: Mapping[str, object]) -> Any:
    return model(**{field.name: values[prefix + field.name] for field in dataclasses.fields(model)})


def _service(service: Service, values: Mapping[str, object], contact_email: str | None) -> ServiceSettings:
    prefix = f"services.{service.name}."
    options: ServiceOptions = _filled(ServiceOptions, prefix, values)
    key = options.key or (cast("str | None", values[f"services.{service.key_of}.key"]) if service.key_of else None)
    known = contact_email is not None or key is not None
    missing = (
        *(("contact_email",) if service.needs_contact and contact_email is None else ()),
        *((f"{prefix}key",) if service.needs_key and key is None else ()),
        *((service.switch,) if service.switch and not values[service.switch] else ()),
        *((f"{prefix}url",) if service.is_own and options.url is None else ()),
    )
    credits_known = service.credits_per_day_keyed if key is not None else service.credits_per_day
    lanes, unproven = {}, {}
    for name, polite, anonymous in service.lanes:
        lane: LaneSettings = _filled(LaneSettings, f"{prefix}lanes.{name}.", values)
        lanes[name] = _lane(polite if known else anonymous, lane.rate, lane.concurrency)
        unproven[name] = _unproven(service, anonymous, lanes[name], lane.rate)
    main = _lane(_tier(service, is_known=known, is_keyed=key is not None), options.rate, options.concurrency)
    return ServiceSettings(
        service=dataclasses.replace(
            service,
            base_url=(options.url or service.base_url).rstrip("/"),
            timeout_s=service.timeout_s if options.timeout_s is None else options.timeout_s,
        ),
        lane=main,
        lanes=lanes,
        unproven=_unproven(service, service.anonymous, main, options.rate),
        unproven_lanes=unproven,
        credits_per_day=credits_known if options.credits_per_day is None else options.credits_per_day,
        key=key,
        enabled=options.enabled,
        missing=missing,
        cache_days=_cache_days(service, options.cache_days, values),
    )


_USUAL_DAYS = {
    "unpaywall": 7.0,  # what is open changes from week to week
    "europepmc": 14.0,
    "pmc": 14.0,
    "oapen": 14.0,
    "doab": 14.0,
    "doaj": 14.0,
    "core": 14.0,
    "internet_archive": 14.0,
    "wayback": 14.0,
    "doi": 365.0,  # which agency a prefix belongs to hardly ever changes
}


def _cache_days(service: Service, chosen: float | None, values: Mapping[str, object]) -> float:
    """How long the service's answers are remembered: as set for it, else what is usual for it, else for all.

    A shorter lifetime for all holds for every service. Servers of the operator's own are asked anew each time.
    """
    if chosen is not None:
        return chosen
    general = cast("float", values["cache.lifetime_days"])
    default = CacheSettings().lifetime_days
    usual = _USUAL_DAYS.get(service.name, general)
    return 0.0 if service.is_own else usual if general >= default else min(usual, general)


def _tier(service: Service, *, is_known: bool, is_keyed: bool) -> Lane:
    if is_keyed and service.keyed is not None:
        return service.keyed
    return service.polite if is_known else service.anonymous


def _lane(known: Lane, rate: str | None, concurrency: int | None) -> Lane:
    return Lane(
        windows=known.windows if rate is None else windows(rate),
        concurrency=known.concurrency if concurrency is None else concurrency,
        is_published=known.is_published and rate is None,
    )


def _unproven(service: Service, anonymous: Lane, decided: Lane, rate: str | None) -> Lane:
    """What holds until the service has said that we are polite; a rate that was set is taken as it is."""
    if not service.announces_pool or rate is not None:
        return decided
    return dataclasses.replace(anonymous, concurrency=min(anonymous.concurrency, decided.concurrency))
