"""The list of all settings, read off the model: name, type, default, and the variable that sets each."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, get_args, get_type_hints

from dl_lit.core.access import Resolver
from dl_lit.core.object_address import ObjectPlace
from dl_lit.core.services import SERVICES
from dl_lit.core.values import dataclass
from dl_lit.settings.access import SECRETS
from dl_lit.settings.model import LaneSettings, ServiceOptions, Settings

ENV_PREFIX = "DL_LIT_"

CONFIG_VARIABLE = "DL_LIT_CONFIG"
"""Names the TOML file; no setting."""

_SHORT_NAMES = {"database": "DL_LIT_DB", "http.rate_limit_buffer": "DL_LIT_RATE_LIMIT_BUFFER"}
"""Variables that are accepted beside the regular ones."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """One setting."""

    name: str  # "download.timeout_s", "services.crossref.lanes.list.rate"
    type: Any  # as annotated, bounds included
    default: object
    variables: tuple[str, ...]  # the environment variables that set it, the last has the last word

    @property
    def is_secret(self) -> bool:
        """Whether its value is never shown."""
        return self.name in SECRETS or (self.name.startswith("services.") and self.name.endswith(".key"))

    @property
    def has_credential(self) -> bool:
        """Whether a credential may give it: every secret, and the database, whose address may hold a password."""
        return self.is_secret or self.name == "database"

    @property
    def credential(self) -> str:
        """The name of that credential: "core_key", "wiley_token", "serve_token", "database"."""
        if "." not in self.name:
            return self.name
        section, name, *_ = self.name.split(".")
        if section == "services":
            return f"{name}_key"
        return name if section == "access" else f"{section}_{name}"

    @property
    def is_path(self) -> bool:
        """Whether it is a path, to be taken relative to where it was written."""
        return self.type is Path or Path in get_args(self.type)

    @property
    def may_be_object_store(self) -> bool:
        """Whether the address of an object store will do as well as a path."""
        return ObjectPlace in get_args(self.type)

    @property
    def is_resolvers(self) -> bool:
        """Whether it is the list of tables of the user's own resolvers."""
        return bool(self.type == tuple[Resolver, ...])

    @property
    def is_list(self) -> bool:
        """Whether the environment writes it as a list separated by commas."""
        return bool(self.type == tuple[str, ...])


@cache
def leaves() -> dict[str, Leaf]:
    """Every setting by name, in the order of the model."""
    return {leaf.name: leaf for leaf in _all()}


def _all() -> Iterator[Leaf]:
    for section_field in dataclasses.fields(Settings):
        if section_field.name == "services":
            continue
        if dataclasses.is_dataclass(section_field.default):
            model = type(section_field.default)
            yield from _section(model, _types_of(model), f"{section_field.name}.")
    yield from _section(Settings, _types_of(Settings), "")
    of_service, of_lane = _types_of(ServiceOptions), _types_of(LaneSettings)  # once: there are many of both
    for service in SERVICES:
        yield from _section(ServiceOptions, of_service, f"services.{service.name}.")
        for lane, _, _ in service.lanes:
            yield from _section(LaneSettings, of_lane, f"services.{service.name}.lanes.{lane}.")


def _types_of(model: type[Any]) -> dict[str, Any]:
    return get_type_hints(model, include_extras=True)


def _section(model: type[Any], hints: Mapping[str, Any], prefix: str) -> Iterator[Leaf]:
    for setting in dataclasses.fields(model):
        if setting.name == "services" or dataclasses.is_dataclass(setting.default):
            continue
        name = prefix + setting.name
        default = None if setting.default is dataclasses.MISSING else setting.default
        yield Leaf(name, hints[setting.name], default, _variables(name))


def _variables(name: str) -> tuple[str, ...]:
    plain = name.removeprefix("services.").replace(".lanes.", ".").replace(".", "_").upper()
    return (ENV_PREFIX + plain, *((_SHORT_NAMES[name],) if name in _SHORT_NAMES else ()))
