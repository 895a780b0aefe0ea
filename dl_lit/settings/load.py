"""Reads the four layers of settings, checks every value where it was written, and remembers who set it."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from dl_lit.core.values import dataclass
from dl_lit.settings.check import checked, cross_check, refusal
from dl_lit.settings.derived import derived
from dl_lit.settings.leaves import CONFIG_VARIABLE, ENV_PREFIX, Leaf, leaves
from dl_lit.settings.model import Settings
from dl_lit.settings.places import Places, home, places
from dl_lit.settings.resolve import resolved


@dataclass(frozen=True, slots=True)
class Value:
    """What a setting was set to, and where."""

    value: object
    origin: str  # "default", "profile production", "file /etc/x.toml", "env DL_LIT_DB", "option --db", "credential ..."


@dataclass(frozen=True, slots=True)
class Loaded:
    """The settings and where each comes from."""

    settings: Settings
    values: Mapping[str, Value]  # by setting name, in the model's order
    files: tuple[Path, ...]  # the TOML files that were read
    unused: tuple[str, ...]  # variables DL_LIT_* that set nothing: of a service this version does not ask, or misspelt


@dataclass(frozen=True, slots=True)
class _Written:
    """A value as somebody wrote it."""

    leaf: Leaf
    value: object
    origin: str
    folder: Path  # that a relative path starts from
    as_text: bool  # numbers, truth values and lists are written as text here


def load(
    *,
    config: Path | None = None,
    env: Mapping[str, str] | None = None,
    options: Mapping[str, tuple[str, object]] | None = None,
) -> Loaded:
    """Decide all settings: defaults < profile, tier < TOML file < environment < credentials < options.

    `config` is the file named by `--config`; without it `DL_LIT_CONFIG` names one, else `config.toml` is read from
    `$CONFIGURATION_DIRECTORY` or the user's `dl-lit` configuration folder if it is there. `env` is the process's own
    environment unless given. `options` has, by setting name, the option as typed and its value; None values are left
    out. Empty variables count as not set. Raises `NeedsConfiguration`, or `BadInput` where an option is to blame: one
    line naming the setting and the place.
    """
    env = os.environ if env is None else env
    where = places(env)
    file = _config_file(config, env, where)
    values = {name: Value(default, "default") for name, default in _defaults(where).items()}
    for written in (
        *(_from_file(file) if file is not None else ()),
        *_from_environment(env),
        *_from_credentials(env, where),
        *_from_options(options or {}),
    ):
        value = checked(
            written.leaf,
            written.value,
            written.origin,
            folder=written.folder,
            home=home(env),
            as_text=written.as_text,
        )
        values[written.leaf.name] = Value(value, written.origin)
    for name, found, origin in derived({name: value.value for name, value in values.items()}, env):
        if values[name].origin == "default":
            values[name] = Value(checked(leaves()[name], found, origin, folder=_cwd(), home=home(env)), origin)
    plain = {name: value.value for name, value in values.items()}
    cross_check(plain, {name: value.origin for name, value in values.items()})
    return Loaded(resolved(plain), values, (file,) if file is not None else (), _unused(env))


def _defaults(where: Places) -> dict[str, object]:
    computed: dict[str, object] = {
        "database": where.data / "dl-lit.db",
        "library": where.data / "library",
        "state_folder": where.state,
        "cache_folder": where.cache,
        "local_index": where.data / "local-index.db",
    }
    return {name: computed.get(name, leaf.default) for name, leaf in leaves().items()}


def _config_file(named: Path | None, env: Mapping[str, str], where: Places) -> Path | None:
    if named is not None:
        return named
    if env.get(CONFIG_VARIABLE):
        return Path(env[CONFIG_VARIABLE])
    usual = where.config / "config.toml"
    try:
        return usual if usual.is_file() else None
    except (OSError, ValueError):
        return None


def _from_file(path: Path) -> Iterator[_Written]:
    try:
        with path.open("rb") as stream:
            document = tomllib.load(stream)
    except (OSError, ValueError, RecursionError) as error:  # TOMLDecodeError and UnicodeDecodeError are ValueErrors
        raise refusal(f"cannot read the settings file {path}: {error}") from error
    origin = f"file {path}"
    for name, value in _flat(document, ""):
        leaf = leaves().get(name)
        if leaf is None:
            known = any(other.startswith(f"{name}.") for other in leaves())
            what = "is a section, not a value" if known else "is no setting"
            raise refusal(f"{name!r} {what} ({origin}); `dl-lit config` lists all settings")
        yield _Written(leaf, value, origin, _absolute(path).parent, as_text=False)


def _flat(table: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, object]]:
    for key, value in table.items():
        name = prefix + key
        if isinstance(value, dict) and name not in leaves():
            yield from _flat(value, f"{name}.")
        else:
            yield name, value


def _from_environment(env: Mapping[str, str]) -> Iterator[_Written]:
    for leaf in leaves().values():
        for variable in leaf.variables:
            if env.get(variable):
                yield _Written(leaf, env[variable], f"env {variable}", _cwd(), as_text=True)


def _from_credentials(env: Mapping[str, str], where: Places) -> Iterator[_Written]:
    """Secrets and the database in files of their own: in `credentials` of the settings' folder, and what systemd gives.

    LoadCredential=openalex_key:FILE puts one into `$CREDENTIALS_DIRECTORY`; LoadCredential=dl_lit:FOLDER those of a
    whole folder, each with "dl_lit_" before its name.
    https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#Credentials (read 2026-11-23).
    """
    given = env.get("CREDENTIALS_DIRECTORY")
    for folder in (where.config / "credentials", *([Path(given)] if given else [])):
        there = _names_in(folder)
        for leaf in leaves().values():
            for name in (leaf.credential, f"dl_lit_{leaf.credential}") if leaf.has_credential else ():
                if name in there and (text := _secret(folder / name)):
                    yield _Written(leaf, text, f"credential {name}", _cwd(), as_text=True)


def _names_in(folder: Path) -> frozenset[str]:
    """What is in the folder; nothing where there is none, or it is not for us (systemd reads a folder of root's)."""
    try:
        return frozenset(one.name for one in folder.iterdir())
    except (OSError, ValueError):
        return frozenset()


def _secret(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        raise refusal(f"cannot read the credential {file.name}: {error}") from error


def _from_options(options: Mapping[str, tuple[str, object]]) -> Iterator[_Written]:
    for name, (option, value) in options.items():
        if value is not None:
            text = os.fspath(value) if isinstance(value, os.PathLike) else value
            yield _Written(leaves()[name], text, f"option {option}", _cwd(), as_text=isinstance(text, str))


def _unused(env: Mapping[str, str]) -> tuple[str, ...]:
    used = {variable for leaf in leaves().values() for variable in leaf.variables}
    used.add(CONFIG_VARIABLE)
    return tuple(sorted(name for name in env if name.startswith(ENV_PREFIX) and name not in used))


def _absolute(path: Path) -> Path:
    return path if path.is_absolute() else _cwd() / path


def _cwd() -> Path:
    try:
        return Path.cwd()
    except OSError:  # the folder we were started in has been removed
        return Path("/")
