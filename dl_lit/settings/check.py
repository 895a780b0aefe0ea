"""Whether a value will do: its type and bounds, then what looking at it, or at two together, can tell."""

from __future__ import annotations

import math
import re
import shlex
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

import msgspec

from dl_lit.core.control_address import address_of
from dl_lit.core.database_address import RemoteDatabase, is_address
from dl_lit.core.errors import BadInput, DlLitError, NeedsConfiguration
from dl_lit.core.events import Occasion
from dl_lit.core.hosts import AddressRules
from dl_lit.core.key_pattern import KeyPattern
from dl_lit.core.naming import NameTemplate
from dl_lit.core.object_address import ObjectPlace, is_object_address
from dl_lit.core.services import Window
from dl_lit.settings.check_access import check_access, resolvers
from dl_lit.settings.leaves import Leaf
from dl_lit.settings.model import SOURCE_NAMES, STAGE_NAMES, VERSION_NAMES
from dl_lit.settings.words import permitted, secret_form
from dl_lit.settings.zotero import check_zotero

OCCASION_NAMES = tuple(one.value for one in Occasion if one is not Occasion.TEST)
"""What notify.on may name."""

_SHOWN = 60
"""Letters of a value that are repeated in a message."""

_VISIBLE = re.compile(r"[\x21-\x7e]+")
_HEADER = re.compile(r"[A-Za-z0-9-]+: ?[\x21-\x7e][\x20-\x7e]*")
_LANGUAGES = re.compile(r"(?:\w{3,24}(?:\+\w{3,24}){0,9})?")
_API_VERSION = re.compile(r"\d{4}-\d{2}-\d{2}(?:-preview)?")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
# Domains that stand in manuals and belong to nobody (RFC 2606, read 2026-11-23); Unpaywall, for one, answers 422.
_PLACEHOLDER = re.compile(r".*@(?:.*\.)?example\.(?:com|net|org)", re.IGNORECASE)
_HOST = re.compile(r"[0-9a-z]([0-9a-z.-]*[0-9a-z])?", re.IGNORECASE)
_RATE = re.compile(r"\s*([0-9]{1,9})\s*/\s*([0-9]{1,9}(?:\.[0-9]{1,6})?)\s*")

_AT_MOST = (
    ("engine.low_water", "engine.high_water"),
    ("memory.soft_mb", "memory.hard_mb"),
    ("disk.everything_below_mb", "disk.downloads_pause_below_mb"),
    ("http.keepalive", "http.pool_size"),
    ("memory_throttle_threshold_mb", "max_memory_usage_mb"),
    ("llm.batch_first", "llm.batch_width"),
)
"""Pairs of settings of which the first may not exceed the second."""


def checked(leaf: Leaf, value: object, origin: str, *, folder: Path, home: Path, as_text: bool = False) -> object:
    """`value` in the type of the setting; paths made absolute from `folder`, `~` being `home`.

    `as_text` is for places that know only text: numbers and truth values are read, lists split at commas.
    Raises `NeedsConfiguration`, or `BadInput` for an option, naming setting and place and saying what is permitted; no
    secret is repeated.
    """
    if as_text and leaf.is_list and isinstance(value, str):
        value = [part.strip() for part in value.split(",") if part.strip()]
    try:
        if leaf.is_path:
            value = _place(leaf, msgspec.convert(value, str), folder, home)
        elif leaf.name == "serve.folders":
            value = tuple(str(_path(part, folder, home)) for part in msgspec.convert(value, leaf.type))
        elif leaf.is_resolvers:
            value = resolvers(value, as_text=as_text)
        else:
            value = msgspec.convert(value, leaf.type, strict=not as_text)
        _look_closer(leaf, value)
    except (ValueError, OverflowError, RecursionError) as error:  # msgspec.ValidationError is a ValueError
        raise refusal(f"{leaf.name} ({origin}): {_told(leaf, value, error)}", origin) from error
    return value


def _told(leaf: Leaf, value: object, error: Exception) -> str:
    """What is wrong with the value, and what would be right."""
    if leaf.is_secret:
        return f"not of the right kind: write {secret_form(leaf.name.rpartition('.')[2])}"
    if isinstance(error, ValueError) and not isinstance(error, msgspec.ValidationError):
        return str(error)  # in our own words
    text = repr(value)
    return f"{text if len(text) <= _SHOWN else text[:_SHOWN] + '...'} will not do: write {permitted(leaf.type)}"


def refusal(message: str, origin: str = "") -> DlLitError:
    """The error with `message` on one line; what an option said is bad input, all else needs configuration."""
    kind = BadInput if origin.startswith("option ") else NeedsConfiguration
    return kind(" ".join(message.split()))


def windows(rate: str) -> tuple[Window, ...]:
    """The windows written as "PERMITS/SECONDS, ..."; raises `ValueError`."""
    found = []
    for part in rate.split(","):
        match = _RATE.fullmatch(part)
        if match is None or int(match[1]) < 1 or float(match[2]) <= 0:
            raise ValueError(f"{rate!r} is no rate; write PERMITS/SECONDS, for example 10/1 or 2/1, 100000/86400")
        found.append(Window(int(match[1]), float(match[2])))
    return tuple(found)


def cross_check(values: Mapping[str, object], origins: Mapping[str, str]) -> None:
    """Raise `NeedsConfiguration` where two settings contradict each other."""
    for lower, upper in _AT_MOST:
        low, high = values[lower], values[upper]
        if isinstance(low, int) and isinstance(high, int) and low > high:
            raise refusal(f"{lower} ({low}, {origins[lower]}) may not exceed {upper} ({high}, {origins[upper]})")


