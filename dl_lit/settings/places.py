"""Where dl_lit keeps things when nothing else is said: systemd's folders, else the XDG ones."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from dl_lit.core.values import dataclass


@dataclass(frozen=True, slots=True)
class Places:
    """The folders of this user (or of this unit, under systemd). None of them need exist."""

    config: Path
    data: Path
    state: Path
    cache: Path


def places(env: Mapping[str, str]) -> Places:
    """The folders that `env` asks for.

    systemd sets its variables from `StateDirectory=` and the like, and joins several with colons: the first counts.
    https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#RuntimeDirectory= (read 2026-11-22).
    Without them: https://specifications.freedesktop.org/basedir-spec/latest/ (read 2026-11-22).
    """
    return Places(
        config=_unit_folder(env, "CONFIGURATION_DIRECTORY") or _xdg(env, "XDG_CONFIG_HOME", ".config"),
        data=_unit_folder(env, "STATE_DIRECTORY") or _xdg(env, "XDG_DATA_HOME", ".local/share"),
        state=_unit_folder(env, "STATE_DIRECTORY") or _xdg(env, "XDG_STATE_HOME", ".local/state"),
        cache=_unit_folder(env, "CACHE_DIRECTORY") or _xdg(env, "XDG_CACHE_HOME", ".cache"),
    )


def home(env: Mapping[str, str]) -> Path:
    """The user's home folder; the root folder where there is none, so that a path always comes out."""
    return Path(env.get("HOME") or "/")


def _unit_folder(env: Mapping[str, str], name: str) -> Path | None:
    first = env.get(name, "").partition(":")[0]
    return Path(first) if first else None


def _xdg(env: Mapping[str, str], name: str, default: str) -> Path:
    # The specification: a relative path is invalid and to be ignored.
    value = env.get(name, "")
    return (Path(value) if value.startswith("/") else home(env) / default) / "dl-lit"
