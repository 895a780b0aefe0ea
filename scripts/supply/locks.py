"""The lock files as data. What is not understood to the last line is refused: a lock is either whole or none."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
LOCKS = (
    "requirements.lock",
    "requirements-ocr.lock",
    "requirements-csl.lock",
    "requirements-objects.lock",
    "requirements-corpus.lock",
    "requirements-postgres.lock",
    "requirements-dev.lock",
)
PROJECT = "dl-lit"

_PIN = re.compile(
    r"(?P<name>[a-z0-9][a-z0-9._-]*)(?:\[[a-z0-9,._-]+\])?==(?P<version>[^\s;\\]+)(?: ; [^\\]+)?(?P<more> \\)?"
)
_HASH = re.compile(r"    --hash=sha256:(?P<digest>[0-9a-f]{64})(?P<more> \\)?")
_WHO = re.compile(r"    #(?: via|  )(?: (?P<who>\S.*))?")


class BadLockError(ValueError):
    """A lock file has a line that pins nothing, or a pin without a hash."""


@dataclass(frozen=True, slots=True)
class Pin:
    """One distribution as a lock has it.

    `hashes` are the SHA-256 of every file published under that version, any of which may be installed; `needed_by` are
    the names of the distributions that want it, this project among them where it is a direct dependency.
    """

    name: str
    version: str
    hashes: tuple[str, ...]
    needed_by: tuple[str, ...]


def read_pins(text: str) -> tuple[Pin, ...]:
    """The pins of a lock, by name. Raises `BadLockError` for any other line: an option, an address, a bare name."""
    met: list[tuple[str, str, list[str], list[str]]] = []
    expecting_hash = False
    for number, line in enumerate(text.splitlines(), 1):
        if pin := _PIN.fullmatch(line):
            if expecting_hash or not pin["more"]:
                raise BadLockError(f"line {number}: a pin without a hash")
            met.append((pin["name"], pin["version"], [], []))
            expecting_hash = True
        elif (digest := _HASH.fullmatch(line)) and expecting_hash:
            met[-1][2].append(digest["digest"])
            expecting_hash = bool(digest["more"])
        elif (who := _WHO.fullmatch(line)) and met and not expecting_hash:
            if who["who"] and not who["who"].startswith("-c "):
                met[-1][3].append(who["who"].split(" (")[0])
        elif not (line.startswith("# ") and not met):
            raise BadLockError(f"line {number} is neither a pin nor a hash: {line.strip()!r}")
    if expecting_hash:
        raise BadLockError("the last pin is cut short")
    pins = [Pin(name, version, tuple(sorted(hashes)), tuple(sorted(who))) for name, version, hashes, who in met]
    if len({pin.name for pin in pins}) != len(pins):
        raise BadLockError("a name is pinned twice")
    return tuple(sorted(pins, key=lambda pin: pin.name))


def read_lock(name: str, root: Path = ROOT) -> tuple[Pin, ...]:
    """The pins of one of `LOCKS`. Raises `BadLockError`, which names the file."""
    try:
        return read_pins((root / name).read_text(encoding="utf-8"))
    except BadLockError as error:
        raise BadLockError(f"{name}: {error}") from None


def everything(root: Path = ROOT) -> tuple[Pin, ...]:
    """What any of the locks installs, once each, by name and version."""
    found = {(pin.name, pin.version): pin for lock in LOCKS for pin in read_lock(lock, root)}
    return tuple(found[key] for key in sorted(found))
