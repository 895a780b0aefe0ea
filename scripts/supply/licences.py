"""Under which licence each locked distribution comes, read from its metadata, and whether that licence is allowed."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from email.message import Message
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import cast

from supply.locks import Pin

LICENCES = Path(__file__).with_name("licences.toml")
_TOKEN = re.compile(r"\s*([()]|[A-Za-z0-9.+-]+)")


class BadExpressionError(ValueError):
    """A licence expression is not of SPDX's form."""


@dataclass(frozen=True, slots=True)
class Rules:
    """`licences.toml` as data. `stated` maps the names whose metadata are unclear to their licence."""

    allowed: frozenset[str]
    vague: frozenset[str]
    means: Mapping[str, str]
    stated: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Verdict:
    """A pin's licence as an SPDX expression (None: unknown), and what is wrong with it (None: nothing)."""

    pin: Pin
    licence: str | None
    problem: str | None


def read_rules(path: Path = LICENCES) -> Rules:
    """The rules in the file. Raises `KeyError` where it lacks something."""
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    return Rules(
        allowed=frozenset(table["permissive"]) | frozenset(table["dependency_only"]),
        vague=frozenset(table["vague"]),
        means=table["means"],
        stated={one["name"]: one["licence"] for one in table["stated"]},
    )


def permits(expression: str, allowed: frozenset[str]) -> bool:
    """Whether an SPDX expression leaves a choice that is allowed: all of an AND, one of an OR.

    An exception (WITH) is allowed only where it is listed together with its licence. Raises `BadExpressionError`.
    """
    tokens = _tokens(expression)

    def either() -> bool:
        found = both()
        while tokens and tokens[0] == "OR":
            tokens.pop(0)
            found = both() or found
        return found

    def both() -> bool:
        found = one()
        while tokens and tokens[0] == "AND":
            tokens.pop(0)
            found = one() and found
        return found

    def one() -> bool:
        head = tokens.pop(0) if tokens else ""
        if head == "(":
            found = either()
            if not tokens or tokens.pop(0) != ")":
                raise BadExpressionError(f"a bracket is left open: {expression!r}")
            return found
        if head in {"", ")", "AND", "OR", "WITH"}:
            raise BadExpressionError(f"a licence is missing: {expression!r}")
        if len(tokens) > 1 and tokens[0] == "WITH":
            head = f"{head} WITH {tokens[1]}"
            del tokens[:2]
        return head in allowed

    found = either()
    if tokens:
        raise BadExpressionError(f"{tokens[0]!r} is out of place: {expression!r}")
    return found


def _tokens(expression: str) -> list[str]:
    found, at = [], 0
    rest = expression.rstrip()
    while at < len(rest):
        token = _TOKEN.match(rest, at)
        if token is None:
            raise BadExpressionError(f"not an SPDX expression: {expression!r}")
        found.append(token[1])
        at = token.end()
    return found


def declared(metadata: Message, rules: Rules) -> str | None:
    """The licence that a distribution's metadata declare as an SPDX expression; None where they leave it open.

    `License-Expression` alone counts where it is there (https://peps.python.org/pep-0639/, read 2026-11-23); else the
    fields License and Classifier must all mean the same licence.
    """
    if expression := metadata.get("License-Expression"):
        return str(expression)
    classifiers = [str(one) for one in metadata.get_all("Classifier", []) if str(one).startswith("License ::")]
    said = {one for one in [str(metadata.get("License") or "").strip(), *classifiers] if one} - rules.vague
    found = {rules.means.get(one, one if one in rules.allowed else None) for one in said}
    return found.pop() if len(found) == 1 else None


def installed(pin: Pin) -> Message | None:
    """The metadata of the distribution as installed beside us; None where it is not, or in another version."""
    try:
        found = distribution(pin.name)
    except PackageNotFoundError:
        return None
    # Its class says less than it is: a message of email's.
    return cast("Message", found.metadata) if found.version == pin.version else None


def judge(pin: Pin, rules: Rules, metadata_of: Callable[[Pin], Message | None] = installed) -> Verdict:
    """What the pin's licence is and whether it may be installed. A stated licence yields to none that is declared."""
    metadata = metadata_of(pin)
    said = None if metadata is None else declared(metadata, rules)
    stated = rules.stated.get(pin.name)
    licence = said or stated
    if licence is None:
        why = "is not installed in this version" if metadata is None else "has metadata that leave its licence open"
        return Verdict(pin, None, f"{why}: state it in {LICENCES.name}, with the reason and a link")
    if said and stated and said != stated:
        return Verdict(pin, said, f"declares {said}, but {LICENCES.name} states {stated}")
    try:
        fine = permits(licence, rules.allowed)
    except BadExpressionError as error:
        return Verdict(pin, licence, str(error))
    return Verdict(pin, licence, None if fine else f"{licence} is not among the allowed licences")


def problems(pins: Iterable[Pin], rules: Rules, metadata_of: Callable[[Pin], Message | None] = installed) -> list[str]:
    """What keeps the pins from being allowed, one line each, stated licences of nothing among them."""
    verdicts = [judge(pin, rules, metadata_of) for pin in pins]
    wrong = [f"{one.pin.name} {one.pin.version} {one.problem}" for one in verdicts if one.problem]
    idle = sorted(set(rules.stated) - {one.pin.name for one in verdicts})
    return wrong + [f"{name}: {LICENCES.name} states a licence for what no lock has" for name in idle]
