"""Known vulnerabilities of what is locked, asked of the OSV database in one request for all.

OSV gathers the Python advisory database, GitHub's and the reports of malicious packages. Its form:
https://google.github.io/osv.dev/post-v1-querybatch/ and https://ossf.github.io/osv-schema/ (read 2026-11-23).
"""

from __future__ import annotations

import http.client
import json
import threading
import tomllib
import urllib.error
import urllib.request
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from supply.locks import Pin

SERVICE = "https://api.osv.dev"
PATIENCE_S = 30.0  # for everything together
LONGEST_EXCEPTION = timedelta(days=180)
EXCEPTIONS = Path(__file__).with_name("exceptions.toml")

_REQUEST_S = 10.0  # for one answer to begin
_ANSWER_BYTES = 8_000_000  # of one answer
_PAGES = 10  # of one question
_TOLD = 50  # advisories looked up for their words


class UnreachableError(Exception):
    """The database could not be asked, or what it said made no sense; the words say which."""


class BadExceptionError(ValueError):
    """An exception lacks its reason, or holds longer than one may."""


@dataclass(frozen=True, slots=True)
class Exempt:
    """A known advisory (`id` or one of its other names) of a package, let pass up to and on `until`."""

    id: str
    package: str
    reason: str
    noted: date
    until: date


@dataclass(frozen=True, slots=True)
class Finding:
    """An advisory that covers a pin: `names`, its own identifier first, and one line of `summary` (empty: unknown)."""

    pin: Pin
    names: tuple[str, ...]
    summary: str = ""

    def exempt(self, exceptions: Iterable[Exempt], today: date) -> Exempt | None:
        """The exception that lets it pass today, if any."""
        fitting = (one for one in exceptions if one.package == self.pin.name and one.id in self.names)
        return next((one for one in fitting if today <= one.until), None)


def read_exceptions(path: Path = EXCEPTIONS) -> tuple[Exempt, ...]:
    """The exceptions in the file. Raises `BadExceptionError`."""
    found = []
    for one in tomllib.loads(path.read_text(encoding="utf-8")).get("exception", []):
        try:
            exempt = Exempt(**one)
        except TypeError:
            raise BadExceptionError(
                f"an exception has id, package, reason, noted and until, not {sorted(one)}"
            ) from None
        if not (isinstance(exempt.noted, date) and isinstance(exempt.until, date) and exempt.reason):
            raise BadExceptionError(f"{exempt.id}: a reason and two dates are needed")
        if exempt.until - exempt.noted > LONGEST_EXCEPTION:
            raise BadExceptionError(f"{exempt.id}: an exception holds {LONGEST_EXCEPTION.days} days at most")
        found.append(exempt)
    return tuple(found)


def look_up(pins: Sequence[Pin], service: str = SERVICE, patience_s: float = PATIENCE_S) -> tuple[Finding, ...]:
    """The advisories that cover the pins, withdrawn ones left out.

    Raises `UnreachableError`, after `patience_s` seconds at the latest. What is known by then is returned all the same,
    without the words of those advisories that were not told in time.
    """
    covered: dict[tuple[str, str], Pin] = {}
    told: dict[str, Mapping[str, Any]] = {}
    trouble: list[Exception] = []

    def ask() -> None:
        try:
            _ask(pins, service, covered)
            _tell(service, covered, told)
        except (OSError, http.client.HTTPException, ValueError, LookupError, TypeError, AttributeError) as error:
            trouble.append(error)

    # Resolving a name waits as long as the system likes: hence a thread, which ends with the process.
    asking = threading.Thread(target=ask, name="advisories", daemon=True)
    asking.start()
    asking.join(patience_s)
    if not covered and asking.is_alive():
        raise UnreachableError(f"gave no answer within {patience_s:g} s")
    if not covered and trouble:
        kind = "could not be asked" if isinstance(trouble[0], OSError) else "gave an answer of another form"
        raise UnreachableError(f"{kind}: {trouble[0] or type(trouble[0]).__name__}")
    words = dict(told)
    return tuple(
        Finding(pin, (name, *map(str, words.get(name, {}).get("aliases") or ())), _summary(words.get(name, {})))
        for (_, name), pin in sorted(covered.copy().items())
        if not words.get(name, {}).get("withdrawn")
    )


def _ask(pins: Sequence[Pin], service: str, covered: dict[tuple[str, str], Pin]) -> None:
    """Adds what covers the pins to `covered`, by name of the pin and identifier, page by page."""
    questions = [(pin, "") for pin in pins]
    for _ in range(_PAGES):
        body = {"queries": [_question(*one) for one in questions]}
        answers = _fetch(f"{service}/v1/querybatch", body)["results"]
        further = []
        for (pin, _), answer in zip(questions, answers, strict=True):
            for one in answer.get("vulns") or ():
                covered[pin.name, str(one["id"])] = pin
            if answer.get("next_page_token"):
                further.append((pin, str(answer["next_page_token"])))
        questions = further
        if not questions:
            return
    raise ValueError(f"more than {_PAGES} pages")


def _question(pin: Pin, page: str) -> dict[str, Any]:
    question = {"package": {"ecosystem": "PyPI", "name": pin.name}, "version": pin.version}
    return question | ({"page_token": page} if page else {})


def _tell(service: str, covered: Iterable[tuple[str, str]], told: dict[str, Mapping[str, Any]]) -> None:
    """Adds what the advisories say to `told`; what cannot be had is left out: that it covers a pin is known."""
    for name in sorted({name for _, name in covered})[:_TOLD]:
        try:
            said = _fetch(f"{service}/v1/vulns/{quote(name, safe='')}")
        except (OSError, http.client.HTTPException, ValueError):
            continue
        if isinstance(said, dict):
            told[name] = said


def _summary(advisory: Mapping[str, Any]) -> str:
    words = " ".join(str(advisory.get("summary") or advisory.get("details") or "").split())
    shown = "".join(one if one.isprintable() else "?" for one in words)
    return shown if len(shown) <= 120 else shown[:119] + "…"


def _fetch(url: str, body: Mapping[str, Any] | None = None) -> Any:
    """The JSON at the address, or the answer to `body`. Raises `OSError`, `HTTPException` or `ValueError`."""
    content = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, content, {"Content-Type": "application/json"})  # noqa: S310 - the service's own
    try:
        with urllib.request.urlopen(request, timeout=_REQUEST_S) as answer:  # noqa: S310 - as above
            told = answer.read(_ANSWER_BYTES + 1)
    except urllib.error.HTTPError as error:
        error.close()
        raise
    if len(told) > _ANSWER_BYTES:
        raise ValueError(f"more than {_ANSWER_BYTES:,} bytes")
    return json.loads(told)