def _place(leaf: Leaf, text: str, folder: Path, home: Path) -> Path | ObjectPlace | RemoteDatabase:
    if leaf.name == "database" and is_address(text):
        return RemoteDatabase.parse(text)
    if not leaf.may_be_object_store or not is_object_address(text):
        return _path(text, folder, home)
    if text.startswith("file:///"):
        return _path(unquote(text.removeprefix("file://")), folder, home)
    return ObjectPlace.parse(text)


def _path(text: str, folder: Path, home: Path) -> Path:
    if not text or "\0" in text:
        raise ValueError("is no path")
    if text == "~" or text.startswith("~/"):
        return home / text[2:]
    return folder / text


def _look_closer(leaf: Leaf, value: object) -> None:
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{value} is no finite number: write {permitted(leaf.type)}")
    if leaf.is_list and isinstance(value, tuple):
        _look_at_list(leaf.name, value)
    elif leaf.name == "files.name" and isinstance(value, str):
        NameTemplate.parse(value)
    elif leaf.name == "export.citation_key" and isinstance(value, str):
        KeyPattern.parse(value)
    elif isinstance(value, str):
        _look_at_text(leaf, value)


def _look_at_list(name: str, values: tuple[str, ...]) -> None:
    for part in values:
        if name in {"watch.ignore", "serve.folders"}:  # of names and paths, which may be in any script
            _printable(part)
        else:
            _visible(part)
    match name:
        case "allow_hosts":
            AddressRules(values)
        case "engine.stages":
            _named(values, STAGE_NAMES, "stage")
            if not values:
                raise ValueError(f"no stage is named at all; the stages are {', '.join(STAGE_NAMES)}")
        case "sources.order":
            _named(values, SOURCE_NAMES, "source")
        case "download.versions":
            _named(values, VERSION_NAMES, "version")
            if not values:
                raise ValueError("no version is taken at all; name published, accepted or submitted")
        case "download.exclude_hosts":
            _hosts(values)
        case "llm.base_urls":
            _addresses(values)
        case "notify.on":
            _named(values, OCCASION_NAMES, "occasion")


def _look_at_text(leaf: Leaf, value: str) -> None:
    field = leaf.name.rpartition(".")[2]
    if leaf.name.startswith("zotero."):
        check_zotero(field, value)
    if leaf.name.startswith("access."):
        check_access(field, value)
    elif field == "rate":
        windows(value)
    elif field == "ocr_languages":
        if not _LANGUAGES.fullmatch(value):
            raise ValueError(f"{value!r} are no languages as Tesseract calls them; write eng, deu+eng or none")
    elif field == "otlp_header":
        if not _HEADER.fullmatch(value):
            raise ValueError("is no header; write NAME: VALUE")
    elif leaf.name == "notify.url":
        _url(value, may_ask=True)  # chat programs put the key of a webhook into its query
    elif field in {"url", "project_url", "otlp_url", "local_url"}:
        _url(value)
    elif field == "contact_email":
        _visible(value)
        if not _EMAIL.fullmatch(value):
            raise ValueError(f"{value!r} is no e-mail address")
        if _PLACEHOLDER.fullmatch(value):
            raise ValueError(f"{value!r} is a placeholder that services refuse: set an address of your own, or none")
    elif leaf.name == "llm.api_version":
        if not _API_VERSION.fullmatch(value):
            raise ValueError(f"{value!r} is no version of Azure's interface; write it as 2024-10-21")
    elif leaf.name == "serve.address":
        address_of(value, Path("/"))
    elif leaf.name == "notify.command":
        _command(value)
    elif field == "key" or leaf.name in {"llm.model", "serve.token"}:
        _visible(value)


def _addresses(urls: tuple[str, ...]) -> None:
    for url in urls:
        _url(url)
    if len(set(urls)) < len(urls):
        raise ValueError("a server is named twice")


def _named(names: tuple[str, ...], known: tuple[str, ...], what: str) -> None:
    for name in names:
        if name not in known:
            raise ValueError(f"{name!r} is no {what}; the {what}s are {', '.join(known)}")
    if len(set(names)) < len(names):
        raise ValueError(f"a {what} is named twice")


def _hosts(names: tuple[str, ...]) -> None:
    for name in names:
        if not _HOST.fullmatch(name):
            raise ValueError(f"{name!r} is no host; write it without scheme and path: journal.example.org")


def _command(text: str) -> None:
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise ValueError(f"{text!r} is no command as a shell reads it: {error}") from error
    if not words or "\0" in text:
        raise ValueError("names no program")


def _printable(text: str) -> None:
    if not text or any(ord(char) < 0x20 or ord(char) == 0x7F for char in text):
        raise ValueError(f"{text!r} is empty or has control characters")


def _visible(text: str) -> None:
    # These go into request headers and addresses: no white space, no control characters.
    if not _VISIBLE.fullmatch(text):
        raise ValueError(f"{text!r} has characters other than visible ASCII, or none at all")


def _url(text: str, *, may_ask: bool = False) -> None:
    _visible(text)
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError(f"{text!r} is no http or https address")
    if parts.port == 0:
        raise ValueError(f"{text!r} has no usable port")
    if parts.username is not None or parts.fragment:
        raise ValueError("the address may have neither a user name nor a fragment")
    if parts.query and not may_ask:
        raise ValueError("the address may have no query")
